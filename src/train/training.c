/* SPDX-License-Identifier: Apache-2.0 */
#include "train/training.h"

#include <string.h>

#include "base/mem.h"
#include "train/cases.h"
#include "train/lead.h"
#include "train/runlock.h"

void training_free(struct training *t)
{
    lead_end(t);
    run_free(&t->exec);
    graph_free(&t->graph);
    optimiser_free(&t->optimiser);
    average_free(&t->average);
    step_passes_free(&t->passes);
    sampler_end(&t->sampler);
    if (t->shares_pack) runlock_drop(t->pack_lock);
    cases_free(t->cases, t->split.ntrain);
    split_free(&t->split);
    dataset_free(&t->data);
    model_free(&t->model);
    mem_free(t->batch);
    mem_free(t->labels);
    mem_free(t->old_state);
    mem_free(t->positions);
    mem_free(t->found);
    json_decref(t->record);
    memset(t, 0, sizeof *t);
}

void training_init(struct training *t, const struct train_context *c, const char *run)
{
    memset(t, 0, sizeof *t);
    t->c = c;
    t->run = run;
    t->began = clock_now();
}

att_status training_choose_positions(struct training *t, struct err *e)
{
    if (!t->positions) TRY(MEM_ARRAY(t->positions, t->recipe.batch, "the positions of patches", e));
    t->sampler.positions = t->positions;
    return ATT_OK;
}

struct training *training_new(const struct train_context *c, const char *run, struct err *e)
{
    struct training *t;
    if (MEM_NEW(t, "a run", e) == ATT_OK) training_init(t, c, run);
    return t;
}

void training_delete(struct training *t)
{
    training_free(t);
    mem_free(t);
}
