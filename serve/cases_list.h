/* SPDX-License-Identifier: Apache-2.0 */
/* The list of cases from inside, for cases.c and cases_upload.c. */
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "cases.h"

struct entry {
    char *name, *key, *images[CASE_FILES], *truth, *mask, *label;
    int count;
    double dice, doubt;
    bool uploaded; /* else the image is not the datastore's to replace */
    bool series;   /* the name is the UID of a DICOM series, which no file may have */
};
struct cases {
    pthread_mutex_t lock;
    struct entry **list;
    int count, room;
    char *folder;   /* the datastore, or NULL */
    json_t *labels; /* {NAME: VALUE} */
    json_t *listed; /* {FIRST IMAGE: {"key", "label"}}: the datastore's list as it was read first */
};

char *cases_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cases_entry_free(struct entry *e);
/* What the datastore lists; a new list if it is new. NULL: it is somebody else's, or damaged. */
json_t *cases_read_list(const struct cases *s);
bool cases_write_list(const struct cases *s, const json_t *root);
int cases_new_file(const struct cases *s, const char *name); /* empty; 0: it is there; -1: errno */
void cases_remove_file(const struct cases *s, const char *name); /* keeps errno */
/* The file in a folder whose name without its ending is this one, or NULL. */
char *cases_file_of(const char *folder, const char *name);
bool cases_make_folder(const struct cases *s, const char *name);
bool cases_sync_folder(const char *path);
/* The datastore for this process alone, with a folder in it; -1: see errno. */
int cases_lock_folder(const struct cases *s, const char *name);
char *cases_in_folder(const struct cases *s, const char *path);
/* A path as the list has it: whole, or from the datastore on. */
const char *cases_listed_path(const struct cases *s, const char *path);
bool cases_append(struct cases *s, struct entry *e);
/* What the list of the datastore says of these images. */
bool cases_take(struct entry *e, const struct cases *s);
int cases_index_of(const struct cases *s, const char *name);
bool cases_used_key(json_t *root, const char *key);
/* An image that a client sent. NULL: no memory. */
struct entry *cases_new_upload(
    const struct cases *s, const char *name, const char *key, const char *path);
