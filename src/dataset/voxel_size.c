/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/voxel_size.h"

#include <string.h>

#include "base/number.h"
#include "dataset/pack.h"

static const double min = 1e-6, max = 1e3; /* mm: a nanometre, a metre */

bool voxel_size_parse(const char *text, float voxel[3])
{
    double v[3] = {0, 0, 0};
    char whole[VOXEL_SIZE_TEXT];
    memset(voxel, 0, 3 * sizeof *voxel);
    if (!strcmp(text, "none")) return true;
    /* "0.5x0.5" is for 2D images; depth is 1 mm. */
    const char *first = strchr(text, 'x');
    bool flat = first && !strchr(first + 1, 'x');
    if (strlen(text) + 2 >= sizeof whole) return false;
    memcpy(whole, "1x", 2);
    memcpy(whole + 2, text, strlen(text) + 1);
    if (!first || !number_read3(flat ? whole : text, v)) return false;
    for (int i = 0; i < 3; i++)
        if (!(v[i] >= min && v[i] <= max)) return false;
    for (int i = 0; i < 3; i++) voxel[i] = (float)v[i];
    return true;
}

att_status voxel_size_read(const struct options *o, float voxel[3], struct err *e)
{
    const char *text = options_text(o, train, voxel_size);
    memset(voxel, 0, 3 * sizeof *voxel);
    if (!text || voxel_size_parse(text, voxel)) return ATT_OK;
    return err_usage(e,
        "`voxel-size` %.100s is not valid; give lengths in mm from 0.000001 to 1000, such as "
        "3x0.75x0.75 (depth x height x width), or 0.5x0.5 for 2D images",
        text);
}

bool voxel_size_is_of_planes(const struct options *o)
{
    const char *text = options_text(o, train, voxel_size), *first = text ? strchr(text, 'x') : NULL;
    return first && !strchr(first + 1, 'x');
}

att_status voxel_size_of_volumes(const struct options *o, const char *what, struct err *e)
{
    if (!voxel_size_is_of_planes(o)) return ATT_OK;
    return err_usage(e,
        "`voxel-size` %.100s is for 2D images, but %s has volumes; give depth x height x width",
        options_text(o, train, voxel_size), what);
}

const char *voxel_size_text(const float voxel[3], char text[VOXEL_SIZE_TEXT])
{
    number_write(text, VOXEL_SIZE_TEXT, "%.6gx%.6gx%.6g", (double)voxel[0], (double)voxel[1],
        (double)voxel[2]);
    return text;
}

att_status voxel_size_use(const struct options *o, struct dataset *d, struct err *e)
{
    float voxel[3];
    char text[VOXEL_SIZE_TEXT];
    TRY(voxel_size_read(o, voxel, e));
    if (!(voxel[0] > 0)) return ATT_OK;
    if (d->pack && !d->pack->making && memcmp(voxel, d->voxel, sizeof voxel) != 0)
        return err_usage(e, "%s was packed with %s%s; omit `voxel-size`, or pack again with it",
            d->root, d->voxel[0] > 0 ? "`voxel-size` " : "the sizes in its files' headers",
            d->voxel[0] > 0 ? voxel_size_text(d->voxel, text) : "");
    if (d->dims == 3) TRY(voxel_size_of_volumes(o, d->root, e));
    memcpy(d->voxel, voxel, sizeof voxel);
    return ATT_OK;
}
