/* SPDX-License-Identifier: Apache-2.0 */
/* Objectives: their text, sums of losses, class weights, regions, and deep supervision. */
#include "unit/arch/net_test.h"

#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/options.h"
#include "files/file.h"
#include "ops/ops.h"

static void refused(const char *text, const char *sentence)
{
    struct err e = {0};
    assert_error(objective_check(text, &e), ATT_USAGE, sentence);
}

static void test_sentences(void **state)
{
    (void)state;
    struct err e = {0};
    must(objective_check("dice+ce", &e), &e);
    must(objective_check("2*dice(batch=yes,background=no,smooth=0)+0.5*ce", &e), &e);
    char sentence[sizeof e.text] = "the loss \"bce\" is unknown; choose from:";
    for (const struct loss *const *l = losses_list(); *l; l++)
        snprintf(sentence + strlen(sentence), sizeof sentence - strlen(sentence), "%s %s",
            l == losses_list() ? "" : ",", (*l)->name);
    snprintf(sentence + strlen(sentence), sizeof sentence - strlen(sentence),
        "; join them by +, as in dice+ce");
    refused("dice+bce", sentence);
    refused("", "the loss is empty; dice+ce is a good choice");
    refused("dice(batch=yes", "the loss dice has an opening ( without a closing )");
    refused("dice(batch)", "\"batch\" in the loss: key=value is expected");
    refused("dice(batch=on)", "batch=on in the loss: choose yes or no");
    refused("dice(smooth=-1)", "smooth=-1 in the loss: a number from 0 is needed");
    refused("dice(batch=yes,batch=no)", "the loss dice sets batch twice; keep one of them");
    refused("ce+tversky(alpha=0,beta=0)",
        "the loss tversky trains nothing with alpha=0 and beta=0; set one of them above 0");
    refused("focal-tversky(alpha=0,beta=0)",
        "the loss focal-tversky trains nothing with alpha=0 and beta=0; set one of them above 0");
    must(objective_check("tversky(alpha=0)+tversky(beta=0)", &e), &e);
    refused(
        "dice(gamma=2)", "the loss dice has no setting gamma; it has: batch, background, smooth");
    refused("ce(smooth=1)", "the loss ce has no setting smooth; it has: none");
    must(objective_check("1e+2*dice(smooth=1e+1)+ce", &e), &e);
    must(objective_check(" 0.5 * tversky ( alpha = .3,\t beta = .7 ) + ce ", &e), &e);
    refused("  ", "the loss is empty; dice+ce is a good choice");
    refused("0.5 * dice +  + ce",
        "the loss lacks a name at \"+ce\"; join losses by one +, as in dice+ce");
    refused("1 2 * ce", "\"1 2*ce\" in the loss: a number from 0 to 1e30 is needed before *");
    refused("dice++ce", "the loss lacks a name at \"+ce\"; join losses by one +, as in dice+ce");
    refused("ce+",
        "the loss ends where another one is expected; add its name, or leave out the last +");
    refused("0.5ce",
        "\"0.5ce\" in the loss: a * is expected between a weight and a loss, as in 0.5*ce");
    refused("dice+Focal-Tversky",
        "the loss \"Focal-Tversky\" is written in small letters: focal-tversky");
    refused("2*", "the loss lacks a name at \"2*\"; join losses by one +, as in dice+ce");
    refused("dice(=5)", "\"=5\" in the loss: key=value is expected");
    refused("dice(smooth=)", "\"smooth=\" in the loss: key=value is expected");
    refused("dice(batch=yes,)", "\"\" in the loss: key=value is expected");
    refused("dice(smooth=inf)", "smooth=inf in the loss: a number from 0 is needed");
    refused("dice(batch=yes)ce", "\"ce\" in the loss: a + is expected between two losses");
    refused("inf*ce", "\"inf*ce\" in the loss: a number from 0 to 1e30 is needed before *");
    refused("1e99*ce", "\"1e99*ce\" in the loss: a number from 0 to 1e30 is needed before *");
    refused("2*3*ce", "\"2*3*ce\" in the loss: a number from 0 to 1e30 is needed before *");
    refused("0*dice+0*ce", "all weights in the loss \"0*dice+0*ce\" are 0; set one above 0");
    refused("x*ce", "\"x*ce\" in the loss: a number from 0 to 1e30 is needed before *");
    refused("-1*ce", "\"-1*ce\" in the loss: a number from 0 to 1e30 is needed before *");
    refused("cldice(iterations=2.5)",
        "iterations=2.5 in the loss: a whole number from 0 to 50 is needed");
    refused("cldice(iterations=51)",
        "iterations=51 in the loss: a whole number from 0 to 50 is needed");
    refused("cldice(smooth=0)", "smooth=0 in the loss: a number from 1e-06 is needed");
    refused("topk(k=0)", "k=0 in the loss: a number from 0.01 to 100 is needed");
    refused("tversky(alpha=nan)", "alpha=nan in the loss: a number from 0 to 10 is needed");
    refused("focal(alpha=-1)", "alpha=-1 in the loss: a number from 0 to 1 is needed");
    must(objective_check("0.5*tversky(alpha=.3,beta=.7)+focal-tversky(gamma=2)+cldice(iterations=5,"
                         "batch=yes)+0.01*boundary",
             &e),
        &e);
    must(objective_check_weights("dice+0.5*focal", &e), &e);
    assert_error(objective_check_weights("dice+gdice", &e), ATT_USAGE,
        "the loss dice+gdice takes no class weights; these losses do: ce, focal, topk");
    refused("ce+ce+ce+ce+ce", "the loss has more than 4 terms; remove some");
}

/* Heads that are inputs, so that the test says what the logits are: `heads` of them, each half the
 * size of the one before, the first 1 x 4x8. */
struct fixture {
    struct params params;
    struct graph graph;
    struct run run;
    int head[3], label, loss;
};

enum { H = 4, W = 8, CLASSES = 3 };

static void build(struct fixture *f, const char *text, const struct target *t, int heads)
{
    struct err e = {0};
    params_init(&f->params);
    graph_init(&f->graph, &f->params, true);
    for (int i = 0; i < heads; i++) {
        must(graph_input(&f->graph, (struct shape){1, t->channels, 1, H >> i, W >> i}, 1, true,
                 &f->head[i], &e),
            &e);
        must(i ? graph_output(&f->graph, f->head[i], &e, "logits.%d", i)
               : graph_output(&f->graph, f->head[0], &e, "logits"),
            &e);
    }
    must(objective_build(&f->graph, text, t, &f->label, &f->loss, &e), &e);
    must(run_create(&f->graph, kernels_for(ISA_REF), NULL, NULL, &f->run, &e), &e);
}

static void drop(struct fixture *f)
{
    run_free(&f->run);
    graph_free(&f->graph);
    params_free(&f->params);
}

/* Random logits; labels 0, 1, 2, 0, ... */
static double evaluate(const char *text, const struct target *t)
{
    struct fixture f;
    struct rng rng = rng_stream(1, RNG_TEST, 0, 0);
    build(&f, text, t, 1);
    struct tensor x = run_tensor(&f.run, f.head[0]);
    for (size_t i = 0; i < tensor_size(&x); i++) x.p[i] = (real)rng_range(&rng, -2, 2);
    for (int i = 0; i < H * W; i++) run_label(&f.run, f.label)[i] = (uint8_t)(i % 3);
    run_forward(&f.run);
    double loss = (double)run_tensor(&f.run, f.loss).p[0];
    drop(&f);
    return loss;
}

/* A target has room for so many weights. */
static void test_too_many_channels(void **state)
{
    (void)state;
    struct params params;
    struct graph graph;
    struct err e = {0};
    int x, label, loss;
    params_init(&params);
    graph_init(&graph, &params, true);
    must(graph_input(&graph, (struct shape){1, TARGET_MAX + 1, 1, 4, 4}, 1, true, &x, &e), &e);
    must(graph_output(&graph, x, &e, "logits"), &e);
    assert_error(objective_build(
                     &graph, "ce", &(struct target){.channels = TARGET_MAX + 1}, &label, &loss, &e),
        ATT_MODEL,
        "the network has 255 output channels, but a loss takes at most 254; use fewer classes");
    graph_free(&graph);
    params_free(&params);
}

static void is_close(double got, double want)
{
    if (!(fabs(got - want) <= 1e-6 * (1 + fabs(want)))) fail_msg("%.9g instead of %.9g", got, want);
}

static void test_terms_add_up(void **state)
{
    (void)state;
    struct target t = {.channels = CLASSES};
    double ce = evaluate("ce", &t), dice = evaluate("dice", &t);
    assert_true(ce > 0.5 && dice > 0.1 && dice < 1);
    is_close(evaluate("dice+ce", &t), dice + ce);
    is_close(evaluate("2*dice+0.5*ce", &t), 2 * dice + 0.5 * ce);
    is_close(evaluate("dice(smooth=1e-5)", &t), dice);
    is_close(evaluate("1e+2*ce+dice(smooth=0.1e-4)", &t), 100 * ce + dice);
    assert_true(fabs(evaluate("dice(background=yes)", &t) - dice) > 1e-4);
}

/* torch's mean divides by the weights of the targets: equal ones cancel. */
static void test_class_weights(void **state)
{
    (void)state;
    struct target plain = {.channels = CLASSES}, same = {.channels = CLASSES, .weight = {2, 2, 2}},
                  other = {.channels = CLASSES, .weight = {1, 0, 0}};
    is_close(evaluate("ce", &same), evaluate("ce", &plain));
    assert_true(fabs(evaluate("ce", &other) - evaluate("ce", &plain)) > 1e-4);
}

/* One region of all labels but 0: binary cross-entropy of zero logits is ln 2, whatever the label.
 */
static void test_regions(void **state)
{
    (void)state;
    struct fixture f;
    struct target t = {.channels = 1, .regions = true, .region = {{{1u << 1 | 1u << 2}}}};
    build(&f, "ce", &t, 1);
    struct tensor x = run_tensor(&f.run, f.head[0]);
    for (int i = 0; i < H * W; i++) {
        x.p[i] = 0;
        run_label(&f.run, f.label)[i] = (uint8_t)(i % 3);
    }
    run_forward(&f.run);
    is_close((double)run_tensor(&f.run, f.loss).p[0], log(2));
    run_backward(&f.run, f.loss);
    struct tensor dx = run_gradient(&f.run, f.head[0]);
    for (int i = 0; i < H * W; i++) is_close((double)dx.p[i] * H * W, i % 3 ? -0.5 : 0.5);
    drop(&f);
}

/* Weights 1, 1/2, 0 scaled to sum 1, labels of a coarser head at the nearest voxel: floor(i * 2).
 * The gradient of a class at a pixel is weight * (1/3 - target) / pixels. */
static void test_deep_supervision(void **state)
{
    (void)state;
    struct fixture f;
    struct target t = {.channels = CLASSES};
    static const double weight[] = {2.0 / 3, 1.0 / 3, 0};
    build(&f, "ce", &t, 3);
    for (int i = 0; i < 3; i++) {
        struct tensor x = run_tensor(&f.run, f.head[i]);
        memset(x.p, 0, tensor_size(&x) * sizeof(real));
    }
    for (int i = 0; i < H * W; i++) run_label(&f.run, f.label)[i] = (uint8_t)(i % 3);
    run_forward(&f.run);
    is_close((double)run_tensor(&f.run, f.loss).p[0], log(3));
    run_backward(&f.run, f.loss);
    assert_null(run_gradient(&f.run, f.head[2]).p);
    for (int i = 0; i < 2; i++) {
        struct tensor dx = run_gradient(&f.run, f.head[i]);
        int h = H >> i, w = W >> i;
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                for (int k = 0; k < CLASSES; k++) {
                    int label = ((y << i) * W + (x << i)) % 3;
                    is_close((double)dx.p[(k * h + y) * w + x] * h * w,
                        weight[i] * (1.0 / 3 - (k == label)));
                }
    }
    drop(&f);
}

/* Ten levels have nine heads; the coarsest alone has no loss. */
static void test_deepest_supervision(void **state)
{
    (void)state;
    enum { HEADS = 9 };
    struct err e = {0};
    struct params p;
    struct graph g;
    int head[HEADS], found[SUM_MAX_IN], label, loss;
    const struct target t = {.channels = 2};
    params_init(&p);
    graph_init(&g, &p, true);
    for (int i = 0; i < HEADS; i++) {
        must(graph_input(&g, (struct shape){1, 2, 1, 1 << (HEADS - i), 1 << (HEADS - i)}, 1, true,
                 &head[i], &e),
            &e);
        must(i ? graph_output(&g, head[i], &e, "logits.%d", i)
               : graph_output(&g, head[0], &e, "logits"),
            &e);
    }
    assert_int_equal(objective_heads(&g, found), HEADS);
    must(objective_build(&g, "ce", &t, &label, &loss, &e), &e);
    struct run r;
    must(run_create(&g, kernels_for(ISA_REF), NULL, NULL, &r, &e), &e);
    for (int i = 0; i < HEADS; i++) {
        struct tensor x = run_tensor(&r, head[i]);
        memset(x.p, 0, tensor_size(&x) * sizeof(real));
    }
    memset(run_label(&r, label), 0, (size_t)1 << (2 * HEADS));
    run_forward(&r);
    is_close((double)run_tensor(&r, loss).p[0], log(2));
    run_backward(&r, loss);
    for (int i = 0; i < HEADS; i++)
        assert_int_equal(run_gradient(&r, head[i]).p != NULL, i < HEADS - 1);
    run_free(&r);
    graph_free(&g);
    params_free(&p);
}

/* The coarsest head is computed, as an output of its own, and nothing else: no step goes back
 * through it, and its parameters do not train.
 */
static void test_the_coarsest_head_does_not_train(void **state)
{
    (void)state;
    static const struct {
        struct trial_net net;
        const char *head;
    } nets[] = {
        {{"arch=unet dims=2 in=1 classes=2 widths=4,6,8,8 heads=side", 2, 1, 16, 16, 2}, "head.2."},
        {{"arch=unet dims=2 in=1 classes=2 widths=4,6,8 heads=side", 2, 1, 16, 16, 2}, "head.1."},
        {{"arch=nnunet dims=2 in=1 classes=2 widths=4,6,8,8 heads=side", 2, 1, 16, 16, 2},
            "decoder.seg_layers.0."}};
    for (size_t k = 0; k < sizeof nets / sizeof *nets; k++) {
        struct err e = {0};
        struct built b;
        struct plan p;
        int heads[SUM_MAX_IN], idle = 0;
        built_new(&b, &nets[k].net, true);
        must(plan_make(&b.graph, kernels_for(ISA_REF), NULL, 1, &p, &e), &e);
        for (int i = 0; i < b.params.count; i++) {
            const struct param *q = &b.params.list[i];
            const bool coarsest = strncmp(q->name, nets[k].head, strlen(nets[k].head)) == 0;
            if (param_trains(q) && p.trained[i] == coarsest)
                fail_msg("%s: %s", nets[k].net.spec, q->name);
            idle += coarsest;
        }
        assert_int_equal(idle, 2);
        const int last = heads[objective_heads(&b.graph, heads) - 1];
        assert_true(p.value_at[last] != PLAN_NOWHERE && p.grad_at[last] == PLAN_NOWHERE);
        for (int s = p.nforward; s < p.nsteps; s++)
            assert_int_not_equal(b.graph.nodes[p.steps[s].node].out[0], last);
        plan_free(&p);
        built_free(&b);
    }
}

static void test_no_logits(void **state)
{
    (void)state;
    struct err e = {0};
    struct params p;
    struct graph g;
    int label, loss;
    struct target t = {.channels = 2};
    params_init(&p);
    graph_init(&g, &p, true);
    assert_error(objective_build(&g, "ce", &t, &label, &loss, &e), ATT_FAILED,
        "the network has no output called logits");
    graph_free(&g);
    params_free(&p);
}

/* Every loss in the list is one that an objective may name, by itself, with its defaults, and that
 * --help and docs/losses.md name. */
static void test_every_loss(void **state)
{
    (void)state;
    struct target t = {.channels = CLASSES};
    const char *help = NULL;
    char *text;
    size_t size;
    struct err e = {0};
    for (int i = 0; i < option_table_rows; i++)
        if (!strcmp(option_table[i].name, "loss") && strstr(option_table[i].commands, "train"))
            help = option_table[i].help;
    assert_non_null(help);
    must(file_read(TEST_SOURCE_DIR "/docs/losses.md", 1 << 20, &text, &size, &e), &e);
    for (const struct loss *const *l = losses_list(); *l; l++) {
        char row[64];
        snprintf(row, sizeof row, "| `%s` |", (*l)->name);
        if (!strstr(help, (*l)->name) || !strstr(text, row))
            fail_msg("`help` or docs/losses.md does not name %s", (*l)->name);
        double v = evaluate((*l)->name, &t);
        assert_true(isfinite(v));
    }
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_too_many_channels),
        cmocka_unit_test(test_terms_add_up),
        cmocka_unit_test(test_class_weights),
        cmocka_unit_test(test_regions),
        cmocka_unit_test(test_deep_supervision),
        cmocka_unit_test(test_deepest_supervision),
        cmocka_unit_test(test_no_logits),
        cmocka_unit_test(test_every_loss),
        cmocka_unit_test(test_the_coarsest_head_does_not_train),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
