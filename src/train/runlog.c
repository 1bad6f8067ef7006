/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the logs of a run; called by the training loop. */
#include "train/runlog.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/number.h"

static const char CSV[] = "log.csv", JSONL[] = "log.jsonl";
enum { ROW = 16384, MOST = 1 << 28 };

/* Class names may hold commas or quotes: CSV doubles quotes inside quotes (RFC 4180). */
static int quoted(char *out, size_t size, const char *name)
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

static int header(char *out, const struct labelling *l)
{
    int at = snprintf(out, ROW, "step,seconds,learning_rate,loss,gradient_norm,sampling_share,dice_mean");
    for (int k = 0; k < labelling_targets(l); k++) {
        char name[2 * LABELLING_NAME + 16] = "dice ", cell[4 * LABELLING_NAME + 16];
        strncat(name, labelling_target_name(l, k), LABELLING_NAME);
        quoted(cell, sizeof cell, name);
        at += snprintf(out + at, (size_t)(ROW - at), ",%s", cell);
    }
    return at + snprintf(out + at, (size_t)(ROW - at), "\n");
}

static att_status append(const char *run, const char *name, const char *text, size_t size, struct err *e)
{
    char *path = file_join(run, name);
    if (!path) return err_memory(e, strlen(run), "a file name");
    FILE *f = fopen(path, "ae");
    bool good = f && fwrite(text, 1, size, f) == size;
    if (f && fclose(f) != 0) good = false;
    att_status status = good ? ATT_OK : err_set(e, ATT_IO, "%s cannot be written: %s", path, strerror(errno));
    mem_free(path);
    return status;
}

static att_status write_anew(const char *run, const char *name, const char *text, size_t size, struct err *e)
{
    char *path = file_join(run, name);
    att_status status = path ? file_write_all(path, text, size, e) : err_memory(e, strlen(run), "a file name");
    mem_free(path);
    return status;
}

/* Keeps the lines whose step (the number after `key`, or at the line's start) is at most `step`. */
static att_status cut(const char *run, const char *name, const char *key, int64_t step, struct err *e)
{
    char *path = file_join(run, name), *text = NULL;
    size_t size = 0, kept = 0;
    if (!path) return err_memory(e, strlen(run), "a file name");
    att_status status = file_exists(path) ? file_read(path, MOST, &text, &size, e) : ATT_OK;
    for (char *line = text; status == ATT_OK && line && line < text + size;) {
        char *end = strchr(line, '\n');
        if (!end) break; /* a row cut off in the middle */
        const char *number = strstr(line, key);
        bool keep = !number || number > end || strtoll(number + strlen(key), NULL, 10) <= step;
        size_t n = (size_t)(end + 1 - line);
        char *next = end + 1;
        if (keep) {
            memmove(text + kept, line, n);
            kept += n;
        }
        line = next;
    }
    if (status == ATT_OK && text) status = file_write_all(path, text, kept, e);
    mem_free(text);
    mem_free(path);
    return status;
}

static att_status is_lost(const char *run, const char *name, bool *lost, struct err *e)
{
    char *path = file_join(run, name);
    if (!path) return err_memory(e, strlen(run), "a file name");
    *lost = !file_exists(path);
    mem_free(path);
    return ATT_OK;
}

att_status runlog_begin(const char *run, const struct labelling *l, int64_t step, struct err *e)
{
    char text[ROW];
    int size = header(text, l);
    bool lost = false;
    TRY(is_lost(run, CSV, &lost, e));
    TRY(step > 0 && !lost ? cut(run, CSV, "", step, e) : write_anew(run, CSV, text, (size_t)size, e));
    return step > 0 ? cut(run, JSONL, "\"step\": ", step, e) : write_anew(run, JSONL, "", 0, e);
}

static int number(char *out, size_t size, double x) { return isnan(x) ? snprintf(out, size, ",") : number_write(out, size, ",%.6g", x); }

static att_status append_csv(const char *run, const struct labelling *l, const struct log_row *row, struct err *e)
{
    char text[ROW];
    int at = number_write(text, sizeof text, "%lld,%.1f,%.6g", (long long)row->step, row->seconds, row->lr);
    at += number(text + at, sizeof text - (size_t)at, row->loss);
    at += number(text + at, sizeof text - (size_t)at, row->norm);
    at += number(text + at, sizeof text - (size_t)at, row->sampling);
    at += number(text + at, sizeof text - (size_t)at, row->validation ? row->validation->mean : NAN);
    for (int k = 0; k < labelling_targets(l); k++)
        at += number(text + at, sizeof text - (size_t)at, row->validation ? row->validation->dice[k] : NAN);
    at += snprintf(text + at, sizeof text - (size_t)at, "\n");
    return append(run, CSV, text, (size_t)at, e);
}

static json_t *real_or_null(double x) { return isnan(x) ? json_null() : json_real(x); }

static att_status append_jsonl(const char *run, const struct labelling *l, const struct log_row *row, struct err *e)
{
    json_t *j =
        json_pack("{s:I, s:f, s:f, s:o, s:o, s:o}", "step", (json_int_t)row->step, "seconds", row->seconds, "learning_rate", row->lr,
                  "loss", real_or_null(row->loss), "gradient_norm", real_or_null(row->norm), "sampling_share", real_or_null(row->sampling));
    if (j && row->validation) json_object_set_new(j, "validation", validation_to_json(row->validation, l));
    char *text = j ? json_dumps(j, JSON_REAL_PRECISION(9)) : NULL;
    json_decref(j);
    if (!text) return err_memory(e, ROW, "a log row");
    size_t n = strlen(text);
    text[n] = '\n'; /* over the terminating 0, which append does not need */
    att_status status = append(run, JSONL, text, n + 1, e);
    free(text);
    return status;
}

att_status runlog_append(const char *run, const struct labelling *l, const struct log_row *row, struct err *e)
{
    TRY(append_csv(run, l, row, e));
    return append_jsonl(run, l, row, e);
}
