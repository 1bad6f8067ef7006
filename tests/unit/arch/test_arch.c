/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and building architectures: facts, sizes that do not fit, and that each net is the
 * published one (its number of parameters). */
#include "unit/arch/net_test.h"

#include <stdio.h>

static struct arch_facts facts(const char *text)
{
    struct err e = {0};
    struct spec s;
    struct arch_facts f;
    must(spec_parse(&s, text, &e), &e);
    must(arch_describe(&s, &f, &e), &e);
    return f;
}

static void test_facts(void **state)
{
    (void)state;
    struct arch_facts f = facts("arch=attunet dims=3 in=2 classes=5 widths=4,8,16");
    assert_int_equal(f.dims, 3);
    assert_int_equal(f.in, 2);
    assert_int_equal(f.classes, 5);
    for (int i = 0; i < 3; i++) assert_int_equal(f.multiple[i], 4);
    f = facts("in=1"); /* arch=attunet dims=2 widths=16,32,64,128,256 */
    assert_int_equal(f.dims, 2);
    assert_int_equal(f.classes, 2);
    for (int i = 0; i < 3; i++) assert_int_equal(f.multiple[i], i ? 16 : 1);
    assert_true(f.slices == 1 && arch_maps(&f) == 1);
    f = facts("in=2 slices=5");
    assert_true(f.in == 2 && f.slices == 5 && arch_maps(&f) == 10);
    assert_int_equal(facts("arch=lee in=3").dims, 2);
    assert_int_equal(facts("arch=oktay in=1").dims, 3);
}

static void multiples(const char *spec, int d, int h, int w, const char *text)
{
    struct arch_facts f = facts(spec);
    assert_int_equal(f.multiple[0], d);
    assert_int_equal(f.multiple[1], h);
    assert_int_equal(f.multiple[2], w);
    assert_string_equal(arch_multiple_text(&f).text, text);
}

static void test_steps_per_axis(void **state)
{
    (void)state;
    multiples("arch=attunet dims=3 widths=4,6,8", 4, 4, 4, "4");
    multiples("arch=unet dims=3 widths=4,6,8 strides=1x2x2,2x2x2", 2, 4, 4, "2x4x4");
    multiples("arch=unet dims=3 widths=4,6,8 strides=1,1x2x2,2x2x2", 2, 4, 4,
        "2x4x4"); /* torch's way: one for the first level, too */
    multiples("arch=unet dims=2 widths=4,6,8 strides=2x1,2", 1, 4, 2, "4x2");
    multiples("arch=unet dims=2 widths=4,6,8 strides=1x2x2,1x2x2", 1, 4, 4, "4");
    multiples("arch=nnunet dims=3 widths=4,8,16,32 strides=1,2,2,2", 8, 8, 8, "8");
    multiples("arch=nnunet dims=3 widths=4,8 strides=1x3x4", 1, 3, 4, "1x3x4");
    multiples("arch=nnunet dims=3", 16, 16, 16, "16");
    multiples("arch=monai dims=2 widths=4,8,16 strides=2,1", 1, 2, 2, "2");
}

static void refused(const char *text, const char *sentence)
{
    struct spec s;
    struct arch_facts f;
    struct err e = {0};
    must(spec_parse(&s, text, &e), &e);
    assert_error(arch_describe(&s, &f, &e), ATT_MODEL, sentence);
}

static void test_bad_specs(void **state)
{
    (void)state;
    refused("arch=vnet in=1",
        "arch=vnet in the network spec is unknown; choose one of "
        "attunet|unet|lee|oktay|nnunet|monai|hard|glimpse");
    refused("arch=lee widths=8",
        "the network spec has an unknown key widths; choose from: arch in classes width gates");
    refused("arch=unet gate=grid", "gate=grid in the network spec: choose one of none");
    refused("arch=unet gate=none sub=2",
        "the network spec has an unknown key sub; choose from: arch dims in slices classes widths "
        "strides kernels norm up heads gate");
    refused("arch=unet in=0", "in=0 in the network spec: a whole number from 1 to 1024 is needed");
    refused("slices=11", "slices=11 in the network spec: a whole number from 1 to 9 is needed");
    for (int i = 0; i < 2; i++) {
        char text[160];
        snprintf(text, sizeof text,
            "slices=%d in the network spec: a 2D network takes an odd number, with its own slice "
            "in the middle, and a 3D network 1",
            2 + i);
        refused(i ? "slices=3 dims=3" : "slices=2", text);
    }
    refused("arch=unet dims=4", "dims=4 in the network spec: a whole number from 2 to 3 is needed");
    refused("arch=unet widths=8", "widths=8 in the network spec: at least two levels are needed");
    refused("arch=unet norm=layer", "norm=layer in the network spec: choose one of batch|instance");
    refused("arch=attunet inter=some",
        "inter=some in the network spec: choose x, half, or a number of channels");
    refused("arch=unet widths=4,8,16 strides=2",
        "strides=2 in the network spec: 3 widths have 2 steps, and each needs a stride");
    refused("arch=unet widths=4,8 strides=2,2",
        "strides=2,2 in the network spec: 2 widths have 1 step, and each needs a stride");
    refused("arch=unet widths=4,8 strides=3",
        "strides=3 in the network spec: up to 10 sizes from 1 to 2 are needed, like 2x2,2x2");
    refused("arch=unet dims=3 widths=4,8 strides=2x2",
        "strides=2x2 in the network spec: up to 10 sizes from 1 to 2 are needed, like 1x2x2,2x2x2");
    refused("arch=nnunet widths=4,8 kernels=3,3,3",
        "kernels=3,3,3 in the network spec: 2 widths need as many kernels, one per level");
    refused("arch=nnunet widths=4,8 kernels=3,2",
        "kernels=3,2 in the network spec: kernels must be odd");
    refused("arch=monai up_kernel=2", "up_kernel=2 in the network spec: kernels must be odd");
    refused("arch=monai widths=1,8",
        "widths=1,8 in the network spec: a gated level needs at least 2 channels");
    refused("arch=attunet widths=4,8 gated=inner",
        "gated=inner with two widths leaves no gated level; use more widths, gated=all, or "
        "gate=none for a U-Net");
    refused("arch=attunet dims=3 widths=4,8,16 strides=2,1x2x2 sub=4 gated=all",
        "sub=4 in the network spec does not divide the grid of gated level 0; use 1, 2 or gate "
        "fewer levels");
    refused("arch=attunet sub=3",
        "sub=3 in the network spec does not divide the grid of gated level 1; use 1, 2 or gate "
        "fewer levels");
}

static void test_sizes_that_do_not_fit(void **state)
{
    (void)state;
    static const int bad[][3] = {{1, 20, 16}, {1, 16, 20}};
    for (int i = 0; i < 2; i++) {
        struct err e = {0};
        struct spec s;
        struct params p;
        struct graph g;
        int image;
        params_init(&p);
        graph_init(&g, &p, false);
        must(spec_parse(&s, "arch=unet dims=2 in=1 widths=4,6,8,10", &e), &e);
        assert_error(arch_build(&s, &g, 1, bad[i][0], bad[i][1], bad[i][2], &image, &e), ATT_MODEL,
            i ? "this network takes sizes that are multiples of 8, not 16x20"
              : "this network takes sizes that are multiples of 8, not 20x16");
        graph_free(&g);
        params_free(&p);
    }
}

/* Numbers of parameters as published, or as counted from the published code. */
static void test_parameters_are_as_published(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        int d, parameters;
    } list[] = {
        {"arch=monai dims=3 in=1 classes=2 widths=16,32,64,128,256", 16, 5909130},
        {"arch=monai dims=2 in=3 classes=1 widths=64,128,256,512,1024", 1, 31740337},
        {"arch=monai dims=2 in=1 classes=1 widths=2,4,8,16 kernel=5 up_kernel=5", 1, 18846},
        {"arch=nnunet dims=3 in=1 classes=3 widths=32,64,128,256", 16, 5603177},
        {"arch=lee in=3 classes=1 width=64 gates=yes", 1, 34878573},
        {"arch=lee in=3 classes=1 width=64 gates=no", 1, 34527041},
        {"arch=lee in=1 classes=1 width=64 gates=yes", 1, 34877421},
        {"arch=oktay in=1 classes=2 width=16 gates=none", 16, 5887466},
        {"arch=oktay in=1 classes=4 width=16 gates=single", 16, 6214151},
        {"arch=oktay in=1 classes=4 width=16 gates=multi", 16, 6473322},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct built b;
        built_new(&b, &(struct trial_net){list[i].spec, 1, list[i].d, 16, 16, 0}, false);
        assert_int_equal(params_trainable(&b.params), list[i].parameters);
        built_free(&b);
    }
}

/* As many levels as nnU-Net plans for patches of 2048, each of 2 channels: a step down has 84
 * parameters, one up 138 and a head of 6. */
static void test_ten_levels(void **state)
{
    (void)state;
    struct built b;
    built_new(&b,
        &(struct trial_net){
            "arch=nnunet dims=2 in=1 classes=2 widths=2,2,2,2,2,2,2,2,2,2", 1, 1, 512, 512, 0},
        false);
    assert_int_equal(params_trainable(&b.params), 24 + 42 + 9 * 84 + 9 * (138 + 6));
    built_free(&b);
}

/* A net has the same parameters in training and in prediction, at any size, so one file fits all.
 */
static void test_parameters_do_not_depend_on_use(void **state)
{
    (void)state;
    for (int i = 0; i < TRIAL_NETS; i++) {
        struct built b;
        struct err e = {0};
        struct graph g;
        const struct trial_net *t = &trial_nets[i];
        int image;
        built_new(&b, t, true);
        int count = b.params.count;
        must(params_allocate(&b.params, &e), &e); /* from here on a new name is an error */
        graph_init(&g, &b.params, false);
        must(arch_build(&b.spec, &g, 1, t->d, 2 * t->h, t->w, &image, &e), &e);
        assert_int_equal(b.params.count, count);
        graph_free(&g);
        built_free(&b);
    }
}

/* Whether a spec names them or leaves them out. */
static void test_logits_are_of_the_classes(void **state)
{
    (void)state;
    static const char *const archs[] = {"attunet", "unet", "lee", "oktay", "nnunet", "monai"};
    for (int i = 0; i < 6; i++)
        for (int classes = 0; classes < 4; classes++) {
            char text[64], named[16] = "";
            if (classes) snprintf(named, sizeof named, " classes=%d", classes);
            snprintf(text, sizeof text, "arch=%s in=1%s", archs[i], named);
            const struct arch_facts f = facts(text);
            const int *m = f.multiple;
            struct built b;
            built_new(&b, &(struct trial_net){text, 1, m[0], m[1], m[2], f.classes}, false);
            assert_int_equal(f.classes, classes ? classes : 2);
            assert_int_equal(b.graph.values[graph_find_output(&b.graph, "logits")].s.c, f.classes);
            built_free(&b);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_steps_per_axis),
        cmocka_unit_test(test_bad_specs),
        cmocka_unit_test(test_sizes_that_do_not_fit),
        cmocka_unit_test(test_parameters_are_as_published),
        cmocka_unit_test(test_ten_levels),
        cmocka_unit_test(test_parameters_do_not_depend_on_use),
        cmocka_unit_test(test_logits_are_of_the_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
