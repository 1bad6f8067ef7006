/* SPDX-License-Identifier: Apache-2.0 */
#include "train/events.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "files/file.h"
#include "files/file_at.h"
#include "format/protobuf.h"

enum { HEAD = 12, TAIL = 4, STEP_KEY = 2 << 3 };

uint32_t events_crc(const void *data, size_t size)
{
    const unsigned char *at = data;
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
    }
    return ~crc;
}

/* Masked, since a record may contain records with sums. */
static uint32_t masked(const void *data, size_t size)
{
    uint32_t crc = events_crc(data, size);
    return (crc >> 15 | crc << 17) + 0xa282ead8U;
}

/* ---- messages */

/* Event: wall_time = 1, step = 2. */
static void put_event(struct proto *event, double wall_time, int64_t step)
{
    proto_double(event, 1, wall_time);
    if (step) proto_int(event, 2, step); /* protocol buffers omit defaults */
}

static void put_tag(struct proto *value, const char *tag)
{
    proto_bytes(value, 1, tag, strnlen(tag, EVENT_TAG));
}

/* Summary.Value: tag = 1, simple_value = 2. */
static void put_scalar(struct proto *summary, const struct event_scalar *s)
{
    struct proto value = {0};
    put_tag(&value, s->tag);
    proto_float(&value, 2, (float)s->value);
    proto_message(summary, 1, &value);
}

/* Summary.Value: tag = 1, image = 4; Summary.Image: height = 1, width = 2, colorspace = 3 (3: RGB),
 * encoded_image_string = 4. */
static void put_image(struct proto *summary, const struct event_image *m)
{
    struct proto value = {0}, image = {0};
    proto_int(&image, 1, m->height);
    proto_int(&image, 2, m->width);
    proto_int(&image, 3, 3);
    proto_bytes(&image, 4, m->png, m->size);
    put_tag(&value, m->tag);
    proto_message(&value, 4, &image);
    proto_message(summary, 1, &value);
}

/* ---- records */

/* The record of an event, or NULL without memory; frees the event. */
static unsigned char *events_make_record(struct proto *event, size_t *size)
{
    const size_t used = event->used;
    *size = HEAD + used + TAIL;
    unsigned char *record = event->lost ? NULL : mem_alloc(*size);
    if (record) {
        bytes_put(record, used, 8);
        bytes_put(record + 8, masked(record, 8), 4);
        memcpy(record + HEAD, event->bytes, used);
        bytes_put(record + HEAD + used, masked(record + HEAD, used), TAIL);
    }
    proto_free(event);
    return record;
}

double events_now(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

att_status events_create(const char *path, double wall_time, struct err *e)
{
    struct proto event = {0};
    size_t size;
    put_event(&event, wall_time, 0);
    proto_text(&event, 3, "brain.Event:2");
    unsigned char *record = events_make_record(&event, &size);
    if (!record) return err_memory(e, size, "a log");
    const att_status status = file_write_all(path, record, size, e);
    mem_free(record);
    return status;
}

/* Appends an event with a summary, unless that is empty; frees it. */
static att_status append_summary(
    const char *path, double wall_time, int64_t step, struct proto *summary, struct err *e)
{
    struct proto event = {0};
    size_t size;
    if (!summary->used && !summary->lost) return ATT_OK;
    put_event(&event, wall_time, step);
    proto_message(&event, 5, summary);
    unsigned char *record = events_make_record(&event, &size);
    if (!record) return err_memory(e, size, "a log row");
    const att_status status = file_append(path, record, size, e);
    mem_free(record);
    return status;
}

att_status events_append(const char *path, double wall_time, int64_t step,
    const struct event_scalar *scalar, int count, struct err *e)
{
    struct proto summary = {0};
    for (int i = 0; i < count; i++)
        if (!isnan(scalar[i].value)) put_scalar(&summary, &scalar[i]);
    return append_summary(path, wall_time, step, &summary, e);
}

att_status events_append_images(const char *path, double wall_time, int64_t step,
    const struct event_image *image, int count, struct err *e)
{
    struct proto summary = {0};
    for (int i = 0; i < count; i++) put_image(&summary, &image[i]);
    return append_summary(path, wall_time, step, &summary, e);
}

/* Reads the whole record at `at`; *size 0: there is none. */
static att_status events_record(
    struct file_stream *h, const char *path, size_t at, size_t *size, struct err *e)
{
    const size_t left = h->size - at;
    *size = 0;
    if (left < HEAD + TAIL) return ATT_OK;
    TRY(file_stream_reach(h, path, at + HEAD, e));
    const unsigned char *record = h->data + at;
    const uint64_t length = bytes_number(record, 8, false);
    if (bytes_number(record + 8, 4, false) != masked(record, 8) || length > left - HEAD - TAIL)
        return ATT_OK;
    TRY(file_stream_reach(h, path, at + HEAD + (size_t)length + TAIL, e));
    if (bytes_number(record + HEAD + length, TAIL, false) == masked(record + HEAD, (size_t)length))
        *size = HEAD + (size_t)length + TAIL;
    return ATT_OK;
}

/* 0 if put_event did not write the event. */
static int64_t events_step_of(const unsigned char *event, size_t size)
{
    uint64_t step = 0;
    if (size < 11 || event[9] != STEP_KEY) return 0;
    for (size_t i = 10, shift = 0; i < size && shift < 63; i++, shift += 7) {
        step |= (uint64_t)(event[i] & 127) << shift;
        if (event[i] < 128) break;
    }
    return (int64_t)step;
}

static att_status copy_records(
    struct file_stream *h, const char *path, int64_t step, struct file_writer *w, struct err *e)
{
    for (size_t at = 0, size;; at += size) {
        file_stream_release(h, at);
        TRY(events_record(h, path, at, &size, e));
        if (!size) return ATT_OK;
        if (events_step_of(h->data + at + HEAD, size - HEAD - TAIL) <= step)
            TRY(file_write(w, h->data + at, size, e));
    }
}

att_status events_cut(const char *path, double wall_time, int64_t step, struct err *e)
{
    struct file_stream h;
    struct file_writer *w = NULL;
    if (!file_exists(path)) return events_create(path, wall_time, e);
    TRY(file_stream_open(path, &h, e));
    att_status status = file_create(path, &w, e);
    if (status == ATT_OK) status = copy_records(&h, path, step, w, e);
    file_stream_close(&h);
    if (status == ATT_OK && file_written(w)) return file_commit(w, e);
    file_abandon(w);
    return status == ATT_OK ? events_create(path, wall_time, e) : status;
}
