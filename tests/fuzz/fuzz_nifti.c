/* SPDX-License-Identifier: Apache-2.0 */
/* Reads NIfTI as image, as labels and by its header alone; what could be read is written again on
 * its own header (fuzz_format.h). Also reads it as the header of a pair, NIfTI or ANALYZE. */
#include "fuzz_format.h"

static void fuzz_write(const char *path, const uint8_t *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, size, f) != size || fclose(f)) abort();
}

static void read_pair(const uint8_t *data, size_t size)
{
    static uint8_t samples[4096];
    struct err e = {0};
    struct image peeked, m;
    struct labelmap l;
    char *header = fuzz_result(".hdr"), *image = fuzz_result(".img");
    for (size_t i = 0; i < sizeof samples; i++) samples[i] = (uint8_t)(i / 7);
    fuzz_write(header, data, size);
    fuzz_write(image, samples, sizeof samples);
    fuzz_check(format_peek_by(&format_nifti, header, &peeked, &e), &e);
    e = (struct err){0};
    const att_status read = format_image_by(&format_nifti, header, &m, &e);
    fuzz_check(read, &e);
    e = (struct err){0};
    const att_status labelled = format_labels_by(&format_nifti, header, &l, &e);
    fuzz_check(labelled, &e);
    fuzz_sweep(); /* writing uses the same names */
    if (read == ATT_OK) {
        fuzz_rewrite_image(&format_nifti, &m);
        image_free(&m);
    }
    if (labelled == ATT_OK) {
        fuzz_rewrite_labels(&format_nifti, &l);
        labelmap_free(&l);
    }
    mem_free(header);
    mem_free(image);
}

static void read_image(const char *path)
{
    struct err e = {0};
    struct image m;
    att_status status = format_image_by(&format_nifti, path, &m, &e);
    fuzz_check(status, &e);
    if (status != ATT_OK) return;
    fuzz_rewrite_image(&format_nifti, &m);
    (void)geometry_difference(&m.geometry,
        &(struct geometry){.affine = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}, .valid = true},
        m.size);
    image_free(&m);
}

static void read_labels(const char *path)
{
    struct err e = {0};
    struct labelmap m;
    att_status status = format_labels_by(&format_nifti, path, &m, &e);
    fuzz_check(status, &e);
    if (status != ATT_OK) return;
    fuzz_rewrite_labels(&format_nifti, &m);
    labelmap_free(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file f = fuzz_open(data, size);
    struct err e = {0};
    struct image m;
    int channels, extent[3];
    float spacing[3];
    fuzz_check(format_peek(f.path, &channels, extent, spacing, &e), &e);
    e = (struct err){0};
    att_status status = format_load_image(f.path, &m, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) image_free(&m);
    read_image(f.path);
    read_labels(f.path);
    read_pair(data, size);
    fuzz_close(f);
    return 0;
}
