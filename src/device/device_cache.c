/* SPDX-License-Identifier: Apache-2.0 */
#include "device/device_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "files/file.h"
#include "files/hash.h"

enum { CACHE_MAX = 64 << 20 };

char *device_cache_path(uint64_t key)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char name[HASH_TEXT];
    hash_text(key, name);
    if (cache && *cache == '/') return mem_text("%s/attunet/opencl/%s", cache, name);
    return home && *home == '/' ? mem_text("%s/.cache/attunet/opencl/%s", home, name) : NULL;
}

bool device_cache_read(const char *path, char **data, size_t *bytes)
{
    struct err ignored = {.status = ATT_OK};
    uint64_t hash;
    if (!path || file_read(path, CACHE_MAX, data, bytes, &ignored) != ATT_OK) return false;
    if (*bytes > sizeof hash) {
        *bytes -= sizeof hash;
        memcpy(&hash, *data, sizeof hash);
        memmove(*data, *data + sizeof hash, *bytes);
        if (hash_bytes(*data, *bytes) == hash) return true;
    }
    mem_free(*data);
    return false;
}

void device_cache_write(const char *path, const void *data, size_t bytes)
{
    struct err ignored = {.status = ATT_OK};
    const uint64_t hash = hash_bytes(data, bytes);
    struct file_writer *w = NULL;
    char *folder = path && bytes <= CACHE_MAX - sizeof hash
        ? mem_text("%.*s", (int)(strrchr(path, '/') - path), path)
        : NULL;
    if (folder && file_make_folders(folder, &ignored) == ATT_OK &&
        file_create(path, &w, &ignored) == ATT_OK &&
        file_write(w, &hash, sizeof hash, &ignored) == ATT_OK &&
        file_write(w, data, bytes, &ignored) == ATT_OK)
        file_commit(w, &ignored);
    else
        file_abandon(w);
    mem_free(folder);
}
