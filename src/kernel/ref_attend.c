/* SPDX-License-Identifier: Apache-2.0 */
/* The plain attention gate. */
#include "kernel/attend.h"

#include "base/kmath.h"
#include "kernel/ref.h"

/* Channel f of the joined map before its activation, at one pixel. */
static double joined(const struct attend *a, int n, size_t pixel, int f)
{
    const struct tensor *in[2] = {&a->x, &a->g};
    size_t all = (size_t)tensor_blocks(&a->x) + (size_t)tensor_blocks(&a->g), first = 0;
    double sum = (double)a->b[f];
    for (int i = 0; i < 2; i++) {
        for (int c = 0; c < in[i]->s.c; c++) {
            size_t block = (size_t)(f / LANES) * all + first + (size_t)(c / LANES);
            double w =
                (double)a->w[(block * LANES + (size_t)(c % LANES)) * LANES + (size_t)(f % LANES)];
            sum += w * (double)tensor_read(in[i], tensor_first(in[i], n, c) + pixel * LANES);
        }
        first += (size_t)tensor_blocks(in[i]);
    }
    return sum;
}

static void ref_attend(const struct attend *a, struct pool *pool)
{
    (void)pool;
    size_t pixels = shape_pixels(a->x.s);
    for (int n = 0; n < a->x.s.n; n++)
        for (size_t p = 0; p < pixels; p++) {
            double q = (double)a->c[0];
            for (int f = 0; f < a->inter; f++) {
                double z = joined(a, n, p, f);
                if (!(z < 0)) q += (double)a->psi[f] * z;
            }
            real map = (real)kmath_sigmoid(q);
            tensor_channel(&a->map, n, 0)[p] = map;
            for (int c = 0; c < tensor_padded(&a->x); c++)
                tensor_write(&a->y, tensor_first(&a->y, n, c) + p * LANES,
                    tensor_read(&a->x, tensor_first(&a->x, n, c) + p * LANES) * map);
        }
}

void ref_attend_fill(struct kernels *k)
{
    k->attend_fold = attend_fold;
    k->attend = ref_attend;
}
