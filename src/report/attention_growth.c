/* SPDX-License-Identifier: Apache-2.0 */
#include "report/attention_growth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mean.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/order.h"
#include "draw/sheet.h"
#include "draw/slice.h"
#include "files/file.h"
#include "image/shrink.h"
#include "measure/measure_dice.h"
#include "model/run_files.h"

enum { ROWS_MAX = 24, SIDE_MAX = 512 }; /* of the picture; pixels of a slice */

struct stage {
    int64_t step;     /* first, for order_sizes */
    const char *name; /* of its file, during measurement */
    double dice;
    struct map_measure *gate; /* [gates], means over cases */
};

struct growth {
    struct stage *list;
    int count, gates;
    char (*names)[48];
    /* The displayed slice: */
    struct labelling labels;
    int shown;              /* index of its case; -1: none has foreground */
    int at;                 /* position along d */
    int full[3], by[3];     /* 1, h, w of the image, and the block averaged to a pixel */
    int size[3];            /* size after averaging */
    char axes[ORIENT_TEXT]; /* orientation of its image */
    float *samples;         /* [row][1 + gates][size] */
    uint8_t *classes;
    struct slice_range range; /* of the image: black and white */
};

/* The slice with most foreground; -1: none. */
static int best_slice(const struct sample *s)
{
    size_t plane = (size_t)s->image.size[1] * (size_t)s->image.size[2], max = 0;
    int best = -1;
    for (int d = 0; d < s->image.size[0]; d++) {
        size_t there = 0;
        for (size_t i = 0; i < plane; i++) {
            uint8_t c = s->classes[(size_t)d * plane + i];
            there += c != 0 && c != LABELLING_IGNORE;
        }
        if (there > max) best = d;
        max = there > max ? there : max;
    }
    return best;
}

static int attention_growth_rows_of(const struct growth *g)
{
    return g->count < ROWS_MAX ? g->count : ROWS_MAX;
}

/* The model of a row; many models are sampled, with the first and the last. */
static int stage_of(const struct growth *g, int row)
{
    int rows = attention_growth_rows_of(g);
    return rows < g->count ? row * (g->count - 1) / (rows - 1) : row;
}

/* The row of a model; -1: none. */
static int attention_growth_row_of(const struct growth *g, int stage)
{
    int row = attention_growth_rows_of(g);
    while (row-- > 0 && stage_of(g, row) != stage) {
    }
    return row;
}

static size_t attention_growth_plane_of(const struct growth *g) { return image_voxels(g->size); }
static size_t full_plane(const struct growth *g) { return image_voxels(g->full); }

static att_status attention_growth_choose_slice(
    struct growth *g, const struct sample *s, int number, struct pool *pool, struct err *e)
{
    int at = best_slice(s);
    if (at < 0) return ATT_OK;
    g->shown = number;
    g->at = at;
    orient_name(&s->image.geometry, s->image.size, g->axes);
    const int *size = s->image.size, side = size[1] > size[2] ? size[1] : size[2];
    for (int i = 0; i < 3; i++) {
        g->full[i] = i ? size[i] : 1;
        g->by[i] = i ? 1 + (side - 1) / SIDE_MAX : 1;
        g->size[i] = shrink_length(g->full[i], g->by[i]);
    }
    size_t plane = attention_growth_plane_of(g),
           panels = (size_t)attention_growth_rows_of(g) * (size_t)(1 + g->gates);
    float *samples = mem_array(plane, sizeof *samples);
    g->samples = mem_array(panels * plane, sizeof *g->samples);
    g->classes = mem_alloc(panels * plane);
    if (samples) {
        shrink_image(s->image.data + (size_t)at * full_plane(g), 1, g->full, g->by, samples, pool);
        g->range = slice_range_of(samples, (int)plane);
    }
    mem_free(samples);
    return samples && g->samples && g->classes
        ? ATT_OK
        : err_memory(e, panels * plane * sizeof *g->samples, "a picture of maps");
}

/* Stores the slice and its maps, scaled to the image's grey values. */
static void attention_growth_keep_slice(struct growth *g, int row, const struct sample *s,
    const struct prediction *p, struct pool *pool)
{
    const size_t plane = attention_growth_plane_of(g), from = (size_t)g->at * full_plane(g);
    for (int k = 0; k <= g->gates; k++) {
        const size_t panel = (size_t)row * (size_t)(1 + g->gates) + (size_t)k;
        float *to = g->samples + panel * plane;
        shrink_classes(
            s->classes + from, g->full, g->by, LABELLING_IGNORE, g->classes + panel * plane, pool);
        shrink_image((k ? p->maps[k - 1].data : s->image.data) + from, 1, g->full, g->by, to, pool);
        for (size_t i = 0; k && i < plane; i++)
            to[i] = (float)(g->range.low + (g->range.high - g->range.low) * (double)to[i]);
    }
}

struct work {
    struct growth *g;
    struct predictor *predictor;
    struct host *host;
    const struct model *model;
    int stage;
    struct mean dice, *mean; /* [gates][MAP_NUMBERS] */
};

static att_status first_maps(struct work *w, const struct prediction *p, struct err *e)
{
    struct growth *g = w->g;
    if (!g->names) {
        g->gates = p->nmaps;
        TRY(MEM_ARRAY(g->names, (size_t)p->nmaps + 1, "names of gates", e));
        for (int k = 0; k < p->nmaps; k++) memcpy(g->names[k], p->maps[k].name, sizeof *g->names);
    }
    if (p->nmaps != g->gates)
        return err_model(e,
            "the models in " RUN_SNAPSHOTS " are different networks; remove those of other runs");
    if (w->mean) return ATT_OK;
    return MEM_ARRAY(w->mean, (size_t)g->gates * MAP_NUMBERS, "means of maps", e);
}

static att_status attention_growth_measure_case(struct work *w, const struct sample *s,
    const struct prediction *p, const char *id, int number, struct err *e)
{
    struct growth *g = w->g;
    double dice;
    TRY(first_maps(w, p, e));
    TRY(measure_dice(&w->model->labels, &p->labels, s->classes, id, &dice, e));
    mean_add(&w->dice, dice);
    for (int k = 0; k < g->gates; k++) {
        struct map_measure m;
        TRY(map_measure(p->maps[k].data, s->classes, image_voxels(s->image.size), &m, e));
        for (int i = 0; i < MAP_NUMBERS; i++)
            mean_add(&w->mean[k * MAP_NUMBERS + i], *map_number(&m, i));
    }
    if (g->shown < 0) TRY(attention_growth_choose_slice(g, s, number, w->host->pool, e));
    if (g->shown == number && attention_growth_row_of(g, w->stage) >= 0)
        attention_growth_keep_slice(g, attention_growth_row_of(g, w->stage), s, p, w->host->pool);
    return ATT_OK;
}

static att_status attention_growth_run_cases(
    struct work *w, const struct dataset *d, const int *list, int count, struct err *e)
{
    for (int i = 0; i < count; i++) {
        struct sample s;
        struct prediction p;
        if (host_stopped(w->host))
            return err_set(e, ATT_INTERRUPTED, "stopped at the maps of step %lld",
                (long long)w->g->list[w->stage].step);
        host_progress(w->host, "maps of snapshots", w->stage * count + i, w->g->count * count,
            d->cases[list[i]].id);
        TRY(dataset_load(d, list[i], &s, e));
        att_status status = predict_image(w->predictor, &s.image, &p, w->host, e);
        if (status == ATT_OK)
            status = attention_growth_measure_case(w, &s, &p, d->cases[list[i]].id, i, e);
        prediction_free(&p);
        sample_free(&s);
        TRY(status);
    }
    return ATT_OK;
}

static att_status attention_growth_take_means(struct work *w, struct err *e)
{
    struct stage *t = &w->g->list[w->stage];
    t->dice = mean_of(&w->dice);
    TRY(MEM_ARRAY(t->gate, w->g->gates, "means of maps", e));
    for (int k = 0; k < w->g->gates; k++)
        for (int i = 0; i < MAP_NUMBERS; i++)
            *map_number(&t->gate[k], i) = mean_of(&w->mean[k * MAP_NUMBERS + i]);
    return ATT_OK;
}

static att_status one_stage(struct growth *g, int stage, const char *path, const struct dataset *d,
    const int *list, int count, const struct predict_options *o, struct host *host, struct err *e)
{
    struct predict_options with = *o;
    struct model m;
    struct work w = {.g = g, .host = host, .model = &m, .stage = stage};
    with.attention = true;
    TRY(model_load(path, &m, e));
    g->labels = m.labels;
    att_status status = predictor_create(&m, host->kernels, host->pool, &with, &w.predictor, e);
    if (status == ATT_OK) status = attention_growth_run_cases(&w, d, list, count, e);
    if (status == ATT_OK) status = attention_growth_take_means(&w, e);
    predictor_free(w.predictor);
    mem_free(w.mean);
    model_free(&m);
    return status;
}

static const char *const ending = ".safetensors";

/* Step of "step_0000100.safetensors"; -1: another file. */
static int64_t attention_growth_step_of(const char *name)
{
    long long step;
    int used = 0;
    return sscanf(name, "step_%lld.%n", &step, &used) == 1 && used &&
            strcmp(name + used - 1, ending) == 0
        ? step
        : -1;
}

static att_status find_stages(struct growth *g, const struct file_list *files, struct err *e)
{
    TRY(MEM_ARRAY(g->list, (size_t)files->count + 1, "a list of models", e));
    for (int i = 0; i < files->count; i++) {
        int64_t step = attention_growth_step_of(files->names[i]);
        if (step >= 0) g->list[g->count++] = (struct stage){.step = step, .name = files->names[i]};
    }
    qsort(g->list, (size_t)g->count, sizeof *g->list, order_sizes);
    return ATT_OK;
}

static att_status measure_all(struct growth *g, const char *folder, const struct file_list *files,
    const struct dataset *d, const int *list, int count, const struct predict_options *o,
    struct host *host, struct err *e)
{
    TRY(find_stages(g, files, e));
    for (int i = 0; i < g->count; i++) {
        char *path = file_join(folder, g->list[i].name);
        att_status status = path ? one_stage(g, i, path, d, list, count, o, host, e) : err_path(e);
        mem_free(path);
        TRY(status);
    }
    host_progress(host, "maps of snapshots", g->count * count, g->count * count, NULL);
    return ATT_OK;
}

static att_status measure_folder(const char *folder, const struct dataset *d, const int *list,
    int count, const struct predict_options *o, struct host *host, struct growth **out,
    struct err *e)
{
    struct file_list files;
    TRY(file_list(folder, &files, e));
    struct growth *g;
    att_status status = MEM_NEW(g, "the models of a run", e);
    if (g) g->shown = -1;
    if (status == ATT_OK) status = measure_all(g, folder, &files, d, list, count, o, host, e);
    file_list_free(&files);
    for (int i = 0; g && i < g->count; i++) g->list[i].name = NULL; /* points into that list */
    if (status == ATT_OK && g->count > 0)
        *out = g;
    else
        growth_free(g);
    return status;
}

att_status growth_measure(const char *run, const struct dataset *d, const int *list, int count,
    const struct predict_options *o, struct host *host, struct growth **g, struct err *e)
{
    char *folder = file_join(run, RUN_SNAPSHOTS);
    *g = NULL;
    if (!folder) return err_path(e);
    att_status status =
        file_is_folder(folder) ? measure_folder(folder, d, list, count, o, host, g, e) : ATT_OK;
    mem_free(folder);
    return status;
}

void growth_free(struct growth *g)
{
    if (!g) return;
    for (int i = 0; i < g->count; i++) mem_free(g->list[i].gate);
    mem_free(g->list);
    mem_free(g->names);
    mem_free(g->samples);
    mem_free(g->classes);
    mem_free(g);
}

json_t *growth_report(const struct growth *g)
{
    json_t *all = json_array();
    for (int i = 0; i < g->count; i++) {
        json_t *gates = json_array();
        for (int k = 0; k < g->gates; k++) {
            json_t *gate = json_pack("{s:s}", "gate", g->names[k]);
            for (int n = 0; n < MAP_NUMBERS; n++)
                json_object_set_new(
                    gate, map_number_name[n], json_finite(*map_number(&g->list[i].gate[k], n)));
            json_array_append_new(gates, gate);
        }
        json_array_append_new(all,
            json_pack("{s:I, s:o, s:o}", "step", (json_int_t)g->list[i].step, "dice",
                json_finite(g->list[i].dice), "gates", gates));
    }
    return all;
}

static void write_captions(const struct growth *g, char (*captions)[SHEET_TEXT])
{
    for (int i = 0; i < attention_growth_rows_of(g); i++)
        for (int k = 0; k <= g->gates; k++) {
            const struct stage *stage = &g->list[stage_of(g, i)];
            char *to = captions[i * (1 + g->gates) + k];
            if (k)
                number_write(
                    to, SHEET_TEXT, "%s\nAUC %.3f", g->names[k - 1], stage->gate[k - 1].auc);
            else
                number_write(
                    to, SHEET_TEXT, "step %lld\nDice %.3f", (long long)stage->step, stage->dice);
        }
}

att_status growth_draw(const struct growth *g, const char *folder, struct err *e)
{
    if (g->shown < 0) return ATT_OK;
    char(*captions)[SHEET_TEXT] =
        mem_array((size_t)g->count * (size_t)(1 + g->gates), sizeof *captions),
    *path = file_join(folder, "attention.png");
    struct sheet s = {.rows = attention_growth_rows_of(g),
        .columns = 1 + g->gates,
        .channels = 1,
        .size = {g->size[0], g->size[1], g->size[2]},
        .samples = g->samples,
        .classes = g->classes,
        .names = &g->labels,
        .captions = captions};
    att_status status = captions && path
        ? ATT_OK
        : err_memory(e, (size_t)g->count * sizeof *captions, "a picture of maps");
    memcpy(s.axes, g->axes, sizeof s.axes);
    if (status == ATT_OK) write_captions(g, captions);
    if (status == ATT_OK) status = sheet_write(&s, path, e);
    mem_free(captions);
    mem_free(path);
    return status;
}
