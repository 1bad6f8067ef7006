/* SPDX-License-Identifier: Apache-2.0 */
/* The log as TensorBoard reads it: a file of records (TFRecord: length, data, masked CRC-32C of
 * each), every one an Event protocol buffer with a wall time, a step and a Summary of scalars or of
 * pictures (tensorflow/core/util/event.proto, framework/summary.proto). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct event_scalar {
    const char *tag; /* "train/loss"; at most EVENT_TAG bytes count */
    double value;    /* NaN: left out */
};
enum { EVENT_TAG = 320 };

double events_now(void); /* the wall time */
/* A new file with the record that every such file begins with. */
att_status events_create(const char *path, double wall_time, struct err *e);
/* Appends a record; one without any value is none. */
att_status events_append(const char *path, double wall_time, int64_t step,
    const struct event_scalar *scalar, int count, struct err *e);
struct event_image {
    const char *tag; /* "validation/case_0001" */
    int width, height;
    const unsigned char *png;
    size_t size; /* bytes */
};
/* The same with coloured pictures (Summary.Image). */
att_status events_append_images(const char *path, double wall_time, int64_t step,
    const struct event_image *image, int count, struct err *e);
/* Takes out records of steps beyond `step`, and what a killed process left at the end; makes the
 * file if it is not there. */
att_status events_cut(const char *path, double wall_time, int64_t step, struct err *e);

/* CRC-32C (Castagnoli; RFC 3720, appendix B.4). */
uint32_t events_crc(const void *data, size_t size);
