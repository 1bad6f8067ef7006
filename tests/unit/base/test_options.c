/* SPDX-License-Identifier: Apache-2.0 */
/* Options: names, values of each type, sentences, JSON there and back. */
#include "unit/expect.h"

#include <string.h>

#include "base/options.h"

static const struct option_row rows[] = {
    {.name = "epochs",
        .arg = "N",
        .value = "10",
        .type = OPTION_INT,
        .lo = 1,
        .hi = 1000,
        .commands = " train tune"},
    {.name = "rate",
        .arg = "X",
        .value = "0.1",
        .type = OPTION_REAL,
        .lo = 0,
        .hi = 1,
        .commands = " train"},
    {.name = "time", .arg = "T", .type = OPTION_TIME, .commands = " train"},
    {.name = "max-memory", .arg = "BYTES", .type = OPTION_BYTES, .commands = " any"},
    {.name = "loss",
        .arg = "NAME",
        .value = "dice+ce",
        .type = OPTION_CHOICE,
        .choices = "dice|ce|dice+ce",
        .commands = " train"},
    {.name = "mirror", .value = "yes", .type = OPTION_BOOL, .commands = " train predict"},
    {.name = "flip",
        .arg = "AXES",
        .type = OPTION_CHOICE,
        .choices = "yes|no|h|hw",
        .commands = " convert"},
    {.name = "json", .type = OPTION_BOOL, .commands = " any"},
    {.name = "init", .arg = "MODEL", .type = OPTION_TEXT, .commands = " train"},
    {.name = "shift", .arg = "N", .type = OPTION_INT, .commands = " train"},
    {.name = "more", .arg = "+N", .type = OPTION_INT, .commands = " train"},
    {.name = "count", .arg = "N", .type = OPTION_INT, .commands = " phantom"},
    {.name = "count", .arg = "N", .type = OPTION_INT, .commands = " demo"},
    {.name = "size", .arg = "DxHxW", .type = OPTION_TEXT, .commands = " train"},
    {.name = "engine",
        .arg = "NAME",
        .value = "auto",
        .type = OPTION_CHOICE,
        .choices = "auto|ref",
        .commands = " predict"},
    {.name = "overlap", .arg = "X", .value = "0.5", .type = OPTION_REAL, .commands = " predict"},
};
enum { ROWS = sizeof rows / sizeof *rows };

static struct options start(const char *command)
{
    struct options o;
    struct err e = {0};
    if (options_init(&o, rows, ROWS, command, &e) != ATT_OK) fail_msg("%s", e.text);
    return o;
}

static void set(struct options *o, const char *name, const char *value)
{
    struct err e = {0};
    if (options_set(o, name, value, &e) != ATT_OK) fail_msg("%s", e.text);
}

static void refuse(struct options *o, const char *name, const char *value, const char *sentence)
{
    struct err e = {0};
    assert_int_equal(options_set(o, name, value, &e), ATT_USAGE);
    assert_string_equal(e.text, sentence);
}

static void test_defaults(void **state)
{
    (void)state;
    struct options o = start("train");
    assert_int_equal(options_read_int(&o, "epochs"), 10);
    assert_true(options_read_real(&o, "rate") == 0.1);
    assert_string_equal(options_read_text(&o, "loss"), "dice+ce");
    assert_true(options_read_bool(&o, "mirror"));
    assert_false(options_read_bool(&o, "json"));
    assert_null(options_read_text(&o, "init"));
    assert_true(options_read_seconds(&o, "time") == 0);
    assert_false(options_read_set(&o, "epochs"));
    assert_null(options_read_text(&o, "overlap")); /* of another command */
    options_free(&o);
    options_free(&o);
}

static void test_wrong_default(void **state)
{
    (void)state;
    static const struct option_row wrong[] = {
        {.name = "n", .value = "many", .type = OPTION_INT, .commands = " any"}};
    struct options o;
    struct err e = {0};
    assert_int_equal(options_init(&o, wrong, 1, "train", &e), ATT_FAILED);
    assert_string_equal(
        e.text, "the default of an option is wrong: `n` takes a whole number, not 'many'");
}

static void test_numbers(void **state)
{
    (void)state;
    struct options o = start("train");
    set(&o, "epochs", "1000");
    assert_int_equal(options_read_int(&o, "epochs"), 1000);
    assert_true(options_read_set(&o, "epochs"));
    set(&o, "epochs", "7");
    assert_int_equal(options_read_int(&o, "epochs"), 7);
    static const char *const wrong[] = {
        "0", "1001", "", " 5", "5 ", "5x", "1e2", "5.0", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char sentence[200];
        strcpy(sentence, "`epochs` takes a whole number from 1 to 1000, not '");
        strcat(strcat(sentence, wrong[i]), "'");
        refuse(&o, "epochs", wrong[i], sentence);
    }
    assert_int_equal(options_read_int(&o, "epochs"), 7);
    set(&o, "shift", "-9223372036854775808");
    assert_true(options_read_int(&o, "shift") == INT64_MIN);
    set(&o, "rate", "1e-3");
    assert_true(options_read_real(&o, "rate") == 1e-3);
    set(&o, "rate", ".5");
    assert_true(options_read_real(&o, "rate") == 0.5);
    refuse(
        &o, "rate", "1,5", "`rate` takes a number from 0 to 1, not '1,5'; write a decimal point");
    refuse(&o, "rate", "nan", "`rate` takes a number from 0 to 1, not 'nan'");
    refuse(&o, "rate", "+nan", "`rate` takes a number from 0 to 1, not '+nan'");
    refuse(&o, "rate", "-0.1", "`rate` takes a number from 0 to 1, not '-0.1'");
    refuse(&o, "rate", NULL, "`rate` needs a value: a number from 0 to 1");
    options_free(&o);
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } times[] = {{"90", 90}, {"90s", 90}, {"15m", 900}, {"2h", 7200}, {"1.5h", 5400},
        {"1h30m", 5400}, {"1d1h1m1.5s", 90061.5}, {"0", 0}, {"1min", 60}, {"1h30min10sec", 5410},
        {"1hour", 3600}, {"2hours", 7200}, {"1day", 86400}, {"2days", 172800}};
    struct options o = start("train");
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        set(&o, "time", times[i].text);
        assert_true(options_read_seconds(&o, "time") == times[i].seconds);
    }
    static const char *const wrong[] = {
        "", "m", "15 m", "15minu", "15mi", "min", "1h30", "-5s", "-5", "inf", "1w", "1e999s"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err e = {0};
        if (options_set(&o, "time", wrong[i], &e) != ATT_USAGE)
            fail_msg("'%s' is taken for a time", wrong[i]);
    }
    refuse(&o, "time", "soon", "`time` takes a time such as 90s, 15m or 2h, not 'soon'");
    options_free(&o);
}

static void test_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double bytes;
    } sizes[] = {{"0B", 0}, {"17b", 17}, {"2KiB", 2048}, {"900MiB", 943718400},
        {"1.5G", 1610612736}, {"2gib", 2147483648}, {"1T", 0x1p40}, {"2Gi", 2147483648},
        {"2GB", 2e9}, {"3mb", 3e6}, {"4ki", 4096}};
    struct options o = start("train");
    assert_true(options_read_bytes(&o, "max-memory") == 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        set(&o, "max-memory", sizes[i].text);
        assert_true(options_read_bytes(&o, "max-memory") == sizes[i].bytes);
    }
    static const char *const wrong[] = {
        "", "GiB", "2", "2 GiB", "2GBs", "2Bi", "2BB", "-1G", "infG", "1e999M", "2GiB2", "nanG"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err e = {0};
        if (options_set(&o, "max-memory", wrong[i], &e) != ATT_USAGE)
            fail_msg("'%s' is taken for a size", wrong[i]);
    }
    refuse(&o, "max-memory", "2", "`max-memory` takes a size such as 900MiB or 2GiB, not '2'");
    options_free(&o);
}

/* A choice of yes, no and more is a switch, too. */
static void test_choices_with_yes_and_no(void **state)
{
    (void)state;
    static const char *const given[] = {"TRUE", "yes", "no", "0", "hw"},
                             *const taken[] = {"yes", "yes", "no", "no", "hw"};
    struct options o = start("convert");
    for (int i = 0; i < 5; i++) {
        set(&o, "flip", given[i]);
        assert_string_equal(options_read_text(&o, "flip"), taken[i]);
        json_t *j = options_to_json(&o), *flip = json_object_get(j, "flip");
        assert_true(
            i < 4 ? json_is_boolean(flip) && json_is_true(flip) == (i < 2) : json_is_string(flip));
        json_decref(j);
    }
    set(&o, "no-flip", NULL);
    assert_string_equal(options_read_text(&o, "flip"), "no");
    set(&o, "flip", NULL);
    assert_string_equal(options_read_text(&o, "flip"), "yes");
    refuse(&o, "flip", "wh", "`flip` takes one of yes|no|h|hw, not 'wh'");
    refuse(&o, "no-loss", NULL,
        "unknown option `no-loss`; 'attunet convert --help' lists the options");
    options_free(&o);
}

static void test_switches_and_choices(void **state)
{
    (void)state;
    struct options o = start("train");
    set(&o, "json", NULL);
    assert_true(options_read_bool(&o, "json"));
    set(&o, "no-mirror", NULL);
    assert_false(options_read_bool(&o, "mirror"));
    set(&o, "mirror", "TRUE");
    assert_string_equal(options_read_text(&o, "mirror"), "yes");
    set(&o, "mirror", "0");
    assert_string_equal(options_read_text(&o, "mirror"), "no");
    refuse(&o, "mirror", "maybe", "`mirror` takes yes or no, not 'maybe'");
    refuse(&o, "no-mirror", "yes", "`no-mirror` takes no value");
    set(&o, "loss", "ce");
    assert_string_equal(options_read_text(&o, "loss"), "ce");
    refuse(&o, "loss", "dic", "`loss` takes one of dice|ce|dice+ce, not 'dic'");
    refuse(&o, "loss", "dice|ce", "`loss` takes one of dice|ce|dice+ce, not 'dice|ce'");
    refuse(&o, "loss", "", "`loss` takes one of dice|ce|dice+ce, not ''");
    options_free(&o);
}

static void test_unknown_names(void **state)
{
    (void)state;
    struct options o = start("train");
    refuse(&o, "epcohs", "3", "unknown option `epcohs`; did you mean `epochs`?");
    refuse(&o, "epoch", "3", "unknown option `epoch`; did you mean `epochs`?");
    refuse(&o, "max_memry", "3", "unknown option `max_memry`; did you mean `max-memory`?");
    refuse(&o, "xyzzy-plugh", "3",
        "unknown option `xyzzy-plugh`; 'attunet train --help' lists the options");
    refuse(&o, "no-loss", NULL,
        "unknown option `no-loss`; `loss` takes a value: give one, or leave the option out");
    refuse(&o, "no_size", "3",
        "unknown option `no_size`; `size` takes a value: give one, or leave the option out");
    refuse(&o, "overlap", "0.5", "`overlap` is no option of 'train', but of: predict");
    refuse(&o, "count", "1", "`count` is no option of 'train', but of: phantom demo");
    refuse(&o, "", NULL, "unknown option ``; 'attunet train --help' lists the options");
    options_free(&o);
    o = start("resume");
    refuse(&o, "epochs", "3",
        "`epochs` is no option of 'resume', as a run keeps its settings; begin a new run with its "
        "weights: attunet train DATASET -o NEW --init RUN --epochs N");
    refuse(&o, "mirror", NULL,
        "`mirror` is no option of 'resume', as a run keeps its settings; begin a new run with its "
        "weights: attunet train DATASET -o NEW --init RUN --mirror");
    refuse(&o, "init", "model",
        "`init` is no option of 'resume', as a run keeps its settings; begin a new run with its "
        "weights: attunet train DATASET -o NEW --init RUN");
    refuse(&o, "overlap", "0.5", "`overlap` is no option of 'resume', but of: predict");
    options_free(&o);
    o = start("train");
    char name[500];
    memset(name, 'e', sizeof name - 1);
    name[sizeof name - 1] = 0;
    struct err e = {0};
    assert_int_equal(options_set(&o, name, NULL, &e), ATT_USAGE);
    options_free(&o);
}

static void test_choice(void **state)
{
    (void)state;
    struct options o = start("predict");
    assert_null(options_read_choice(&o, "engine"));
    set(&o, "engine", "ref");
    assert_string_equal(options_read_choice(&o, "engine"), "ref");
    options_free(&o);
}

static void test_size3(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct size_rule rule;
        int size[3];
        const char *sentence;
    } list[] = {
        {"256x128", {2, "the model is", 1}, {1, 256, 128}, NULL},
        {"48", {2, "the model is", 1}, {1, 48, 48}, NULL},
        {"48", {3, "the model is", 1}, {48, 48, 48}, NULL},
        {"1x64x32", {2, "the model is", 1}, {1, 64, 32}, NULL},
        {"1x64X32", {3, "the model is", 1}, {1, 64, 32}, NULL},
        {"32768x65536", {0, "", 1}, {1, 32768, 65536}, NULL},
        {"8x64x64", {2, "the model is", 1}, {0},
            "`size` 8x64x64 has a depth, but the model is 2D; give HxW"},
        {"64x64", {3, "the images are", 1}, {0},
            "`size` 64x64 has two numbers, but the images are 3D; give DxHxW"},
        {"32768x65536", {0, "", 2}, {0}, "`size` 32768x65536: at most 2^31 voxels are possible"},
        {"64x", {0, "", 1}, {0},
            "`size` 64x: give a size like 256x256 (height x width) or 48x64x48 (depth x height "
            "x width), of 1 to 65536 along an axis"},
        {"64x0", {0, "", 1}, {0},
            "`size` 64x0: give a size like 256x256 (height x width) or 48x64x48 (depth x height "
            "x width), of 1 to 65536 along an axis"},
        {"65537x2", {0, "", 1}, {0},
            "`size` 65537x2: give a size like 256x256 (height x width) or 48x64x48 (depth x "
            "height x width), of 1 to 65536 along an axis"},
        {"4x4x4x4", {0, "", 1}, {0},
            "`size` 4x4x4x4: give a size like 256x256 (height x width) or 48x64x48 (depth x "
            "height x width), of 1 to 65536 along an axis"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct options o = start("train");
        struct err e = {0};
        int size[3];
        set(&o, "size", list[i].text);
        att_status status = options_read_size3(&o, "size", &list[i].rule, size, &e);
        assert_int_equal(status, list[i].sentence ? ATT_USAGE : ATT_OK);
        assert_string_equal(e.text, list[i].sentence ? list[i].sentence : "");
        if (status == ATT_OK) assert_memory_equal(size, list[i].size, sizeof size);
        options_free(&o);
    }
}

static void test_to_json_and_back(void **state)
{
    (void)state;
    struct options a = start("train"), b = start("train");
    struct err e = {0};
    set(&a, "rate", "0.3");
    set(&a, "max_memory", "2GiB");
    set(&a, "time", "15m");
    set(&a, "no-mirror", NULL);
    set(&a, "init", "a \"b\".safetensors");
    json_t *json = options_to_json(&a),
           *expected =
               json_loads("{\"epochs\": 10, \"rate\": 0.3, \"time\": \"15m\", \"max_memory\": "
                          "\"2GiB\", \"loss\": \"dice+ce\", \"mirror\": false, \"init\": \"a "
                          "\\\"b\\\".safetensors\"}",
                   0, NULL);
    assert_non_null(expected);
    assert_true(json_equal(json, expected));
    set(&b, "epochs", "99"); /* given before, so it stays */
    assert_int_equal(options_load_json(&b, json, "run.json", &e), ATT_OK);
    assert_int_equal(options_read_int(&b, "epochs"), 99);
    assert_string_equal(options_read_text(&b, "rate"), "0.3");
    assert_true(options_read_seconds(&b, "time") == 900);
    assert_false(options_read_bool(&b, "mirror"));
    assert_true(options_read_set(&b, "mirror"));
    assert_false(options_read_set(&b, "loss")); /* the default */
    assert_string_equal(options_read_file(&b, "loss"), "run.json");
    json_decref(json);
    json_decref(expected);
    options_free(&a);
    options_free(&b);
}

/* "+5" and "5" may differ, as with steps of a run that goes on. */
static void test_a_sign_stays(void **state)
{
    (void)state;
    struct options a = start("train"), b = start("train");
    struct err e = {0};
    set(&a, "more", "+5");
    set(&a, "shift", "+5");
    json_t *json = options_to_json(&a);
    assert_string_equal(json_string_value(json_object_get(json, "more")), "+5");
    assert_true(json_is_integer(json_object_get(json, "shift")));
    assert_int_equal(options_load_json(&b, json, "c.json", &e), ATT_OK);
    assert_string_equal(options_read_text(&b, "more"), "+5");
    assert_int_equal(options_read_int(&b, "more"), 5);
    json_decref(json);
    options_free(&a);
    options_free(&b);
}

static void load(const char *text, att_status status, const char *sentence)
{
    struct options o = start("train");
    struct err e = {0};
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(json);
    assert_int_equal(options_load_json(&o, json, "c.json", &e), status);
    assert_string_equal(e.text, sentence);
    json_decref(json);
    options_free(&o);
}

static void test_json_sentences(void **state)
{
    (void)state;
    load("{\"epochs\": \"12\", \"time\": 60, \"init\": null, \"max-memory\": \"5G\"}", ATT_OK, "");
    load("[1]", ATT_USAGE, "c.json: the options must be a JSON object, {\"name\": value, ...}");
    load("{\"epcohs\": 3}", ATT_USAGE, "c.json: unknown option epcohs; did you mean epochs?");
    load("{\"epochs\": 3.5}", ATT_USAGE,
        "c.json: epochs takes a whole number from 1 to 1000, not '3.5'");
    load("{\"epochs\": [3]}", ATT_USAGE, "c.json: epochs is a list or an object; give one value");
    load("{\"max-memory\": \"5G\", \"max_memory\": \"6G\"}", ATT_USAGE,
        "c.json: max-memory appears twice, also as \"max_memory\"; keep one of them");
    load("{\"epochs\": 3.5, \"overlap\": 0.5, \"init\": null}", ATT_USAGE,
        "c.json: epochs takes a whole number from 1 to 1000, not '3.5'; "
        "c.json: overlap is no option of 'train', but of: predict");
    load("{\"overlap\": 0.5}", ATT_USAGE,
        "c.json: overlap is no option of 'train', but of: predict");
}

/* What a file says goes when a flag says the same in another way, before or after it; two of a file
 * stay. */
static void test_alternatives(void **state)
{
    (void)state;
    static const char *const alternatives[] = {"epochs time", "shift size init", NULL};
    json_t *json = json_pack("{s:s, s:i, s:s, s:s, s:f}", "time", "90m", "shift", 4, "size", "8x8",
        "init", "a", "rate", .5);
    struct err e = {0};
    for (int after = 0; after < 2; after++) {
        struct options o = start("train");
        o.alternatives = alternatives;
        if (after) assert_int_equal(options_load_json(&o, json, "plan.json", &e), ATT_OK);
        set(&o, "epochs", "3");
        set(&o, "size", "9x9");
        if (!after) assert_int_equal(options_load_json(&o, json, "plan.json", &e), ATT_OK);
        assert_null(options_read_text(&o, "time"));
        assert_false(options_read_set(&o, "time"));
        assert_null(options_read_text(&o, "shift"));
        assert_null(options_read_text(&o, "init"));
        assert_string_equal(options_read_text(&o, "size"), "9x9");
        assert_true(options_read_real(&o, "rate") == .5);
        options_free(&o);
    }
    struct options o = start("train");
    o.alternatives = alternatives;
    assert_int_equal(options_load_json(&o, json, "plan.json", &e), ATT_OK);
    assert_string_equal(options_read_text(&o, "size"), "8x8");
    assert_string_equal(options_read_text(&o, "init"), "a");
    json_object_set_new(json, "epochs", json_integer(7));
    options_free(&o);
    /* A default comes back. */
    o = start("train");
    o.alternatives = alternatives;
    json_object_del(json, "time");
    assert_int_equal(options_load_json(&o, json, "plan.json", &e), ATT_OK);
    assert_int_equal(options_read_int(&o, "epochs"), 7);
    set(&o, "time", "5m");
    assert_int_equal(options_read_int(&o, "epochs"), 10);
    options_free(&o);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_wrong_default),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_choices_with_yes_and_no),
        cmocka_unit_test(test_switches_and_choices),
        cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_to_json_and_back),
        cmocka_unit_test(test_a_sign_stays),
        cmocka_unit_test(test_json_sentences),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_size3),
        cmocka_unit_test(test_alternatives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
