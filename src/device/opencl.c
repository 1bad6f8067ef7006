/* SPDX-License-Identifier: Apache-2.0 */
#include "device/opencl.h"

#include <dlfcn.h>
#include <string.h>

/* A static program has no dlopen that works: these names alone do not bring one in. */
#pragma weak dlopen
#pragma weak dlsym
#pragma weak dlclose
#pragma weak dlerror

static const char *const opencl_names[] = {
#define OPENCL_NAME(result, name, parameters) #name,
    OPENCL_CALLS(OPENCL_NAME)
#undef OPENCL_NAME
};
enum { OPENCL_COUNT = sizeof opencl_names / sizeof *opencl_names };

_Static_assert(
    sizeof(struct opencl) == OPENCL_COUNT * sizeof(void *), "a call is one address, in this order");

att_status opencl_open(struct opencl *cl, struct err *e)
{
    if (!dlopen || !dlsym || !dlclose || !dlerror)
        return err_usage(e,
            "a GPU needs the OpenCL library 'libOpenCL.so.1', which a static program cannot open; "
            "use the attunet of the package, or the device 'cpu'");
    void *library = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return err_usage(e,
            "a GPU needs the OpenCL library 'libOpenCL.so.1', which cannot be opened: %s; install "
            "the driver of the GPU, and ocl-icd-libopencl1 on Debian, or use the device 'cpu'",
            dlerror());
    for (int i = 0; i < OPENCL_COUNT; i++) {
        void *call = dlsym(library, opencl_names[i]);
        if (!call) {
            dlclose(library);
            return err_usage(e,
                "the OpenCL library 'libOpenCL.so.1' lacks '%s' of OpenCL 1.2; install a newer "
                "driver, or use the device 'cpu'",
                opencl_names[i]);
        }
        memcpy((unsigned char *)cl + (size_t)i * sizeof call, &call, sizeof call);
    }
    return ATT_OK;
}
