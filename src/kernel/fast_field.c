/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas as in ref_field.c. */
#include "kernel/fast.h"
#include "kernel/fast_loss.h"
#include "kernel/kernel_fill.h"
#include "kernel/rounds.h"

struct field {
    const struct loss_input *in;
    const struct tensor *p, *f, *dx;
    double scale;
    bool add;
    struct labels table;
    struct rounds rounds; /* value */
};

static size_t field_lanes_at(const struct tile *t, size_t i)
{
    return t->pixels - i < VEC_LANES ? t->pixels - i : VEC_LANES;
}

static void soft_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct field *f = arg;
    struct tile t;
    size_t from, to;
    int image = loss_piece(f->in, task, &from, &to);
    for (; from < to; from += t.pixels) {
        tile_load(&t, f->in, &f->table, image, from, to);
        tile_probabilities(&t, f->in);
        for (int k = 0; k < f->in->logits.s.c; k++)
            memcpy(tensor_channel(f->p, image, k) + from, t.z + (size_t)k * t.padded,
                t.pixels * sizeof(float));
    }
}

static void field_value_task(void *arg, int task, int worker)
{
    (void)worker;
    struct field *f = arg;
    struct tile t;
    size_t from, to;
    double sum = 0;
    int image = loss_piece(f->in, f->rounds.first + task, &from, &to);
    for (; from < to; from += t.pixels) {
        vec part = vec_zero();
        tile_load(&t, f->in, &f->table, image, from, to);
        tile_probabilities(&t, f->in);
        for (int k = 0; k < f->in->logits.s.c; k++) {
            const float *price = tensor_channel(f->f, image, k) + from,
                        *p = t.z + (size_t)k * t.padded;
            for (size_t i = 0; i < t.pixels; i += VEC_LANES)
                part = vec_fma(vec_load(p + i), vec_get(price + i, field_lanes_at(&t, i)), part);
        }
        sum += vec_sum_double(part);
    }
    f->rounds.sum[task] = sum;
}

static void field_dx_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct field *f = arg;
    struct tile t;
    size_t from, to;
    int channels = f->in->logits.s.c, image = loss_piece(f->in, task, &from, &to);
    vec scale = vec_set((float)f->scale);
    for (; from < to; from += t.pixels) {
        tile_load(&t, f->in, &f->table, image, from, to);
        tile_probabilities(&t, f->in);
        for (size_t i = 0; i < t.pixels; i += VEC_LANES) {
            size_t some = field_lanes_at(&t, i);
            vec mean = vec_zero();
            for (int k = 0; !f->in->region && k < channels; k++)
                mean = vec_fma(vec_load(t.z + (size_t)k * t.padded + i),
                    vec_get(tensor_channel(f->f, image, k) + from + i, some), mean);
            for (int k = 0; k < channels; k++) {
                vec p = vec_load(t.z + (size_t)k * t.padded + i),
                    price = vec_get(tensor_channel(f->f, image, k) + from + i, some);
                vec by =
                    f->in->region ? vec_mul(vec_sub(vec_set(1), p), price) : vec_sub(price, mean);
                vec_put_or_add(tensor_channel(f->dx, image, k) + from + i,
                    vec_mul(vec_mul(p, by), scale), some, f->add);
            }
        }
    }
}

static void field_soft(const struct loss_input *in, const struct tensor *p, struct pool *pool)
{
    struct field f = {.in = in, .p = p};
    label_table(in, &f.table);
    pool_run(pool, loss_pieces(in) * in->logits.s.n, soft_task, &f);
}

static void field_field(const struct loss_input *in, const struct tensor *price,
    const double *below, real *loss, struct pool *pool)
{
    struct field f = {.in = in, .f = price};
    label_table(in, &f.table);
    rounds_run(&f.rounds, loss_pieces(in) * in->logits.s.n, field_value_task, &f, pool);
    *loss = loss_over(f.rounds.total, below);
}

static void field_gradient(const struct loss_input *in, const struct tensor *price,
    const double *below, const real *seed, const struct tensor *dx, bool add, struct pool *pool)
{
    struct field f = {
        .in = in, .f = price, .dx = dx, .scale = loss_scale(*seed, below), .add = add};
    label_table(in, &f.table);
    pool_run(pool, loss_pieces(in) * in->logits.s.n, field_dx_task, &f);
}

void fast_field_fill(struct kernels *k)
{
    k->soft = field_soft;
    k->field = field_field;
    k->field_dx = field_gradient;
}
