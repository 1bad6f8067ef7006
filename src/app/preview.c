/* SPDX-License-Identifier: Apache-2.0 */
#include "app/preview.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "draw/sheet.h"
#include "run/hardrun.h"
#include "train/cases.h"
#include "train/train_decide.h"

enum { ROWS = 5, COLUMNS = 6 };

struct preview {
    struct training t; /* of the drawn cases */
    float *samples;
    uint8_t *classes;
    char captions[ROWS * COLUMNS][SHEET_TEXT];
};

/* ---- captions of up to three lines */

/* "turned 12 -3 0 deg" about d, h, w, or about the one possible axis. */
static void add_turns(char *text, const struct augment *a)
{
    if (a->angle[0] == 0 && a->angle[1] == 0 && a->angle[2] == 0) return;
    text_append(text, SHEET_TEXT, "turned ");
    for (int i = 0; i < 3; i++)
        if (a->through < 0 || i == a->through)
            text_append(text, SHEET_TEXT, "%.0f ", a->angle[i] * 180 / acos(-1.0));
    text_append(text, SHEET_TEXT, "deg ");
}

static void add_scales(char *text, const struct augment *a)
{
    int first = a->through == 0, last = a->through == 2 ? 1 : 2;
    if (a->factor[first] == 1) return;
    text_append(text, SHEET_TEXT, "x%.2f", a->factor[first]);
    for (int i = first + 1; i <= last && a->factor[first] != a->factor[last]; i++)
        if (i != a->through) text_append(text, SHEET_TEXT, "/%.2f", a->factor[i]);
}

static void add_samples(char *text, const struct augment *a)
{
    const struct {
        bool done;
        const char *name;
    } list[] = {{a->noise > 0, "noise"}, {a->blur[0][0] > 0, "blur"},
        {a->brightness[0] != 1, "brightness"}, {a->contrast[0] != 1, "contrast"},
        {a->low[0] < 1, "low resolution"}, {a->inverted[0] != 1, "inverted gamma"},
        {a->gamma[0] != 1, "gamma"}, {a->boxes > 0, "cutout"}};
    const char *between = "";
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (!list[i].done) continue;
        text_append(text, SHEET_TEXT, "%s%s", between, list[i].name);
        between = ", ";
    }
}

static void preview_describe(char *text, const struct augment *a)
{
    text[0] = 0;
    add_turns(text, a);
    add_scales(text, a);
    if (text[0]) text_append(text, SHEET_TEXT, "\n");
    if (a->flip[0] || a->flip[1] || a->flip[2])
        text_append(text, SHEET_TEXT, "mirrored %s%s%s ", a->flip[0] ? "d" : "",
            a->flip[1] ? "h" : "", a->flip[2] ? "w" : "");
    if (a->bend > 0) text_append(text, SHEET_TEXT, "bent");
    if (text[0] && text[strlen(text) - 1] != '\n') text_append(text, SHEET_TEXT, "\n");
    add_samples(text, a);
    if (!text[0]) text_append(text, SHEET_TEXT, "unchanged");
}

/* The first patch is unchanged; the others show the first steps. */
static att_status fill_row(struct preview *p, int row, struct err *e)
{
    struct training *t = &p->t;
    const struct prepared *of = &t->cases[row];
    size_t area = image_voxels(t->recipe.patch), channels = (size_t)of->channels;
    struct augment_job jobs[COLUMNS] = {{.out = NULL}};
    struct sampler s = {.cases = of,
        .count = 1,
        .classes = t->model.labels.count,
        .batch = COLUMNS,
        .foreground = 1,
        .seed = t->recipe.seed,
        .dims = t->model.facts.dims,
        .pool = t->c->host->pool};
    memcpy(s.patch, t->recipe.patch, sizeof s.patch);
    strength_options(&t->recipe.augment, s.dims, s.patch, t->recipe.nonzero, &s.augment);
    TRY(sampler_begin(&s, e));
    for (int i = 0; i < COLUMNS; i++) {
        size_t panel = (size_t)row * COLUMNS + (size_t)i;
        struct augment_job *j = &jobs[i];
        j->source = (struct augment_source){
            of->image, of->classes, of->channels, {of->size[0], of->size[1], of->size[2]}};
        j->out = p->samples + panel * channels * area;
        j->labels = p->classes + panel * area;
        sampler_place(&s, 0, row, j->origin);
        if (i == 0) {
            augment_draw(&(struct augment_options){.through = -1}, s.seed, 0, 0, &j->a);
            snprintf(p->captions[panel], SHEET_TEXT, "%s\nunchanged",
                t->data.cases[t->split.train[row]].id);
        } else {
            sampler_changes(&s, of, i, row, &j->a);
            preview_describe(p->captions[panel], &j->a);
        }
    }
    augment_run(s.work, jobs, COLUMNS, LABELLING_IGNORE, s.pool);
    sampler_end(&s);
    return ATT_OK;
}

/* Keeps five cases, evenly spaced. */
static void choose_cases(struct split *s)
{
    if (s->ntrain <= ROWS) return;
    for (int i = 0; i < ROWS; i++)
        s->train[i] = s->train[(int)((int64_t)i * (s->ntrain - 1) / (ROWS - 1))];
    s->ntrain = ROWS;
}

static att_status preview_draw(struct preview *p, const char *path, struct err *e)
{
    struct training *t = &p->t;
    int rows = t->split.ntrain, channels = t->data.channels;
    size_t area = image_voxels(t->recipe.patch), panels = (size_t)rows * COLUMNS;
    p->samples = mem_array(panels * (size_t)channels, area * sizeof *p->samples);
    p->classes = mem_array(panels, area);
    if (!p->samples || !p->classes)
        return err_memory(
            e, panels * area * ((size_t)channels * sizeof(float) + 1), "a picture of patches");
    for (int i = 0; i < rows; i++) TRY(fill_row(p, i, e));
    struct sheet s = {.rows = rows,
        .columns = COLUMNS,
        .channels = channels,
        .samples = p->samples,
        .classes = p->classes,
        .names = &t->model.labels,
        .captions = p->captions,
        .colour = channels == 3 && t->data.cases[t->split.train[0]].nimages == 1};
    memcpy(s.size, t->recipe.patch, sizeof s.size);
    memcpy(s.axes, t->model.prep.axes, sizeof s.axes);
    return sheet_write(&s, path, e);
}

static att_status preview_make(struct preview *p, const char *dataset, const struct options *o,
    const char *path, struct err *e)
{
    struct training *t = &p->t;
    TRY(training_decide(t, dataset, o, NULL, NULL, e));
    choose_cases(&t->split);
    TRY(cases_load(t->c, &t->data, t->split.train, t->split.ntrain, &t->model, t->recipe.max_memory,
        &t->cases, e));
    return preview_draw(p, path, e);
}

att_status train_preview(const struct train_context *c, const char *dataset,
    const struct options *o, const char *path, struct err *e)
{
    TRY(hardrun_refuse(o, e));
    struct preview *p;
    TRY(MEM_NEW(p, "a picture of patches", e));
    training_init(&p->t, c, "");
    att_status status = preview_make(p, dataset, o, path, e);
    training_free(&p->t);
    mem_free(p->samples);
    mem_free(p->classes);
    mem_free(p);
    return status;
}
