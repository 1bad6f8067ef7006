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
    struct err trouble; /* what went wrong first */
};

/* Of the validations of a run, counted from 1, those with a number that is a power of two: a
 * network changes most in its first steps, and the file of events stays small. */
bool case_pictures_due(int64_t number);
/* For validation_run, which then fills *p. */
struct validation_show case_pictures_show(struct case_pictures *p);
/* Into the run's events; frees the pictures, also those of a validation that failed (`write`
 * false). A failure is one of `trouble` or of the file. */
att_status case_pictures_end(
    struct case_pictures *p, const char *run, int64_t step, bool write, struct err *e);
