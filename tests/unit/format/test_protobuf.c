/* SPDX-License-Identifier: Apache-2.0 */
/* Messages against bytes that the documents of Protocol Buffers give, or that follow from them. */
#include "format/protobuf.h"

#include "unit/expect.h"

static void expect_bytes(struct proto *p, const char *bytes, size_t size)
{
    assert_false(p->lost);
    assert_int_equal(p->used, size);
    assert_memory_equal(p->bytes, bytes, size);
    proto_free(p);
    assert_null(p->bytes);
}

static void numbers(void **state)
{
    (void)state;
    struct proto p = {0};
    proto_int(&p, 1, 150);
    expect_bytes(&p, "\x08\x96\x01", 3);
    proto_int(&p, 1, -1); /* ten bytes */
    expect_bytes(&p, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11);
    proto_int(&p, 20, 0); /* fields from 16 have keys of two bytes */
    expect_bytes(&p, "\xa0\x01\x00", 3);
    proto_float(&p, 2, -2.5f);
    expect_bytes(&p, "\x15\x00\x00\x20\xc0", 5);
    proto_double(&p, 1, -2.5);
    expect_bytes(&p, "\x09\x00\x00\x00\x00\x00\x00\x04\xc0", 9);
}

static void messages(void **state)
{
    (void)state;
    struct proto p = {0}, inner = {0};
    proto_text(&p, 2, "testing");
    expect_bytes(&p, "\x12\x07testing", 9);
    proto_text(&p, 2, "");
    expect_bytes(&p, "\x12\x00", 2);
    proto_int(&inner, 1, 150);
    proto_message(&p, 3, &inner);
    assert_null(inner.bytes);
    proto_begin(&p, 5, 300);
    expect_bytes(&p, "\x1a\x03\x08\x96\x01\x2a\xac\x02", 8);
}

/* Past the room of a small message. */
static void long_ones(void **state)
{
    (void)state;
    static unsigned char bytes[100000];
    struct proto p = {0};
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 7);
    for (int i = 0; i < 3; i++) proto_bytes(&p, 9, bytes, sizeof bytes);
    assert_false(p.lost);
    assert_int_equal(p.used, 3 * (1 + 3 + sizeof bytes));
    for (size_t i = 0; i < 3; i++)
        assert_memory_equal(p.bytes + i * (4 + sizeof bytes) + 4, bytes, sizeof bytes);
    proto_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers), cmocka_unit_test(messages), cmocka_unit_test(long_ones)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
