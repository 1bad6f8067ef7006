/* SPDX-License-Identifier: Apache-2.0 */
#include "report/curves.h"

#include <ctype.h>
#include <math.h>

#include "base/mem.h"
#include "base/number.h"
#include "draw/plot.h"
#include "files/file.h"
#include "files/file_at.h"
#include "model/run_files.h"

enum { LOG_PART = 1 << 26, STEP = 0, OWN_MAX = 16, COLUMNS = OWN_MAX + 1 + PLOT_CLASSES };

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

/* Of a long log, only every n-th row and those of validations, which have values at the end. */
static bool curves_next(const struct file_lines *l, size_t n, const char *line, size_t size)
{
    return n % (1 + l->file.size / LOG_PART) == 0 || (size > 1 && line[size - 2] != ',');
}

/* Counts the rows, then (if c->data) reads as many; the file may have grown. */
static att_status curves_read_rows(
    const char *path, struct file_lines *l, struct curves *c, size_t *rows, struct err *e)
{
    char *line;
    size_t size, count = 0;
    for (size_t n = 0; !c->data || count < *rows; n++) {
        TRY(file_lines_next(l, path, &line, &size, e));
        if (!size) break;
        if (!curves_next(l, n, line, size)) continue;
        count++;
        if (c->data) curves_read_row(line, c);
    }
    *rows = count;
    return ATT_OK;
}

static att_status read_log(const char *run, struct curves *c, struct err *e)
{
    char *path = file_join(run, RUN_LOG);
    size_t rows = 0;
    att_status status = path ? ATT_OK : err_path(e);
    for (int pass = 0; pass < 2 && status == ATT_OK; pass++) {
        struct file_lines l;
        if ((status = file_lines_open(path, &l, e)) != ATT_OK) break;
        if (pass)
            status = MEM_ARRAY(c->data, (rows + 1) * (size_t)c->columns, "the training curves", e);
        for (int i = 0; c->data && i < c->columns; i++)
            c->column[i] = c->data + (size_t)i * (rows + 1);
        if (status == ATT_OK) status = curves_read_rows(path, &l, c, &rows, e);
        file_lines_close(&l);
    }
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
