/* SPDX-License-Identifier: Apache-2.0 */
/* Linked with test programs, and loaded before the C library by the commands of scripts
 * (cli/run.sh): nothing is really synced, so that tests do not wait for a disk.  What a test
 * program defines itself comes first (unit/files/synced.h), as does what a script loads instead
 * (fault/faults.c). */
#include <fcntl.h>
#include <unistd.h>

__attribute__((weak)) int fsync(int file) { return fcntl(file, F_GETFD) < 0 ? -1 : 0; }
__attribute__((weak)) int fdatasync(int file) { return fsync(file); }
