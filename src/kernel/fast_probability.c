/* SPDX-License-Identifier: Apache-2.0 */
/* Probabilities from logits, some pixels at a time. */
#include "kernel/fast.h"
#include "kernel/fast_math.h"

enum { STRETCH = 16384 }; /* pixels per task */

struct image_logits {
    float *x;
    int channels;
    size_t pixels;
    bool exclusive;
};

static void probability_softmax(const struct image_logits *l, float *x, size_t n)
{
    vec max = vec_get(x, n), sum = vec_zero();
    for (int c = 1; c < l->channels; c++) max = vec_max(max, vec_get(x + (size_t)c * l->pixels, n));
    for (int c = 0; c < l->channels; c++) {
        vec e = vec_exp(vec_sub(vec_get(x + (size_t)c * l->pixels, n), max));
        sum = vec_add(sum, e);
        vec_put(x + (size_t)c * l->pixels, e, n);
    }
    vec part = vec_div(vec_set(1), sum);
    for (int c = 0; c < l->channels; c++)
        vec_put(x + (size_t)c * l->pixels, vec_mul(vec_get(x + (size_t)c * l->pixels, n), part), n);
}

static void stretch_task(void *arg, int task, int worker)
{
    const struct image_logits *l = arg;
    const size_t from = (size_t)task * STRETCH,
                 till = from + STRETCH < l->pixels ? from + STRETCH : l->pixels;
    (void)worker;
    for (size_t i = from; i < till; i += VEC_LANES) {
        const size_t n = till - i < VEC_LANES ? till - i : VEC_LANES;
        if (l->exclusive)
            probability_softmax(l, l->x + i, n);
        else
            for (int c = 0; c < l->channels; c++) {
                float *at = l->x + (size_t)c * l->pixels + i;
                vec_put(at, vec_sigmoid(vec_get(at, n)), n);
            }
    }
}

static void probability_probabilities(
    float *logits, int channels, size_t pixels, bool exclusive, struct pool *pool)
{
    struct image_logits l = {logits, channels, pixels, exclusive};
    pool_run(pool, (int)((pixels + STRETCH - 1) / STRETCH), stretch_task, &l);
}

void fast_probability_fill(struct kernels *k) { k->probabilities = probability_probabilities; }
