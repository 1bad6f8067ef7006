/* SPDX-License-Identifier: Apache-2.0 */
/* Models for the tests of prediction: random ones, and ones whose logits are a line through the
 * voxel's own value, so that every result is known. */
#ifndef PREDICT_TEST_H
#define PREDICT_TEST_H

#include "unit/format/format_test.h"

#include <ftw.h>

#include "base/rng.h"
#include "format/format.h"
#include "graph/run.h"
#include "kernel/kernel.h"
#include "model/model.h"
#include "predict/predict.h"

/* Background and `count - 1` classes called c1, c2, ... with values 10, 20, ... */
static inline struct labelling plain_labels(int count)
{
    struct labelling l = {.count = count, .ignore = -1};
    for (int i = 0; i < count; i++) {
        l.value[i] = (uint16_t)(10 * i);
        snprintf(l.name[i], LABELLING_NAME, "c%d", i);
    }
    return l;
}

static inline struct preparation plain_preparation(int channels, int d, int h, int w)
{
    struct preparation p = {.patch = {d, h, w}, .channels = channels};
    for (int c = 0; c < channels; c++) {
        p.normalise[c].scheme = NORMALISE_NONE;
        snprintf(p.channel_name[c], LABELLING_NAME, "channel %d", c);
    }
    return p;
}

/* The same with so many regions, of class 1 and another each. */
static inline struct labelling labels_of_regions(int count, int regions)
{
    struct labelling l = plain_labels(count);
    l.regions = regions;
    for (int k = 0; k < regions; k++) {
        l.region[k] = class_set_bits((uint64_t)1 << k | 2);
        l.region_value[k] = (uint16_t)(10 * k);
        snprintf(l.region_name[k], LABELLING_NAME, "r%d", k);
    }
    return l;
}

static inline void make_seeded(struct model *m, const char *text, struct preparation prep,
    struct labelling labels, uint64_t seed)
{
    struct spec spec;
    OK(spec_parse(&spec, text, &e));
    OK(model_create(&spec, &prep, &labels, seed, m, &e));
}

static inline void make_model(
    struct model *m, const char *text, struct preparation prep, struct labelling labels)
{
    make_seeded(m, text, prep, labels, 7);
}

/* One number of a parameter, by its place in torch's order. */
static inline void put_number(struct model *m, const char *name, size_t at, double value)
{
    int index = params_find(&m->params, name);
    if (index < 0) fail_msg("no parameter %s", name);
    const struct param *p = &m->params.list[index];
    real *all = mem_array(p->count, sizeof *all);
    params_export(p, params_at(&m->params, index), all);
    assert_true(at < p->count);
    all[at] = (real)value;
    params_import(p, all, params_at(&m->params, index));
    mem_free(all);
}

/* Sets all convolutions to 0 and all norms to the identity. */
static inline void clear_model(struct model *m)
{
    for (int i = 0; i < m->params.count; i++) {
        const struct param *p = &m->params.list[i];
        real *data = params_at(&m->params, i);
        if (p->kind == PARAM_CONV) memset(data, 0, p->size * sizeof *data);
        if (strstr(p->name, "running_var"))
            for (size_t k = 0; k < p->count; k++) data[k] = (real)(1 - 1e-5);
    }
}

/* Channel `out` of a convolution takes channel `in` of its input at the same place, times `value`.
 */
static inline void connect(struct model *m, const char *name, int out, int in, double value)
{
    int index = params_find(&m->params, name);
    if (index < 0) fail_msg("no parameter %s", name);
    const struct param *p = &m->params.list[index];
    put_number(m, name,
        ((size_t)out * (size_t)p->shape[1] + (size_t)in) * (size_t)p->taps + (size_t)p->taps / 2,
        value);
}

/* Logit k = bias[k] + slope[k] * (channel `channel` of the voxel, where that is positive):
 * arch=unet|attunet with heads=one. */
static inline void make_line(struct model *m, int channel, const double *slope, const double *bias)
{
    clear_model(m);
    connect(m, "enc.0.conv1.weight", 0, channel, 1);
    connect(m, "enc.0.conv2.weight", 0, 0, 1);
    connect(m, "dec.0.conv1.weight", 0, 0, 1);
    connect(m, "dec.0.conv2.weight", 0, 0, 1);
    for (int k = 0; k < m->facts.classes; k++) {
        connect(m, "head.0.weight", k, 0, slope[k]);
        put_number(m, "head.0.bias", (size_t)k, bias[k]);
    }
}

static inline struct image make_image(int channels, int d, int h, int w)
{
    struct image m = {.channels = channels, .size = {d, h, w}, .geometry = {.spacing = {1, 1, 1}}};
    m.data = mem_array(image_voxels(m.size), (size_t)channels * sizeof *m.data);
    for (int i = 0; i < 3; i++) m.geometry.affine[i][i] = 1;
    return m;
}

/* Whole numbers below `below` that look random. */
static inline void fill_image(struct image *m, unsigned below, uint64_t seed)
{
    struct rng r = rng_stream(seed, RNG_TEST, 0, 0);
    size_t count = image_voxels(m->size) * (size_t)m->channels;
    for (size_t i = 0; i < count; i++) m->data[i] = (float)rng_below(&r, below);
}

static inline const struct kernels *best_kernels(void) { return kernels_for(kernels_best()); }

/* One image with a predictor of its own; overlap 0 stands for one half. */
static inline void predict_with_all(const struct model *m, int count, struct predict_options o,
    struct pool *pool, const struct image *x, struct prediction *out)
{
    struct predictor *p;
    if (o.overlap == 0) o.overlap = 0.5;
    OK(predictor_create_several(m, count, best_kernels(), pool, &o, &p, &e));
    OK(predict_image(p, x, out, NULL, &e));
    predictor_free(p);
}

static inline void predict_with(const struct model *m, struct predict_options o, struct pool *pool,
    const struct image *x, struct prediction *out)
{
    predict_with_all(m, 1, o, pool, x, out);
}

/* The network on one image whose size it takes as it is. */
static inline float *direct_logits(const struct model *m, const struct image *x)
{
    struct graph g;
    struct run r;
    int input;
    graph_init(&g, (struct params *)(uintptr_t)&m->params, false);
    OK(model_build(m, &g, 1, x->size, &input, &e));
    OK(run_create(&g, best_kernels(), NULL, NULL, &r, &e));
    struct tensor in = run_tensor(&r, input), out = run_tensor(&r, graph_find_output(&g, "logits"));
    run_load(&in, x->data);
    run_forward(&r);
    real *all = mem_array(tensor_size(&out), sizeof *all);
    float *logits = mem_array(tensor_size(&out), sizeof *logits);
    run_store(&out, all);
    for (size_t i = 0; i < tensor_size(&out); i++) logits[i] = (float)all[i];
    mem_free(all);
    run_free(&r);
    graph_free(&g);
    return logits;
}

/* Every test begins in an empty folder. */
static inline int enter(void **state)
{
    OK(file_make_folders("work", &e));
    (void)state;
    return chdir("work");
}

static inline int leave(void **state)
{
    (void)state;
    return chdir(scratch) || nftw("work", remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* A PNG of 12 x 10 whose pixels are (x + y + seed) % 3. */
static inline unsigned pixel(int i, int seed) { return (unsigned)(i % 12 + i / 12 + seed) % 3; }

static inline void write_png(const char *path, int seed)
{
    uint16_t data[120];
    for (int i = 0; i < 120; i++) data[i] = (uint16_t)pixel(i, seed);
    OK(format_save_labels(path, &(struct labelmap){.size = {1, 10, 12}, .data = data}, &e));
}

#endif
