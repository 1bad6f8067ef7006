/* SPDX-License-Identifier: Apache-2.0 */
/* {"data": {"hash", "files", "began"}, "sessions": [{"command", "version", "cpu", "isa", "threads",
 * "memory", "from", "to", "seconds": {"steps", "validation", "report", "ending", "all"}, "lengths",
 * "peak"}, ...]} */
#include "train/run_record.h"

#include <stdlib.h>
#include <string.h>

#include "attunet.h"
#include "base/clock.h"
#include "base/cpu.h"
#include "base/json.h"
#include "base/limit.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/order.h"
#include "base/text.h"
#include "dataset/data_hash.h"
#include "dataset/split.h"
#include "files/json_file.h"
#include "model/run_files.h"

/* ---- commands */

/* Appends an option and its value, NULL: none; frees `text`. */
static char *record_add(char *text, const char *option, const char *value)
{
    const size_t room = value ? 4 * strlen(value) + 6 : 0;
    char *quoted = value ? mem_array(room, 1) : NULL, *longer = NULL;
    if (text && !value) longer = mem_text("%s %s", text, option);
    if (text && quoted)
        longer = mem_text(
            "%s %s%c%s", text, option, *value == '-' ? '=' : ' ', text_quote(value, quoted, room));
    mem_free(quoted);
    mem_free(text);
    return longer;
}

/* Appends the options that were set and that `command` has, too, but not what it prints or where;
 * frees `text`. */
static char *add_options(char *text, const struct options *o, const char *command)
{
    for (int i = 0; i < o->count && text; i++) {
        const struct option_value *v = &o->values[i];
        if (!v->set || !v->text) continue;
        if (text_equals(v->row->name, "output") || text_equals(v->row->name, "json")) continue;
        if (!option_is_of(v->row, command)) continue;
        if (v->file) continue; /* another option names that file */
        const bool has_value = v->row->arg, no = !has_value && strcmp(v->text, "no") == 0;
        char *option = mem_text("--%s%s", no ? "no-" : "", v->row->name);
        if (option) text = record_add(text, option, has_value ? v->text : NULL);
        if (!option) mem_free(text);
        if (!option) return NULL;
        mem_free(option);
    }
    return text;
}

char *record_train_command(const char *dataset, const char *run, const struct options *o)
{
    return add_options(
        mem_text("attunet train %s -o %s", TEXT_PATH(dataset), TEXT_PATH(run)), o, "train");
}

char *record_plan_command(const char *dataset, const struct options *o)
{
    char *text = add_options(mem_text("attunet plan %s", TEXT_PATH(dataset)), o, "plan");
    if (options_is_set(o, info, folds) || options_bool(o, info, stratify)) /* info shows each */
        if (!options_is_set(o, info, holdout)) text = record_add(text, "--fold", "0");
    return record_add(text, "--time", "30m");
}

char *record_resume_command(const char *run, const struct train_more *more)
{
    char number[48] = "";
    char *text = mem_text("attunet resume %s", TEXT_PATH(run));
    if (more->steps > 0) number_write(number, sizeof number, "+%.0f", (double)more->steps);
    if (more->seconds > 0) number_write(number, sizeof number, "%.0fs", more->seconds);
    if (*number) text = record_add(text, more->steps > 0 ? "--steps" : "--time", number);
    if (more->max_memory > 0) {
        number_write(number, sizeof number, "%.0fKiB", more->max_memory / 1024);
        text = record_add(text, "--max-memory", number);
    }
    return more->data ? record_add(text, "--data", more->data) : text;
}

/* ---- the file */

static att_status write_record(const struct training *t, struct err *e)
{
    return json_file_write_in(t->run, RUN_RECORD, json_incref(t->record), e);
}

/* Independent of the order of the list. */
static att_status hash_cases(
    const struct dataset *d, const int *list, int count, uint64_t *value, int *files, struct err *e)
{
    int *sorted;
    TRY(MEM_ARRAY(sorted, (size_t)count + 1, "the cases", e));
    if (count > 0) memcpy(sorted, list, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, order_ints);
    att_status status = data_hash(d, sorted, count, value, files, e);
    mem_free(sorted);
    return status;
}

static att_status describe_data(
    const struct dataset *d, const struct split *s, json_t **j, struct err *e)
{
    char text[HASH_TEXT];
    int train, val;
    uint64_t both[2];
    TRY(hash_cases(d, s->train, s->ntrain, &both[0], &train, e));
    TRY(hash_cases(d, s->val, s->nval, &both[1], &val, e));
    struct hash h;
    hash_begin(&h);
    hash_add(&h, both, sizeof both);
    *j = json_pack("{s:s, s:i}", "hash", hash_text(hash_end(&h), text), "files", train + val);
    return ATT_OK;
}

att_status record_data(const struct train_context *c, const struct dataset *d,
    const struct split *s, json_t *record, struct err *e)
{
    json_t *now = NULL;
    TRY(describe_data(d, s, &now, e));
    const char *hash = json_str(now, "hash");
    const json_t *data = json_object_get(record, "data");
    const char *last = json_str(data, "hash"), *began = json_str(data, "began");
    if (!began) began = last;
    if (hash && last && strcmp(hash, began) != 0)
        host_warn(c->host, WARN_DATA_CHANGED,
            "images or labels of %s have changed since this run started; it continues with them "
            "and cannot be repeated",
            d->root);
    if (!last) {
        json_object_set(record, "data", now);
    } else if (hash && strcmp(hash, last) != 0) {
        json_set_text(now, "began", began);
        json_object_set(record, "data", now);
    }
    json_decref(now);
    return ATT_OK;
}

static att_status new_record(json_t **record, struct err *e)
{
    json_decref(*record);
    *record = json_pack("{s:[]}", "sessions");
    return *record ? ATT_OK : err_memory(e, 4096, "the record of the run");
}

att_status record_read(const char *run, json_t **record, struct err *e)
{
    struct err damaged = {0};
    const att_status status = json_file_read_in(run, RUN_RECORD, record, &damaged);
    if (status != ATT_DATA) TRY(err_pass(e, status, &damaged));
    return json_is_array(json_object_get(*record, "sessions")) ? ATT_OK : new_record(record, e);
}

/* At step 0, ignores an earlier record. */
static att_status read_record(struct training *t, struct err *e)
{
    TRY(t->step > 0 ? record_read(t->run, &t->record, e) : new_record(&t->record, e));
    return record_data(t->c, &t->data, &t->split, t->record, e);
}

json_t *record_session(const struct train_context *c, const char *command)
{
    char cpu[CPU_NAME];
    return json_pack("{s:o, s:s, s:o, s:s, s:i, s:f}", "command", json_utf8(command), "version",
        ATT_VERSION, "cpu", json_utf8(cpu_name(cpu)), "isa", c->host->kernels->set->name, "threads",
        pool_threads(c->host->pool), "memory", limit_machine());
}

att_status record_begin(struct training *t, const char *command, struct err *e)
{
    if (!command) return err_memory(e, 4096, "the record of the run");
    json_decref(t->record);
    t->record = NULL;
    TRY(read_record(t, e));
    json_t *session = record_session(t->c, command);
    json_set_int(session, "from", (json_int_t)t->step);
    if (json_array_append_new(json_object_get(t->record, "sessions"), session) !=
        0) /* frees the session on failure, too */
        return err_memory(e, 4096, "the record of the run");
    return record_update(t, e);
}

static json_t *run_record_last_session(const struct training *t)
{
    const json_t *sessions = json_object_get(t->record, "sessions");
    return json_array_get(sessions, json_array_size(sessions) - 1);
}

att_status record_length(struct training *t, struct err *e)
{
    json_t *session = run_record_last_session(t), *lengths = json_object_get(session, "lengths");
    if (!session) return ATT_OK;
    if (!lengths && json_object_set_new(session, "lengths", lengths = json_array()) != 0)
        return err_memory(e, 4096, "the record of the run");
    if (json_array_append_new(
            lengths, json_pack("[I, I]", (json_int_t)t->step, (json_int_t)t->recipe.steps)) != 0)
        return err_memory(e, 4096, "the record of the run");
    return ATT_OK;
}

att_status record_update(struct training *t, struct err *e)
{
    json_t *session = run_record_last_session(t),
           *seconds = json_pack("{s:f, s:f, s:f, s:f, s:f}", "steps", t->stepped + t->stepping,
               "validation", t->validating, "report", t->reporting, "ending", t->ending, "all",
               clock_now() - t->began);
    if (!session) {
        json_decref(seconds);
        return ATT_OK; /* a part of another training has no record */
    }
    json_set_int(session, "to", (json_int_t)t->step);
    json_set_int(session, "peak", (json_int_t)resident_peak());
    if (json_object_set_new(session, "seconds", seconds) != 0)
        return err_memory(e, 4096, "the record of the run");
    return write_record(t, e);
}
