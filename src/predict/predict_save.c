/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_save.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arch/hard.h"
#include "base/mem.h"
#include "files/json_file.h"
#include "format/format.h"
#include "format/joined.h"
#include "format/stack_slice.h"
#include "predict/predict_decode.h"
#include "predict/predict_mask.h"
#include "predict/predict_tiles.h"

char *save_path(const struct predicted *p, const char *what, const char *ending)
{
    char *name = mem_text("%s%s%s", p->name, what, ending),
         *path = name ? file_join(p->folder, name) : NULL;
    mem_free(name);
    return path;
}

/* Adds the file and its detached sample file. */
static void save_add_file(struct save_inputs *in, const char *path)
{
    struct err unread = {0}; /* reported when it is predicted */
    char *other = NULL, room[PATH_MAX];
    path = slice_file(path, room);
    in->count += file_identify(path, &in->file[in->count]);
    if (format_companion(path, &other, &unread) == ATT_OK && other)
        in->count += file_identify(other, &in->file[in->count]);
    mem_free(other);
}

att_status save_identify(const struct dataset *d, struct save_inputs *in, struct err *e)
{
    size_t max = 0;
    for (int i = 0; i < d->count; i++)
        max += 2 *
            (size_t)(d->cases[i].nimages +
                (d->cases[i].label ? joined_count(d->cases[i].label) : 0));
    *in = (struct save_inputs){mem_array(max, sizeof *in->file), 0};
    if (!in->file) return err_memory(e, max * sizeof *in->file, "the list of images");
    for (int i = 0; i < d->count; i++) {
        const struct data_case *c = &d->cases[i];
        char part[PATH_MAX];
        for (int k = 0; k < c->nimages; k++) save_add_file(in, c->image[k]);
        for (int k = 0; c->label && k < joined_count(c->label); k++)
            if (joined_part(c->label, k, part)) save_add_file(in, part);
    }
    qsort(in->file, in->count, sizeof *in->file, file_id_order);
    return ATT_OK;
}

static att_status save_check_file(const struct save_inputs *in, const char *path, struct err *e)
{
    struct file_id there;
    if (!file_identify(path, &there) ||
        !bsearch(&there, in->file, in->count, sizeof there, file_id_order))
        return ATT_OK;
    return err_usage(
        e, "%s is an input and would be overwritten; choose another folder for the results", path);
}

/* Checks `path` and files that may be written beside it. */
static att_status save_check_path(const struct save_inputs *in, const char *path, struct err *e)
{
    TRY(save_check_file(in, path, e));
    for (int k = 0; k < FORMAT_DETACHED; k++) {
        char *other = format_detached(path, k);
        att_status status = other ? save_check_file(in, other, e) : ATT_OK;
        mem_free(other);
        TRY(status);
    }
    return ATT_OK;
}

att_status save_check_inputs(
    const struct dataset *d, const struct save_inputs *in, const char *folder, struct err *e)
{
    for (int i = 0; i < d->count; i++) {
        const char *ending = format_result_ending(d->cases[i].image[0]);
        char *path =
            save_path(&(struct predicted){.folder = folder, .name = d->cases[i].id}, "", ending);
        att_status status = path ? save_check_path(in, path, e) : err_path(e);
        mem_free(path);
        TRY(status);
    }
    return ATT_OK;
}

static att_status among_images(const char *folder, const char *image, struct err *e)
{
    return err_usage(e,
        "%s holds images, such as %s, and masks there would be taken for images; choose another "
        "folder for the results",
        folder, image);
}

/* Path of a training image in the folder, or NULL. */
static char *find_learnt(const struct predict_job *j, struct err *e)
{
    struct file_list names;
    char *found = NULL;
    if (file_list(j->folder, &names, e) != ATT_OK) return NULL;
    for (int i = 0; i < names.count && !found; i++) {
        struct file_id id;
        char *path = file_join(j->folder, names.names[i]);
        if (path && file_identify(path, &id) &&
            bsearch(&id, j->learnt, j->nlearnt, sizeof id, file_id_order))
            found = path;
        else
            mem_free(path);
    }
    file_list_free(&names);
    return found;
}

att_status save_check_folder(const struct predict_job *j, const struct dataset *d, struct err *e)
{
    struct file_id results, own;
    if (!file_identify(j->folder, &results)) return ATT_OK;
    for (int i = 0; i < d->count; i++) {
        const char *image = d->cases[i].image[0];
        const int length = (int)(file_base(image) - image);
        char *folder = length ? mem_text("%.*s", length, image) : mem_text(".");
        const bool same =
            folder && file_identify(folder, &own) && file_id_order(&own, &results) == 0;
        if (!folder) return err_path(e);
        mem_free(folder);
        if (same) return among_images(j->folder, image, e);
    }
    char *learnt = j->nlearnt ? find_learnt(j, e) : NULL;
    att_status status = learnt ? among_images(j->folder, learnt, e) : e->status;
    mem_free(learnt);
    return status;
}

void save_warn(const struct predict_job *j, const struct dataset *d)
{
    char *nearest = d->root ? file_nearest(j->folder) : NULL;
    if (nearest && file_within(nearest, d->root))
        host_warn(j->host, WARN_OUTPUT_IN_DATASET,
            "%s is inside %s, a data set with a folder for each case, where the masks would "
            "count as a case; choose another folder for the results",
            j->folder, d->root);
    mem_free(nearest);
}

/* Whether the job writes NAME + tail + ending beside NAME + own. Any text may be a gate's name. */
static bool writes_to_inputs(
    const struct predict_job *j, const char *tail, const char *ending, const char *own)
{
    const size_t length = strlen(tail);
    for (int k = 0; k < j->nothers; k++)
        if (strncmp(j->others[k], tail, length) == 0 && strcmp(j->others[k] + length, ending) == 0)
            return true;
    if (strcmp(ending, own) != 0) return false;
    if (j->options.attention && strncmp(tail, SAVE_ATTENTION, strlen(SAVE_ATTENTION)) == 0)
        return true;
    if (hard_is(&j->models->spec) && strcmp(tail, "_tiles") == 0) return true;
    bool found = false;
    if (j->uncertainty && strcmp(tail, SAVE_UNCERTAINTY) == 0) return true;
    for (int k = 0; j->probabilities && k < j->models->facts.classes && !found; k++) {
        char *written = save_probability_tail(j->models, j->models->facts.classes, k);
        found = written && strcmp(tail, written) == 0;
        mem_free(written);
    }
    return found;
}

att_status save_check_names(const struct predict_job *j, const struct dataset *d, struct err *e)
{
    for (int i = 0; i < d->count; i++) {
        const struct data_case *c = &d->cases[i];
        const size_t length = strlen(c->id);
        for (int k = i + 1; k < d->count && strncmp(d->cases[k].id, c->id, length) == 0; k++) {
            const struct data_case *other = &d->cases[k];
            if (!writes_to_inputs(j, other->id + length, format_result_ending(other->image[0]),
                    format_result_ending(c->image[0])))
                continue;
            return err_usage(e,
                "the mask of %s would have the name of another result of %s; predict them into "
                "two folders, or rename one",
                other->image[0], c->image[0]);
        }
    }
    return ATT_OK;
}

/* Saves an image; else labels; else the mask of a streamed image. */
static att_status save_save(const struct save_inputs *in, const struct predicted *p,
    const char *what, const struct image *m, const struct labelmap *labels, struct err *e)
{
    char *path = save_path(p, what, p->ending);
    if (!path) return err_path(e);
    att_status status = save_check_path(in, path, e);
    if (status == ATT_OK)
        status = m   ? format_save_image(path, m, e)
            : labels ? format_save_labels(path, labels, e)
                     : mask_save(path, p->result, p->labels, e);
    mem_free(path);
    return status;
}

/* Takes over `what`. */
static att_status save_as(const struct save_inputs *in, const struct predicted *p, char *what,
    const struct image *m, struct err *e)
{
    att_status status = what ? save_save(in, p, what, m, NULL, e) : err_path(e);
    mem_free(what);
    return status;
}

/* Own voxel i is at image voxel start + i * step. Drops header bytes, so that the affine is
 * written. */
static struct geometry own_geometry(const struct attention_map *map, const struct geometry *g)
{
    struct geometry own = *g;
    own.header = NULL;
    own.header_size = 0;
    for (int axis = 0; axis < 3; axis++)
        own.spacing[axis] = (float)((double)g->spacing[axis] * map->step[axis]);
    for (int i = 0; i < 3; i++)
        for (int axis = 0; axis < 3; axis++) {
            own.affine[i][3] += g->affine[i][2 - axis] * map->start[axis];
            own.affine[i][2 - axis] = g->affine[i][2 - axis] * map->step[axis];
        }
    return own;
}

/* Keeps the own slice nearest to a single-slice image; the others cover padding. */
static void save_keep_slice(struct attention_map *map)
{
    const int nearest = (int)lround(-map->start[0] / map->step[0]);
    const int slice = nearest < 0 ? 0 : nearest < map->own[0] ? nearest : map->own[0] - 1;
    map->own_data += (size_t)slice * (size_t)map->own[1] * (size_t)map->own[2];
    map->own[0] = 1;
    map->start[0] += slice * map->step[0];
}

static struct image image_like(const struct labelmap *l, float *data)
{
    return (struct image){.channels = 1,
        .size = {l->size[0], l->size[1], l->size[2]},
        .data = data,
        .geometry = l->geometry};
}

static att_status save_map(const struct save_inputs *in, const struct predicted *p,
    const struct attention_map *map, struct err *e)
{
    const struct labelmap *l = &p->result->labels;
    struct image m = image_like(l, map->data);
    TRY(save_as(in, p, mem_text(SAVE_ATTENTION "%s", map->name), &m, e));
    struct attention_map own = *map;
    if (l->size[0] == 1) save_keep_slice(&own);
    memcpy(m.size, own.own, sizeof m.size);
    m.data = own.own_data;
    m.geometry = own_geometry(&own, &l->geometry);
    return save_as(in, p, mem_text(SAVE_ATTENTION "%s" SAVE_OWN, map->name), &m, e);
}

char *save_probability_tail(const struct model *model, int channels, int k)
{
    char *tail = mem_text("_probability_%d_%s", k, decode_name(model, channels, k));
    for (char *s = tail; s && *s; s++)
        if (strchr("/\\:*?\"<>| ", *s) || (unsigned char)*s < ' ') *s = '_';
    return tail;
}

static att_status save_probability(const struct save_inputs *in, const struct predicted *p,
    const struct model *model, int k, struct err *e)
{
    const struct prediction *r = p->result;
    const struct image m =
        image_like(&r->labels, r->probability + (size_t)k * image_voxels(r->labels.size));
    return save_as(in, p, save_probability_tail(model, r->channels, k), &m, e);
}

/* Ends the probabilities if the first channel becomes the entropy. */
static att_status save_uncertainty(const struct save_inputs *in, const struct predicted *p,
    const struct model *model, struct err *e)
{
    const struct prediction *r = p->result;
    const struct image m = image_like(&r->labels, r->variance ? r->variance : r->probability);
    if (!r->variance) decode_entropy(model, r->probability, r->channels, image_voxels(m.size));
    return save_as(in, p, mem_text(SAVE_UNCERTAINTY), &m, e);
}

static att_status save_document(
    const struct predicted *p, const char *what, json_t *j, struct err *e)
{
    char *path = save_path(p, what, ".json");
    att_status status = path ? json_file_write_as(path, j, JSON_INDENT(2), e) : err_path(e);
    mem_free(path);
    json_decref(j);
    return status;
}

static att_status save_tiles(const struct save_inputs *in, const struct predicted *p, struct err *e)
{
    struct labelmap mask;
    TRY(save_document(p, "_tiles", tiles_document(p->result, p->name), e));
    att_status status = tiles_mask(p->result, &mask, e);
    if (status == ATT_OK) status = save_save(in, p, "_tiles", NULL, &mask, e);
    mem_free(mask.data);
    return status;
}

att_status save_results(const struct predict_job *j, const struct save_inputs *in,
    const struct predicted *p, struct err *e)
{
    const struct prediction *r = p->result;
    TRY(save_save(in, p, "", NULL, r->mask ? NULL : &r->labels, e));
    if (r->tiles) TRY(save_tiles(in, p, e));
    for (int i = 0; i < r->nmaps; i++) TRY(save_map(in, p, &r->maps[i], e));
    for (int k = 0; r->probability && j->probabilities && k < r->channels; k++)
        TRY(save_probability(in, p, j->models, k, e));
    if (j->uncertainty) TRY(save_uncertainty(in, p, j->models, e));
    return j->more ? j->more(j->user, p, e) : ATT_OK;
}
