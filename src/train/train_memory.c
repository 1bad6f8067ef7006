/* SPDX-License-Identifier: Apache-2.0 */
#include "train/train_memory.h"

#include <math.h>

#include "base/limit.h"
#include "base/mem.h"
#include "feed/prefetch.h"
#include "plan/speed.h"
#include "train/cases.h"

static att_status run_memory_refuse(const struct run_memory *m, double needs, struct err *e)
{
    char limit[BYTES_TEXT], min[LIMIT_TEXT];
    return err_set(e, ATT_MEMORY, "`max-memory` %s is too small; give %s, or %s",
        bytes_text(m->limit, limit), m->advice ? m->advice : "a smaller patch, batch or network",
        limit_text(needs, min));
}

/* In a device's memory; what the host needs besides is not limited. */
static att_status run_memory_on_device(struct run_memory *m, const struct graph *g,
    const struct kernels *k, struct pool *pool, const char *conv, struct run *r, struct err *e)
{
    char needs[BYTES_TEXT], has[BYTES_TEXT];
    size_t used, left, min = 0;
    k->memory->measure(&used, &left);
    const double others = m->on_device + (g->training ? (double)g->params->size * sizeof(real) : 0);
    double room = (double)left - others;
    if (m->limit > 0) room = fmin(room, m->limit - (double)used - others);
    att_status status =
        run_create_within(g, k, pool, conv, room >= 1 ? (size_t)room : 1, &min, r, e);
    if (status == ATT_MEMORY && min) {
        err_clear(e);
        return err_set(e, ATT_MEMORY,
            "the network's maps need at least %s, and the device has %s for them; use a smaller "
            "patch, batch or network%s",
            bytes_text((double)min, needs), bytes_text(fmax(room, 0), has),
            m->limit > 0 ? ", or a larger `max-memory`, which is the device's" : "");
    }
    TRY(status);
    m->peak = (double)used + others + (double)r->plan.work_bytes;
    return ATT_OK;
}

att_status run_memory_create(struct run_memory *m, const struct graph *g, const struct kernels *k,
    struct pool *pool, const char *conv, struct run *r, struct err *e)
{
    size_t min = 0;
    TRY(params_allocate(g->params, e));
    if (k->memory->measure) return run_memory_on_device(m, g, k, pool, conv, r, e);
    double peak = fmax((double)resident_peak(), m->past),
           resident = (double)resident_now() + m->others + LIMIT_UNCOUNTED;
    if (g->training) resident += (double)g->params->size * sizeof(real); /* gradients */
    m->without = fmax(m->without > 0 ? m->without + resident : 0, peak);
    m->peak = m->without;
    if (!(m->limit > 0)) {
        TRY(run_create(g, k, pool, conv, r, e));
    } else {
        double available = m->limit - resident;
        att_status status =
            run_create_within(g, k, pool, conv, available >= 1 ? (size_t)available : 1, &min, r, e);
        if (status == ATT_MEMORY && min) {
            err_clear(e);
            return run_memory_refuse(m, fmax(resident + (double)min, m->without), e);
        }
        TRY(status);
        if (m->without > m->limit) {
            run_free(r);
            return run_memory_refuse(m, m->without, e);
        }
    }
    m->peak = fmax(m->peak, resident + (double)r->plan.work_bytes);
    return ATT_OK;
}

/* Max bytes per voxel of measuring a mask: random labels, with surfaces everywhere, took 45. */
static const double MEASURING = 48;

/* Packed cases stay in their files. */
double training_cases_bytes(const struct training *t)
{
    double bytes = 0;
    for (int i = 0; i < t->split.ntrain && !t->data.pack; i++)
        bytes += (double)image_voxels(t->cases[i].size) *
            ((double)t->cases[i].channels * sizeof(float) + 1);
    return bytes;
}

/* Not touched before the first step: moments, running statistics, batch, augmentation, patches read
 * ahead. Temporary: a copy of the weights for timing; a checkpoint, written tensor by tensor. */
static double estimate_others(const struct training *t)
{
    const struct recipe *r = &t->recipe;
    const struct params *p = &t->model.params;
    double moments = (double)p->size * (r->optimiser == OPTIMISER_ADAMW ? 2 : 1), largest = 0;
    double pixels = (double)image_voxels(r->patch) * training_patches(t);
    for (int i = 0; i < p->count; i++)
        if ((double)p->list[i].size > largest) largest = (double)p->list[i].size;
    double unloaded =
        (training_cases_bytes(t) + t->unloaded_bytes) * t->extra_cases / t->split.ntrain +
        t->unloaded_bytes;
    double timing = t->times_steps ? (double)p->size : 0, saving = 2 * largest;
    struct prefetch_report ahead = {0};
    if (t->sampler.ahead) prefetch_report_fill(t->sampler.ahead, &ahead);
    double numbers = moments + (double)p->state_size + (timing > saving ? timing : saving);
    return unloaded + numbers * sizeof(real) +
        step_passes_bytes(training_passes(t), t->recipe.exchange, t->c->host->team, p) +
        pixels * arch_maps(&t->model.facts) * sizeof *t->batch + (t->labels ? pixels : 0) +
        (double)augment_work_bytes(t->sampler.work) + (double)ahead.memory;
}

/* Work region for predicting one patch. */
static att_status prediction_bytes(const struct training *t, double *bytes, struct err *e)
{
    struct graph g;
    struct plan p;
    struct params params; /* by name only */
    int input;
    params_init(&params);
    graph_init(&g, &params, false);
    att_status status = model_build(&t->model, &g, 1, t->recipe.patch, &input, e);
    if (status == ATT_OK)
        status = plan_make(&g, t->c->host->kernels, t->recipe.conv[0] ? t->recipe.conv : NULL,
            pool_threads(t->c->host->pool), &p, e);
    if (status == ATT_OK) {
        *bytes = (double)p.work_bytes;
        plan_free(&p);
    }
    graph_free(&g);
    params_free(&params);
    return status;
}

/* Validation of the largest case: as loaded, on the network's grid and during resampling; labels in
 * several forms; logits of the case or of the windows in flight (predict_memory.h); the larger
 * reserve of prediction. */
static att_status validation_bytes(const struct training *t, double *bytes, struct err *e)
{
    double voxels = 0;
    *bytes = 0;
    if (!t->split.nval) return ATT_OK;
    for (int i = 0; i < t->split.nval; i++) {
        struct image m;
        struct placed where;
        TRY(cases_place(&t->data, t->split.val[i], &t->model.prep, &m, &where, e));
        voxels = fmax(voxels, fmax((double)image_voxels(m.size), (double)image_voxels(where.grid)));
    }
    double flight =
        fmin(voxels, 8. * (double)image_voxels(t->recipe.patch)) * t->model.facts.classes;
    TRY(prediction_bytes(t, bytes, e));
    *bytes += (voxels * (3 * t->data.channels + 4) + flight) * sizeof(float) +
        (LIMIT_PREDICTING - LIMIT_UNCOUNTED);
    /* Masks are measured at the end, after the cases are freed (loop.c). */
    *bytes = fmax(*bytes, MEASURING * voxels - training_cases_bytes(t));
    return ATT_OK;
}

static void train_memory_log(const struct training *t, const struct run_memory *b)
{
    char total[BYTES_TEXT], limit[BYTES_TEXT], maps[BYTES_TEXT], unlimited[BYTES_TEXT];
    const struct plan *p = &t->exec.plan;
    bytes_text(b->peak, total);
    bytes_text(b->limit, limit);
    bytes_text((double)p->work_bytes, maps);
    if (p->work_bytes == p->free_bytes)
        host_say(t->c->host, LOG_INFO,
            "memory: at most %s of %s, %s of it for the network's maps; no recomputation", total,
            limit, maps);
    else
        host_say(t->c->host, LOG_INFO,
            "memory: at most %s of %s, %s of it for the network's maps instead of %s, for %.1f "
            "%% more operations",
            total, limit, maps, bytes_text((double)p->free_bytes, unlimited), 100 * p->extra);
}

att_status training_plan_memory(struct training *t, struct err *e)
{
    struct run_memory b = {
        .limit = t->recipe.max_memory, .others = estimate_others(t), .past = t->loading_peak};
    if (training_cases_bytes(t) + t->unloaded_bytes > b.limit / 2)
        b.advice = "a packed set (attunet pack), whose cases stay in their files, or a smaller "
                   "patch, batch or network";
    if (t->times_steps && t->step > 0)
        b.advice = "`steps` instead of `time`, which needs a copy of the weights";
    if (t->c->host->kernels->memory->measure) {
        TRY(prediction_bytes(t, &b.on_device, e));
    } else if (b.limit > 0) {
        mem_trim();
        TRY(validation_bytes(t, &b.without, e));
    }
    const char *conv;
    TRY(speed_conv(
        t->c->host, t->recipe.conv[0] ? t->recipe.conv : NULL, t->recipe.bf16, &conv, e));
    TRY(run_memory_create(&b, &t->graph, t->c->host->kernels, t->c->host->pool, conv, &t->exec, e));
    t->memory = b.peak;
    if (b.limit > 0) train_memory_log(t, &b);
    if (t->recipe.micro_batch && t->recipe.micro_batch < t->recipe.batch)
        host_say(t->c->host, LOG_INFO,
            "a step adds the gradients of %lld passes; batch norm and losses over a batch see "
            "one pass at a time, %lld patch%s",
            (long long)(t->recipe.batch / t->recipe.micro_batch), (long long)t->recipe.micro_batch,
            t->recipe.micro_batch == 1 ? "" : "es");
    if (t->recipe.exchange)
        host_say(t->c->host, LOG_INFO,
            training_passes(t) == 1 ? "`exchange` bf16 changes nothing, as a step has one pass"
                : t->c->host->kernels->memory->measure
                ? "`exchange` bf16 changes nothing, as a device adds the passes itself"
                : "passes add and exchange gradients in bf16, which gives other weights than f32");
    return ATT_OK;
}

void training_release_maps(struct training *t)
{
    if (t->recipe.max_memory > 0) run_discard(&t->exec);
}
