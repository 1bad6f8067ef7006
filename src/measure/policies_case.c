/* SPDX-License-Identifier: Apache-2.0 */
/* One case: both networks compute every tile, then sums give every choice. */
#include "measure/policies_case.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/ints.h"
#include "base/mem.h"
#include "model/prepare.h"

static const struct policies_score nothing = {(double)NAN, (double)NAN, (double)NAN, (double)NAN};

/* State of one case. */
struct tile_case {
    struct sample s; /* on the network's grid */
    struct tile_sums sums;
    struct look_cost cost;
    int *chosen;
    double *prior, *score; /* [tiles]; score also has the stop token's */
    struct policies_case *c;
};

static att_status policies_case_prepare(
    const struct policies_work *w, struct sample *s, struct err *e)
{
    const struct preparation *prep = &w->model->prep;
    struct placed where;
    TRY(prepare_image(prep, &s->image, w->host->pool, &where, e));
    return prepare_replace_labels(&where, &s->classes, w->host->pool, e);
}

static att_status count_tiles(struct policies_work *w, struct tile_case *x, struct err *e)
{
    TRY(tile_sums_create(&x->sums, w->look.tiling.count, labelling_targets(&w->model->labels), e));
    w->count.seconds = w->count.work = 0;
    TRY(look_count_all(&w->count, &x->s.image, x->s.classes, &w->look, NULL, &x->sums, e));
    x->c->tile_seconds = w->count.seconds / w->count.work; /* of a separate window */
    tile_sums_total(&x->sums);
    return ATT_OK;
}

/* `steps`: number of policy runs. Clusters depend on the choice, so they are formed again. */
static att_status policies_case_score_of(const struct policies_work *w, const struct tile_case *x,
    const int *chosen, int k, double steps, struct policies_score *out, struct err *e)
{
    struct clusters c;
    TRY(look_clusters(&w->look, chosen, k, &c, e));
    const double macs =
        x->c->coarse + steps * x->cost.policy + look_clusters_macs(&w->look, &c, x->c->tile);
    clusters_free(&c);
    *out = (struct policies_score){k, macs / x->c->dense, tile_sums_dice(&x->sums, chosen, k, NULL),
        tile_sums_outside(&x->sums, chosen, k)};
    return ATT_OK;
}

/* Counts the tiles again, in the windows of prediction. */
static att_status score_own(struct policies_work *w, struct tile_case *x, int k, double steps,
    struct policies_score *out, struct err *e)
{
    if (clusters_shared(w->hard.cluster))
        TRY(look_count_shared(
            &w->count, &x->s.image, x->s.classes, &w->look, x->chosen, k, NULL, &x->sums, e));
    tile_sums_total(&x->sums);
    return policies_case_score_of(w, x, x->chosen, k, steps, out, e);
}

static att_status score_chooser(const struct policies_work *w, const struct tile_case *x,
    enum chooser m, int k, int number, struct policies_score *out, struct err *e)
{
    const struct chooser_view view = {
        &w->look.tiling, w->look.entropy, w->look.foreground, w->look.labelled, x->prior, &x->sums};
    int draws = m == CHOOSER_RANDOM || m == CHOOSER_RANDOM_FOREGROUND ? POLICIES_DRAWS : 1;
    *out = (struct policies_score){0};
    for (int i = 0; i < draws; i++) {
        struct rng stream = rng_stream(
            w->options->seed, RNG_STATS, (uint32_t)number, (uint32_t)((int)m * POLICIES_DRAWS + i));
        int count = 0;
        TRY(chooser_choose(m, &view, k, &stream, x->chosen, &count, e));
        struct policies_score s;
        TRY(policies_case_score_of(w, x, x->chosen, count, 0, &s, e));
        out->tiles += s.tiles / draws;
        out->share += s.share / draws;
        out->dice += s.dice / draws;
        out->outside += s.outside / draws;
    }
    return ATT_OK;
}

/* Whether the chooser has its input. */
static bool policies_case_applies(const struct tile_case *x, enum chooser m)
{
    return m == CHOOSER_PRIOR ? x->prior != NULL : m != CHOOSER_OPTIMUM || x->sums.classes == 1;
}

/* All tiles in the policy's order, and the number it would take. */
static att_status order_at_once(
    struct policies_work *w, struct tile_case *x, int *own, struct err *e)
{
    int tiles = w->look.tiling.count;
    struct choice choice;
    double value;
    TRY(look_scores(w->runner, &w->look, x->score, &x->score[tiles], &value, e));
    TRY(choice_create(&choice, tiles, tiles, e));
    plackett_greedy(&(struct plackett){x->score, tiles, tiles, true}, &choice);
    *own = choice.count;
    plackett_greedy(&(struct plackett){x->score, tiles, tiles, false}, &choice);
    memcpy(x->chosen, choice.item, (size_t)choice.count * sizeof *x->chosen);
    choice_free(&choice);
    return ATT_OK;
}

/* The same for `max` tiles, if the policy sees each tile before choosing the next. */
static att_status order_in_turn(
    struct policies_work *w, struct tile_case *x, int max, int *own, struct err *e)
{
    int tiles = w->look.tiling.count;
    double value;
    *own = max;
    for (int i = 0; i < max; i++) {
        int best = -1;
        TRY(look_scores(w->runner, &w->look, x->score, &x->score[tiles], &value, e));
        for (int t = 0; t < tiles; t++) {
            bool taken = false;
            for (int k = 0; k < i && !taken; k++) taken = x->chosen[k] == t;
            if (!taken && (best < 0 || x->score[t] > x->score[best])) best = t;
        }
        if (*own == max && x->score[tiles] >= x->score[best]) *own = i;
        x->chosen[i] = best;
        TRY(look_count_stopped(&w->count, e));
        TRY(look_tile(w->runner, &x->s.image, &w->look, best, w->count.logits, e));
        look_seen(&w->look, best, w->count.logits);
    }
    return ATT_OK;
}

static att_status score_learned(
    struct policies_work *w, struct tile_case *x, const struct policies *p, struct err *e)
{
    int tiles = w->look.tiling.count, wanted = w->hard.tiles,
        max = p->k[p->ks - 1] > wanted ? p->k[p->ks - 1] : wanted, own;
    bool turns = w->hard.glimpse;
    max = turns && wanted > 0 ? min_int(max, tiles) : tiles;
    TRY(turns ? order_in_turn(w, x, max, &own, e) : order_at_once(w, x, &own, e));
    if (wanted > 0) own = min_int(wanted, tiles);
    for (int i = 0; i < p->ks; i++) {
        int k = min_int(p->k[i], tiles);
        TRY(policies_case_score_of(
            w, x, x->chosen, k, turns ? k : 1, &x->c->score[METHOD_LEARNED][i], e));
    }
    return score_own(w, x, own, turns ? own : 1, &x->c->own, e);
}

/* 1, 2, 4, ... below the number of tiles, and the model's own. */
static void choose_ks(struct policies *p, int tiles, int own)
{
    for (int k = 1; k < tiles && p->ks < POLICIES_K - 1; k *= 2) {
        if (own > 0 && own < k && (p->ks == 0 || p->k[p->ks - 1] < own)) p->k[p->ks++] = own;
        p->k[p->ks++] = k;
    }
    if (p->ks == 0 || (p->k[p->ks - 1] < own && own < tiles))
        p->k[p->ks++] = own > 0 ? min_int(own, tiles) : 1;
}

static att_status score_all(
    struct policies_work *w, struct tile_case *x, int number, struct policies *p, struct err *e)
{
    int tiles = w->look.tiling.count;
    if (p->ks == 0) choose_ks(p, tiles, w->hard.tiles);
    for (int t = 0; t < tiles; t++) x->chosen[t] = t;
    TRY(policies_case_score_of(w, x, x->chosen, 0, 0, &x->c->none, e));
    TRY(policies_case_score_of(w, x, x->chosen, tiles, 0, &x->c->all, e));
    for (int m = 0; m < CHOOSERS; m++)
        for (int i = 0; i < p->ks; i++) {
            struct policies_score *s = &x->c->score[m][i];
            *s = nothing;
            if (policies_case_applies(x, (enum chooser)m))
                TRY(score_chooser(w, x, (enum chooser)m, min_int(p->k[i], tiles), number, s, e));
        }
    return score_learned(w, x, p, e);
}

static att_status policies_case_coarse(struct policies_work *w, struct tile_case *x, struct err *e)
{
    double begin = clock_now();
    TRY(look_coarse(w->runner, &x->s.image, &w->look, e));
    size_t tiles = (size_t)w->look.tiling.count;
    x->chosen = mem_array(tiles, sizeof *x->chosen);
    x->score = mem_array(tiles + 1, sizeof *x->score);
    if (w->options->prior) x->prior = mem_array(tiles, sizeof *x->prior);
    if (!x->chosen || !x->score || (w->options->prior && !x->prior))
        return err_memory(e, tiles * 20, "the tiles of a case");
    double value;
    TRY(look_scores(w->runner, &w->look, x->score, &x->score[tiles], &value, e));
    x->c->coarse_seconds = clock_now() - begin;
    TRY(look_cost(w->runner, &w->look, &x->cost, e));
    x->c->tiles = (int)tiles;
    x->c->coarse = w->look.macs;
    x->c->tile = x->cost.tile;
    x->c->dense = x->cost.dense;
    if (w->options->prior) prior_tiles(w->options->prior, &w->look.tiling, x->prior);
    return ATT_OK;
}

static att_status policies_case_measure(struct policies_work *w, const struct data_case *from,
    struct tile_case *x, int number, struct policies *p, struct err *e)
{
    if (!x->s.classes) return err_data(e, "case %s has no label to measure with; add it", from->id);
    x->c->id = mem_text("%s", from->id);
    if (!x->c->id) return err_memory(e, strlen(from->id), "the name of a case");
    TRY(policies_case_prepare(w, &x->s, e));
    TRY(policies_case_coarse(w, x, e));
    TRY(count_tiles(w, x, e));
    return score_all(w, x, number, p, e);
}

att_status policies_measure(struct policies_work *w, const struct dataset *d, int index, int number,
    struct policies *p, struct policies_case *c, struct err *e)
{
    struct tile_case x = {.c = c};
    TRY(dataset_load(d, index, &x.s, e));
    att_status status = policies_case_measure(w, &d->cases[index], &x, number, p, e);
    sample_free(&x.s);
    tile_sums_free(&x.sums);
    mem_free(x.chosen);
    mem_free(x.prior);
    mem_free(x.score);
    return status;
}
