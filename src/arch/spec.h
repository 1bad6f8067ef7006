/* SPDX-License-Identifier: Apache-2.0 */
/* The network spec: `key=value` words, the same on the command line, in model files and in
 * benchmarks. */
#pragma once

#include <stdbool.h>

#include "base/status.h"

enum { SPEC_MAX = 32, SPEC_TEXT = 1024, SPEC_LEVELS = 10, SPEC_CLASSES = 254 };

struct spec {
    char text[SPEC_TEXT]; /* words separated by single spaces */
    char store[SPEC_TEXT];
    const char *key[SPEC_MAX], *value[SPEC_MAX]; /* into store */
    int count;
};

att_status spec_parse(struct spec *s, const char *text, struct err *e);
/* Set or replace one key. */
att_status spec_set(struct spec *s, const char *key, const char *value, struct err *e);
const char *spec_get(const struct spec *s, const char *key, const char *fallback);
/* Each checks the value; the message has key, value and range. */
att_status spec_int(
    const struct spec *s, const char *key, int fallback, int lo, int hi, int *out, struct err *e);
att_status spec_real(
    const struct spec *s, const char *key, double fallback, double *out, struct err *e);
/* yes|no */
att_status spec_flag(
    const struct spec *s, const char *key, bool fallback, bool *out, struct err *e);
/* Index of the value in `choices` ("a|b|c"). */
att_status spec_choice(const struct spec *s, const char *key, const char *fallback,
    const char *choices, int *out, struct err *e);
/* Comma-separated integers >= 1. */
att_status spec_list(const struct spec *s, const char *key, const char *fallback, int *out, int max,
    int *count, struct err *e);
/* Comma-separated sizes from lo to hi, each a number for all axes, DxHxW, or HxW in 2D (with d =
 * `flat`). *count is 0 without the key. */
struct axes_rule {
    int dims, lo, hi, flat;
};
att_status spec_axes_by(const struct spec *s, const char *key, const struct axes_rule *r,
    int out[][3], int max, int *count, struct err *e);
/* From 1 on; d is 1 in 2D. */
att_status spec_axes(const struct spec *s, const char *key, int dims, int hi, int out[][3], int max,
    int *count, struct err *e);
/* Every key must be in `keys` (space-separated). */
att_status spec_only(const struct spec *s, const char *keys, struct err *e);
