/* SPDX-License-Identifier: Apache-2.0 */
/* Joins the processes of a launcher of MPI into one training, prediction or evaluation. */
#include "app/app.h"

#include <string.h>

#include "base/mem.h"
#include "files/hash.h"
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

/* Other kernels would compute other bits. Devices have none in common. */
static att_status team_common_kernels(struct host *host, struct err *e)
{
    const uint32_t common = team_kernels(host->team);
    for (int j = kernels_best(); j >= 0; j--)
        for (int i = 0; kernel_sets[i]; i++) {
            if (kernels_for(j)->set != kernel_sets[i] || !(common >> i & 1)) continue;
            if (kernels_for(j) != host->kernels && team_rank(host->team) == 0)
                host_say(host, LOG_INFO, "all ranks compute with %s, which each of them has",
                    kernel_sets[i]->name);
            host->kernels = kernels_for(j);
            return ATT_OK;
        }
    return err_usage(
        e, "several ranks compute on processors only; use the device 'cpu', or set `ranks` 1");
}

/* Only rank 0's folder counts: the others' would be lost silently. */
static att_status team_common_run(struct team *t, const char *folder, struct err *e)
{
    const uint64_t own = hash_bytes(folder, strlen(folder));
    uint64_t *all = mem_array((size_t)t->size, sizeof *all);
    if (!all) return team_fail(t, err_memory(e, sizeof *all, "an exchange of ranks"));
    att_status status = team_gather(t, &own, all, sizeof own, e);
    for (int i = 0; i < t->size && status == ATT_OK; i++)
        if (all[i] != own)
            status = err_usage(e,
                "rank %d on %s was started for another folder than '%s' of rank %d; give all ranks "
                "the same folder, or set `ranks` 1 for processes of their own",
                i, t->peers[i].host, folder, t->rank);
    mem_free(all);
    return status;
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
        call->c->team = team;
        if (team->rank == 0)
            host_say(host, LOG_INFO, "%d ranks work together, each with %d thread%s", team->size,
                pool_threads(host->pool), pool_threads(host->pool) == 1 ? "" : "s");
        return ATT_OK;
    }
    team_free(team);
    mem_free(team);
    return status;
}

void app_team_free(att_context *c)
{
    if (c->team) team_free(c->team);
    mem_free(c->team);
    c->team = NULL;
}

/* `run` in a rank that helps: rank 0 speaks. */
static att_status team_help(struct app_call *call,
    att_status (*run)(struct app_call *call, const void *arg), const void *arg)
{
    struct host *host = call->host;
    const bool muted = host->muted;
    const struct log log = host->log;
    host->muted = true;
    host->log.progress = NULL;
    const att_status status = run(call, arg);
    host->muted = muted;
    host->log = log;
    return status;
}

static att_status team_follow(struct app_call *call, const void *arg)
{
    (void)arg;
    return follow_leader(&call->t, call->e);
}

/* Joins the ranks of a launcher, if `ranks` lets it; else call->host->team stays NULL. */
static att_status team_gather_ranks(struct app_call *call, const char *ranks, const char *folder)
{
    const int launched = team_launched();
    const bool wanted = launched > 1 ? strcmp(ranks, "1") != 0 : strcmp(ranks, "mpi") == 0;
    struct host *host = call->host;
    if (!wanted || is_dry_run(host)) return ATT_OK;
    if (!call->c->team) TRY(team_enter(call, launched));
    if (!call->c->team) return ATT_OK;
    host->team = call->c->team; /* other calls of this context are each process's own */
    att_status status = team_common_kernels(host, call->e);
    return status == ATT_OK ? team_common_run(host->team, folder, call->e) : status;
}

att_status app_team_run(struct app_call *call, const char *ranks, const char *folder,
    att_status (*run)(struct app_call *call, const void *arg), const void *arg)
{
    struct host *host = call->host;
    att_status status = team_gather_ranks(call, ranks, folder);
    if (status == ATT_OK && team_rank(host->team) > 0) {
        status = team_help(call, team_follow, NULL);
    } else if (status == ATT_OK) {
        status = run(call, arg);
        if (host->team) lead_dismiss(host->team, status);
    }
    host->team = NULL;
    return status;
}

att_status app_team_divide(struct app_call *call, const char *ranks, const char *folder,
    att_status (*run)(struct app_call *call, const void *arg), const void *arg)
{
    struct host *host = call->host;
    att_status status = team_gather_ranks(call, ranks, folder);
    struct team *team = host->team;
    if (status == ATT_OK && team) team->met = false;
    if (status == ATT_OK) status = team_rank(team) > 0 ? team_help(call, run, arg) : run(call, arg);
    if (team && !team->met && !team->lost) status = team_meet_all(team, host, status, 0, call->e);
    host->team = NULL;
    return status;
}
