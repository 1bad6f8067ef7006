/* SPDX-License-Identifier: Apache-2.0 */
/* Reads NIfTI as image, as labels and by its header alone; what could be read is written again on its own header. */
#include "format/format.h"
#include "fuzz.h"

static void read_image(const char *path)
{
    struct err e = {0};
    struct image m;
    att_status status = format_nifti.load_image(path, &m, &e);
    fuzz_check(status, &e);
    if (status != ATT_OK) return;
    (void)format_nifti.save_image("/dev/null", &m, &e);
    (void)geometry_difference(&m.geometry, &(struct geometry){.affine = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}, .known = true}, m.size);
    image_free(&m);
}

static void read_labels(const char *path)
{
    struct err e = {0};
    struct labelmap m;
    att_status status = format_nifti.load_labels(path, &m, &e);
    fuzz_check(status, &e);
    if (status != ATT_OK) return;
    (void)format_nifti.save_labels("/dev/null", &m, &e);
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
