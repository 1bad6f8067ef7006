/* SPDX-License-Identifier: Apache-2.0 */
/* Losses and optimisers of every ISA against ref. */
#include "kernel_test.h"

static const real SEED = 2.5;

static void run_entropy(const struct kernels *k, struct job *j, struct pool *pool)
{
    real *loss = job_number(j, k, 0), *seed = job_number(j, k, SEED);
    k->cross_entropy(&j->loss, loss, pool);
    j->value = job_read(k, loss);
    k->cross_entropy_dx(&j->loss, seed, &j->to[0], j->add, pool);
}

static void run_entropy_map(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->cross_entropy_map(&j->loss, j->out[0].p, pool);
}

static void run_focal(const struct kernels *k, struct job *j, struct pool *pool)
{
    static const struct focal how[] = {
        {2, {1, 1}}, {0.5, {0.75, 0.25}}, {0, {1, 1}}, {1, {0.25, 0.75}}, {3.7, {1, 1}}};
    real *loss = job_number(j, k, 0), *seed = job_number(j, k, SEED);
    const int powers = shape_pixels(j->loss.logits.s) > 10000 ? 1 : 5; /* pieces are alike */
    for (int i = 0; i < powers; i++) {
        k->focal(&j->loss, &how[i], loss, pool);
        j->value += (i + 1) * job_read(k, loss);
        k->focal_dx(&j->loss, &how[i], seed, &j->to[0], j->add || i, pool);
    }
}

static void run_field(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->soft(&j->loss, &j->to[1], pool);
    const double four = 4;
    double *below = job_block(j, sizeof *below);
    real *loss = job_number(j, k, 0), *seed = job_number(j, k, SEED);
    job_load(k, below, &four, 1);
    k->field(&j->loss, &j->in[1], below, loss, pool);
    j->value = four * job_read(k, loss);
    k->field_dx(&j->loss, &j->in[1], NULL, seed, &j->to[0], j->add, pool);
}

static void run_overlap(const struct kernels *k, struct job *j, struct pool *pool)
{
    /* The sums are compared too, as floats: out[1]. */
    size_t count = (size_t)j->loss.logits.s.n * (size_t)j->loss.logits.s.c;
    double *sums = job_block(j, count * 3 * sizeof *sums), *slopes = NULL, *host = NULL;
    slopes = job_block(j, count * 2 * sizeof *slopes);
    host = malloc(count * 3 * sizeof *host);
    real *seed = job_number(j, k, SEED);
    k->overlap(&j->loss, sums, pool);
    for (size_t i = 0; i < count * 2; i++) host[i] = (double)j->coef[0][i];
    job_load(k, slopes, host, count * 2);
    k->overlap_dx(&j->loss, slopes, seed, &j->to[0], j->add, pool);
    job_store(k, sums, host, count * 3);
    for (size_t i = 0; i < count * 3; i++) {
        const real sum = (real)host[i];
        k->memory->upload(&j->out[1].p[i], &sum, sizeof sum);
    }
    free(host);
}

enum labels { ALL_CLASSES, SOME_IGNORED, ALL_IGNORED, ONE_CLASS, WILD };

struct setting {
    struct shape s;
    enum labels labels;
    bool regions, weighted, add;
    double size; /* logits are +- size */
};

static uint8_t draw_label(struct job *j, const struct setting *v)
{
    uint32_t max = v->regions ? 254 : (uint32_t)(v->s.c < 255 ? v->s.c : 255);
    if (v->labels == ALL_IGNORED || (v->labels == SOME_IGNORED && rng_below(&j->rng, 3) == 0))
        return LABEL_IGNORE;
    if (v->labels == ONE_CLASS) return 0;
    return (uint8_t)rng_below(&j->rng, v->labels == WILD ? 256 : max);
}

static struct job start(const char *name, const struct setting *v, uint32_t number)
{
    struct job j = job_new(name, number);
    size_t pixels = shape_pixels(v->s) * (size_t)v->s.n, c = (size_t)v->s.c;
    j.add = v->add;
    j.in[0] = j.loss.logits = job_tensor(&j, v->s, 1, -v->size, v->size);
    uint8_t *label = job_block(&j, pixels);
    for (size_t i = 0; i < pixels; i++) label[i] = draw_label(&j, v);
    struct class_set *region = job_block(&j, c * sizeof *region);
    for (size_t k = 0; k < c; k++) {
        region[k].bits[0] = 2u << k % 4 | (uint64_t)rng_u32(&j.rng) << 32;
        for (int i = 1; i < 4; i++)
            region[k].bits[i] = (uint64_t)rng_u32(&j.rng) << 32 | rng_u32(&j.rng);
    }
    j.loss.label = label;
    if (v->regions) j.loss.region = region;
    if (v->weighted) j.loss.weight = job_numbers(&j, c, 0, 3);
    job_out_tensor(&j, v->s, 1);
    j.tolerance = 3e-6;
    j.floor = 3e-7; /* 1 + exp(-16) is 1 in float */
    return j;
}

static void check(const struct setting *v, uint32_t number)
{
    struct job j = start("cross_entropy", v, number);
    j.run = run_entropy;
    job_check(&j);
    j = start("cross_entropy_map", v, number);
    j.to[0].p = NULL;
    j.outs = 0;
    job_out(&j, (size_t)v->s.n * shape_pixels(v->s));
    j.out[0].tensor = false;
    j.run = run_entropy_map;
    job_check(&j);
    j = start("focal", v, number);
    j.run = run_focal;
    job_check(&j);
    j = start("field", v, number);
    j.in[1] = job_tensor(&j, v->s, 1, -3, 3);
    job_out_tensor(&j, v->s, 1);
    j.floor = 1e-6 * (double)tensor_size(&j.in[1]); /* terms of both signs cancel */
    j.run = run_field;
    job_check(&j);
    j = start("overlap", v, number);
    j.run = run_overlap;
    j.coef[0] = job_numbers(&j, (size_t)v->s.n * (size_t)v->s.c * 2, -1, 1);
    job_out(&j, (size_t)v->s.n * (size_t)v->s.c * 3);
    job_check(&j);
}

static void losses(void **state)
{
    (void)state;
    const struct shape shapes[] = {{1, 1, 1, 1, 1}, {2, 2, 1, 7, 9}, {1, 3, 4, 5, 6},
        {3, 5, 1, 36, 29}, {2, 16, 3, 12, 29}, {1, 17, 1, 65, 64}, {2, 33, 1, 13, 11},
        {2, 3, 1, 65, 66}, {1, 255, 1, 5, 7}};
    uint32_t number = 0;
    for (int i = 0; i < (int)(sizeof shapes / sizeof *shapes); i++)
        for (enum labels l = ALL_CLASSES; l <= WILD; l++)
            for (int k = 0; k < 8; k++) {
                if ((ON_DEVICE || shape_pixels(shapes[i]) > 1000) && k % 4 != (int)l % 4)
                    continue; /* the plain kernels take their time */
                struct setting v = {shapes[i], l, k & 1, k & 2, (k ^ i) & 4, 4};
                check(&v, number++);
            }
}

/* Large logits, equal logits, and many pieces. */
static void loss_extremes(void **state)
{
    (void)state;
    const double sizes[] = {1e4, 1e30, 90, 0, 1e-20};
    for (int i = 0; i < 5 * 4; i++) {
        struct setting v = {
            {2, 3, 1, 20, 21}, i & 2 ? ALL_CLASSES : ONE_CLASS, i & 1, false, false, sizes[i / 4]};
        check(&v, (uint32_t)i);
    }
    /* 2 images of 137 pieces: more than the 256 that a round of the fast kernels takes. */
    struct setting many = {{2, 2, 70, 100, 80}, SOME_IGNORED, false, true, false, 4};
    check(&many, 99);
}

/* One class that is no number is enough: a loss that were finite would hide it. */
static void what_is_no_number_stays(void **state)
{
    (void)state;
    enum { H = 7, W = 9 };
    const struct setting v = {.s = {1, 3, 1, H, W}, .labels = ONE_CLASS, .size = 3};
    const struct kernels *k;
    for (int isa = 0; (k = any_set(isa)); isa++) {
        struct job j = start("not_a_number", &v, (uint32_t)isa);
        struct tensor t = j.loss.logits;
        real *x = tensor_channel(&t, 0, 1), *map = job_numbers(&j, H * W, 0, 0);
        real *loss = job_numbers(&j, 2, 0, 0);
        for (int i = 0; i < H * W; i++) x[i * t.lanes] = (real)NAN;
        job_enter(&j, k);
        k->cross_entropy_map(&j.loss, map, NULL);
        k->cross_entropy(&j.loss, &loss[0], NULL);
        k->focal(&j.loss, &(struct focal){1.5, {1, 1}}, &loss[1], NULL);
        job_leave(&j);
        for (int i = 0; i < H * W; i++) assert_true(isnan(map[i]));
        assert_true(isnan(loss[0]) && isnan(loss[1]));
        job_end(&j);
    }
}

static void run_squares(const struct kernels *k, struct job *j, struct pool *pool)
{
    j->value = k->sum_squares(j->in[0].p, tensor_size(&j->in[0]), pool);
}

static void run_sgd(const struct kernels *k, struct job *j, struct pool *pool)
{
    size_t n = tensor_size(&j->in[0]);
    const real *c = j->coef[0];
    for (int i = 0; i < 3; i++)
        k->sgd(j->out[0].p, j->in[0].p, j->out[1].p, n, c[0], c[1], j->per_image, c[2], c[3],
            i == 0 && j->add, pool);
}

static void run_adamw(const struct kernels *k, struct job *j, struct pool *pool)
{
    size_t n = tensor_size(&j->in[0]);
    const real *c = j->coef[0];
    for (int i = 1; i <= 3; i++)
        k->adamw(j->out[0].p, j->in[0].p, j->out[1].p, j->out[2].p, n, c[0], (real)0.9, (real)0.999,
            (real)1e-8, c[2], c[3], i, pool);
}

static void optimisers(void **state)
{
    (void)state;
    const int sizes[] = {1, 7, 16, 33, 1000, 16384, 16385, 100003, 5000001};
    for (int i = 0; i < 9 * 4; i++) {
        struct shape s = {1, 1, 1, 1, sizes[i / 4]};
        for (int which = 0; which < 3; which++) {
            if (s.w > 1000000 && (i % 4 || which)) continue;
            struct job j = job_new(which == 0 ? "sum_squares"
                    : which == 1              ? "sgd"
                                              : "adamw",
                (uint32_t)i);
            const double beyond[] = {1, 1e30, 1e-30, 1}; /* squares beyond float */
            const double size = which == 0 ? beyond[i % 4] : 1;
            j.in[0] = job_tensor(&j, s, 1, -size, size);
            j.coef[0] = job_numbers(&j, 4, 0.1, 0.9);
            j.per_image = i & 1; /* nesterov */
            j.add = i & 2;       /* the first step */
            for (int o = 0; o < which + (which ? 1 : 0); o++) job_out(&j, (size_t)s.w);
            for (size_t k = 0; which == 2 && k < j.out[2].n; k++) /* mean squares */
                j.out[2].start[k] = (real)fabs((double)j.out[2].start[k]);
            j.run = which == 0 ? run_squares : which == 1 ? run_sgd : run_adamw;
            job_check(&j);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(losses), cmocka_unit_test(loss_extremes),
        cmocka_unit_test(what_is_no_number_stays), cmocka_unit_test(optimisers)};
    return cmocka_run_group_tests(tests, kernels_begin, kernels_end);
}
