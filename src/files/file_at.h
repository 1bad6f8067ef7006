/* SPDX-License-Identifier: Apache-2.0 */
/* Files of which parts are read, and what tells whether a file is still what it was. */
#ifndef FILES_FILE_AT_H
#define FILES_FILE_AT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct file_at {
    int fd;
    uint64_t size;
};
att_status file_at_open(
    const char *path, struct file_at *f, struct err *e); /* a failure leaves fd -1 */
/* All of it, or a sentence about `path`: a file that is shorter is ATT_DATA; of ATT_IO errno says
 * the reason, here and above. */
att_status file_at_read(
    const struct file_at *f, const char *path, uint64_t at, void *to, size_t size, struct err *e);
void file_at_want(const struct file_at *f, uint64_t at,
    uint64_t size); /* a hint: these bytes will be read soon */
void file_at_close(struct file_at *f);

/* A file that is read from one end to the other, held in memory as far as it was read: a place for
 * all of its bytes, which takes memory only where it is filled.  Nothing is mapped: a mapped file
 * that is cut off under us, or lies on a bad sector, would end the process. */
struct file_held {
    unsigned char *data; /* bytes `from` to `have` - 1 are there */
    size_t size, from, have;
    struct file_at at;
};
att_status file_hold(const char *path, struct file_held *h, struct err *e);
/* Byte `till` - 1 and those before it are there from now on; not behind the end of the file. */
att_status file_reach(struct file_held *h, const char *path, size_t till, struct err *e);
void file_leave(struct file_held *h, size_t till); /* bytes before `till` are not needed any more */
void file_held_close(struct file_held *h);         /* fine, too, where nothing is held */

/* Size, and time of the last change in nanoseconds; false: it is not there. */
struct file_facts {
    int64_t size, changed;
};
bool file_facts(const char *path, struct file_facts *f);
att_status file_hash(const char *path, uint64_t *hash, struct err *e); /* of its bytes (hash.h) */

#endif
