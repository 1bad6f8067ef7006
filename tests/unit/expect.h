/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka, and what the library's calls are expected to say. */
#ifndef EXPECT_H
#define EXPECT_H

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h> /* needs those above */
/* clang-format on */

#include <string.h>

#include "base/status.h"

#define OK(call)                                                                                   \
    do {                                                                                           \
        struct err e = {0};                                                                        \
        if ((call) != ATT_OK) fail_msg("%s: %s", #call, e.text);                                   \
    } while (0)

/* `call` fails with `expected`, and its one sentence contains `words`. */
#define REFUSED(call, expected, words)                                                             \
    do {                                                                                           \
        struct err e = {0};                                                                        \
        assert_int_equal(call, expected);                                                          \
        assert_int_equal(e.status, expected);                                                      \
        if (!strstr(e.text, words)) fail_msg("\"%s\" lacks \"%s\"", e.text, words);                \
    } while (0)

#endif
