/* SPDX-License-Identifier: Apache-2.0 */
/* Settings as JSON: what is written comes back, is what flags take, and what is damaged is refused.
 */
#include "unit/plan/recipe_test.h"

#include <math.h>

static void settings_survive_json(void **state)
{
    (void)state;
    struct dataset d = flat_data();
    struct recipe r, back;
    DECIDE(&r, &d, &flat_facts, "optimiser=sgd", "schedule=constant", "lr=0.1234567890123456789",
        "class-weights=0.1,7", "seed=9000000000000000", "conv=ref", "resize=48x40",
        "steps=1000000000", "mirror=no", "rotate=33.3", "augment=full", "low-resolution=0.125",
        "ema=0.99", "fold=3", "checkpoint-every=90.5");
    json_t *j = recipe_to_json(&r);
    char *text = json_dumps(j, JSON_COMPACT);
    json_decref(j);
    j = json_loads(text, 0, NULL);
    memset(&back, 0x5a, sizeof back);
    OK(recipe_from_json(j, &back, &e));
    assert_memory_equal(&r, &back, sizeof r);
    json_decref(j);
    free(text);
}

/* Lists of members there and back; what older files lack keeps its value. */
static void members_survive_json(void **state)
{
    (void)state;
    struct some {
        bool flag;
        int whole;
        int64_t count;
        double real, lacking;
    } from = {true, -7, 9000000000000000, .1, 0}, to = {.lacking = 5};
    static const struct member list[] = {{MEMBER(some, flag)}, {MEMBER(some, whole)},
        {MEMBER_AS("number", struct some, count)}, {MEMBER(some, real)}, {MEMBER(some, lacking)},
        {0}};
    json_t *j = members_to_json(list, &from);
    json_t *expected = json_pack("{s:b, s:i, s:I, s:f, s:f}", "flag", 1, "whole", -7, "number",
        (json_int_t)9000000000000000, "real", .1, "lacking", 0.);
    assert_true(json_equal(j, expected));
    json_object_del(j, "lacking");
    members_from_json(j, list, &to);
    assert_true(to.flag && to.whole == -7 && to.count == from.count);
    assert_true(to.real == from.real && to.lacking == 5);
    json_decref(expected);
    json_decref(j);
    from.real = NAN;
    assert_null(members_to_json(list, &from));
}

static const char *text_of(const json_t *settings, const char *key)
{
    const json_t *v = json_object_get(settings, key);
    assert_non_null(v);
    return json_is_null(v) ? "null" : json_string_value(v);
}

/* What is written is what the flags take, so that a run can be repeated from it. */
static void settings_are_flags(void **state)
{
    (void)state;
    struct dataset d = flat_data(), v = volume_data();
    struct recipe r, again;
    struct options o;
    DECIDE(&r, &v, &volume_facts, "time=90m", "checkpoint-every=2h", "resize=32x48",
        "class-weights=1,2,0.25", "train-list=a.txt");
    json_t *j = recipe_to_json(&r);
    const json_t *settings = json_object_get(j, "settings");
    assert_string_equal(text_of(settings, "patch"), "40x32x48");
    assert_string_equal(text_of(settings, "resize"), "32x48");
    assert_string_equal(text_of(settings, "time"), "90m");
    assert_string_equal(text_of(settings, "checkpoint_every"), "2h");
    assert_string_equal(text_of(settings, "class_weights"), "1,2,0.25");
    assert_string_equal(text_of(settings, "train_list"), "a.txt");
    assert_string_equal(text_of(settings, "val_list"), "null");
    assert_string_equal(text_of(settings, "steps"), "null");
    assert_string_equal(text_of(settings, "fold"), "null");
    assert_string_equal(text_of(settings, "optimiser"), "adamw");
    SET_OPTIONS(&o, "batch=3");
    OK(options_load_json(
        &o, settings, "settings.json", &e)); /* every key is a flag, every value fits */
    OK(try_decide(&again, &v, &volume_facts, &o, NULL, &e));
    assert_int_equal(again.batch, 3); /* the flag wins */
    again.batch = r.batch;
    assert_memory_equal(&r, &again, sizeof r);
    options_free(&o);
    json_decref(j);
    DECIDE(&r, &d, &flat_facts, "steps=7");
    j = recipe_to_json(&r);
    settings = json_object_get(j, "settings");
    assert_string_equal(text_of(settings, "patch"), "144x192");
    assert_string_equal(text_of(settings, "resize"), "none");
    assert_string_equal(text_of(settings, "spacing"), "none");
    assert_string_equal(text_of(settings, "time"), "null");
    assert_int_equal(json_integer_value(json_object_get(settings, "steps")), 7);
    json_decref(j);
}

static void memory_settings(void **state)
{
    (void)state;
    struct dataset d = flat_data();
    struct recipe r, again;
    DECIDE(&r, &d, &flat_facts, "batch=4", "micro-batch=2", "max-memory=1.5GiB", "storage=bf16",
        "precision=bf16", "exchange=bf16");
    assert_int_equal(r.micro_batch, 2);
    assert_true(r.half && r.bf16 && r.exchange);
    assert_true(r.max_memory == 1610612736);
    json_t *j = recipe_to_json(&r);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(j, "settings"), "micro_batch")), 2);
    assert_string_equal(text_of(json_object_get(j, "settings"), "max_memory"), "1536MiB");
    OK(recipe_from_json(j, &again, &e));
    assert_int_equal(again.micro_batch, 2);
    assert_true(again.max_memory == r.max_memory);
    assert_true(again.half && again.bf16 && again.exchange);
    assert_string_equal(text_of(json_object_get(j, "settings"), "precision"), "bf16");
    assert_string_equal(text_of(json_object_get(j, "settings"), "storage"), "bf16");
    json_decref(j);
    DECIDE(&r, &d, &flat_facts, "max-memory=1000001B");
    j = recipe_to_json(&r);
    assert_string_equal(text_of(json_object_get(j, "settings"), "max_memory"), "1000001B");
    assert_string_equal(text_of(json_object_get(j, "settings"), "micro_batch"), "null");
    assert_string_equal(text_of(json_object_get(j, "settings"), "storage"), "f32");
    assert_false(r.half || r.bf16 || r.exchange);
    json_decref(j);
}

static void refuse(const json_t *recipe, const char *key)
{
    struct recipe back;
    char wanted[256];
    snprintf(wanted, sizeof wanted,
        "the checkpoint's settings are damaged or from another version of attunet (%s); predict "
        "with its model, or start a new run",
        key);
    REFUSED(recipe_from_json(recipe, &back, &e), ATT_MODEL, wanted);
}

/* A field that is missing, of another type, or without meaning. */
static void damaged_settings_are_refused(void **state)
{
    (void)state;
    struct dataset d = flat_data();
    struct recipe r;
    DECIDE(&r, &d, &flat_facts, "class-weights=1,2");
    json_t *good = recipe_to_json(&r);
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(good, "settings"), key, value)
    {
        json_t *bad = json_deep_copy(good), *settings = json_object_get(bad, "settings");
        json_object_del(settings, key);
        bool newer = !strcmp(key, "shrink") || !strcmp(key, "micro_batch") ||
            !strcmp(key, "max_memory") || !strcmp(key, "snapshots") || !strcmp(key, "storage") ||
            !strcmp(key, "folds") || !strcmp(key, "holdout") || !strcmp(key, "voxel_size") ||
            !strcmp(key, "stratify") || !strcmp(key, "orientation") ||
            !strcmp(key, "mask_values") || !strcmp(key, "images") || !strcmp(key, "labels") ||
            !strcmp(key, "intensities") || !strcmp(key, "precision") || !strcmp(key, "exchange") ||
            !strcmp(key, "speed"); /* than some checkpoints */
        if (!newer) refuse(bad, key);
        json_object_set_new(settings, key, json_array());
        refuse(bad, key);
        json_object_set_new(
            settings, key, json_is_string(value) ? json_integer(-1) : json_string("odd"));
        bool text = json_is_null(value); /* where another text is possible */
        struct recipe back;
        struct err e = {0};
        att_status status = recipe_from_json(bad, &back, &e);
        if (!text || status != ATT_OK) refuse(bad, key);
        json_decref(bad);
    }
    static const struct {
        const char *key, *value;
    } odd[] = {{"patch", "\"1x0x8\""}, {"patch", "\"8x-8\""}, {"patch", "\"8\""},
        {"patch", "\"8x8x8x8\""}, {"patch", "null"}, {"patch", "\"8x99999\""}, {"batch", "0"},
        {"batch", "-1"}, {"batch", "4294967297"}, {"resize", "\"8x\""}, {"resize", "null"},
        {"spacing", "null"}, {"voxel_size", "null"}, {"voxel_size", "\"1x2\""}, {"shrink", "null"},
        {"shrink", "\"0x2\""}, {"batch", "100000000"}, {"holdout", "1"}, {"holdout", "-0.5"},
        {"speed", "0"}, {"speed", "-1"}, {"speed", "\"fast\""}, {"micro_batch", "0"},
        {"snapshots", "0"}, {"snapshots", "\"3\""}, {"micro_batch", "100"}, {"max_memory", "\"5\""},
        {"max_memory", "1048576"}, {"storage", "\"f16\""}, {"precision", "\"auto\""},
        {"class_weights", "\"1,x\""}, {"loss", "null"}, {"spec", "null"},
        {"class_weights", "\"1,0\""}, {"checkpoint_every", "\"5s\""},
        {"checkpoint_every", "\"1e999h\""}};
    for (int k = 0; k < COUNT(odd); k++) {
        json_t *bad = json_deep_copy(good);
        json_object_set_new(json_object_get(bad, "settings"), odd[k].key,
            json_loads(odd[k].value, JSON_DECODE_ANY, NULL));
        refuse(bad, odd[k].key);
        json_decref(bad);
    }
    char longer[RECIPE_TEXT + 1], many[2 * LABELLING_MAX + 2] = "1";
    for (int k = 0; k < LABELLING_MAX; k++) memcpy(many + 2 * k + 1, ",1", 3);
    memset(longer, 'x', RECIPE_TEXT);
    longer[RECIPE_TEXT] = 0;
    json_object_set_new(json_object_get(good, "settings"), "loss", json_string(longer));
    refuse(good, "loss");
    json_object_set_new(json_object_get(good, "settings"), "loss", json_string("ce"));
    json_object_set_new(json_object_get(good, "settings"), "class_weights", json_string(many));
    refuse(good, "class_weights");
    json_decref(good);
    json_t *older =
        json_pack("{s:s, s:s, s:[iii]}", "dataset", "d", "dataset_path", "/d", "patch", 1, 8, 8);
    refuse(older, "fold"); /* of a version whose recipe was flat */
    json_decref(older);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_survive_json),
        cmocka_unit_test(members_survive_json),
        cmocka_unit_test(settings_are_flags),
        cmocka_unit_test(memory_settings),
        cmocka_unit_test(damaged_settings_are_refused),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
