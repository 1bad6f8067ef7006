/* SPDX-License-Identifier: Apache-2.0 */
/* Training of a hard model: the policy finds the tile with the object, and a run that was stopped
 * in any stage goes on as if it never had been. */
#include <math.h>

#include "model/prepare.h"
#include "predict/look.h"
#include "train/checkpoint.h"
#include "unit/clock_test.h"
#include "unit/train/train_test.h"

#define SPEC "spec=arch=hard scale=4 tile=16 halo=8 tiles=1 coarse=4,8 fine=4,8 policy=8"
#define OTHERS                                                                                     \
    SPEC, "batch=2", "joint-steps=12", "policy-views=6", "policy-lr=0.003",                        \
        "train-list=train.txt", "val-list=val.txt", "checkpoint-every=1h", "ema=0.9"
/* Long enough to learn; and short, for what has to give the same bits. */
static const char *const long_words[] = {OTHERS, "steps=200", "policy-steps=300", NULL},
                         *const words[] = {OTHERS, "steps=30", "policy-steps=100", NULL};
enum { CASES = 12, TRAINED = 8, SIDE = 64, GRID = 4, OBJECT = 7 };

static struct how how(void) { return (struct how){1, kernels_best()}; }

/* Noise, and in one tile of 4x4 a bright square with two dark corners, which only a look from near
 * tells from a whole one. */
static void put_case(int number)
{
    struct image m = {.channels = 1, .size = {1, SIDE, SIDE}};
    struct labelmap l = {.size = {1, SIDE, SIDE}};
    struct rng r = rng_stream(2, RNG_TEST, (uint32_t)number, 0);
    const int tile = (int)rng_below(&r, GRID * GRID);
    const int y = tile / GRID * (SIDE / GRID) + 2 + (int)rng_below(&r, 6),
              x = tile % GRID * (SIDE / GRID) + 2 + (int)rng_below(&r, 6);
    m.data = mem_array(SIDE * SIDE, sizeof *m.data);
    l.data = mem_array(SIDE * SIDE, sizeof *l.data);
    for (int i = 0; i < SIDE * SIDE; i++) {
        const int h = i / SIDE - y, w = i % SIDE - x;
        const bool inside =
            h >= 0 && h < OBJECT && w >= 0 && w < OBJECT && h + w > 2 && h + w < 2 * OBJECT - 4;
        m.data[i] = (float)(rng_range(&r, 0, 50) + (inside ? 60 : 0));
        l.data[i] = inside;
    }
    char *image = mem_text("data/images/case_%02d.nii", number),
         *label = mem_text("data/labels/case_%02d.nii", number);
    make_parent(image);
    make_parent(label);
    OK(format_save_image(image, &m, &e));
    OK(format_save_labels(label, &l, &e));
    mem_free(image);
    mem_free(label);
    mem_free(m.data);
    mem_free(l.data);
}

static void put_list(const char *name, int from, int to)
{
    char text[CASES * 16] = "";
    for (int i = from; i < to; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "case_%02d\n", i);
    put_text(name, text);
}

static int make_data(void **state)
{
    if (make_scratch(state)) return -1;
    for (int i = 0; i < CASES; i++) put_case(i);
    put_list("train.txt", 0, TRAINED);
    put_list("val.txt", TRAINED, CASES);
    whole_run(how(), "data", "learnt", long_words);
    whole_run(how(), "data", "whole", words);
    return 0;
}

/* ---- what it learns */

/* The tile with most of a case's foreground, and the one that the model would look at. */
static void ask(struct hard_runner *l, const struct model *m, int number, struct look *look,
    int *wanted, int *chosen)
{
    struct image image;
    struct labelmap labels;
    double score[GRID * GRID + 1], stop, value;
    int count[GRID * GRID] = {0};
    char *path = mem_text("data/images/case_%02d.nii", number),
         *truth = mem_text("data/labels/case_%02d.nii", number);
    OK(format_load_image(path, &image, &e));
    OK(format_load_labels(truth, &labels, &e));
    OK(prepare_image(&m->prep, &image, NULL, NULL, &e));
    OK(look_coarse(l, &image, look, &e));
    assert_int_equal(look->tiling.count, GRID * GRID);
    OK(look_scores(l, look, score, &stop, &value, &e));
    for (int i = 0; i < SIDE * SIDE; i++)
        count[i / SIDE / (SIDE / GRID) * GRID + i % SIDE / (SIDE / GRID)] += labels.data[i] > 0;
    *wanted = *chosen = 0;
    for (int t = 1; t < GRID * GRID; t++) {
        if (count[t] > count[*wanted]) *wanted = t;
        if (score[t] > score[*chosen]) *chosen = t;
    }
    image_free(&image);
    labelmap_free(&labels);
    mem_free(path);
    mem_free(truth);
}

static void the_policy_finds_the_object(void **state)
{
    (void)state;
    struct model m;
    struct hard_runner *l;
    struct look look = {0};
    int found = 0;
    OK(model_load("learnt", &m, &e));
    OK(hard_runner_create(&m, kernels_for(kernels_best()), NULL, NULL, &l, &e));
    for (int i = 0; i < CASES; i++) {
        int wanted, chosen;
        ask(l, &m, i, &look, &wanted, &chosen);
        found += wanted == chosen;
    }
    if (found < CASES * 2 / 3)
        fail_msg("%d of %d objects are in the tile that is looked at; by chance it is one of 16",
            found, CASES);
    look_free(&look);
    hard_runner_free(l);
    model_free(&m);
}

static double last_of(const char *run, const char *key)
{
    char *path = file_join(run, "log.jsonl"), *text;
    size_t size;
    double value = NAN;
    OK(file_read(path, 1 << 20, &text, &size, &e));
    for (char *at = text; (at = strstr(at, key)); at++) value = strtod(strchr(at, ':') + 1, NULL);
    mem_free(path);
    mem_free(text);
    return value;
}

/* Its choices are worth more than the coarse result, and than nearly any others: the reward rises.
 */
static void the_log_tells(void **state)
{
    (void)state;
    assert_true(last_of("learnt", "\"step\"") == 312);
    assert_true(last_of("learnt", "\"stage\"") == 3);
    assert_true(last_of("learnt", "\"tiles\"") == 1);
    assert_true(last_of("learnt", "\"reward\"") > .3);
    assert_true(isfinite(last_of("learnt", "\"coarse_loss\"")) &&
        isfinite(last_of("learnt", "\"fine_loss\"")));
    assert_true(file_exists("learnt/curves.png") && file_exists("learnt/summary.json") &&
        file_exists("learnt/validation/case_09.nii"));
}

/* ---- going on */

static att_status go_on(
    struct watch *w, const char *run, const struct train_more *more, struct err *e)
{
    struct options table;
    set_options(&table, (const char *const[]){NULL});
    struct train_more with = *more;
    with.table = &table;
    att_status status = resume_with(how(), w, run, &with, e);
    options_free(&table);
    return status;
}

static void stop_at(struct watch *w, const char *what, int64_t at)
{
    watch_new(w);
    w->stop_what = what;
    w->stop_at = at;
}

static void assert_same_stages(const char *a, const char *b)
{
    static const char *const parts[] = {"coarse", "fine", ""};
    for (int i = 0; i < COUNT(parts); i++) {
        char *x = file_join(a, parts[i]), *y = file_join(b, parts[i]);
        assert_same_run(x, y);
        mem_free(x);
        mem_free(y);
    }
}

/* In either net, while tiles are looked at, in the policy's steps, in its validation, while the
 * joint stage begins, in its steps, at its end. */
static void stopped_in_every_stage(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int at;
        const char *sentence;
    } stops[] = {
        {"training", 12,
            "stopped in stage 1 of 3, the coarse network; continue with: attunet resume parts"},
        {"training", 5, "stopped in stage 1 of 3, the fine network"},
        {"computing tiles", 5, "stopped before the first step of stage 2 of 3"},
        {"training the policy", 7, "stopped in stage 2 of 3 at step 7 of 100"},
        {"training the policy", 88, "stopped in stage 2 of 3 at step 88 of 100"},
        {"validating", 1, "stopped in stage 2 of 3 at step 100 of 100"},
        {"training jointly", 1, "stopped in stage 3 of 3 at step 1 of 12"},
        {"training jointly", 9, "stopped in stage 3 of 3 at step 9 of 12"},
        {"validating", 1, "stopped in stage 3 of 3 at step 12 of 12"},
        {"measuring distances", 0, "stopped in stage 3 of 3 at step 12 of 12"},
    };
    struct watch w;
    struct options o;
    stop_at(&w, stops[0].what, stops[0].at);
    set_options(&o, words);
    REFUSED(start_run(how(), &w, "data", "parts", &o, &e), ATT_INTERRUPTED, stops[0].sentence);
    options_free(&o);
    for (int k = 1; k < COUNT(stops); k++) {
        stop_at(&w, stops[k].what, stops[k].at);
        REFUSED(
            go_on(&w, "parts", &(struct train_more){0}, &e), ATT_INTERRUPTED, stops[k].sentence);
    }
    watch_new(&w);
    OK(go_on(&w, "parts", &(struct train_more){0}, &e));
    assert_same_log("whole", "parts");
    assert_same_stages("whole", "parts");
    watch_new(&w);
    OK(go_on(&w, "parts", &(struct train_more){0}, &e));
    assert_non_null(strstr(w.text, "this run is finished"));
}

static void any_number_of_threads(void **state)
{
    (void)state;
    whole_run((struct how){3, kernels_best()}, "data", "threads", words);
    assert_same_stages("whole", "threads");
}

/* A longer joint stage, whether it is asked for at its end or on the way. */
static void made_longer(void **state)
{
    (void)state;
    struct watch w;
    struct options o;
    set_options(&o, words);
    stop_at(&w, "training the policy", 7);
    REFUSED(start_run(how(), &w, "data", "longer", &o, &e), ATT_INTERRUPTED, "stopped in stage 2");
    options_free(&o);
    watch_new(&w);
    REFUSED(go_on(&w, "longer", &(struct train_more){.steps = 5}, &e), ATT_USAGE,
        "but longer is in stage 2");
    OK(go_on(&w, "longer", &(struct train_more){0}, &e));
    OK(go_on(&w, "longer", &(struct train_more){.steps = 5}, &e));
    assert_true(last_of("longer", "\"step\"") == 117);
    stop_at(&w, "training jointly", 20);
    REFUSED(go_on(&w, "longer", &(struct train_more){.steps = 5}, &e), ATT_INTERRUPTED,
        "at step 20 of 22");
    watch_new(&w);
    clock_ticks(1000);
    OK(go_on(&w, "longer", &(struct train_more){.seconds = 1}, &e));
    clock_ticks(0);
    assert_true(last_of("longer", "\"step\"") > 120);
}

/* With nets that are finished, and with one that is not. */
static void with_data_that_were_moved(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int at;
    } stops[] = {{"training", 3}, {"training the policy", 3}};
    for (int i = 0; i < COUNT(stops); i++) {
        struct watch w;
        struct options o;
        char *run = mem_text("orphan_%d", i);
        stop_at(&w, stops[i].what, stops[i].at);
        set_options(&o, words);
        REFUSED(start_run(how(), &w, "data", run, &o, &e), ATT_INTERRUPTED, "stopped in stage");
        options_free(&o);
        assert_int_equal(rename("data", "moved"), 0);
        watch_new(&w);
        REFUSED(go_on(&w, run, &(struct train_more){0}, &e), ATT_IO, "");
        OK(go_on(&w, run, &(struct train_more){.data = "moved"}, &e));
        assert_int_equal(rename("moved", "data"), 0);
        assert_same_stages("whole", run);
        mem_free(run);
    }
}

#define TIMED                                                                                      \
    SPEC, "time=3", "batch=2", "shares=15,15,50,20", "policy-views=2", "train-list=train.txt",     \
        "val-list=val.txt"

/* Of the run "timed", a setting for a number of steps that its stage chose. */
static void put_steps(const char *flag, const char *run, const char *key, char word[40])
{
    json_t *j;
    OK(checkpoint_peek(run, &j, NULL, &e));
    snprintf(word, 40, "%s=%lld", flag, (long long)json_integer_value(json_object_get(j, key)));
    json_decref(j);
}

/* Timing leaves a run as it was: one given time has the bits of one given the steps that its stages
 * chose. */
static void assert_repeated(int views)
{
    char coarse[40], fine[40], policy[40], joint[40], each[40];
    put_steps("coarse-steps", "timed/coarse", "step", coarse);
    put_steps("steps", "timed/fine", "step", fine);
    put_steps("policy-steps", "timed", "policy_steps", policy);
    put_steps("joint-steps", "timed", "joint_steps", joint);
    snprintf(each, sizeof each, "policy-views=%d", views);
    whole_run(how(), "data", "counted",
        (const char *const[]){SPEC, coarse, fine, policy, joint, each, "batch=2",
            "train-list=train.txt", "val-list=val.txt", NULL});
    assert_same_stages("timed", "counted");
}

/* Every stage has steps of its share, and what it writes. */
static void by_time(void **state)
{
    (void)state;
    clock_ticks(1000);
    whole_run(how(), "data", "timed", (const char *const[]){TIMED, NULL});
    clock_ticks(0);
    json_t *j;
    OK(checkpoint_peek("timed", &j, NULL, &e));
    assert_true(json_is_true(json_object_get(j, "finished")));
    assert_true(json_integer_value(json_object_get(j, "policy_steps")) >= 1 &&
        json_integer_value(json_object_get(j, "joint_steps")) >= 1);
    const int64_t views = json_integer_value(json_object_get(j, "views")),
                  held = json_integer_value(json_object_get(j, "held_views"));
    assert_true(views >= 1 && held >= 1 && views + held <= 2 * TRAINED);
    json_decref(j);
    assert_true(file_exists("timed/model.safetensors"));
    assert_int_equal((views + held) % TRAINED,
        0); /* the time has room for a view of every case, so that a setting can say how many */
    assert_repeated((int)(views + held) / TRAINED);
}

/* The joint stage begins with the coarse net's cases, then its steps are timed. */
static void stop_after_loading_twice(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct watch *w = user;
    (void)detail;
    if (strcmp(what, "loading") || done < total) return;
    w->stop_at--;
    if (w->stop_at == 0) atomic_store(&w->host.stop, 1);
}

/* Nothing of the joint stage is there before its length is known. */
static void stopped_while_joint_steps_are_timed(void **state)
{
    (void)state;
    struct watch w;
    struct options o;
    json_t *j;
    clock_ticks(1000);
    stop_at(&w, "training the policy", 1);
    SET_OPTIONS(&o, TIMED);
    REFUSED(start_run(how(), &w, "data", "untimed", &o, &e), ATT_INTERRUPTED,
        "stopped in stage 2 of 3 at step 1 of ");
    options_free(&o);
    stop_at(&w, NULL, 2);
    w.host.log.progress = stop_after_loading_twice;
    REFUSED(go_on(&w, "untimed", &(struct train_more){0}, &e), ATT_INTERRUPTED,
        "stopped in stage 2 of 3 at step ");
    OK(checkpoint_peek("untimed", &j, NULL, &e));
    assert_true(json_is_true(json_object_get(j, "policy_done")) &&
        json_integer_value(json_object_get(j, "joint_steps")) == 0);
    json_decref(j);
    watch_new(&w);
    OK(go_on(&w, "untimed", &(struct train_more){0}, &e));
    clock_ticks(0);
    assert_non_null(strstr(w.text, "a joint step takes "));
}

static void what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *word, *sentence;
    } list[] = {
        {"init=whole", "`init` does not apply to hard attention"},
        {"shrink=2", "`shrink` does not apply to hard attention"},
        {"shares=1,2,3", "`shares` 1,2,3 is not valid; give four numbers above 0"},
    };
    struct watch w;
    struct options o;
    watch_new(&w);
    for (int i = 0; i < COUNT(list); i++) {
        SET_OPTIONS(&o, SPEC, "steps=2", list[i].word);
        REFUSED(start_run(how(), &w, "data", "none", &o, &e), ATT_USAGE, list[i].sentence);
        options_free(&o);
    }
    SET_OPTIONS(&o, "spec=widths=4,8", "steps=2", "policy-cost=1");
    REFUSED(start_run(how(), &w, "data", "none", &o, &e), ATT_USAGE,
        "`policy-cost` is for hard attention only");
    options_free(&o);
    SET_OPTIONS(&o, "spec=arch=hard tile=15", "steps=2");
    REFUSED(start_run(how(), &w, "data", "none", &o, &e), ATT_MODEL, "must be a multiple of scale");
    options_free(&o);
    stop_at(&w, "loading", 2);
    set_options(&o, words);
    REFUSED(start_run(how(), &w, "data", "none", &o, &e), ATT_INTERRUPTED,
        "stopped before the first step; nothing was written");
    options_free(&o);
    assert_false(file_exists("none"));
    put_text("odd/hard.json", "{\"format\": 2}");
    REFUSED(go_on(&w, "odd", &(struct train_more){0}, &e), ATT_DATA,
        "odd/hard.json is damaged or from another version");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_policy_finds_the_object),
        cmocka_unit_test(the_log_tells),
        cmocka_unit_test(stopped_in_every_stage),
        cmocka_unit_test(any_number_of_threads),
        cmocka_unit_test(made_longer),
        cmocka_unit_test(with_data_that_were_moved),
        cmocka_unit_test(by_time),
        cmocka_unit_test(stopped_while_joint_steps_are_timed),
        cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests(tests, make_data, remove_scratch);
}
