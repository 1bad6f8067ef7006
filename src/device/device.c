/* SPDX-License-Identifier: Apache-2.0 */
#include "device/device.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "device/device_state.h"
#include "device/launch.h"

enum { PLATFORMS = 16, DEVICES = 32, FIRST_WITH_MATRIX = 8 /* compute capability */ };

/* Written under the lock; `opened` once. */
static struct device the_device;
static bool opened;
static pthread_mutex_t device_mutex = PTHREAD_MUTEX_INITIALIZER;

struct device *device_lock(void)
{
    pthread_mutex_lock(&device_mutex);
    if (opened) return &the_device;
    pthread_mutex_unlock(&device_mutex);
    return NULL;
}

void device_unlock(void) { pthread_mutex_unlock(&device_mutex); }

void device_fail(struct device *d, att_status status, const char *what, int32_t answer)
{
    if (device_failed(d)) return;
    if (answer == CL_MEM_OBJECT_ALLOCATION_FAILURE || answer == CL_OUT_OF_HOST_MEMORY)
        status = ATT_MEMORY;
    err_set(&d->failure, status,
        status == ATT_MEMORY
            ? "device '%s' is out of memory: %s (OpenCL %d); use a smaller patch, batch or network"
            : "device '%s' failed: %s (OpenCL %d); restart from the last checkpoint, or use the "
              "device 'cpu'",
        d->facts.name, what, (int)answer);
}

static void device_text(const struct opencl *cl, cl_handle id, uint32_t question, char *to)
{
    char text[1024] = "";
    cl->clGetDeviceInfo(id, question, sizeof text - 1, text, NULL);
    snprintf(to, DEVICE_NAME, "%.*s", DEVICE_NAME - 1, text);
    text_tame(to);
}

static uint64_t device_number(const struct opencl *cl, cl_handle id, uint32_t question, size_t size)
{
    uint64_t number = 0;
    uint32_t small = 0;
    if (size == sizeof small) {
        cl->clGetDeviceInfo(id, question, size, &small, NULL);
        return small;
    }
    cl->clGetDeviceInfo(id, question, size, &number, NULL);
    return number;
}

static struct device_facts device_ask(const struct opencl *cl, cl_handle platform, cl_handle id)
{
    struct device_facts f = {.gpu = false};
    char vendor[DEVICE_NAME], version[DEVICE_NAME], profile[DEVICE_NAME], name[512] = "";
    device_text(cl, id, CL_DEVICE_NAME, f.name);
    device_text(cl, id, CL_DEVICE_VENDOR, vendor);
    device_text(cl, id, CL_DRIVER_VERSION, version);
    device_text(cl, id, CL_DEVICE_PROFILE, profile);
    cl->clGetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof name - 1, name, NULL);
    text_tame(name);
    snprintf(f.driver, sizeof f.driver, "%.60s %.60s", name, version);
    f.gpu = device_number(cl, id, CL_DEVICE_TYPE, 8) & CL_DEVICE_TYPE_GPU;
    uint32_t shared = 1; /* where a driver does not say */
    cl->clGetDeviceInfo(id, CL_DEVICE_HOST_UNIFIED_MEMORY, sizeof shared, &shared, NULL);
    f.apart = !shared;
    f.nvidia = strstr(vendor, "NVIDIA");
    f.matrix = f.nvidia &&
        device_number(cl, id, CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV, 4) >= FIRST_WITH_MATRIX;
    f.memory = (size_t)device_number(cl, id, CL_DEVICE_GLOBAL_MEM_SIZE, 8);
    f.largest = (size_t)device_number(cl, id, CL_DEVICE_MAX_MEM_ALLOC_SIZE, 8);
    f.local = (size_t)device_number(cl, id, CL_DEVICE_LOCAL_MEM_SIZE, 8);
    f.group = (size_t)device_number(cl, id, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof(size_t));
    f.usable = strcmp(profile, "FULL_PROFILE") == 0 && f.group >= LAUNCH_GROUP;
    return f;
}

struct device_found {
    struct device_facts facts;
    cl_handle platform, id;
};

/* Of the list: GPUs that can be used, other GPUs, the rest. */
static int device_place(const struct device_facts *f) { return f->gpu ? !f->usable : 2; }

/* All devices, in this order. */
static int device_find(const struct opencl *cl, struct device_found found[DEVICES])
{
    cl_handle platform[PLATFORMS], id[DEVICES];
    uint32_t platforms = 0;
    int count = 0;
    if (cl->clGetPlatformIDs(PLATFORMS, platform, &platforms) != CL_SUCCESS) return 0;
    for (int place = 0; place < 3; place++)
        for (uint32_t p = 0; p < platforms && p < PLATFORMS; p++) {
            uint32_t devices = 0;
            if (cl->clGetDeviceIDs(platform[p], CL_DEVICE_TYPE_ALL, DEVICES, id, &devices) !=
                CL_SUCCESS)
                continue;
            for (uint32_t i = 0; i < devices && i < DEVICES && count < DEVICES; i++) {
                struct device_facts f = device_ask(cl, platform[p], id[i]);
                if (device_place(&f) == place)
                    found[count++] = (struct device_found){f, platform[p], id[i]};
            }
        }
    return count;
}

/* Opened once: a library that was closed may leave threads behind. */
static att_status device_library(const struct opencl **cl, struct err *e)
{
    static struct opencl calls;
    static bool there;
    if (!there) TRY(opencl_open(&calls, e));
    there = true;
    *cl = &calls;
    return ATT_OK;
}

static att_status device_list_locked(struct device_facts *list, int room, int *count, struct err *e)
{
    const struct opencl *cl;
    struct device_found found[DEVICES];
    TRY(device_library(&cl, e));
    int all = device_find(cl, found);
    *count = all < room ? all : room;
    for (int i = 0; i < *count; i++) list[i] = found[i].facts;
    return ATT_OK;
}

att_status device_list(struct device_facts *list, int room, int *count, struct err *e)
{
    *count = 0;
    pthread_mutex_lock(&device_mutex);
    att_status s = device_list_locked(list, room, count, e);
    pthread_mutex_unlock(&device_mutex);
    return s;
}

const char *device_word(const struct device_facts *f, int index, char name[DEVICE_WORD])
{
    snprintf(name, DEVICE_WORD, "%s:%d", f->gpu ? "gpu" : "opencl", index);
    return name;
}

static att_status device_start(struct device *d, const struct device_found *f, struct err *e)
{
    const intptr_t where[] = {CL_CONTEXT_PLATFORM, (intptr_t)f->platform, 0};
    int32_t answer = CL_SUCCESS;
    if (!f->facts.usable)
        return err_usage(e,
            "device '%s' cannot run attunet, which needs OpenCL's full profile and work-groups of "
            "%d; use the device 'cpu'",
            f->facts.name, LAUNCH_GROUP);
    d->facts = f->facts;
    d->keeps = f->facts.gpu; /* pocl keeps its own, and takes long to hand them out */
    d->id = f->id;
    d->context = d->cl.clCreateContext(where, 1, &d->id, NULL, NULL, &answer);
    if (d->context)
        d->queue =
            d->cl.clCreateCommandQueue(d->context, d->id, CL_QUEUE_PROFILING_ENABLE, &answer);
    if (d->queue) return ATT_OK;
    if (d->context) d->cl.clReleaseContext(d->context);
    return err_usage(e,
        "device '%s' cannot be opened (OpenCL %d); check its driver, or use the device 'cpu'",
        f->facts.name, (int)answer);
}

/* *fresh: it was not open. */
static att_status device_open_locked(int index, bool *fresh, struct err *e)
{
    const struct opencl *cl;
    struct device_found found[DEVICES];
    if (opened && the_device.index == index) return ATT_OK;
    if (opened)
        return err_usage(e,
            "device %d cannot be opened: this process uses '%s', and a process uses one device; "
            "start another one",
            index, the_device.facts.name);
    TRY(device_library(&cl, e));
    int count = device_find(cl, found);
    if (index < 0 || index >= count)
        return err_usage(e,
            "device %d does not exist: OpenCL finds %d device%s; use the device 'cpu'", index,
            count, TEXT_S(count));
    the_device.cl = *cl;
    the_device.index = index;
    TRY(device_start(&the_device, &found[index], e));
    opened = *fresh = true;
    return ATT_OK;
}

att_status device_open(int index, struct err *e)
{
    bool fresh = false;
    pthread_mutex_lock(&device_mutex);
    att_status s = device_open_locked(index, &fresh, e);
    pthread_mutex_unlock(&device_mutex);
    if (fresh) device_check_wide();
    return s == ATT_OK ? device_check(e) : s;
}

const struct device_facts *device_opened(void)
{
    struct device *d = device_lock();
    if (d) device_unlock();
    return d ? &d->facts : NULL;
}

att_status device_check(struct err *e)
{
    struct device *d = device_lock();
    if (!d) return ATT_OK;
    int32_t answer = device_failed(d) ? CL_SUCCESS : d->cl.clFinish(d->queue);
    if (answer != CL_SUCCESS) device_fail(d, ATT_IO, "its kernels did not end", answer);
    att_status s = device_failed(d) ? err_pass(e, d->failure.status, &d->failure) : ATT_OK;
    device_unlock();
    return s;
}
