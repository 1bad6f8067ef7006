/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept in the user's cache folder, $XDG_CACHE_HOME/attunet/opencl or the same in ~/.cache:
 * files of a hash of the rest, then the rest. Nothing here fails: what is missing, damaged or
 * cannot be kept is made again. Several processes may write a file; the last one stays. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Path of the file with this key, for mem_free; NULL: no folder, or no memory. */
char *device_cache_path(uint64_t key);
/* The rest, for mem_free. False: none that is whole. `path` may be NULL. */
bool device_cache_read(const char *path, char **data, size_t *bytes);
/* `path` may be NULL. */
void device_cache_write(const char *path, const void *data, size_t bytes);
