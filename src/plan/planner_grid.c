/* SPDX-License-Identifier: Apache-2.0 */
/* Plans the grid: a spacing if all images state theirs, else a size for 2D images; called by
 * recipe_network.c. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/order.h"
#include "image/resample.h"
#include "image/shrink.h"
#include "plan/planner.h"
#include "plan/planner_budget.h"

enum { ROUND = 16 }; /* every planned network takes multiples of this */
/* Min thickness of the thinnest class in voxels: more in planes, which are cheap and have all the
 * detail of thick slices. */
static double min_run(bool flat) { return flat ? 12 : 6; }
/* Resampling to a coarser grid must save at least this factor along an axis. */
static const double min_factor = 1.25;

/* Thickness of the thinnest class along each axis, in voxels; 0 without foreground. */
static void thinnest(const struct fingerprint *f, double run[3])
{
    bool any = false;
    for (int a = 0; a < 3; a++) run[a] = INFINITY;
    for (int c = 0; c < f->classes; c++) {
        if (!f->class[c].cases) continue;
        any |= c > 0;
        for (int a = 0; a < 3; a++) run[a] = fmin(run[a], f->class[c].thickness[a]);
    }
    for (int a = 0; a < 3 && !any; a++) run[a] = 0;
}

/* ---- sizes */

static double median(const struct fingerprint *f, enum fingerprint_measure what, int axis)
{
    return fingerprint_of_cases(f, what, axis, .5);
}

static bool all_have_spacing(const struct fingerprint *f)
{
    for (int i = 0; i < f->count; i++)
        if (!f->cases[i].has_spacing) return false;
    return true;
}

/* Arguments of size_on_grid. */
struct sizes {
    const struct fingerprint *f;
    const struct planner_grid *g;
    int axis;
    bool cropped;
};

static double size_on_grid(const void *arg, int i)
{
    const struct sizes *s = arg;
    const struct fingerprint_case *c = &s->f->cases[i];
    int size = s->cropped ? c->box[s->axis] : c->size[s->axis];
    double to = s->g->spacing[s->axis];
    return to > 0 && c->has_spacing ? resample_length(size, (double)c->spacing[s->axis], to) : size;
}

void planner_apply_grid(
    const struct fingerprint *f, const struct planner_grid *g, bool nonzero, struct planner_view *v)
{
    bool spaced = all_have_spacing(f),
         moved = g->spacing[0] > 0 || g->spacing[1] > 0 || g->spacing[2] > 0;
    v->slices = false;
    for (int a = 0; a < 3; a++) {
        const struct sizes s = {f, g, a, nonzero || moved}; /* both crop */
        const double size = order_quantile_each(size_on_grid, &s, f->count, .5);
        v->size[a] = (int)round(size);
        v->mm[a] = !spaced      ? 1
            : g->spacing[a] > 0 ? g->spacing[a]
                                : median(f, FINGERPRINT_SPACING, a);
        if (g->resize[0] &&
            (a > 0 || g->resize[0] > 1)) { /* two numbers keep the slices of volumes */
            v->size[a] = g->resize[a];
            v->mm[a] *= size / g->resize[a];
        }
        if (!g->shrink[a]) continue;
        v->size[a] = shrink_length(v->size[a], g->shrink[a]);
        v->mm[a] *= g->shrink[a];
    }
}

/* ---- without spacings */

static void choose_size(const struct fingerprint *f, int batch, struct planner_time time,
    struct planner_grid *g, json_t *why)
{
    double run[3], h = median(f, FINGERPRINT_SIZE, 1), w = median(f, FINGERPRINT_SIZE, 2);
    double room = planner_fine_voxels(2, batch, time);
    thinnest(f, run);
    double max = fmin(run[1], run[2]) / min_run(true), factor = fmin(sqrt(h * w / room), max);
    if (factor < min_factor) {
        planner_explain(why, "resize", "%s",
            h * w <= room * min_factor * min_factor
                ? "images are small enough"
                : "images keep their resolution, because the labels are too thin for a coarser "
                  "one");
        return;
    }
    g->resize[0] = 1;
    g->resize[1] = ROUND * (int)fmax(1, round(h / factor / ROUND));
    g->resize[2] = ROUND * (int)fmax(1, round(w / factor / ROUND));
    planner_explain(why, "resize",
        "a patch then covers %s image (median %.0fx%.0f), and the thinnest class is still %.0f "
        "pixels thick (%.0f are enough)",
        factor < max ? "a whole" : "almost a whole", h, w, fmin(run[1], run[2]) / factor,
        min_run(true));
}

/* ---- with spacings */

/* Axes with similar voxels become coarser together, so that round objects stay round. */
static void planner_grid_equal(const double target[3], int first, double run[3])
{
    double min[3];
    for (int a = first; a < 3; a++) {
        min[a] = run[a];
        for (int b = first; b < 3; b++)
            if (target[b] < 1.5 * target[a] && target[a] < 1.5 * target[b])
                min[a] = fmin(min[a], run[b]);
    }
    for (int a = first; a < 3; a++) run[a] = min[a];
}

/* nnU-Net's rule: the median of each axis; across thick slices the 10th percentile. Sizes after
 * cropping. */
static void target_spacing(const struct fingerprint *f, double target[3])
{
    double size[3];
    int worst = 0;
    for (int a = 0; a < 3; a++) {
        target[a] = median(f, FINGERPRINT_SPACING, a);
        size[a] = median(f, FINGERPRINT_BOX, a);
        if (target[a] > target[worst]) worst = a;
    }
    int b = (worst + 1) % 3, c = (worst + 2) % 3;
    double others = fmax(target[b], target[c]);
    if (target[worst] > 3 * others && 3 * size[worst] < fmin(size[b], size[c]))
        target[worst] =
            fmax(fingerprint_of_cases(f, FINGERPRINT_SPACING, worst, .1), others + 1e-5);
}

static bool all_at(const struct fingerprint *f, int first, const double target[3])
{
    for (int i = 0; i < f->count; i++)
        for (int a = first; a < 3; a++)
            if (fabs((double)f->cases[i].spacing[a] - target[a]) > 1e-3 * target[a]) return false;
    return true;
}

/* Makes axes a little coarser while classes stay thick enough; first those much finer than the
 * coarsest. False: none. */
static bool coarser(double spacing[3], const double run[3], double factor[3], int first, double min)
{
    const double little = 1.03;
    double coarsest = 0;
    bool fine = false, any = false;
    for (int a = first; a < 3; a++) coarsest = fmax(coarsest, spacing[a]);
    for (int a = first; a < 3; a++)
        fine |= spacing[a] * 2 < coarsest && run[a] / (factor[a] * little) >= min;
    for (int a = first; a < 3; a++) {
        if ((fine && spacing[a] * 2 >= coarsest) || run[a] / (factor[a] * little) < min) continue;
        factor[a] *= little;
        spacing[a] *= little;
        any = true;
    }
    return any;
}

static double volume(const struct fingerprint *f, const double spacing[3], int first)
{
    struct planner_grid g = {.spacing = {spacing[0], spacing[1], spacing[2]}};
    struct planner_view v;
    planner_apply_grid(f, &g, false, &v);
    double x = 1;
    for (int a = first; a < 3; a++) x *= v.size[a];
    return x;
}

static double short_number(double x)
{
    char text[32], *end;
    number_write(text, sizeof text, "%.3g", x);
    return number_read(text, &end);
}

bool planner_slices(const struct fingerprint *f, double steps, json_t *why)
{
    /* Against 2D with neighbours, 3D was as good at 3 times, and worse at 8; at 5 times it was
     * better on one set and much worse on another (docs/accuracy.md). */
    static const double thick = 4, flat = 8;
    if (!all_have_spacing(f) || steps >= PLANNER_SLICE_STEPS) return false;
    const double pixel = fmax(median(f, FINGERPRINT_SPACING, 1), median(f, FINGERPRINT_SPACING, 2));
    const double thickness = median(f, FINGERPRINT_SPACING, 0) / pixel;
    if (thickness < thick) return false;
    planner_explain(why, "spec",
        "2D, slice by slice: slices are %.3g times as thick as pixels, and a 3D network would make "
        "%.0f steps, fewer than %d%s",
        thickness, steps, PLANNER_SLICE_STEPS,
        thickness < flat ? "; this is in doubt, so compare with `spec` dims=3" : "");
    return true;
}

static void choose_spacing(const struct fingerprint *f, int dims, int batch,
    struct planner_time time, struct planner_grid *g, json_t *why)
{
    int first = 3 - dims;
    char text[IMAGE_SPACING_TEXT];
    double target[3], spacing[3], run[3], factor[3] = {1, 1, 1};
    target_spacing(f, target);
    thinnest(f, run);
    bool thick = dims == 3 &&
        fmax(target[0], fmax(target[1], target[2])) >
            3 * fmin(target[0], fmin(target[1], target[2]));
    double room = thick ? planner_max_voxels(dims, false, batch, time)
                        : planner_fine_voxels(dims, batch, time);
    double min = min_run(thick || dims == 2);
    for (int a = 0; a < 3; a++) run[a] *= median(f, FINGERPRINT_SPACING, a) / target[a];
    planner_grid_equal(target, first, run);
    memcpy(spacing, target, sizeof spacing);
    while (volume(f, spacing, first) > room && coarser(spacing, run, factor, first, min)) {
    }
    double max = fmax(factor[0], fmax(factor[1], factor[2]));
    if (max < min_factor) {
        if (all_at(f, first, target)) {
            planner_explain(why, "spacing", "all images already have the spacing %s",
                image_spacing_text(target, first > 0, text));
            return;
        }
        memcpy(spacing, target, sizeof spacing);
        bool finer = false; /* than the median, along thick slices */
        for (int a = 0; a < 3; a++) finer |= target[a] < median(f, FINGERPRINT_SPACING, a);
        planner_explain(why, "spacing",
            finer ? "the median of the images, which differ; across thick slices the 10th "
                    "percentile"
                  : "the median of the images, which differ");
    } else {
        planner_explain(why, "spacing",
            "coarser than the median, %s, so that a patch covers more; along the changed axes, "
            "every class stays at least %.0f voxels thick",
            image_spacing_text(target, first > 0, text), min);
    }
    for (int a = first; a < 3; a++) g->spacing[a] = short_number(spacing[a]);
}

void planner_grid(const struct fingerprint *f, int dims, int batch, struct planner_time time,
    struct planner_grid *g, json_t *why)
{
    memset(g, 0, sizeof *g);
    if (all_have_spacing(f))
        choose_spacing(f, dims, batch, time, g, why);
    else if (f->dims == 2)
        choose_size(f, batch, time, g, why);
    else
        planner_explain(
            why, "spacing", "not all images state their voxel size, so they keep their grids");
}
