/* SPDX-License-Identifier: Apache-2.0 */
/* A library for LD_PRELOAD that stands in front of OpenCL, for what pocl never does.  What is asked
 * of it stands in the environment:
 *
 *   OPENCL_GPU    every device says that it is a GPU with memory of its own; kernels have the loops
 *                 of processors, as pocl compiles those of GPUs (test_conv.c) ten times as long
 *   OPENCL_LOST   so many launches run, then the device is lost: no call works
 *   OPENCL_ROOM   bytes of all buffers together, as if other programs used the rest of the memory
 *   OPENCL_NONE   no platform has a driver
 *   OPENCL_GONE   there is no such library
 *   OPENCL_PACE   attunet's clock goes on by a second at each look, and after kernels ended by so
 *                 many milliseconds
 *   OPENCL_IDLE   names of kernels that do nothing, with a space before and behind each
 *   OPENCL_WIDTH  the most work-items of a work-group, as devices say
 *   OPENCL_LOCAL  bytes that a work-group may share: kernels that take more do not run
 *   OPENCL_QUICK  drivers compile with arithmetic that is quick and inexact
 *   OPENCL_CLOSED drivers hand out no programs; pocl first compiles every kernel of one
 *
 * attunet opens libOpenCL.so.1 by name and gets this file; calls that are not here are found in the
 * real library, with which it is linked. */
#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device/opencl.h"

enum { NOT_AVAILABLE = -2, OUT_OF_RESOURCES = -5, BUFFERS = 4096 };
enum { KERNEL_FUNCTION_NAME = 0x1190, KERNEL_LOCAL_MEM_SIZE = 0x11b2 };
int32_t clGetKernelInfo(cl_handle, uint32_t, size_t, void *, size_t *);
int32_t clGetKernelWorkGroupInfo(cl_handle, cl_handle, uint32_t, size_t, void *, size_t *);

/* The next function of this name, of the type of the one that it stands in front of. */
#define REAL(name)                                                                                 \
    __typeof__(&name) real = NULL;                                                                 \
    *(void **)(void *)&real = dlsym(RTLD_NEXT, #name)

static size_t setting(const char *name)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : 0;
}

#define DECLARE(result, name, parameters) result name parameters;
OPENCL_CALLS(DECLARE)
#undef DECLARE

void *dlopen(const char *name, int flags)
{
    REAL(dlopen);
    Dl_info own;
    if (name && strcmp(name, "libOpenCL.so.1") == 0 && dladdr((void *)(uintptr_t)setting, &own))
        name = getenv("OPENCL_GONE") ? "libOpenCL.gone.so" : own.dli_fname;
    return real(name, flags);
}

static bool lost;
static atomic_bool ended; /* kernels ended since the last look at the clock */

int clock_gettime(clockid_t clock, struct timespec *now)
{
    REAL(clock_gettime);
    static atomic_long milliseconds = 1000000;
    Dl_info caller; /* drivers look at the clock, too */
    const char *name = dladdr(__builtin_return_address(0), &caller) ? caller.dli_fname : "";
    if (!getenv("OPENCL_PACE") || !strstr(name, "/libattunet.so")) return real(clock, now);
    const long own = ended ? (long)setting("OPENCL_PACE") : 1000;
    const long all = atomic_fetch_add(&milliseconds, own) + own;
    ended = false;
    *now = (struct timespec){all / 1000, all % 1000 * 1000000};
    return 0;
}

int32_t clGetPlatformIDs(uint32_t room, cl_handle *platforms, uint32_t *count)
{
    REAL(clGetPlatformIDs);
    const int32_t answer = real(room, platforms, count);
    if (getenv("OPENCL_NONE") && count) *count = 0;
    return answer;
}

static bool fits_local(cl_handle kernel)
{
    const uint64_t most = setting("OPENCL_LOCAL");
    uint64_t takes = 0;
    return !most ||
        (clGetKernelWorkGroupInfo(
             kernel, NULL, KERNEL_LOCAL_MEM_SIZE, sizeof takes, &takes, NULL) == CL_SUCCESS &&
            takes <= most);
}

static bool is_idle(cl_handle kernel)
{
    const char *idle = getenv("OPENCL_IDLE");
    char word[64] = " "; /* its name, with spaces */
    if (!idle ||
        clGetKernelInfo(kernel, KERNEL_FUNCTION_NAME, sizeof word - 2, word + 1, NULL) !=
            CL_SUCCESS)
        return false;
    strcat(word, " ");
    return strstr(idle, word) != NULL;
}

int32_t clEnqueueNDRangeKernel(cl_handle queue, cl_handle kernel, uint32_t dims, const size_t *from,
    const size_t *global, const size_t *local, uint32_t waits, const cl_handle *wait,
    cl_handle *event)
{
    REAL(clEnqueueNDRangeKernel);
    static size_t launches;
    const size_t most = setting("OPENCL_LOST");
    if (most && launches++ >= most) lost = true;
    if (lost) return NOT_AVAILABLE;
    if (!fits_local(kernel)) return OUT_OF_RESOURCES;
    if (is_idle(kernel)) return CL_SUCCESS;
    return real(queue, kernel, dims, from, global, local, waits, wait, event);
}

int32_t clFinish(cl_handle queue)
{
    REAL(clFinish);
    ended = true;
    return lost ? NOT_AVAILABLE : real(queue);
}

int32_t clEnqueueReadBuffer(cl_handle queue, cl_handle buffer, uint32_t blocks, size_t at,
    size_t bytes, void *to, uint32_t waits, const cl_handle *wait, cl_handle *event)
{
    REAL(clEnqueueReadBuffer);
    return lost ? NOT_AVAILABLE : real(queue, buffer, blocks, at, bytes, to, waits, wait, event);
}

int32_t clGetDeviceInfo(cl_handle id, uint32_t question, size_t size, void *to, size_t *needs)
{
    REAL(clGetDeviceInfo);
    const uint64_t gpu = CL_DEVICE_TYPE_GPU;
    const size_t width = setting("OPENCL_WIDTH");
    const int32_t answer = real(id, question, size, to, needs);
    const uint64_t shared = setting("OPENCL_LOCAL");
    if (width && to && question == CL_DEVICE_MAX_WORK_GROUP_SIZE) memcpy(to, &width, sizeof width);
    if (shared && to && question == CL_DEVICE_LOCAL_MEM_SIZE) memcpy(to, &shared, sizeof shared);
    if (!getenv("OPENCL_GPU") || !to) return answer;
    if (question == CL_DEVICE_TYPE) memcpy(to, &gpu, sizeof gpu);
    if (question == CL_DEVICE_HOST_UNIFIED_MEMORY) memset(to, 0, sizeof(uint32_t));
    return answer;
}

int32_t clBuildProgram(cl_handle program, uint32_t count, const cl_handle *ids, const char *options,
    void *when_built, void *with)
{
    REAL(clBuildProgram);
    char own[1024];
    snprintf(own, sizeof own, "%s%s", options ? options : "",
        getenv("OPENCL_QUICK") ? " -cl-fast-relaxed-math" : "");
    char *gpu = getenv("OPENCL_GPU") ? strstr(own, "-DGPU=1") : NULL;
    if (gpu) gpu[strlen("-DGPU=")] = '0';
    return real(program, count, ids, options ? own : NULL, when_built, with);
}

int32_t clGetProgramInfo(cl_handle program, uint32_t question, size_t size, void *to, size_t *needs)
{
    REAL(clGetProgramInfo);
    if (!getenv("OPENCL_CLOSED") || question != CL_PROGRAM_BINARY_SIZES)
        return real(program, question, size, to, needs);
    memset(to, 0, size);
    return CL_SUCCESS;
}

/* Buffers that are there. */
static struct {
    cl_handle buffer;
    size_t bytes;
} made[BUFFERS];
static size_t taken;

cl_handle clCreateBuffer(
    cl_handle context, uint64_t flags, size_t bytes, void *from, int32_t *answer)
{
    REAL(clCreateBuffer);
    const size_t most = setting("OPENCL_ROOM");
    *answer = CL_MEM_OBJECT_ALLOCATION_FAILURE;
    if (most && (bytes > most || taken > most - bytes)) return NULL;
    cl_handle b = real(context, flags, bytes, from, answer);
    for (int i = 0; b && i < BUFFERS; i++)
        if (!made[i].buffer) {
            made[i].buffer = b;
            made[i].bytes = bytes;
            taken += bytes;
            break;
        }
    return b;
}

int32_t clReleaseMemObject(cl_handle buffer)
{
    REAL(clReleaseMemObject);
    for (int i = 0; i < BUFFERS; i++)
        if (made[i].buffer == buffer) {
            taken -= made[i].bytes;
            made[i].buffer = NULL;
            break;
        }
    return real(buffer);
}
