/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a file of any format, as a server gets them: an image, or one sentence without a path.
 * A mask of it comes back from its own bytes. */
#include <stdbool.h>

#include "attunet.h"
#include "fuzz.h"

static void encode_again(att_context *c, const att_image *m, size_t voxels)
{
    uint16_t *labels = calloc(voxels, sizeof *labels);
    char *bytes;
    size_t size;
    if (!labels) abort();
    for (size_t i = 0; i < voxels; i++) labels[i] = i % 3 == 0;
    if (att_mask_encode(c, m, labels, NULL, &bytes, &size) == ATT_OK) {
        att_image *back;
        if (att_image_decode(c, bytes, size, 0, &back) != ATT_OK) abort();
        for (int a = 0; a < 3; a++)
            if (back->size[a] != m->size[a]) abort();
        att_image_free(back);
    }
    att_text_free(bytes);
    free(labels);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MOST = 1 << 16 };
    static const char path[] = "/proc/self/fd/";
    att_context *c;
    att_image *m;
    if (att_context_create(1, "ref", NULL, &c) != ATT_OK) abort();
    const att_status status = att_image_decode(c, data, size, MOST, &m);
    const char *error = att_context_error(c);
    const bool own = !memmem(data, size, path, sizeof path - 1); /* sentences quote the bytes */
    if ((status == ATT_OK) != !*error || (own && strstr(error, path))) abort();
    if (status == ATT_OK) {
        const size_t voxels = (size_t)m->size[0] * (size_t)m->size[1] * (size_t)m->size[2];
        if (voxels > MOST) abort();
        encode_again(c, m, voxels);
        att_image_free(m);
    }
    att_context_destroy(c);
    return 0;
}
