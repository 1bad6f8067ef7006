/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest limit is named so that it does. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h> /* needs those above */
/* clang-format on */

#include "base/limit.h"

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
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_named_does)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
