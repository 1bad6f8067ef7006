/* SPDX-License-Identifier: Apache-2.0 */
/* attunet demo: make phantoms, train an Attention U-Net and a plain U-Net, segment unseen cases,
 * and compare with methods without a network.  All of it through attunet.h. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"

enum { PATH = 4096, OPTIONS = 12 };

/* Settings as names and values, NULL-terminated. */
struct pair {
    const char *name, *value;
};

struct task {
    const char *kind, *title; /* phantom kind; column heading */
    const char *cases;        /* to train on */
    int unseen;               /* as many as `attunet phantom` makes */
    const char *widths, *steps;
    struct pair train[OPTIONS];
};

/* Chosen so that the demo takes two to three minutes on two cores with AVX-512. */
static const struct task tasks[] = {
    {"ultrasound", "ultrasound 2D", "120", 20, "8,16,32,64", "400",
        {{"patch", "128x128"}, {"batch", "4"}, {"mirror", "no"}, {NULL, NULL}}},
    {"organs", "organs 3D", "24", 6, "8,16,32,64", "300",
        {{"patch", "24x32x32"}, {"batch", "4"}, {"foreground", "0.67"}, {NULL, NULL}}},
};
enum { TASKS = sizeof tasks / sizeof *tasks };

static const char *const nets[] = {"attunet", "unet"}; /* the first has gates */
enum { NETS = sizeof nets / sizeof *nets };

struct demo {
    struct cli *c;
    char folder[PATH / 4];
    json_t *results; /* per task: {"task": .., "dice": {method: mean Dice}} */
};

/* FOLDER/TASK/rest */
__attribute__((format(printf, 4, 5))) static const char *path(
    const struct demo *d, const struct task *t, char out[PATH], const char *format, ...)
{
    va_list args;
    int used = snprintf(out, PATH, "%s/%s/", d->folder, t->kind);
    va_start(args, format);
    vsnprintf(out + used, (size_t)(PATH - used), format, args);
    va_end(args);
    return out;
}

static att_status cmd_demo_settings(
    const struct demo *d, const char *command, const struct pair *pairs, att_settings **s)
{
    struct cli *c = d->c;
    att_status status = cli_check(c, att_settings_create(c->context, command, s));
    for (; status == ATT_OK && pairs->name; pairs++)
        status = cli_check(c, att_settings_set(c->context, *s, pairs->name, pairs->value));
    return status;
}

__attribute__((format(printf, 2, 3))) static void cmd_demo_say(
    const struct demo *d, const char *format, ...)
{
    char text[PATH];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    progress_message(&d->c->progress, 1, text);
}

/* ---- the steps */

static att_status cmd_demo_train(const struct demo *d, const struct task *t, const char *net)
{
    const json_t *steps = json_object_get(d->c->config, "steps");
    char data[PATH], run[PATH], spec[128], count[32];
    snprintf(spec, sizeof spec, "arch=%s widths=%s", net, t->widths);
    snprintf(count, sizeof count, "%lld", (long long)json_integer_value(steps));
    struct pair pairs[OPTIONS + 3] = {{"spec", spec}, {"steps", steps ? count : t->steps}};
    memcpy(pairs + 2, t->train, sizeof t->train);
    att_settings *s = NULL;
    att_status status = cmd_demo_settings(d, "train", pairs, &s);
    cmd_demo_say(d, "\n%s: training %s", t->title, net);
    if (status == ATT_OK)
        status = cli_check(d->c,
            att_train(d->c->context, path(d, t, data, "data"), path(d, t, run, "%s", net), s));
    att_settings_destroy(s);
    return status;
}

static att_status cmd_demo_predict(const struct demo *d, const struct task *t, const char *net)
{
    char run[PATH], images[PATH], masks[PATH], truth[PATH];
    const char *input = path(d, t, images, "data/unseen/images");
    const struct pair pairs[] = {{"attention", net == nets[0] ? "yes" : "no"}, {"overlay", "yes"},
        {"truth", path(d, t, truth, "data/unseen/labels")}, {NULL, NULL}};
    att_settings *s = NULL;
    att_status status = cmd_demo_settings(d, "predict", pairs, &s);
    if (status == ATT_OK)
        status = cli_check(d->c,
            att_predict(d->c->context, path(d, t, run, "%s", net), &input, 1,
                path(d, t, masks, "%s-unseen", net), s, NULL));
    att_settings_destroy(s);
    return status;
}

static att_status cmd_demo_parse(const struct demo *d, att_status status, char *text, json_t **json)
{
    json_error_t where;
    status = cli_check(d->c, status);
    if (status == ATT_OK && !(*json = cli_parse(text, &where)))
        status = cli_fail(d->c, ATT_FAILED, "the result is not valid JSON: %s", where.text);
    att_text_free(text);
    return status;
}

static att_status cmd_demo_evaluate(
    const struct demo *d, const struct task *t, const char *net, json_t *dice)
{
    char masks[PATH], labels[PATH], page[PATH], *text = NULL;
    json_t *j = NULL;
    path(d, t, masks, "%s-unseen", net);
    path(d, t, labels, "data/unseen/labels");
    const struct pair pairs[] = {{"report", path(d, t, page, "%s-unseen.html", net)}, {NULL, NULL}};
    att_settings *s = NULL;
    att_status status = cmd_demo_settings(d, "evaluate", pairs, &s);
    if (status == ATT_OK) {
        status = att_evaluate(d->c->context, masks, labels, s, &text);
        status = cmd_demo_parse(d, status, text, &j);
    }
    att_settings_destroy(s);
    if (j) json_object_set(dice, net, evaluation_dice(j));
    json_decref(j);
    return status;
}

static att_status baselines(const struct demo *d, const struct task *t, json_t *dice)
{
    char data[PATH], unseen[PATH], *text = NULL;
    json_t *j = NULL, *row;
    size_t i;
    path(d, t, data, "data");
    path(d, t, unseen, "data/unseen");
    att_status status = att_baselines(d->c->context, data, unseen, &text);
    status = cmd_demo_parse(d, status, text, &j);
    json_array_foreach(j, i, row)
        json_object_set(dice, json_word(row, "method"), json_object_get(row, "dice"));
    json_decref(j);
    return status;
}

static att_status do_task(const struct demo *d, const struct task *t)
{
    char data[PATH];
    json_t *dice = json_object();
    json_array_append_new(d->results, json_pack("{s:s, s:o}", "task", t->title, "dice", dice));
    const json_t *cases = json_object_get(d->c->config, "count");
    char count[32];
    snprintf(count, sizeof count, "%lld", (long long)json_integer_value(cases));
    /* A small demo segments few cases, too. */
    const bool few = cases && json_integer_value(cases) < t->unseen;
    const struct pair pairs[] = {
        {"count", cases ? count : t->cases}, {few ? "unseen" : NULL, count}, {NULL, NULL}};
    att_settings *s = NULL;
    att_status status = cmd_demo_settings(d, "phantom", pairs, &s);
    if (status == ATT_OK)
        status = cli_check(d->c, att_phantom(d->c->context, t->kind, path(d, t, data, "data"), s));
    att_settings_destroy(s);
    for (int k = 0; k < NETS && status == ATT_OK; k++) {
        status = cmd_demo_train(d, t, nets[k]);
        if (status == ATT_OK) status = cmd_demo_predict(d, t, nets[k]);
        if (status == ATT_OK) status = cmd_demo_evaluate(d, t, nets[k], dice);
    }
    return status == ATT_OK ? baselines(d, t, dice) : status;
}

/* ---- results */

static void cmd_demo_print(const struct demo *d)
{
    const char *method;
    json_t *value;
    json_t *table = table_create("mean Dice on unseen cases", tasks[0].title, tasks[1].title, NULL);
    json_object_foreach(json_object_get(json_array_get(d->results, 0), "dice"), method, value)
    {
        table_row(table);
        table_cell(table, "%s", method);
        for (size_t i = 0; i < TASKS; i++)
            table_number(table,
                json_object_get(json_object_get(json_array_get(d->results, i), "dice"), method), 3);
    }
    table_print(table);
    printf("\n"
           "look at  %s/%s/%s-unseen  masks over the images, true outlines in white, attention "
           "maps\n",
        d->folder, tasks[0].kind, nets[0]);
    printf("         %s/%s/%s-unseen.html  a report to open in a browser: failures first, "
           "scores, volumes, pictures\n",
        d->folder, tasks[0].kind, nets[0]);
    printf("         %s/%s/%s-unseen  masks and maps in 3D, NIfTI for a viewer\n", d->folder,
        tasks[1].kind, nets[0]);
    printf("\n"
           "an attention map shows how much of the encoder's features a gate passes at each "
           "voxel, from 0 to 1; it is not a class probability\n");
    for (size_t i = 0; i < TASKS; i++) {
        const json_t *dice = json_object_get(json_array_get(d->results, i), "dice");
        if (json_decimal(dice, "unet") > json_decimal(dice, "attunet"))
            printf("%s: here the plain U-Net was better than the Attention U-Net; after so few "
                   "steps either can win\n",
                tasks[i].title);
    }
}

/* The given folder, or the first free name. */
static att_status cmd_demo_choose_folder(struct demo *d)
{
    const char *output = d->c->output;
    struct stat there;
    if (output && strlen(output) >= sizeof d->folder)
        return cli_fail(d->c, ATT_USAGE, "the output folder's name is too long");
    snprintf(d->folder, sizeof d->folder, "%s", output ? output : "attunet-demo");
    for (int i = 2; !output && stat(d->folder, &there) == 0 && i < 1000; i++)
        snprintf(d->folder, sizeof d->folder, "attunet-demo-%d", i);
    return ATT_OK;
}

static att_status run(struct cli *c)
{
    struct demo d = {.c = c, .results = json_array()};
    att_status status = cmd_demo_choose_folder(&d);
    for (int i = 0; i < TASKS && status == ATT_OK; i++) status = do_task(&d, &tasks[i]);
    if (status == ATT_OK && c->json) {
        json_t *j = json_pack("{s:s, s:O, s:O}", "folder", d.folder, "tasks", d.results, "warnings",
            c->progress.warnings);
        json_dumpf(j, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
        putchar('\n');
        json_decref(j);
    } else if (status == ATT_OK) {
        cmd_demo_print(&d);
    }
    json_decref(d.results);
    return status;
}

static const char *const examples[] = {
    "attunet demo", "attunet demo -o /tmp/demo --threads 2", NULL};

const struct command cmd_demo = {.name = "demo",
    .arguments = "[-o FOLDER]",
    .summary = "train on synthetic images and compare networks: a few minutes, with pictures",
    .about = "Makes synthetic images: 2D ultrasound and 3D organs. It trains an Attention U-Net "
             "and a plain U-Net on each, and segments images that differ from those in training. "
             "It prints a table of Dice, which also has three methods without a network.",
    .examples = examples,
    .run = run};
