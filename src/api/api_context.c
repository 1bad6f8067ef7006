/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts, and the start and end of every public call. */
#include <stddef.h>
#include <string.h>

#include "api/api.h"
#include "app/app.h"
#include "app/run_pages.h"
#include "base/cpu.h"
#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/team.h"
#include "dataset/converted_names.h"
#include "dataset/memory_set.h"
#include "device/device_auto.h"
#include "device/device_kernels.h"
#include "kernel/kernel.h"

att_status api_receive(void *own, size_t size, const void *from, size_t struct_size, size_t first,
    const char *member, struct err *e)
{
    if (!from) return ATT_OK;
    if (struct_size < first)
        return err_usage(
            e, "%s is %zu; set it to the sizeof of its structure, %zu", member, struct_size, size);
    memcpy(own, from, struct_size < size ? struct_size : size);
    return ATT_OK;
}

static void context_message(void *user, int level, const char *text)
{
    const struct log *log = &((att_context *)user)->log;
    char *named = converted_named(text);
    log->message(log->user, level, named ? named : text);
    mem_free(named);
}

static void context_warning(void *user, const char *kind, const char *text)
{
    const struct log *log = &((att_context *)user)->log;
    char *named = converted_named(text);
    log->warning(log->user, kind, named ? named : text);
    mem_free(named);
}

static void context_progress(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    const struct log *log = &((att_context *)user)->log;
    log->progress(log->user, what, done, total, detail);
}

static void name_sources(struct err *e)
{
    const att_status status = e->status;
    char *named = converted_named(e->text);
    if (!named) return;
    err_clear(e);
    err_set(e, status, "%s", named);
    mem_free(named);
}

/* In the first version. */
enum {
    CALLBACKS_FIRST = offsetof(att_callbacks, progress) + sizeof(((att_callbacks *)0)->progress)
};

att_status att_context_create(
    int threads, const char *isa, const att_callbacks *callbacks, att_context **context)
{
    if (!context) return ATT_USAGE;
    att_context *c = *context = mem_alloc(sizeof *c);
    if (!c) return ATT_MEMORY;
    att_callbacks own = {0};
    TRY(api_receive(&own, sizeof own, callbacks, callbacks ? callbacks->struct_size : 0,
        CALLBACKS_FIRST, "att_callbacks.struct_size", &c->err));
    c->log = (struct log){own.message, own.progress, own.user, own.warning};
    c->host.log = (struct log){own.message ? context_message : NULL,
        own.progress ? context_progress : NULL, c, own.warning ? context_warning : NULL};
    atomic_init(&c->host.stop, 0);
    if (threads > POOL_MOST)
        return err_usage(&c->err, "%d threads are too many; give at most %d", threads, POOL_MOST);
    const struct kernels *kernels;
    const bool fastest = isa && strcmp(isa, "gpu:auto") == 0;
    c->named = isa && !fastest && strcmp(isa, "auto") != 0;
    if (fastest || (isa && strcmp(isa, "cpu") == 0)) isa = NULL;
    TRY((device_named(isa) ? device_choose : kernels_choose)(isa, &kernels, &c->err));
    fenv_t caller; /* inherited by new threads */
    fegetenv(&caller);
    fesetenv(FE_DFL_ENV);
    c->host.pool = pool_create(threads);
    fesetenv(&caller);
    if (!c->host.pool) return err_memory(&c->err, sizeof *c, "the thread pool");
    c->host.kernels = kernels;
    if (fastest) device_auto(&c->host);
    return ATT_OK;
}

void att_context_destroy(att_context *context)
{
    if (!context) return;
    app_forget(context);
    app_team_free(context);
    dry_run_free(&context->dry_run);
    memory_free_all(&context->host);
    pool_destroy(context->host.pool);
    mem_free(context);
}

const char *att_context_error(const att_context *context)
{
    if (!context) return "there is no context";
    return context->entered ? "a callback used the context of its own call; there it can only "
                              "stop the call"
                            : context->err.text;
}

void att_context_stop(att_context *context)
{
    if (context) atomic_store(&context->host.stop, 1);
}

void att_context_clear_stop(att_context *context)
{
    if (context) atomic_store(&context->host.stop, 0);
}

int att_context_threads(const att_context *context)
{
    return context ? pool_threads(context->host.pool) : 0;
}

const char *att_context_isa(const att_context *context)
{
    return context && context->host.kernels ? context->host.kernels->set->name : "";
}

int att_context_matrix(const att_context *context)
{
    return context && context->host.kernels && (context->host.kernels->set->needs & CPU_AVX512F) &&
        cpu_has_matrix();
}

int att_context_rank(const att_context *context)
{
    const struct team *team = context ? context->team : NULL;
    return team && !team->speaks ? team->rank : 0;
}

static json_t *api_device(const struct device_facts *f, int index, int threads)
{
    char name[DEVICE_WORD];
    struct device_times t;
    json_t *j = json_pack("{s:s, s:o, s:o, s:I, s:I, s:b}", "device", device_word(f, index, name),
        "name", json_utf8(f->name), "driver", json_utf8(f->driver), "memory", (json_int_t)f->memory,
        "largest_buffer", (json_int_t)f->largest, "usable", f->usable);
    if (f->gpu && device_times_kept(f, threads, &t))
        json_object_set_new(
            j, "measured", json_pack("{s:f, s:f}", "seconds", t.device, "seconds_cpu", t.host));
    return j;
}

att_status att_devices(att_context *context, char **json)
{
    enum { MOST = 32 };
    struct app_call call;
    struct err none = {.status = ATT_OK};
    struct device_facts list[MOST];
    int count = 0;
    if (!api_open(&call, context, json)) return api_close(&call);
    json_t *devices = json_array();
    const att_status found = device_list(list, MOST, &count, &none);
    for (int i = 0; i < count; i++)
        json_array_append_new(devices, api_device(&list[i], i, pool_threads(call.host->pool)));
    call.result = json_pack("{s:o, s:o}", "devices", devices, "note",
        found == ATT_OK ? json_null() : json_utf8(none.text));
    return api_close(&call);
}

const char *att_version(void) { return ATT_VERSION; }

void att_text_free(char *text) { mem_free(text); }

att_status api_settings(struct app_call *call, const att_settings *s, const char *command)
{
    if (strcmp(s->o.command, command) != 0)
        return err_usage(call->e,
            "settings of the command '%s' were given instead of those of '%s'", s->o.command,
            command);
    call->o = &s->o;
    return ATT_OK;
}

static att_status open_call(struct app_call *call, att_context *c, char **json)
{
    if (json) *json = NULL;
    memset(call, 0, sizeof *call);
    if (!c) return ATT_USAGE;
    if (c->busy) {
        c->entered = true;
        return ATT_USAGE;
    }
    json_memory_watch();
    c->busy = true;
    c->entered = false;
    fegetenv(&call->caller);
    fesetenv(FE_DFL_ENV);
    call->c = c;
    call->host = &c->host;
    call->e = &c->err;
    call->t = (struct train_context){.host = &c->host, .pages = &run_pages};
    call->json = json;
    if (!c->host.kernels) return c->err.status != ATT_OK ? c->err.status : ATT_FAILED;
    err_clear(&c->err);
    return ATT_OK;
}

static att_status open_command(
    struct app_call *call, att_context *c, const att_settings *s, const char *command, char **json)
{
    TRY(open_call(call, c, json));
    app_forget(c); /* commands need its memory */
    dry_run_free(&c->dry_run);
    c->host.command = command;
    if (!s) {
        TRY(options_init_command(&call->defaults, command, &c->err));
        call->o = &call->defaults;
        return ATT_OK;
    }
    TRY(api_settings(call, s, command));
    c->host.overwrite = options_text(call->o, plan, overwrite);
    c->host.limit = options_bytes(call->o, train, max_memory);
    if (!options_bool(call->o, train, dry_run)) return ATT_OK;
    dry_run_begin(&c->dry_run);
    c->host.dry_run = &c->dry_run;
    return ATT_OK;
}

bool api_open(struct app_call *call, att_context *c, char **json)
{
    const att_status status = open_call(call, c, json);
    call->status = status;
    return status == ATT_OK;
}

bool api_open_command(
    struct app_call *call, att_context *c, const att_settings *s, const char *command, char **json)
{
    const att_status status = open_command(call, c, s, command, json);
    call->status = status;
    return status == ATT_OK;
}

/* Frees the result; NULL counts as out of memory. */
static att_status api_write_result(struct app_call *call)
{
    const size_t digits = call->exact ? 15 : 10,
                 flags = JSON_INDENT(2) | JSON_REAL_PRECISION(digits);
    json_t *json = call->result;
    if (is_dry_run(call->host)) {
        json_decref(json);
        json = dry_run_to_json(call->host->dry_run);
    }
    const size_t size = json && !json_memory_lost() ? json_dumpb(json, NULL, 0, flags) : 0;
    char *text = size ? mem_alloc(size + 2) : NULL;
    if (text && json_dumpb(json, text, size, flags) != size) {
        mem_free(text);
        text = NULL;
    }
    json_decref(json);
    if (!text) return err_memory(call->e, size, "the result as JSON");
    text[size] = '\n';
    *call->json = text;
    return ATT_OK;
}

att_status api_close(struct app_call *call)
{
    att_status status = call->status;
    options_free(&call->defaults);
    if (!call->c) return status;
    if (call->json && (status == ATT_OK || (call->partial && call->result))) {
        const att_status written = api_write_result(call);
        if (status == ATT_OK) status = written;
    } else
        json_decref(call->result);
    fesetenv(&call->caller);
    call->c->busy = call->c->entered = false;
    call->host->dry_run = NULL;
    call->host->command = call->host->overwrite = NULL;
    call->host->limit = 0;
    /* Lost memory is the cause of any other error. */
    if (json_memory_lost() && status != ATT_MEMORY) {
        err_clear(call->e);
        status = err_set(call->e, ATT_MEMORY, "out of memory for a description (JSON)");
    }
    /* A stop ends only the call that reports it. */
    if (status == ATT_INTERRUPTED) atomic_store(&call->host->stop, 0);
    if (status != ATT_OK) name_sources(call->e);
    if (status != ATT_OK)
        return err_set(
            call->e, status, "attunet failed (status %d) without saying why", (int)status);
    err_clear(call->e); /* a handled failure */
    return ATT_OK;
}

att_status att_context_dry_run(att_context *context, char **json)
{
    struct app_call call;
    if (api_open(&call, context, json) && !context->dry_run.would)
        call.status = err_usage(call.e,
            "the last command of this context had no setting dry_run, so there is nothing to "
            "report");
    if (call.status == ATT_OK) call.result = dry_run_to_json(&context->dry_run);
    return api_close(&call);
}

bool api_need(struct app_call *call, const void *pointer, const char *name)
{
    if (!pointer) call->status = err_usage(call->e, "the argument '%s' is missing", name);
    return pointer != NULL;
}

bool api_not_empty(struct app_call *call, const char *path, const char *name)
{
    if (!path || *path) return true;
    call->status =
        err_usage(call->e, "the argument '%s' is empty; give the path of a file or folder", name);
    return false;
}

bool api_need_path(struct app_call *call, const char *path, const char *name)
{
    return api_need(call, path, name) && api_not_empty(call, path, name);
}

bool api_need_paths(struct app_call *call, const char *const *paths, int count, const char *name)
{
    bool fine = api_need(call, paths, name);
    for (int i = 0; i < count && fine; i++) fine = api_need_path(call, paths[i], name);
    return fine;
}

bool api_output(struct app_call *call, const char **path, const char *name, const char *what)
{
    if (!api_not_empty(call, *path, name)) return false;
    if (!*path) *path = options_text(call->o, train, output);
    if (!*path) call->status = err_usage(call->e, "no %s; name one with `output`", what);
    return *path != NULL;
}
