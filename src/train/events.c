/* SPDX-License-Identifier: Apache-2.0 */
#include "train/events.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "files/file.h"
#include "files/file_at.h"

enum { HEAD = 12, TAIL = 4, VALUE = EVENT_TAG + 32 };

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

/* ---- bytes: little-endian on any machine */

struct bytes {
    unsigned char *data;
    size_t size;
};

static void events_put(struct bytes *b, uint64_t x, int count)
{
    for (int i = 0; i < count; i++) b->data[b->size++] = (unsigned char)(x >> 8 * i);
}

static uint64_t events_get(const unsigned char *at, int count)
{
    uint64_t x = 0;
    for (int i = 0; i < count; i++) x |= (uint64_t)at[i] << 8 * i;
    return x;
}

/* ---- protocol buffers */

enum wire { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

static void put_varint(struct bytes *b, uint64_t x)
{
    for (; x > 127; x >>= 7) b->data[b->size++] = (unsigned char)(x | 128);
    b->data[b->size++] = (unsigned char)x;
}

static void put_key(struct bytes *b, int field, enum wire wire)
{
    put_varint(b, (uint64_t)field << 3 | (uint64_t)wire);
}

static void events_put_text(struct bytes *b, int field, const void *text, size_t size)
{
    put_key(b, field, BYTES);
    put_varint(b, size);
    memcpy(b->data + b->size, text, size);
    b->size += size;
}

/* Event: wall_time = 1, step = 2. */
static void put_event(struct bytes *b, double wall_time, int64_t step)
{
    uint64_t bits;
    memcpy(&bits, &wall_time, sizeof bits);
    put_key(b, 1, FIXED64);
    events_put(b, bits, 8);
    if (step == 0) return; /* protocol buffers omit defaults */
    put_key(b, 2, VARINT);
    put_varint(b, (uint64_t)step);
}

/* Summary.Value: tag = 1, simple_value = 2. */
static void put_scalar(struct bytes *summary, const struct event_scalar *s)
{
    unsigned char room[VALUE];
    struct bytes value = {room, 0};
    float x = (float)s->value;
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    events_put_text(&value, 1, s->tag, strnlen(s->tag, EVENT_TAG));
    put_key(&value, 2, FIXED32);
    events_put(&value, bits, 4);
    events_put_text(summary, 1, value.data, value.size);
}

/* Summary.Value: tag = 1, image = 4; Summary.Image: height = 1, width = 2, colorspace = 3 (3: RGB),
 * encoded_image_string = 4. */
enum { IMAGE_HEAD = 64 };

static size_t image_head(const struct event_image *m, unsigned char head[IMAGE_HEAD])
{
    struct bytes b = {head, 0};
    const uint64_t number[] = {(uint64_t)m->height, (uint64_t)m->width, 3};
    for (int i = 0; i < 3; i++) {
        put_key(&b, i + 1, VARINT);
        put_varint(&b, number[i]);
    }
    put_key(&b, 4, BYTES);
    put_varint(&b, m->size);
    return b.size;
}

static void events_add(struct bytes *b, const void *data, size_t size)
{
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

static void put_image(struct bytes *summary, const struct event_image *m)
{
    unsigned char head[IMAGE_HEAD], room[EVENT_TAG + IMAGE_HEAD];
    struct bytes value = {room, 0};
    size_t n = image_head(m, head);
    events_put_text(&value, 1, m->tag, strnlen(m->tag, EVENT_TAG));
    put_key(&value, 4, BYTES);
    put_varint(&value, n + m->size);
    put_key(summary, 1, BYTES);
    put_varint(summary, value.size + n + m->size);
    events_add(summary, value.data, value.size);
    events_add(summary, head, n);
    events_add(summary, m->png, m->size);
}

/* ---- records */

/* The event follows HEAD bytes. */
static void close_record(struct bytes *record)
{
    struct bytes head = {record->data, 0};
    size_t size = record->size - HEAD;
    events_put(&head, size, 8);
    events_put(&head, masked(record->data, 8), 4);
    events_put(record, masked(record->data + HEAD, size), TAIL);
}

static size_t first_record(unsigned char *room, double wall_time)
{
    static const char version[] = "brain.Event:2";
    struct bytes b = {room, HEAD};
    put_event(&b, wall_time, 0);
    events_put_text(&b, 3, version, strlen(version));
    close_record(&b);
    return b.size;
}

double events_now(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

att_status events_create(const char *path, double wall_time, struct err *e)
{
    unsigned char room[128];
    return file_write_all(path, room, first_record(room, wall_time), e);
}

att_status events_append(const char *path, double wall_time, int64_t step,
    const struct event_scalar *scalar, int count, struct err *e)
{
    size_t max = (size_t)count * VALUE + 128;
    unsigned char *room = mem_array(2, max);
    if (!room) return err_memory(e, 2 * max, "a log row");
    struct bytes summary = {room + max, 0}, record = {room, HEAD};
    for (int i = 0; i < count; i++)
        if (!isnan(scalar[i].value)) put_scalar(&summary, &scalar[i]);
    put_event(&record, wall_time, step);
    events_put_text(&record, 5, summary.data, summary.size);
    close_record(&record);
    att_status status = summary.size ? file_append(path, record.data, record.size, e) : ATT_OK;
    mem_free(room);
    return status;
}

att_status events_append_images(const char *path, double wall_time, int64_t step,
    const struct event_image *image, int count, struct err *e)
{
    size_t max = 128;
    for (int i = 0; i < count; i++) max += image[i].size + EVENT_TAG + 2 * IMAGE_HEAD;
    unsigned char *room = mem_array(2, max);
    if (!room) return err_memory(e, 2 * max, "the pictures of a validation");
    struct bytes summary = {room + max, 0}, record = {room, HEAD};
    for (int i = 0; i < count; i++) put_image(&summary, &image[i]);
    put_event(&record, wall_time, step);
    events_put_text(&record, 5, summary.data, summary.size);
    close_record(&record);
    att_status status = count ? file_append(path, record.data, record.size, e) : ATT_OK;
    mem_free(room);
    return status;
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
    const uint64_t length = events_get(record, 8);
    if (events_get(record + 8, 4) != masked(record, 8) || length > left - HEAD - TAIL)
        return ATT_OK;
    TRY(file_stream_reach(h, path, at + HEAD + (size_t)length + TAIL, e));
    if (events_get(record + HEAD + length, TAIL) == masked(record + HEAD, (size_t)length))
        *size = HEAD + (size_t)length + TAIL;
    return ATT_OK;
}

/* 0 if put_event did not write the event. */
static int64_t events_step_of(const unsigned char *event, size_t size)
{
    uint64_t step = 0;
    if (size < 11 || event[9] != (2 << 3 | VARINT)) return 0;
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
