/* SPDX-License-Identifier: Apache-2.0 */
#include "draw/shade.h"

#include "base/mem.h"

enum { SAMPLES = 1 << 16 };
static const double LINES_MAX = .07; /* of the pixels; more would hide the map */

bool shade_is_colour(const struct image *m)
{
    return m->channels == 3 && (m->geometry.colours || !m->geometry.valid);
}

/* The mean over a pixel's block. */
static double block_mean(const struct slice *s, const float *plane, int row, int column)
{
    double sum = 0;
    int count = 0;
    for (int h = row * s->step; h < s->size[0] && h < (row + 1) * s->step; h++)
        for (int w = column * s->step; w < s->size[1] && w < (column + 1) * s->step; w++, count++)
            sum += (double)plane[(size_t)h * (size_t)s->size[1] + (size_t)w];
    return sum / count;
}

/* Finds black and white over the slice's drawn channels, from evenly spaced samples. */
static att_status shade_find_range(
    const struct image *m, size_t first, int channels, struct slice_range *r, struct err *e)
{
    size_t area = (size_t)m->size[1] * (size_t)m->size[2], all = area * (size_t)channels,
           stride = all / SAMPLES + 1;
    int count = 0;
    float *samples;
    TRY(MEM_ARRAY(samples, SAMPLES, "a picture of a slice", e));
    for (size_t i = 0; i < all; i += stride)
        samples[count++] = m->data[i / area * image_voxels(m->size) + first + i % area];
    *r = slice_range_of(samples, count);
    mem_free(samples);
    return ATT_OK;
}

att_status shade_image(
    const struct slice *s, const struct image *m, int d, unsigned char *rgb, struct err *e)
{
    int channels = shade_is_colour(m) ? 3 : 1;
    size_t first = (size_t)d * (size_t)m->size[1] * (size_t)m->size[2];
    struct slice_range range;
    TRY(shade_find_range(m, first, channels, &range, e));
    const float *plane = m->data + first;
    for (int i = 0; i < s->rows; i++)
        for (int j = 0; j < s->columns; j++)
            for (int c = 0; c < 3; c++, rgb++)
                *rgb = c < channels
                    ? slice_shade(
                          &range, block_mean(s, plane + (size_t)c * image_voxels(m->size), i, j))
                    : rgb[-1];
    return ATT_OK;
}

void shade_draw_image(
    const struct slice *s, const unsigned char *rgb, struct picture *o, int x, int y)
{
    picture_blit(o, x, y, rgb, 3, s->columns, s->rows, s->factor);
}

/* Grey level of the picture at a pixel. */
static struct color grey(const struct slice *s, const unsigned char *rgb, int row, int column)
{
    const unsigned char *q = rgb + ((size_t)row * (size_t)s->columns + (size_t)column) * 3;
    unsigned char light = (unsigned char)((q[0] * 3 + q[1] * 6 + q[2]) / 10);
    return (struct color){light, light, light};
}

const double shade_level[SHADE_LEVELS] = {.25, .5, .75};
static const struct color level_color[SHADE_LEVELS] = {
    {10, 10, 14}, {150, 152, 160}, {255, 255, 255}};

/* From dark to light with evenly rising lightness, so it is readable in grey, too. */
static struct color heat(double share)
{
    static const struct color points[] = {{13, 8, 60}, {74, 18, 120}, {150, 38, 122}, {214, 70, 84},
        {246, 132, 42}, {252, 205, 60}, {253, 251, 190}};
    const int last = sizeof points / sizeof *points - 1;
    double at = (share > 0 ? share < 1 ? share : 1 : 0) * last;
    int i = at < last ? (int)at : last - 1;
    return color_mix(points[i], points[i + 1], at - i);
}

static int shade_within(int i, int count) { return i < 0 ? 0 : i < count ? i : count - 1; }

/* Linear between pixel centres, at a pixel of the enlarged slice. */
static double smooth(const struct slice *s, const float *map, int y, int x)
{
    double v = (y + .5) / s->factor - .5, u = (x + .5) / s->factor - .5;
    int row = v < 0 ? 0 : (int)v, column = u < 0 ? 0 : (int)u;
    double a = v < 0 ? 0 : v - row, b = u < 0 ? 0 : u - column, sum = 0;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            size_t at = slice_voxel(
                s, shade_within(row + i, s->rows), shade_within(column + j, s->columns));
            sum += (double)map[at] * (i ? a : 1 - a) * (j ? b : 1 - b);
        }
    return sum;
}

/* The highest level crossed towards the next pixels; -1: none. */
static int crossed(const struct slice *s, const float *map, int y, int x)
{
    double here = smooth(s, map, y, x), right = x + 1 < s->width ? smooth(s, map, y, x + 1) : here,
           below = y + 1 < s->height ? smooth(s, map, y + 1, x) : here;
    for (int k = SHADE_LEVELS - 1; k >= 0; k--) {
        bool inside = here >= shade_level[k];
        if (inside != (right >= shade_level[k]) || inside != (below >= shade_level[k])) return k;
    }
    return -1;
}

/* Whether the neighbours of a voxel lie on one side of each level, so that no line crosses its
 * pixels: they, and those next to them, are mixed from these.  Rounding moves a mixture by less
 * than `near`. */
static bool is_level(const struct slice *s, const float *map, int row, int column)
{
    static const double near = 1e-6;
    double low = (double)map[slice_voxel(s, row, column)], high = low;
    for (int i = row - 1; i <= row + 2; i++)
        for (int j = column - 1; j <= column + 2; j++) {
            const double m =
                (double)map[slice_voxel(s, shade_within(i, s->rows), shade_within(j, s->columns))];
            low = m < low ? m : low;
            high = m > high ? m : high;
        }
    for (int k = 0; k < SHADE_LEVELS; k++)
        if (!(high < shade_level[k] - near || low > shade_level[k] + near)) return false;
    return true;
}

/* Counts the pixels of lines in one voxel, and draws them into `o`, unless it is NULL. */
static int64_t voxel_contours(
    const struct slice *s, const float *map, int row, int column, struct picture *o, int x, int y)
{
    int64_t count = 0;
    if (is_level(s, map, row, column)) return 0;
    for (int i = row * s->factor; i < (row + 1) * s->factor; i++)
        for (int j = column * s->factor; j < (column + 1) * s->factor; j++) {
            const int k = crossed(s, map, i, j);
            count += k >= 0;
            if (k >= 0 && o) picture_dot(o, x + j, y + i, level_color[k], .9);
        }
    return count;
}

static bool draw_contours(const struct slice *s, const float *map, struct picture *o, int x, int y)
{
    int64_t count = 0;
    for (int i = 0; i < s->rows; i++)
        for (int j = 0; j < s->columns; j++) {
            count += voxel_contours(s, map, i, j, NULL, 0, 0);
            if ((double)count > LINES_MAX * s->height * s->width) return false;
        }
    for (int i = 0; i < s->rows; i++)
        for (int j = 0; j < s->columns; j++) voxel_contours(s, map, i, j, o, x, y);
    return true;
}

bool shade_draw_map(const struct slice *s, const unsigned char *rgb, const float *map,
    struct picture *o, int x, int y)
{
    for (int i = 0; i < s->rows; i++)
        for (int j = 0; j < s->columns; j++) {
            struct color c = heat((double)map[slice_voxel(s, i, j)]);
            picture_fill(o, x + j * s->factor, y + i * s->factor, s->factor, s->factor,
                color_mix(grey(s, rgb, i, j), c, .7));
        }
    return draw_contours(s, map, o, x, y);
}

void shade_draw_scale(struct picture *o, int x, int y, int width, int height)
{
    for (int i = 0; i < width; i++)
        picture_fill(o, x + i, y, 1, height, heat((double)i / (width - 1)));
    for (int k = 0; k < SHADE_LEVELS; k++)
        picture_fill(o, x + (int)(shade_level[k] * (width - 1)), y, 1, height, level_color[k]);
}
