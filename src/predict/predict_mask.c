/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_mask.h"

#include "base/mem.h"
#include "format/format.h"

att_status mask_begin(const char *folder, const int size[3], struct prediction *out, struct err *e)
{
    struct spool *s;
    TRY(MEM_NEW(s, "the mask", e));
    att_status status = scratch_create(folder, image_voxels(size), s, e);
    if (status == ATT_OK)
        out->mask = s;
    else
        mem_free(s);
    return status;
}

int mask_bytes(const struct labelling *l)
{
    bool wide = false;
    for (int i = 0; i < l->count; i++) wide = wide || l->value[i] > UINT8_MAX;
    for (int i = 0; i < l->regions; i++) wide = wide || l->region_value[i] > UINT8_MAX;
    return wide ? 2 : 1;
}

enum { PART = 8192 };

struct source_of_labels {
    const struct spool *mask;
    const struct labelling *labels;
};

static att_status next(void *user, size_t start, size_t count, uint16_t *labels, struct err *e)
{
    const struct source_of_labels *s = user;
    uint8_t classes[PART];
    for (size_t done = 0, part; done < count; done += part) {
        part = count - done < PART ? count - done : PART;
        TRY(scratch_read(s->mask, start + done, classes, part, e));
        for (size_t i = 0; i < part; i++) labels[done + i] = decode_value(s->labels, classes[i]);
    }
    return ATT_OK;
}

att_status mask_save(
    const char *path, const struct prediction *p, const struct labelling *l, struct err *e)
{
    struct source_of_labels s = {p->mask, l};
    return format_save_parts(path, &p->labels, p->wide, next, &s, e);
}
