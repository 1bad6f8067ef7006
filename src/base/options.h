/* SPDX-License-Identifier: Apache-2.0 */
/* Options: one table (options.def) defines flags, keys of settings files, --help and the man page.
 * This reads, checks and stores values. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"
#include "base/status.h"

struct option_value {
    const struct option_row *row;
    char *text; /* or NULL */
    bool set;   /* by options_set, or by options_load_json if not the default */
    char *file; /* of options_load_json, or NULL */
    bool open;  /* from options_init_over: any text */
};

/* The options of a command. */
struct options {
    const char *command;
    const struct option_row *table;
    int table_count;
    struct option_value *values;
    int count;
    /* Groups "a b c" of alternative options, NULL-terminated; may be NULL. A flag cancels
     * alternatives from files. */
    const char *const *alternatives;
};

/* Keeps pointers to `rows` and `command`. ATT_FAILED: an invalid default. */
att_status options_init(struct options *o, const struct option_row *rows, int count,
    const char *command, struct err *e);
/* Adds the options of `other` that the command lacks, without defaults and with any text. */
att_status options_init_over(struct options *o, const struct option_row *rows, int count,
    const char *command, const char *other, struct err *e);
/* The rows of options.def, and the commands with options, NULL-terminated (options_table.c). */
extern const struct option_row option_table[];
extern const int option_table_rows;
extern const char *const option_commands[];
/* The command with options that this one also takes, as text, or NULL. */
const char *option_base_command(const char *command);
/* Options of a command, with those of its base command. */
att_status options_init_command(struct options *o, const char *command, struct err *e);

/* For changes that may fail. */
att_status options_copy(const struct options *o, struct options *copy, struct err *e);
void options_free(struct options *o);

/* `name` without dashes. A switch may omit its value ("yes") and may be "no-NAME". Later calls
 * win. */
att_status options_set(struct options *o, const char *name, const char *value, struct err *e);

/* Names known to the compiler, all 0: OPTION_train_clip exists if `train` has `clip`,
 * OPTION_REAL_train_clip if that is a number. */
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

/* The name of an option: an undeclared name stops the compiler; the index is 0. */
#define OPTION_NAME(command, id) (&#id[OPTION_##command##_##id])
#define OPTION_AT(type, command, id) (&#id[OPTION_##type##_##command##_##id])

/* options_real(o, train, clip): the value, the default, or 0, false, NULL. A missing option or
 * another type does not compile. */
#define options_int(o, command, id) options_read_int(o, OPTION_AT(INT, command, id))
#define options_real(o, command, id) options_read_real(o, OPTION_AT(REAL, command, id))
#define options_bool(o, command, id) options_read_bool(o, OPTION_AT(BOOL, command, id))
#define options_seconds(o, command, id) options_read_seconds(o, OPTION_AT(TIME, command, id))
#define options_bytes(o, command, id) options_read_bytes(o, OPTION_AT(BYTES, command, id))
#define options_text(o, command, id) options_read_text(o, OPTION_AT(WORD, command, id))
/* NULL also for "auto". */
#define options_choice(o, command, id) options_read_choice(o, OPTION_AT(WORD, command, id))
/* Has a value; was set; came from this file (or NULL). */
#define options_has(o, command, id) (options_read_text(o, OPTION_NAME(command, id)) != NULL)
#define options_is_set(o, command, id) options_read_set(o, OPTION_NAME(command, id))
#define options_file(o, command, id) options_read_file(o, OPTION_NAME(command, id))

/* For these macros and for loops over options. */
int64_t options_read_int(const struct options *o, const char *name);
double options_read_real(const struct options *o, const char *name);
bool options_read_bool(const struct options *o, const char *name);
double options_read_seconds(const struct options *o, const char *name);
double options_read_bytes(const struct options *o, const char *name);
const char *options_read_text(const struct options *o, const char *name); /* of any type */
const char *options_read_choice(const struct options *o, const char *name);
bool options_read_set(const struct options *o, const char *name);
const char *options_read_file(const struct options *o, const char *name);

enum { OPTIONS_LENGTH = 65536 }; /* longest side */
struct size_rule {
    int dims;          /* 2: HxW or depth 1; 3: DxHxW; 0: either */
    const char *whose; /* in sentences: "the network is", "the images are" */
    int64_t count;     /* at a time: at most 2^31 voxels in total */
};
/* "48x64x48", "256x256" -> d, h, w (d = 1 for two numbers); "256" is every axis; no value: 0. */
#define options_size3(o, command, id, ...)                                                         \
    options_read_size3(o, OPTION_AT(WORD, command, id), __VA_ARGS__)
att_status options_read_size3(const struct options *o, const char *name,
    const struct size_rule *rule, int size[3], struct err *e);
/* "3x0.75x0.75" -> d, h, w in mm, 0 keeps an axis; no value or "none": all 0. */
#define options_spacing(o, command, id, mm, e)                                                     \
    options_read_spacing(o, OPTION_AT(WORD, command, id), mm, e)
att_status options_read_spacing(
    const struct options *o, const char *name, double mm[3], struct err *e);
/* Puts the file of a named setting before the sentence: "FILE: NAME ..." instead of `NAME`, else
 * "FILE: ". */
void options_blame(const struct options *o, struct err *e);
/* The same for a sentence about `name` without its name. Returns `status`. */
#define options_blame_one(o, command, id, status, e)                                               \
    options_read_blame(o, OPTION_NAME(command, id), status, e)
att_status options_read_blame(
    const struct options *o, const char *name, att_status status, struct err *e);

/* All options with values, keys with underscores; NULL: out of memory. */
json_t *options_to_json(const struct options *o);
/* Takes values from an object; earlier values and their alternatives win, null is ignored. A value
 * equal to the default does not count as set: options_to_json contains defaults. where: the file's
 * name. */
att_status options_load_json(
    struct options *o, const json_t *json, const char *where, struct err *e);
/* Drops values from this file. */
att_status options_forget(struct options *o, const char *file, struct err *e);
