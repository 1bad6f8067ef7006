/* SPDX-License-Identifier: Apache-2.0 */
/* Files: read whole, replaced atomically; folders listed in a fixed order. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/status.h"

/* ATT_IO for a system call that failed with `error`: "PATH does not exist; check the path". Sets
 * errno to it. */
att_status file_error(struct err *e, const char *verb, const char *path, int error);

/* Opens a file to read, and never waits for a pipe: only a regular file, or anything under /dev if
 * `device`. ATT_IO sets errno and *fd to -1. */
att_status file_open(const char *path, bool device, int *fd, struct stat *s, struct err *e);
/* Opens a lock, a regular file and no link, to write if it can; made if missing and `make`. -1: see
 * errno. */
int file_open_lock(const char *path, bool make);

/* Reads a file into a block for mem_free, with a 0 byte after `size` bytes. ATT_DATA above `limit`
 * bytes. */
att_status file_read(const char *path, size_t limit, char **data, size_t *size, struct err *e);

/* The same for text; ATT_DATA for a 0 byte in it. */
att_status file_read_text(const char *path, size_t limit, char **text, struct err *e);

/* A file that appears only when complete: written to a temporary (file_temporary), fsynced,
 * renamed, folder fsynced. Refuses symbolic links; writes pipes and devices under /dev directly.
 * Keeps permissions of a replaced file, and for root its owner. End a writer with file_commit or
 * file_abandon. */
struct file_writer;
att_status file_create(const char *path, struct file_writer **w, struct err *e);
att_status file_write(struct file_writer *w, const void *data, size_t size, struct err *e);
/* For formats that rewrite or read earlier parts; writing may go past the end. False for pipes and
 * devices. */
bool file_goes_back(const struct file_writer *w);
att_status file_write_at(
    struct file_writer *w, uint64_t at, const void *data, size_t size, struct err *e);
att_status file_read_at(
    struct file_writer *w, uint64_t at, void *to, size_t size, size_t *got, struct err *e);
uint64_t file_written(const struct file_writer *w);
/* Fails after lost JSON (json_memory.h). Closes; on failure the temporary is removed and the old
 * file intact, unless only the folder's sync failed. */
att_status file_commit(struct file_writer *w, struct err *e);
/* The same for data and their header: both are complete before either appears, and the old header
 * is gone before new data appear. */
att_status file_commit_pair(struct file_writer *data, struct file_writer *header, struct err *e);
void file_abandon(struct file_writer *w); /* closes, removes the temporary; may be NULL */
att_status file_write_all(
    const char *path, const void *data, size_t size, struct err *e); /* create, write, commit */

/* What a path to write names. ATT_IO for a link, a folder, and a pipe or device outside /dev. */
struct file_target {
    bool direct; /* a pipe or device under /dev */
    bool there;  /* a file, which is `old` */
    struct stat old;
};
att_status file_target(const char *path, struct file_target *t, struct err *e);

/* Whether a file, or a folder with its parents, can be created or written there. Call before any
 * computation, also in dry runs. */
att_status file_check_place(const char *path, bool folder, struct err *e);

/* Appends to a file, created if missing; a killed process may leave part of `data`. */
att_status file_append(const char *path, const void *data, size_t size, struct err *e);
/* The same, synced with its name. */
att_status file_append_synced(const char *path, const void *data, size_t size, struct err *e);

att_status file_sync(const char *path, struct err *e); /* what was appended; may be missing */

/* Digits that identify this machine's boot and pid namespace, in which a process number is unique;
 * random if unknown. */
enum { FILE_PLACE = 12 };
void file_find_place(char place[FILE_PLACE + 1]);

/* A new name for a temporary, or NULL: PATH.tmp-PID-PLACE-COUNT, so names differ between containers
 * and machines. Shortens long names. */
char *file_temporary(const char *path);
/* Whether the name is a temporary of a file in `own` (NULL-terminated). */
bool file_is_temporary(const char *name, const char *const *own);
/* The same for any file. */
bool file_is_any_temporary(const char *name);
/* Removes temporaries of killed processes, hidden ones too: of this place if the process is gone,
 * of others if unchanged for a day. */
void file_sweep(const char *folder, const char *const *own);
void file_sweep_with(const char *folder, const char *const *own, void (*drop)(const char *path));

/* Failures are ignored; folders must be empty. */
void file_remove(const char *path);
void file_remove_in(const char *folder, const char *name);
void file_remove_folder(const char *path);

bool file_exists(const char *path);
bool file_is_folder(const char *path);
bool file_can_be_read(const char *path); /* a regular file, with the right to read it */
att_status file_make_folders(const char *path, struct err *e); /* like mkdir -p; names are synced */
/* For a folder that attunet makes in its own: ATT_IO if it is a link. */
att_status file_check_inside(const char *path, struct err *e);
att_status file_make_inside(const char *path, struct err *e);
/* Calls `f` for names in a folder until one fails; `names` ends with NULL. */
att_status file_each(const char *folder, const char *const *names,
    att_status (*f)(const char *path, struct err *e), struct err *e);

/* Names in a folder, sorted by bytes, without hidden ones. */
struct file_list {
    char **names;
    int count;
};
att_status file_list(const char *folder, struct file_list *l, struct err *e);
att_status file_list_all(
    const char *folder, struct file_list *l, struct err *e); /* with hidden ones */
/* file_is_folder(path) of a name in such a list, mostly without a system call. */
bool file_listed_folder(const char *name, const char *path);
void file_list_free(struct file_list *l);

bool file_has(const char *folder, const char *name); /* whether the folder contains this name */
char *file_join(
    const char *folder, const char *name); /* a new string or NULL; keeps an absolute name */
const char *file_base(const char *path);   /* after the last '/' */
char *file_nearest(const char *path);      /* new: the path or its nearest existing parent */
bool file_within(
    const char *path, const char *folder); /* whether an existing path is the folder or in it */
bool file_leaves(const char *path);        /* whether it leaves its folder, by its root or ".." */
char *file_title(const char *path);        /* new: the real name, also of "." and "folder/" */
bool file_ends(const char *path, const char *ending); /* case-insensitive */
/* Identifies a file under any name. */
struct file_id {
    dev_t device;
    ino_t number;
};
bool file_identify(const char *path, struct file_id *id); /* false: missing */
int file_id_order(const void *a, const void *b);          /* for qsort and bsearch */
bool file_same(const char *a, const char *b); /* whether two names are equal or one file */

/* CRC-32 as in zlib. */
uint32_t file_crc(uint32_t crc, const void *data, size_t size);
/* Renames within a folder, replacing, and syncs it. */
att_status file_rename(const char *from, const char *to, struct err *e);
