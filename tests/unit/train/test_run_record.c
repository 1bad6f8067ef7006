/* SPDX-License-Identifier: Apache-2.0 */
/* Commands as they can be given again, and the file of sessions. */
#include "train/run_record.h"

#include "unit/train/train_test.h"

#include "files/json_file.h"
#include "model/run_files.h"

static void assert_command(char *text, const char *wanted)
{
    assert_string_equal(text, wanted);
    mem_free(text);
}

static void commands_can_be_given_again(void **state)
{
    (void)state;
    struct options o;
    SET_OPTIONS(&o, "steps=20", "spec=arch=unet widths=4,8", "fold=0");
    assert_command(record_train_command("my data", "run", &o),
        "attunet train 'my data' -o run --fold 0 --steps 20 --spec 'arch=unet widths=4,8'");
    options_free(&o);
    SET_OPTIONS(&o, "stratify=yes", "quiet=no",
        "nonzero=no"); /* the last one takes a value, the others none */
    assert_command(record_train_command("data", "run", &o),
        "attunet train data -o run --stratify --nonzero no --no-quiet");
    options_free(&o);
    OK(options_init_command(&o, "info", &e));
    OK(options_set(&o, "images", "a b/{id}", &e));
    OK(options_set(&o, "quick", "yes", &e)); /* plan has no such option */
    OK(options_set(&o, "json", "yes", &e));  /* of the output */
    assert_command(
        record_plan_command("data", &o), "attunet plan data --images 'a b/{id}' --time 30m");
    OK(options_set(&o, "folds", "3", &e));
    assert_command(record_plan_command("data", &o),
        "attunet plan data --folds 3 --images 'a b/{id}' --fold 0 --time 30m");
    options_free(&o);
    assert_command(
        record_resume_command("run", &(struct train_more){.steps = 0}), "attunet resume run");
    assert_command(
        record_resume_command("run", &(struct train_more){.steps = 50, .data = "else where"}),
        "attunet resume run --steps +50 --data 'else where'");
    assert_command(record_resume_command("it's", &(struct train_more){.data = "''"}),
        "attunet resume 'it'\\''s' --data ''\\'''\\'''");
    assert_command(record_resume_command("-run", &(struct train_more){.data = "-d"}),
        "attunet resume ./-run --data=-d");
    assert_command(
        record_resume_command("", &(struct train_more){.steps = 0}), "attunet resume ''");
    assert_command(record_resume_command("run", &(struct train_more){.seconds = 600}),
        "attunet resume run --time 600s");
}

static json_t *read_record(const char *run)
{
    json_t *j;
    char *path = file_join(run, RUN_RECORD);
    OK(json_file_read(path, &j, &e));
    mem_free(path);
    return j;
}

static json_int_t whole(const json_t *session, const char *key)
{
    return json_integer_value(json_object_get(session, key));
}

static void every_process_is_a_session(void **state)
{
    (void)state;
    const struct how how = {1, ISA_REF};
    struct watch w;
    put_boxes("data", 3, 1, 16, 16);
    whole_run(how, "data", "run",
        (const char *const[]){
            "steps=3", "spec=arch=unet widths=4,8", "patch=16x16", "batch=1", NULL});
    json_t *j = read_record("run");
    const json_t *first = json_array_get(json_object_get(j, "sessions"), 0);
    assert_int_equal(json_array_size(json_object_get(j, "sessions")), 1);
    assert_int_equal(whole(first, "from"), 0);
    assert_int_equal(whole(first, "to"), 3);
    assert_int_equal(whole(first, "threads"), 1);
    assert_string_equal(json_string_value(json_object_get(first, "isa")), "ref");
    assert_true(whole(first, "peak") > 0);
    const json_t *seconds = json_object_get(first, "seconds");
    double all = json_number_value(json_object_get(seconds, "all")),
           steps = json_number_value(json_object_get(seconds, "steps")),
           report = json_number_value(json_object_get(seconds, "report"));
    assert_true(steps > 0 && report > 0 && steps + report <= all);
    assert_int_equal(whole(json_object_get(j, "data"), "files"), 6);
    char *hash =
        mem_text("%s", json_string_value(json_object_get(json_object_get(j, "data"), "hash")));
    json_decref(j);
    watch_new(&w);
    OK(resume_run(how, &w, "run", 2, &e));
    j = read_record("run");
    const json_t *second = json_array_get(json_object_get(j, "sessions"), 1);
    assert_int_equal(json_array_size(json_object_get(j, "sessions")), 2);
    assert_int_equal(whole(second, "from"), 3);
    assert_int_equal(whole(second, "to"), 5);
    assert_string_equal(
        json_string_value(json_object_get(second, "command")), "attunet resume run --steps +2");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(j, "data"), "hash")), hash);
    json_decref(j);
    OK(file_write_all(
        "run/" RUN_RECORD, "{", 1, &e)); /* of no use to the training: it begins anew */
    watch_new(&w);
    OK(resume_run(how, &w, "run", 1, &e));
    j = read_record("run");
    assert_int_equal(json_array_size(json_object_get(j, "sessions")), 1);
    json_decref(j);
    mem_free(hash);
}

static long asked, fails_at;
static int held;

static void *ask(size_t bytes)
{
    if (++asked == fails_at) return NULL;
    held++;
    return malloc(bytes);
}

static void release(void *block)
{
    held -= block != NULL;
    free(block);
}

/* Each block that jansson asks for in vain, once. */
static void what_cannot_be_held_is_not_lost(void **state)
{
    (void)state;
    struct host host = {0};
    host.kernels = kernels_for(ISA_REF);
    struct train_context c = {.host = &host};
    OK(file_make_folders("none", &e));
    json_set_alloc_funcs(ask, release);
    for (long requests = 1, at = 0; at <= requests; at++) { /* the first time none */
        struct err why = {.status = ATT_OK};
        struct training t = {.c = &c, .run = "none"};
        asked = 0;
        fails_at = at;
        att_status status = record_begin(&t, "attunet train", &why);
        if (!at) requests = asked;
        assert_int_equal(status, why.status);
        assert_true(at || status == ATT_OK);
        json_decref(t.record);
        assert_int_equal(held, 0);
    }
    json_set_alloc_funcs(malloc, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(commands_can_be_given_again),
        cmocka_unit_test(every_process_is_a_session),
        cmocka_unit_test(what_cannot_be_held_is_not_lost)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
