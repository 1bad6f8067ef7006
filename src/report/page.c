/* SPDX-License-Identifier: Apache-2.0 */
#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json_memory.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/groups.h"
#include "files/file.h"
#include "files/file_at.h"
#include "files/json_file.h"
#include "model/model.h"
#include "model/run_files.h"
#include "report/page_parts.h"

enum { LOG_PART = 1 << 26 };

/* ---- content of a run's folder; damaged parts are skipped, since failed runs need reports, too */

static att_status page_pass(att_status status, const struct err *why, struct err *e)
{
    bool damaged = status == ATT_DATA || status == ATT_MODEL || status == ATT_USAGE;
    return damaged ? ATT_OK : err_pass(e, status, why);
}

static att_status page_read_json(const char *folder, const char *name, json_t **j, struct err *e)
{
    struct err why = {0};
    return page_pass(json_file_read_in(folder, name, j, &why), &why, e);
}

/* Ignores lines that are not objects: a killed process may cut a row. Of a long log, reads only
 * every n-th row and those of validations. */
static att_status read_rows(const char *path, json_t *rows, struct err *e)
{
    struct file_lines l;
    char *line;
    size_t size;
    TRY(file_lines_open(path, &l, e));
    att_status status = file_lines_next(&l, path, &line, &size, e);
    for (size_t n = 0; status == ATT_OK && size; n++) {
        if (n % (1 + l.file.size / LOG_PART) == 0 || memmem(line, size, "\"validation\"", 12)) {
            json_t *row = json_memory_load(line, size - 1, 0, NULL);
            if (json_is_object(row)) json_array_append(rows, row);
            json_decref(row);
        }
        status = file_lines_next(&l, path, &line, &size, e);
    }
    file_lines_close(&l);
    return status;
}

static att_status page_read_rows(const char *folder, json_t **rows, struct err *e)
{
    char *path = file_join(folder, RUN_LOG_LINES);
    struct err why = {0};
    att_status status = path ? ATT_OK : err_path(&why);
    if (path && file_exists(path)) {
        *rows = json_array();
        status = *rows ? read_rows(path, *rows, &why) : err_memory(&why, 64, "the log of a run");
    }
    mem_free(path);
    return page_pass(status, &why, e);
}

static att_status page_read_part(
    const char *folder, const char *name, struct page_part *part, struct err *e)
{
    snprintf(part->name, sizeof part->name, "%s", name);
    TRY(page_read_json(folder, RUN_SETTINGS, &part->settings, e));
    TRY(page_read_json(folder, RUN_RECORD, &part->record, e));
    return page_read_rows(folder, &part->rows, e);
}

static att_status read_parts(struct page *p, const char *run, struct err *e)
{
    int folds;
    TRY(run_count_folds(run, &folds, e));
    TRY(MEM_ARRAY(p->part, (size_t)folds + 1, "a report", e));
    p->parts = folds ? folds : 1;
    if (!folds) return page_read_part(run, "", p->part, e);
    for (int k = 0; k < folds; k++) {
        char name[32], *path = NULL;
        snprintf(name, sizeof name, RUN_FOLD "%d", k);
        path = file_join(run, name);
        att_status status = path ? page_read_part(path, name, &p->part[k], e) : err_path(e);
        mem_free(path);
        TRY(status);
    }
    return ATT_OK;
}

static att_status page_read_model(struct page *p, const char *run, struct err *e)
{
    struct err why = {0};
    struct model m;
    char *path = mem_text("%s/%s" RUN_MODEL, run, p->part->name[0] ? RUN_FOLD "0/" : "");
    att_status status = path ? ATT_OK : err_path(&why);
    bool there = path && file_exists(path);
    if (there) status = model_load(path, &m, &why);
    if (there && status == ATT_OK) {
        snprintf(p->spec, sizeof p->spec, "%s", m.spec.text);
        p->parameters = (int64_t)params_trainable(&m.params);
        if (m.logit_temperature > 0) /* else it was trained further */
            status = page_read_json(run, RUN_CALIBRATION, &p->calibration, &why);
        model_free(&m);
    }
    mem_free(path);
    return page_pass(status, &why, e);
}

static void page_find_groups(struct page *p, const struct dataset *d, const int *of, int *first)
{
    for (int k = 0; k < d->count; k++) first[k] = -1;
    for (int i = 0; i < p->cases; i++) {
        const int k = dataset_find(d, p->v->pairs.pair[i].id);
        int *its = k < 0 ? NULL : &first[of[k]]; /* a case outside the data set is its own group */
        p->group[i] = its && *its >= 0 ? *its : i;
        if (its) *its = p->group[i];
    }
}

static att_status page_read_groups(struct page *p, struct err *e)
{
    const struct dataset *d = p->from->data;
    int count;
    if (!d || !p->v) return ATT_OK;
    int *of = mem_array((size_t)d->count, sizeof *of),
        *first = mem_array((size_t)d->count, sizeof *first);
    att_status status = of && first
        ? groups_read_or_none(d, of, &count, e)
        : err_memory(e, 2 * (size_t)d->count * sizeof *of, "the groups");
    if (status == ATT_OK && count) {
        if ((p->group = mem_array((size_t)p->cases + 1, sizeof *p->group)))
            page_find_groups(p, d, of, first);
        else
            status = err_memory(e, (size_t)p->cases * sizeof *p->group, "the groups");
    }
    mem_free(of);
    mem_free(first);
    return status;
}

static void contents(struct page *p)
{
    const char *links[24];
    int n = 0;
    const struct {
        bool there;
        const char *anchor, *text;
    } all[] = {{p->v != NULL, "failures", "Failures"}, {p->v != NULL, "scores", "Scores"},
        {page_has_exhibits(p), "pictures", "Pictures"},
        {p->shown.gates > 0, "attention", "Attention"},
        {p->calibration != NULL, "calibration", "Probabilities"},
        {p->v != NULL, "volumes", "Volumes"}, {page_has_curves(p), "curves", "Training"},
        {p->parts && (p->part->settings || p->part->record), "run", "The run"},
        {page_has_cost(p), "cost", "Time and memory"}, {p->v != NULL, "cases", "Every case"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].there) {
            links[n++] = all[i].anchor;
            links[n++] = all[i].text;
        }
    links[n] = NULL;
    if (n) html_contents(p->h, links);
}

static att_status page_write_all(
    struct page *p, const double *dice, const char *path, struct err *e)
{
    char title[256], subtitle[128];
    snprintf(title, sizeof title, "Report of %s", p->from->title);
    if (p->v)
        snprintf(subtitle, sizeof subtitle, "%d case%s, %d class%s", p->cases, TEXT_S(p->cases),
            p->targets, p->targets == 1 ? "" : "es");
    else
        snprintf(subtitle, sizeof subtitle, "training not finished, or without validation cases");
    TRY(html_create(path, title, subtitle, &p->h, e));
    section_summary(p, dice);
    contents(p);
    section_failures(p, dice);
    section_scores(p);
    section_exhibits(p);
    section_attention(p);
    section_calibration(p);
    section_volumes(p);
    section_curves(p);
    section_run(p);
    section_cost(p);
    section_cases(p, dice);
    return html_commit(p->h, e);
}

static att_status measure_and_write(struct page *p, const char *path, struct err *e)
{
    double *dice = page_mean_dice(p);
    if (!dice) return err_memory(e, (size_t)p->cases * sizeof *dice, "a report");
    att_status status = p->v ? exhibits_take(p->from, dice, &p->shown, e) : ATT_OK;
    if (status == ATT_OK) {
        status = page_write_all(p, dice, path, e);
        exhibits_free(&p->shown);
    }
    mem_free(dice);
    return status;
}

static int length_digits(const struct evaluation *v)
{
    double min = 1;
    for (int i = 0; i < v->pairs.count; i++) min = fmin(min, tally_shortest_side(&v->tally[i]));
    return min < .1 ? 1 + (int)ceil(-log10(fmax(min, 1e-6))) : 2;
}

att_status page_write(const struct page_source *s, const char *path, struct err *e)
{
    struct page p = {.from = s, .v = s->v};
    if (s->v) {
        p.cases = s->v->pairs.count;
        p.length_digits = length_digits(s->v);
        p.targets = labelling_targets(&s->v->labels);
    }
    att_status status = s->run ? read_parts(&p, s->run, e) : ATT_OK;
    if (status == ATT_OK && s->run) status = page_read_model(&p, s->run, e);
    if (status == ATT_OK) status = page_read_groups(&p, e);
    if (status == ATT_OK) status = measure_and_write(&p, path, e);
    for (int k = 0; k < p.parts; k++) {
        json_decref(p.part[k].settings);
        json_decref(p.part[k].record);
        json_decref(p.part[k].rows);
    }
    json_decref(p.calibration);
    mem_free(p.part);
    mem_free(p.group);
    return status;
}
