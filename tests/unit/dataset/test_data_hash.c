/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/data_hash.h"

#include "format/format.h"
#include "unit/format/format_test.h"

enum { LARGE = 3 << 20 };

static struct data_case cases[2] = {
    {.id = (char *)(uintptr_t) "a", .image = {(char *)(uintptr_t) "a.png"}, .nimages = 1},
    {.id = (char *)(uintptr_t) "b",
        .image = {(char *)(uintptr_t) "b.png"},
        .nimages = 1,
        .label = (char *)(uintptr_t) "b_label.png"}};
static const struct dataset d = {.cases = cases, .count = 2};

static uint64_t hash(int count, int wanted)
{
    int files;
    uint64_t h;
    OK(data_hash(&d, (const int[]){0, 1}, count, &h, &files, &e));
    assert_int_equal(files, wanted);
    return h;
}

static void contents_names_and_sizes_count(void **state)
{
    (void)state;
    char *large = mem_alloc(LARGE);
    write_scratch("a.png", "one", 3);
    write_scratch("b.png", large, LARGE);
    write_scratch("b_label.png", "", 0);
    uint64_t first = hash(2, 3);
    assert_true(first == hash(2, 3));
    assert_true(first != hash(1, 1));
    write_scratch("a.png", "onf", 3);
    assert_true(first != hash(2, 3));
    write_scratch("a.png", "one", 3);
    large[0] = 1; /* the first and the last byte of a large file are looked at */
    write_scratch("b.png", large, LARGE);
    assert_true(first != hash(2, 3));
    large[0] = 0;
    large[LARGE - 1] = 1;
    write_scratch("b.png", large, LARGE);
    assert_true(first != hash(2, 3));
    large[LARGE - 1] = 0;
    write_scratch("b.png", large, LARGE - 1);
    assert_true(first != hash(2, 3));
    write_scratch("b.png", large, LARGE);
    assert_true(first == hash(2, 3));
    cases[0].id = (char *)(uintptr_t) "c";
    assert_true(first != hash(2, 3));
    cases[0].id = (char *)(uintptr_t) "a";
    file_remove("b_label.png");
    assert_true(first != hash(2, 2));
    mem_free(large);
}

static void put_mask(const char *path, int first)
{
    struct labelmap m = {.size = {1, 2, 2}, .data = (uint16_t[4]){0}};
    m.data[0] = (uint16_t)first;
    OK(format_save_labels(path, &m, &e));
}

/* All masks of a case, and the files in which the samples of a header lie. */
static void every_file_of_a_case_counts(void **state)
{
    (void)state;
    write_scratch("a.png", "one", 3);
    put_mask("b.hdr", 1);
    put_mask("b_mask.png", 1);
    put_mask("b_mask_1.png", 1);
    cases[1].image[0] = (char *)(uintptr_t) "b.hdr";
    cases[1].label = (char *)(uintptr_t) "b_mask.png + ./b_mask_1.png";
    uint64_t first = hash(2, 5);
    put_mask("b_mask_1.png", 2);
    assert_true(first != hash(2, 5));
    put_mask("b_mask_1.png", 1);
    assert_true(first == hash(2, 5));
    put_mask("b.hdr", 2); /* changes b.img alone */
    assert_true(first != hash(2, 5));
    file_remove("b.img");
    assert_true(first != hash(2, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(contents_names_and_sizes_count),
        cmocka_unit_test(every_file_of_a_case_counts)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
