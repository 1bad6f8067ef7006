/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses, computes and merges tiles. Deterministic: nothing is random. */
#include "predict/predict_hard.h"

#include <math.h>

#include "base/kmath.h"
#include "base/limit.h"
#include "base/mem.h"
#include "base/text.h"
#include "policy/plackett.h"
#include "predict/predict_decode.h"

att_status hard_check(
    const struct model *m, int models, const struct predict_options *o, struct err *e)
{
    if (!hard_is(&m->spec)) {
        if (!o->has_tiles && !o->has_cost && !(o->share > 0)) return ATT_OK;
        return err_usage(e,
            "the model chooses no tiles (it is arch=%s); leave out `tiles`, `cost` and `share`",
            spec_get(&m->spec, "arch", "attunet"));
    }
    if (models > 1)
        return err_usage(e,
            "a model of hard attention predicts alone; give one model, such as that of one fold");
    if (o->mirror[0] || o->mirror[1] || o->mirror[2])
        return err_usage(
            e, "a model of hard attention computes every tile once; leave out `mirror`");
    if (o->attention)
        return err_usage(e,
            "a model of hard attention has tiles instead of attention maps; leave out "
            "`attention`");
    if (o->window[1] || o->window[2])
        return err_usage(
            e, "the windows of a model of hard attention are its tiles; leave out `window`");
    if (o->has_overlap)
        return err_usage(e,
            "the tiles of a model of hard attention overlap by the halo of its spec; leave out "
            "`overlap`");
    if (o->max_memory > 0)
        return err_usage(e,
            "hard attention keeps no memory limit, because it only holds single windows of its "
            "fine network; leave out `max-memory`");
    if (o->has_tiles && o->tiles < 0)
        return err_usage(e, "%d tiles cannot be computed; give 0 or more", o->tiles);
    if (o->has_cost && !(o->cost >= 0))
        return err_usage(e, "a cost of %g is below 0; give 0 or more", o->cost);
    if (!(o->share >= 0)) return err_usage(e, "a share of %g is below 0; give 0 or more", o->share);
    return ATT_OK;
}

struct hard_work {
    const struct hard_prediction *h;
    struct look look;
    struct look_cost cost;
    struct decoder decoder;
    struct choice choice;
    bool glimpse, stop;
    int max, done;      /* max tiles; computed so far */
    double budget;      /* max multiply-adds */
    double *score;      /* [tiles + 1], the last for the stop token */
    bool *seen;         /* [tiles] */
    float *logits;      /* [threads][classes][tile] */
    size_t tile_logits; /* floats of one tile */
    struct prediction *out;
    struct tile_report *report; /* out->tiles */
};

/* Excludes tiles with a probability, at the model's temperature, below cost / tiles. */
static void drop_dear(const struct hard_work *w)
{
    const double temperature = w->h->model->temperature > 0 ? w->h->model->temperature : 1;
    int tiles = w->look.tiling.count;
    double top = -(double)INFINITY, sum = 0;
    for (int i = 0; i < tiles; i++) top = fmax(top, w->score[i]);
    for (int i = 0; i < tiles; i++) sum += kmath_exp((w->score[i] - top) / temperature);
    for (int i = 0; i < tiles; i++)
        if (kmath_exp((w->score[i] - top) / temperature) * tiles < w->h->options->cost * sum)
            w->score[i] = -(double)INFINITY;
}

/* Chooses all tiles at once, or the next one for arch=glimpse. */
static att_status hard_choose(struct hard_work *w, struct err *e)
{
    int tiles = w->look.tiling.count, left = w->max - w->report->count;
    double value;
    struct plackett p = {.score = w->score,
        .items = tiles,
        .max = w->glimpse && left > 1 ? 1 : left,
        .stop = w->stop};
    TRY(look_scores(w->h->runner, &w->look, w->score, &w->score[tiles], &value, e));
    w->report->macs += w->cost.policy;
    for (int i = 0; i < tiles; i++)
        if (w->seen[i]) w->score[i] = -(double)INFINITY;
    if (w->h->options->has_cost) drop_dear(w);
    plackett_greedy(&p, &w->choice);
    return ATT_OK;
}

static att_status affordable(const struct hard_work *w, int count, bool *is, struct err *e)
{
    struct clusters c;
    TRY(look_clusters(&w->look, w->choice.item, count, &c, e));
    *is = w->report->macs + look_clusters_macs(&w->look, &c, w->cost.tile) <= w->budget;
    clusters_free(&c);
    return ATT_OK;
}

enum { BEYOND = 8 };

/* Reduces the choice to the budget. A tile that joins windows may lower the cost, so a few more are
 * tried. */
static att_status hard_fit(struct hard_work *w, struct err *e)
{
    if (!isfinite(w->budget)) return ATT_OK;
    const double max = floor((w->budget - w->report->macs) / look_min_macs(&w->look, w->cost.tile));
    int fits = 0, beyond = w->choice.count;
    bool is = false;
    if (max < beyond)
        beyond = max < 0 ? 1 : (int)max + 1; /* too many in any case */
    else
        TRY(affordable(w, beyond, &is, e));
    if (is) return ATT_OK;
    while (beyond - fits > 1) {
        const int middle = fits + (beyond - fits) / 2;
        TRY(affordable(w, middle, &is, e));
        *(is ? &fits : &beyond) = middle;
    }
    for (int k = beyond + 1; k <= w->choice.count && k < beyond + BEYOND; k++) {
        TRY(affordable(w, k, &is, e));
        if (is) fits = k;
    }
    w->choice.count = fits;
    return ATT_OK;
}

/* Records a tile and its box in the image. */
static void hard_note(struct hard_work *w, int tile)
{
    const struct placed *p = w->h->where;
    struct chosen_tile *l = &w->report->list[w->report->count++];
    *l = (struct chosen_tile){.tile = tile, .score = w->score[tile]};
    tiling_part(&w->look.tiling, tile, l->box.from, l->box.size);
    for (int i = 0; i < 3; i++) {
        double from = (double)l->box.from[i] * p->shrink[i],
               to = fmin(from + (double)l->box.size[i] * p->shrink[i], p->grid[i]);
        int first = (int)floor(from * p->crop.size[i] / p->grid[i]),
            end = (int)ceil(to * p->crop.size[i] / p->grid[i]);
        l->box.from[i] = p->crop.from[i] + first;
        l->box.size[i] = end - first;
    }
    w->seen[tile] = true;
}

static void hard_put(struct hard_work *w, int tile, const float *logits)
{
    struct box part;
    const int *size = w->look.tiling.size;
    tiling_part(&w->look.tiling, tile, part.from, part.size);
    if (!w->h->logits) {
        decode_box(&w->decoder, part.from, part.size, logits);
        return;
    }
    for (int c = 0; c < w->look.classes; c++, logits += box_voxels(&part))
        box_put(w->h->logits + (size_t)c * image_voxels(size), size, sizeof *logits, &part, logits);
}

static void fill_unchosen(void *arg, int tile, int worker)
{
    struct hard_work *w = arg;
    float *logits = w->logits + (size_t)worker * w->tile_logits;
    if (w->seen[tile]) return;
    if (!w->h->logits && look_is_background(&w->look, tile)) return; /* already 0 */
    look_coarse_tile(&w->look, tile, logits);
    hard_put(w, tile, logits);
}

static att_status hard_check_stop(const struct hard_work *w, struct host *host, struct err *e)
{
    if (!host_stopped(host)) return ATT_OK;
    return err_set(e, ATT_INTERRUPTED, "stopped after %d tile%s", w->done, TEXT_S(w->done));
}

/* One window and its chosen tiles. */
static att_status hard_look_at(
    struct hard_work *w, const struct clusters *c, int index, struct host *host, struct err *e)
{
    TRY(hard_check_stop(w, host, e));
    TRY(look_cluster(w->h->runner, w->h->x, &w->look, &c->list[index], e));
    for (int i = c->begin[index]; i < c->begin[index + 1]; i++) {
        const int tile = c->tile[i];
        look_cluster_tile(w->h->runner, &w->look, tile, w->logits);
        if (w->glimpse) look_seen(&w->look, tile, w->logits);
        hard_put(w, tile, w->logits);
        w->done++;
    }
    if (w->h->options->progress) host_progress(host, "tiles", w->done, w->max, NULL);
    return ATT_OK;
}

static att_status look_at_choice(struct hard_work *w, struct host *host, struct err *e)
{
    struct clusters c;
    for (int i = 0; i < w->choice.count; i++) hard_note(w, w->choice.item[i]);
    TRY(look_clusters(&w->look, w->choice.item, w->choice.count, &c, e));
    w->report->macs += look_clusters_macs(&w->look, &c, w->cost.tile);
    w->out->windows += c.count;
    att_status status = ATT_OK;
    for (int i = 0; i < c.count && status == ATT_OK; i++) status = hard_look_at(w, &c, i, host, e);
    clusters_free(&c);
    return status;
}

static att_status hard_look_at_all(struct hard_work *w, struct host *host, struct err *e)
{
    while (w->report->count < w->max) {
        if (w->glimpse && w->report->macs + w->cost.policy + w->cost.tile > w->budget) break;
        TRY(hard_choose(w, e));
        if (!w->glimpse) TRY(hard_fit(w, e));
        TRY(look_at_choice(w, host, e));
        if (!w->glimpse || !w->choice.count) break;
    }
    pool_run(w->h->pool, w->look.tiling.count, fill_unchosen, w);
    return ATT_OK;
}

static att_status hard_set_up(struct hard_work *w, struct err *e)
{
    const struct hard_prediction *h = w->h;
    struct hard hard;
    TRY(hard_read(&h->model->spec, &hard, e));
    int tiles = w->look.tiling.count,
        wanted = h->options->has_tiles ? h->options->tiles
        : hard.tiles                   ? hard.tiles
                                       : tiles;
    w->glimpse = hard.glimpse;
    const bool limited = h->options->has_cost || h->options->share > 0;
    w->stop = !h->options->has_tiles && !limited && !hard.tiles;
    w->max = wanted < tiles ? wanted : tiles;
    if (limited && !h->options->has_tiles) w->max = tiles;
    w->tile_logits = image_voxels(hard.tile) * (size_t)hard.classes;
    w->score = mem_array((size_t)tiles + 1, sizeof *w->score);
    w->seen = mem_array((size_t)tiles, sizeof *w->seen);
    w->logits = mem_array(w->tile_logits, (size_t)pool_threads(h->pool) * sizeof *w->logits);
    w->out->tiles = w->report = mem_alloc(sizeof *w->report);
    if (w->report) w->report->list = mem_array((size_t)w->max + 1, sizeof *w->report->list);
    if (!w->score || !w->seen || !w->logits || !w->report || !w->report->list)
        return err_memory(e, w->tile_logits * sizeof *w->logits, "the tiles of an image");
    w->report->tiling = w->look.tiling;
    TRY(choice_create(&w->choice, tiles, w->max, e));
    TRY(look_cost(h->runner, &w->look, &w->cost, e));
    w->report->macs = w->look.macs;
    w->report->dense = w->cost.dense;
    w->budget = h->options->share > 0 ? h->options->share * w->cost.dense : INFINITY;
    return h->logits ? ATT_OK
                     : decode_begin(&w->decoder, h->model, hard.classes, w->look.tiling.size,
                           h->pool, w->out, e);
}

static att_status predict_hard_predict(struct hard_work *w, struct host *host, struct err *e)
{
    TRY(look_coarse(w->h->runner, w->h->x, &w->look, e));
    TRY(hard_set_up(w, e));
    TRY(hard_look_at_all(w, host, e));
    TRY(hard_check_stop(w, host, e));
    w->out->passes = w->out->windows;
    w->report->peak = (int64_t)resident_peak();
    return w->h->logits ? ATT_OK
                        : decode_end(&w->decoder, &w->h->options->post, INFINITY, w->out, e);
}

att_status hard_predict(
    const struct hard_prediction *h, struct prediction *out, struct host *host, struct err *e)
{
    struct hard_work w = {.h = h, .out = out};
    att_status status = predict_hard_predict(&w, host, e);
    look_free(&w.look);
    decode_free(&w.decoder);
    choice_free(&w.choice);
    mem_free(w.score);
    mem_free(w.seen);
    mem_free(w.logits);
    return status;
}
