/* SPDX-License-Identifier: Apache-2.0 */
#include "report/policies_files.h"

#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "draw/chart.h"
#include "files/csv_write.h"
#include "files/file.h"
#include "files/json_file.h"

static json_t *score_to_json(const struct policies_score *s)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "tiles", json_finite(s->tiles), "share",
        json_finite(s->share), "dice", json_finite(s->dice), "outside", json_finite(s->outside));
}

static json_t *policies_files_case_to_json(const struct policies *p, const struct policies_case *c)
{
    json_t *methods = json_array();
    for (int m = 0; m < METHODS; m++) {
        json_t *scores = json_array();
        for (int i = 0; i < p->ks; i++)
            json_array_append_new(scores, score_to_json(&c->score[m][i]));
        json_array_append_new(
            methods, json_pack("{s:s, s:o}", "method", policies_method(m), "scores", scores));
    }
    json_t *j =
        json_pack("{s:i, s:{s:f, s:f, s:f}, s:{s:f, s:f}, s:o, s:o, s:o, s:o}", "tiles", c->tiles,
            "multiply_adds", "dense", c->dense, "coarse", c->coarse, "tile", c->tile, "seconds",
            "coarse", c->coarse_seconds, "tile", c->tile_seconds, "none", score_to_json(&c->none),
            "all", score_to_json(&c->all), "own", score_to_json(&c->own), "methods", methods);
    if (j && c->id) json_set_text(j, "case", c->id);
    return j;
}

json_t *policies_report(const struct policies *p)
{
    json_t *cases = json_array(), *k = json_array();
    for (int i = 0; i < p->count; i++)
        json_array_append_new(cases, policies_files_case_to_json(p, &p->list[i]));
    for (int i = 0; i < p->ks; i++) json_array_append_new(k, json_integer(p->k[i]));
    return json_pack("{s:o, s:o, s:o}", "cases", cases, "mean",
        policies_files_case_to_json(p, &p->mean), "k", k);
}

static att_status put_score(struct file_writer *w, const char *id, const char *method, int k,
    const struct policies_score *s, struct err *e)
{
    char text[128];
    if (!isfinite(s->dice)) return ATT_OK;
    TRY(csv_name(w, id, e));
    number_write(text, sizeof text, ",%s,%d,%.6g,%.6g,%.6g,%.6g\n", method, k, s->tiles, s->share,
        s->dice, s->outside);
    return csv_text(w, text, e);
}

static att_status policies_files_put_case(
    struct file_writer *w, const struct policies *p, const struct policies_case *c, struct err *e)
{
    const char *id = c->id ? c->id : "mean";
    TRY(put_score(w, id, "coarse alone", 0, &c->none, e));
    TRY(put_score(w, id, "all tiles", c->tiles, &c->all, e));
    TRY(put_score(w, id, "as the model says",
        isfinite(c->own.tiles) ? (int)lround(c->own.tiles) : 0, &c->own, e));
    for (int m = 0; m < METHODS; m++)
        for (int i = 0; i < p->ks; i++)
            TRY(put_score(w, id, policies_method(m), p->k[i], &c->score[m][i], e));
    return ATT_OK;
}

static att_status policies_files_fill_table(struct file_writer *w, const void *arg, struct err *e)
{
    const struct policies *p = arg;
    TRY(csv_text(w, "case,method,k,tiles,share,dice,outside\n", e));
    TRY(policies_files_put_case(w, p, &p->mean, e));
    for (int i = 0; i < p->count; i++) TRY(policies_files_put_case(w, p, &p->list[i], e));
    return ATT_OK;
}

static att_status policies_files_write_table(
    const struct policies *p, const char *path, struct err *e)
{
    return csv_write(path, policies_files_fill_table, p, e);
}

static att_status write_chart(const struct policies *p, const char *path, struct err *e)
{
    static const struct color ink = {38, 42, 50}, faint = {140, 146, 156};
    double x[METHODS][POLICIES_K], y[METHODS][POLICIES_K];
    const struct policies_case *mean = &p->mean;
    struct chart c = {.title = "Dice against the share of dense computation",
        .x_name = "multiply-adds, as a share of the fine network on the whole image",
        .y_name = "Dice"};
    for (int m = METHODS - 1; m >= 0; m--) {
        bool any = false;
        for (int i = 0; i < p->ks; i++) {
            x[m][i] = mean->score[m][i].share;
            y[m][i] = mean->score[m][i].dice;
            any = any || isfinite(y[m][i]);
        }
        bool learned = m == METHOD_LEARNED;
        if (any)
            c.curve[c.curves++] = (struct chart_curve){policies_method(m), x[m], y[m], p->ks,
                learned ? ink : color_of_class(m), learned ? 3.5 : 1.5};
    }
    c.curve[c.curves++] =
        (struct chart_curve){"coarse alone", &mean->none.share, &mean->none.dice, 1, faint, 0};
    c.curve[c.curves++] =
        (struct chart_curve){"all tiles", &mean->all.share, &mean->all.dice, 1, ink, 0};
    return chart_write(path, &c, e);
}

static att_status policies_files_write_report(
    const struct policies *p, const char *path, struct err *e)
{
    return json_file_write(path, policies_report(p), e);
}

att_status policies_write(const struct policies *p, const char *folder, struct err *e)
{
    static const struct {
        const char *name;
        att_status (*write)(const struct policies *p, const char *path, struct err *e);
    } files[] = {{"policies.json", policies_files_write_report},
        {"policies.csv", policies_files_write_table}, {"policies.svg", write_chart}};
    att_status status = ATT_OK;
    for (size_t i = 0; i < sizeof files / sizeof *files && status == ATT_OK; i++) {
        char *path = file_join(folder, files[i].name);
        status = path ? files[i].write(p, path, e) : err_path(e);
        mem_free(path);
    }
    return status;
}
