/* SPDX-License-Identifier: Apache-2.0 */
/* TensorBoard's log: TFRecords (length, data, masked CRC-32C of each) of Event protocol buffers
 * with wall time, step and a Summary of scalars or images (tensorflow/core/util/event.proto,
 * framework/summary.proto). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct event_scalar {
    const char *tag; /* "train/loss"; at most EVENT_TAG bytes count */
    double value;    /* NaN: left out */
};
enum { EVENT_TAG = 320 };

double events_now(void); /* wall time in seconds */
/* A new file with its first record, the version. */
att_status events_create(const char *path, double wall_time, struct err *e);
/* Appends a record, unless all values are NaN. */
att_status events_append(const char *path, double wall_time, int64_t step,
    const struct event_scalar *scalar, int count, struct err *e);
struct event_image {
    const char *tag; /* "validation/case_0001" */
    int width, height;
    const unsigned char *png;
    size_t size; /* bytes */
};
/* The same with RGB images (Summary.Image). */
att_status events_append_images(const char *path, double wall_time, int64_t step,
    const struct event_image *image, int count, struct err *e);
/* Removes records after `step` and an incomplete last one; creates a missing file. */
att_status events_cut(const char *path, double wall_time, int64_t step, struct err *e);

/* CRC-32C (Castagnoli; RFC 3720, appendix B.4). */
uint32_t events_crc(const void *data, size_t size);
