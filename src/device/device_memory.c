/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of the device at reserved addresses of the host. */
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "device/device_state.h"

const struct device_range *device_range_of(const struct device *d, const void *at)
{
    const unsigned char *p = at;
    for (size_t i = 0; i < d->ranges; i++)
        if (p >= d->range[i].at && p < d->range[i].at + d->range[i].bytes) return &d->range[i];
    return NULL;
}

/* Whether adopted memory is what kernels compute on: the device is the processor. */
static bool device_in_place(const struct device *d) { return !d->facts.gpu && !d->facts.apart; }

/* A buffer with the bytes at `from`, or zeros; NULL: no memory. */
static cl_handle device_buffer(struct device *d, size_t bytes, void *from)
{
    const unsigned char zero = 0;
    int32_t answer;
    if (from && device_in_place(d))
        return d->cl.clCreateBuffer(
            d->context, CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, bytes, from, &answer);
    cl_handle b = d->cl.clCreateBuffer(d->context, CL_MEM_READ_WRITE, bytes, NULL, &answer);
    if (!b) return NULL;
    /* the driver allocates when a buffer is first used */
    answer = from
        ? d->cl.clEnqueueWriteBuffer(d->queue, b, 1, 0, bytes, from, 0, NULL, NULL)
        : d->cl.clEnqueueFillBuffer(d->queue, b, &zero, sizeof zero, 0, bytes, 0, NULL, NULL);
    if (answer == CL_SUCCESS) answer = d->cl.clFinish(d->queue);
    if (answer == CL_SUCCESS) return b;
    d->cl.clReleaseMemObject(b);
    return NULL;
}

static bool device_add(struct device *d, void *at, size_t bytes, void *from)
{
    struct err e = {.status = ATT_OK};
    if (device_failed(d) ||
        MEM_REACH(d->range, &d->range_room, d->ranges + 1, "device memory", &e) != ATT_OK)
        return false;
    cl_handle b = device_buffer(d, bytes, from);
    if (b) d->range[d->ranges++] = (struct device_range){at, bytes, b, from};
    return b;
}

static void device_drop(struct device *d, const void *at)
{
    for (size_t i = 0; i < d->ranges; i++)
        if (d->range[i].at == at) {
            d->cl.clReleaseMemObject(d->range[i].buffer);
            d->range[i] = d->range[--d->ranges];
            return;
        }
}

/* Ends the mappings that begin here; their copies go up if `keep`. */
static void device_unmap_locked(struct device *d, unsigned char *from, size_t bytes, bool keep);

static void *device_create(size_t bytes)
{
    const size_t room = bytes ? bytes : 1;
    struct device *d = device_lock();
    if (!d) return NULL;
    void *at = mem_reserve(room);
    if (at && !device_add(d, at, room, NULL)) {
        mem_unmap(at, room);
        at = NULL;
    }
    device_unlock();
    return at;
}

static void device_destroy(void *at, size_t bytes)
{
    struct device *d = device_lock();
    if (!d) return;
    device_unmap_locked(d, at, bytes, false);
    device_drop(d, at);
    mem_unmap(at, bytes ? bytes : 1);
    device_unlock();
}

/* The buffer with all these bytes, or NULL after a failure. */
static const struct device_range *device_piece(struct device *d, const void *at, size_t bytes)
{
    const struct device_range *r = device_range_of(d, at);
    if (r && bytes <= r->bytes - (size_t)((const unsigned char *)at - r->at)) return r;
    device_fail(d, ATT_FAILED, "an address is not in its memory", 0);
    return NULL;
}

static void device_write(struct device *d, void *to, const void *from, size_t bytes)
{
    const struct device_range *r = bytes ? device_piece(d, to, bytes) : NULL;
    if (!r || device_failed(d)) return;
    int32_t answer = d->cl.clEnqueueWriteBuffer(
        d->queue, r->buffer, 1, (size_t)((unsigned char *)to - r->at), bytes, from, 0, NULL, NULL);
    if (answer != CL_SUCCESS) device_fail(d, ATT_IO, "it took no numbers", answer);
}

/* After a failure: not a number in float, double and bfloat16. */
static void device_read(struct device *d, const void *from, void *to, size_t bytes)
{
    const struct device_range *r = bytes ? device_piece(d, from, bytes) : NULL;
    if (r && !device_failed(d)) {
        int32_t answer = d->cl.clEnqueueReadBuffer(d->queue, r->buffer, 1,
            (size_t)((const unsigned char *)from - r->at), bytes, to, 0, NULL, NULL);
        if (answer != CL_SUCCESS) device_fail(d, ATT_IO, "it gave no numbers", answer);
    }
    if (device_failed(d)) memset(to, 0xff, bytes);
}

static void device_upload(void *to, const void *from, size_t bytes)
{
    struct device *d = device_lock();
    if (!d) return;
    device_write(d, to, from, bytes);
    device_unlock();
}

static void device_download(const void *from, void *to, size_t bytes)
{
    struct device *d = device_lock();
    if (!d) return;
    device_read(d, from, to, bytes);
    device_unlock();
}

static void device_fill_bytes(void *at, int byte, size_t bytes)
{
    const unsigned char value = (unsigned char)byte;
    struct device *d = device_lock();
    if (!d) return;
    const struct device_range *r = bytes ? device_piece(d, at, bytes) : NULL;
    if (r && !device_failed(d)) {
        int32_t answer = d->cl.clEnqueueFillBuffer(d->queue, r->buffer, &value, sizeof value,
            (size_t)((unsigned char *)at - r->at), bytes, 0, NULL, NULL);
        if (answer != CL_SUCCESS) device_fail(d, ATT_IO, "it filled no memory", answer);
    }
    device_unlock();
}

/* A piece of an earlier mapping shares its copy. */
static void *device_map_locked(struct device *d, void *at, size_t bytes)
{
    unsigned char *from = at;
    struct err e = {.status = ATT_OK};
    for (size_t i = 0; i < d->mappings; i++) {
        const struct device_mapping *m = &d->mapping[i];
        if (from >= m->at && from + bytes <= m->at + m->bytes)
            return (unsigned char *)m->copy + (from - m->at);
    }
    void *copy = mem_map(bytes);
    if (!copy ||
        MEM_REACH(d->mapping, &d->mapping_room, d->mappings + 1, "device memory", &e) != ATT_OK) {
        mem_unmap(copy, bytes);
        device_fail(d, ATT_MEMORY, "the host has no memory for a copy", 0);
        return NULL;
    }
    device_read(d, at, copy, bytes);
    d->mapping[d->mappings++] = (struct device_mapping){at, bytes, copy};
    return copy;
}

static void *device_map(void *at, size_t bytes)
{
    struct device *d = device_lock();
    if (!d) return NULL;
    void *copy = device_map_locked(d, at, bytes);
    device_unlock();
    return copy;
}

static void device_unmap_locked(struct device *d, unsigned char *from, size_t bytes, bool keep)
{
    for (size_t i = 0; i < d->mappings;) {
        struct device_mapping m = d->mapping[i];
        if (m.at < from || m.at >= from + bytes) {
            i++;
            continue;
        }
        if (keep) device_write(d, m.at, m.copy, m.bytes);
        mem_unmap(m.copy, m.bytes);
        d->mapping[i] = d->mapping[--d->mappings];
    }
}

static void device_unmap(void *at, size_t bytes)
{
    struct device *d = device_lock();
    if (!d) return;
    device_unmap_locked(d, at, bytes, true);
    device_unlock();
}

/* How much of `most` bytes a buffer may take now: a desktop and other programs use the card, too.
 * No question of OpenCL tells it, so buffers are tried. A GPU that shares the host's memory is not
 * asked, as each try would take that memory. */
static size_t device_room(struct device *d, size_t most)
{
    size_t fits = 0, fails = most + 1, bytes = most;
    if (!d->facts.gpu || !d->facts.apart || device_failed(d)) return most;
    for (; bytes && fails - fits > fits / 16 + 1; bytes = fits + (fails - fits) / 2) {
        cl_handle b = device_buffer(d, bytes, NULL);
        if (b) d->cl.clReleaseMemObject(b);
        *(b ? &fits : &fails) = bytes;
    }
    return fits;
}

/* What is free of memory that the device shares with the host, without a part for the host. */
static size_t device_shared(size_t most)
{
    const double part = 0.75 * limit_free();
    return part > 0 && part < (double)most ? (size_t)part : most;
}

/* A part is left to the driver, and to the desktop on the same card. */
static void device_measure(size_t *used, size_t *left)
{
    struct device *d = device_lock();
    *used = *left = 0;
    if (!d) return;
    const size_t all = d->facts.memory - d->facts.memory / 16;
    for (size_t i = 0; i < d->ranges; i++) *used += d->range[i].bytes;
    if (*used < all) *left = all - *used;
    if (!d->facts.apart) *left = device_shared(*left);
    if (*left > d->facts.largest) *left = d->facts.largest;
    *left = device_room(d, *left);
    device_unlock();
}

const struct memory memory_device = {device_create, device_destroy, device_upload, device_download,
    device_fill_bytes, device_map, device_unmap, NULL, device_measure, device_check};

bool device_adopt(void *at, size_t bytes)
{
    struct device *d = device_lock();
    if (!d) return false;
    bool added = device_add(d, at, bytes, at);
    device_unlock();
    return added;
}

void device_release(void *at)
{
    struct device *d = device_lock();
    if (!d) return;
    const struct device_range *r = device_range_of(d, at);
    if (r && r->adopted) {
        if (!device_in_place(d) || device_failed(d))
            device_read(d, r->at, r->at, r->bytes);
        else
            d->cl.clFinish(d->queue);
        device_drop(d, r->at);
    }
    device_unlock();
}
