/* SPDX-License-Identifier: Apache-2.0 */
/* {"data": ..., "sessions": [{..., "seconds": {"coarse", "fine", "policy", "joint", "all"}, "peak"}, ...]}: what is the same in every run
 * is told in run_record.c.  Called by hardrun.c and the stages. */
#include "train/hard_record.h"

#include <string.h>

#include "arch/hard.h"
#include "base/file.h"
#include "base/json_file.h"
#include "base/mem.h"
#include "base/resident.h"
#include "model/run_files.h"
#include "train/run_record.h"

static const char *const stage_name[HARD_STAGES] = {"coarse", "fine", "policy", "joint"};

struct hard_record {
    const char *run;
    json_t *record;
    double began, since, seconds[HARD_STAGES]; /* since: when the stage's seconds were counted last */
    enum hard_stage stage;
};

/* One that is damaged begins anew: it is of no use to the training. */
static att_status read_file(const char *folder, json_t **record, struct err *e)
{
    struct err damaged = {0};
    char *path = file_join(folder, RUN_RECORD);
    *record = NULL;
    if (!path) return err_memory(e, strlen(folder), "a file name");
    att_status status = file_exists(path) ? json_file_read(path, record, &damaged) : ATT_OK;
    mem_free(path);
    return status == ATT_OK || status == ATT_DATA ? ATT_OK : err_set(e, status, "%s", damaged.text);
}

att_status hard_record_begin(const struct train_context *c, const char *run, const char *command, struct hard_record **r, struct err *e)
{
    struct hard_record *one = command ? mem_alloc(sizeof *one) : NULL;
    *r = NULL;
    if (!one) return err_memory(e, sizeof *one, "the record of the run");
    one->run = run;
    one->began = one->since = log_clock();
    att_status status = read_file(run, &one->record, e);
    if (status == ATT_OK && !json_is_array(json_object_get(one->record, "sessions"))) {
        json_decref(one->record);
        one->record = json_pack("{s:[]}", "sessions");
    }
    if (status == ATT_OK && json_array_append_new(json_object_get(one->record, "sessions"), record_session(c, command)) != 0)
        status = err_memory(e, 4096, "the record of the run");
    if (status == ATT_OK) status = hard_record_update(one, e);
    if (status == ATT_OK)
        *r = one;
    else
        hard_record_free(one);
    return status;
}

static void count(struct hard_record *r)
{
    const double now = log_clock();
    r->seconds[r->stage] += now - r->since;
    r->since = now;
}

void hard_record_stage(struct hard_record *r, enum hard_stage stage)
{
    count(r);
    r->stage = stage;
}

/* Both nets train on the same cases: what they know of the files holds for all. */
static att_status copy_data(const struct hard_record *r, struct err *e)
{
    json_t *fine = NULL, *data;
    char *path = file_join(r->run, part_name[PART_FINE]);
    att_status status = path ? read_file(path, &fine, e) : err_memory(e, strlen(r->run), "a file name");
    mem_free(path);
    data = json_object_get(fine, "data");
    if (data) json_object_set(r->record, "data", data);
    json_decref(fine);
    return status;
}

att_status hard_record_update(struct hard_record *r, struct err *e)
{
    const json_t *sessions = json_object_get(r->record, "sessions");
    json_t *session = json_array_get(sessions, json_array_size(sessions) - 1), *seconds = json_object();
    char *path = file_join(r->run, RUN_RECORD);
    count(r);
    for (int i = 0; i < HARD_STAGES; i++) json_object_set_new(seconds, stage_name[i], json_real(r->seconds[i]));
    json_object_set_new(seconds, "all", json_real(r->since - r->began));
    json_object_set_new(session, "peak", json_integer((json_int_t)resident_peak()));
    att_status status =
        json_object_set_new(session, "seconds", seconds) == 0 && path ? ATT_OK : err_memory(e, 4096, "the record of the run");
    if (status == ATT_OK) status = copy_data(r, e);
    if (status == ATT_OK) status = json_file_write(path, json_incref(r->record), e);
    mem_free(path);
    return status;
}

void hard_record_free(struct hard_record *r)
{
    if (!r) return;
    json_decref(r->record);
    mem_free(r);
}
