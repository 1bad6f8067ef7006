/* SPDX-License-Identifier: Apache-2.0 */
/* Reads NIfTI as image, as labels and by its header alone; what could be read is written again on
 * its own header (fuzz_format.h). */
#include "fuzz_format.h"

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
    fuzz_close(f);
    return 0;
}
