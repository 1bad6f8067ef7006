/* SPDX-License-Identifier: Apache-2.0 */
#include "device/launch.h"

#include <string.h>

#include "base/mem.h"
#include "device/device_state.h"

struct launch launch_of(const char *source, const char *kernel, const char *options)
{
    return (struct launch){.source = source, .kernel = kernel, .options = options ? options : ""};
}

static struct launch_arg *launch_next(struct launch *l)
{
    struct launch_arg *a = &l->arg[l->count < LAUNCH_ARGS ? l->count : LAUNCH_ARGS - 1];
    l->count++;
    return a;
}

void launch_at(struct launch *l, const void *at)
{
    *launch_next(l) = (struct launch_arg){.at = at, .kind = LAUNCH_AT};
}

void launch_value(struct launch *l, const void *value, size_t bytes)
{
    struct launch_arg *a = launch_next(l);
    *a = (struct launch_arg){.kind = LAUNCH_VALUE, .bytes = bytes};
    if (bytes <= sizeof a->value) memcpy(a->value, value, bytes);
}

void launch_int(struct launch *l, int value) { launch_value(l, &value, sizeof value); }
void launch_long(struct launch *l, int64_t value) { launch_value(l, &value, sizeof value); }
void launch_float(struct launch *l, float value) { launch_value(l, &value, sizeof value); }
void launch_double(struct launch *l, double value)
{
    wide_pack(&value, 1);
    launch_value(l, &value, sizeof value);
}

void launch_constant(struct launch *l, const void *host, size_t bytes)
{
    *launch_next(l) = (struct launch_arg){.at = host, .kind = LAUNCH_CONSTANT, .bytes = bytes};
}

void launch_tensor(struct launch *l, const struct tensor *t)
{
    /* struct view in common.cl */
    const int view[] = {
        t->s.n, t->s.c, t->s.d, t->s.h, t->s.w, t->lanes, t->half, tensor_blocks(t)};
    launch_at(l, t->p);
    launch_value(l, view, sizeof view);
}

static cl_handle launch_kernel(struct device *d, const struct launch *l)
{
    struct err e = {.status = ATT_OK};
    int32_t answer;
    const int built = device_program(d, l->source, l->options);
    if (built < 0) return NULL;
    for (size_t i = 0; i < d->kernels; i++)
        if (d->kernel[i].built == built && strcmp(d->kernel[i].name, l->kernel) == 0)
            return d->kernel[i].kernel;
    if (MEM_REACH(d->kernel, &d->kernel_room, d->kernels + 1, "device kernels", &e) != ATT_OK) {
        device_fail(d, ATT_MEMORY, "the host has no memory for a kernel", 0);
        return NULL;
    }
    cl_handle k = d->cl.clCreateKernel(d->built[built].program, l->kernel, &answer);
    if (!k)
        device_fail(d, ATT_FAILED, l->kernel, answer);
    else
        d->kernel[d->kernels++] = (struct device_kernel){built, l->kernel, k};
    return k;
}

static int32_t launch_set_at(
    const struct device *d, cl_handle kernel, uint32_t *index, const struct launch_arg *a)
{
    const struct device_range *r = a->at ? device_range_of(d, a->at) : NULL;
    const uint64_t from = r ? (uint64_t)((const unsigned char *)a->at - r->at) : 0;
    if (a->at && !r) return CL_INVALID_MEM_OBJECT;
    int32_t answer =
        d->cl.clSetKernelArg(kernel, (*index)++, sizeof(cl_handle), r ? &r->buffer : NULL);
    if (answer != CL_SUCCESS) return answer;
    return d->cl.clSetKernelArg(kernel, (*index)++, sizeof from, &from);
}

/* The buffer with these numbers; NULL: no memory. Launches that use an older one keep it. */
static cl_handle launch_constant_of(struct device *d, const void *host, size_t bytes)
{
    int32_t answer;
    struct device_constant *c = d->constant;
    for (int i = 0; i < DEVICE_CONSTANTS; i++, c++)
        if (c->buffer && c->bytes == bytes && memcmp(c->copy, host, bytes) == 0) return c->buffer;
    c = &d->constant[d->constants++ % DEVICE_CONSTANTS];
    if (c->buffer) d->cl.clReleaseMemObject(c->buffer);
    mem_free(c->copy);
    *c = (struct device_constant){.copy = mem_alloc(bytes), .bytes = bytes};
    if (!c->copy) return NULL;
    memcpy(c->copy, host, bytes);
    c->buffer = d->cl.clCreateBuffer(
        d->context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR, bytes, c->copy, &answer);
    return c->buffer;
}

/* An address of the host. */
static int32_t launch_set_constant(
    struct device *d, cl_handle kernel, uint32_t *index, const struct launch_arg *a)
{
    const uint64_t from = 0;
    const cl_handle b = a->at ? launch_constant_of(d, a->at, a->bytes) : NULL;
    if (a->at && !b) return CL_MEM_OBJECT_ALLOCATION_FAILURE;
    int32_t answer = d->cl.clSetKernelArg(kernel, (*index)++, sizeof b, b ? &b : NULL);
    if (answer != CL_SUCCESS) return answer;
    return d->cl.clSetKernelArg(kernel, (*index)++, sizeof from, &from);
}

static int32_t launch_set(struct device *d, cl_handle kernel, const struct launch *l)
{
    uint32_t index = 0;
    for (int i = 0; i < l->count; i++) {
        const struct launch_arg *a = &l->arg[i];
        int32_t answer;
        if (i >= LAUNCH_ARGS || (a->kind == LAUNCH_VALUE && a->bytes > LAUNCH_BYTES))
            return CL_INVALID_ARG_SIZE;
        if (a->kind == LAUNCH_AT)
            answer = launch_set_at(d, kernel, &index, a);
        else if (a->kind == LAUNCH_CONSTANT)
            answer = launch_set_constant(d, kernel, &index, a);
        else
            answer = d->cl.clSetKernelArg(kernel, index++, a->bytes, a->value);
        if (answer != CL_SUCCESS) return answer;
    }
    return CL_SUCCESS;
}

static void launch_add_time(struct device *d, cl_handle event)
{
    uint64_t start = 0, end = 0;
    d->cl.clFinish(d->queue);
    d->cl.clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof start, &start, NULL);
    d->cl.clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, NULL);
    d->cl.clReleaseEvent(event);
    *d->seconds += (double)(end - start) * 1e-9;
}

static void launch_locked(
    struct device *d, const struct launch *l, int dims, const size_t *global, const size_t *local)
{
    cl_handle event = NULL, kernel = launch_kernel(d, l);
    if (!kernel) return;
    int32_t answer = launch_set(d, kernel, l);
    if (answer == CL_SUCCESS)
        answer = d->cl.clEnqueueNDRangeKernel(d->queue, kernel, (uint32_t)dims, NULL, global, local,
            0, NULL, d->seconds ? &event : NULL);
    if (answer != CL_SUCCESS)
        device_fail(d, ATT_IO, l->kernel, answer);
    else if (event)
        launch_add_time(d, event);
}

void launch_run(struct launch *l, int dims, const size_t *global, const size_t *local)
{
    for (int i = 0; i < dims; i++)
        if (global[i] == 0) return;
    struct device *d = device_lock();
    if (!d) return;
    if (!device_failed(d)) launch_locked(d, l, dims, global, local);
    device_unlock();
}

void launch_over(struct launch *l, size_t n)
{
    const size_t local = LAUNCH_GROUP, global = (n + local - 1) / local * local;
    launch_run(l, 1, &global, &local);
}

void launch_elements(struct launch *l, const struct tensor *t)
{
    const size_t local[] = {LAUNCH_GROUP, 1}, block = tensor_block_size(t);
    const size_t global[] = {(block + LAUNCH_GROUP - 1) / LAUNCH_GROUP * LAUNCH_GROUP,
        (size_t)t->s.n * (size_t)tensor_blocks(t)};
    launch_run(l, 2, global, local);
}

void launch_groups(struct launch *l, size_t x, size_t y, size_t z)
{
    launch_run(
        l, 3, (const size_t[]){x * LAUNCH_GROUP, y, z}, (const size_t[]){LAUNCH_GROUP, 1, 1});
}

void launch_measure(double *seconds)
{
    struct device *d = device_lock();
    if (!d) return;
    d->seconds = seconds;
    device_unlock();
}

/* ---- memory of several stages, one user at a time */

static struct {
    pthread_mutex_t lock;
    void *at;
    size_t bytes;
} borrowed = {.lock = PTHREAD_MUTEX_INITIALIZER};

void *launch_borrow(size_t bytes)
{
    pthread_mutex_lock(&borrowed.lock);
    if (bytes <= borrowed.bytes) return borrowed.at;
    if (borrowed.at) memory_device.destroy(borrowed.at, borrowed.bytes);
    borrowed.at = memory_device.create(bytes);
    borrowed.bytes = borrowed.at ? bytes : 0;
    if (borrowed.at) return borrowed.at;
    struct device *d = device_lock();
    if (d) {
        device_fail(d, ATT_MEMORY, "sums need more memory", 0);
        device_unlock();
    }
    return NULL;
}

void launch_return(void) { pthread_mutex_unlock(&borrowed.lock); }
