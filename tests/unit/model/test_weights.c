/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters to a safetensors file and back, and files of another network. */
#include "unit/arch/net_test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "kernel/small.h"
#include "model/weights.h"

static char path[] = "/tmp/attunet-test-weights-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 || close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static const struct trial_net one = {
    "arch=attunet dims=2 in=1 classes=2 widths=4,18 gated=all", 1, 1, 8, 8, 2};

struct saving {
    const struct params *params;
    int skip;             /* a parameter that is left out, or -1 */
    int poison;           /* a parameter whose first number is not finite, or -1 */
    const char *stranger; /* one more tensor of this name, or NULL */
};

static int nth(const struct saving *s, int i) { return s->skip >= 0 && i >= s->skip ? i + 1 : i; }

static att_status fill(void *arg, int i, void *out, size_t bytes, struct err *e)
{
    const struct saving *s = arg;
    if (nth(s, i) >= s->params->count) {
        memset(out, 0, bytes);
        return ATT_OK;
    }
    att_status status = weights_bytes(s->params, nth(s, i), s->params->data, out, bytes, e);
    if (s->poison == nth(s, i)) ((float *)out)[0] = INFINITY;
    return status;
}

static void save(struct saving s)
{
    struct err e = {0};
    struct st_spec specs[200];
    int count = 0;
    assert_true(s.params->count < 199);
    for (int i = 0; i < s.params->count; i++)
        if (i != s.skip) must(weights_spec(s.params, i, "state.", &specs[count++], &e), &e);
    int fresh = count;
    if (s.stranger)
        specs[count++] =
            (struct st_spec){.name = s.stranger, .type = ST_F32, .dims = 1, .shape = {3}};
    must(st_save(path, NULL, specs, count, fill, &s, &e), &e);
    for (int i = 0; i < fresh; i++) mem_free((void *)(uintptr_t)specs[i].name);
}

static void make(struct built *b, const struct trial_net *t, uint64_t seed)
{
    struct err e = {0};
    built_new(b, t, false);
    must(params_allocate(&b->params, &e), &e);
    params_initialise(&b->params, seed);
}

static att_status load(struct built *b, const char *prefix, struct err *e)
{
    struct st_file f;
    err_clear(e);
    att_status status = st_open(path, &f, e);
    if (status != ATT_OK) return status;
    uint64_t hash = 0, loaded;
    status = weights_load(&f, prefix, NULL, NULL, &b->params, &hash, e);
    st_close(&f);
    if (status != ATT_OK) return status;
    must(weights_hash(&b->params, &loaded, e), e);
    assert_int_equal(hash, loaded);
    return status;
}

static void test_what_is_saved_comes_back(void **state)
{
    (void)state;
    struct built a, b;
    struct err e = {0};
    make(&a, &one, 1);
    make(&b, &one, 2);
    int batches = params_find(&a.params, "enc.0.norm1.num_batches_tracked"),
        var = params_find(&a.params, "enc.0.norm1.running_var");
    count_write(params_at(&a.params, batches), (3 << 24) + 1); /* more than a float counts to */
    params_at(&a.params, var)[3] = (real)0.25;
    save((struct saving){&a.params, -1, -1, NULL});
    must(load(&b, "state.", &e), &e);
    assert_int_equal(count_read(params_at(&b.params, batches)), (3 << 24) + 1);
    assert_memory_equal(a.params.data, b.params.data, a.params.size * sizeof(real));
    assert_memory_equal(a.params.state, b.params.state, a.params.state_size * sizeof(real));
    built_free(&a);
    built_free(&b);
}

static void test_the_file_has_torch_shapes(void **state)
{
    (void)state;
    struct built a;
    struct err e = {0};
    struct st_file f;
    make(&a, &one, 1);
    save((struct saving){&a.params, -1, -1, NULL});
    must(st_open(path, &f, &e), &e);
    assert_int_equal(f.count, a.params.count);
    const struct st_tensor *w = st_find(&f, "state.enc.1.conv2.weight"),
                           *n = st_find(&f, "state.enc.0.norm1.num_batches_tracked");
    assert_int_equal(w->dims, 4);
    assert_int_equal(w->type, ST_F32);
    assert_true(w->shape[0] == 18 && w->shape[1] == 18 && w->shape[2] == 3 && w->shape[3] == 3);
    assert_int_equal(n->type, ST_I64);
    assert_int_equal(n->dims, 0);
    st_close(&f);
    built_free(&a);
}

static void test_old_files_lack_the_counter(void **state)
{
    (void)state;
    struct built a;
    struct err e = {0};
    make(&a, &one, 1);
    int batches = params_find(&a.params, "enc.0.norm1.num_batches_tracked");
    params_at(&a.params, batches)[0] = 7;
    save((struct saving){&a.params, batches, -1, NULL});
    must(load(&a, "state.", &e), &e);
    assert_true(params_at(&a.params, batches)[0] == 0);
    built_free(&a);
}

static void test_other_networks(void **state)
{
    (void)state;
    struct built a, b;
    struct err e = {0};
    struct trial_net wider = one;
    wider.spec = "arch=attunet dims=2 in=1 classes=2 widths=5,18 gated=all";
    make(&a, &one, 1);
    make(&b, &wider, 1);
    save((struct saving){&a.params, params_find(&a.params, "head.0.bias"), -1, NULL});
    assert_error(load(&a, "state.", &e), ATT_MODEL,
        "the weights belong to another network: state.head.0.bias is missing in the file");
    save((struct saving){&a.params, -1, -1, "state.extra.weight"});
    assert_error(load(&a, "state.", &e), ATT_MODEL,
        "the weights belong to another network: the file has extra.weight, which this network does "
        "not");
    save((struct saving){
        &a.params, -1, -1, "other.weight"}); /* not under the prefix: nobody's business */
    must(load(&a, "state.", &e), &e);
    assert_error(load(&b, "state.", &e), ATT_MODEL,
        "the weights belong to another network: enc.0.conv1.weight is 4x1x3x3 in the file, this "
        "network needs 5x1x3x3");
    save((struct saving){&a.params, -1, params_find(&a.params, "head.0.bias"), NULL});
    assert_error(load(&a, "state.", &e), ATT_MODEL,
        "the weights have a number that is not finite, in head.0.bias; get an undamaged copy");
    built_free(&a);
    built_free(&b);
}

/* Moments and the like: laid out like the parameters, without the running statistics. */
static void test_a_block(void **state)
{
    (void)state;
    struct built a;
    struct err e = {0};
    struct st_file f;
    make(&a, &one, 1);
    save((struct saving){&a.params, -1, -1, NULL});
    real *block = calloc(a.params.size, sizeof *block);
    assert_non_null(block);
    must(st_open(path, &f, &e), &e);
    must(weights_load_block(&f, "state.", &a.params, block, &e), &e);
    assert_memory_equal(block, a.params.data, a.params.size * sizeof *block);
    st_close(&f);
    free(block);
    built_free(&a);
}

static uint64_t hash_of(const struct params *p)
{
    uint64_t hash;
    struct err e = {0};
    must(weights_hash(p, &hash, &e), &e);
    return hash;
}

/* Of equal weights it is equal; one number, one running statistic or a parameter's name changes it.
 */
static void test_the_hash(void **state)
{
    (void)state;
    struct built a, b;
    make(&a, &one, 1);
    make(&b, &one, 1);
    const uint64_t wanted = hash_of(&a.params);
    assert_true(wanted == hash_of(&b.params));
    for (int i = 0; i < a.params.count; i++) {
        const struct param *q = &a.params.list[i];
        real *first = params_at(&a.params, i), kept = *first;
        *first = kept + 1;
        if (hash_of(&a.params) == wanted) fail_msg("%s is not in the hash", q->name);
        *first = kept;
        assert_true(hash_of(&a.params) == wanted);
    }
    *(char *)(uintptr_t)a.params.list[0].name ^= 1;
    assert_true(hash_of(&a.params) != wanted);
    built_free(&a);
    built_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_saved_comes_back),
        cmocka_unit_test(test_the_file_has_torch_shapes),
        cmocka_unit_test(test_old_files_lack_the_counter),
        cmocka_unit_test(test_other_networks),
        cmocka_unit_test(test_a_block),
        cmocka_unit_test(test_the_hash),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
