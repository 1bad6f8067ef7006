/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that the server starts, which end with it however it ends: attunet and attunet-dicom. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* It exits with this if the program cannot be started. */
enum { CHILD_LOST = 127 };
/* Starts the program words[0], the one beside this program or else that of PATH, in a folder (NULL:
 * here), with its output in new files.  The calling thread has to wait for its end, since the
 * program gets SIGTERM when that thread ends.  0: it cannot. */
pid_t child_start(const char *const *words, const char *folder, const char *out, const char *err);
/* For main: whether this process is to become such a program.  It returns only if it cannot. */
bool child_asked(int argc, char **argv);
int child_become(char **argv);
