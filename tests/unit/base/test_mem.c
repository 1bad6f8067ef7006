/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: alignment, zeroes, overflow, growth. */
#include "unit/expect.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

static void check_block(const unsigned char *p, size_t bytes)
{
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % 64, 0);
    for (size_t i = 0; i < bytes; i++)
        if (p[i]) fail_msg("byte %zu of %zu is not zero", i, bytes);
}

static void test_aligned_and_zeroed(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 7, 8, 63, 64, 65, 1000, 4096, 100001, 1 << 20, 40 << 20};
    for (int round = 0; round < 3; round++) /* later rounds meet used memory */
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            unsigned char *p = mem_alloc(sizes[i]);
            check_block(p, sizes[i]);
            memset(p, 0xff, sizes[i]);
            mem_free(p);
        }
    mem_free(NULL);
}

static void test_impossible_sizes(void **state)
{
    (void)state;
    assert_null(mem_alloc(SIZE_MAX));
    assert_null(mem_alloc((size_t)PTRDIFF_MAX));
    assert_null(mem_array(SIZE_MAX / 2, 4));
    assert_null(mem_array((size_t)1 << 33, (size_t)1 << 33));
    assert_null(mem_map(SIZE_MAX));
    void *p = mem_array(0, 8);
    assert_non_null(p);
    mem_free(p);
}

static void test_grow(void **state)
{
    (void)state;
    unsigned char *p = mem_grow(NULL, 0, 10);
    check_block(p, 10);
    for (int i = 0; i < 10; i++) p[i] = (unsigned char)(i + 1);
    p = mem_grow(p, 10, 1000);
    for (int i = 0; i < 10; i++) assert_int_equal(p[i], i + 1);
    for (int i = 10; i < 1000; i++) assert_int_equal(p[i], 0);
    assert_null(mem_grow(p, 1000, SIZE_MAX));
    assert_int_equal(p[9], 10);
    p = mem_grow(p, 1000, 5);
    assert_int_equal(p[4], 5);
    mem_free(p);
}

static void test_room(void **state)
{
    (void)state;
    struct err e = {0};
    int64_t *list = NULL;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(MEM_ROOM(list, i, "numbers", &e), ATT_OK);
        list[i] = i;
    }
    for (int i = 0; i < 1000; i++) assert_int_equal(list[i], i);
    for (int i = 1000; i < 1024; i++) assert_int_equal(list[i], 0);
    const int64_t *before = list;
    assert_int_equal(MEM_ROOM(list, 1 << 30, "numbers", &e), ATT_MEMORY);
    assert_string_equal(e.text, "out of memory: cannot allocate 17179869184 bytes for numbers");
    assert_ptr_equal(list, before);
    mem_free(list);
    char *text = NULL;
    size_t room = 0;
    assert_int_equal(MEM_REACH(text, &room, 5, "letters", &e), ATT_OK);
    strcpy(text, "grow");
    assert_int_equal(MEM_REACH(text, &room, 1000, "letters", &e), ATT_OK);
    assert_string_equal(text, "grow");
    assert_true(room >= 1000);
    mem_free(text);
}

static void test_text(void **state)
{
    (void)state;
    char *text = mem_text("%s-%03d", "case", 7);
    assert_string_equal(text, "case-007");
    mem_free(text);
    text = mem_text("%4000d", 5);
    assert_int_equal(strlen(text), 4000);
    mem_free(text);
}

/* Bytes of this process in memory, from /proc/self/statm; 0 where there is none. */
static size_t resident(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    unsigned long total, pages = 0;
    if (f && fscanf(f, "%lu %lu", &total, &pages) != 2) pages = 0;
    if (f) fclose(f);
    return pages * 4096;
}

static void test_untouched_pages_cost_nothing(void **state)
{
    (void)state;
    size_t bytes = (size_t)256 << 20, before = resident();
    unsigned char *p = mem_alloc(bytes), *map = mem_map(bytes);
    assert_non_null(p);
    assert_non_null(map);
    assert_true(resident() < before + ((size_t)64 << 20));
    map[0] = map[bytes - 1] = 1;
    mem_unmap(map, bytes);
    mem_free(p);
}

static void test_map(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 5000, (2 << 20) + 1, 9 << 20};
    const uintptr_t huge = 2 << 20; /* a page of this size is filled by one fault, if it can be */
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *p = mem_map(sizes[i]);
        check_block(p, sizes[i]);
        assert_true(sizes[i] < huge || (uintptr_t)p % huge == 0);
        memset(p, 1, sizes[i]);
        mem_unmap(p, sizes[i]);
    }
    mem_unmap(NULL, 100);
}

/* A byte written to what is only reserved ends the process. */
static void test_reserved_addresses(void **state)
{
    (void)state;
    volatile unsigned char *p = mem_reserve((size_t)1 << 40); /* more than the machine has */
    int status;
    assert_non_null(p);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        p[1 << 20] = 1;
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    mem_unmap((void *)(uintptr_t)p, (size_t)1 << 40);
    assert_null(mem_reserve(SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aligned_and_zeroed),
        cmocka_unit_test(test_impossible_sizes),
        cmocka_unit_test(test_grow),
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_map),
        cmocka_unit_test(test_untouched_pages_cost_nothing),
        cmocka_unit_test(test_reserved_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
