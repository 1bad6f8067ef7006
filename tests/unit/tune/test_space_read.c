/* SPDX-License-Identifier: Apache-2.0 */
/* Search spaces as people write them: flags, files, what depends on what, what is refused. */
#include "unit/tune/tune_test.h"

static const struct dimension *dim(const struct tune_settings *w, const char *name)
{
    int k = space_find(&w->space, name);
    if (k < 0) fail_msg("%s is not searched", name);
    return &w->space.dim[k];
}

static const char *fixed(const struct tune_settings *w, const char *name)
{
    return json_string_value(json_object_get(w->fixed, name));
}

static void flags_are_ranges_lists_or_fixed(void **state)
{
    (void)state;
    struct options o;
    struct tune_settings w = {.fixed = NULL};
    tune_options(&o,
        (const char *const[]){"lr", "1e-4..1e-1:log", "batch", "2..8", "loss",
            "dice+ce,tversky(alpha=.3,beta=.7),ce", "normalise", "ct,zscore|zscore", "mirror",
            "yes,no", "augment", "full", "spec",
            "arch=attunet widths=8,16|16,32 gate=grid|same psi_bias=-1..3 gate_out=yes", NULL});
    OK(tune_settings_from_options(&o, NULL, false, &w, &e));
    OK(tune_settings_finish(&w, &o, &e));
    assert_true(dim(&w, "lr")->kind == DIMENSION_REAL && dim(&w, "lr")->log &&
        dim(&w, "lr")->lo == 1e-4 && dim(&w, "lr")->hi == .1);
    assert_true(dim(&w, "batch")->kind == DIMENSION_INT && !dim(&w, "batch")->log &&
        dim(&w, "batch")->hi == 8);
    assert_int_equal(dim(&w, "loss")->choices, 3);
    assert_string_equal(dim(&w, "loss")->choice[1], "tversky(alpha=.3,beta=.7)");
    assert_string_equal(dim(&w, "normalise")->choice[0], "ct,zscore");
    assert_int_equal(dim(&w, "mirror")->choices, 2);
    assert_string_equal(dim(&w, "spec.widths")->choice[1], "16,32");
    assert_true(
        dim(&w, "spec.psi_bias")->kind == DIMENSION_INT && dim(&w, "spec.psi_bias")->lo == -1);
    assert_true(dim(&w, "spec.psi_bias")->parent == space_find(&w.space, "spec.gate") &&
        dim(&w, "spec.psi_bias")->when == 3);
    assert_string_equal(fixed(&w, "augment"), "full");
    assert_string_equal(fixed(&w, "spec"), "arch=attunet gate_out=yes");
    double x[SPACE_MAX], u[SPACE_MAX] = {0};
    space_point(&w.space, u, x);
    json_t *j = tune_settings_at(&w, x);
    assert_string_equal(json_string_value(json_object_get(j, "lr")), "0.0001");
    assert_string_equal(json_string_value(json_object_get(j, "augment")), "full");
    assert_non_null(strstr(json_string_value(json_object_get(j, "spec")), "gate=grid"));
    assert_non_null(strstr(json_string_value(json_object_get(j, "spec")), "psi_bias=-1"));
    json_decref(j);
    tune_settings_free(&w);
    options_free(&o);
}

static void a_file_adds_what_flags_leave(void **state)
{
    (void)state;
    struct options o;
    struct tune_settings w = {.fixed = NULL};
    json_t *j = json_loads("{\"lr\": \"1..2\", \"weight_decay\": {\"range\": "
                           "\"0.001..0.1:log\", \"first\": 0.01}, \"batch\": [2, "
                           "4],\"spec.gate\": [\"none\", \"grid\", \"same\"], \"spec.sub\": [1, "
                           "2], \"augment\": \"full\",\"loss\": [\"dice\", \"ce\"], \"mirror\": "
                           "{\"choices\": [true, false], \"when\": {\"loss\": \"ce\"}}}",
        0, NULL);
    tune_options(
        &o, (const char *const[]){"lr", "0.5", "optimiser", "adamw", "momentum", "0.5..0.9", NULL});
    OK(tune_settings_from_options(&o, NULL, false, &w, &e));
    OK(tune_settings_add(&w, j, "space.json", &o, &e));
    OK(tune_settings_finish(&w, &o, &e));
    assert_string_equal(fixed(&w, "lr"), "0.5"); /* the flag */
    assert_true(space_find(&w.space, "lr") < 0 && dim(&w, "weight-decay")->first == .01);
    assert_true(dim(&w, "spec.sub")->when == 2); /* with the grid's gates alone */
    assert_true(
        dim(&w, "mirror")->parent == space_find(&w.space, "loss") && dim(&w, "mirror")->when == 2);
    assert_true(space_find(&w.space, "momentum") < 0); /* of sgd */
    for (int k = 0; k < w.space.count; k++) assert_true(w.space.dim[k].parent < k);
    json_decref(j);
    tune_settings_free(&w);
    options_free(&o);
}

static void refuse(const char *const *words, const char *file, const char *sentence)
{
    struct options o;
    struct tune_settings w = {.fixed = NULL};
    struct err fault = {0};
    tune_options(&o, words);
    att_status status = tune_settings_from_options(&o, NULL, false, &w, &fault);
    json_t *j = file ? json_loads(file, 0, NULL) : NULL;
    if (status == ATT_OK && j) status = tune_settings_add(&w, j, "space.json", &o, &fault);
    if (status == ATT_OK) status = tune_settings_finish(&w, &o, &fault);
    assert_true(status == ATT_USAGE || status == ATT_MODEL);
    if (!strstr(fault.text, sentence)) fail_msg("'%s' has no '%s'", fault.text, sentence);
    json_decref(j);
    tune_settings_free(&w);
    options_free(&o);
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
#define FLAG(...) (const char *const[]){__VA_ARGS__, NULL}, NULL
#define SPACE(text) (const char *const[]){NULL}, text
    refuse(FLAG("lr", "1..0.1"), "`lr` 1..0.1 is not a range; write LOW..HIGH");
    refuse(FLAG("batch", "1..66666666666666666666"),
        "`batch` 1..66666666666666666666: whole numbers go up to 1e+15");
    refuse(FLAG("lr", "0..1:log"), "must begin above 0");
    refuse(FLAG("lr", "1..1000"), "`lr` takes a number from 0 to 100, not '1000'");
    refuse(FLAG("lr", "0.1,0.1"), "lr has the value 0.1 twice");
    refuse(FLAG("lr", "0.1,,1"), "has an empty value");
    refuse(FLAG("loss", "1..2"), "`loss` takes no numbers");
    refuse(FLAG("augment", "light,strong"), "`augment` takes one of none|light|full, not 'strong'");
    refuse(FLAG("time", "10m"), "`time` cannot be searched");
    refuse(FLAG("batch", "1.5..3"), "`batch` takes a whole number");
    refuse(SPACE("[1]"), "space.json is not a search space");
    refuse(SPACE("{\"rl\": [1, 2]}"), "unknown option `rl`");
    refuse(SPACE("{\"seed\": [1, 2]}"), "seed cannot be searched");
    refuse(SPACE("{\"spec\": \"gate=grid\"}"), "spec cannot be searched");
    refuse(SPACE("{\"lr\": {\"low\": 1}}"), "space.json: lr has no valid value");
    refuse(SPACE("{\"lr\": []}"), "space.json: lr has no valid value");
    refuse(SPACE("{\"lr\": {\"range\": \"1..2\", \"first\": 3}}"),
        "\"first\" is not one of its values");
    refuse(SPACE("{\"lr\": {\"range\": \"1..2\", \"when\": {\"loss\": \"ce\"}}}"),
        "\"when\" must be {NAME: value}");
    refuse(SPACE("{\"loss\": [\"a\", \"b\"], \"lr\": {\"range\": \"1..2\", \"when\": {\"loss\": "
                 "\"c\"}}}"),
        "\"when\" names a value that loss");
    refuse(SPACE("{\"spec.psi_bias\": {\"range\": \"-1..3\", \"first\": 0.5}}"),
        "\"first\" is not one of its values");
    refuse(SPACE("{\"spec.inter\": [\"x\", \"half\"], \"spec.gate\": {\"choices\": [\"grid\", "
                 "\"same\"], \"when\": {\"spec.inter\": \"x\"}}}"),
        "depend on each other in a circle");
    refuse((const char *const[]){"spec", "arch=attunet gate=none", NULL},
        "{\"spec.inter\": [\"x\", \"half\"], \"lr\": {\"range\": \"0.1..0.2\", \"when\": "
        "{\"spec.inter\": \"x\"}}}",
        "lr depends on spec.inter, which has no effect with spec.gate=none");
}

/* Dots alone make no range of what takes words: a path has them, too. */
static void paths_are_no_ranges(void **state)
{
    (void)state;
    struct options o;
    struct tune_settings w = {.fixed = NULL};
    tune_options(&o, (const char *const[]){"normalise", "runs/../old/weights.txt", NULL});
    OK(tune_settings_from_options(&o, NULL, false, &w, &e));
    assert_string_equal(fixed(&w, "normalise"), "runs/../old/weights.txt");
    tune_settings_free(&w);
    options_free(&o);
}

static void the_usual_space_holds_the_gates(void **state)
{
    (void)state;
    struct options o;
    struct tune_settings w = {.fixed = NULL};
    static const struct {
        const char *spec, *gate, *signal, *gated, *gate_norm, *gate_out; /* of the first trial */
        double lr, decay;
    } planned[] = {
        {"arch=attunet dims=2 widths=8,16,32 gate=same signal=up inter=half gated=all "
         "gate_norm=batch",
            "same", "up", "all", "batch", "no", .002, .01},
        {"arch=attunet dims=3 widths=8,16,32 gate=grid signal=coarse inter=x gated=inner "
         "gate_out=yes",
            "grid", "coarse", "inner", "none", "yes", .01, 3e-5},
        {"arch=attunet dims=3 widths=8,16 gate=grid signal=coarse inter=x gated=all gate_out=yes",
            "grid", "coarse", NULL, "none", "yes", .002, .01},
    };
    for (int i = 0; i < COUNT(planned); i++) {
        const char *const words[] = {planned[i].gate, planned[i].signal, planned[i].gated,
            planned[i].gate_norm, planned[i].gate_out};
        static const char *const names[] = {
            "spec.gate", "spec.signal", "spec.gated", "spec.gate_norm", "spec.gate_out"};
        json_t *chosen = json_pack("{s:f, s:f, s:s}", "lr", planned[i].lr, "weight_decay",
            planned[i].decay, "spec", planned[i].spec);
        tune_options(&o, (const char *const[]){"batch", "2", NULL});
        OK(tune_settings_from_options(&o, NULL, false, &w, &e));
        OK(tune_settings_add_defaults(&w, chosen, &o, &e));
        OK(tune_settings_finish(&w, &o, &e));
        assert_true(dim(&w, "lr")->first == planned[i].lr && dim(&w, "loss")->first == 0);
        assert_true(dim(&w, "weight-decay")->first == planned[i].decay &&
            dim(&w, "weight-decay")->lo <= planned[i].decay);
        assert_true(dim(&w, "spec.gate")->choices == 3 && dim(&w, "spec.psi_bias")->when == 6);
        for (int k = 0; k < COUNT(names); k++) {
            if (words[k])
                assert_string_equal(
                    dim(&w, names[k])->choice[(int)dim(&w, names[k])->first], words[k]);
            else
                assert_true(space_find(&w.space, names[k]) < 0); /* two levels have one skip */
        }
        for (int k = 0; k < w.space.count; k++) assert_true(isnan(w.space.dim[k].first) == 0);
        json_decref(chosen);
        tune_settings_free(&w);
        options_free(&o);
    }
    json_t *plain = json_pack(
        "{s:f, s:f, s:s}", "lr", .002, "weight_decay", .01, "spec", "arch=unet widths=8,16");
    tune_options(&o, (const char *const[]){"spec", "arch=unet", NULL});
    OK(tune_settings_from_options(&o, NULL, false, &w, &e));
    OK(tune_settings_add_defaults(&w, plain, &o, &e));
    assert_true(space_find(&w.space, "spec.gate") < 0 && space_find(&w.space, "lr") >= 0);
    json_decref(plain);
    tune_settings_free(&w);
    options_free(&o);
}

/* What `train` does unasked counts as said. */
static void momentum_is_of_sgd(void **state)
{
    (void)state;
    struct options o, train;
    struct tune_settings w = {.fixed = NULL};
    OK(options_init(&train, tune_rows, TUNE_ROWS, "train", &e));
    tune_options(&o, (const char *const[]){"lr", "0.001..0.01", "momentum", "0.5..0.9", NULL});
    OK(tune_settings_from_options(&o, NULL, false, &w, &e));
    OK(tune_settings_finish(&w, &train, &e));
    assert_true(w.space.count == 1 && space_find(&w.space, "momentum") < 0);
    tune_settings_free(&w);
    options_free(&o);
    tune_options(&o, (const char *const[]){"optimiser", "adamw,sgd", "momentum", "0.5..0.9", NULL});
    OK(tune_settings_from_options(&o, NULL, false, &w, &e));
    OK(tune_settings_finish(&w, &train, &e));
    assert_true(w.space.count == 2 && dim(&w, "momentum")->when == 2);
    tune_settings_free(&w);
    options_free(&o);
    options_free(&train);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_are_ranges_lists_or_fixed),
        cmocka_unit_test(a_file_adds_what_flags_leave),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(paths_are_no_ranges),
        cmocka_unit_test(the_usual_space_holds_the_gates),
        cmocka_unit_test(momentum_is_of_sgd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
