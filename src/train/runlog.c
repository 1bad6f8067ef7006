/* SPDX-License-Identifier: Apache-2.0 */
#include "train/runlog.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "base/number.h"
#include "files/file.h"
#include "files/file_at.h"
#include "model/run_files.h"
#include "train/events.h"

enum { ROW = LABELLING_MAX * (2 * LABELLING_NAME + 16) + 1024, EVENTS = LABELLING_MAX + 24 };

/* Class names may contain commas or quotes; CSV doubles quotes inside quotes (RFC 4180). */
static int runlog_quoted(char *out, size_t size, const char *name)
{
    size_t at = 0;
    for (out[at++] = '"'; *name && at + 3 < size; name++) {
        if (*name == '"') out[at++] = '"';
        out[at++] = *name;
    }
    out[at++] = '"';
    out[at] = 0;
    return (int)at;
}

static int header(char *out, const struct log_columns *c)
{
    int at = 0;
    for (int i = 0; i < c->count; i++)
        at += snprintf(out + at, (size_t)(ROW - at), "%s%s", i ? "," : "", c->name[i]);
    at += snprintf(out + at, (size_t)(ROW - at), ",dice_mean");
    for (int k = 0; k < labelling_targets(c->labels); k++) {
        char name[2 * LABELLING_NAME + 16] = "dice ", cell[4 * LABELLING_NAME + 16];
        strncat(name, labelling_target_name(c->labels, k), LABELLING_NAME);
        runlog_quoted(cell, sizeof cell, name);
        at += snprintf(out + at, (size_t)(ROW - at), ",%s", cell);
    }
    return at + snprintf(out + at, (size_t)(ROW - at), "\n");
}

/* put: file_append or file_write_all. */
static att_status runlog_put(const char *run, const char *name, const char *text, size_t size,
    att_status (*put)(const char *path, const void *data, size_t size, struct err *e),
    struct err *e)
{
    char *path = file_join(run, name);
    att_status status = path ? put(path, text, size, e) : err_path(e);
    mem_free(path);
    return status;
}

/* Lines up to `step`. A line's step follows `key`. */
static att_status runlog_copy(struct file_lines *l, const char *path, const char *key, int64_t step,
    struct file_writer *w, struct err *e)
{
    char *line;
    size_t size;
    for (;;) {
        TRY(file_lines_next(l, path, &line, &size, e));
        if (!size) return ATT_OK;
        const char *number = memmem(line, size, key, strlen(key));
        if (!number || strtoll(number + strlen(key), NULL, 10) <= step)
            TRY(file_write(w, line, size, e));
    }
}

static att_status runlog_cut(
    const char *run, const char *name, const char *key, int64_t step, struct err *e)
{
    char *path = file_join(run, name);
    struct file_writer *w = NULL;
    struct file_lines l;
    if (!path) return err_path(e);
    const bool there = file_exists(path);
    att_status status = there ? file_lines_open(path, &l, e) : ATT_OK;
    if (there && status == ATT_OK) {
        status = file_create(path, &w, e);
        if (status == ATT_OK) status = runlog_copy(&l, path, key, step, w, e);
        file_lines_close(&l);
    }
    if (status == ATT_OK && w)
        status = file_commit(w, e);
    else
        file_abandon(w);
    mem_free(path);
    return status;
}

static att_status is_missing(const char *run, const char *name, bool *missing, struct err *e)
{
    char *path = file_join(run, name);
    if (!path) return err_path(e);
    *missing = !file_exists(path);
    mem_free(path);
    return ATT_OK;
}

/* ---- TensorBoard */

static att_status open_events(const char *run, int64_t step, struct err *e)
{
    char *path = file_join(run, RUN_EVENTS);
    if (!path) return err_path(e);
    att_status status =
        step > 0 ? events_cut(path, events_now(), step, e) : events_create(path, events_now(), e);
    mem_free(path);
    return status;
}

static att_status append_events(const char *run, const struct log_columns *c, const double *value,
    const struct validation *v, struct err *e)
{
    char tag[EVENTS][LABELLING_NAME + 32];
    struct event_scalar scalar[EVENTS];
    int n = 0;
    for (int i = 1; i < c->count && n < EVENTS; i++, n++) {
        snprintf(tag[n], sizeof tag[n], "train/%s", c->name[i]);
        scalar[n] = (struct event_scalar){tag[n], value[i]};
    }
    if (v && n < EVENTS) scalar[n++] = (struct event_scalar){"validation/dice_mean", v->mean};
    for (int k = 0; v && k < labelling_targets(c->labels) && n < EVENTS; k++, n++) {
        snprintf(tag[n], sizeof tag[n], "validation/dice %s", labelling_target_name(c->labels, k));
        scalar[n] = (struct event_scalar){tag[n], v->dice[k]};
    }
    char *path = file_join(run, RUN_EVENTS);
    att_status status =
        path ? events_append(path, events_now(), (int64_t)value[0], scalar, n, e) : err_path(e);
    mem_free(path);
    return status;
}

/* ---- all logs */

att_status runlog_open(const char *run, const struct log_columns *c, int64_t step, struct err *e)
{
    char text[ROW];
    int size = header(text, c);
    bool missing = false;
    TRY(open_events(run, step, e));
    TRY(is_missing(run, RUN_LOG, &missing, e));
    TRY(step > 0 && !missing ? runlog_cut(run, RUN_LOG, "", step, e)
                             : runlog_put(run, RUN_LOG, text, (size_t)size, file_write_all, e));
    return step > 0 ? runlog_cut(run, RUN_LOG_LINES, "\"step\": ", step, e)
                    : runlog_put(run, RUN_LOG_LINES, "", 0, file_write_all, e);
}

static int runlog_number(char *out, size_t size, double x)
{
    return isnan(x) ? snprintf(out, size, ",") : number_write(out, size, ",%.6g", x);
}

static att_status append_csv(const char *run, const struct log_columns *c, const double *value,
    const struct validation *v, struct err *e)
{
    char text[ROW];
    int at = number_write(text, sizeof text, "%.0f,%.1f", value[0], value[1]);
    for (int i = 2; i < c->count; i++)
        at += runlog_number(text + at, sizeof text - (size_t)at, value[i]);
    at += runlog_number(text + at, sizeof text - (size_t)at, v ? v->mean : NAN);
    for (int k = 0; k < labelling_targets(c->labels); k++)
        at += runlog_number(text + at, sizeof text - (size_t)at, v ? v->dice[k] : NAN);
    at += snprintf(text + at, sizeof text - (size_t)at, "\n");
    return runlog_put(run, RUN_LOG, text, (size_t)at, file_append, e);
}

static att_status append_jsonl(const char *run, const struct log_columns *c, const double *value,
    const struct validation *v, struct err *e)
{
    json_t *j = json_pack("{s:I}", c->name[0], (json_int_t)value[0]);
    for (int i = 1; i < c->count; i++) json_object_set_new(j, c->name[i], json_finite(value[i]));
    if (j && v) json_object_set_new(j, "validation", validation_to_json(v, c->labels));
    char *text = json_text(j, JSON_REAL_PRECISION(9));
    json_decref(j);
    if (!text) return err_memory(e, ROW, "a log row");
    size_t n = strlen(text);
    text[n] = '\n'; /* replaces the terminating 0 */
    att_status status = runlog_put(run, RUN_LOG_LINES, text, n + 1, file_append, e);
    mem_free(text);
    return status;
}

att_status runlog_write(const char *run, const struct log_columns *c, const double *value,
    const struct validation *v, struct err *e)
{
    TRY(append_csv(run, c, value, v, e));
    TRY(append_jsonl(run, c, value, v, e));
    return append_events(run, c, value, v, e);
}

att_status runlog_sync(const char *run, struct err *e)
{
    static const char *const logs[] = {RUN_LOG, RUN_LOG_LINES, RUN_EVENTS, NULL};
    return file_each(run, logs, file_sync, e);
}

/* ---- one network */

static const char *const names[] = {
    "step", "seconds", "learning_rate", "loss", "gradient_norm", "sampling_share"};

static struct log_columns runlog_columns(const struct labelling *l)
{
    return (struct log_columns){names, sizeof names / sizeof *names, l};
}

att_status runlog_begin(const char *run, const struct labelling *l, int64_t step, struct err *e)
{
    const struct log_columns c = runlog_columns(l);
    return runlog_open(run, &c, step, e);
}

att_status runlog_append(
    const char *run, const struct labelling *l, const struct log_row *row, struct err *e)
{
    const struct log_columns c = runlog_columns(l);
    const double value[] = {
        (double)row->step, row->seconds, row->lr, row->loss, row->norm, row->sampling};
    return runlog_write(run, &c, value, row->validation, e);
}
