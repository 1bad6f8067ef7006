/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/expect.h"

#include <string.h>

#include "base/limit.h"
#include "base/mem.h"

static void what_is_touched_is_counted(void **state)
{
    (void)state;
    enum { BYTES = 64 << 20, SLACK = 4 << 20 };
    size_t before = resident_now();
    if (!before) skip(); /* a system that does not say */
    unsigned char *p = mem_map(BYTES);
    memset(p, 1, BYTES);
    size_t there = resident_now();
    assert_in_range(there, before + BYTES - SLACK, before + BYTES + SLACK);
    mem_unmap(p, BYTES);
    assert_true(resident_now() < there - BYTES + SLACK);
    assert_true(resident_peak() >= there - SLACK && resident_peak() >= resident_now());
}

static void the_machine_holds_what_is_held(void **state)
{
    (void)state;
    if (!resident_now()) skip();
    assert_true(limit_machine() >= (double)resident_peak());
    assert_true(limit_free() > 0);
    assert_true(limit_free() <= limit_machine());
}

static void sizes_as_text(void **state)
{
    (void)state;
    char text[BYTES_TEXT];
    assert_string_equal(bytes_text(17, text), "17 B");
    assert_string_equal(bytes_text(1536, text), "1.5 KiB");
    assert_string_equal(bytes_text(300.0 * (1 << 20), text), "300 MiB");
    assert_string_equal(bytes_text(2.25 * (1 << 30), text), "2.2 GiB");
}

static void what_is_named_does(void **state)
{
    char text[LIMIT_TEXT];
    (void)state;
    assert_string_equal(limit_text(32 << 20, text), "`max-memory` 34MiB");
    assert_string_equal(limit_text((32 << 20) + 1, text), "`max-memory` 35MiB");
    assert_string_equal(limit_text(0x1p50, text), "`max-memory` 1073741826MiB");
    assert_true(
        LIMIT_PREDICTING > LIMIT_UNCOUNTED); /* training adds the difference while it validates */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_touched_is_counted),
        cmocka_unit_test(the_machine_holds_what_is_held),
        cmocka_unit_test(sizes_as_text),
        cmocka_unit_test(what_is_named_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
