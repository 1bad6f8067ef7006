/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of the device, built from the embedded sources. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "device/device_cache.h"
#include "device/device_state.h"
#include "device/launch.h"
#include "files/hash.h"

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

/* What is built: sources, options, and who builds it. */
struct program_recipe {
    const char *text[2];
    size_t bytes[2];
    char options[LAUNCH_OPTIONS + 128];
};

/* ---- binaries in the user's cache folder */

static char *program_path(const struct device *d, const struct program_recipe *r)
{
    struct hash h;
    hash_begin(&h);
    hash_add(&h, d->facts.name, sizeof d->facts.name);
    hash_add(&h, d->facts.driver, sizeof d->facts.driver);
    hash_add(&h, r->options, strlen(r->options) + 1);
    for (int i = 0; i < 2; i++) hash_add(&h, r->text[i], r->bytes[i]);
    return device_cache_path(hash_end(&h));
}

/* NULL: none that this driver takes. */
static cl_handle program_read(const struct device *d, const char *path)
{
    char *data;
    size_t bytes;
    int32_t answer = CL_SUCCESS, whole = CL_SUCCESS;
    if (!device_cache_read(path, &data, &bytes)) return NULL;
    const unsigned char *code = (const unsigned char *)data;
    cl_handle p =
        d->cl.clCreateProgramWithBinary(d->context, 1, &d->id, &bytes, &code, &whole, &answer);
    mem_free(data);
    if (p && answer == CL_SUCCESS && whole == CL_SUCCESS &&
        d->cl.clBuildProgram(p, 1, &d->id, NULL, NULL, NULL) == CL_SUCCESS)
        return p;
    if (p) d->cl.clReleaseProgram(p);
    return NULL;
}

static void program_keep(const struct device *d, cl_handle p, const char *path)
{
    size_t bytes = 0;
    if (!path ||
        d->cl.clGetProgramInfo(p, CL_PROGRAM_BINARY_SIZES, sizeof bytes, &bytes, NULL) !=
            CL_SUCCESS)
        return;
    unsigned char *code = bytes ? mem_alloc(bytes) : NULL;
    if (code &&
        d->cl.clGetProgramInfo(p, CL_PROGRAM_BINARIES, sizeof code, &code, NULL) == CL_SUCCESS)
        device_cache_write(path, code, bytes);
    mem_free(code);
}

static cl_handle program_compile(
    struct device *d, const char *source, const struct program_recipe *r)
{
    int32_t answer = CL_SUCCESS;
    const char *text[] = {r->text[0], r->text[1]};
    cl_handle p = d->cl.clCreateProgramWithSource(d->context, 2, text, r->bytes, &answer);
    if (!p) {
        device_fail(d, ATT_IO, "it takes no source", answer);
        return NULL;
    }
    answer = d->cl.clBuildProgram(p, 1, &d->id, r->options, NULL, NULL);
    if (answer == CL_SUCCESS) return p;
    program_complain(d, p, source, answer);
    d->cl.clReleaseProgram(p);
    return NULL;
}

static cl_handle program_build(struct device *d, const char *source, const char *options)
{
    const struct device_source *common = source_called("common"), *own = source_called(source);
    struct program_recipe r = {
        {(const char *)common->text, (const char *)own->text}, {common->bytes, own->bytes}, ""};
    if (!own->name) {
        device_fail(d, ATT_FAILED, "a kernel's source is unknown", 0);
        return NULL;
    }
    snprintf(r.options, sizeof r.options, "-cl-std=CL1.2 -DLANES=%d -DGROUP=%d %s", LANES,
        LAUNCH_GROUP, options);
    char *path = d->keeps ? program_path(d, &r) : NULL;
    cl_handle p = program_read(d, path);
    if (!p) {
        p = program_compile(d, source, &r);
        if (p) program_keep(d, p, path);
    }
    mem_free(path);
    return p;
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
