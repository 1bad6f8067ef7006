/* SPDX-License-Identifier: Apache-2.0 */
/* A run under --max-memory stays within it, and ends with the same weights and moments as one
 * without, on any number of threads and when it was stopped in between, with maps in float and in
 * bfloat16; so does one whose batch is computed at once by the name of --micro-batch.
 */
#include <math.h>

#include "unit/train/train_test.h"

#include "base/limit.h"

#if defined(ATT_SANITIZED) || defined(__SANITIZE_THREAD__)
enum { COUNTED = false }; /* a sanitizer has memory of its own */
#else
enum { COUNTED = true };
#endif

static const char *words[] = {"steps=6", "validate-every=3", "train-list=train.txt",
    "val-list=val.txt", "patch=16x32x32", "batch=4", "spec=widths=8,16,24", "checkpoint-every=1h",
    "ema=0.9", "seed=3", "max-memory=", "micro-batch=4", "storage=f32", NULL};
enum { LIMIT = 10, MICRO = 11, STORAGE = 12 };

static struct how how(int threads) { return (struct how){threads, kernels_best()}; }

/* The smallest limit that would do, as the refusal of a smaller one names it. */
static double limit_for(int threads, char word[64])
{
    struct watch w;
    struct options o;
    struct err e = {0};
    watch_new(&w);
    words[LIMIT] = "max-memory=1MiB";
    set_options(&o, words);
    assert_int_equal(start_run(how(threads), &w, "data", "refused", &o, &e), ATT_MEMORY);
    options_free(&o);
    const char *at = strstr(e.text, ", or `max-memory` ");
    assert_non_null(at);
    assert_false(file_exists("refused"));
    long mib = strtol(at + strlen(", or `max-memory` "), NULL, 10);
    snprintf(word, 64, "max-memory=%ldMiB", mib);
    return (double)mib * 1048576;
}

static void run_within(int threads, const char *run, const char *stop_what, int64_t stop_at)
{
    struct watch w;
    struct options o;
    struct err e = {0};
    char word[64];
    double limit = limit_for(threads, word);
    watch_new(&w);
    w.stop_what = stop_what;
    w.stop_at = stop_at;
    words[LIMIT] = word;
    set_options(&o, words);
    assert_int_equal(
        start_run(how(threads), &w, "data", run, &o, &e), stop_what ? ATT_INTERRUPTED : ATT_OK);
    options_free(&o);
    if (!COUNTED) return;
    assert_non_null(strstr(w.text, "more operations"));
    assert_true((double)resident_peak() <= limit);
}

static void same_as(const char *run)
{
    struct watch w;
    char two[32], stopped[32], whole[32];
    snprintf(two, sizeof two, "%s_two", run);
    snprintf(stopped, sizeof stopped, "%s_stopped", run);
    snprintf(whole, sizeof whole, "%s_free", run);
    run_within(1, run, NULL, 0);
    run_within(2, two, NULL, 0);
    run_within(2, stopped, "training", 4);
    watch_new(&w);
    OK(resume_run(how(1), &w, stopped, 0, &e));
    if (COUNTED) assert_non_null(strstr(w.text, "more operations")); /* the limit goes on, too */
    words[LIMIT] = "lr=0.002";                                       /* the usual one */
    whole_run(how(4), "data", whole, words);
    assert_same_run(whole, run);
    assert_same_run(whole, two);
    assert_same_run(whole, stopped);
}

/* First of all: a process's peak does not sink, and what a larger run leaves in the heap counts. */
static void a_limit_changes_no_bit_in_bfloat16(void **state)
{
    (void)state;
    put_boxes("data", 4, 16, 36, 40);
    put_text("train.txt", "case_00\ncase_01\ncase_03\n");
    put_text("val.txt", "case_02\n");
    words[STORAGE] = "storage=bf16";
    same_as("half_one");
}

static void a_limit_changes_no_bit(void **state)
{
    (void)state;
    words[STORAGE] = "storage=f32";
    same_as("one");
    assert_non_null(other_tensors("one/model.safetensors", "half_one/model.safetensors"));
}

/* Batch norm sees one patch at a time: another run. */
static void micro_batches_change_batch_norm(void **state)
{
    (void)state;
    words[LIMIT] = "lr=0.002";
    words[MICRO] = "micro-batch=1";
    whole_run(how(2), "data", "micro", words);
    assert_non_null(other_tensors("one_free/model.safetensors", "micro/model.safetensors"));
    whole_run(how(1), "data", "micro1", words);
    assert_same_run("micro", "micro1");
}

/* The largest difference of two runs' moments, of the largest moment. After one step of sgd without
 * decay these are the gradients. */
static double apart(const char *a, const char *b)
{
    struct st_file f, g;
    double max = 0, largest = 0;
    char *x = file_join(a, "checkpoint.safetensors"), *y = file_join(b, "checkpoint.safetensors");
    OK(st_open(x, &f, &e));
    OK(st_open(y, &g, &e));
    for (int i = 0; i < f.count; i++) {
        const struct st_tensor *p = &f.tensors[i], *q = st_find(&g, p->name);
        if (strncmp(p->name, "optim.m.", 8) != 0) continue;
        assert_true(q && q->count == p->count);
        OK(st_fetch(&f, p, &e));
        OK(st_fetch(&g, q, &e));
        double *u = mem_array(p->count, sizeof *u), *v = mem_array(p->count, sizeof *v);
        st_to_double(p, u);
        st_to_double(q, v);
        for (size_t k = 0; k < p->count; k++) {
            max = fmax(max, fabs(u[k] - v[k]));
            largest = fmax(largest, fabs(u[k]));
        }
        mem_free(u);
        mem_free(v);
    }
    st_close(&f);
    st_close(&g);
    mem_free(x);
    mem_free(y);
    assert_true(largest > 0);
    return max / largest;
}

static double micro_apart(const char *name, const char *spec, const char *loss)
{
    char runs[2][64];
    for (int k = 0; k < 2; k++) {
        snprintf(runs[k], sizeof runs[k], "%s_%d", name, k);
        const char *const list[] = {"steps=1", "train-list=train.txt", "val-list=val.txt",
            "patch=16x32x32", "batch=4", "optimiser=sgd", "weight-decay=0", "clip=0", spec, loss,
            k ? "micro-batch=1" : "micro-batch=4", NULL};
        whole_run(how(1), "data", runs[k], list);
    }
    return apart(runs[0], runs[1]);
}

/* Where nothing looks over the batch, the passes' gradients add up to that of the whole batch;
 * batch norm and a Dice of the batch do. */
static void micro_batches_without_them_change_roundings_only(void **state)
{
    (void)state;
    static const char instance[] = "spec=widths=8,16 norm=instance gate_norm=none",
                      dice[] = "loss=dice(batch=no)";
    const double same = micro_apart("instance", instance, dice),
                 norm = micro_apart("norm", "spec=widths=8,16", dice),
                 batch = micro_apart("dice", instance, "loss=dice(batch=yes)");
    if (same > 1e-5) fail_msg("gradients differ by %g of the largest", same);
    if (norm < 1e-3 || batch < 1e-3)
        fail_msg("gradients of batch norm differ by %g only, of a batch's Dice by %g", norm, batch);
    print_message("of the largest: %g; batch norm %g, batch Dice %g\n", same, norm, batch);
}

static void micro_batches_are_parts(void **state)
{
    (void)state;
    struct watch w;
    struct options o;
    watch_new(&w);
    words[MICRO] = "micro-batch=3";
    set_options(&o, words);
    REFUSED(start_run(how(1), &w, "data", "never", &o, &e), ATT_USAGE,
        "`micro-batch` 3 does not divide a batch of 4");
    options_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_changes_no_bit_in_bfloat16),
        cmocka_unit_test(a_limit_changes_no_bit),
        cmocka_unit_test(micro_batches_change_batch_norm),
        cmocka_unit_test(micro_batches_without_them_change_roundings_only),
        cmocka_unit_test(micro_batches_are_parts),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
