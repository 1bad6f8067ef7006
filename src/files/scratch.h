/* SPDX-License-Identifier: Apache-2.0 */
/* Temporary files without a name, gone with the process, and folders for other programs. */
#pragma once

#include "files/file_at.h"

struct spool {
    struct file_at file;
    const char *folder; /* caller's */
};

/* `size` zero bytes in this folder. On failure nothing needs closing, nor for {.file.fd = -1}. */
att_status scratch_create(const char *folder, uint64_t size, struct spool *s, struct err *e);
/* For file systems without O_TMPFILE (scratch_create falls back to it): briefly has a temporary
 * name of SPOOL_NAME. Removes those of killed processes (file_sweep). */
#define SPOOL_NAME ".attunet"
att_status scratch_create_named(const char *folder, uint64_t size, struct spool *s, struct err *e);
/* ATT_IO, even for damage: it is not the user's data. */
att_status scratch_write(
    const struct spool *s, uint64_t at, const void *data, size_t size, struct err *e);
att_status scratch_read(const struct spool *s, uint64_t at, void *to, size_t size, struct err *e);
/* For readers that want a name: a copy of these bytes in memory, and a path of it that this process
 * opens until scratch_close. */
enum { SCRATCH_PATH = 32 };
att_status scratch_bytes(
    const void *data, size_t size, struct spool *s, char path[SCRATCH_PATH], struct err *e);
void scratch_close(struct spool *s);
static inline bool scratch_is_open(const struct spool *s) { return s->file.fd >= 0; }

/* ATT_IO if the folder's disk has less space; what: its purpose. */
att_status scratch_room(const char *folder, double bytes, const char *what, struct err *e);

/* Makes a folder in TMPDIR that only this user reads, and removes those of killed processes. The
 * caller frees *path, which is NULL on failure. */
att_status scratch_folder(char **path, struct err *e);
/* With the files in it; not one of another user. */
void scratch_remove_folder(const char *path);
