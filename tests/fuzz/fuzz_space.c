/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a search space from a file: every point of what could be read goes through JSON and back,
 * and lies in its range. */
#include <math.h>

#include "files/json_file.h"
#include "fuzz.h"
#include "tune/space_read.h"

static const struct option_row rows[] = {
    {.name = "lr", .arg = "X", .type = OPTION_REAL, .lo = 0, .hi = 100, .commands = " train"},
    {.name = "batch", .arg = "N", .type = OPTION_INT, .lo = 1, .hi = 4096, .commands = " train"},
    {.name = "loss", .arg = "TEXT", .type = OPTION_TEXT, .commands = " train"},
    {.name = "optimiser",
        .arg = "NAME",
        .type = OPTION_CHOICE,
        .choices = "adamw|sgd",
        .commands = " train"},
    {.name = "momentum", .arg = "X", .type = OPTION_REAL, .lo = 0, .hi = 1, .commands = " train"},
};

static void walk(const struct tune_settings *w)
{
    const struct space *s = &w->space;
    for (int i = 0; i < 8; i++) {
        double u[SPACE_MAX], x[SPACE_MAX], back[SPACE_MAX];
        struct err e = {0};
        for (int k = 0; k < s->count; k++) {
            if (s->dim[k].parent >= k) abort();
            u[k] = fmod(.37 * (i + 1) * (k + 1), 1);
        }
        space_point(s, u, x);
        json_t *j = space_point_to_json(s, x), *settings = tune_settings_at(w, x);
        if (!j || !settings || space_point_from_json(s, j, back, &e) != ATT_OK) abort();
        for (int k = 0; k < s->count; k++)
            if (isnan(x[k]) != isnan(back[k]) || x[k] < back[k] || x[k] > back[k]) abort();
        json_decref(j);
        json_decref(settings);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file f = fuzz_open(data, size);
    struct err e = {0};
    struct options o;
    json_t *j;
    att_status status = json_file_read_as(f.path, ATT_USAGE, &j, &e);
    fuzz_close(f);
    fuzz_check(status, &e);
    if (status != ATT_OK) return 0;
    struct tune_settings w = {.fixed = json_object()};
    if (options_init(&o, rows, sizeof rows / sizeof *rows, "train", &e) != ATT_OK) abort();
    status = tune_settings_add(&w, j, "input", &o, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) {
        status = tune_settings_finish(&w, &o, &e);
        fuzz_check(status, &e);
        if (status == ATT_OK) walk(&w);
    }
    tune_settings_free(&w);
    options_free(&o);
    json_decref(j);
    return 0;
}
