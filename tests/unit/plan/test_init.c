/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that begin with a model: what they take from it, what is new, and what does not fit. */
#include "plan/init.h"

#include "unit/plan/fingerprint_test.h"
#include "unit/train/train_test.h"

static struct dataset data_of(int channels, int classes)
{
    struct dataset d = {.path = (char *)(uintptr_t) ".",
        .root = (char *)(uintptr_t) ".",
        .channels = channels,
        .dims = 2,
        .labels = {.count = classes, .ignore = -1}};
    for (int i = 0; i < classes; i++) {
        d.labels.value[i] = (uint16_t)i;
        snprintf(d.labels.name[i], LABELLING_NAME, "class %d", i);
    }
    return d;
}

static const char net[] = "arch=attunet dims=2 in=1 classes=2 widths=3,5 gated=all up=linear";

static void make_model(
    struct model *m, const char *text, const struct labelling *labels, uint64_t seed)
{
    struct preparation prep = {.patch = {1, 32, 16},
        .resize = {1, 40, 40},
        .shrink = {1, 2, 3},
        .nonzero = true,
        .channels = 1};
    struct spec spec;
    prep.normalise[0] =
        (struct normalise){.scheme = NORMALISE_CT, .lower = -5, .upper = 7, .mean = 1, .std = 2};
    OK(spec_parse(&spec, text, &e));
    OK(model_create(&spec, &prep, labels, seed, m, &e));
    m->history = json_pack("{s:{}}", "settings");
}

static att_status decide(const struct model *from, const struct dataset *d, struct recipe *r,
    struct err *e, const char *const *words)
{
    static const struct made facts = {.dims = 2, .count = 10, .size = {1, 64, 64}};
    static struct fingerprint_case cases[MADE_CASES];
    struct fingerprint f = make_print(&facts, cases);
    struct options o;
    set_options(&o, words);
    att_status status =
        recipe_decide(&(struct recipe_sources){.o = &o, .d = d, .f = &f, .init = from}, r, e);
    options_free(&o);
    return status;
}
#define DECIDE(from, d, r, e, ...) decide(from, d, r, e, (const char *const[]){__VA_ARGS__, NULL})

static void network_and_grid_are_the_model_s(void **state)
{
    (void)state;
    struct dataset two = data_of(1, 2), four = data_of(1, 4);
    struct recipe r;
    struct model m;
    make_model(&m, net, &two.labels, 1);
    OK(DECIDE(&m, &two, &r, &e, "init=x.safetensors"));
    assert_string_equal(r.spec, net);
    assert_string_equal(r.init, "x.safetensors");
    assert_true(
        r.patch[1] == 32 && r.patch[2] == 16 && r.resize[1] == 40 && r.shrink[2] == 3 && r.nonzero);
    OK(DECIDE(&m, &four, &r, &e, "patch=8x8", "resize=32x48", "shrink=none", "nonzero=no",
        "spec=widths=3,5 classes=4"));
    assert_string_equal(
        r.spec, "arch=attunet dims=2 in=1 classes=4 widths=3,5 gated=all up=linear");
    assert_true(
        r.patch[1] == 8 && r.resize[1] == 32 && r.resize[2] == 48 && !r.shrink[2] && !r.nonzero);
    REFUSED(DECIDE(&m, &two, &r, &e, "spec=widths=3,6"), ATT_USAGE,
        "`spec` has widths=3,6, but the model of `init` has 3,5; leave `spec` out to "
        "use the model's network");
    REFUSED(DECIDE(&m, &two, &r, &e, "spec=norm=instance"), ATT_USAGE,
        "`spec` has norm=instance, but the model of `init` has none");
    json_object_clear(m.history); /* imported: images of 64x64, shrunk by 2x3, two levels */
    OK(DECIDE(&m, &two, &r, &e, "resize=none"));
    assert_true(r.patch[0] == 1 && r.patch[1] == 32 && r.patch[2] == 22);
    OK(DECIDE(&m, &two, &r, &e, "resize=none", "patch=18x18"));
    assert_true(r.patch[1] == 18 && r.patch[2] == 18);
    model_free(&m);
    /* One sigmoid channel. */
    make_model(&m, "arch=lee in=1 classes=1 width=2 gates=yes", &two.labels, 1);
    OK(DECIDE(&m, &two, &r, &e, "patch=16x16"));
    assert_string_equal(r.spec, "arch=lee in=1 classes=1 width=2 gates=yes");
    OK(DECIDE(&m, &four, &r, &e, "patch=16x16"));
    assert_string_equal(r.spec, "arch=lee in=1 classes=4 width=2 gates=yes");
    model_free(&m);
}

static void weights_go_over_by_name(void **state)
{
    (void)state;
    struct dataset two = data_of(1, 2), four = data_of(1, 4);
    struct model from, same, other, fresh;
    struct watch w;
    make_model(&from, net, &two.labels, 1);
    make_model(&same, net, &two.labels, 2);
    make_model(&other, "arch=attunet dims=2 in=1 classes=4 widths=3,5 gated=all up=linear",
        &four.labels, 2);
    make_model(&fresh, "arch=attunet dims=2 in=1 classes=4 widths=3,5 gated=all up=linear",
        &four.labels, 2);
    from.params.state[0] = 5; /* a running statistic */
    watch_new(&w);
    OK(init_weights(&from, "old", &same, &w.host, &e));
    assert_memory_equal(from.params.data, same.params.data, from.params.size * sizeof(real));
    assert_memory_equal(
        from.params.state, same.params.state, from.params.state_size * sizeof(real));
    assert_null(strstr(w.text, "new"));
    OK(init_weights(&from, "old", &other, &w.host, &e));
    char said[200];
    snprintf(said, sizeof said, "%d of %d tensors come from old; new: head.0.weight, head.0.bias\n",
        other.params.count - 2, other.params.count);
    if (!strstr(w.text, said)) fail_msg("%s", w.text);
    for (int i = 0; i < other.params.count; i++) {
        const struct param *p = &other.params.list[i];
        bool head = !strncmp(p->name, "head.", 5);
        const struct params *wanted = head ? &fresh.params : &from.params;
        assert_memory_equal(params_at(&other.params, i),
            params_at(wanted, params_find(wanted, p->name)), p->size * sizeof(real));
    }
    model_free(&from);
    model_free(&same);
    model_free(&other);
    model_free(&fresh);
}

/* As many channels, but a softmax's in one and sigmoids in the other; one channel is a sigmoid,
 * too. */
static void heads_of_another_kind_are_new(void **state)
{
    (void)state;
    struct dataset two = data_of(1, 2), regions = data_of(1, 3);
    struct model of_classes, of_regions, fresh;
    struct watch w;
    regions.labels.regions = 2;
    for (int k = 0; k < 2; k++) {
        regions.labels.region[k] = class_set_of(k + 1);
        regions.labels.region_value[k] = (uint16_t)(k + 1);
    }
    make_model(&of_classes, net, &two.labels, 1);
    make_model(&of_regions, net, &regions.labels, 2);
    make_model(&fresh, net, &regions.labels, 2);
    watch_new(&w);
    OK(init_weights(&of_classes, "old", &of_regions, &w.host, &e));
    if (!strstr(w.text, "new: head.0.weight, head.0.bias (its head is a softmax"))
        fail_msg("%s", w.text);
    for (int i = 0; i < fresh.params.count; i++) {
        const struct param *p = &fresh.params.list[i];
        const struct params *wanted =
            !strncmp(p->name, "head.", 5) ? &fresh.params : &of_classes.params;
        assert_memory_equal(
            params_at(&of_regions.params, i), params_at(wanted, i), p->size * sizeof(real));
    }
    watch_new(&w);
    OK(init_weights(&fresh, "old", &of_regions, &w.host, &e));
    assert_null(strstr(w.text, "new"));
    OK(init_weights(&fresh, "old", &of_classes, &w.host, &e));
    assert_non_null(strstr(w.text, "new: head.0.weight, head.0.bias (its head has sigmoids"));
    model_free(&of_classes);
    model_free(&of_regions);
    model_free(&fresh);
}

/* Liver where the model has spleen; names that nobody has given say nothing. */
static void heads_of_other_classes_are_new(void **state)
{
    (void)state;
    struct dataset ours = data_of(1, 2);
    struct model from, to;
    struct watch w;
    make_model(&from, net, &ours.labels, 1);
    snprintf(ours.labels.name[1], LABELLING_NAME, "Liver");
    make_model(&to, net, &ours.labels, 2);
    watch_new(&w);
    OK(init_weights(&from, "old", &to, &w.host, &e)); /* class 1 there */
    assert_null(strstr(w.text, "new"));
    snprintf(from.labels.name[1], LABELLING_NAME, "liver");
    OK(init_weights(&from, "old", &to, &w.host, &e));
    assert_null(strstr(w.text, "new"));
    snprintf(from.labels.name[1], LABELLING_NAME, "spleen");
    OK(init_weights(&from, "old", &to, &w.host, &e));
    assert_non_null(
        strstr(w.text, "; new: head.0.weight, head.0.bias (Liver is spleen in that model)"));
    assert_null(strstr(w.text, "normalised"));
    snprintf(from.prep.channel_name[0], LABELLING_NAME, "CT");
    snprintf(to.prep.channel_name[0], LABELLING_NAME, "MR");
    OK(init_weights(&from, "old", &to, &w.host, &e));
    assert_non_null(strstr(w.text,
        "channel 0 is MR, but CT in the model of `init`; attunet normalises it like that model "
        "unless you give `normalise`"));
    model_free(&from);
    model_free(&to);
}

static void channels_in_another_order_are_refused(void **state)
{
    (void)state;
    struct dataset two = data_of(2, 2);
    struct model m, back;
    struct spec spec;
    struct preparation prep = {.patch = {1, 32, 16}, .channels = 2, .channel_name = {"CT", "MR"}};
    OK(spec_parse(&spec, "arch=attunet dims=2 in=2 classes=2 widths=3,5 gated=all up=linear", &e));
    OK(model_create(&spec, &prep, &two.labels, 1, &m, &e));
    OK(model_save(&m, "both.safetensors", &e));
    model_free(&m);
    two.channel_name[0] = (char *)(uintptr_t) "ct";
    two.channel_name[1] = (char *)(uintptr_t) "PET";
    OK(init_load("both.safetensors", &two, &back, &e));
    model_free(&back);
    two.channel_name[0] = (char *)(uintptr_t) "MR";
    REFUSED(init_load("both.safetensors", &two, &back, &e), ATT_USAGE,
        "`init` both.safetensors: MR is channel 0 of . and channel 1 of the model; bring "
        "channels into the model's order");
}

static void other_images_are_refused(void **state)
{
    (void)state;
    struct dataset one = data_of(1, 2), three = data_of(3, 2);
    struct model m, back;
    make_model(&m, net, &one.labels, 1);
    OK(model_save(&m, "grey.safetensors", &e));
    OK(init_load("grey.safetensors", &one, &back, &e));
    model_free(&back);
    REFUSED(init_load("grey.safetensors", &three, &back, &e), ATT_USAGE,
        "`init` grey.safetensors: the model takes images of 1 channel, but those of . have 3; "
        "give another model");
    REFUSED(init_load("nowhere", &one, &back, &e), ATT_IO, "nowhere");
    model_free(&m);
}

/* A run stopped before its first step predicts with the model it began with; its preparation is the
 * model's, too. */
static void before_training_it_is_that_model(void **state)
{
    (void)state;
    static const char *const words[] = {"steps=9", "train-list=list.txt", "patch=24x24", "batch=2",
        "spec=widths=4,6 gated=all", "ema=.5", "normalise=rgb", NULL},
                             *const more[] = {"steps=9", "train-list=list.txt", "init=first", NULL},
                             *const frozen[] = {"steps=9", "train-list=list.txt",
                                 "init=first/model.safetensors", "freeze=encoder", NULL};
    const struct how how = {1, kernels_best()};
    struct watch w;
    struct options o;
    put_boxes("data", 3, 1, 28, 32);
    put_text("list.txt", "case_00\ncase_01\n");
    whole_run(how, "data", "first", words);
    watch_new(&w);
    w.stop_what = "loading";
    w.stop_at = 2;
    set_options(&o, more);
    REFUSED(
        start_run(how, &w, "data", "second", &o, &e), ATT_INTERRUPTED, "stopped at step 0 of 9");
    options_free(&o);
    assert_null(other_tensors("first/model.safetensors", "second/model.safetensors"));
    struct model first, second;
    OK(model_load("first", &first, &e));
    OK(model_load("second", &second, &e));
    assert_string_equal(first.spec.text, second.spec.text);
    assert_memory_equal(&first.prep, &second.prep, sizeof first.prep);
    model_free(&first);
    model_free(&second);
    /* It trains, and what is frozen stays. */
    watch_new(&w);
    OK(resume_run(how, &w, "second", 0, &e));
    assert_non_null(other_tensors("first/model.safetensors", "second/model.safetensors"));
    whole_run(how, "data", "third", frozen);
    OK(model_load("first", &first, &e));
    OK(model_load("third", &second, &e));
    for (int i = 0; i < first.params.count; i++) {
        const struct param *p = &first.params.list[i];
        bool same = !memcmp(
            params_at(&first.params, i), params_at(&second.params, i), p->size * sizeof(real));
        if (p->kind != PARAM_VECTOR && same != !strncmp(p->name, "enc.", 4))
            fail_msg("%s", p->name);
    }
    model_free(&first);
    model_free(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(network_and_grid_are_the_model_s),
        cmocka_unit_test(weights_go_over_by_name),
        cmocka_unit_test(heads_of_another_kind_are_new),
        cmocka_unit_test(other_images_are_refused),
        cmocka_unit_test(heads_of_other_classes_are_new),
        cmocka_unit_test(channels_in_another_order_are_refused),
        cmocka_unit_test(before_training_it_is_that_model),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
