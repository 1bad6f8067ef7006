/* SPDX-License-Identifier: Apache-2.0 */
/* attunet info PATH; also prints runs for other commands. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void print_channels(const json_t *preparation)
{
    size_t i;
    json_t *v;
    printf("channels   ");
    json_array_foreach(json_object_get(preparation, "channels"), i, v)
        printf("%s%s (%s)", i ? ", " : "", json_word(v, "name"), json_word(v, "normalise"));
    printf("\n");
}

/* ---- data sets */

static void print_packed(const json_t *j)
{
    char min[WORD], max[WORD], chunk[WORD];
    size_t i;
    const json_t *spacing = json_object_get(j, "spacing");
    printf("%s: packed data set, %lldD, of %s\n", json_word(j, "path"), json_whole(j, "dims"),
        json_word(j, "source"));
    printf(
        "cases      %lld, %lld of them packed\n", json_whole(j, "cases"), json_whole(j, "packed"));
    print_channels(json_object_get(j, "preparation"));
    print_labels(json_object_get(j, "labels"));
    printf("size       %s to %s\n", word_size(json_object_get(j, "least"), min),
        word_size(json_object_get(j, "most"), max));
    for (i = 0; i < 3; i++)
        if (json_number_value(json_array_get(spacing, i)) > 0) break;
    if (i < 3) printf("spacing    %s (0: the image's own)\n", word_spacing(spacing, min));
    print_orientation(json_object_get(j, "preparation"), turned_volumes);
    word_bytes(json_object_get(j, "bytes"), min);
    word_bytes(json_object_get(j, "plain_bytes"), max);
    printf("stored     %s of %s, in chunks of %s voxels\n", min, max,
        word_size(json_object_get(j, "chunk"), chunk));
}

/* ---- images */

static void print_image(const json_t *j)
{
    char word[WORD];
    size_t i;
    json_t *v;
    const bool flat = json_integer_value(json_array_get(json_object_get(j, "size"), 0)) == 1;
    printf("%s: image\nsize       %s (%s)\n", json_word(j, "path"),
        word_size(json_object_get(j, "size"), word), word_order(flat));
    if (json_is_number(json_array_get(json_object_get(j, "spacing"), 2)))
        printf("spacing    %s (%s%s)\n", word_spacing(json_object_get(j, "spacing"), word),
            word_order(flat), json_object_get(j, "voxel_size_given") ? "; from --voxel-size" : "");
    else
        printf("spacing    none in the file: distances are in %s\n", flat ? "pixels" : "voxels");
    print_orientation(j, "directions of x, y and z");
    json_t *table = table_create("channel", "minimum", "maximum", "mean", "std", NULL);
    json_array_foreach(json_object_get(j, "channels"), i, v)
    {
        table_row(table);
        table_cell(table, "%zu", i);
        table_digits(table, json_object_get(v, "least"));
        table_digits(table, json_object_get(v, "most"));
        table_digits(table, json_object_get(v, "mean"));
        table_digits(table, json_object_get(v, "std"));
    }
    table_print(table);
}

/* ---- models and runs */

static void print_layers(const json_t *j)
{
    char word[WORD];
    size_t i;
    json_t *v;
    json_t *table = table_create(
        "layer", "op", "channels", "size", "parameters", "million multiply-adds", NULL);
    json_array_foreach(json_object_get(j, "layers"), i, v)
    {
        const json_t *s = json_object_get(v, "shape");
        json_t *size =
            json_pack("[O,O,O]", json_array_get(s, 1), json_array_get(s, 2), json_array_get(s, 3));
        table_row(table);
        table_word(table, v, "name");
        table_word(table, v, "op");
        table_number(table, json_array_get(s, 0), 0);
        table_cell(table, "%s", word_size(size, word));
        table_field(table, v, "parameters", 0);
        table_cell(table, "%.2f", json_decimal(v, "multiply_adds") / 1e6);
        json_decref(size);
    }
    printf("\n");
    table_print(table);
    printf("\n%.3f billion multiply-adds, ", json_decimal(j, "multiply_adds") / 1e9);
    printf("%s of maps, ", word_bytes(json_object_get(j, "work_bytes"), word));
    printf("%s of parameters\n", word_bytes(json_object_get(j, "parameter_bytes"), word));
}

/* The Dice is null if no case has the class. */
static const char *word_dice(const json_t *dice, char word[WORD])
{
    if (!json_is_number(dice)) return "-";
    snprintf(word, WORD, "%.4f", json_number_value(dice));
    return word;
}

static void print_history(const json_t *history)
{
    char word[WORD];
    const char *name;
    json_t *dice;
    const json_t *validation = json_object_get(history, "validation");
    if (!json_object_get(history, "steps")) return; /* imported */
    long long cases = json_whole(history, "train_cases"),
              validated = json_whole(history, "validation_cases");
    const bool half =
        strcmp(json_word(json_object_get(history, "settings"), "precision"), "bf16") == 0;
    printf("trained    %lld step%s in %s on %lld case%s%s\n", json_whole(history, "steps"),
        TEXT_S(json_whole(history, "steps")), word_seconds(json_decimal(history, "seconds"), word),
        cases, TEXT_S(cases), half ? ", products in bf16" : "");
    if (!validation) return;
    printf("validation Dice %s on %lld case%s",
        word_dice(json_object_get(validation, "mean"), word), validated, TEXT_S(validated));
    json_object_foreach(json_object_get(validation, "classes"), name, dice)
        printf(", %s %s", name, word_dice(dice, word));
    printf("\n");
}

static void print_parts(const json_t *j)
{
    char scale[WORD], tile[WORD], halo[WORD], cluster[WORD];
    const json_t *hard = json_object_get(j, "hard"), *parts = json_object_get(hard, "parameters");
    const double temperature = json_decimal(j, "policy_temperature");
    const int dims = (int)json_whole(j, "dims");
    if (!hard) return;
    printf("coarse     %lld parameters, input averaged over blocks of %s voxels\n",
        json_whole(parts, "coarse"), word_axes(json_object_get(hard, "scale"), dims, scale));
    printf("fine       %lld parameters, tiles of %s voxels with a margin of %s\n",
        json_whole(parts, "fine"), word_axes(json_object_get(hard, "tile"), dims, tile),
        word_axes(json_object_get(hard, "halo"), dims, halo));
    if (strcmp(word_axes(json_object_get(hard, "cluster"), dims, cluster),
            dims == 2 ? "1x1" : "1x1x1") != 0)
        printf("           adjacent tiles share windows of up to %s tiles\n", cluster);
    printf("policy     %lld parameters, chooses ", json_whole(parts, "policy"));
    if (json_whole(hard, "tiles"))
        printf("%lld tile%s of an image%s\n", json_whole(hard, "tiles"),
            TEXT_S(json_whole(hard, "tiles")),
            json_yes(hard, "sequential") ? ", one after another" : "");
    else
        printf("tiles until it stops itself\n");
    if (temperature > 0)
        printf("           --cost uses its scores at temperature %g\n", temperature);
}

static void print_model(const json_t *j)
{
    char word[WORD];
    const json_t *preparation = json_object_get(j, "preparation"),
                 *resize = json_object_get(preparation, "resize"),
                 *spacing = json_object_get(preparation, "spacing"),
                 *shrink = json_object_get(preparation, "shrink"),
                 *trained = json_object_get(j, "trained_spacing");
    printf("%s: model, %lldD, %lld parameters\n", json_word(j, "path"), json_whole(j, "dims"),
        json_whole(j, "parameters"));
    printf("hash       %s (of the weights)\n", json_word(j, "hash"));
    printf("network    %s\n", json_word(j, "spec"));
    print_parts(j);
    print_channels(preparation);
    print_labels(json_object_get(j, "labels"));
    printf("window     %s\n", word_size(json_object_get(preparation, "patch"), word));
    if (json_integer_value(json_array_get(resize, 1)) > 0)
        printf("resized to %s\n", word_size(resize, word));
    if (spacing) printf("spacing    %s (0: the image's own)\n", word_spacing(spacing, word));
    if (trained && !spacing && json_integer_value(json_array_get(resize, 1)) == 0)
        printf("voxels     %s in training (0: any); images whose voxels differ much are resampled "
               "to these\n",
            word_spacing(trained, word));
    print_orientation(preparation, turned_volumes);
    if (shrink) printf("shrink     averaged over blocks of %s voxels\n", word_size(shrink, word));
    if (json_object_get(j, "temperature"))
        printf("calibrated probabilities are those of logits divided by %.4g, which fitted the "
               "validation cases\n",
            json_decimal(j, "temperature"));
    print_history(json_object_get(j, "history"));
    if (json_object_get(j, "layers")) print_layers(j);
}

static void print_last(const json_t *last, const char *key)
{
    const json_t *x = json_object_get(last, key);
    if (json_is_number(x)) printf(", %s %.4f", key, json_number_value(x));
}

static void print_kept(const json_t *stage)
{
    if (json_object_get(stage, "kept_step"))
        printf("; not better: the model of its step %lld is kept", json_whole(stage, "kept_step"));
    else if (json_object_get(stage, "kept"))
        printf("; not better: the model of stage 2 is kept");
}

static void print_stages(const json_t *j)
{
    static const char *const names[] = {"stage 1    coarse network, ", "stage 1    fine network, ",
        "stage 2    policy alone, ", "stage 3    jointly, "};
    size_t i;
    json_t *v;
    json_array_foreach(json_object_get(j, "stages"), i, v)
    {
        if (i >= 4) break;
        printf("%s", names[i]);
        if (!json_object_get(v, "steps")) {
            printf("not started\n");
            continue;
        }
        printf("%lld of %lld step%s%s", json_whole(v, "step"), json_whole(v, "steps"),
            TEXT_S(json_whole(v, "steps")), json_yes(v, "finished") ? "" : ", not finished");
        print_kept(v);
        const long long views = json_whole(v, "views_of_a_case");
        if (views > 0) printf(", %lld view%s of each case", views, TEXT_S(views));
        printf("\n");
    }
}

static const double SAMPLING_NOTABLE = .1; /* a smaller share is in log.csv only */

static void print_progress(const json_t *j)
{
    const json_t *run = json_object_get(j, "settings"), *last = json_object_get(j, "last");
    printf("%s: run on %s\n", json_word(j, "path"), json_word(run, "dataset"));
    const json_t *saved = json_object_get(j, "saved");
    if (json_yes(j, "training")) printf("now        a process trains here\n");
    if (json_object_get(j, "stages")) {
        print_stages(j);
        return;
    }
    long long step = last ? json_whole(last, "step") : 0;
    if (saved && json_whole(saved, "step") > step) step = json_whole(saved, "step");
    if (last || saved)
        printf(
            "step       %lld of %lld", step, json_whole(json_object_get(run, "settings"), "steps"));
    print_last(last, "loss");
    print_last(last, "reward");
    if (last || saved) printf("\n");
    if (json_decimal(last, "sampling_share") > SAMPLING_NOTABLE)
        printf("sampling   %.1f %% of the steps' time, augmentation included\n",
            100 * json_decimal(last, "sampling_share"));
    if (saved && !json_yes(saved, "finished"))
        printf("saved      at step %lld\n", json_whole(saved, "step"));
}

static void cmd_info_print_plan(const json_t *j)
{
    static const char *const keys[] = {
        "patch", "resize", "spacing", "normalise", "loss", "augment"};
    const json_t *settings = json_object_get(j, "settings"),
                 *time = json_object_get(settings, "time");
    printf("%s: settings of a training\n", json_word(j, "path"));
    printf("network    %s\n", json_word(settings, "spec"));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        printf("%-10s %s\n", keys[i], json_word(settings, keys[i]));
    printf("batch      %lld\n", json_whole(settings, "batch"));
    if (json_is_string(time)) printf("time       %s\n", json_string_value(time));
    if (json_is_integer(json_object_get(settings, "steps")))
        printf("steps      %lld\n", json_whole(settings, "steps"));
}

/* Mean Dice and the Dice of the classes in `columns`, for one fold or for all. */
static void dice_cells(json_t *table, const json_t *mean, const json_t *columns,
    const json_t *classes, const char *key)
{
    const char *name;
    json_t *unused;
    table_number(table, mean, 4);
    json_object_foreach((json_t *)(uintptr_t)columns, name, unused)
    {
        const json_t *class = json_object_get(classes, name);
        table_number(table, key ? json_object_get(class, key) : class, 4);
    }
}

/* Validated classes by name; NULL before the first validation. */
static const json_t *validated_classes(const json_t *folds)
{
    size_t i;
    json_t *v;
    const json_t *classes = NULL;
    json_array_foreach(folds, i, v) if (!classes) classes =
        json_object_get(json_object_get(v, "validation"), "classes");
    return classes;
}

static json_t *folds_table(const json_t *classes)
{
    const char *name;
    json_t *unused, *table = table_create("fold", "steps", NULL);
    if (classes) table_cell(table, "Dice");
    json_object_foreach((json_t *)(uintptr_t)classes, name, unused) table_cell(table, "%s", name);
    return table;
}

static void print_folds(const json_t *j)
{
    size_t i;
    json_t *v;
    const json_t *folds = json_object_get(j, "folds"), *classes = validated_classes(folds),
                 *mean = json_object_get(j, "mean");
    printf("%s: %zu fold%s on %s\n", json_word(j, "path"), json_array_size(folds),
        TEXT_S(json_array_size(folds)), json_word(j, "dataset"));
    json_t *table = folds_table(classes);
    json_array_foreach(folds, i, v)
    {
        const json_t *validation = json_object_get(v, "validation");
        table_row(table);
        table_cell(table, "%zu", i);
        if (!json_object_get(v, "step"))
            table_cell(table, "not started");
        else
            table_cell(table, "%lld of %lld%s", json_whole(v, "step"), json_whole(v, "steps"),
                json_yes(v, "finished") ? "" : ", not finished");
        if (classes)
            dice_cells(table, json_object_get(validation, "mean"), classes,
                json_object_get(validation, "classes"), NULL);
    }
    if (classes && mean) {
        table_row(table);
        table_cell(table, "all");
        table_cell(table, "%lld case%s", json_whole(j, "cases"), TEXT_S(json_whole(j, "cases")));
        dice_cells(table, json_object_get(mean, "Dice"), classes, json_object_get(j, "class_means"),
            "Dice");
    }
    table_print(table);
    if (json_yes(j, "stale"))
        printf("the line 'all' is older than a fold; resume measures again\n");
}

void print_next(const json_t *j)
{
    if (json_object_get(j, "next")) printf("next       %s\n", json_word(j, "next"));
}

static void print_info(const json_t *j)
{
    const char *what = json_word(j, "what");
    if (strcmp(what, "data set") == 0) print_dataset(j);
    if (strcmp(what, "packed data set") == 0) print_packed(j);
    if (strcmp(what, "image") == 0) print_image(j);
    if (strcmp(what, "model") == 0) print_model(j);
    if (strcmp(what, "plan") == 0) cmd_info_print_plan(j);
    if (strcmp(what, "folds") == 0) print_folds(j);
    if (strcmp(what, "run") != 0) return;
    print_progress(j);
    if (json_object_get(j, "model")) print_model(json_object_get(j, "model"));
}

static att_status run(struct cli *c)
{
    json_t *j;
    const bool plain = c->json;
    att_status status = cli_check(c, att_info(c->context, c->arguments[0], c->settings, &c->text));
    if (status != ATT_OK) return status;
    if (plain) cli_print_json(c, "messages"); /* "warnings" of a data set is a number */
    c->json = false; /* parse even printed JSON: its problems decide the exit code */
    status = cli_take(c, ATT_OK, &j);
    c->json = plain;
    if (j && !plain) print_info(j);
    if (j && !plain) print_next(j);
    if (j && !plain) print_dry_run(json_object_get(j, "dry_run"));
    long long errors = json_whole(j, "errors") - json_whole(j, "mended");
    if (errors > 0)
        status = cli_fail(c, ATT_DATA,
            "%lld problem%s of %s would stop a training; they are listed above", errors,
            TEXT_S(errors), c->arguments[0]);
    json_decref(j);
    return status;
}

static void cmd_info_show_run(struct cli *c, const json_t *j)
{
    const char *path = c->output ? c->output : c->arguments[0];
    const json_t *model = json_object_get(j, "model");
    if (!model) print_info(j);
    if (model) print_history(json_object_get(model, "history"));
    if (model) printf("model      %s\n", json_word(model, "path"));
    printf("report     %s/report.html\n", path);
    print_next(j);
}

att_status print_run(struct cli *c, const char *path)
{
    return cli_result(c, att_info(c->context, path, NULL, &c->text), cmd_info_show_run);
}

static const char *const examples[] = {"attunet info mydata", "attunet info mydata --fix fixed",
    "attunet info scan.nii.gz", "attunet info run",
    "attunet info run/model.safetensors --shape 256x256", NULL};

const struct command cmd_info = {.name = "info",
    .arguments = "DATASET|IMAGE|MODEL|RUN|PLAN",
    .summary = "describe a data set, an image, a model, a run or a plan",
    .about = "For a data set it reads every file and prints layout, cases, channels, labels, "
             "sizes, folds and all problems. If a problem stops a training, the exit code is 3 "
             "(docs/data.md). For an image it prints size, spacing, orientation and intensities. "
             "For a model it prints the network, the preparation of images and the labels; for a "
             "run also progress and scores. For a plan it prints the settings.",
    .examples = examples,
    .min = 1,
    .max = 1,
    .run = run};
