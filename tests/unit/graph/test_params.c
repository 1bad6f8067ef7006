/* SPDX-License-Identifier: Apache-2.0 */
/* The parameter set: names, sizes, initial values, torch's order. */
#include "unit/arch/net_test.h"

#include <math.h>
#include <stdlib.h>

static struct param conv(char *name, int k, int c, int taps)
{
    return (struct param){.name = name,
        .kind = PARAM_CONV,
        .dims = 3,
        .shape = {k, c, taps},
        .k = k,
        .nx = 1,
        .channels = {c},
        .taps = taps,
        .init = INIT_KAIMING};
}

static struct param vector(char *name, enum param_kind kind, int size, float value)
{
    return (struct param){.name = name,
        .kind = kind,
        .dims = kind == STATE_COUNT ? 0 : 1,
        .shape = {size},
        .init = INIT_CONSTANT,
        .value = value};
}

static int add(struct params *p, struct param wanted)
{
    struct err e = {0};
    int index = -1;
    must(params_add(p, &wanted, &index, &e), &e);
    return index;
}

static void test_a_name_is_one_parameter(void **state)
{
    (void)state;
    struct params p;
    struct err e = {0};
    int index;
    params_init(&p);
    assert_int_equal(add(&p, conv((char[]){"a.weight"}, 5, 3, 9)), 0);
    assert_int_equal(add(&p, vector((char[]){"a.bias"}, PARAM_VECTOR, 5, 0)), 1);
    assert_int_equal(add(&p, conv((char[]){"a.weight"}, 5, 3, 9)), 0);
    assert_int_equal(p.count, 2);
    assert_int_equal(params_find(&p, "a.bias"), 1);
    assert_int_equal(params_find(&p, "a"), -1);
    struct param other = conv((char[]){"a.weight"}, 5, 4, 9);
    assert_error(params_add(&p, &other, &index, &e), ATT_MODEL,
        "parameter a.weight has two different shapes; use one network spec per model file");
    err_clear(&e);
    must(params_allocate(&p, &e), &e);
    struct param late = vector((char[]){"b.bias"}, PARAM_VECTOR, 1, 0);
    assert_error(params_add(&p, &late, &index, &e), ATT_MODEL,
        "this network needs parameter b.bias, which the model lacks");
    params_free(&p);
}

static void test_sizes(void **state)
{
    (void)state;
    struct params p;
    struct err e = {0};
    params_init(&p);
    int w = add(&p, conv((char[]){"w"}, 17, 3, 9)),
        b = add(&p, vector((char[]){"b"}, PARAM_VECTOR, 17, 0));
    int mean = add(&p, vector((char[]){"mean"}, STATE_VECTOR, 17, 0)),
        count = add(&p, vector((char[]){"count"}, STATE_COUNT, 1, 0));
    assert_int_equal(p.list[w].count, 17 * 3 * 9);
    assert_int_equal(p.list[w].size, 2 * 1 * 9 * LANES * LANES);
    assert_int_equal(p.list[b].count, 17);
    assert_int_equal(p.list[b].size, 32);
    assert_int_equal(p.list[count].count, 1);
    assert_int_equal(p.size, 2 * 9 * 256 + 32);
    assert_int_equal(p.state_size, 32 + 16);
    assert_int_equal(params_trainable(&p), 17 * 3 * 9 + 17);
    must(params_allocate(&p, &e), &e);
    assert_ptr_equal(params_at(&p, b), p.data + p.list[w].size);
    assert_ptr_equal(params_at(&p, mean), p.state);
    params_free(&p);
}

static void test_torch_order_comes_back(void **state)
{
    (void)state;
    struct params p;
    enum { K = 18, C = 20, TAPS = 4, COUNT = K * C * TAPS };
    static real values[COUNT], back[COUNT], memory[2 * 3 * TAPS * LANES * LANES];
    struct param two = conv((char[]){"w"}, K, C, TAPS);
    two.nx = 2; /* 3 + 17 channels: each tensor begins a block of its own */
    two.channels[0] = 3;
    two.channels[1] = 17;
    params_init(&p);
    int w = add(&p, two), b = add(&p, vector((char[]){"b"}, PARAM_VECTOR, 3, 0));
    assert_int_equal(p.list[w].size, sizeof memory / sizeof *memory);
    for (int i = 0; i < COUNT; i++) values[i] = (real)(i + 1);
    params_import(&p.list[w], values, memory);
    params_export(&p.list[w], memory, back);
    assert_memory_equal(values, back, sizeof values);
    params_import(&p.list[b], values, memory);
    for (int i = 0; i < LANES; i++) assert_true(memory[i] == (i < 3 ? (real)(i + 1) : 0));
    params_free(&p);
}

static void test_initial_values(void **state)
{
    (void)state;
    struct params p;
    struct err e = {0};
    enum { K = 32, C = 16, TAPS = 9, COUNT = K * C * TAPS };
    static real w[COUNT];
    params_init(&p);
    int conv_at = add(&p, conv((char[]){"w"}, K, C, TAPS)),
        one = add(&p, vector((char[]){"gamma"}, PARAM_VECTOR, 3, 1));
    must(params_allocate(&p, &e), &e);
    params_initialise(&p, 1);
    params_export(&p.list[conv_at], params_at(&p, conv_at), w);
    double sum = 0, squares = 0;
    for (int i = 0; i < COUNT; i++) {
        sum += (double)w[i];
        squares += (double)w[i] * (double)w[i];
    }
    /* He: mean 0, deviation sqrt(2 / fan in); 4608 draws */
    assert_true(fabs(sum / COUNT) < 0.01);
    assert_true(fabs(sqrt(squares / COUNT) / sqrt(2.0 / (C * TAPS)) - 1) < 0.05);
    for (int i = 0; i < LANES; i++) assert_true(params_at(&p, one)[i] == (i < 3 ? 1 : 0));
    params_free(&p);
}

/* The same name and seed give the same numbers, whatever else there is. */
static void test_initial_values_depend_on_seed_and_name(void **state)
{
    (void)state;
    struct params p[2];
    struct err e = {0};
    for (int i = 0; i < 2; i++) {
        params_init(&p[i]);
        if (i) add(&p[i], conv((char[]){"first"}, 4, 4, 9));
        add(&p[i], conv((char[]){"w"}, 4, 4, 9));
        add(&p[i], conv((char[]){"v"}, 4, 4, 9));
        must(params_allocate(&p[i], &e), &e);
        params_initialise(&p[i], 7);
    }
    size_t bytes = p[0].list[0].size * sizeof(real);
    assert_memory_equal(params_at(&p[0], params_find(&p[0], "w")),
        params_at(&p[1], params_find(&p[1], "w")), bytes);
    assert_memory_not_equal(params_at(&p[0], params_find(&p[0], "w")),
        params_at(&p[0], params_find(&p[0], "v")), bytes);
    params_initialise(&p[1], 8);
    assert_memory_not_equal(params_at(&p[0], params_find(&p[0], "w")),
        params_at(&p[1], params_find(&p[1], "w")), bytes);
    params_free(&p[0]);
    params_free(&p[1]);
}

static int refusals; /* of the memory below, before it creates */
static void *create_or_refuse(size_t bytes)
{
    return refusals-- > 0 ? NULL : memory_host.create(bytes);
}

/* Into another memory; a failure leaves them where they were. */
static void test_numbers_move(void **state)
{
    (void)state;
    struct memory other = memory_host;
    struct params p;
    struct err e = {0};
    other.create = create_or_refuse;
    params_init(&p);
    add(&p, conv((char[]){"w"}, 4, 4, 9));
    add(&p, vector((char[]){"mean"}, STATE_VECTOR, 4, 3));
    must(params_allocate(&p, &e), &e);
    params_initialise(&p, 7);
    const size_t bytes = (p.size + p.state_size) * sizeof(real);
    const real *before = p.data, first = p.data[0];
    refusals = 1;
    assert_int_equal(params_move(&p, &other, &e), ATT_MEMORY);
    assert_true(p.data == before && p.numbers.memory == &memory_host);
    real *copy = malloc(bytes);
    memcpy(copy, p.data, bytes);
    e = (struct err){0};
    must(params_move(&p, &other, &e), &e);
    assert_ptr_equal(p.numbers.memory, &other);
    assert_memory_equal(p.data, copy, bytes);
    assert_true(p.data[0] == first && p.state == p.data + p.size && p.state[0] == 3);
    before = p.data;
    must(params_move(&p, &other, &e), &e);
    assert_ptr_equal(p.data, before);
    free(copy);
    params_free(&p);
    /* Without numbers only the memory is set. */
    params_init(&p);
    must(params_move(&p, &other, &e), &e);
    assert_true(!p.data && p.numbers.memory == &other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_is_one_parameter),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_torch_order_comes_back),
        cmocka_unit_test(test_initial_values),
        cmocka_unit_test(test_initial_values_depend_on_seed_and_name),
        cmocka_unit_test(test_numbers_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
