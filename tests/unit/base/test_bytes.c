/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of every length, in both orders. */
#include "unit/expect.h"

#include <string.h>

#include "base/bytes.h"

static const unsigned char eight[] = {0x01, 0x82, 0x03, 0x84, 0x05, 0x86, 0x07, 0xf8};

static void numbers_are_read_in_both_orders(void **state)
{
    (void)state;
    assert_true(bytes_number(eight, 1, false) == 0x01);
    assert_true(bytes_number(eight, 2, false) == 0x8201);
    assert_true(bytes_number(eight, 2, true) == 0x0182);
    assert_true(bytes_number(eight, 3, false) == 0x038201);
    assert_true(bytes_number(eight, 4, true) == 0x01820384);
    assert_true(bytes_number(eight, 8, false) == UINT64_C(0xf807860584038201));
    assert_true(bytes_number(eight, 8, true) == UINT64_C(0x01820384058607f8));
}

static void numbers_are_put_lowest_byte_first(void **state)
{
    (void)state;
    unsigned char put[9];
    memset(put, 0xaa, sizeof put);
    bytes_put(put, UINT64_C(0xf807860584038201), 4);
    assert_memory_equal(put, eight, 4);
    assert_int_equal(put[4], 0xaa);
    bytes_put(put, UINT64_C(0xf807860584038201), 8);
    assert_memory_equal(put, eight, 8);
    assert_int_equal(put[8], 0xaa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_in_both_orders),
        cmocka_unit_test(numbers_are_put_lowest_byte_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
