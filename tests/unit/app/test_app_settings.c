/* SPDX-License-Identifier: Apache-2.0 */
/* Settings that come from files: which counts of several, what a failure leaves, and there and
 * back. */
#include "unit/dataset/dataset_test.h"

#include "attunet.h"

static att_context *context;

static att_settings *settings_of(const char *command)
{
    att_settings *s;
    if (!context) assert_int_equal(att_context_create(1, "ref", NULL, &context), ATT_OK);
    assert_int_equal(att_settings_create(context, command, &s), ATT_OK);
    return s;
}

static void set(att_settings *s, const char *name, const char *value)
{
    if (att_settings_set(context, s, name, value) != ATT_OK)
        fail_msg("%s", att_context_error(context));
}

static char *text_of(const att_settings *s)
{
    char *text;
    assert_int_equal(att_settings_json(context, s, &text), ATT_OK);
    return text;
}

static void says(const att_settings *s, const char *part, bool wanted)
{
    char *text = text_of(s);
    if ((strstr(text, part) != NULL) != wanted)
        fail_msg("%s is %s:\n%s", part, wanted ? "missing" : "there", text);
    att_text_free(text);
}

static void the_last_file_counts(void **state)
{
    (void)state;
    static const char *const names[] = {"config", "plan"};
    put_text(
        "a.json", "{\"settings\": {\"batch\": 3, \"clip\": 5, \"lr\": 0.5, \"time\": \"7m\"}}");
    put_text("b.json", "{\"settings\": {\"batch\": 4, \"lr\": 0.25, \"steps\": 9}}");
    for (int i = 0; i < 2; i++) {
        att_settings *s = settings_of("train");
        set(s, "lr", "0.125");
        set(s, names[i], "a.json");
        says(s, "\"batch\": 3", true);
        set(s, names[i], "b.json");
        says(s, "\"batch\": 4", true);
        says(s, "\"clip\": 12", true); /* the default is back */
        says(s, "\"time\"", false);
        says(s, "\"steps\": 9", true);
        says(s, "\"lr\": 0.125", true);
        set(s, names[1 - i], "a.json"); /* the other one's: what is there stays */
        says(s, "\"batch\": 4", true);
        says(s, "\"clip\": 5", true);
        att_settings_destroy(s);
    }
}

static void a_failure_changes_nothing(void **state)
{
    (void)state;
    put_text("good.json", "{\"batch\": 3}");
    put_text("bad.json", "{\"batch\": 4, \"clip\": 5, \"optimiser\": \"none\"}");
    att_settings *s = settings_of("train");
    set(s, "config", "good.json");
    char *before = text_of(s);
    assert_int_equal(att_settings_set(context, s, "plan", "missing.json"), ATT_IO);
    assert_int_equal(att_settings_set(context, s, "plan", "bad.json"), ATT_USAGE);
    assert_int_equal(att_settings_set(context, s, "config", "bad.json"), ATT_USAGE);
    assert_int_equal(att_settings_load(context, s, "bad.json"), ATT_USAGE);
    assert_int_equal(att_settings_set(context, s, "batch", "many"), ATT_USAGE);
    char *after = text_of(s);
    assert_string_equal(before, after);
    att_text_free(before);
    att_text_free(after);
    att_settings_destroy(s);
}

/* What JSON of settings holds can be loaded, defaults among them, and asks for no more than was
 * asked for. */
static void there_and_back(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "evaluate", "convert", "train", "predict", "resume", "bench", "tune"};
    put_text("c.json", "{\"threads\": 2}");
    for (int i = 0; i < COUNT(commands); i++) {
        att_settings *s = settings_of(commands[i]), *again = settings_of(commands[i]);
        set(s, "config", "c.json");
        if (!strcmp(commands[i], "resume")) set(s, "steps", "+5");
        char *text = text_of(s);
        put_text("all.json", text);
        assert_int_equal(att_settings_load(context, again, "all.json"), ATT_OK);
        char *same = text_of(again);
        assert_string_equal(text, same);
        att_text_free(text);
        att_text_free(same);
        /* These refuse what does not go together before they look at a file. */
        if (i == 0)
            assert_int_equal(att_evaluate(context, "nowhere", "nowhere", again, NULL), ATT_IO);
        if (i == 1)
            assert_int_equal(att_convert(context, "nowhere", "x.safetensors", again), ATT_IO);
        att_settings_destroy(s);
        att_settings_destroy(again);
    }
}

/* A default that one file names stays before what the next one says. */
static void defaults_of_files_stay(void **state)
{
    (void)state;
    put_text("a.json", "{\"clip\": 12.0}");
    put_text("b.json", "{\"clip\": 5}");
    att_settings *s = settings_of("train");
    assert_int_equal(att_settings_load(context, s, "a.json"), ATT_OK);
    assert_int_equal(att_settings_load(context, s, "b.json"), ATT_OK);
    says(s, "\"clip\": 12", true);
    att_settings_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_last_file_counts),
        cmocka_unit_test(a_failure_changes_nothing), cmocka_unit_test(there_and_back),
        cmocka_unit_test(defaults_of_files_stay)};
    int failed = cmocka_run_group_tests(tests, make_scratch, remove_scratch);
    att_context_destroy(context);
    return failed;
}
