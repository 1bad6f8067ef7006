/* SPDX-License-Identifier: Apache-2.0 */
/* A file without a name, for what does not fit into memory: it is gone with the process, however
 * that ends. */
#ifndef FILES_SCRATCH_H
#define FILES_SCRATCH_H

#include "files/file_at.h"

struct spool {
    struct file_at file;
    const char *folder; /* the caller's */
};

/* In this folder, `size` bytes, all 0 until they are written. On failure, and where {.file.fd = -1}
 * was given, there is nothing to close.
 */
att_status scratch_create(const char *folder, uint64_t size, struct spool *s, struct err *e);
/* The same on file systems that have no files without a name, where scratch_create comes to it by
 * itself: the file has one, of SPOOL_NAME's temporaries (file_temporary), until it is open. What a
 * process that was killed in that moment has left goes here (file_sweep). */
#define SPOOL_NAME ".attunet"
att_status scratch_create_named(const char *folder, uint64_t size, struct spool *s, struct err *e);
/* Failures are ATT_IO: damage, too, is none of the user's data. */
att_status scratch_write(
    const struct spool *s, uint64_t at, const void *data, size_t size, struct err *e);
att_status scratch_read(const struct spool *s, uint64_t at, void *to, size_t size, struct err *e);
void scratch_close(struct spool *s);
static inline bool scratch_is_open(const struct spool *s) { return s->file.fd >= 0; }

/* ATT_IO when the disk that the folder is on has fewer bytes left; `what` is what they are for. */
att_status scratch_room(const char *folder, double bytes, const char *what, struct err *e);

#endif
