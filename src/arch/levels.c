/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/levels.h"

#include <string.h>

#include "base/text.h"

enum { LARGEST_KERNEL = 7 };

static att_status read_strides(
    const struct spec *s, int dims, int max, struct levels *l, struct err *e)
{
    int read[SPEC_LEVELS][3], count;
    TRY(spec_axes(s, "strides", dims, max, read, SPEC_LEVELS, &count, e));
    const int first = count - l->count;
    if (count && first && (first != 1 || read[0][0] * read[0][1] * read[0][2] != 1))
        return err_model(e,
            "strides=%s in the network spec: %d widths have %d step%s, and each needs a stride",
            spec_get(s, "strides", ""), l->count + 1, l->count, TEXT_S(l->count));
    for (int i = 0; i < l->count; i++)
        for (int a = 0; a < 3; a++)
            l->stride[i][a] = count ? read[i + (first == 1)][a] : a > 0 || dims == 3 ? 2 : 1;
    return ATT_OK;
}

static att_status read_kernels(const struct spec *s, int dims, struct levels *l, struct err *e)
{
    int count;
    TRY(spec_axes(s, "kernels", dims, LARGEST_KERNEL, l->kernel, SPEC_LEVELS, &count, e));
    bool even = false;
    for (int i = 0; i <= l->count; i++)
        for (int a = 0; a < 3; a++) {
            if (!count) l->kernel[i][a] = a > 0 || dims == 3 ? 3 : 1;
            if (i < count && l->kernel[i][a] % 2 == 0) even = true;
        }
    if (even)
        return err_model(
            e, "kernels=%s in the network spec: kernels must be odd", spec_get(s, "kernels", ""));
    if (!count || count == l->count + 1) return ATT_OK;
    return err_model(e,
        "kernels=%s in the network spec: %d widths need as many kernels, one per level",
        spec_get(s, "kernels", ""), l->count + 1);
}

att_status levels_read(
    const struct spec *s, int dims, const char *widths, int max, struct levels *l, struct err *e)
{
    memset(l, 0, sizeof *l);
    TRY(spec_list(s, "widths", widths, l->width, SPEC_LEVELS, &l->count, e));
    l->count--;
    if (l->count < 1)
        return err_model(e, "widths=%s in the network spec: at least two levels are needed",
            spec_get(s, "widths", widths));
    TRY(read_strides(s, dims, max, l, e));
    return read_kernels(s, dims, l, e);
}

void levels_multiple(const struct levels *l, int coarse, int multiple[3])
{
    for (int a = 0; a < 3; a++) multiple[a] = 1;
    for (int i = 0; i < coarse; i++)
        for (int a = 0; a < 3; a++) multiple[a] *= l->stride[i][a];
}
