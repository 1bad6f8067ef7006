/* SPDX-License-Identifier: Apache-2.0 */
/* Called by predict_files.c. */
#include "predict/predict_say.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/ints.h"
#include "base/text.h"
#include "image/orient.h"
#include "model/prepare.h"

/* Which of the axes, "d, h and w". */
static const char *axes_text(const bool axes[3], char text[16])
{
    int count = axes[0] + axes[1] + axes[2], used = 0;
    char *to = text;
    for (int i = 0; i < 3; i++)
        if (axes[i])
            to += sprintf(to, "%s%c", used++ == 0 ? "" : used == count ? " and " : ", ", "dhw"[i]);
    return text;
}

void say_learnt(const struct predict_job *j, const struct dataset *d)
{
    struct file_id id;
    int count = 0;
    for (int i = 0; i < d->count && j->nlearnt; i++)
        count += file_identify(d->cases[i].image[0], &id) &&
            bsearch(&id, j->learnt, j->nlearnt, sizeof id, file_id_order);
    if (count)
        host_say(j->host, LOG_INFO, "%d of %d image%s trained the model%s: what %s is no test",
            count, d->count, TEXT_S(d->count), TEXT_S(j->nmodels),
            count == 1 ? "its mask scores" : "their masks score");
}

/* Where a network takes no window of the size that was asked for; the first that does not. */
static void say_window(const struct predict_job *j)
{
    for (int k = 0; k < j->nmodels; k++)
        for (int i = 0; i < 3; i++) {
            const int asked = j->options.window[i], multiple = j->models[k].facts.multiple[i];
            if (asked % multiple == 0) continue;
            host_say(j->host, LOG_INFO,
                "`window` says %d along %c, rounded up to %d: the network takes multiples of %d",
                asked, "dhw"[i], round_up(asked, multiple), multiple);
            return;
        }
}

void say_plan(const struct predict_job *j)
{
    say_window(j);
    const bool *axes = j->options.mirror;
    char models[64] = "", mirror[64] = "", text[16];
    int passes = j->nmodels << (axes[0] + axes[1] + axes[2]);
    if (passes == 1) return;
    if (j->nmodels > 1) snprintf(models, sizeof models, "%d models predict together", j->nmodels);
    if (passes > j->nmodels)
        snprintf(
            mirror, sizeof mirror, "every window is also mirrored along %s", axes_text(axes, text));
    host_say(j->host, LOG_INFO, "%s%s%s: up to %d passes over a window instead of one", models,
        *models && *mirror ? ", " : "", mirror, passes);
}

static void say_dropped(const struct predict_job *j, const char *name, const struct prediction *r)
{
    const struct labelling *l = &j->models->labels;
    char text[256] = "";
    size_t used = 0;
    for (int c = 1; c < l->count && used < sizeof text; c++)
        if (r->post && r->dropped[c])
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld voxel%s of %s",
                used ? ", " : "", (long long)r->dropped[c], TEXT_S(r->dropped[c]), l->name[c]);
    if (*text) host_say(j->host, LOG_INFO, "%s: post-processing took away %s", name, text);
}

/* Whether its network meets what it did not learn from; one that is 3D may have learnt from images
 * of one slice, too. */
static bool is_strange(const struct model *m, bool volume)
{
    return (m->facts.dims == 3) != volume &&
        (volume || !json_is_true(json_object_get(m->history, "planes")));
}

/* An image of other dimensions than the network's, which is said once. */
static void say_dims(
    const struct predict_job *j, const char *name, const struct image *m, struct said *c)
{
    bool volume = m->size[0] > 1, differs = false;
    for (int i = 0; i < j->nmodels; i++) differs = differs || is_strange(&j->models[i], volume);
    if (!differs || c->said[volume]) return;
    c->said[volume] = true;
    if (volume)
        host_say(j->host, LOG_INFO,
            "%s is a volume, the network is 2D: each of its %d slices is segmented by itself", name,
            m->size[0]);
    else
        host_warn(j->host, WARN_SINGLE_SLICE,
            "%s has one slice, the network is 3D and learnt from volumes: do not trust its mask, "
            "or train a network on images like this",
            name);
}

bool say_stray(struct host *host, const char *name, const struct model *model, bool told,
    const struct prediction *r)
{
    const struct geometry g = geometry_as_given(&r->labels.geometry);
    const bool flat = model->facts.dims == 2;
    char own[IMAGE_SPACING_TEXT], learnt[IMAGE_SPACING_TEXT];
    if (r->stray == STRAY_NONE) return false;
    image_spacing_text(
        (double[]){(double)g.spacing[0], (double)g.spacing[1], (double)g.spacing[2]}, flat, own);
    image_spacing_text(model->prep.trained, flat, learnt);
    const char *mend = told ? "" : "; if its header is wrong, give `voxel-size`";
    if (r->stray == STRAY_BROUGHT)
        host_warn(host, WARN_SPACING_RESAMPLED,
            "%s has voxels of %s, and the model learnt from %s: it was brought to these, and its "
            "mask back%s",
            name, own, learnt, mend);
    else
        host_warn(host, WARN_SPACING_FAR,
            "%s has voxels of %s, and the model learnt from %s: too far from each other, or from "
            "what other models learnt from, so that it "
            "was taken as it is; do not trust its mask%s",
            name, own, learnt, mend);
    return true;
}

static bool predict_say_is_first(struct strays *s, const char *name)
{
    if (s->count++ > 0) return false;
    snprintf(s->first, sizeof s->first, "%s", name);
    return true;
}

/* Of each kind the first is told: one that was brought to the model's voxels does not speak for
 * those that were not. */
static void count_stray(
    const struct predict_job *j, const char *name, const struct prediction *r, struct said *c)
{
    struct strays *s = r->stray == STRAY_LEFT ? &c->left : &c->brought;
    if (r->stray == STRAY_NONE || !predict_say_is_first(s, name)) return;
    say_stray(j->host, name, j->models, j->held || j->voxel[0] > 0, r);
}

static void count_flattened(
    const struct predict_job *j, const char *name, const struct prediction *r, struct said *c)
{
    if (!r->flattened || !predict_say_is_first(&c->flattened, name)) return;
    host_warn(j->host, WARN_INTENSITIES_TINY,
        "%s has intensities that differ by so little, below 1e-8, that normalising leaves next to "
        "nothing of them: do not trust its "
        "mask, and multiply them, such as by 1e9",
        name);
}

/* It would be brought to the voxels that the model learnt from, if it said how large its own are;
 * said once. */
static void say_unknown(
    const struct predict_job *j, const char *name, const struct prediction *r, struct said *c)
{
    const struct preparation *p = &j->models->prep;
    char learnt[IMAGE_SPACING_TEXT];
    if (c->unknown || geometry_as_given(&r->labels.geometry).known || !(p->trained[2] > 0) ||
        p->resize[0] > 0 || j->options.as_is)
        return;
    c->unknown = true;
    host_warn(j->host, WARN_SPACING_UNKNOWN,
        "%s does not say how large its voxels are, and the model learnt from %s: it is taken as it "
        "is; if its voxels are others, give %s",
        name, image_spacing_text(p->trained, j->models->facts.dims == 2, learnt),
        j->held ? "att_image.spacing" : "`voxel-size`");
}

/* Whether this is the first image of which it is true. */
static bool first_time(bool *said, bool now)
{
    const bool first = now && !*said;
    *said = *said || now;
    return first;
}

/* What takes the sense out of choosing tiles, each said once. */
static void say_tiles(
    const struct predict_job *j, const char *name, const struct prediction *r, struct said *c)
{
    const struct tile_report *t = r->tiles;
    const struct predict_options *o = &j->options;
    if (!t) return;
    const int *grid = t->tiling.grid, *tile = t->tiling.tile;
    const bool flat = j->models->facts.dims == 2,
               covered = grid[1] == 1 && grid[2] == 1 && (flat || grid[0] == 1);
    if (first_time(&c->covered, covered))
        host_warn(j->host, WARN_TILE_COVERS_IMAGE,
            "%s: a tile of %dx%d covers all of %s: nothing can be left out, and a network without "
            "tiles would do",
            name, tile[1], tile[2], flat && grid[0] > 1 ? "a slice" : "the image");
    if (first_time(&c->few, o->tiles_given && o->tiles > t->tiling.count))
        host_warn(j->host, WARN_FEW_TILES,
            "%s has %d tile%s, and `tiles` %d were wanted: all are computed", name, t->tiling.count,
            TEXT_S(t->tiling.count), o->tiles);
    if (first_time(&c->sure, o->cost_given && o->cost > 0 && t->count <= 1 && t->tiling.count > 1))
        host_warn(j->host, WARN_FEW_TILES, "%s: `cost` %g leaves %d of %d tile%s: %s", name,
            o->cost, t->count, t->tiling.count, TEXT_S(t->tiling.count),
            j->models->temperature > 0
                ? "a smaller one takes more, as do `share` and `tiles`"
                : "the model has no temperature to tell costs by; give `share` or `tiles`");
    if (first_time(&c->poor, o->share > 0 && t->count == 0))
        host_warn(j->host, WARN_FEW_TILES,
            "%s: `share` %g has room for no tile: the coarse network and the policy take %.3g of a "
            "dense prediction",
            name, o->share, t->macs / t->dense);
    if (first_time(&c->dear, t->macs > t->dense))
        host_warn(j->host, WARN_TILES_COSTLY,
            "%s: %d of %d tile%s cost %.0f %% of a dense prediction by the fine network; fewer "
            "(`tiles`) cost less",
            name, t->count, t->tiling.count, TEXT_S(t->tiling.count), 100 * t->macs / t->dense);
}

/* Each said once. */
static void say_axes(
    const struct predict_job *j, const char *name, const struct image *m, struct said *c)
{
    struct turning unused;
    if (first_time(&c->turned, turn_any(&m->geometry.turned)))
        host_say(j->host, LOG_INFO,
            "%s is stored along other axes than %s, in which the model learnt: it is turned, and "
            "its results back",
            name, j->axes);
    if (first_time(
            &c->oblique, orient_to(j->axes, &m->geometry, m->size, &unused) == ORIENT_OBLIQUE))
        host_warn(j->host, WARN_AXES_OBLIQUE,
            "%s is stored along other axes than %s, in which the model learnt, and lies oblique: "
            "it is taken as it is stored; "
            "resample it to axes of the body",
            name, j->axes);
}

void say_case(const struct predict_job *j, const char *name, const struct image *m,
    const struct prediction *r, struct said *c)
{
    say_dims(j, name, m, c);
    say_axes(j, name, m, c);
    count_stray(j, name, r, c);
    count_flattened(j, name, r, c);
    say_unknown(j, name, r, c);
    say_dropped(j, name, r);
    say_tiles(j, name, r, c);
    c->windows += r->windows;
    c->passes += r->passes;
    c->seconds += r->seconds;
}

int say_held(const struct predict_job *j, const char *name, const struct image *m,
    const struct prediction *r)
{
    struct said c = {.said = {false, true}}; /* that it is a volume its caller knows */
    say_dims(j, name, m, &c);
    count_stray(j, name, r, &c);
    count_flattened(j, name, r, &c);
    say_unknown(j, name, r, &c);
    say_dropped(j, name, r);
    say_tiles(j, name, r, &c);
    return (c.brought.count ? ATT_DOUBT_BROUGHT : 0) | (c.left.count ? ATT_DOUBT_LEFT : 0) |
        (c.unknown ? ATT_DOUBT_UNKNOWN : 0) | (c.said[0] ? ATT_DOUBT_SLICE : 0) |
        (c.flattened.count ? ATT_DOUBT_FLAT : 0);
}

void say_cost(const struct predict_job *j, const struct said *c)
{
    char learnt[IMAGE_SPACING_TEXT];
    image_spacing_text(j->models->prep.trained, j->models->facts.dims == 2, learnt);
    if (c->brought.count > 1)
        host_warn(j->host, WARN_SPACING_RESAMPLED,
            "%d images, %s the first of them, had voxels quite unlike those of training (%s) and "
            "were brought to these; with `json`, "
            "brought_to stands in their rows",
            c->brought.count, c->brought.first, learnt);
    if (c->left.count > 1)
        host_warn(j->host, WARN_SPACING_FAR,
            "%d images, %s the first of them, had voxels too far from those of training (%s) and "
            "were taken as they are: do not trust "
            "their masks",
            c->left.count, c->left.first, learnt);
    if (c->flattened.count > 1)
        host_warn(j->host, WARN_INTENSITIES_TINY,
            "%d images, %s the first of them, had intensities of which normalising leaves next to "
            "nothing: do not trust their masks",
            c->flattened.count, c->flattened.first);
    if (c->passes > c->windows)
        host_say(j->host, LOG_INFO, "%lld window%s took %lld passes, %.1f seconds in all",
            (long long)c->windows, TEXT_S(c->windows), (long long)c->passes, c->seconds);
}
