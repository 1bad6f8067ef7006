/* SPDX-License-Identifier: Apache-2.0 */
/* Preparing images; called by the training set's loader and by prediction. */
#include "model/prepare.h"

#include <string.h>

#include "base/mem.h"
#include "image/resample.h"

void prepare_size(const struct preparation *prep, const int size[3], int out[3])
{
    for (int i = 0; i < 3; i++) out[i] = prep->resize[i] ? prep->resize[i] : size[i];
    if (prep->resize[0] == 1) out[0] = size[0]; /* a 2D grid: slices stay as many as they are */
}

att_status prepare_image(const struct preparation *prep, struct image *m, struct pool *pool, struct err *e)
{
    if (m->channels != prep->channels)
        return err_set(e, ATT_DATA, "the image has %d channels, and the model was trained on %d", m->channels, prep->channels);
    image_normalise(m, prep->normalise);
    int size[3];
    prepare_size(prep, m->size, size);
    if (!memcmp(size, m->size, sizeof size)) return ATT_OK;
    float *data = mem_array(image_voxels(size), (size_t)m->channels * sizeof *data);
    if (!data) return err_memory(e, image_voxels(size) * (size_t)m->channels * sizeof *data, "an image on the network's grid");
    att_status status = resample_linear(m->data, m->channels, m->size, data, size, pool, e);
    if (status != ATT_OK) {
        mem_free(data);
        return status;
    }
    mem_free(m->data);
    m->data = data;
    memcpy(m->size, size, sizeof size);
    return ATT_OK;
}
