/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a run's log and draws it. */
#include "report/curves.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "draw/plot.h"
#include "files/file.h"
#include "model/run_files.h"

enum { LOG_MAX = 1 << 28, STEP = 0, OWN_MAX = 16, COLUMNS = OWN_MAX + 1 + PLOT_CLASSES };

_Static_assert((int)PLOT_CLASSES >= (int)LABELLING_MAX, "a curve for every class");

struct curves {
    int upper, mean; /* columns of the upper plot and of mean Dice, before the classes' */
    const char *title;
    int columns, rows;
    double *column[COLUMNS]; /* as in the file, [rows] */
    double *data;
};

/* Reads a cell; NaN if empty. False if it is no number. */
static bool read_cell(char **text, double *value)
{
    *value = NAN;
    if (**text == ',' || **text == '\n') return true;
    if (isspace((unsigned char)**text)) return false;
    char *end;
    *value = number_read(*text, &end);
    bool good = end > *text && (*end == ',' || *end == '\n');
    *text = end;
    return good;
}

/* Reads a complete row of numbers; skips others, such as the header. */
static void curves_read_row(char *line, struct curves *c)
{
    for (int i = 0; i < c->columns; i++) {
        if (!read_cell(&line, &c->column[i][c->rows])) return;
        if (*line != (i < c->columns - 1 ? ',' : '\n')) return;
        line++;
    }
    if (isfinite(c->column[STEP][c->rows])) c->rows++;
}

static att_status curves_read_rows(char *text, struct curves *c, struct err *e)
{
    size_t lines = 1;
    for (const char *s = text; (s = strchr(s, '\n')); s++) lines++;
    c->data = mem_array(lines, (size_t)c->columns * sizeof *c->data);
    if (!c->data)
        return err_memory(e, lines * (size_t)c->columns * sizeof *c->data, "the training curves");
    for (int i = 0; i < c->columns; i++) c->column[i] = c->data + (size_t)i * lines;
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1)
        curves_read_row(line, c);
    return ATT_OK;
}

static att_status read_log(const char *run, struct curves *c, struct err *e)
{
    char *path = file_join(run, RUN_LOG), *text = NULL;
    size_t size;
    att_status status = path ? file_read(path, LOG_MAX, &text, &size, e) : err_path(e);
    if (status == ATT_OK) status = curves_read_rows(text, c, e);
    mem_free(text);
    mem_free(path);
    return status;
}

static att_status curves_plot(
    const char *run, const struct labelling *l, const struct curves *c, struct err *e)
{
    struct plot p = {.step = c->column[STEP],
        .upper = c->title,
        .loss = c->column[c->upper],
        .n = c->rows,
        .dice_step = c->column[STEP],
        .dice_mean = c->column[c->mean],
        .classes = c->columns - c->mean - 1,
        .validations = c->rows};
    for (int k = 0; k < p.classes; k++) {
        p.dice[k] = c->column[c->mean + 1 + k];
        p.name[k] = labelling_target_name(l, k);
    }
    double last = c->rows ? c->column[STEP][c->rows - 1] : 0;
    const char *name = file_base(run);
    char *title = mem_text("%s%sstep %.0f", name, *name ? ", " : "", last),
         *path = file_join(run, RUN_CURVES);
    p.title = title;
    att_status status = title && path ? plot_curves(path, &p, e) : err_path(e);
    mem_free(title);
    mem_free(path);
    return status;
}

att_status curves_draw(const char *run, const struct labelling *l, int upper, const char *title,
    int own, struct err *e)
{
    struct curves c = {
        .upper = upper, .title = title, .mean = own, .columns = own + 1 + labelling_targets(l)};
    att_status status = read_log(run, &c, e);
    if (status == ATT_OK) status = curves_plot(run, l, &c, e);
    mem_free(c.data);
    return status;
}
