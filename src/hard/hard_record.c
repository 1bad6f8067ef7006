/* SPDX-License-Identifier: Apache-2.0 */
/* {"data": ..., "sessions": [{..., "seconds": {"coarse", "fine", "policy", "joint", "all"},
 * "peak"}, ...]}; run_record.c documents the rest. */
#include "hard/hard_record.h"

#include "arch/hard.h"
#include "base/json.h"
#include "base/limit.h"
#include "base/mem.h"
#include "dataset/split.h"
#include "files/file.h"
#include "files/json_file.h"
#include "model/run_files.h"
#include "train/run_record.h"

static const char *const stage_name[HARD_STAGES] = {"coarse", "fine", "policy", "joint"};

struct hard_record {
    const struct train_context *c;
    const char *run;
    json_t *record, *session; /* the record contains the session once a stage has begun */
    bool begun;
    double opened, counted, seconds[HARD_STAGES]; /* counted: when `seconds` were last updated */
    enum hard_stage stage;
};

att_status hard_record_open(const struct train_context *c, const char *run, const char *command,
    struct hard_record **r, struct err *e)
{
    struct hard_record *one = command ? mem_alloc(sizeof *one) : NULL;
    *r = NULL;
    if (!one) return err_memory(e, sizeof *one, "the record of the run");
    one->c = c;
    one->run = run;
    one->opened = clock_now();
    one->session = record_session(c, command);
    att_status status = one->session ? record_read(one->run, &one->record, e)
                                     : err_memory(e, 4096, "the record of the run");
    if (status == ATT_OK)
        *r = one;
    else
        hard_record_free(one);
    return status;
}

static void hard_record_count(struct hard_record *r)
{
    const double now = clock_now();
    r->seconds[r->stage] += now - r->counted;
    r->counted = now;
}

att_status hard_record_stage(struct hard_record *r, enum hard_stage stage, struct err *e)
{
    if (!r) return ATT_OK;
    if (r->begun)
        hard_record_count(r);
    else if (json_array_append(json_object_get(r->record, "sessions"), r->session) != 0)
        return err_memory(e, 4096, "the record of the run");
    r->begun = true;
    r->counted = clock_now();
    r->stage = stage;
    return hard_record_update(r, e);
}

att_status hard_record_update(struct hard_record *r, struct err *e)
{
    if (!r || !r->begun) return ATT_OK;
    json_t *seconds = json_object();
    hard_record_count(r);
    for (int i = 0; i < HARD_STAGES; i++)
        json_object_set_new(seconds, stage_name[i], json_real(r->seconds[i]));
    json_object_set_new(seconds, "all", json_real(r->counted - r->opened));
    json_set_int(r->session, "peak", (json_int_t)resident_peak());
    if (json_object_set_new(r->session, "seconds", seconds) != 0)
        return err_memory(e, 4096, "the record of the run");
    return json_file_write_in(r->run, RUN_RECORD, json_incref(r->record), e);
}

/* Copies the data's hash at the start of the run from the coarse network, which began first. */
static att_status begin_data(struct hard_record *r, struct err *e)
{
    json_t *net = NULL;
    char *path = file_join(r->run, part_name[PART_COARSE]);
    att_status status = path ? record_read(path, &net, e) : err_path(e);
    const json_t *data = json_object_get(net, "data");
    json_t *hash = json_object_get(data, json_object_get(data, "began") ? "began" : "hash");
    if (hash)
        json_object_set_new(r->record, "data",
            json_pack("{s:O, s:O*}", "hash", hash, "files", json_object_get(data, "files")));
    json_decref(net);
    mem_free(path);
    return status;
}

att_status hard_record_data(
    struct hard_record *r, const struct dataset *d, const struct split *s, struct err *e)
{
    if (!r) return ATT_OK;
    if (!json_object_get(r->record, "data")) TRY(begin_data(r, e));
    return record_data(r->c, d, s, r->record, e);
}

void hard_record_free(struct hard_record *r)
{
    if (!r) return;
    json_decref(r->session);
    json_decref(r->record);
    mem_free(r);
}
