/* SPDX-License-Identifier: Apache-2.0 */
#include "report/exhibit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/hard.h"
#include "base/clock.h"
#include "base/mean.h"
#include "base/mem.h"
#include "dataset/memory_set.h"
#include "files/file.h"
#include "format/format.h"
#include "image/orient.h"
#include "model/run_files.h"
#include "predict/predict.h"
#include "predict/predict_maps.h"
#include "report/exhibit_draw.h"

enum { WORST = 3, SHOWN_MAX = WORST + 2, CHOSEN_MAX = 8 };
static const double OVERLAP = .5;

/* The model that made a mask, and its predictor, kept across cases. */
struct maker {
    char *path; /* of the model; NULL: none */
    struct model model;
    struct predictor *predictor;
};

struct work {
    const struct page_source *s;
    struct exhibits *x;
    struct maker maker;
    struct mean sum[EXHIBIT_GATES + 2][MAP_NUMBERS]; /* intensity and centre after the gates */
    double began;
};

int exhibit_by_dice(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    const bool lack_x = isnan(x->dice), lack_y = isnan(y->dice);
    if (lack_x != lack_y) return lack_x - lack_y;
    if (!lack_x && x->dice != y->dice) return x->dice < y->dice ? -1 : 1;
    return x->index - y->index;
}

/* Ranks in order of processing: worst, best, median, then evenly spaced ones. */
static int exhibit_choose(int n, int place[CHOSEN_MAX], const char *why[SHOWN_MAX])
{
    static const char *const names[WORST] = {"the worst", "the second worst", "the third worst"};
    int count = 0;
    for (int i = 0; i < WORST && i < n; i++) {
        why[count] = names[i];
        place[count++] = i;
    }
    if (n > WORST + 1) {
        /* the median of five is the third worst */
        why[count] = n / 2 < WORST ? "the second best" : "the median";
        place[count++] = n / 2 < WORST ? WORST : n / 2;
    }
    if (n > WORST) {
        why[count] = "the best";
        place[count++] = n - 1;
    }
    for (int i = 1; i <= CHOSEN_MAX && count < CHOSEN_MAX; i++) {
        int at = (int)((int64_t)i * (n - 1) / (CHOSEN_MAX + 1));
        bool taken = at < 0 || at >= n;
        for (int k = 0; k < count; k++) taken = taken || place[k] == at;
        if (!taken) place[count++] = at;
    }
    return count;
}

static void drop_maker(struct maker *m)
{
    predictor_free(m->predictor);
    if (m->path) model_free(&m->model);
    mem_free(m->path);
    *m = (struct maker){0};
}

/* *path: RUN/model.safetensors for RUN/validation/CASE, for mem_free, or NULL. */
static att_status maker_path(const char *mask, char **path, struct err *e)
{
    *path = NULL;
    const char *name = file_base(mask);
    size_t folder = name > mask ? (size_t)(name - mask) - 1 : 0, n = strlen(RUN_VALIDATION);
    if (folder < n || strncmp(mask + folder - n, RUN_VALIDATION, n) != 0 ||
        (folder > n && mask[folder - n - 1] != '/'))
        return ATT_OK;
    *path = mem_text("%.*s%s", (int)(folder - n), mask, RUN_MODEL);
    if (!*path) return err_path(e);
    if (file_exists(*path)) return ATT_OK;
    mem_free(*path);
    *path = NULL;
    return ATT_OK;
}

static att_status find_maker(struct work *w, const char *mask, struct err *e)
{
    char *path;
    TRY(maker_path(mask, &path, e));
    if (path && w->maker.path && strcmp(path, w->maker.path) == 0) {
        mem_free(path);
        return ATT_OK;
    }
    drop_maker(&w->maker);
    if (!path) return ATT_OK;
    att_status status = model_load(path, &w->maker.model, e);
    if (status != ATT_OK) {
        mem_free(path);
        return status;
    }
    w->maker.path = path;
    const struct predict_options o = {.overlap = OVERLAP, .attention = true, .conv = w->s->conv};
    struct map_names maps;
    if (hard_is(&w->maker.model.spec)) return ATT_OK; /* tiles are not maps */
    TRY(maps_list(&w->maker.model, &maps, e));
    if (!maps.count) return ATT_OK;
    return predictor_create(
        &w->maker.model, w->s->host->kernels, w->s->host->pool, &o, &w->maker.predictor, e);
}

static void exhibit_add(struct work *w, int which, const struct map_measure *m)
{
    struct map_measure copy = *m;
    for (int i = 0; i < MAP_NUMBERS; i++) mean_add(&w->sum[which][i], *map_number(&copy, i));
}

static att_status exhibit_measure(struct work *w, const struct scene *s, struct err *e)
{
    struct exhibits *x = w->x;
    struct map_measure m;
    size_t voxels = image_voxels(s->image.size);
    int gates = s->result.nmaps < EXHIBIT_GATES ? s->result.nmaps : EXHIBIT_GATES;
    for (int g = 0; g < gates; g++) {
        memcpy(x->gate[g], s->result.maps[g].name, sizeof x->gate[g]);
        TRY(map_measure(s->result.maps[g].data, s->truth, voxels, &m, e));
        exhibit_add(w, g, &m);
    }
    if (!gates) return ATT_OK;
    x->gates = gates;
    x->measured++;
    TRY(attention_controls(&s->image, s->truth, &x->intensity, &x->centre, e));
    exhibit_add(w, EXHIBIT_GATES, &x->intensity);
    exhibit_add(w, EXHIBIT_GATES + 1, &x->centre);
    return ATT_OK;
}

static void exhibit_take_means(struct work *w)
{
    struct exhibits *x = w->x;
    for (int i = 0; i < MAP_NUMBERS; i++) {
        for (int g = 0; g < x->gates; g++) *map_number(&x->map[g], i) = mean_of(&w->sum[g][i]);
        *map_number(&x->intensity, i) = mean_of(&w->sum[EXHIBIT_GATES][i]);
        *map_number(&x->centre, i) = mean_of(&w->sum[EXHIBIT_GATES + 1][i]);
    }
}

/* Without an image, takes the orientation from the masks' files. */
static void take_mask_geometry(const struct mask_pair *pair, struct image *m)
{
    struct err unread = {0};
    for (int i = 0; i < 2 && !m->geometry.valid; i++)
        if ((i ? format_peek_image(pair->predicted, m, &unread)
               : memory_peek_labels(pair->memory, pair->truth, m, &unread)) != ATT_OK)
            *m = (struct image){.channels = 0};
}

/* mask: the true and the predicted one, for mem_free. */
static att_status exhibit_load(
    struct work *w, const struct mask_pair *pair, struct scene *s, uint8_t *mask[2], struct err *e)
{
    const struct dataset *d = w->s->data;
    const struct labelling *l = &w->s->v->labels;
    int size[3], index = d ? dataset_find(d, pair->id) : -1;
    TRY(pair_load_classes(pair, l, &mask[0], s->size, e));
    TRY(labelling_load(l, pair->predicted, &mask[1], size, e));
    s->truth = mask[0];
    s->found = mask[1];
    if (!image_same_triple(size, s->size))
        return err_data(e, "%s differs in size from its label; predict on the label's own grid",
            pair->predicted);
    if (index < 0) {
        take_mask_geometry(pair, &s->image);
        return ATT_OK;
    }
    struct dataset stored = *d; /* on stored axes, until the model states others */
    memset(stored.axes, 0, sizeof stored.axes);
    TRY(dataset_load_image(&stored, index, &s->image, e));
    if (image_same_triple(s->image.size, s->size)) return ATT_OK;
    image_free(&s->image);
    take_mask_geometry(pair, &s->image);
    return ATT_OK;
}

/* Turns image and masks to the axes of the network. */
static att_status turn_scene(const char *axes, struct scene *s, uint8_t *mask[2], struct err *e)
{
    int stored[3];
    memcpy(stored, s->size, sizeof stored);
    TRY(orient_image(axes, &s->image, e));
    const struct turning *t = &s->image.geometry.turned;
    att_status status = ATT_OK;
    for (int i = 0; i < 2 && turn_any(t) && status == ATT_OK; i++)
        status = turn_classes(t, stored, &mask[i], e);
    s->truth = mask[0];
    s->found = mask[1];
    memcpy(s->size, s->image.size, sizeof s->size);
    return status;
}

static att_status predict_maps(
    struct work *w, const struct mask_pair *pair, struct scene *s, uint8_t *mask[2], struct err *e)
{
    if (!s->image.data || w->s->no_maps) return ATT_OK;
    TRY(find_maker(w, pair->predicted, e));
    if (!w->maker.predictor || s->image.channels != w->maker.model.prep.channels) return ATT_OK;
    TRY(turn_scene(w->maker.model.prep.axes, s, mask, e));
    TRY(predict_image(w->maker.predictor, &s->image, &s->result, w->s->host, e));
    return exhibit_measure(w, s, e);
}

/* Processes a case with its maps, or without if they fail; `errors`: as in exhibit_draw; `shown`
 * NULL: only measures. */
static att_status exhibit_process(struct work *w, const struct ranked *r, const char *why,
    bool errors, struct exhibit *shown, struct err *e)
{
    struct scene s = {.truth = NULL};
    uint8_t *mask[2] = {NULL, NULL};
    const struct mask_pair *pair = &w->s->v->pairs.pair[r->index];
    struct err trouble = {0};
    att_status status = exhibit_load(w, pair, &s, mask, &trouble);
    bool there = status == ATT_OK;
    if (there) status = predict_maps(w, pair, &s, mask, &trouble);
    err_pass(&w->x->trouble, status, &trouble);
    /* a map that is not finite */
    bool passes =
        status == ATT_DATA || status == ATT_MODEL || status == ATT_USAGE || status == ATT_FAILED;
    if (!passes) err_pass(e, status, &trouble);
    if (passes) status = ATT_OK;
    if (there && shown && status == ATT_OK) {
        shown->index = r->index;
        snprintf(shown->why, sizeof shown->why, "%s", why);
        status = exhibit_draw(&s, errors, shown, e);
        if (status == ATT_OK) w->x->count++;
    }
    prediction_free(&s.result);
    image_free(&s.image);
    mem_free(mask[0]);
    mem_free(mask[1]);
    return status;
}

static att_status exhibit_process_all(
    struct work *w, const struct ranked *list, int n, struct err *e)
{
    int place[CHOSEN_MAX];
    const char *why[SHOWN_MAX];
    int shown = n < SHOWN_MAX ? n : SHOWN_MAX, chosen = exhibit_choose(n, place, why);
    for (int i = 0; i < chosen; i++) {
        bool more = i >= shown;
        if (more && (!w->x->gates || (w->s->seconds > 0 && clock_now() - w->began > w->s->seconds)))
            break;
        host_progress(w->s->host, "drawing cases", i, chosen, NULL);
        TRY(exhibit_process(w, &list[place[i]], more ? "" : why[i], i < WORST,
            more ? NULL : &w->x->list[w->x->count], e));
    }
    host_progress(w->s->host, "drawing cases", chosen, chosen, NULL);
    return ATT_OK;
}

att_status exhibits_take(
    const struct page_source *s, const double *dice, struct exhibits *x, struct err *e)
{
    int n = 0, cases = s->v->pairs.count;
    struct work *w = mem_alloc(sizeof *w);
    struct ranked *list = mem_array((size_t)cases + 1, sizeof *list);
    memset(x, 0, sizeof *x);
    x->list = mem_array(SHOWN_MAX, sizeof *x->list);
    att_status status = w && list && x->list
        ? ATT_OK
        : err_memory(e, SHOWN_MAX * sizeof *x->list, "the displayed cases");
    for (int i = 0; i < cases && status == ATT_OK; i++)
        if (isfinite(dice[i])) list[n++] = (struct ranked){dice[i], i};
    if (status == ATT_OK) {
        qsort(list, (size_t)n, sizeof *list, exhibit_by_dice);
        *w = (struct work){.s = s, .x = x, .began = clock_now()};
        status = exhibit_process_all(w, list, n, e);
        exhibit_take_means(w);
        drop_maker(&w->maker);
    }
    mem_free(list);
    mem_free(w);
    if (status != ATT_OK) exhibits_free(x);
    return status;
}

void exhibits_free(struct exhibits *x)
{
    for (int i = 0; i < x->count; i++)
        for (int k = 0; k < x->list[i].panels; k++) picture_free(&x->list[i].panel[k]);
    mem_free(x->list);
    memset(x, 0, sizeof *x);
}
