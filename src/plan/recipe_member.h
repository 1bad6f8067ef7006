/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of members of a recipe or of a training's state, written as JSON and read back. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct member_kind {
    json_t *(*write)(const void *member);
    /* into `size` zero bytes; false for an invalid value */
    bool (*read)(const json_t *v, void *member, size_t size);
};

extern const struct member_kind member_text, /* char[]; "" is null */
    member_size,    /* int[3], "DxHxW", with one slice "HxW"; 0x0x0 is "none" */
    member_spacing, /* double[3] in mm, "DxHxW"; 0x0x0 is "none" */
    member_voxel,   /* the same, rounded to float */
    member_int, member_count, member_length, /* int; int64_t, below 0 null; int64_t, below 1 null */
    member_real, member_nullable, member_share,
    member_positive,             /* double; double, NaN is null; double in 0..1 without both, or
                                  * above 0, and 0 is null */
    member_seconds, member_time, /* double, "30m"; the same, or null */
    member_bytes,                /* double, "512MiB"; 0 is null */
    member_flag,                 /* bool */
    member_mirrors,              /* double, an index of strength_mirrors; NaN is null */
    member_weights, /* float[LABELLING_MAX], "1,2.5", up to the first 0; null if empty */
    member_storage, /* bool, true is "bf16" */
    member_optimiser, member_schedule; /* the enums of these names */

/* A number or flag of a structure, and its JSON key. Lists end with a NULL key. */
struct member {
    const char *key;
    int kind; /* MEMBER_KIND */
    size_t at;
};
#define MEMBER_KIND(x) _Generic(x, bool : 0, int : 1, int64_t : 2, double : 3)
/* Under another key than its name; under its name. */
#define MEMBER_AS(key, type, name) key, MEMBER_KIND(((type *)0)->name), offsetof(type, name)
#define MEMBER(type, name) MEMBER_AS(#name, struct type, name)
/* NULL: out of memory, or a number is not finite. */
json_t *members_to_json(const struct member *list, const void *from);
/* Members without a key in j keep their values. */
void members_from_json(const json_t *j, const struct member *list, void *to);
