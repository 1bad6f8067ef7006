/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of files and streams: whole and by parts, from anywhere in a file, and what is wrong with
 * them. */
#include "format/source.h"

#include "format/sink.h"
#include "unit/format/format_test.h"

enum { BYTES = 300000 };

static unsigned char content[BYTES];

/* The content as two gzip members, or a zlib stream, behind `before` other bytes. */
static void write_stream(const char *name, enum sink_stream stream, int members, size_t before)
{
    struct sink s;
    char *file, *all = mem_alloc(2 * BYTES);
    size_t size, used = before;
    memset(all, 'x', before);
    for (int i = 0; i < members; i++) {
        OK(sink_open("member", &s, &e));
        OK(sink_deflate(&s, stream, &e));
        OK(sink_write(
            &s, content + (size_t)i * BYTES / (size_t)members, BYTES / (size_t)members, &e));
        OK(sink_close(&s, ATT_OK, &e));
        OK(file_read("member", 1 << 24, &file, &size, &e));
        memcpy(all + used, file, size);
        used += size;
        mem_free(file);
    }
    write_scratch(name, all, used);
    mem_free(all);
}

static void check_bytes(const char *name, size_t begin, bool deflated)
{
    struct source s;
    unsigned char *whole = mem_alloc(BYTES), room[1000];
    const unsigned char *p;
    OK(source_open_at(name, begin, deflated, &s, &e));
    assert_true(source_limit(&s) >= BYTES);
    OK(source_skip(&s, 1234, "a test", &e));
    for (size_t at = 1234; at < BYTES; at += s.taken - at) {
        size_t count = BYTES - at < sizeof room ? BYTES - at : sizeof room;
        OK(source_view(&s, room, count, &p, "a test", &e));
        assert_memory_equal(p, content + at, count);
        assert_int_equal(s.taken, at + count);
    }
    OK(source_finish(&s, &e));
    REFUSED(source_view(&s, room, 1, &p, "a test", &e), ATT_DATA, "ends inside a test");
    source_close(&s);
    OK(source_open_at(name, begin, deflated, &s, &e));
    OK(source_need(&s, room, 10, "a test", &e));
    assert_true(source_inflate(&s, whole, BYTES) == deflated);
    if (deflated) assert_memory_equal(whole, content, BYTES);
    source_close(&s);
    if (deflated) { /* neither less nor more is taken for all of it */
        OK(source_open_at(name, begin, deflated, &s, &e));
        assert_false(source_inflate(&s, whole, BYTES - 1));
        OK(source_need(&s, whole, BYTES, "a test", &e)); /* by parts it goes on */
        assert_memory_equal(whole, content, BYTES);
        source_close(&s);
    }
    mem_free(whole);
}

static void streams_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < BYTES; i++) content[i] = (unsigned char)(i * i % 251);
    write_stream("one.gz", SINK_GZIP, 1, 0);
    write_stream("two.gz", SINK_GZIP, 2, 0);
    write_stream("behind.gz", SINK_GZIP, 2, 777);
    write_stream("zlib", SINK_ZLIB, 1, 5);
    write_scratch("plain", content, BYTES);
    check_bytes("one.gz", 0, true);
    check_bytes("two.gz", 0, true);
    check_bytes("behind.gz", 777, true);
    check_bytes("zlib", 5, true);
    check_bytes("plain", 0, false);
}

static void damage_is_never_whole(void **state)
{
    (void)state;
    char *file;
    size_t size;
    struct source s;
    unsigned char *whole = mem_alloc(BYTES);
    OK(file_read("two.gz", 1 << 24, &file, &size, &e));
    for (size_t i = 40; i < size; i += size / 20) {
        file[i] ^= 4;
        write_scratch("damaged.gz", file, size);
        OK(source_open("damaged.gz", &s, &e));
        assert_false(source_inflate(&s, whole, BYTES));
        source_close(&s);
        file[i] ^= 4;
    }
    mem_free(file);
    mem_free(whole);
    OK(source_open("plain", &s, &e));
    assert_false(source_inflate(&s, content, 1));
    source_close(&s);
    REFUSED(source_open_at("plain", BYTES, false, &s, &e), ATT_DATA,
        "plain: the file ends before its samples");
}

/* A sentence, where a mapped file would end the process: by parts, as a whole, and of a deflated
 * one. */
static void cut_off_while_it_is_read(void **state)
{
    (void)state;
    static unsigned char some[BYTES];
    const unsigned char *view;
    struct source s;
    write_scratch("short", content, BYTES);
    for (int round = 0; round < 2; round++) {
        OK(source_open_at("short", 10, false, &s, &e));
        OK(source_need(&s, some, 1000, "a test", &e));
        assert_int_equal(truncate("short", BYTES / 2), 0);
        REFUSED(round ? source_view(&s, some, BYTES - 1010, &view, "a test", &e)
                      : source_need(&s, some, BYTES - 1010, "a test", &e),
            ATT_DATA, "short ends too early; it may be truncated");
        source_close(&s);
        write_scratch("short", content, BYTES);
    }
    unsigned mixed = 1; /* what cannot be packed */
    for (int i = 0; i < BYTES; i++)
        some[i] = content[i] = (unsigned char)((mixed = mixed * 1664525 + 1013904223) >> 24);
    write_stream("short.gz", SINK_GZIP, 1, 0);
    OK(source_open("short.gz", &s, &e));
    OK(source_need(&s, some, 1000, "a test", &e));
    assert_int_equal(truncate("short.gz", BYTES / 2), 0);
    assert_false(source_inflate(&s, some, BYTES));
    REFUSED(source_need(&s, some, BYTES - 1000, "a test", &e), ATT_DATA,
        "short.gz ends too early; it may be truncated");
    source_close(&s);
}

/* The file and what it inflates to are never much more than the result. */
static void memory_is_weighed(void **state)
{
    (void)state;
    struct source s;
    OK(source_open("one.gz", &s, &e));
    assert_true(source_may_inflate(&s, BYTES, BYTES));
    s.file.size += (size_t)3 << 20;
    assert_false(source_may_inflate(&s, BYTES, BYTES));
    assert_true(source_may_inflate(&s, BYTES, (size_t)4 << 20));
    s.file.size -= (size_t)3 << 20;
    source_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_read),
        cmocka_unit_test(damage_is_never_whole),
        cmocka_unit_test(memory_is_weighed),
        cmocka_unit_test(cut_off_while_it_is_read),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
