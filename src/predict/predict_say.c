/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_say.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/ints.h"
#include "base/json.h"
#include "base/text.h"
#include "image/orient.h"
#include "model/prepare.h"

/* "d, h and w". */
static const char *axes_text(const bool axes[3], char text[16])
{
    int count = axes[0] + axes[1] + axes[2], used = 0;
    char *to = text;
    for (int i = 0; i < 3; i++)
        if (axes[i])
            to += sprintf(to, "%s%c", used++ == 0 ? "" : used == count ? " and " : ", ", "dhw"[i]);
    return text;
}

/* Cases with the name of a training case; 0 also if there is no memory for the set of names. */
static int say_count_names(const json_t *names, const struct dataset *d)
{
    json_t *set = json_object();
    const json_t *name;
    size_t k;
    int count = 0;
    json_array_foreach(names, k, name)
        json_object_set_new(set, json_string_value(name), json_true());
    for (int i = 0; i < d->count; i++) count += json_object_get(set, d->cases[i].id) != NULL;
    json_decref(set);
    return count;
}

void say_learnt(const struct predict_job *j, const struct dataset *d)
{
    struct file_id id;
    int count = 0;
    for (int i = 0; i < d->count && j->nlearnt; i++)
        count += file_identify(d->cases[i].image[0], &id) &&
            bsearch(&id, j->learnt, j->nlearnt, sizeof id, file_id_order);
    if (count) {
        host_say(j->host, LOG_INFO,
            "%d of %d image%s %s used in training; %s do not measure generalisation", count,
            d->count, TEXT_S(d->count), count == 1 ? "was" : "were",
            count == 1 ? "scores of its mask" : "scores of their masks");
        return;
    }
    count = say_count_names(j->learnt_names, d);
    if (count)
        host_say(j->host, LOG_INFO,
            "%d of %d image%s %s the name%s of training cases, whose data set is gone; if %s the "
            "same, scores of masks do not measure generalisation",
            count, d->count, TEXT_S(d->count), count == 1 ? "has" : "have", TEXT_S(count),
            count == 1 ? "it is" : "they are");
}

/* Logs the first window that was rounded up. */
static void say_window(const struct predict_job *j)
{
    for (int k = 0; k < j->nmodels; k++) {
        const struct arch_facts *f = &j->models[k].facts;
        const int *asked = j->options.window;
        char given[48] = "", rounded[48] = "";
        bool fits = true;
        for (int i = asked[0] > 1 || f->multiple[0] > 1 ? 0 : 1; i < 3; i++) {
            const char *x = *given ? "x" : "";
            fits = fits && asked[i] % f->multiple[i] == 0;
            text_append(given, sizeof given, "%s%d", x, asked[i]);
            text_append(rounded, sizeof rounded, "%s%d", x, round_up(asked[i], f->multiple[i]));
        }
        if (fits) continue;
        host_say(j->host, LOG_INFO, "`window` %s becomes %s: the network takes multiples of %s",
            given, rounded, arch_multiple_text(f).text);
        return;
    }
}

void say_plan(const struct predict_job *j)
{
    say_window(j);
    const bool *axes = j->options.mirror;
    static const char *const share[] = {"", "half", "a quarter", "an eighth"};
    char models[64] = "", mirror[64] = "", text[16];
    int passes = j->nmodels << (axes[0] + axes[1] + axes[2]);
    if (passes == 1) return;
    if (j->nmodels > 1) snprintf(models, sizeof models, "%d models predict together", j->nmodels);
    if (passes > j->nmodels)
        snprintf(
            mirror, sizeof mirror, "every window is also mirrored along %s", axes_text(axes, text));
    host_say(j->host, LOG_INFO, "%s%s%s: up to %d passes over a window instead of one%s%s%s",
        models, *models && *mirror ? ", " : "", mirror, passes,
        *mirror ? "; `no-mirror` takes " : "", share[axes[0] + axes[1] + axes[2]],
        *mirror ? " of the time" : "");
}

static void say_dropped(const struct predict_job *j, const char *name, const struct prediction *r)
{
    const struct labelling *l = &j->models->labels;
    char text[256] = "";
    for (int c = 1; c < l->count; c++)
        if (r->post && r->dropped[c])
            text_append(text, sizeof text, "%s%lld voxel%s of %s", *text ? ", " : "",
                (long long)r->dropped[c], TEXT_S(r->dropped[c]), l->name[c]);
    if (*text) host_say(j->host, LOG_INFO, "%s: post-processing removed %s", name, text);
}

/* A 3D model may be trained on single slices, too. A 2D model may look at neighbours. */
static bool is_strange(const struct model *m, bool volume)
{
    if (m->facts.slices > 1) return !volume;
    return (m->facts.dims == 3) != volume && (volume || !json_flag(m->history, "planes"));
}

static void say_dims(
    const struct predict_job *j, const char *name, const struct image *m, struct notices *c)
{
    bool volume = m->size[0] > 1, differs = false;
    for (int i = 0; i < j->nmodels; i++) differs = differs || is_strange(&j->models[i], volume);
    if (!differs || c->dims[volume]) return;
    c->dims[volume] = true;
    if (volume)
        host_say(j->host, LOG_INFO,
            "%s is a volume but the network is 2D; each of its %d slices is segmented by itself",
            name, m->size[0]);
    else
        host_warn(j->host, WARN_SINGLE_SLICE,
            "%s has one slice but the network learnt from volumes; do not trust its mask, or "
            "train a network on images like this",
            name);
}

bool say_spacing(struct host *host, const char *name, const struct model *model, bool spacing_set,
    const struct prediction *r)
{
    const struct geometry g = geometry_effective(&r->labels.geometry);
    const bool flat = model->facts.dims == 2;
    char own[IMAGE_SPACING_TEXT], learnt[IMAGE_SPACING_TEXT];
    if (r->spacing == SPACING_FITS) return false;
    image_spacing_text(
        (double[]){(double)g.spacing[0], (double)g.spacing[1], (double)g.spacing[2]}, flat, own);
    image_spacing_text(model->prep.trained, flat, learnt);
    const char *mend = spacing_set ? "" : "; if its header is wrong, give `voxel-size`";
    if (r->spacing == SPACING_RESAMPLED)
        host_warn(host, WARN_SPACING_RESAMPLED,
            "%s has voxels of %s but the model learnt from %s; it was resampled to these, and "
            "its mask back%s",
            name, own, learnt, mend);
    else
        host_warn(host, WARN_SPACING_FAR,
            "%s has voxels of %s but the model learnt from %s; the sizes are too different, or "
            "the models disagree, so it was not resampled; do not trust its mask%s",
            name, own, learnt, mend);
    return true;
}

static bool say_is_first(struct case_count *s, const char *name)
{
    if (s->count++ > 0) return false;
    snprintf(s->first, sizeof s->first, "%s", name);
    return true;
}

/* Logs the first of each kind. */
static void count_spacing(
    const struct predict_job *j, const char *name, const struct prediction *r, struct notices *c)
{
    struct case_count *s = r->spacing == SPACING_FAR ? &c->far : &c->resampled;
    if (r->spacing == SPACING_FITS || !say_is_first(s, name)) return;
    say_spacing(j->host, name, j->models, j->in_memory || j->voxel[0] > 0, r);
}

static void count_flattened(
    const struct predict_job *j, const char *name, const struct prediction *r, struct notices *c)
{
    if (!r->flattened || !say_is_first(&c->flattened, name)) return;
    host_warn(j->host, WARN_INTENSITIES_TINY,
        "%s has a channel whose intensities differ by less than 1e-8, so normalising leaves almost "
        "nothing: do not trust this mask; if they are tiny, such as m^2/s, multiply them by 1e9",
        name);
}

static void count_large(
    const struct predict_job *j, const char *name, const struct prediction *r, struct notices *c)
{
    if (!(r->work > 0) || !say_is_first(&c->large, name)) return;
    host_say(j->host, LOG_INFO,
        "%s is predicted without mirror images: with them it would take %.1e multiply-adds, more "
        "than %.0e; `mirror` averages them all the same",
        name, r->work, j->options.work);
}

/* The image would be resampled if it had a voxel size. */
static void say_unknown(
    const struct predict_job *j, const char *name, const struct prediction *r, struct notices *c)
{
    const struct preparation *p = &j->models->prep;
    char learnt[IMAGE_SPACING_TEXT];
    if (c->unknown || geometry_effective(&r->labels.geometry).valid || !(p->trained[2] > 0) ||
        p->resize[0] > 0 || j->options.as_is)
        return;
    c->unknown = true;
    host_warn(j->host, WARN_SPACING_UNKNOWN,
        "%s does not say how large its voxels are, and the model learnt from %s; it is not "
        "resampled; if its voxels differ, give %s",
        name, image_spacing_text(p->trained, j->models->facts.dims == 2, learnt),
        j->in_memory ? "its `spacing`" : "`voxel-size`");
}

static bool first_time(bool *printed, bool now)
{
    const bool first = now && !*printed;
    *printed = *printed || now;
    return first;
}

static void say_tiles(
    const struct predict_job *j, const char *name, const struct prediction *r, struct notices *c)
{
    const struct tile_report *t = r->tiles;
    const struct predict_options *o = &j->options;
    if (!t) return;
    const int *grid = t->tiling.grid, *tile = t->tiling.tile;
    const bool flat = j->models->facts.dims == 2,
               covered = grid[1] == 1 && grid[2] == 1 && (flat || grid[0] == 1);
    if (first_time(&c->covered, covered))
        host_warn(j->host, WARN_TILE_COVERS_IMAGE,
            "%s: one tile of %dx%d covers all of %s, so nothing can be left out; use a network "
            "without tiles",
            name, tile[1], tile[2], flat && grid[0] > 1 ? "a slice" : "the image");
    if (first_time(&c->few, o->has_tiles && o->tiles > t->tiling.count))
        host_warn(j->host, WARN_FEW_TILES,
            "%s has %d tile%s, fewer than `tiles` %d; all are computed", name, t->tiling.count,
            TEXT_S(t->tiling.count), o->tiles);
    if (first_time(&c->sure, o->has_cost && o->cost > 0 && t->count <= 1 && t->tiling.count > 1))
        host_warn(j->host, WARN_FEW_TILES, "%s: `cost` %g leaves %d of %d tile%s; %s", name,
            o->cost, t->count, t->tiling.count, TEXT_S(t->tiling.count),
            j->models->temperature > 0
                ? "lower it, or give `share` or `tiles`"
                : "the model has no temperature for it, so give `share` or `tiles`");
    if (first_time(&c->poor, o->share > 0 && t->count == 0))
        host_warn(j->host, WARN_FEW_TILES,
            "%s: `share` %g leaves no room for a tile, because the coarse network and the "
            "policy take %.3g of a dense prediction",
            name, o->share, t->macs / t->dense);
    if (first_time(&c->dear, t->macs > t->dense))
        host_warn(j->host, WARN_TILES_COSTLY,
            "%s: %d of %d tile%s cost %.0f %% of a dense prediction by the fine network; lower "
            "`tiles`",
            name, t->count, t->tiling.count, TEXT_S(t->tiling.count), 100 * t->macs / t->dense);
}

static void say_axes(
    const struct predict_job *j, const char *name, const struct image *m, struct notices *c)
{
    struct turning unused;
    if (first_time(&c->turned, turn_any(&m->geometry.turned)))
        host_say(j->host, LOG_INFO,
            "%s is stored along other axes than %s of the training; it is turned, and its "
            "results are turned back",
            name, j->axes);
    if (first_time(
            &c->oblique, orient_to(j->axes, &m->geometry, m->size, &unused) == ORIENT_OBLIQUE))
        host_warn(j->host, WARN_AXES_OBLIQUE,
            "%s is stored along other axes than %s of the training, and oblique; it is not "
            "turned, so resample it to axes of the body",
            name, j->axes);
}

void say_case(const struct predict_job *j, const char *name, const struct image *m,
    const struct prediction *r, struct notices *c)
{
    say_dims(j, name, m, c);
    say_axes(j, name, m, c);
    count_spacing(j, name, r, c);
    count_flattened(j, name, r, c);
    count_large(j, name, r, c);
    say_unknown(j, name, r, c);
    say_dropped(j, name, r);
    say_tiles(j, name, r, c);
    c->windows += r->windows;
    c->passes += r->passes;
    c->seconds += r->seconds;
}

int say_in_memory(const struct predict_job *j, const char *name, const struct image *m,
    const struct prediction *r)
{
    /* The caller knows that it is a volume, and which way it lies. */
    struct notices c = {.dims = {false, true}, .turned = true};
    say_case(j, name, m, r, &c);
    return (c.resampled.count ? ATT_DOUBT_BROUGHT : 0) | (c.far.count ? ATT_DOUBT_LEFT : 0) |
        (c.unknown ? ATT_DOUBT_UNKNOWN : 0) | (c.dims[0] ? ATT_DOUBT_SLICE : 0) |
        (c.flattened.count ? ATT_DOUBT_FLAT : 0) | (c.oblique ? ATT_DOUBT_OBLIQUE : 0);
}

void say_cost(const struct predict_job *j, const struct notices *c)
{
    char learnt[IMAGE_SPACING_TEXT];
    image_spacing_text(j->models->prep.trained, j->models->facts.dims == 2, learnt);
    if (c->resampled.count > 1)
        host_warn(j->host, WARN_SPACING_RESAMPLED,
            "%d images, the first %s, had voxels unlike those of training (%s) and were "
            "resampled to these; with `json`, their rows contain brought_to",
            c->resampled.count, c->resampled.first, learnt);
    if (c->far.count > 1)
        host_warn(j->host, WARN_SPACING_FAR,
            "%d images, the first %s, had voxels too different from training (%s) and were not "
            "resampled; do not trust their masks",
            c->far.count, c->far.first, learnt);
    if (c->flattened.count > 1)
        host_warn(j->host, WARN_INTENSITIES_TINY,
            "%d images, the first %s, had so little contrast that normalising leaves almost "
            "nothing; do not trust their masks",
            c->flattened.count, c->flattened.first);
    if (c->large.count > 1)
        host_say(j->host, LOG_INFO, "%d images, the first %s, were too large for mirror images",
            c->large.count, c->large.first);
    if (c->passes > c->windows)
        host_say(j->host, LOG_INFO, "%lld window%s took %lld passes, %.1f seconds in all",
            (long long)c->windows, TEXT_S(c->windows), (long long)c->passes, c->seconds);
}
