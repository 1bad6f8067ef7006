/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of validation cases for TensorBoard: image, truth, prediction and error side by side. */
#pragma once

#include "train/events.h"
#include "train/pages.h"
#include "train/validate.h"

enum { CASE_PICTURES = 3 };

struct case_pictures {
    const struct pages *pages; /* draws them */
    struct event_image list[CASE_PICTURES];
    unsigned char *png[CASE_PICTURES];
    char tag[CASE_PICTURES][EVENT_TAG];
    int count;
    struct err error; /* the first */
};

/* True if validation `number`, from 1, is a power of two: a network changes most early, and the
 * events file stays small. */
bool case_pictures_due(int64_t number);
/* For validation_run, which then fills *p. */
struct validation_show case_pictures_show(struct case_pictures *p);
/* Appends the pictures to the run's events if `write`, and frees them. Returns errors of drawing,
 * too. */
att_status case_pictures_end(
    struct case_pictures *p, const char *run, int64_t step, bool write, struct err *e);
