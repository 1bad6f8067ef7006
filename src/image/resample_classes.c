/* SPDX-License-Identifier: Apache-2.0 */
/* Classes do not mix, so each is an image of 0 and 1. A new voxel reads eight old ones; their
 * weights summed by class equal those images' values, which are never formed. */
#include <string.h>

#include "base/mem.h"
#include "base/tasks.h"
#include "image/resample.h"
#include "image/resample_axis.h"

enum { TASK = 1 << 14 };
static const double rounding = 1e-9; /* sums of weights this close are equal */

/* One axis: new voxel i reads `below` with 1 - `share` and `above` with `share`. */
struct reading {
    int *below, *above;
    double *share;
};

struct job {
    const uint8_t *x;
    uint8_t *y;
    const int *in, *out;
    const struct reading *axis;
    struct tasks rows;
};

static void reading_free(struct reading r[3])
{
    for (int i = 0; i < 3; i++) {
        mem_free(r[i].below);
        mem_free(r[i].above);
        mem_free(r[i].share);
    }
}

static att_status reading_make(int in, int out, bool nearest, struct reading *r, struct err *e)
{
    size_t count = (size_t)out;
    r->below = mem_array(count, sizeof *r->below);
    r->above = mem_array(count, sizeof *r->above);
    r->share = mem_array(count, sizeof *r->share);
    if (!r->below || !r->above || !r->share)
        return err_memory(e, count * sizeof *r->share, "resampling");
    for (int i = 0; i < out; i++) {
        double place = nearest ? resample_near(in, out, i) : resample_place(in, out, i);
        place = place < 0 ? 0 : place > in - 1 ? in - 1 : place;
        r->below[i] = (int)place;
        r->above[i] = r->below[i] + 1 < in ? r->below[i] + 1 : r->below[i];
        r->share[i] = place - r->below[i];
    }
    return ATT_OK;
}

static uint8_t elect(const uint8_t vote[8], const double weight[8])
{
    uint8_t best = 0;
    double max = 0;
    for (int i = 0; i < 8; i++) {
        double sum = 0;
        for (int j = 0; j < 8; j++)
            if (vote[j] == vote[i]) sum += weight[j];
        if (sum < max - rounding || (sum < max + rounding && vote[i] < best)) continue;
        max = sum;
        best = vote[i];
    }
    return best;
}

static void resample_classes_run_row(const struct job *j, size_t row)
{
    size_t d = row / (size_t)j->out[1], h = row % (size_t)j->out[1], nh = (size_t)j->in[1],
           nw = (size_t)j->in[2];
    const struct reading *rd = &j->axis[0], *rh = &j->axis[1], *rw = &j->axis[2];
    const uint8_t *from[4];
    double share[4];
    for (int k = 0; k < 4; k++) {
        size_t at_d = (size_t)(k & 2 ? rd->above : rd->below)[d],
               at_h = (size_t)(k & 1 ? rh->above : rh->below)[h];
        from[k] = j->x + (at_d * nh + at_h) * nw;
        share[k] =
            (k & 2 ? rd->share[d] : 1 - rd->share[d]) * (k & 1 ? rh->share[h] : 1 - rh->share[h]);
    }
    uint8_t *y = j->y + row * (size_t)j->out[2];
    for (int i = 0; i < j->out[2]; i++) {
        uint8_t vote[8];
        double weight[8];
        bool same = true;
        for (int k = 0; k < 4; k++) {
            vote[2 * k] = from[k][rw->below[i]];
            vote[2 * k + 1] = from[k][rw->above[i]];
            same = same && vote[2 * k] == vote[0] && vote[2 * k + 1] == vote[0];
        }
        for (int k = 0; !same && k < 8; k++)
            weight[k] = share[k / 2] * (k & 1 ? rw->share[i] : 1 - rw->share[i]);
        y[i] = same ? vote[0] : elect(vote, weight);
    }
}

static void resample_classes_run_rows(void *arg, int task, int worker)
{
    const struct job *j = arg;
    (void)worker;
    for (size_t row = tasks_from(&j->rows, task); row < tasks_till(&j->rows, task); row++)
        resample_classes_run_row(j, row);
}

att_status resample_classes(const uint8_t *x, const int in[3], uint8_t *y, const int out[3],
    int thick_axis, struct pool *pool, struct err *e)
{
    struct reading axis[3];
    memset(axis, 0, sizeof axis);
    att_status status = ATT_OK;
    for (int i = 0; i < 3 && status == ATT_OK; i++)
        status = reading_make(in[i], out[i], i == thick_axis, &axis[i], e);
    if (status == ATT_OK) {
        struct job j = {.x = x, .y = y, .in = in, .out = out, .axis = axis};
        j.rows = tasks_cut((size_t)out[0] * (size_t)out[1], (size_t)out[2], TASK);
        pool_run(pool, tasks_count(&j.rows), resample_classes_run_rows, &j);
    }
    reading_free(axis);
    return status;
}

void resample_nearest(const uint8_t *x, const int in[3], uint8_t *y, const int out[3])
{
    for (int d = 0; d < out[0]; d++)
        for (int h = 0; h < out[1]; h++) {
            size_t row = (size_t)resample_near(in[0], out[0], d) * (size_t)in[1] +
                (size_t)resample_near(in[1], out[1], h);
            for (int w = 0; w < out[2]; w++)
                *y++ = x[row * (size_t)in[2] + (size_t)resample_near(in[2], out[2], w)];
        }
}
