/* SPDX-License-Identifier: Apache-2.0 */
/* Foresight counts every block that grows with an image, from sizes alone, on top of what the process holds already: weights, libraries,
 * the image that was loaded.  For predict.c. */
#include "predict/predict_memory.h"

#include <math.h>
#include <string.h>

#include "base/resident.h"

/* For what is not counted: stacks, tables, buffers of files, and what the allocator keeps. */
static const double margin = 12 << 20;
static const double mib = 1 << 20;

/* Bytes that are held while ... */
struct foresight {
    double preparing, running, ending; /* apart from the logits in flight */
};

/* ---- the stages of an image */

static double voxels(const int size[3]) { return (double)size[0] * size[1] * size[2]; }

static double loaded(const struct image *m) { return (double)sizeof(float) * m->channels * voxels(m->size); }

/* Beside the image as loaded: what preparing holds at most, and what stays. */
static void foresee_preparing(const struct dense *w, const struct image *m, bool give, double *peak, double *left)
{
    const struct predictor *p = w->p;
    const struct placed *at = &w->where;
    double sample = (double)sizeof(float) * m->channels, whole = voxels(at->whole), grid = voxels(at->grid), crop = voxels(at->crop.size);
    bool moved = memcmp(at->grid, at->crop.size, sizeof at->grid) != 0, shrunk = memcmp(at->grid, at->size, sizeof at->grid) != 0;
    double lines = 0; /* of a spline's coefficients, sixteen for every thread */
    int last = 0;
    for (int i = 0; i < 3; i++) lines = fmax(lines, (double)sizeof(double) * (at->whole[i] + at->grid[i]) * 20 * pool_threads(p->pool));
    *peak = *left = 0;
    for (int t = 0; t < p->nturns; t++)
        if (p->turns[t].image == t) last = t;
    for (int t = 0; t <= last; t++) {
        double here = whole * sample, kept = 0;
        if (p->turns[t].image != t) continue;
        if (!give || t != last) kept += here;
        double most = kept + crop + grid / 8; /* a mask of what is not zero */
        if (moved) {
            most = fmax(most, kept + grid * sample + 2 * sizeof(float) * fmax(grid, crop) + lines);
            kept += grid * sample - here;
            here = grid * sample;
        }
        if (shrunk) {
            most = fmax(most, kept + voxels(at->size) * sample);
            kept += voxels(at->size) * sample - here;
        }
        *peak = fmax(*peak, *left + most);
        *left += kept;
    }
}

/* The largest of the turns' networks, with the mean of its passes. */
static att_status foresee_networks(struct dense *w, double *most, struct err *e)
{
    *most = 0;
    for (int t = 0; t < w->p->nturns; t++) {
        double bytes = 0;
        TRY(dense_raise(w, t, e));
        for (int i = 0; w->passes.means && i < w->passes.count; i++)
            bytes += (double)sizeof(real) * (double)tensor_size(&w->passes.result[i]);
        *most = fmax(*most, bytes + (double)w->p->network.run.plan.work_bytes);
    }
    return ATT_OK;
}

/* Attention maps: on their own grids while windows run, on the image's, too, at the end, and on the way from one to the other. */
static void foresee_maps(const struct dense *w, double *running, double *kept, double *moving)
{
    const struct graph *g = &w->p->network.graph;
    const int *window = w->p->turns[0].window;
    double fine = 1, own = 0, whole = voxels(w->where.whole);
    int maps = 0, padded[3];
    for (int i = 0; i < 3; i++) {
        padded[i] = w->where.size[i] > window[i] ? w->where.size[i] : window[i];
        fine *= padded[i] + window[i];
    }
    for (int i = 0; w->p->options.attention && i < g->noutputs; i++) {
        struct shape s = g->values[g->outputs[i].value].s;
        if (s.c != 1 || g->outputs[i].value == w->p->network.logits) continue;
        own += ceil((double)padded[0] * s.d / window[0] + 1) * ceil((double)padded[1] * s.h / window[1] + 1) *
               ceil((double)padded[2] * s.w / window[2] + 1);
        maps++;
    }
    *running = sizeof(float) * own;
    *kept = sizeof(float) * (own + maps * whole);
    *moving = maps ? 4 * sizeof(float) * fmax(fine, whole) : 0;
}

/* All but the sums. At the end the prepared images are gone, and where the samples were taken those of the image, too. */
static att_status foresee(struct dense *w, const struct image *m, bool give, struct foresight *f, struct err *e)
{
    const struct predict_options *o = &w->p->options;
    double whole = voxels(w->where.whole), work, images, maps, maps_kept, maps_moving;
    TRY(foresee_networks(w, &work, e));
    foresee_preparing(w, m, give, &f->preparing, &images);
    foresee_maps(w, &maps, &maps_kept, &maps_moving);
    double results = whole + (o->probabilities ? (double)sizeof(float) * w->slab.channels * whole : 0);
    double labels = whole * (double)sizeof *w->out->labels.data, post = o->post ? 8 * whole : 0; /* components: runs of voxels */
    f->running = images + work + results + maps;
    f->ending = work + results + maps_kept + fmax(maps_moving, fmax(labels, post)) - (give ? loaded(m) : 0);
    return ATT_OK;
}

/* ---- how to cut */

/* The sums of the largest column. */
static double sums(const struct dense *w, const int columns[2])
{
    struct slab s = w->slab;
    double most = 0;
    for (int i = 0; i < columns[0]; i++)
        for (int j = 0; j < columns[1]; j++)
            if (dense_column(w, columns, i, j, &s.column)) most = fmax(most, slab_bytes(&s));
    return most;
}

/* Attention maps take every window once, so then there is one column. */
static void most_columns(const struct dense *w, int most[2])
{
    for (int a = 0; a < 2; a++) most[a] = w->p->options.attention ? 1 : w->axis[0][a + 1].count;
}

/* The next way to cut: first along h, then along w, too; each time by one more, or by an eighth more. */
static bool cut_more(int columns[2], const int most[2])
{
    int axis = columns[0] < most[0] ? 0 : 1, more = columns[axis] / 8 + 1;
    if (columns[axis] >= most[axis]) return false;
    columns[axis] = most[axis] - columns[axis] < more ? most[axis] : columns[axis] + more;
    return true;
}

static att_status refuse(double limit, double needed, struct err *e)
{
    char text[RESIDENT_TEXT];
    return err_set(e, ATT_MEMORY, "predicting this image takes more than %s; the smallest limit that would do is --max-memory %.0fMiB",
                   resident_text(limit, text), ceil(needed / mib) + 2);
}

att_status memory_plan(struct dense *w, const struct image *m, int files, bool give, struct err *e)
{
    double limit = w->p->options.max_memory, least = INFINITY, now;
    struct foresight f;
    int most[2], columns[2] = {1, 1};
    if (!(limit > 0)) return ATT_OK;
    network_drop(&w->p->network); /* of an image before: it would be counted twice */
    now = (double)resident_now() + margin + (m->data ? 0 : loaded(m));
    TRY(foresee(w, m, give, &f, e));
    double base = fmax((double)resident_peak(), now + fmax(f.preparing, f.ending));
    most_columns(w, most);
    do {
        double needed = fmax(base, now + f.running + sums(w, columns));
        if (needed < least) {
            least = needed;
            memcpy(w->columns, columns, sizeof columns);
        }
    } while (least > limit && cut_more(columns, most));
    double loading = m->data ? 0 : now + (files > 1 ? loaded(m) : 0); /* files of one image are joined */
    bool fits = m->data ? least <= limit : loading <= limit;          /* what is cut off is not known yet */
    return fits ? ATT_OK : refuse(limit, fmax(least, loading), e);
}
