/* SPDX-License-Identifier: Apache-2.0 */
#include "draw/slice.h"

#include "base/ints.h"
#include "base/order.h"

const struct color slice_back = {24, 26, 31}, slice_ink = {235, 237, 240};

struct slice slice_lay_out(int h, int w, int min, int max)
{
    int side = h > w ? h : w;
    return slice_on_scale(h, w, divide_up(side, max), divide_up(min, side));
}

struct slice slice_on_scale(int h, int w, int step, int factor)
{
    struct slice s = {.size = {h, w}, .step = step, .factor = factor};
    s.rows = divide_up(h, s.step);
    s.columns = divide_up(w, s.step);
    s.height = s.rows * s.factor;
    s.width = s.columns * s.factor;
    return s;
}

size_t slice_voxel(const struct slice *s, int row, int column)
{
    int h = row * s->step + s->step / 2, w = column * s->step + s->step / 2;
    h = h < s->size[0] ? h : s->size[0] - 1;
    w = w < s->size[1] ? w : s->size[1] - 1;
    return (size_t)h * (size_t)s->size[1] + (size_t)w;
}

int slice_class(const struct slice *s, const uint8_t *classes, int y, int x)
{
    int row = y < 0 ? 0 : y / s->factor, column = x < 0 ? 0 : x / s->factor;
    row = row < s->rows ? row : s->rows - 1;
    column = column < s->columns ? column : s->columns - 1;
    return classes[slice_voxel(s, row, column)];
}

/* All pixels that far away are of the same voxel. */
static bool slice_holds(const struct slice *s, int y, int x, int width)
{
    const int i = y % s->factor, j = x % s->factor, end = s->factor - width;
    return i >= width && i < end && j >= width && j < end;
}

bool slice_contour(const struct slice *s, const uint8_t *classes, int y, int x, int width)
{
    if (slice_holds(s, y, x, width)) return false;
    int class = slice_class(s, classes, y, x);
    return slice_class(s, classes, y - width, x) != class ||
        slice_class(s, classes, y + width, x) != class ||
        slice_class(s, classes, y, x - width) != class ||
        slice_class(s, classes, y, x + width) != class;
}

bool slice_outline(const struct slice *s, const uint8_t *classes, int y, int x, int width)
{
    if (slice_holds(s, y, x, width)) return false;
    int class = slice_class(s, classes, y, x);
    return slice_class(s, classes, y - width, x) > class ||
        slice_class(s, classes, y + width, x) > class ||
        slice_class(s, classes, y, x - width) > class ||
        slice_class(s, classes, y, x + width) > class;
}

struct slice_range slice_range_of(float *samples, int count)
{
    struct slice_range r = {
        order_quantile_floats(samples, count, .01), order_quantile_floats(samples, count, .99)};
    return r.high > r.low ? r
                          : (struct slice_range){order_quantile_floats(samples, count, 0),
                                order_quantile_floats(samples, count, 1)};
}

unsigned char slice_shade(const struct slice_range *r, double x)
{
    double share = r->high > r->low ? (x - r->low) / (r->high - r->low) : 0;
    return (unsigned char)((share > 0 ? share < 1 ? share : 1 : 0) * 255 + .5);
}
