/* SPDX-License-Identifier: Apache-2.0 */
/* Runs another program, never through a shell. */
#pragma once

#include "base/host.h"

enum { PROCESS_MISSING = -1, PROCESS_KILLED = -2 };
/* Runs argv[0], a name, found beside this process's program or else in PATH, and waits. Its output
 * and errors replace the files `out` and `errors`. *code: its exit code, or one of the above. A
 * stopped host ends it: ATT_INTERRUPTED. */
att_status process_run(const char *const *argv, const char *out, const char *errors,
    struct host *host, int *code, struct err *e);
