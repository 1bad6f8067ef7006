/* SPDX-License-Identifier: Apache-2.0 */
/* The part of OpenCL 1.2 that attunet calls. The library is opened when a device is asked for, so
 * neither building nor running needs it. Khronos fixed these types and numbers for good. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Any of OpenCL's handles. */
typedef void *cl_handle;

enum { /* answers */
    CL_SUCCESS = 0,
    CL_MEM_OBJECT_ALLOCATION_FAILURE = -4,
    CL_OUT_OF_HOST_MEMORY = -6,
    CL_INVALID_MEM_OBJECT = -38,
    CL_INVALID_ARG_SIZE = -51
};

enum { /* questions */
    CL_PLATFORM_NAME = 0x0902,
    CL_DEVICE_TYPE = 0x1000,
    CL_DEVICE_MAX_WORK_GROUP_SIZE = 0x1004,
    CL_DEVICE_MAX_MEM_ALLOC_SIZE = 0x1010,
    CL_DEVICE_GLOBAL_MEM_SIZE = 0x101f,
    CL_DEVICE_LOCAL_MEM_SIZE = 0x1023,
    CL_DEVICE_NAME = 0x102b,
    CL_DEVICE_VENDOR = 0x102c,
    CL_DRIVER_VERSION = 0x102d,
    CL_DEVICE_PROFILE = 0x102e,
    CL_DEVICE_HOST_UNIFIED_MEMORY = 0x1035,
    CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV = 0x4000,
    CL_CONTEXT_PLATFORM = 0x1084,
    CL_PROGRAM_BINARY_SIZES = 0x1165,
    CL_PROGRAM_BINARIES = 0x1166,
    CL_PROGRAM_BUILD_LOG = 0x1183,
    CL_PROFILING_COMMAND_START = 0x1282,
    CL_PROFILING_COMMAND_END = 0x1283
};

#define CL_DEVICE_TYPE_GPU UINT64_C(4)
#define CL_DEVICE_TYPE_ALL UINT64_C(0xffffffff)
#define CL_MEM_READ_WRITE UINT64_C(1)
#define CL_MEM_USE_HOST_PTR UINT64_C(8)
#define CL_MEM_COPY_HOST_PTR UINT64_C(32)
#define CL_QUEUE_PROFILING_ENABLE UINT64_C(2)

/* X(result, name, parameters) */
#define OPENCL_CALLS(X)                                                                            \
    X(int32_t, clGetPlatformIDs, (uint32_t, cl_handle *, uint32_t *))                              \
    X(int32_t, clGetPlatformInfo, (cl_handle, uint32_t, size_t, void *, size_t *))                 \
    X(int32_t, clGetDeviceIDs, (cl_handle, uint64_t, uint32_t, cl_handle *, uint32_t *))           \
    X(int32_t, clGetDeviceInfo, (cl_handle, uint32_t, size_t, void *, size_t *))                   \
    X(cl_handle, clCreateContext,                                                                  \
        (const intptr_t *, uint32_t, const cl_handle *, void *, void *, int32_t *))                \
    X(int32_t, clReleaseContext, (cl_handle))                                                      \
    X(cl_handle, clCreateCommandQueue, (cl_handle, cl_handle, uint64_t, int32_t *))                \
    X(cl_handle, clCreateBuffer, (cl_handle, uint64_t, size_t, void *, int32_t *))                 \
    X(int32_t, clReleaseMemObject, (cl_handle))                                                    \
    X(int32_t, clEnqueueWriteBuffer,                                                               \
        (cl_handle, cl_handle, uint32_t, size_t, size_t, const void *, uint32_t,                   \
            const cl_handle *, cl_handle *))                                                       \
    X(int32_t, clEnqueueReadBuffer,                                                                \
        (cl_handle, cl_handle, uint32_t, size_t, size_t, void *, uint32_t, const cl_handle *,      \
            cl_handle *))                                                                          \
    X(int32_t, clEnqueueFillBuffer,                                                                \
        (cl_handle, cl_handle, const void *, size_t, size_t, size_t, uint32_t, const cl_handle *,  \
            cl_handle *))                                                                          \
    X(cl_handle, clCreateProgramWithSource,                                                        \
        (cl_handle, uint32_t, const char **, const size_t *, int32_t *))                           \
    X(cl_handle, clCreateProgramWithBinary,                                                        \
        (cl_handle, uint32_t, const cl_handle *, const size_t *, const unsigned char **,           \
            int32_t *, int32_t *))                                                                 \
    X(int32_t, clBuildProgram,                                                                     \
        (cl_handle, uint32_t, const cl_handle *, const char *, void *, void *))                    \
    X(int32_t, clGetProgramBuildInfo, (cl_handle, cl_handle, uint32_t, size_t, void *, size_t *))  \
    X(int32_t, clGetProgramInfo, (cl_handle, uint32_t, size_t, void *, size_t *))                  \
    X(int32_t, clReleaseProgram, (cl_handle))                                                      \
    X(cl_handle, clCreateKernel, (cl_handle, const char *, int32_t *))                             \
    X(int32_t, clSetKernelArg, (cl_handle, uint32_t, size_t, const void *))                        \
    X(int32_t, clEnqueueNDRangeKernel,                                                             \
        (cl_handle, cl_handle, uint32_t, const size_t *, const size_t *, const size_t *, uint32_t, \
            const cl_handle *, cl_handle *))                                                       \
    X(int32_t, clGetEventProfilingInfo, (cl_handle, uint32_t, size_t, void *, size_t *))           \
    X(int32_t, clReleaseEvent, (cl_handle))                                                        \
    X(int32_t, clFinish, (cl_handle))

struct opencl {
#define OPENCL_CALL(result, name, parameters) result(*name) parameters;
    OPENCL_CALLS(OPENCL_CALL)
#undef OPENCL_CALL
};

/* ATT_USAGE: no library, or one without a call. It stays open. */
att_status opencl_open(struct opencl *cl, struct err *e);
