/* SPDX-License-Identifier: Apache-2.0 */
/* A claim in a process of its own, whose peak of memory is its own. */
#ifndef CHILD_TEST_H
#define CHILD_TEST_H

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/expect.h"

static inline void in_child(void (*check)(const void *), const void *setting, const char *name)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        check(setting); /* a failed claim leaves here */
        _exit(0);
    }
    int code = -1;
    assert_int_equal(waitpid(child, &code, 0), child);
    if (!WIFEXITED(code) || WEXITSTATUS(code) != 0) fail_msg("%s", name);
}

#endif
