/* SPDX-License-Identifier: Apache-2.0 */
/* Two generations of a checkpoint: what was saved comes back to the bit, damage is found wherever
 * it is, and then the older one serves. */
#include "train/checkpoint.h"

#include <sys/wait.h>
#include <unistd.h>

#include "unit/files/synced.h"
#include "unit/predict/predict_test.h"

/* What a run holds, as of some step. */
struct held {
    struct model m;
    struct optimiser o;
    struct average average;
    json_t *training;
};

static void hold(
    struct held *s, enum optimiser_kind kind, int step) /* AdamW holds an average, too */
{
    memset(s, 0, sizeof *s);
    make_model(&s->m, "arch=attunet dims=2 in=1 classes=2 widths=3,5 gated=all heads=side",
        plain_preparation(1, 1, 16, 16), plain_labels(2));
    s->o.kind = kind;
    OK(optimiser_init(&s->o, &s->m.params, &e));
    s->average.decay = kind == OPTIMISER_ADAMW ? .9 : 0;
    OK(average_init(&s->average, &s->m.params, &e));
    struct rng r = rng_stream((uint64_t)step, RNG_TEST, 0, 0);
    for (int i = 0; i < s->m.params.count; i++) {
        const struct param *p = &s->m.params.list[i];
        real *values = mem_array(p->count, sizeof *values);
        bool trains = param_trains(p);
        struct params mean = average_params(&s->average, &s->m.params);
        real *at[4] = {params_at(&s->m.params, i), s->average.data ? params_at(&mean, i) : NULL,
            trains ? s->o.m + p->offset : NULL, trains && s->o.v ? s->o.v + p->offset : NULL};
        for (int k = 0; k < 4; k++) {
            for (size_t j = 0; j < p->count; j++)
                values[j] = p->kind == STATE_COUNT ? (real)(step + k) : (real)rng_range(&r, .1, 1);
            if (at[k]) params_import(p, values, at[k]);
        }
        mem_free(values);
    }
    s->training = json_pack("{s:i, s:f, s:{s:s}}", "step", step, "loss_sum", step / 3.0, "recipe",
        "optimiser", kind == OPTIMISER_SGD ? "sgd" : "adamw");
}

static void release(struct held *s)
{
    optimiser_free(&s->o);
    average_free(&s->average);
    model_free(&s->m);
    json_decref(s->training);
}

static void save(const struct held *s)
{
    OK(checkpoint_save("set", &s->m, &s->o, &s->average, s->training, &e));
}

/* Opens what is in the folder as a run that goes on does. */
static att_status load(struct held *s, char **path, bool *fallback, struct err *e)
{
    memset(s, 0, sizeof *s);
    TRY(checkpoint_open("set", false, &s->m, &s->training, path, fallback, e));
    const char *kind =
        json_string_value(json_object_get(json_object_get(s->training, "recipe"), "optimiser"));
    s->o.kind = strcmp(kind, "sgd") ? OPTIMISER_ADAMW : OPTIMISER_SGD;
    TRY(optimiser_init(&s->o, &s->m.params, e));
    s->average.decay = s->o.kind == OPTIMISER_ADAMW ? .9 : 0;
    TRY(average_init(&s->average, &s->m.params, e));
    return checkpoint_moments(*path, &s->m, &s->o, &s->average, e);
}

static void assert_same(const struct held *a, const struct held *b)
{
    size_t bytes = a->m.params.size * sizeof(real);
    assert_true(json_equal(a->training, b->training));
    assert_string_equal(a->m.spec.text, b->m.spec.text);
    assert_memory_equal(&a->m.labels, &b->m.labels, sizeof a->m.labels);
    assert_memory_equal(&a->m.prep, &b->m.prep, sizeof a->m.prep);
    assert_int_equal(a->m.params.size, b->m.params.size);
    assert_memory_equal(a->m.params.data, b->m.params.data, bytes);
    assert_memory_equal(
        a->m.params.state, b->m.params.state, a->m.params.state_size * sizeof(real));
    assert_memory_equal(a->o.m, b->o.m, bytes);
    assert_int_equal(a->o.kind, b->o.kind);
    if (a->o.v) assert_memory_equal(a->o.v, b->o.v, bytes);
    assert_int_equal(!a->average.data, !b->average.data);
    if (!a->average.data) return;
    assert_memory_equal(a->average.data, b->average.data, bytes);
    assert_memory_equal(a->average.state, b->average.state, a->m.params.state_size * sizeof(real));
}

/* The folder gives back `wanted`, from the file `name`. */
static void expect(const struct held *wanted, const char *name, bool fallback)
{
    struct held back;
    char *path = NULL;
    bool fell;
    OK(load(&back, &path, &fell, &e));
    assert_string_equal(path, name);
    assert_int_equal(fell, fallback);
    assert_same(wanted, &back);
    mem_free(path);
    release(&back);
}

static const char newest[] = "set/checkpoint.safetensors",
                  next[] = "set/checkpoint.next.safetensors",
                  previous[] = "set/checkpoint.previous.safetensors",
                  damaged[] = "set/checkpoint.damaged.safetensors";

static int fresh_folder(void **state)
{
    (void)state;
    struct err e = {0};
    const char *names[] = {newest, next, previous, damaged};
    for (int i = 0; i < 4; i++) {
        unlink(names[i]);
        rmdir(names[i]);
    }
    return file_make_folders("set", &e) != ATT_OK;
}

static int end(void **state)
{
    fresh_folder(NULL);
    rmdir("set");
    return remove_scratch(state);
}

static void what_is_saved_comes_back(void **state)
{
    (void)state;
    for (int kind = OPTIMISER_SGD; kind <= OPTIMISER_ADAMW; kind++) {
        struct held a, b, c;
        hold(&a, (enum optimiser_kind)kind, 1);
        hold(&b, (enum optimiser_kind)kind, 2);
        hold(&c, (enum optimiser_kind)kind, 3);
        fresh_folder(NULL);
        save(&a);
        expect(&a, newest, false);
        assert_false(file_exists(previous));
        save(&b);
        expect(&b, newest, false);
        assert_true(file_exists(previous));
        save(&c);
        expect(&c, newest, false);
        assert_int_equal(unlink(newest), 0);
        expect(&b, previous, false);
        release(&a);
        release(&b);
        release(&c);
    }
}

static char *read_all(const char *path, size_t *size)
{
    char *bytes;
    OK(file_read(path, 1 << 24, &bytes, size, &e));
    return bytes;
}

/* Cut anywhere, empty, or something else. */
static void a_cut_one_gives_way_to_the_previous(void **state)
{
    (void)state;
    struct held a, b;
    size_t size;
    hold(&a, OPTIMISER_ADAMW, 1);
    hold(&b, OPTIMISER_ADAMW, 2);
    save(&a);
    save(&b);
    char *bytes = read_all(newest, &size);
    for (int k = 0; k < 20; k++) {
        write_scratch(newest, bytes, k < 19 ? size * (size_t)k / 19 : size - 1);
        expect(&a, previous, true);
    }
    write_scratch(newest, "no checkpoint at all", 20);
    expect(&a, previous, true);
    write_scratch(newest, bytes, size);
    expect(&b, newest, false);
    mem_free(bytes);
    release(&a);
    release(&b);
}

/* The save behind a fall-back does not put the damaged one in the place of the good one: afterwards
 * there are two good ones again. */
static void after_a_fall_back_there_are_two(void **state)
{
    (void)state;
    struct held a, b, c;
    size_t size, kept;
    hold(&a, OPTIMISER_ADAMW, 1);
    hold(&b, OPTIMISER_ADAMW, 2);
    hold(&c, OPTIMISER_ADAMW, 3);
    for (int complete = 0; complete < 2;
         complete++) { /* with or without a save that was killed before its renames */
        fresh_folder(NULL);
        save(&a);
        save(&b);
        char *bytes = read_all(newest, &size);
        if (complete) assert_int_equal(rename(newest, next), 0);
        write_scratch(newest, bytes, size / 2);
        expect(complete ? &b : &a, complete ? next : previous, true);
        checkpoint_put_aside("set");
        expect(complete ? &b : &a, complete ? newest : previous, false);
        char *aside = read_all(damaged, &kept);
        assert_int_equal(kept, size / 2);
        assert_memory_equal(aside, bytes, kept);
        save(&c);
        expect(&c, newest, false);
        assert_int_equal(unlink(newest), 0);
        expect(complete ? &b : &a, previous, false);
        mem_free(aside);
        mem_free(bytes);
    }
    release(&a);
    release(&b);
    release(&c);
}

/* A wrong byte in the header, in the text or in the numbers: never is there a mixture. What does
 * not matter ("format": "pt") may be wrong.
 */
static void a_wrong_byte_is_found(void **state)
{
    (void)state;
    struct held a, b;
    size_t size;
    uint64_t header;
    int older = 0, same = 0;
    hold(&a, OPTIMISER_SGD, 1);
    hold(&b, OPTIMISER_SGD, 2);
    save(&a);
    save(&b);
    char *bytes = read_all(newest, &size);
    memcpy(&header, bytes, sizeof header);
    for (size_t i = 0; i < size; i += i < 8 + header ? 11 : 127) {
        struct held back;
        char *path = NULL;
        bool fallback;
        char before = bytes[i];
        bytes[i] = (char)(before ^ (i % 2 ? 1 : 16));
        write_scratch(newest, bytes, size);
        OK(load(&back, &path, &fallback, &e));
        assert_same(fallback ? &a : &b, &back);
        if (!fallback && i >= 8 + header) fail_msg("the wrong byte %zu was not found", i);
        older += fallback;
        same += !fallback;
        mem_free(path);
        release(&back);
        bytes[i] = before;
    }
    assert_true(older > 50 * same);
    mem_free(bytes);
    release(&a);
    release(&b);
}

/* Killed between any two of its file operations, a save leaves one generation whole, and the next
 * save works. */
static void every_moment_of_a_save_is_safe(void **state)
{
    (void)state;
    struct held a, b, c, d;
    hold(&a, OPTIMISER_SGD, 1);
    hold(&b, OPTIMISER_SGD, 2);
    hold(&c, OPTIMISER_SGD, 3);
    hold(&d, OPTIMISER_SGD, 4);
    for (int moment = 0; moment < 3; moment++) {
        fresh_folder(NULL);
        save(&a);
        save(&b);
        save(&c); /* newest c, previous b; now undo the last steps of saving c */
        if (moment < 2) assert_int_equal(rename(newest, next), 0);
        if (moment < 1) assert_int_equal(rename(previous, newest), 0);
        if (moment == 0) expect(&b, newest, false);
        if (moment == 1) expect(&c, newest, false);
        assert_int_equal(file_exists(next), moment == 0);
        if (moment == 2) expect(&c, newest, false);
        save(&d);
        expect(&d, newest, false);
        assert_int_equal(unlink(newest), 0);
        expect(moment == 0 ? &b : &c, previous, false);
    }
    release(&a);
    release(&b);
    release(&c);
    release(&d);
}

static void without_any_good_one_a_sentence(void **state)
{
    (void)state;
    struct held a, back;
    char *path = NULL;
    bool fallback;
    hold(&a, OPTIMISER_ADAMW, 1);
    REFUSED(load(&back, &path, &fallback, &e), ATT_IO,
        "set has no checkpoint; give a run folder in which training has saved one, or train again");
    save(&a);
    save(&a);
    write_scratch(newest, "x", 1);
    write_scratch(previous, "yy", 2);
    REFUSED(load(&back, &path, &fallback, &e), ATT_MODEL,
        "set cannot be resumed, since none of its checkpoints is valid: "
        "set/checkpoint.safetensors has 1 byte, too few for weights");
    assert_null(path);
    OK(model_save(&a.m, newest, &e));
    REFUSED(load(&back, &path, &fallback, &e), ATT_MODEL,
        "set/checkpoint.safetensors is not a checkpoint of attunet");
    REFUSED(checkpoint_open("nowhere", false, &back.m, &back.training, &path, &fallback, &e),
        ATT_IO, "nowhere does not exist; check the path");
    REFUSED(checkpoint_save("nowhere", &a.m, &a.o, &a.average, a.training, &e), ATT_IO,
        "nowhere/checkpoint.next.safetensors");
    release(&a);
}

/* After a power cut no row of the log is missing before the step of the checkpoint. */
static void logs_are_synced_before(void **state)
{
    (void)state;
    static const char *const logs[] = {
        "set/log.csv", "set/log.jsonl", "set/events.out.tfevents.0.attunet"};
    struct held a;
    hold(&a, OPTIMISER_ADAMW, 1);
    for (int i = 0; i < 3; i++) OK(file_append(logs[i], "row\n", 4, &e));
    synced.count = 0;
    save(&a);
    for (int i = 0; i < 3; i++) {
        assert_true(synced_at(logs[i]) >= 0);
        assert_true(synced_at(logs[i]) < synced_at(newest));
    }
    for (int i = 0; i < 3; i++) unlink(logs[i]);
    release(&a);
}

/* What cannot be read is not taken for damaged: resuming from an older one would throw steps away.
 */
static void unreadable_is_not_damaged(void **state)
{
    (void)state;
    struct held a, back;
    char *path = NULL;
    bool fallback;
    hold(&a, OPTIMISER_ADAMW, 1);
    save(&a);
    save(&a);
    assert_int_equal(unlink(newest), 0);
    OK(file_make_folders(newest, &e));
    REFUSED(load(&back, &path, &fallback, &e), ATT_IO,
        "cannot read set/checkpoint.safetensors: Is a directory");
    release(&a);
}

static void moments_belong_to_their_optimiser(void **state)
{
    (void)state;
    struct held a;
    hold(&a, OPTIMISER_SGD, 1);
    save(&a);
    struct optimiser other = {.kind = OPTIMISER_ADAMW};
    OK(optimiser_init(&other, &a.m.params, &e));
    REFUSED(checkpoint_moments(newest, &a.m, &other, NULL, &e), ATT_MODEL,
        "optim.v.dec.0.conv1.bias is missing in the file");
    optimiser_free(&other);
    struct average average = {.decay = .9};
    OK(average_init(&average, &a.m.params, &e));
    REFUSED(checkpoint_moments(newest, &a.m, &a.o, &average, &e), ATT_MODEL,
        "ema.enc.0.conv1.weight, ema.enc.0.conv1.bias, ");
    average_free(&average);
    release(&a);
}

/* Only temporaries of the names given, of processes that are gone. */
static void leftovers_are_swept(void **state)
{
    (void)state;
    pid_t gone = fork();
    if (gone == 0) {
        struct file_writer *w;
        struct err unread = {0};
        _exit(file_create("set/checkpoint.next.safetensors", &w, &unread) !=
            ATT_OK); /* and it is left */
    }
    assert_int_equal(waitpid(gone, NULL, 0), gone);
    char alive[100], other[100], bare[100];
    static const char *const own[] = {"log.csv", "checkpoint.next.safetensors", NULL};
    snprintf(other, sizeof other, "set/mine.tmp-%ld-1", (long)gone);
    snprintf(bare, sizeof bare, "set/log.csv.tmp-%ld-", (long)gone);
    snprintf(alive, sizeof alive, "set/checkpoint.next.safetensors.tmp-%ld-12", (long)getpid());
    const char *kept[] = {alive, other, bare, "set/log.csv.tmp-", "set/log.csv.tmp-0",
        "set/log.csv.tmp--5", "set/log.csv.tmp-12x", "set/log.csv.tmp-99999999999999999999",
        newest};
    struct file_list before, after;
    for (size_t k = 0; k < COUNT(kept); k++) write_scratch(kept[k], "", 0);
    OK(file_list("set", &before, &e));
    file_sweep("set", own);
    file_sweep("nowhere", own);
    OK(file_list("set", &after, &e));
    assert_int_equal(after.count, before.count - 1);
    file_list_free(&before);
    file_list_free(&after);
    for (size_t k = 0; k < COUNT(kept); k++) {
        assert_true(file_exists(kept[k]));
        unlink(kept[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_saved_comes_back, fresh_folder),
        cmocka_unit_test_setup(a_cut_one_gives_way_to_the_previous, fresh_folder),
        cmocka_unit_test_setup(after_a_fall_back_there_are_two, fresh_folder),
        cmocka_unit_test_setup(a_wrong_byte_is_found, fresh_folder),
        cmocka_unit_test_setup(every_moment_of_a_save_is_safe, fresh_folder),
        cmocka_unit_test_setup(without_any_good_one_a_sentence, fresh_folder),
        cmocka_unit_test_setup(logs_are_synced_before, fresh_folder),
        cmocka_unit_test_setup(unreadable_is_not_damaged, fresh_folder),
        cmocka_unit_test_setup(moments_belong_to_their_optimiser, fresh_folder),
        cmocka_unit_test_setup(leftovers_are_swept, fresh_folder),
    };
    return cmocka_run_group_tests(tests, make_scratch, end);
}
