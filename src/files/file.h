/* SPDX-License-Identifier: Apache-2.0 */
/* Files: read whole, replaced atomically, folders listed in a fixed order. */
#ifndef FILES_FILE_H
#define FILES_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

/* ATT_IO, of a call of the system that failed with this errno: "cannot read PATH: No such file or
 * directory; check the path". errno is that afterwards, too. */
att_status file_error(struct err *e, const char *verb, const char *path, int error);

/* Reads a whole file into a block for mem_free, with a 0 byte behind it that `size` does not count.
 * More than `limit` bytes is ATT_DATA.
 */
att_status file_read(const char *path, size_t limit, char **data, size_t *size, struct err *e);

/* The same for a text file, in which a 0 byte is ATT_DATA: it would hide what follows. */
att_status file_read_text(const char *path, size_t limit, char **text, struct err *e);

/* A file that appears under its name only when it is complete: written to a temporary beside it
 * (file_temporary), fsynced, renamed, folder fsynced.  A symbolic link is followed; a pipe or
 * device is written directly.  A file that is replaced keeps who may read and write it, and where
 * root writes, its owner.  A writer ends with file_commit or file_abandon, also after file_write
 * failed. */
struct file_writer;
att_status file_create(const char *path, struct file_writer **w, struct err *e);
att_status file_write(struct file_writer *w, const void *data, size_t size, struct err *e);
/* For formats that go back: over what was written, which grows when they go on behind its end, and
 * to read it. False: a pipe or device, where that cannot be. */
bool file_goes_back(const struct file_writer *w);
att_status file_write_at(
    struct file_writer *w, uint64_t at, const void *data, size_t size, struct err *e);
att_status file_read_at(
    struct file_writer *w, uint64_t at, void *to, size_t size, size_t *got, struct err *e);
uint64_t file_written(const struct file_writer *w);
/* Not after JSON was lost (json_memory.h). Closes; on failure the temporary is gone and the old
 * file intact (or, when only the folder could not be synced, the new one complete). */
att_status file_commit(struct file_writer *w, struct err *e);
/* The same for two files of which one, the header, says how to read the other: both are complete on
 * the disk before either appears, and an old header is gone before new data appear, so that it
 * never speaks of those. */
att_status file_commit_pair(struct file_writer *data, struct file_writer *header, struct err *e);
void file_abandon(struct file_writer *w); /* closes and removes the temporary; NULL is fine */
att_status file_write_all(
    const char *path, const void *data, size_t size, struct err *e); /* the four in one */

/* Whether a file, or a folder with what is above it, can be made there, or written into where it is
 * there, as far as can be told. Asked before anything is computed, in dry runs or not, so that both
 * say the same. */
att_status file_check_place(const char *path, bool folder, struct err *e);

/* Adds to the end of a file, which is made if it is not there: what was there stays, a killed
 * process may leave a part of `data` behind it.
 */
att_status file_append(const char *path, const void *data, size_t size, struct err *e);
/* The same, and it is on the disk when this returns, with its name. */
att_status file_append_synced(const char *path, const void *data, size_t size, struct err *e);

/* A name for a temporary of a file, fresh, or NULL: PATH.tmp-PID-PLACE-COUNT, PLACE the machine's
 * start and its pid namespace. So neither another container on the same folder nor another machine
 * has it; who was killed here may have left one of that name. Of a name as long as a file system
 * takes it has a part. */
char *file_temporary(const char *path);
/* Whether a name in a folder is that of a temporary of one of the files `own` (NULL-terminated). */
bool file_is_temporary(const char *name, const char *const *own);
/* The same of any file: what a program that was killed may have left among a user's own. */
bool file_is_any_temporary(const char *name);
/* Removes such temporaries, hidden ones too, of processes that were killed: of this place those
 * that are gone, of other places (containers, machines, earlier starts of this one) those that
 * nothing was written to for a day.  What cannot be removed stays. */
void file_sweep(const char *folder, const char *const *own);

/* What cannot be removed, or is not there, is left as it is; a folder goes only when it is empty.
 */
void file_remove(const char *path);
void file_remove_folder(const char *path);

bool file_exists(const char *path);
bool file_is_folder(const char *path);
att_status file_make_folders(
    const char *path, struct err *e); /* like mkdir -p; their names are on the disk */

/* Names in a folder, sorted by bytes, without "." and ".." and hidden ones. */
struct file_list {
    char **names;
    int count;
};
att_status file_list(const char *folder, struct file_list *l, struct err *e);
att_status file_list_all(
    const char *folder, struct file_list *l, struct err *e); /* with the hidden ones */
void file_list_free(struct file_list *l);

bool file_has(const char *folder,
    const char *name); /* whether there is a file, or a folder, of this name in it */
char *file_join(const char *folder,
    const char *name); /* a fresh string, or NULL; an absolute name stays as it is */
const char *file_base(const char *path); /* what follows the last '/' */
void file_follow(const char *path,
    char target[PATH_MAX]); /* where a link leads, also one to what is not there yet */
char *file_nearest(const char
        *path); /* fresh: itself or, where it is not there, the nearest folder above it that is */
bool file_within(const char *path,
    const char *folder); /* whether what is there lies in a folder, however deep, or is it */
bool file_leaves(const char *path); /* whether it leads out of the folder that it is taken from, by
                                       its root or by ".." */
char *file_title(
    const char *path); /* fresh: the name of what is there, also of "." and "folder/" */
bool file_ends(const char *path, const char *ending); /* case-insensitive */
/* A file, under whatever name it is found. */
struct file_id {
    dev_t device;
    ino_t number;
};
bool file_identify(const char *path, struct file_id *id); /* false: there is none */
int file_id_order(const void *a, const void *b);          /* for qsort and bsearch */
bool file_same(const char *a, const char *b); /* whether two names lead to one file, or are one */

/* CRC-32 as zlib computes it, for checkpoints. */
uint32_t file_crc(uint32_t crc, const void *data, size_t size);
/* Renames within a folder, over what is there, and syncs the folder. */
att_status file_rename(const char *from, const char *to, struct err *e);

#endif
