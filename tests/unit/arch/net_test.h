/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of graphs and networks share: cmocka, a network with its graph, and the networks
 * worth trying. */
#ifndef NET_TEST_H
#define NET_TEST_H

#include "unit/expect.h"

#include <string.h>

#include "arch/arch.h"
#include "arch/objective.h"
#include "base/rng.h"
#include "graph/run.h"

static inline void must(att_status status, const struct err *e)
{
    if (status != ATT_OK) fail_msg("%s", e->text);
}

/* The call failed with this status and exactly this sentence. */
#define assert_error(call, code, sentence)                                                         \
    do {                                                                                           \
        err_clear(&e);                                                                             \
        assert_int_equal(call, code);                                                              \
        assert_int_equal(e.status, code);                                                          \
        assert_string_equal(e.text, sentence);                                                     \
    } while (0)

struct trial_net {
    const char *spec;
    int n, d, h, w, classes;
};

/* Both gates on either signal, both norms, all ways up, every kind of head (side heads are three,
 * of which two have a loss), channel numbers that are no multiple of a block, steps and kernels
 * that differ from axis to axis, every architecture. */
static const struct trial_net trial_nets[] = {
    {"arch=attunet dims=2 in=1 classes=2 widths=4,6,18 gate=grid gated=all gating_conv=yes "
     "gate_out=yes",
        2, 1, 16, 8, 2},
    {"arch=attunet dims=3 in=2 classes=3 widths=3,5 gate=same signal=up gated=all gates=multi "
     "norm=instance up=nearest",
        1, 4, 8, 14, 3},
    {"arch=attunet dims=2 in=1 classes=2 widths=4,6,8,10 gate=same gate_norm=batch inter=half "
     "heads=side up=linear",
        2, 1, 16, 8, 2},
    {"arch=unet dims=2 in=1 classes=2 widths=4,6,8 heads=fused", 2, 1, 8, 8, 2},
    {"arch=lee in=1 classes=1 width=2 gates=yes", 2, 1, 16, 32, 1},
    {"arch=oktay in=1 classes=2 width=2 gates=multi", 2, 16, 16, 16, 2},
    {"arch=attunet dims=3 in=1 classes=2 widths=4,6,8 strides=1x2x2,2x2x2 "
     "kernels=1x3x3,3x3x3,3x3x3 gated=all",
        1, 4, 8, 8, 2},
    {"arch=attunet dims=3 in=1 classes=3 widths=3,18,5,6 strides=2x1x2,1x2x2,2x1x2 up=nearest "
     "gate=same heads=side",
        2, 4, 6, 8, 3},
    {"arch=unet dims=3 in=1 classes=2 widths=4,6,8 strides=1x2x2,1x2x2 "
     "kernels=1x3x3,1x3x3,3x3x3 up=linear norm=instance",
        1, 3, 8, 8, 2},
    {"arch=nnunet dims=3 in=2 classes=3 widths=4,6,18,10 strides=1x2x2,2x2x2,2x1x1 "
     "kernels=1x3x3,3x3x3,3x3x3,3x3x3 heads=side",
        2, 4, 8, 12, 3},
    {"arch=nnunet dims=2 in=1 classes=2 widths=4,6,8", 1, 1, 8, 8, 2},
    {"arch=nnunet dims=3 in=1 classes=3 widths=4,18,18 strides=1x2x2,2x1x2 "
     "kernels=1x3x3,3x3x3,3x3x3 blocks=1,2,1",
        1, 4, 8, 12, 3},
    {"arch=monai dims=3 in=1 classes=2 widths=4,6,18 strides=2x2x2,1x2x2", 2, 4, 8, 8, 2},
    {"arch=monai dims=2 in=2 classes=2 widths=4,6 strides=2 kernel=5 up_kernel=5", 1, 1, 8, 8, 2},
};
enum { TRIAL_NETS = sizeof trial_nets / sizeof *trial_nets };

struct built {
    struct spec spec;
    struct params params;
    struct graph graph;
    int image, label, loss; /* label and loss: -1 when not training */
};

/* half: maps in bfloat16 */
static inline struct built *built_as(
    struct built *b, const struct trial_net *t, bool training, bool half)
{
    struct err e = {0};
    memset(b, 0, sizeof *b);
    must(spec_parse(&b->spec, t->spec, &e), &e);
    params_init(&b->params);
    graph_init(&b->graph, &b->params, training);
    if (half) must(graph_halve(&b->graph, &e), &e);
    must(arch_build(&b->spec, &b->graph, t->n, t->d, t->h, t->w, &b->image, &e), &e);
    b->label = b->loss = -1;
    struct target target = {.channels = t->classes, .regions = t->classes == 1, .region = {{{2}}}};
    if (training)
        must(objective_build(
                 &b->graph, t->classes == 1 ? "ce" : "dice+ce", &target, &b->label, &b->loss, &e),
            &e);
    return b;
}

static inline struct built *built_new(struct built *b, const struct trial_net *t, bool training)
{
    return built_as(b, t, training, false);
}

static inline void built_free(struct built *b)
{
    graph_free(&b->graph);
    params_free(&b->params);
}

/* The image and the labels of a run, the same numbers every time. */
static inline void built_fill(const struct built *b, const struct run *r)
{
    struct rng rng = rng_stream(5, RNG_TEST, 0, 0);
    struct tensor image = run_tensor(r, b->image);
    for (size_t i = 0; i < tensor_size(&image); i++) image.p[i] = (real)rng_range(&rng, -1, 1);
    if (b->label < 0) return;
    for (size_t i = 0; i < b->graph.values[b->label].bytes; i++)
        run_label(r, b->label)[i] = (uint8_t)rng_below(&rng, 2);
}

#endif
