/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of the device, built from the embedded sources. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "device/device_state.h"
#include "device/launch.h"

static const struct device_source *source_called(const char *name)
{
    const struct device_source *s = device_sources;
    while (s->name && strcmp(s->name, name) != 0) s++;
    return s;
}

/* The compiler's first words, on one line. */
static void program_complain(
    struct device *d, cl_handle program, const char *source, int32_t answer)
{
    char log[4096] = "", text[768];
    d->cl.clGetProgramBuildInfo(program, d->id, CL_PROGRAM_BUILD_LOG, sizeof log - 1, log, NULL);
    snprintf(text, sizeof text, "its driver cannot build '%s.cl': %.600s", source, log);
    text_tame(text);
    device_fail(d, ATT_IO, text, answer);
}

static cl_handle program_build(struct device *d, const char *source, const char *options)
{
    const struct device_source *common = source_called("common"), *own = source_called(source);
    const char *text[] = {(const char *)common->text, (const char *)own->text};
    const size_t bytes[] = {common->bytes, own->bytes};
    char all[LAUNCH_OPTIONS + 128];
    int32_t answer = CL_SUCCESS;
    if (!own->name) {
        device_fail(d, ATT_FAILED, "a kernel's source is unknown", 0);
        return NULL;
    }
    snprintf(
        all, sizeof all, "-cl-std=CL1.2 -DLANES=%d -DGROUP=%d %s", LANES, LAUNCH_GROUP, options);
    cl_handle p = d->cl.clCreateProgramWithSource(d->context, 2, text, bytes, &answer);
    if (!p) {
        device_fail(d, ATT_IO, "it takes no source", answer);
        return NULL;
    }
    answer = d->cl.clBuildProgram(p, 1, &d->id, all, NULL, NULL);
    if (answer == CL_SUCCESS) return p;
    program_complain(d, p, source, answer);
    d->cl.clReleaseProgram(p);
    return NULL;
}

int device_program(struct device *d, const char *source, const char *options)
{
    struct err e = {.status = ATT_OK};
    for (size_t i = 0; i < d->builts; i++)
        if (strcmp(d->built[i].source, source) == 0 && strcmp(d->built[i].options, options) == 0)
            return (int)i;
    char *copy = mem_text("%s", options);
    if (!copy || strlen(options) >= LAUNCH_OPTIONS ||
        MEM_REACH(d->built, &d->built_room, d->builts + 1, "device programs", &e) != ATT_OK) {
        mem_free(copy);
        device_fail(d, ATT_MEMORY, "the host has no memory for a program", 0);
        return -1;
    }
    cl_handle p = program_build(d, source, options);
    if (!p) {
        mem_free(copy);
        return -1;
    }
    d->built[d->builts] = (struct device_built){source, copy, p};
    return (int)d->builts++;
}
