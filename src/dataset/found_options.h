/* SPDX-License-Identifier: Apache-2.0 */
/* Settings that a message offers: patterns that were tried, and pair files. */
#pragma once

#include "dataset/found.h"

/* Append "`images` 'A' `labels` 'B'", for a shell, if that pairs files, their masks can be read,
 * and there is room. False: a label pattern with {id} twice got '#' for the second one, as that
 * pairs more images. */
bool options_add(
    const struct finder *s, const char *images, const char *labels, char *text, size_t room);
/* The same for the portions of a choice, after those that *f has. `image`, `label`: these slots
 * alone where portion `first` leaves them open, and those like them in others; -1: all. */
att_status options_add_choice(const struct finder *s, struct links *l, const struct choice *c,
    const struct found *f, int first, int image, int label, char *text, size_t room, struct err *e);
/* Give patterns that were found by bare numbers the zeros of all names. */
att_status options_put_zeros(const struct finder *s, char **images, char **labels, struct err *e);
