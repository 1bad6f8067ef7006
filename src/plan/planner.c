/* SPDX-License-Identifier: Apache-2.0 */
/* Plans dimensions, intensities, levels, patch and batch from a fingerprint; called by recipe.c.
 * planner_grid.c plans the grid. */
#include "plan/planner.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/ints.h"
#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "image/normalise.h"
#include "plan/planner_budget.h"

void planner_explain(json_t *why, const char *setting, const char *format, ...)
{
    if (!why) return;
    char text[1024]; /* written by number.h: the same bytes in every locale */
    va_list args;
    va_start(args, format);
    number_write_list(text, sizeof text, format, args);
    va_end(args);
    json_set_text(why, setting, text);
}

/* ---- dimensions and intensities */

enum { MIN_SLICES = 6 };

int planner_dims(const struct fingerprint *f, json_t *why)
{
    double slices = fingerprint_of_cases(f, FINGERPRINT_SIZE, 0, .5);
    if (f->dims == 3 && slices >= MIN_SLICES) {
        planner_explain(why, "spec", "3D volumes");
        return 3;
    }
    if (f->dims == 2)
        planner_explain(why, "spec", "2D images");
    else
        planner_explain(
            why, "spec", "2D, slice by slice: %.0f slices are too few for a 3D network", slices);
    return 2;
}

static const double min_filled = .75; /* non-zero share of the median image; below, crop */

bool planner_nonzero(const struct fingerprint *f, json_t *why)
{
    double share = fingerprint_of_cases(f, FINGERPRINT_SHARE, 0, .5);
    planner_explain(why, "nonzero",
        "%.0f %% of the median image is not zero; below %.0f %%, normalisation ignores zeros",
        100 * share, 100 * min_filled);
    return share < min_filled;
}

/* A range like air and bone in Hounsfield units; other modalities hardly reach below -500. */
static bool like_ct(const struct fingerprint_range *x)
{
    return x->min < -500 && x->min >= -4096 && x->max > 100;
}

/* nnU-Net's channel names that select a scheme (dataset.json, "channel_names"), upper or lower
 * case. Any other name means z-score. */
static enum normalise_scheme scheme_of(const char *channel)
{
    static const struct {
        const char *name;
        enum normalise_scheme scheme;
    } schemes[] = {{"CT", NORMALISE_CT}, {"noNorm", NORMALISE_NONE},
        {"rescale_to_0_1", NORMALISE_MINMAX01}, {"rgb_to_0_1", NORMALISE_RGB}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (text_equals(channel, schemes[i].name)) return schemes[i].scheme;
    return NORMALISE_ZSCORE;
}

void planner_normalise(const struct fingerprint *f, char *text, size_t room, json_t *why)
{
    int ct = 0, special = 0, like = f->channels;
    bool same = true;
    for (int c = f->channels - 1; c >= 0; c--) {
        const enum normalise_scheme scheme = scheme_of(f->channel_name[c]);
        ct += scheme == NORMALISE_CT;
        special += scheme != NORMALISE_CT && scheme != NORMALISE_ZSCORE;
        same &= scheme == scheme_of(f->channel_name[0]);
        if (scheme == NORMALISE_ZSCORE && like_ct(&f->all[c])) like = c;
    }
    *text = 0;
    for (int c = 0; c < (same ? 1 : f->channels); c++)
        text_append(
            text, room, "%s%s", c ? "," : "", normalise_name(scheme_of(f->channel_name[c])));
    const char *how = special ? "as the channel names state, which are nnU-Net's"
        : ct == f->channels   ? "CT: by the intensities of the data set's foreground"
        : ct ? "channels named CT by the data set's foreground, others image by image"
             : "each image is scaled by its own mean and deviation, because no channel is named CT";
    if (like == f->channels)
        planner_explain(why, "normalise", "%s", how);
    else
        planner_explain(why, "normalise",
            "%s; but %s ranges from %.0f to %.0f, like Hounsfield units; if it is CT, give "
            "`normalise` ct",
            how, f->channel_name[like], f->all[like].min, f->all[like].max);
}

/* ---- levels */

/* Max steps of down-sampling; min voxels along an axis of the coarsest feature map. */
enum { LEVELS = 4, MIN_MAP = 4 };

/* Selects the axes to halve next: long enough, and with voxels less than twice the finest. False:
 * none. */
static bool next_stride(const int n[3], const double mm[3], int first, int stride[3])
{
    double finest = INFINITY;
    int axes = 0, last = 0;
    for (int a = 0; a < 3; a++) {
        stride[a] = 1;
        if (a >= first && n[a] >= 2 * MIN_MAP) finest = fmin(finest, mm[a]);
    }
    for (int a = first; a < 3; a++) {
        if (n[a] < 2 * MIN_MAP || mm[a] >= 2 * finest) continue;
        stride[a] = 2;
        axes++;
        last = a;
    }
    return axes > 1 || (axes == 1 && n[last] >= 3 * MIN_MAP);
}

/* The kernel along an axis is 1 until its voxels are within a factor of 2 of the finest, then 3. */
static void kernel_of(const double mm[3], int first, const int before[3], int kernel[3])
{
    double finest = INFINITY;
    for (int a = first; a < 3; a++) finest = fmin(finest, mm[a]);
    for (int a = 0; a < 3; a++)
        kernel[a] = a < first ? 1 : before[a] == 3 || mm[a] < 2 * finest ? 3 : 1;
}

void planner_levels(const int size[3], const double mm[3], int dims, struct planner_levels *l)
{
    static const int none[3] = {0, 0, 0};
    int n[3], first = 3 - dims;
    double s[3];
    memset(l, 0, sizeof *l);
    memcpy(n, size, sizeof n);
    memcpy(s, mm, sizeof s);
    kernel_of(s, first, none, l->kernel[0]);
    while (l->count < LEVELS && next_stride(n, s, first, l->stride[l->count])) {
        for (int a = first; a < 3; a++) {
            if (l->stride[l->count][a] == 1) continue;
            n[a] = (n[a] + 1) / 2;
            s[a] *= 2;
        }
        l->count++;
        kernel_of(s, first, l->kernel[l->count - 1], l->kernel[l->count]);
    }
    if (l->count == 0) { /* a network has at least two levels */
        l->count = 1;
        for (int a = 0; a < 3; a++) {
            l->stride[0][a] = a < first ? 1 : 2;
            l->kernel[0][a] = l->kernel[1][a] = a < first ? 1 : 3;
        }
    }
    for (int a = first; a < 3; a++) l->kernel[l->count][a] = 3; /* the coarsest */
    l->plain = true;
    for (int i = 0; i <= l->count; i++)
        for (int a = first; a < 3; a++)
            l->plain = l->plain && l->kernel[i][a] == 3 && (i == l->count || l->stride[i][a] == 2);
}

/* ---- patch and batch */

static void multiple_of(const struct planner_levels *l, int multiple[3])
{
    for (int a = 0; a < 3; a++) {
        multiple[a] = 1;
        for (int i = 0; i < l->count; i++) multiple[a] *= l->stride[i][a];
    }
}

/* Rounds the size up to a patch. If that has too many voxels, shortens the longest axis in mm and
 * returns true: call again. */
static bool planner_too_large(
    int size[3], const double mm[3], int first, const int multiple[3], double max, int patch[3])
{
    int longest = -1;
    for (int a = 0; a < 3; a++) patch[a] = a < first ? 1 : round_up(size[a], multiple[a]);
    if ((double)patch[0] * patch[1] * patch[2] <= max) return false;
    for (int a = first; a < 3; a++)
        if (patch[a] > multiple[a] &&
            (longest < 0 || patch[a] * mm[a] > patch[longest] * mm[longest]))
            longest = a;
    if (longest < 0) return false;
    size[longest] = patch[longest] - multiple[longest];
    return true;
}

static void explain_patch(const struct planner_view *v, int dims, struct planner_time time,
    const int patch[3], json_t *why)
{
    char text[NUMBER_SIZE];
    bool whole = true;
    number_size(v->size, dims == 2, text);
    for (int a = 3 - dims; a < 3; a++) whole = whole && patch[a] >= v->size[a];
    if (whole)
        planner_explain(why, "patch",
            "a whole median image, %s, rounded up to multiples for the network", text);
    else
        planner_explain(why, "patch",
            "a part of the median image, %s, so that a run of %.3g minute%s has enough steps", text,
            time.seconds / 60, time.seconds == 60 ? "" : "s");
}

void planner_patch(const struct planner_view *v, int dims, int batch, struct planner_time time,
    const int *multiple, int patch[3], struct planner_levels *l, json_t *why)
{
    int size[3], planned[3];
    memcpy(size, v->size, sizeof size);
    do {
        if (l) planner_levels(size, v->mm, dims, l);
        if (l) multiple_of(l, planned);
    } while (planner_too_large(size, v->mm, 3 - dims, l ? planned : multiple,
        planner_max_voxels(dims, v->slices, batch, time), patch));
    explain_patch(v, dims, time, patch, why);
}

enum { BATCH_MAX = 8 };

int planner_batch(const struct fingerprint *f, int dims, const struct planner_view *v, json_t *why)
{
    struct planner_levels l;
    int multiple[3], batch = PLANNER_BATCH_2D;
    double voxels = 1, images = (double)f->count * (dims == 2 ? v->size[0] : 1);
    if (dims == 3) {
        planner_levels(v->size, v->mm, dims, &l);
        multiple_of(&l, multiple);
        for (int a = 0; a < 3; a++) voxels *= round_up(v->size[a], multiple[a]);
        double fit = PLANNER_BATCH_3D * planner_min_voxels(3) / voxels;
        batch = fit < PLANNER_BATCH_3D ? PLANNER_BATCH_3D : fit > BATCH_MAX ? BATCH_MAX : (int)fit;
    }
    planner_explain(why, "batch", "%s",
        dims == 2 ? "2D patches are small and differ"
            : batch == PLANNER_BATCH_3D
            ? "2 patches per step, usual for 3D"
            : "3D with small volumes: a step takes as long as with two larger ones");
    if (batch > images && batch > 2) {
        batch = images < 2 ? 2 : (int)images;
        planner_explain(why, "batch", "at most the number of training images, but at least 2");
    }
    return batch;
}
