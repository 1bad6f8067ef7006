/* SPDX-License-Identifier: Apache-2.0 */
/* Sections: command, data and cost, from RUN/settings.json and RUN/run.json. */
#include <math.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/json_memory.h"
#include "base/limit.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/page_parts.h"

static const json_t *sessions(const struct page_part *part)
{
    return json_object_get(part->record, "sessions");
}
static const json_t *section_run_last_session(const struct page_part *part)
{
    return json_array_get(sessions(part), json_array_size(sessions(part)) - 1);
}

static void command_terms(struct page *p)
{
    for (int k = 0; k < p->parts; k++)
        for (size_t i = 0; i < json_array_size(sessions(&p->part[k])); i++) {
            const char *text = json_str(json_array_get(sessions(&p->part[k]), i), "command");
            if (text) html_term(p->h, k || i ? "then" : "command", "%s", text);
        }
}

static void machine_terms(struct page *p, const json_t *s)
{
    char memory[BYTES_TEXT];
    if (!s) return;
    if (json_str(s, "version")) html_term(p->h, "attunet", "%s", json_str(s, "version"));
    if (json_str(s, "cpu") && json_str(s, "isa"))
        html_term(p->h, "processor", "%s, instruction set %s, %lld thread%s", json_str(s, "cpu"),
            json_str(s, "isa"), (long long)json_int(s, "threads"), TEXT_S(json_int(s, "threads")));
    double bytes = json_double(s, "memory");
    if (bytes > 0) html_term(p->h, "machine's memory", "%s", bytes_text(bytes, memory));
}

/* Writes every setting into a table, with values as in JSON. */
static void setting_rows(struct page *p, const json_t *settings)
{
    const char *key;
    json_t *value;
    html_details(p->h, "Every setting");
    html_table(
        p->h, "Settings as in settings.json", (const char *const[]){"setting", "value", NULL});
    json_each(settings, key, value)
    {
        char *text = json_text(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(10));
        html_row(p->h, key);
        html_cell(p->h, "%s", json_is_string(value) ? json_string_value(value) : text ? text : "");
        mem_free(text);
    }
    html_table_end(p->h);
    html_details_end(p->h);
}

void section_run(struct page *p)
{
    const struct page_part *part = p->part;
    if (!p->parts || (!part->settings && !part->record)) return;
    const json_t *settings = json_object_get(part->settings, "settings"),
                 *data = json_object_get(part->record, "data");
    const char *path = json_str(part->settings, "dataset_path");
    html_section(p->h, "run", "The run");
    html_terms(p->h);
    command_terms(p);
    if (path) html_term(p->h, "data set", "%s", path);
    if (json_str(data, "hash"))
        html_term(p->h, "hash of the data",
            "%s, over %lld file%s (XXH64 of names, sizes and samples of the contents)",
            json_str(data, "hash"), (long long)json_int(data, "files"),
            TEXT_S(json_int(data, "files")));
    if (json_str(data, "began"))
        html_term(p->h, "data changed",
            "the hash was %s when the run began; images or labels have changed since",
            json_str(data, "began"));
    if (part->settings)
        html_term(p->h, "cases", "%zu train, %zu validate%s", json_length(part->settings, "train"),
            json_length(part->settings, "val"), p->parts > 1 ? " in fold 0" : "");
    if (*p->spec) html_term(p->h, "network", "%s", p->spec);
    if (json_is_number(json_object_get(settings, "seed")))
        html_term(p->h, "seed", "%.0f", json_double(settings, "seed"));
    machine_terms(p, section_run_last_session(part));
    html_terms_end(p->h);
    if (settings) setting_rows(p, settings);
    html_section_end(p->h);
}

/* Keys of a session's "seconds": parts of any training, and stages of hard attention. */
enum part { STEPS, VALIDATION, REPORT, COARSE, FINE, POLICY, JOINT, PARTS };
static const struct {
    const char *key, *name;
} parts[PARTS] = {[STEPS] = {"steps", "training steps"},
    [VALIDATION] = {"validation", "validation"},
    [REPORT] = {"report", "reports, with their maps and pictures"},
    [COARSE] = {"coarse", "the coarse network"},
    [FINE] = {"fine", "the fine network"},
    [POLICY] = {"policy", "the policy alone"},
    [JOINT] = {"joint", "all three jointly"}};

struct cost {
    double part[PARTS], all, peak;
    bool has[PARTS];
};

static void add_session(struct cost *c, const json_t *s)
{
    const json_t *seconds = json_object_get(s, "seconds");
    for (int i = 0; i < PARTS; i++) {
        const json_t *one = json_object_get(seconds, parts[i].key);
        c->part[i] += json_number_value(one);
        c->has[i] = c->has[i] || one;
    }
    c->all += json_double(seconds, "all");
    c->peak = fmax(c->peak, json_double(s, "peak"));
}

static void cost_row(struct page *p, const char *name, double seconds, double all)
{
    char text[32];
    html_row(p->h, name);
    html_cell(p->h, "%s", page_seconds(seconds, text));
    if (all > 0)
        html_cell(p->h, "%.1f %%", 100 * seconds / all);
    else
        html_cell(p->h, "–");
}

static struct cost cost_of(const struct page *p)
{
    struct cost c = {0};
    for (int k = 0; k < p->parts; k++)
        for (size_t i = 0; i < json_array_size(sessions(&p->part[k])); i++)
            add_session(&c, json_array_get(sessions(&p->part[k]), i));
    return c;
}

bool page_has_cost(const struct page *p) { return cost_of(p).all > 0; }

void section_cost(struct page *p)
{
    struct cost c = cost_of(p);
    char text[BYTES_TEXT];
    if (!(c.all > 0)) return;
    /* time of this report, which is nearly done */
    const double now = p->from->begun > 0 ? clock_now() - p->from->begun : 0;
    c.all += now;
    if (c.has[REPORT]) c.part[REPORT] += now;
    double rest = c.all;
    html_section(p->h, "cost", "Time and memory");
    html_table(p->h, "Where the time went", (const char *const[]){"part", "#time", "#share", NULL});
    for (int i = 0; i < PARTS; i++) {
        rest -= c.part[i];
        if (c.has[i]) cost_row(p, parts[i].name, c.part[i], c.all);
    }
    cost_row(p, "preparation, saving", fmax(0, rest), c.all);
    cost_row(p, "all", c.all, c.all);
    html_table_end(p->h);
    if (c.peak > 0)
        html_paragraph(
            p->h, NULL, "The process used at most %s of memory.", bytes_text(c.peak, text));
    html_section_end(p->h);
}
