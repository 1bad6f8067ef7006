/* SPDX-License-Identifier: Apache-2.0 */
/* The spec: what a network is, as `key=value` words.  One grammar on the command line, in model
 * files and in benchmarks. */
#ifndef ARCH_SPEC_H
#define ARCH_SPEC_H

#include <stdbool.h>

#include "base/status.h"

enum { SPEC_MAX = 32, SPEC_TEXT = 1024, SPEC_LEVELS = 10, SPEC_CLASSES = 254 };

struct spec {
    char text[SPEC_TEXT]; /* as given, words separated by single spaces */
    char store[SPEC_TEXT];
    const char *key[SPEC_MAX], *value[SPEC_MAX]; /* into store */
    int count;
};

att_status spec_parse(struct spec *s, const char *text, struct err *e);
/* Sets or replaces one key. */
att_status spec_set(struct spec *s, const char *key, const char *value, struct err *e);
const char *spec_get(const struct spec *s, const char *key, const char *otherwise);
/* Each checks the value; the error names the key, the value and what is allowed. */
att_status spec_int(
    const struct spec *s, const char *key, int otherwise, int lo, int hi, int *out, struct err *e);
att_status spec_real(
    const struct spec *s, const char *key, double otherwise, double *out, struct err *e);
att_status spec_flag(
    const struct spec *s, const char *key, bool otherwise, bool *out, struct err *e); /* yes|no */
/* The index of the value in `choices` ("a|b|c"). */
att_status spec_choice(const struct spec *s, const char *key, const char *otherwise,
    const char *choices, int *out, struct err *e);
/* Comma-separated whole numbers >= 1. */
att_status spec_list(const struct spec *s, const char *key, const char *otherwise, int *out,
    int max, int *count, struct err *e);
/* Comma-separated sizes of axes, each one number for all, DxHxW, or HxW in 2D (d is `flat` there).
 * *count is 0 when the key is absent. */
att_status spec_axes_from(const struct spec *s, const char *key, int dims, int lo, int hi, int flat,
    int out[][3], int max, int *count, struct err *e);
/* From 1 on; d is 1 in 2D. */
att_status spec_axes(const struct spec *s, const char *key, int dims, int hi, int out[][3], int max,
    int *count, struct err *e);
/* Every key must be in `known` (space-separated). */
att_status spec_only(const struct spec *s, const char *known, struct err *e);

#endif
