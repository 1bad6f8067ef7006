/* SPDX-License-Identifier: Apache-2.0 */
/* Reading at places of a file, what tells that one has changed, and its hash. */
#include "files/file_at.h"

#include <fcntl.h>

#include "files/hash.h"
#include "unit/dataset/dataset_test.h"

enum { SIZE = 100000 };

static unsigned char bytes[SIZE];

static void put_file(const char *path)
{
    for (int i = 0; i < SIZE; i++) bytes[i] = (unsigned char)(i * 7 + i / 251);
    OK(file_write_all(path, bytes, SIZE, &e));
}

static void equal_files_are_found(void **state)
{
    (void)state;
    put_file("set");
    OK(file_write_all("copy", bytes, SIZE, &e));
    OK(file_write_all("shorter", bytes, SIZE - 1, &e));
    bytes[SIZE - 1] ^= 1;
    OK(file_write_all("other", bytes, SIZE, &e));
    assert_true(file_at_equal("set", "copy") && file_at_equal("set", "set"));
    assert_false(file_at_equal("set", "shorter") || file_at_equal("set", "other"));
    assert_false(file_at_equal("set", "none") || file_at_equal("none", "set"));
    for (int i = 0; i < 3; i++) file_remove((const char *[]){"copy", "shorter", "other"}[i]);
}

static void any_part_can_be_read(void **state)
{
    static const struct {
        size_t at, size;
    } parts[] = {
        {0, SIZE}, {0, 0}, {SIZE, 0}, {1, 1}, {SIZE - 1, 1}, {4095, 2}, {33333, 44444}, {77, 1}};
    static unsigned char got[SIZE + 1];
    struct file_at f;
    (void)state;
    put_file("set");
    OK(file_at_open("set", &f, &e));
    assert_int_equal(f.size, SIZE);
    for (int i = 0; i < COUNT(parts); i++) { /* forwards and backwards */
        memset(got, 0xa5, sizeof got);
        file_at_want(&f, parts[i].at, parts[i].size);
        OK(file_at_read(&f, "set", parts[i].at, got, parts[i].size, &e));
        assert_memory_equal(got, bytes + parts[i].at, parts[i].size);
        assert_int_equal(got[parts[i].size], 0xa5);
    }
    file_at_close(&f);
    assert_int_equal(f.fd, -1);
    file_at_close(&f);
}

static void what_is_not_there_is_told(void **state)
{
    unsigned char got[8];
    struct file_at f;
    (void)state;
    put_file("set");
    OK(file_at_open("set", &f, &e));
    REFUSED(file_at_read(&f, "set", SIZE - 4, got, 8, &e), ATT_DATA,
        "set ends too early; it may be truncated");
    REFUSED(file_at_read(&f, "set", SIZE, got, 1, &e), ATT_DATA, "set ends too early");
    REFUSED(file_at_read(&f, "set", UINT64_MAX, got, 1, &e), ATT_IO, "cannot read set");
    REFUSED(file_at_read(&f, "set", INT64_MAX, got, 8, &e), ATT_IO, "cannot read set");
    file_at_want(&f, UINT64_MAX, UINT64_MAX); /* a hint only */
    assert_int_equal(truncate("set", 10), 0); /* while it is open */
    REFUSED(file_at_read(&f, "set", 0, got + 0, 8, &e) == ATT_OK
            ? file_at_read(&f, "set", 8, got, 8, &e)
            : ATT_FAILED,
        ATT_DATA, "set ends too early");
    file_at_close(&f);
    REFUSED(file_at_open("none", &f, &e), ATT_IO, "none does not exist; check the path");
    assert_int_equal(f.fd, -1);
    REFUSED(file_at_open("/", &f, &e), ATT_IO, "cannot read /: Is a directory");
    assert_int_equal(f.fd, -1);
}

static void facts_and_hash_follow_the_file(void **state)
{
    struct file_facts a, b;
    uint64_t first, second;
    struct hash h;
    (void)state;
    assert_false(file_facts("none", &a));
    assert_true(a.size == 0 && a.changed == 0);
    put_file("set");
    assert_true(file_facts("set", &a));
    assert_int_equal(a.size, SIZE);
    OK(file_hash("set", &first, &e));
    hash_begin(&h);
    hash_add(&h, bytes, SIZE);
    assert_true(first == hash_end(&h));
    const struct timespec times[2] = {{1000000000, 1}, {1000000000, 2}};
    assert_int_equal(utimensat(AT_FDCWD, "set", times, 0), 0);
    assert_true(file_facts("set", &b));
    assert_true(b.changed == 1000000000 * INT64_C(1000000000) + 2 && b.size == a.size);
    OK(file_hash("set", &second, &e));
    assert_true(first == second);
    bytes[SIZE - 1] ^= 1;
    OK(file_write_all("set", bytes, SIZE, &e));
    OK(file_hash("set", &second, &e));
    assert_true(first != second);
    OK(file_write_all("set", "", 0, &e));
    OK(file_hash("set", &second, &e));
    hash_begin(&h);
    assert_true(second == hash_end(&h));
    REFUSED(file_hash("none", &second, &e), ATT_IO, "none does not exist");
}

/* Pages of memory that are this process's own (proc(5), statm: resident less shared). */
static long own_pages(void)
{
    long size, resident, shared;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld %ld %ld", &size, &resident, &shared), 3);
    fclose(f);
    return resident - shared;
}

/* From one end to the other, in steps of its own; what was left is out of memory, what is cut off a
 * sentence. */
static void held_as_far_as_it_was_read(void **state)
{
    enum { LARGE = 24 << 20, REST = 77 };
    struct file_stream h;
    (void)state;
    unsigned char *block = mem_alloc(LARGE + REST);
    assert_non_null(block);
    for (size_t k = 0; k < LARGE + REST; k++) block[k] = (unsigned char)(k * 7 >> 4);
    OK(file_write_all("large", block, LARGE + REST, &e));
    const long page = sysconf(_SC_PAGESIZE), before = own_pages();
    OK(file_stream_open("large", &h, &e));
    assert_int_equal(h.size, LARGE + REST);
    OK(file_stream_reach(&h, "large", 1, &e));
    assert_true(h.have >= 1 && h.have < LARGE);
    OK(file_stream_reach(&h, "large", LARGE / 2, &e));
    assert_memory_equal(h.data, block, LARGE / 2);
    assert_true(own_pages() > before + LARGE / 2 / page - 1024);
    file_stream_release(&h, LARGE / 2 - 5);
    assert_true(own_pages() < before + LARGE / 4 / page);
    OK(file_stream_reach(&h, "large", h.size, &e));
    assert_memory_equal(h.data + LARGE / 2 - 5, block + LARGE / 2 - 5, LARGE / 2 + 5 + REST);
    file_stream_close(&h);
    assert_null(h.data);
    OK(file_stream_open("large", &h, &e));
    OK(file_stream_reach(&h, "large", LARGE / 2, &e));
    assert_int_equal(truncate("large", LARGE / 2), 0);
    REFUSED(file_stream_reach(&h, "large", LARGE, &e), ATT_DATA,
        "large ends too early; it may be truncated");
    file_stream_close(&h);
    OK(file_write_all("large", "", 0, &e));
    OK(file_stream_open("large", &h, &e));
    assert_int_equal(h.size, 0);
    OK(file_stream_reach(&h, "large", 0, &e));
    file_stream_close(&h);
    REFUSED(file_stream_open("nowhere", &h, &e), ATT_IO, "nowhere does not exist; check the path");
    file_stream_close(&h);
    REFUSED(file_stream_open("/dev/null", &h, &e), ATT_IO, "/dev/null");
    mem_free(block);
    assert_int_equal(unlink("large"), 0);
}

static void lines_of_any_length(void **state)
{
    enum { LONG = 200000 };
    struct file_lines l;
    char *text = mem_alloc(LONG + 16), *line;
    size_t size;
    (void)state;
    memset(text, 'x', LONG + 16);
    memcpy(text, "a\n\nbb\n", 6);
    memcpy(text + 6 + LONG, "\nc\nhalf", 8);
    OK(file_write_all("lines", text, 6 + LONG + 8, &e));
    static const size_t sizes[] = {2, 1, 3, LONG + 1, 2, 0, 0};
    OK(file_lines_open("lines", &l, &e));
    for (int i = 0, at = 0; i < COUNT(sizes); at += (int)sizes[i++]) {
        OK(file_lines_next(&l, "lines", &line, &size, &e));
        assert_int_equal(size, sizes[i]);
        if (size) assert_memory_equal(line, text + at, size);
    }
    file_lines_close(&l);
    OK(file_write_all("lines", "", 0, &e));
    OK(file_lines_open("lines", &l, &e));
    OK(file_lines_next(&l, "lines", &line, &size, &e));
    assert_int_equal(size, 0);
    file_lines_close(&l);
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_files_are_found),
        cmocka_unit_test(any_part_can_be_read),
        cmocka_unit_test(held_as_far_as_it_was_read),
        cmocka_unit_test(what_is_not_there_is_told),
        cmocka_unit_test(lines_of_any_length),
        cmocka_unit_test(facts_and_hash_follow_the_file),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
