/* SPDX-License-Identifier: Apache-2.0 */
/* Plain windows: the minimum of a pixel and its neighbours along the axes, the maximum of the box,
 * and their gradients. */

#include "kernel/ref.h"
#include "kernel/window.h"

/* The pixel of neighbour r of (d, h, w), or -1 outside. */
static ptrdiff_t neighbour(struct shape s, int d, int h, int w, int r)
{
    d += r / 9 - 1;
    h += r / 3 % 3 - 1;
    w += r % 3 - 1;
    if (d < 0 || h < 0 || w < 0 || d >= s.d || h >= s.h || w >= s.w) return -1;
    return ((ptrdiff_t)d * s.h + h) * s.w + w;
}

static void window(const struct tensor *x, const struct tensor *y, real *code, bool box)
{
    size_t at = 0;
    for (int n = 0; n < x->s.n; n++)
        for (int c = 0; c < x->s.c; c++)
            for (int d = 0; d < x->s.d; d++)
                for (int h = 0; h < x->s.h; h++)
                    for (int w = 0; w < x->s.w; w++, at++) {
                        const real *map = tensor_channel(x, n, c);
                        int best = -1;
                        real value = 0;
                        for (int r = 0; r < WINDOW; r++) {
                            ptrdiff_t i = box || window_cross(r) ? neighbour(x->s, d, h, w, r) : -1;
                            if (i < 0 || (best >= 0 && !(box ? map[i] > value : map[i] < value)))
                                continue;
                            value = map[i];
                            best = r;
                        }
                        y->p[at] = value;
                        if (code) code[at] = (real)best;
                    }
}

static void ref_window_erode(
    const struct tensor *x, const struct tensor *y, real *code, struct pool *pool)
{
    (void)pool;
    window(x, y, code, false);
}

static void ref_window_dilate(
    const struct tensor *x, const struct tensor *y, real *code, struct pool *pool)
{
    (void)pool;
    window(x, y, code, true);
}

static void ref_window_dx(const real *code, const struct tensor *dy, const struct tensor *dx,
    bool box, bool add, struct pool *pool)
{
    (void)pool;
    size_t at = 0, pixels = shape_pixels(dx->s);
    for (int map = 0; map < dx->s.n * dx->s.c; map++)
        for (int d = 0; d < dx->s.d; d++)
            for (int h = 0; h < dx->s.h; h++)
                for (int w = 0; w < dx->s.w; w++, at++) {
                    double sum = 0;
                    for (int r = 0; r < WINDOW; r++) {
                        ptrdiff_t i = box || window_cross(r) ? neighbour(dx->s, d, h, w, r) : -1;
                        size_t from = (size_t)map * pixels + (size_t)i;
                        /* this pixel was its extreme */
                        if (i >= 0 && code[from] == (real)(WINDOW - 1 - r))
                            sum += (double)dy->p[from];
                    }
                    ref_store(&dx->p[at], (real)sum, add);
                }
}

void ref_window_fill(struct kernels *k)
{
    k->erode = ref_window_erode;
    k->dilate = ref_window_dilate;
    k->window_dx = ref_window_dx;
}
