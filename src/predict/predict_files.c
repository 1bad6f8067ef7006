/* SPDX-License-Identifier: Apache-2.0 */
/* The loop over images and the names of the files it writes; behind `attunet predict`. */
#include "predict/predict_files.h"

#include <stdlib.h>
#include <string.h>

#include "arch/hard.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_file.h"
#include "base/mem.h"
#include "base/rehearsal.h"
#include "format/format.h"
#include "image/orient.h"
#include "predict/predict_decode.h"
#include "predict/predict_failures.h"
#include "predict/predict_inputs.h"
#include "predict/predict_mask.h"
#include "predict/predict_say.h"
#include "predict/predict_stale.h"
#include "predict/predict_tiles.h"

static char *result_path(const struct predicted *p, const char *what, const char *ending)
{
    char *name = mem_text("%s%s%s", p->name, what, ending), *path = name ? file_join(p->folder, name) : NULL;
    mem_free(name);
    return path;
}

/* The files that are predicted, sorted: nothing may be written over them. */
struct inputs {
    struct file_id *file;
    size_t count;
};

static att_status identify(const struct dataset *d, struct inputs *in, struct err *e)
{
    size_t most = 0;
    for (int i = 0; i < d->count; i++) most += 2 * (size_t)d->cases[i].nimages;
    *in = (struct inputs){mem_array(most, sizeof *in->file), 0};
    if (!in->file) return err_memory(e, most * sizeof *in->file, "the list of images");
    for (int i = 0; i < d->count; i++)
        for (int c = 0; c < d->cases[i].nimages; c++) {
            struct err unread = {0}; /* told when it is predicted */
            char *beside = NULL;
            in->count += file_identify(d->cases[i].image[c], &in->file[in->count]);
            if (format_companion(d->cases[i].image[c], &beside, &unread) == ATT_OK && beside)
                in->count += file_identify(beside, &in->file[in->count]);
            mem_free(beside);
        }
    qsort(in->file, in->count, sizeof *in->file, file_id_order);
    return ATT_OK;
}

static att_status spare_file(const struct inputs *in, const char *path, struct err *e)
{
    struct file_id there;
    if (!file_identify(path, &there) || !bsearch(&there, in->file, in->count, sizeof there, file_id_order)) return ATT_OK;
    return err_set(e, ATT_USAGE, "%s is an image to be predicted and would be overwritten; choose another folder for the results", path);
}

/* ATT_USAGE when `path`, or a file that may be written beside it, is one of them. */
static att_status spare_inputs(const struct inputs *in, const char *path, struct err *e)
{
    size_t ending;
    const struct format *f = format_by_name(path, &ending);
    TRY(spare_file(in, path, e));
    for (const char *const *pair = f ? f->detached : NULL; pair && *pair; pair += 2) {
        if (!file_ends(path, pair[0])) continue;
        char *beside = mem_text("%.*s%s", (int)(strlen(path) - ending), path, pair[1]);
        att_status status = beside ? spare_file(in, beside, e) : err_memory(e, strlen(path), "a file name");
        mem_free(beside);
        TRY(status);
    }
    return ATT_OK;
}

/* Masks are checked before the work begins. */
static att_status spare_by_masks(const struct dataset *d, const struct inputs *in, const char *folder, struct err *e)
{
    for (int i = 0; i < d->count; i++) {
        const char *ending = format_result_ending(d->cases[i].image[0]);
        char *path = result_path(&(struct predicted){.folder = folder, .name = d->cases[i].id}, "", ending);
        att_status status = path ? spare_inputs(in, path, e) : err_memory(e, strlen(folder), "a file name");
        mem_free(path);
        TRY(status);
    }
    return ATT_OK;
}

/* Saves an image, or labels where those are given, under NAME + what + the image's ending. */
static att_status save(const struct inputs *in, const struct predicted *p, const char *what, const struct image *m,
                       const struct labelmap *labels, struct err *e)
{
    char *path = result_path(p, what, p->ending);
    if (!path) return err_memory(e, strlen(p->folder), "a file name");
    att_status status = spare_inputs(in, path, e);
    if (status == ATT_OK) status = labels ? format_save_labels(path, labels, e) : format_save_image(path, m, e);
    mem_free(path);
    return status;
}

/* The mask of an image that stayed in its files. */
static att_status save_filed(const struct inputs *in, const struct predicted *p, struct err *e)
{
    char *path = result_path(p, "", p->ending);
    if (!path) return err_memory(e, strlen(p->folder), "a file name");
    att_status status = spare_inputs(in, path, e);
    if (status == ATT_OK) status = mask_save(path, p->result, p->labels, e);
    mem_free(path);
    return status;
}

/* The same, with `what` made by a format. Takes over `what`. */
static att_status save_as(const struct inputs *in, const struct predicted *p, char *what, const struct image *m, struct err *e)
{
    att_status status = what ? save(in, p, what, m, NULL, e) : err_memory(e, strlen(p->name), "a file name");
    mem_free(what);
    return status;
}

/* Where the map's own grid lies: voxel i is at voxel start + i * step of the image. Without header bytes, so that the affine is written. */
static struct geometry own_geometry(const struct attention_map *map, const struct geometry *g)
{
    struct geometry own = *g;
    own.header = NULL;
    own.header_size = 0;
    for (int axis = 0; axis < 3; axis++) own.spacing[axis] = (float)((double)g->spacing[axis] * map->step[axis]);
    for (int i = 0; i < 3; i++)
        for (int axis = 0; axis < 3; axis++) {
            own.affine[i][3] += g->affine[i][2 - axis] * map->start[axis];
            own.affine[i][2 - axis] = g->affine[i][2 - axis] * map->step[axis];
        }
    return own;
}

static att_status save_map(const struct inputs *in, const struct predicted *p, const struct attention_map *map, struct err *e)
{
    const struct labelmap *l = &p->result->labels;
    struct image m = {.channels = 1, .size = {l->size[0], l->size[1], l->size[2]}, .data = map->data, .geometry = l->geometry};
    TRY(save_as(in, p, mem_text("_attention_%s", map->name), &m, e));
    memcpy(m.size, map->own, sizeof m.size);
    m.data = map->own_data;
    m.geometry = own_geometry(map, &l->geometry);
    return save_as(in, p, mem_text("_attention_%s_own", map->name), &m, e);
}

/* A class's name as part of a file name. */
static char *plain_name(const char *name)
{
    char *plain = mem_text("%s", name);
    for (char *s = plain; s && *s; s++)
        if (strchr("/\\:*?\"<>| ", *s) || (unsigned char)*s < ' ') *s = '_';
    return plain;
}

static att_status save_probability(const struct inputs *in, const struct predicted *p, const struct model *model, int k, struct err *e)
{
    const struct prediction *r = p->result;
    const struct labelmap *l = &r->labels;
    struct image m = {.channels = 1, .size = {l->size[0], l->size[1], l->size[2]}, .geometry = l->geometry};
    m.data = r->probability + (size_t)k * image_voxels(m.size);
    char *name = plain_name(decode_name(model, r->channels, k));
    att_status status = save_as(in, p, name ? mem_text("_probability_%d_%s", k, name) : NULL, &m, e);
    mem_free(name);
    return status;
}

static att_status save_document(const struct predicted *p, const char *what, json_t *j, struct err *e)
{
    char *path = result_path(p, what, ".json");
    att_status status = path ? json_file_write_as(path, j, JSON_INDENT(2), e) : err_memory(e, strlen(p->folder), "a file name");
    mem_free(path);
    json_decref(j);
    return status;
}

static att_status save_tiles(const struct inputs *in, const struct predicted *p, struct err *e)
{
    struct labelmap mask;
    TRY(save_document(p, "_tiles", tiles_document(p->result, p->name), e));
    att_status status = tiles_mask(p->result, &mask, e);
    if (status == ATT_OK) status = save(in, p, "_tiles", NULL, &mask, e);
    mem_free(mask.data);
    return status;
}

static att_status save_all(const struct predict_job *j, const struct inputs *in, const struct predicted *p, struct err *e)
{
    const struct prediction *r = p->result;
    TRY(r->mask ? save_filed(in, p, e) : save(in, p, "", NULL, &r->labels, e));
    if (r->tiles) TRY(save_tiles(in, p, e));
    for (int i = 0; i < r->nmaps; i++) TRY(save_map(in, p, &r->maps[i], e));
    for (int k = 0; r->probability && k < r->channels; k++) TRY(save_probability(in, p, j->models, k, e));
    return j->more ? j->more(j->user, p, e) : ATT_OK;
}

static json_t *classes_row(const struct model *m, const struct prediction *r)
{
    const struct geometry g = geometry_as_given(&r->labels.geometry);
    double voxel = (double)g.spacing[0] * (double)g.spacing[1] * (double)g.spacing[2];
    json_t *classes = json_object();
    for (int k = 0; k < r->channels; k++) {
        json_t *one = json_pack("{s:I}", "voxels", (json_int_t)r->voxels[k]);
        if (g.known) json_object_set_new(one, "volume_mm3", json_real((double)r->voxels[k] * voxel));
        json_object_set_new(classes, decode_name(m, r->channels, k), one);
    }
    return classes;
}

static json_t *dropped_row(const struct labelling *l, const struct prediction *r)
{
    json_t *dropped = json_object();
    for (int c = 1; c < l->count; c++)
        if (r->dropped[c]) json_object_set_new(dropped, l->name[c], json_integer((json_int_t)r->dropped[c]));
    return dropped;
}

/* Along the axes of the image's file, as its size. */
static json_t *brought_row(const struct prediction *r)
{
    double mm[3];
    for (int a = 0; a < 3; a++) mm[turn_from(&r->labels.geometry.turned, a)] = (double)r->brought[a];
    return json_pack("[fff]", mm[0], mm[1], mm[2]);
}

static att_status add_row(const struct predict_job *j, const struct predicted *p, json_t *rows, struct err *e)
{
    const struct prediction *r = p->result;
    char *path = result_path(p, "", p->ending);
    int size[3];
    turn_triple_back(&r->labels.geometry.turned, r->labels.size, size);
    json_t *row = json_pack("{s:o, s:o, s:i, s:I, s:o, s:o, s:o}", "case", json_utf8(p->name), "file", json_utf8(path), "windows",
                            r->windows, "passes", (json_int_t)r->passes, "seconds", json_rounded(r->seconds), "size", json_triple(size),
                            "classes", classes_row(j->models, r));
    mem_free(path);
    if (row && r->post) json_object_set_new(row, "dropped", dropped_row(&j->models->labels, r));
    if (row && r->stray == STRAY_BROUGHT) json_object_set_new(row, "brought_to", brought_row(r));
    if (row && r->tiles) json_object_set_new(row, "tiles", tiles_row(r));
    return row && !json_array_append_new(rows, row) ? ATT_OK : err_memory(e, sizeof *row, "the result as JSON");
}

/* Results are made of the samples alone, unless someone wants to draw on the image. */
static bool may_give(const struct predict_job *j) { return !j->more; }

/* What is known of an image before it is loaded; from a format of which no parts can be read. */
static att_status peek(const struct predict_job *j, const struct data_case *c, struct image *m, struct err *e)
{
    int channels = 0;
    for (int i = 0; i < c->nimages; i++) {
        TRY(format_peek_image(c->image[i], m, e));
        channels += m->channels;
    }
    m->channels = channels;
    memcpy(m->geometry.given, j->voxel, sizeof j->voxel);
    return orient_image(j->axes, m, e);
}

/* Whether it fits, and how: `scan` holds the image where it stays in its files. */
static att_status foresee(const struct predict_job *j, const struct data_case *c, struct predictor *p, struct scan *scan, bool *stay,
                          struct err *e)
{
    struct image m;
    *stay = false;
    *scan = (struct scan){.count = 0};
    if (!(j->options.max_memory > 0)) return ATT_OK;
    TRY(peek(j, c, &m, e));
    if (!turn_any(&m.geometry.turned) && may_give(j) && mask_can(format_result_ending(c->image[0]))) TRY(scan_look(c, scan, stay, e));
    if (*stay) memcpy(scan->m.geometry.given, j->voxel, sizeof j->voxel);
    att_status status = predict_foresee(p, *stay ? &scan->m : &m, c->nimages, may_give(j), stay, e);
    if (status != ATT_OK || !*stay) scan_close(scan);
    return status;
}

/* m: the image, without samples where it stays in `scan`. */
static att_status predict_case(const struct predict_job *j, const struct data_case *c, const struct inputs *in, struct predictor *p,
                               struct image *m, struct scan *scan, struct said *said, json_t *rows, struct err *e)
{
    struct prediction result;
    TRY(scan          ? predict_scan(p, scan, j->folder, &result, j->log, e)
        : may_give(j) ? predict_image_given(p, m, &result, j->log, e)
                      : predict_image(p, m, &result, j->log, e));
    say_case(j, c->id, m, &result, said);
    struct predicted done = {j->folder, c->id, format_result_ending(c->image[0]), m, &result, &j->models->labels};
    att_status status = save_all(j, in, &done, e);
    if (status == ATT_OK) status = add_row(j, &done, rows, e);
    prediction_free(&result);
    return status;
}

/* A failure's sentence names the image. */
/* done: of how many images there are results */
static att_status name_failure(const struct predict_job *j, const struct dataset *d, int index, int done, att_status status,
                               const struct err *cause, struct err *e)
{
    const struct data_case *c = &d->cases[index];
    if (status == ATT_INTERRUPTED)
        return err_set(e, status, "%s: %s; the results of %d image%s before it are in %s", c->image[0], cause->text, done,
                       done == 1 ? "" : "s", j->folder);
    for (int i = 0; i < c->nimages; i++)
        if (strstr(cause->text, c->image[i])) return err_set(e, status, "%s", cause->text);
    return err_set(e, status, "%s: %s", c->image[0], cause->text);
}

struct progress {
    const struct inputs *in;
    struct predictor *p;
    struct said said;
    json_t *rows;
    bool loading; /* the image; else it is predicted and its results are written */
};

static att_status load_and_predict(const struct predict_job *j, const struct dataset *d, int index, struct progress *g, struct err *e)
{
    const struct data_case *c = &d->cases[index];
    struct image m = {.channels = 0};
    struct scan scan;
    bool stay;
    g->loading = true;
    att_status status = foresee(j, c, g->p, &scan, &stay, e);
    if (status == ATT_OK && !stay) status = dataset_load_image(d, index, &m, e);
    if (status == ATT_OK) {
        g->loading = false;
        status = predict_case(j, c, g->in, g->p, stay ? &scan.m : &m, stay ? &scan : NULL, &g->said, g->rows, e);
    }
    image_free(&m);
    scan_close(&scan);
    return status;
}

/* What an image has left half done goes with its predictor. */
static att_status begin_anew(const struct predict_job *j, const struct predict_options *o, struct progress *g, struct err *e)
{
    predictor_free(g->p);
    g->p = NULL;
    return predictor_create_several(j->models, j->nmodels, j->kernels, j->pool, o, &g->p, e);
}

/* An image that cannot be predicted does not keep those behind it from it. */
static att_status predict_cases(const struct predict_job *j, const struct dataset *d, const struct predict_options *o, struct progress *g,
                                struct err *e)
{
    att_status status = ATT_OK;
    struct failures failures = {.first = ATT_OK};
    say_plan(j);
    for (int i = 0; i < d->count && status == ATT_OK; i++) {
        struct err cause = {0}, named = {0};
        log_progress(j->log, "images", i, d->count, d->cases[i].id);
        status = load_and_predict(j, d, i, g, &cause);
        if (status == ATT_OK) continue;
        status = name_failure(j, d, i, i - failures.count, status, &cause, &named);
        if (!failure_is_of_image(status, g->loading)) {
            err_set(e, status, "%s", named.text);
            continue;
        }
        failures_add(&failures, &named);
        status = begin_anew(j, o, g, e);
    }
    if (status == ATT_OK) log_progress(j->log, "images", d->count, d->count, NULL);
    if (status == ATT_OK) say_cost(j, &g->said);
    att_status ended = failures_end(&failures, d->count, j->folder, j->log, status == ATT_OK ? e : NULL);
    return status == ATT_OK ? ended : status;
}

static void add_result(const struct predict_job *j, const struct predicted *p, const char *what, const char *ending)
{
    char *path = result_path(p, what, ending);
    if (path) rehearse_file(j->log, path, NULL);
    mem_free(path);
}

/* By the headers of its files. */
static att_status rehearse_case(const struct predict_job *j, const struct data_case *c, struct predictor *p, struct err *e)
{
    struct image m;
    struct scan scan;
    bool stay;
    TRY(foresee(j, c, p, &scan, &stay, e));
    scan_close(&scan);
    TRY(peek(j, c, &m, e));
    TRY(predictor_fits(p, &m, e));
    const struct model *model = j->models;
    const char *ending = format_result_ending(c->image[0]);
    struct predicted one = {.folder = j->folder, .name = c->id, .ending = ending};
    add_result(j, &one, "", ending);
    if (hard_is(&model->spec)) add_result(j, &one, "_tiles", ".json");
    if (hard_is(&model->spec)) add_result(j, &one, "_tiles", ending);
    if (j->options.attention) add_result(j, &one, "_attention_GATE", ending);
    if (j->options.attention) add_result(j, &one, "_attention_GATE_own", ending);
    for (int k = 0; j->options.probabilities && k < model->facts.classes; k++) {
        char *name = plain_name(decode_name(model, model->facts.classes, k)), *what = name ? mem_text("_probability_%d_%s", k, name) : NULL;
        if (what) add_result(j, &one, what, ending);
        mem_free(name);
        mem_free(what);
    }
    for (int k = 0; k < j->nothers; k++) add_result(j, &one, j->others[k], "");
    return ATT_OK;
}

static att_status rehearse_cases(const struct predict_job *j, const struct dataset *d, struct predictor *p, struct err *e)
{
    rehearse(j->log, "predict %d image%s with %d model%s into %s", d->count, d->count == 1 ? "" : "s", j->nmodels,
             j->nmodels == 1 ? "" : "s", j->folder);
    if (j->options.attention) rehearse(j->log, "write the maps of every gate, GATE in names of files standing for the gate's");
    struct failures failures = {.first = ATT_OK};
    for (int i = 0; i < d->count; i++) {
        struct err cause = {0}, named = {0};
        att_status status = rehearse_case(j, &d->cases[i], p, &cause);
        if (status == ATT_OK) continue;
        name_failure(j, d, i, 0, status, &cause, &named);
        failures_add(&failures, &named);
    }
    return failures_end(&failures, d->count, j->folder, j->log, e);
}

static att_status predict_set(const struct predict_job *j, const struct dataset *d, const struct inputs *in, json_t *rows, struct err *e)
{
    struct predict_options o = j->options;
    struct predictor *p;
    struct stale before;
    o.progress = true;
    TRY(rehearsing(j->log) ? rehearse_place(j->folder, true, e) : file_make_folders(j->folder, e));
    TRY(spare_by_masks(d, in, j->folder, e));
    TRY(predictor_create_several(j->models, j->nmodels, j->kernels, j->pool, &o, &p, e));
    if (rehearsing(j->log)) {
        att_status status = rehearse_cases(j, d, p, e);
        predictor_free(p);
        return status;
    }
    att_status status = stale_begin(j->folder, d, &before, e);
    if (status == ATT_OK) {
        struct progress g = {.in = in, .p = p, .rows = rows};
        status = predict_cases(j, d, &o, &g, e);
        p = g.p;
        if (status == ATT_OK) stale_tell(&before, j->folder, j->log);
        stale_free(&before);
    }
    predictor_free(p);
    return status;
}

/* A folder that was made for results of which there are none goes again. */
static att_status predict_into(const struct predict_job *j, const struct dataset *d, const struct inputs *in, json_t *rows, struct err *e)
{
    const bool there = file_exists(j->folder);
    att_status status = predict_set(j, d, in, rows, e);
    if (status != ATT_OK && !there) file_remove_folder(j->folder);
    return status;
}

att_status predict_files(const struct predict_job *j, json_t **rows, struct err *e)
{
    struct dataset d;
    struct inputs in = {NULL, 0};
    *rows = json_array();
    att_status status =
        *rows ? inputs_find(j->models, j->inputs, j->count, &d, j->log, e) : err_memory(e, sizeof **rows, "the result as JSON");
    if (*rows) {
        memcpy(d.voxel, j->voxel, sizeof d.voxel);
        memcpy(d.axes, j->axes, sizeof d.axes);
        if (status == ATT_OK) status = identify(&d, &in, e);
        if (status == ATT_OK) status = predict_into(j, &d, &in, *rows, e);
        mem_free(in.file);
        dataset_free(&d);
    }
    if (status == ATT_OK || json_array_size(*rows) > 0) return status; /* what was predicted is told, also if others failed */
    json_decref(*rows);
    *rows = NULL;
    return status;
}
