/* SPDX-License-Identifier: Apache-2.0 */
/* Results of attention.h as JSON and CSV. */
#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "files/csv_write.h"
#include "files/file.h"
#include "files/json_file.h"
#include "measure/attention.h"

static const char *const blank_name[BLANKS] = {"important", "unimportant", "elsewhere"};

static json_t *measures(const struct map_measure *m)
{
    struct map_measure copy = *m;
    json_t *j = json_object();
    for (int i = 0; i < MAP_NUMBERS; i++)
        json_object_set_new(j, map_number_name[i], json_finite(*map_number(&copy, i)));
    return j;
}

static json_t *blanks(const double x[BLANKS])
{
    json_t *j = json_object();
    for (int b = 0; b < BLANKS; b++) json_object_set_new(j, blank_name[b], json_finite(x[b]));
    return j;
}

static json_t *gate_json(const struct attention *a, const struct attention_gate *g, bool mean)
{
    json_t *j = json_pack("{s:s, s:o, s:o}", "gate", g->name, "trained", measures(&g->trained),
        "random", measures(&g->random));
    if (mean) json_set_text(j, "state", gate_state_name[gate_state(&g->trained)]);
    if (!(a->options.blank > 0)) return j;
    json_object_set_new(j, "dice", blanks(g->dice));
    json_object_set_new(j, "lost", blanks(g->lost));
    return j;
}

static json_t *case_json(const struct attention *a, const struct attention_case *c)
{
    json_t *gates = json_array();
    for (int g = 0; g < a->gates; g++)
        json_array_append_new(gates, gate_json(a, &c->gate[g], !c->id));
    json_t *j = json_pack("{s:o, s:o, s:o, s:o}", "dice", json_finite(c->dice), "intensity",
        measures(&c->intensity), "centre", measures(&c->centre), "gates", gates);
    if (c->id) json_set_text(j, "case", c->id);
    return j;
}

json_t *attention_report(const struct attention *a)
{
    json_t *cases = json_array();
    for (int i = 0; i < a->count; i++) json_array_append_new(cases, case_json(a, &a->list[i]));
    return json_pack("{s:o, s:o, s:f, s:I}", "cases", cases, "mean", case_json(a, &a->mean),
        "blank", a->options.blank, "seed", (json_int_t)a->options.seed);
}

/* NaN is an empty field. */
static att_status attention_files_put_number(struct file_writer *w, double x, struct err *e)
{
    char text[64];
    if (!isfinite(x)) return csv_text(w, ",", e);
    number_write(text, sizeof text, ",%.6g", x);
    return csv_text(w, text, e);
}

/* gate: NULL without blanking. */
static att_status put_row(struct file_writer *w, const char *id, const char *what,
    const char *weights, const struct map_measure *m, double dice,
    const struct attention_gate *gate, struct err *e)
{
    struct map_measure copy = *m;
    TRY(csv_name(w, id, e));
    TRY(csv_text(w, ",", e));
    TRY(csv_name(w, what, e));
    TRY(csv_text(w, ",", e));
    TRY(csv_text(w, weights, e));
    for (int i = 0; i < MAP_NUMBERS; i++)
        TRY(attention_files_put_number(w, *map_number(&copy, i), e));
    TRY(attention_files_put_number(w, dice, e));
    for (int b = 0; b < BLANKS; b++)
        TRY(attention_files_put_number(w, gate ? gate->dice[b] : (double)NAN, e));
    for (int b = 0; b < BLANKS; b++)
        TRY(attention_files_put_number(w, gate ? gate->lost[b] : (double)NAN, e));
    return csv_text(w, "\n", e);
}

static att_status attention_files_put_case(
    struct file_writer *w, const struct attention *a, const struct attention_case *c, struct err *e)
{
    const char *id = c->id ? c->id : "mean";
    for (int g = 0; g < a->gates; g++) {
        const struct attention_gate *gate = &c->gate[g];
        TRY(put_row(w, id, gate->name, "trained", &gate->trained, c->dice,
            a->options.blank > 0 ? gate : NULL, e));
        TRY(put_row(w, id, gate->name, "random", &gate->random, (double)NAN, NULL, e));
    }
    TRY(put_row(w, id, "intensity", "", &c->intensity, (double)NAN, NULL, e));
    return put_row(w, id, "centre", "", &c->centre, (double)NAN, NULL, e);
}

static att_status attention_files_fill_table(struct file_writer *w, const void *arg, struct err *e)
{
    const struct attention *a = arg;
    TRY(csv_text(w, "case,map,weights", e));
    for (int i = 0; i < MAP_NUMBERS; i++) {
        TRY(csv_text(w, ",", e));
        TRY(csv_text(w, map_number_name[i], e));
    }
    TRY(csv_text(w,
        ",dice,dice_without_important,dice_without_unimportant,dice_without_elsewhere,lost_"
        "important,lost_unimportant,lost_elsewhere\n",
        e));
    TRY(attention_files_put_case(w, a, &a->mean, e));
    for (int i = 0; i < a->count; i++) TRY(attention_files_put_case(w, a, &a->list[i], e));
    return ATT_OK;
}

att_status attention_write(
    const struct attention *a, json_t *report, const char *folder, struct err *e)
{
    char *json = file_join(folder, "attention.json"), *csv = file_join(folder, "attention.csv");
    att_status status = json && csv ? json_file_write(json, json_incref(report), e) : err_path(e);
    if (status == ATT_OK) status = csv_write(csv, attention_files_fill_table, a, e);
    mem_free(json);
    mem_free(csv);
    return status;
}
