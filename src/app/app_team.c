/* SPDX-License-Identifier: Apache-2.0 */
/* Joins the processes of a launcher of MPI into one training. */
#include "app/app.h"

#include <string.h>

#include "base/mem.h"
#include "train/follow.h"
#include "train/lead.h"

/* A bit for each set that this process may run, up to the one it was given. */
static uint32_t team_sets(const struct kernels *own)
{
    uint32_t sets = 0;
    for (int i = 0; kernel_sets[i]; i++)
        for (int j = 0; j <= kernels_best() && kernels_for(j)->set->needs <= own->set->needs; j++)
            if (kernels_for(j)->set == kernel_sets[i]) sets |= 1u << i;
    return sets;
}

/* Other kernels would compute other bits. */
static void team_common_kernels(struct host *host)
{
    const uint32_t common = team_kernels(host->team);
    for (int j = kernels_best(); j >= 0; j--)
        for (int i = 0; kernel_sets[i]; i++) {
            if (kernels_for(j)->set != kernel_sets[i] || !(common >> i & 1)) continue;
            if (kernels_for(j) != host->kernels && team_rank(host->team) == 0)
                host_say(host, LOG_INFO, "all ranks compute with %s, which each of them has",
                    kernel_sets[i]->name);
            host->kernels = kernels_for(j);
            return;
        }
}

static att_status team_enter(struct app_call *call, int launched)
{
    const struct team_wire *wire;
    struct team *team;
    struct host *host = call->host;
    const uint32_t sets = host->kernels->memory->measure ? 0 : team_sets(host->kernels);
    /* MPI would end the process with a text of its own */
    if (launched > 1 && !team_connected()) return team_refuse(launched, call->e);
    TRY(team_find_wire(&wire, call->e));
    TRY(MEM_NEW(team, "the ranks", call->e));
    const att_status status = team_join(team, wire, launched, sets, call->e);
    if (status == ATT_OK && team->size > 1) {
        host->team = team;
        if (sets) team_common_kernels(host);
        if (team->rank == 0)
            host_say(host, LOG_INFO, "%d ranks train together, each with %d thread%s", team->size,
                pool_threads(host->pool), pool_threads(host->pool) == 1 ? "" : "s");
        return ATT_OK;
    }
    team_free(team);
    mem_free(team);
    return status;
}

void app_team_free(att_context *c)
{
    if (c->host.team) team_free(c->host.team);
    mem_free(c->host.team);
    c->host.team = NULL;
}

att_status app_team_run(struct app_call *call, const char *ranks,
    att_status (*run)(struct app_call *call, const void *arg), const void *arg)
{
    const int launched = team_launched();
    const bool wanted = launched > 1 ? strcmp(ranks, "1") != 0 : strcmp(ranks, "mpi") == 0;
    struct host *host = call->host;
    if (wanted && !host->team && !is_dry_run(host)) TRY(team_enter(call, launched));
    if (!host->team) return run(call, arg);
    if (team_rank(host->team) == 0) {
        const att_status status = run(call, arg);
        lead_dismiss(host->team, status);
        return status;
    }
    const bool muted = host->muted;
    const struct log log = host->log;
    host->muted = true;
    host->log.progress = NULL;
    const att_status status = follow_leader(&call->t, call->e);
    host->muted = muted;
    host->log = log;
    return status;
}
