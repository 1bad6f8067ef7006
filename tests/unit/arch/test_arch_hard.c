/* SPDX-License-Identifier: Apache-2.0 */
/* Hard attention's parts: the settings, ordinary networks under a prefix, and a policy on the grid
 * of tiles. */
#include "arch/hard.h"

#include <stdio.h>

#include "kernel/kernel.h"
#include "unit/arch/net_test.h"

#define FLAT                                                                                       \
    "arch=hard dims=2 in=2 classes=3 scale=4 tile=16 halo=4 tiles=3 coarse=4,6 fine=5,6,18 "       \
    "policy=7 gated=all up=nearest"
#define DEEP                                                                                       \
    "arch=glimpse dims=3 in=1 classes=2 scale=1x2x2 tile=4x8x8 halo=0x4x4 tiles=0 coarse=4,6 "     \
    "fine=3,5 policy=20 gate=none norm=instance"

static void read(const char *text, struct hard *h)
{
    struct spec s;
    struct err e = {0};
    must(spec_parse(&s, text, &e), &e);
    must(hard_read(&s, h, &e), &e);
}

static void settings(void **state)
{
    (void)state;
    struct hard h;
    read(FLAT, &h);
    assert_true(
        !h.glimpse && h.dims == 2 && h.in == 2 && h.classes == 3 && h.tiles == 3 && h.hidden == 7);
    assert_memory_equal(h.scale, ((int[]){1, 4, 4}), sizeof h.scale);
    assert_memory_equal(h.tile, ((int[]){1, 16, 16}), sizeof h.tile);
    assert_memory_equal(h.halo, ((int[]){0, 4, 4}), sizeof h.halo);
    assert_memory_equal(h.window, ((int[]){1, 24, 24}), sizeof h.window);
    assert_memory_equal(h.part[PART_COARSE].multiple, ((int[]){1, 2, 2}), sizeof h.scale);
    assert_memory_equal(h.part[PART_FINE].multiple, ((int[]){1, 4, 4}), sizeof h.scale);
    assert_true(h.features == 4 && h.input.count == 2 * 4 + 3 + 1 + 2 + 2);
    read(DEEP, &h);
    assert_true(h.glimpse && h.tiles == 0 && h.input.count == 2 * 4 + 2 + 1 + 2 + 3 + 1);
    assert_memory_equal(h.window, ((int[]){4, 16, 16}), sizeof h.window);
    read("arch=hard in=1", &h);
    assert_true(h.tiles == 8 && h.tile[2] == 64 && h.window[2] == 96 && h.window[0] == 1 &&
        h.scale[1] == 4 && h.hidden == 32);
    read("arch=hard dims=3 in=1", &h);
    assert_true(h.tile[0] == 32 && h.window[2] == 48);
    assert_memory_equal(h.cluster, ((int[]){1, 1, 1}), sizeof h.cluster);
    read("arch=hard in=1 cluster=3", &h);
    assert_memory_equal(h.cluster, ((int[]){1, 3, 3}), sizeof h.cluster);
    read("arch=hard dims=3 in=1 cluster=1x2x3", &h);
    assert_memory_equal(h.cluster, ((int[]){1, 2, 3}), sizeof h.cluster);
}

static void wrong_settings_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sentence;
    } list[] = {
        {"arch=hard tile=20 scale=8 halo=2 gate=none",
            "tile=20x20 in the network spec must be a multiple of scale=8x8, so that tiles are "
            "whole blocks"},
        {"arch=hard tile=16 halo=3 fine=4,6,8 coarse=4,6,8",
            "tile=16x16 and halo=3x3 in the network spec make windows of 22x22, but the fine "
            "network needs multiples of 4"},
        {"arch=hard tiles=-1",
            "tiles=-1 in the network spec: a whole number from 0 to 65536 is needed"},
        {"arch=hard scale=0",
            "scale=0 in the network spec: one size from 1 to 64 is needed, like 16 or 16x32"},
        {"arch=hard tile=16,32",
            "tile=16,32 in the network spec: one size from 1 to 4096 is needed, like 16 or 16x32"},
        {"arch=glimpse cluster=2",
            "cluster=2x2 in the network spec is for arch=hard only, since arch=glimpse looks at "
            "one tile at a time; leave it out"},
        {"arch=hard policy=0",
            "policy=0 in the network spec: a whole number from 1 to 1024 is needed"},
        {"arch=hard coarse=4",
            "the coarse network: widths=4 in the network spec: at least two levels are needed"},
        {"arch=glimpse fine=4,6",
            "the fine network: gated=inner with two widths leaves no gated level; use more "
            "widths, gated=all, or gate=none for a U-Net"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct spec s;
        struct hard h;
        struct err e = {0};
        must(spec_parse(&s, list[i].text, &e), &e);
        assert_error(hard_read(&s, &h, &e), ATT_MODEL, list[i].sentence);
    }
    struct spec s;
    struct arch_facts f;
    struct err e = {0};
    must(spec_parse(&s, "arch=hard widths=4,6", &e), &e);
    assert_int_equal(
        arch_describe(&s, &f, &e), ATT_MODEL); /* the networks' widths are coarse= and fine= */
    assert_non_null(strstr(
        e.text, "the network spec has an unknown key widths; choose from: arch scale tile halo"));
}

static void built_part(
    struct built *b, const char *text, enum arch_part part, bool training, const int size[4])
{
    struct err e = {0};
    memset(b, 0, sizeof *b);
    must(spec_parse(&b->spec, text, &e), &e);
    params_init(&b->params);
    graph_init(&b->graph, &b->params, training);
    must(arch_build_part(
             &b->spec, part, &b->graph, size[0], size[1], size[2], size[3], &b->image, &e),
        &e);
    b->label = b->loss = -1;
}

/* Coarse and fine are the ordinary network of their own spec, parameter by parameter, to the bit.
 */
static void networks_are_ordinary_ones(void **state)
{
    (void)state;
    static const int size[4] = {1, 1, 16, 24};
    for (int part = PART_COARSE; part <= PART_FINE; part++) {
        struct built b, own;
        struct run r, s;
        struct err e = {0};
        built_part(&b, FLAT, (enum arch_part)part, false, size);
        memset(&own, 0, sizeof own);
        must(hard_part_spec(&b.spec, (enum arch_part)part, &own.spec, &e), &e);
        assert_string_equal(
            spec_get(&own.spec, "widths", ""), part == PART_COARSE ? "4,6" : "5,6,18");
        assert_null(spec_get(&own.spec, "tile", NULL));
        params_init(&own.params);
        graph_init(&own.graph, &own.params, false);
        must(arch_build(&own.spec, &own.graph, 1, 1, size[2], size[3], &own.image, &e), &e);
        own.label = -1;
        must(run_create(&b.graph, kernels_for(ISA_REF), NULL, NULL, &r, &e), &e);
        must(run_create(&own.graph, kernels_for(ISA_REF), NULL, NULL, &s, &e), &e);
        params_initialise(&b.params, 1);
        assert_int_equal(b.params.count, own.params.count);
        for (int i = 0; i < own.params.count; i++) {
            char name[200];
            snprintf(name, sizeof name, "%s.%s", part_name[part], own.params.list[i].name);
            int other = params_find(&b.params, name);
            assert_true(other >= 0 && param_same_shape(&own.params.list[i], &b.params.list[other]));
            memcpy(params_at(&own.params, i), params_at(&b.params, other),
                own.params.list[i].size * sizeof(real));
        }
        built_fill(&b, &r);
        built_fill(&own, &s);
        run_forward(&r);
        run_forward(&s);
        struct tensor x = run_tensor(&r, graph_find_output(&b.graph, "logits"));
        struct tensor y = run_tensor(&s, graph_find_output(&own.graph, "logits"));
        assert_memory_equal(x.p, y.p, tensor_size(&x) * sizeof *x.p);
        int features = graph_find_output(&b.graph, "features");
        assert_int_equal(features >= 0, part == PART_COARSE);
        if (features >= 0) assert_int_equal(b.graph.values[features].s.c, 4);
        run_free(&r);
        run_free(&s);
        built_free(&b);
        built_free(&own);
    }
}

/* Every part trains: each of its parameters gets a gradient. */
static void all_parts_train(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum arch_part part;
        int size[4], classes;
    } list[] = {{FLAT, PART_COARSE, {2, 1, 8, 8}, 3}, {FLAT, PART_FINE, {2, 1, 24, 24}, 3},
        {DEEP, PART_COARSE, {2, 4, 4, 4}, 2}, {DEEP, PART_FINE, {1, 4, 16, 16}, 2}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct built b;
        struct run r;
        struct err e = {0};
        struct target target = {.channels = list[i].classes};
        built_part(&b, list[i].text, list[i].part, true, list[i].size);
        assert_int_equal(graph_find_output(&b.graph, "features"), -1);
        must(objective_build(&b.graph, "dice+ce", &target, &b.label, &b.loss, &e), &e);
        must(run_create(&b.graph, kernels_for(ISA_REF), NULL, NULL, &r, &e), &e);
        params_initialise(&b.params, 3);
        built_fill(&b, &r);
        run_forward(&r);
        run_backward(&r, b.loss);
        for (int k = 0; k < b.params.count; k++) {
            const char *name = b.params.list[k].name, *own = part_name[list[i].part];
            assert_true(!strncmp(name, own, strlen(own)) && name[strlen(own)] == '.');
            if (param_trains(&b.params.list[k])) assert_true(r.plan.trained[k]);
        }
        run_free(&r);
        built_free(&b);
    }
}

static void policy_scores_tiles(void **state)
{
    (void)state;
    static const int flat[4] = {2, 1, 3, 5}, deep[4] = {1, 2, 1, 3};
    static const char *const names[] = {"policy.conv1.weight", "policy.conv1.bias",
        "policy.act1.weight", "policy.conv2.weight", "policy.conv2.bias", "policy.act2.weight",
        "policy.out.weight", "policy.out.bias"};
    for (int k = 0; k < 2; k++) {
        struct built b;
        struct hard h;
        built_part(&b, k ? DEEP : FLAT, PART_POLICY, true, k ? deep : flat);
        read(k ? DEEP : FLAT, &h);
        struct shape in = b.graph.values[b.image].s,
                     out = b.graph.values[graph_find_output(&b.graph, "policy")].s;
        assert_true(in.c == h.input.count && b.graph.values[b.image].lanes == 1);
        assert_true(out.c == POLICY_OUTPUTS && out.n == in.n && out.d == in.d && out.h == in.h &&
            out.w == in.w);
        assert_int_equal(b.params.count, 8);
        for (int i = 0; i < 8; i++) assert_true(params_find(&b.params, names[i]) >= 0);
        assert_int_equal(b.params.list[params_find(&b.params, names[0])].taps, k ? 27 : 9);
        built_free(&b);
    }
}

static void sizes_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct built b;
    struct err e = {0};
    memset(&b, 0, sizeof b);
    must(spec_parse(&b.spec, FLAT, &e), &e);
    params_init(&b.params);
    graph_init(&b.graph, &b.params, false);
    assert_error(arch_build_part(&b.spec, PART_FINE, &b.graph, 1, 1, 22, 24, &b.image, &e),
        ATT_MODEL, "the fine network takes sizes that are multiples of 4, not 22x24");
    built_free(&b);
}

/* For tables and timing all parts stand in one graph: as many windows as tiles are chosen, at most
 * all. */
static void one_graph_for_an_image(void **state)
{
    (void)state;
    struct trial_net small = {FLAT, 1, 1, 20, 16, 3}, large = {FLAT, 1, 1, 70, 40, 3};
    struct built b;
    for (int k = 0; k < 2; k++) {
        built_new(&b, k ? &large : &small, false);
        const struct value *coarse = &b.graph.values[graph_find_output(&b.graph, "coarse.logits")];
        const struct value *fine = &b.graph.values[graph_find_output(&b.graph, "fine.logits")];
        const struct value *policy = &b.graph.values[graph_find_output(&b.graph, "policy.policy")];
        assert_true(fine->s.n == (k ? 3 : 2) && fine->s.h == 24 && fine->s.w == 24);
        assert_true(coarse->s.h == (k ? 18 : 6) && coarse->s.w == (k ? 10 : 4));
        assert_true(policy->s.h == (k ? 5 : 2) && policy->s.w == (k ? 3 : 1));
        built_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings),
        cmocka_unit_test(wrong_settings_are_refused),
        cmocka_unit_test(networks_are_ordinary_ones),
        cmocka_unit_test(all_parts_train),
        cmocka_unit_test(policy_scores_tiles),
        cmocka_unit_test(sizes_that_do_not_fit_are_refused),
        cmocka_unit_test(one_graph_for_an_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
