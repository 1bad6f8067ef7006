/* SPDX-License-Identifier: Apache-2.0 */
/* Archives of torch.save: fixtures by tools/torch/torch_archives.py. */
#include "format/torch_archive.h"

#include "unit/format/format_test.h"

static const double w[] = {0, 0.5, 1, 1.5, 2, 2.5}, b[] = {-1, 0, 1};

#ifdef ATT_TORCH
static void check(const struct st_file *f, const char *name, enum st_type type, int dims,
    const double *expected, size_t count)
{
    const struct st_tensor *t = st_find(f, name);
    double d[16];
    if (!t) fail_msg("there is no tensor %s", name);
    assert_int_equal(t->type, type);
    assert_int_equal(t->dims, dims);
    assert_int_equal(t->count, count);
    OK(st_fetch(f, t, &e));
    st_to_double(t, d);
    for (size_t i = 0; i < count; i++) assert_true(d[i] == expected[i]);
    st_release(f, t);
}

static void reads_state_dicts(void **state)
{
    (void)state;
    static const char *const files[] = {
        "torch/state.pth", "torch/state_4.pth", "torch/state_5.pth"};
    for (size_t i = 0; i < COUNT(files); i++) {
        struct st_file f;
        bool archive;
        OK(torch_archive_is(fixture(files[i]), &archive, &e));
        assert_true(archive);
        OK(torch_archive_open(fixture(files[i]), "", &f, &e));
        assert_int_equal(f.count, 2);
        check(&f, "w", ST_F32, 2, w, 6);
        check(&f, "b", ST_F32, 1, b, 3);
        assert_int_equal(st_find(&f, "w")->shape[0], 2);
        assert_int_equal(st_find(&f, "w")->shape[1], 3);
        assert_null(st_metadata(&f, "attunet"));
        st_close(&f);
    }
}

static void finds_tensors_among_other_things(void **state)
{
    (void)state;
    struct st_file f;
    OK(torch_archive_open(fixture("torch/mixed.pth"), "state_dict.", &f, &e));
    assert_int_equal(f.count, 2);
    st_close(&f);
    OK(torch_archive_open(fixture("torch/mixed.pth"), "", &f, &e));
    assert_int_equal(f.count, 7);
    assert_string_equal(st_metadata(&f, "axes"), "1 2");
    assert_string_equal(st_metadata(&f, "nothing"), "");
    assert_null(st_metadata(&f, "state_dict.w"));
    check(&f, "state_dict.w", ST_F32, 2, w, 6);
    check(&f, "same.b", ST_F32, 1, b, 3);
    check(&f, "list.4.inner", ST_F32, 1, b, 3);
    check(&f, "3", ST_F32, 1, b, 3);
    check(&f, "optimizer.state.0.momentum_buffer", ST_F32, 2, (double[]){1, 1, 1, 1, 1, 1}, 6);
    st_close(&f);
}

static void reads_every_type(void **state)
{
    (void)state;
    struct st_file f;
    OK(torch_archive_open(fixture("torch/types.pth"), "", &f, &e));
    check(&f, "half", ST_F16, 2, w, 6);
    check(&f, "bfloat", ST_BF16, 2, w, 6);
    check(&f, "double", ST_F64, 2, w, 6);
    check(&f, "long", ST_I64, 2, (double[]){0, 0, 1, 1, 2, 2}, 6);
    check(&f, "part", ST_F32, 2, (double[]){3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5}, 12);
    check(&f, "parameter", ST_F32, 2, w, 6);
    check(&f, "number", ST_F32, 0, (double[]){1.5}, 1);
    st_close(&f);
}

static void says_what_it_cannot_read(void **state)
{
    (void)state;
    struct st_file f;
    REFUSED(torch_archive_open(fixture("torch/last.pth"), "", &f, &e), ATT_MODEL,
        "the tensor w is not contiguous; save it after .contiguous()");
    REFUSED(torch_archive_open(fixture("torch/state.pth"), "net.", &f, &e), ATT_MODEL,
        "no tensors whose names begin with net.");
    REFUSED(torch_archive_open(fixture("torch/negated.pth"), "", &f, &e), ATT_MODEL,
        "the tensor w has a pending negation");
    REFUSED(torch_archive_open(fixture("torch/same.pth"), "", &f, &e), ATT_MODEL,
        "two of its tensors are named a.b");
    REFUSED(torch_archive_open(fixture("torch/twice.pth"), "", &f, &e), ATT_MODEL,
        "two files in the archive have the same name");
    REFUSED(torch_archive_open(fixture("torch/roots.pth"), "", &f, &e), ATT_MODEL,
        "there is more than one data.pkl");
    REFUSED(torch_archive_open(fixture("torch/module.pth"), "", &f, &e), ATT_MODEL,
        "it has no tensors");
    REFUSED(torch_archive_open(fixture("torch/shared.pth"), "", &f, &e), ATT_MODEL,
        "it is larger than any checkpoint that attunet reads");
    REFUSED(
        torch_archive_open(fixture("torch/empty.pth"), "", &f, &e), ATT_MODEL, "it has no tensors");
    REFUSED(torch_archive_open(fixture("torch/deflated.pth"), "", &f, &e), ATT_MODEL,
        "a file in the archive is compressed");
    REFUSED(torch_archive_open(fixture("torch/legacy.pth"), "", &f, &e), ATT_MODEL,
        "the zip archive is cut off or damaged");
    REFUSED(torch_archive_open(fixture("torch/nothing.pth"), "", &f, &e), ATT_IO, "nothing.pth");
    bool archive = true;
    OK(torch_archive_is(fixture("torch/legacy.pth"), &archive, &e));
    assert_false(archive);
    REFUSED(torch_archive_is(fixture("torch/nothing.pth"), &archive, &e), ATT_IO, "nothing.pth");
}

/* Every byte of the archive changed, and every length of it: a sentence or tensors, never more. */
static void damage_is_a_sentence(void **state)
{
    (void)state;
    char *data, *path = mem_text("%s", fixture("torch/state.pth"));
    size_t size, refused = 0;
    struct st_file f;
    OK(file_read(path, 1 << 20, &data, &size, &e));
    for (size_t i = 0; i < 2 * size; i++) {
        const size_t at = i % size;
        if (i < size) data[at] ^= 0x41;
        write_scratch("damaged.pth", data, i < size ? size : at);
        if (i < size) data[at] ^= 0x41;
        struct err why = {0};
        att_status status = torch_archive_open("damaged.pth", "", &f, &why);
        refused += status != ATT_OK;
        assert_true((status == ATT_OK) == !*why.text);
        for (int k = 0; status == ATT_OK && k < f.count; k++) OK(st_fetch(&f, &f.tensors[k], &e));
        st_close(&f);
    }
    assert_true(refused > size);
    mem_free(data);
    mem_free(path);
}
#else
static void says_what_is_lacking(void **state)
{
    (void)state;
    struct st_file f;
    REFUSED(torch_archive_open(fixture("torch/state.pth"), "", &f, &e), ATT_MODEL,
        "attunet was built without minizip");
    (void)w, (void)b;
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef ATT_TORCH
        cmocka_unit_test(reads_state_dicts),
        cmocka_unit_test(finds_tensors_among_other_things),
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(says_what_it_cannot_read),
        cmocka_unit_test(damage_is_a_sentence),
#else
        cmocka_unit_test(says_what_is_lacking),
#endif
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
