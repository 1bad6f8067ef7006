/* SPDX-License-Identifier: Apache-2.0 */
/* attunet predict RUN|MODEL[,MODEL...] IMAGE... -o FOLDER */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

/* Sizes as people have them: ml, mm2; what a microscope saw in micrometres, where voxels are
 * smaller than 0.01 mm in the mean. */
struct unit {
    const char *of_volume, *of_area;
    double volumes, areas; /* per mm3, per mm2 */
};
static const struct unit usual = {"ml", "mm2", 1e-3, 1}, small = {"um3", "um2", 1e9, 1e6};

static bool is_small(const json_t *found)
{
    const double voxels = json_decimal(found, "voxels"), side = SMALL_MM;
    const json_t *volume = json_object_get(found, "volume_mm3"),
                 *area = json_object_get(found, "area_mm2");
    return volume ? json_number_value(volume) < side * side * side * voxels
                  : area && json_number_value(area) < side * side * voxels;
}

/* Whether some class has a size and all sizes are small. */
static const struct unit *cmd_predict_unit_of(const json_t *rows)
{
    size_t i;
    json_t *row, *found;
    const char *name;
    int there = 0, smalls = 0;
    json_array_foreach(rows, i, row)
        json_object_foreach(json_object_get(row, "classes"), name, found)
    {
        const bool sized =
            json_object_get(found, "volume_mm3") || json_object_get(found, "area_mm2");
        there += sized && json_decimal(found, "voxels") > 0;
        smalls += is_small(found);
    }
    return there > 0 && smalls == there ? &small : &usual;
}

static void cmd_predict_print(const json_t *rows)
{
    size_t i;
    json_t *row, *found;
    const char *name;
    char word[WORD];
    double marked = 0;
    bool passes = false, areas = true; /* passes: more than windows */
    json_array_foreach(rows, i, row) passes =
        passes || !json_equal(json_object_get(row, "windows"), json_object_get(row, "passes"));
    json_array_foreach(rows, i, row) json_object_foreach(json_object_get(row, "classes"), name,
        found) areas = areas && json_object_get(found, "area_mm2");
    const struct unit *u = cmd_predict_unit_of(rows);
    const char *unit = areas ? u->of_area : u->of_volume;
    json_t *table = passes
        ? table_create(
              "case", "size", "windows", "passes", "seconds", "class", "voxels", unit, NULL)
        : table_create("case", "size", "windows", "seconds", "class", "voxels", unit, NULL);
    json_array_foreach(rows, i, row)
        json_object_foreach(json_object_get(row, "classes"), name, found)
    {
        const json_t *volume = json_object_get(found, "volume_mm3"),
                     *area = json_object_get(found, "area_mm2");
        const double size =
            volume ? json_number_value(volume) * u->volumes : json_number_value(area) * u->areas;
        char text[VOLUME_TEXT];
        if (strcmp(name, "background") == 0) continue;
        marked += json_decimal(found, "voxels");
        table_row(table);
        table_word(table, row, "case");
        table_cell(table, "%s", word_size(json_object_get(row, "size"), word));
        table_field(table, row, "windows", 0);
        if (passes) table_field(table, row, "passes", 0);
        table_field(table, row, "seconds", 2);
        table_cell(table, "%s", name);
        table_field(table, found, "voxels", 0);
        table_cell(table, "%s%s%s", volume || area ? volume_text(size, text) : "-",
            area && !areas ? " " : "", area && !areas ? u->of_area : "");
    }
    table_print(table);
    if (json_array_size(rows) && !(marked > 0))
        printf("caution: all masks are empty; 'attunet info RUN' prints the validation Dice\n");
}

static void print_tiles(const json_t *rows)
{
    size_t i;
    json_t *row;
    char word[WORD], shared[64];
    json_array_foreach(rows, i, row)
    {
        const json_t *t = json_object_get(row, "tiles");
        if (!t) continue;
        const long long tiles = json_whole(t, "count"), windows = json_whole(t, "windows");
        *shared = 0;
        if (windows < tiles)
            snprintf(shared, sizeof shared, " in %lld window%s", windows, TEXT_S(windows));
        printf("%s%s: %lld of %lld tiles%s, %.1f %% of the multiply-adds of a dense prediction, "
               "%.2f seconds, %s of memory at most\n",
            i ? "" : "\n", json_word(row, "case"), tiles, json_whole(t, "of"), shared,
            100 * json_decimal(t, "share_of_dense"), json_decimal(row, "seconds"),
            word_bytes(json_object_get(t, "peak_bytes"), word));
    }
}

static void print_count(const char *before, size_t count, const char *what)
{
    if (count) printf("%s%zu %s%s", before, count, what, TEXT_S(count));
}

static void print_written(const struct cli *c, const json_t *rows)
{
    size_t i, maps = 0, objects = 0, probabilities = 0, tiles = 0, dicom = 0,
              masks = json_array_size(rows);
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        objects += (size_t)json_whole(row, "objects");
        maps += (size_t)json_whole(row, "maps");
        tiles += json_object_get(row, "tiles") != NULL;
        dicom += (size_t)json_whole(row, "dicom");
        probabilities += json_object_size(json_object_get(row, "classes"));
    }
    print_count("wrote ", masks, "mask");
    print_count(" with ", objects, "object");
    print_count(", ", tiles, "tile map");
    print_count(", ", maps, "attention map");
    print_count(", ", json_yes(c->config, "probabilities") ? probabilities : 0, "probability map");
    const char *unsure = cli_text(c, "uncertainty");
    print_count(", ", unsure && strcmp(unsure, "no") ? masks : 0, "uncertainty map");
    print_count(", ", json_yes(c->config, "overlay") ? masks : 0, "overlay");
    print_count(", ", dicom, "DICOM file");
    if (masks) printf(" to %s\n", c->output);
}

static void cmd_predict_show(struct cli *c, const json_t *rows)
{
    cmd_predict_print(rows);
    print_tiles(rows);
    print_written(c, rows);
}

static att_status run(struct cli *c)
{
    return cli_result(c,
        att_predict(c->context, c->arguments[0], c->arguments + 1, c->count - 1, c->output,
            c->settings, &c->text),
        cmd_predict_show);
}

static const char *const examples[] = {"attunet predict run scan.nii.gz -o masks",
    "attunet predict run/model.safetensors folder -o masks --attention --overlay",
    "attunet predict run folder -o masks --window 64x64x64 --overlap 0.25 --json",
    "attunet predict one.safetensors,two.safetensors folder -o masks --mirror",
    "attunet predict hard-run field.png -o masks --tiles 20 --overlay", NULL};

const struct command cmd_predict = {.name = "predict",
    .arguments = "RUN|MODEL[,MODEL...] IMAGE... -o FOLDER",
    .summary = "segment images with a trained model",
    .about = "IMAGE is a file, a folder, or a CSV with the columns image (or image_0, image_1, "
             "...) and case. Masks have the grid and header of their image, and the values of the "
             "training labels. Images larger than the window are predicted in overlapping "
             "windows. Several models, separated by commas, and the folds of a run predict "
             "together: their logits are averaged. RUN/fold_0,RUN/fold_1 takes only these folds. "
             "Hard attention (arch=hard) computes only the tiles that it chooses, and prints "
             "them.",
    .examples = examples,
    .min = 2,
    .max = -1,
    .no_output = "name a folder for the results",
    .run = run};
