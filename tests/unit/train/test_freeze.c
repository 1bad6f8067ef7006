/* SPDX-License-Identifier: Apache-2.0 */
/* What is frozen gets no gradient and does not change; the rest gets the same gradients; steps and
 * memory for its sake are saved. */
#include "train/freeze.h"

#include "arch/objective.h"
#include "train/optimiser.h"
#include "unit/predict/predict_test.h"

/* A training graph of a model, run once on numbers that are always the same. */
struct trial {
    struct model m;
    struct graph g;
    struct run r;
    int loss;
};

static void trial_new(
    struct trial *t, const char *spec, int classes, int d, int side, const char *freeze)
{
    int image, label;
    struct target target;
    memset(t, 0, sizeof *t);
    make_model(&t->m, spec, plain_preparation(1, d, side, side), plain_labels(classes));
    OK(freeze_apply(freeze, &t->m, &e));
    model_target(&t->m, &target);
    graph_init(&t->g, &t->m.params, true);
    OK(model_build(&t->m, &t->g, 2, t->m.prep.patch, &image, &e));
    OK(objective_build(&t->g, "dice+ce", &target, &label, &t->loss, &e));
    OK(run_create(&t->g, best_kernels(), NULL, NULL, &t->r, &e));
    struct rng rng = rng_stream(5, RNG_TEST, 0, 0);
    struct tensor x = run_tensor(&t->r, image);
    for (size_t i = 0; i < tensor_size(&x); i++) x.p[i] = (real)rng_range(&rng, -1, 1);
    for (size_t i = 0; i < t->g.values[label].bytes; i++)
        run_label(&t->r, label)[i] = (uint8_t)rng_below(&rng, 2);
    run_forward(&t->r);
    run_backward(&t->r, t->loss);
}

static void trial_free(struct trial *t)
{
    run_free(&t->r);
    graph_free(&t->g);
    model_free(&t->m);
}

static bool starts(const char *name, const char *with)
{
    return strncmp(name, with, strlen(with)) == 0;
}

static const char
    batch_net[] = "arch=attunet dims=2 in=1 classes=2 widths=4,6,8 norm=batch gate=grid gated=all",
    instance_net[] =
        "arch=attunet dims=2 in=1 classes=2 widths=4,6,8 norm=instance gate=same gated=all";

static void a_frozen_encoder(void **state)
{
    (void)state;
    struct trial all, rest;
    trial_new(&all, batch_net, 2, 1, 32, "");
    trial_new(&rest, batch_net, 2, 1, 32, "encoder");
    const struct params *p = &rest.m.params;
    for (int i = 0; i < p->count; i++) {
        const struct param *q = &p->list[i];
        bool frozen = starts(q->name, "enc.");
        assert_int_equal(q->frozen, frozen);
        if (!param_trains(q)) continue;
        if (rest.r.plan.trained[i] != !frozen) fail_msg("%s", q->name);
        for (size_t k = 0; frozen && k < q->size; k++)
            assert_true(rest.r.grads[q->offset + k] == 0);
    }
    /* Fewer backward steps, none of them of the encoder, and less memory. */
    assert_true(rest.r.plan.nsteps < all.r.plan.nsteps);
    for (int s = rest.r.plan.nforward; s < rest.r.plan.nsteps; s++) {
        const struct node *n = &rest.g.nodes[rest.r.plan.steps[s].node];
        for (int i = 0; i < n->nin; i++) {
            const struct value *v = &rest.g.values[n->in[i]];
            if (v->kind == VALUE_PARAM && starts(p->list[v->param].name, "enc."))
                fail_msg("a step back through %s", p->list[v->param].name);
        }
    }
    if (rest.r.plan.work_bytes > all.r.plan.work_bytes * 9 / 10)
        fail_msg("%zu bytes are not less than nine tenths of %zu", rest.r.plan.work_bytes,
            all.r.plan.work_bytes);
    trial_free(&all);
    trial_free(&rest);
}

/* With instance norm nothing else changes: the others' gradients have the same bits, whatever is
 * frozen below, above or between them. */
static void the_others_gradients_are_the_same(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "encoder", "enc.0.", "dec.,up.", "gate.", "head.,dec.0.conv2", "enc.1.conv2.weight"};
    struct trial all;
    trial_new(&all, instance_net, 2, 1, 16, "");
    for (size_t k = 0; k < COUNT(lists); k++) {
        struct trial t;
        int frozen = 0;
        trial_new(&t, instance_net, 2, 1, 16, lists[k]);
        for (int i = 0; i < t.m.params.count; i++) {
            const struct param *q = &t.m.params.list[i];
            frozen += q->frozen;
            if (q->frozen || !param_trains(q)) continue;
            if (memcmp(t.r.grads + q->offset, all.r.grads + q->offset, q->size * sizeof(real)))
                fail_msg("%s: %s differs", lists[k], q->name);
        }
        assert_true(frozen > 0);
        trial_free(&t);
    }
    trial_free(&all);
}

/* Frozen batch norms compute what they compute in prediction, and neither statistics nor weights
 * move, with the largest decay. */
static void frozen_parts_stand_still(void **state)
{
    (void)state;
    struct trial t;
    trial_new(&t, batch_net, 2, 1, 16, "enc.,gate.0.wx");
    struct optimiser o = {.kind = OPTIMISER_ADAMW, .decay = 1};
    const struct params *p = &t.m.params;
    real *data = mem_array(p->size, sizeof *data),
         *statistics = mem_array(p->state_size, sizeof *statistics);
    memcpy(data, p->data, p->size * sizeof *data);
    memcpy(statistics, p->state, p->state_size * sizeof *statistics);
    OK(optimiser_init(&o, p, &e));
    optimiser_step(&o, &t.r, .1, 1);
    run_forward(&t.r);
    for (int i = 0; i < p->count; i++) {
        const struct param *q = &p->list[i];
        const real *before = (param_trains(q) ? data : statistics) + q->offset;
        bool same = !memcmp(before, params_at(p, i), q->size * sizeof(real));
        if (same != q->frozen && q->kind != PARAM_VECTOR)
            fail_msg("%s %s", q->name, same ? "stands still" : "has changed");
        if (q->frozen && !same) fail_msg("%s has changed", q->name);
    }
    optimiser_free(&o);
    mem_free(data);
    mem_free(statistics);
    trial_free(&t);
}

/* --freeze encoder means something for every architecture, and leaves something. */
static void every_net_has_an_encoder(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        int classes, d;
    } nets[] = {
        {"arch=unet dims=3 in=1 classes=2 widths=3,5", 2, 16},
        {"arch=attunet dims=2 in=1 classes=2 widths=3,5 gated=all", 2, 1},
        {"arch=lee in=1 classes=2 width=2 gates=yes", 2, 1},
        {"arch=oktay in=1 classes=2 width=2", 2, 16},
        {"arch=nnunet dims=3 in=1 classes=2 widths=3,5", 2, 16},
        {"arch=monai dims=2 in=1 classes=2 widths=4,6", 2, 1},
    };
    for (size_t k = 0; k < COUNT(nets); k++) {
        struct model m;
        make_model(&m, nets[k].spec, plain_preparation(1, nets[k].d, 16, 16),
            plain_labels(nets[k].classes));
        int64_t all = params_trainable(&m.params);
        OK(freeze_apply("", &m, &e));
        assert_int_equal(freeze_trained(&m.params), all);
        OK(freeze_apply("encoder", &m, &e));
        int64_t left = freeze_trained(&m.params);
        if (left < all / 10 || left > all * 3 / 4)
            fail_msg("%s: %lld of %lld", nets[k].spec, (long long)left, (long long)all);
        assert_true(m.params.list[0].frozen && !m.params.list[m.params.count - 1].frozen);
        model_free(&m);
    }
}

static void wrong_words_are_refused(void **state)
{
    (void)state;
    struct model m;
    make_model(&m, batch_net, plain_preparation(1, 1, 16, 16), plain_labels(2));
    REFUSED(freeze_apply("enc.0.,encoders", &m, &e), ATT_USAGE,
        "`freeze` encoders: no parameter name of this network starts with it; use one of: enc, up, "
        "gate, dec, head; or encoder");
    REFUSED(freeze_apply("enc,dec,gate,up,head,signal", &m, &e), ATT_USAGE, "`freeze`");
    REFUSED(freeze_apply("enc,dec,gate,up,head", &m, &e), ATT_USAGE, "leaves nothing to train");
    OK(freeze_apply(" encoder, gate.0 ,", &m, &e));
    model_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frozen_encoder),
        cmocka_unit_test(the_others_gradients_are_the_same),
        cmocka_unit_test(frozen_parts_stand_still),
        cmocka_unit_test(every_net_has_an_encoder),
        cmocka_unit_test(wrong_words_are_refused),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
