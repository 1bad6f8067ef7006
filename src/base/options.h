/* SPDX-License-Identifier: Apache-2.0 */
/* Options: one table of rows (options.def) feeds the flags of the command, the keys of settings
 * files, --help and the man page.  Here is what reads, checks and keeps their values. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"
#include "base/status.h"

struct option_value {
    const struct option_row *row;
    char *text; /* NULL: none */
    bool given; /* by options_set, or by options_load_json where it is not the default */
    char *file; /* of options_load_json; NULL: it is from none */
    bool open;  /* of options_init_over: any text */
};

/* The options of one command with their values. */
struct options {
    const char *command;
    const struct option_row *table;
    int table_count;
    struct option_value *values;
    int count;
    /* Each "a b c": options that say one thing in several ways.  A flag puts what a file said in
     * another way out of force. NULL-terminated; the caller sets it, or leaves NULL. */
    const char *const *alternatives;
};

/* Keeps pointers to `rows` and `command`.  A row whose default is not valid is ATT_FAILED. */
att_status options_init(struct options *o, const struct option_row *rows, int count,
    const char *command, struct err *e);
/* The same, and beside the command's own options those of the command `other` that it has not
 * itself: without defaults, and with any text, which the caller reads. */
att_status options_init_over(struct options *o, const struct option_row *rows, int count,
    const char *command, const char *other, struct err *e);
/* To change it, and leave the original as it is where that fails. */
att_status options_copy(const struct options *o, struct options *copy, struct err *e);
void options_free(struct options *o);

/* `name` without leading dashes.  A switch may have no value ("yes" is meant) and may be called
 * "no-NAME".  Later calls win. */
att_status options_set(struct options *o, const char *name, const char *value, struct err *e);

/* The names of options.def that the compiler knows, all 0: OPTION_train_clip is there since `train`
 * has an option clip, OPTION_REAL_train_clip since that is a number. */
enum {
#define OPTION_ID(type, command, id)                                                               \
    OPTION_##command##_##id = 0, OPTION_##type##_##command##_##id = 0,
#define OPTION_ID_TEXT(command, id) OPTION_ID(WORD, command, id)
#define OPTION_ID_CHOICE(command, id) OPTION_ID(WORD, command, id)
#define OPTION_ID_INT(command, id) OPTION_ID(INT, command, id)
#define OPTION_ID_REAL(command, id) OPTION_ID(REAL, command, id)
#define OPTION_ID_BOOL(command, id) OPTION_ID(BOOL, command, id)
#define OPTION_ID_TIME(command, id) OPTION_ID(TIME, command, id)
#define OPTION_ID_BYTES(command, id) OPTION_ID(BYTES, command, id)
#define OPTION(of, id, name, type, ...) of(OPTION_ID_##type, id)
#include "base/options.def"
};

/* The name of an option that the command has. */
#define OPTION_NAME(command, id) (&#id[OPTION_##command##_##id])

/* options_real(o, train, clip): what was given, or the default; without either 0, false and NULL.
 * An option that the command does not have, or of another type, does not compile. */
#define options_int(o, command, id) options_read_int(o, &#id[OPTION_INT_##command##_##id])
#define options_real(o, command, id) options_read_real(o, &#id[OPTION_REAL_##command##_##id])
#define options_bool(o, command, id) options_read_bool(o, &#id[OPTION_BOOL_##command##_##id])
#define options_seconds(o, command, id) options_read_seconds(o, &#id[OPTION_TIME_##command##_##id])
#define options_bytes(o, command, id) options_read_bytes(o, &#id[OPTION_BYTES_##command##_##id])
#define options_text(o, command, id) options_read_text(o, &#id[OPTION_WORD_##command##_##id])
/* The same, NULL for "auto" too. */
#define options_choice(o, command, id) options_read_choice(o, &#id[OPTION_WORD_##command##_##id])
/* Whether it has a value; whether one was given; the file that this is from, NULL: none. */
#define options_has(o, command, id) (options_read_text(o, OPTION_NAME(command, id)) != NULL)
#define options_given(o, command, id) options_read_given(o, OPTION_NAME(command, id))
#define options_file(o, command, id) options_read_file(o, OPTION_NAME(command, id))

/* What these macros call, and code that goes through many options. */
int64_t options_read_int(const struct options *o, const char *name);
double options_read_real(const struct options *o, const char *name);
bool options_read_bool(const struct options *o, const char *name);
double options_read_seconds(const struct options *o, const char *name);
double options_read_bytes(const struct options *o, const char *name);
const char *options_read_text(const struct options *o, const char *name); /* of any type */
const char *options_read_choice(const struct options *o, const char *name);
bool options_read_given(const struct options *o, const char *name);
const char *options_read_file(const struct options *o, const char *name);

enum { OPTIONS_LENGTH = 65536 }; /* the longest side of a size */
struct size_rule {
    int dims;          /* 2: HxW, or a depth of 1; 3: DxHxW; 0: either */
    const char *whose; /* in sentences: "the network is", "the images are" */
    int64_t count;     /* of these at a time: 2^31 voxels at most in total */
};
/* "48x64x48", "256x256" -> d, h, w (d = 1 for two numbers); "256" is of every axis; without a value
 * all 0. */
#define options_size3(o, command, id, ...)                                                         \
    options_read_size3(o, &#id[OPTION_WORD_##command##_##id], __VA_ARGS__)
att_status options_read_size3(const struct options *o, const char *name,
    const struct size_rule *rule, int size[3], struct err *e);
/* "3x0.75x0.75" -> d, h, w in mm, 0 where an axis is kept; without a value, or with "none", all 0.
 */
#define options_spacing(o, command, id, mm, e)                                                     \
    options_read_spacing(o, &#id[OPTION_WORD_##command##_##id], mm, e)
att_status options_read_spacing(
    const struct options *o, const char *name, double mm[3], struct err *e);
/* A sentence that begins with `NAME`, of a value from a file, is made to begin with "FILE: NAME";
 * one that speaks of it further on, with "FILE: ". */
void options_blame(const struct options *o, struct err *e);
/* The same of a sentence about the value of `name` that does not call it so; others stay as they
 * are. Returns `status`. */
#define options_blame_one(o, command, id, status, e)                                               \
    options_read_blame(o, OPTION_NAME(command, id), status, e)
att_status options_read_blame(
    const struct options *o, const char *name, att_status status, struct err *e);

/* An object with all options that have a value, keys with underscores; NULL when there is no
 * memory. */
json_t *options_to_json(const struct options *o);
/* Takes values from an object; those given before stay, also in another way, null is skipped.  What
 * equals the default is taken, too, but does not count as given: an object of options_to_json has
 * every default.  `where` names the file in sentences. */
att_status options_load_json(
    struct options *o, const json_t *json, const char *where, struct err *e);
/* Takes back what is from this file. */
att_status options_forget(struct options *o, const char *file, struct err *e);

#endif
