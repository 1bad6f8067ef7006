/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_files.h"

#include <string.h>

#include "arch/hard.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/team.h"
#include "base/text.h"
#include "files/claims.h"
#include "files/dry_run.h"
#include "files/hash.h"
#include "files/json_file.h"
#include "format/format.h"
#include "image/objects.h"
#include "image/orient.h"
#include "model/run_files.h"
#include "predict/predict_decode.h"
#include "predict/predict_failures.h"
#include "predict/predict_inputs.h"
#include "predict/predict_maps.h"
#include "predict/predict_save.h"
#include "predict/predict_say.h"
#include "predict/predict_stale.h"
#include "predict/predict_tiles.h"

/* A slice has a volume only with a thickness. */
static json_t *classes_row(const struct predict_job *j, const struct prediction *r)
{
    const struct model *m = j->models;
    const struct geometry g = geometry_effective(&r->labels.geometry);
    const bool flat =
        r->labels.size[0] == 1 && (g.user_spacing[0] > 0 ? j->voxel_of_planes : !g.thick);
    const double voxel =
        (flat ? 1 : (double)g.spacing[0]) * (double)g.spacing[1] * (double)g.spacing[2];
    json_t *classes = json_object();
    for (int k = 0; k < r->channels; k++) {
        if (m->labels.objects && k == OBJECT_BORDER) continue; /* the objects of a mask have it */
        const bool objects = m->labels.objects && k == OBJECT_INSIDE;
        json_t *one = json_pack("{s:I}", "voxels", (json_int_t)r->voxels[k]);
        if (g.valid)
            json_object_set_new(
                one, flat ? "area_mm2" : "volume_mm3", json_real((double)r->voxels[k] * voxel));
        json_object_set_new(classes, objects ? "foreground" : decode_name(m, r->channels, k), one);
    }
    return classes;
}

static json_t *dropped_row(const struct labelling *l, const struct prediction *r)
{
    json_t *dropped = json_object();
    for (int c = 1; c < l->count; c++)
        if (r->dropped[c])
            json_object_set_new(dropped, l->name[c], json_integer((json_int_t)r->dropped[c]));
    return dropped;
}

/* In the axis order of the file. */
static json_t *brought_row(const struct prediction *r)
{
    double mm[3];
    for (int a = 0; a < 3; a++) mm[turn_from(&r->labels.geometry.turned, a)] = (double)r->target[a];
    return json_pack("[fff]", mm[0], mm[1], mm[2]);
}

static att_status files_add_row(
    const struct predict_job *j, const struct predicted *p, json_t *rows, struct err *e)
{
    const struct prediction *r = p->result;
    char *path = save_path(p, "", p->ending);
    int size[3];
    turn_triple_back(&r->labels.geometry.turned, r->labels.size, size);
    json_t *row = json_pack("{s:o, s:o, s:i, s:I, s:o, s:o, s:o}", "case", json_utf8(p->name),
        "file", json_utf8(path), "windows", r->windows, "passes", (json_int_t)r->passes, "seconds",
        json_rounded(r->seconds), "size", json_triple(size), "classes", classes_row(j, r));
    mem_free(path);
    if (row && r->post) json_object_set_new(row, "dropped", dropped_row(&j->models->labels, r));
    if (row && r->spacing == SPACING_RESAMPLED)
        json_object_set_new(row, "brought_to", brought_row(r));
    if (row && r->tiles) json_object_set_new(row, "tiles", tiles_row(r));
    if (row && j->models->labels.objects) json_set_int(row, "objects", r->objects);
    if (row && r->nmaps) json_set_int(row, "maps", r->nmaps);
    if (row && *p->dicom) json_set_int(row, "dicom", *p->dicom);
    return row && !json_array_append_new(rows, row)
        ? ATT_OK
        : err_memory(e, sizeof *row, "the result as JSON");
}

/* Drawing (`more`) needs the samples later. */
static bool may_give(const struct predict_job *j) { return !j->more; }

/* Reads headers, for formats without partial reading. */
static att_status peek(
    const struct predict_job *j, const struct data_case *c, struct image *m, struct err *e)
{
    int channels = 0;
    for (int i = 0; i < c->nimages; i++) {
        TRY(format_peek_image(c->image[i], m, e));
        channels += m->channels;
    }
    m->channels = channels;
    memcpy(m->geometry.user_spacing, j->voxel, sizeof j->voxel);
    return orient_image(j->axes, m, e);
}

/* Whether and how the image fits; `scan` holds it if it is streamed. */
static att_status files_estimate(const struct predict_job *j, const struct data_case *c,
    struct predictor *p, struct scan *scan, bool *stay, struct err *e)
{
    struct image m;
    *stay = false;
    *scan = (struct scan){.count = 0};
    if (!(j->options.max_memory > 0)) return ATT_OK;
    TRY(peek(j, c, &m, e));
    if (!turn_any(&m.geometry.turned) && may_give(j) &&
        format_can_write(format_result_ending(c->image[0])))
        TRY(scan_peek(c, scan, stay, e));
    if (*stay) memcpy(scan->m.geometry.user_spacing, j->voxel, sizeof j->voxel);
    const struct predict_reading how = {c->nimages, may_give(j), scan_working(scan)};
    att_status status = predict_estimate(p, *stay ? &scan->m : &m, &how, stay, e);
    if (status != ATT_OK || !*stay) scan_close(scan);
    return status;
}

/* m: without samples if streamed from `scan`. */
static att_status predict_case(const struct predict_job *j, const struct data_case *c,
    const struct save_inputs *in, struct predictor *p, struct image *m, struct scan *scan,
    struct notices *notices, json_t *rows, struct err *e)
{
    struct prediction result;
    TRY(scan              ? predict_scan(p, scan, j->folder, &result, j->host, e)
            : may_give(j) ? predict_image_consume(p, m, &result, j->host, e)
                          : predict_image(p, m, &result, j->host, e));
    say_case(j, c->id, m, &result, notices);
    int dicom = 0;
    struct predicted done = {j->folder, c->id, format_result_ending(c->image[0]), m, &result,
        &j->models->labels, &dicom};
    att_status status = save_results(j, in, &done, e);
    if (status == ATT_OK) status = files_add_row(j, &done, rows, e);
    prediction_free(&result);
    return status;
}

/* Puts the image's name into the sentence. done: images with results. */
static att_status name_failure(const struct predict_job *j, const struct dataset *d, int index,
    int done, att_status status, const struct err *cause, struct err *e)
{
    const struct data_case *c = &d->cases[index];
    if (status == ATT_INTERRUPTED && !done)
        return err_set(e, status, "%s: %s; no image was predicted", c->image[0], cause->text);
    if (status == ATT_INTERRUPTED)
        return err_set(e, status, "%s: %s; the results of %d image%s before it are in %s",
            c->image[0], cause->text, done, TEXT_S(done), j->folder);
    for (int i = 0; i < c->nimages; i++)
        if (strstr(cause->text, c->image[i])) return err_pass(e, status, cause);
    return err_set(e, status, "%s: %s", c->image[0], cause->text);
}

struct progress {
    const struct save_inputs *in;
    struct predictor *p;
    struct notices notices;
    json_t *rows;
    json_t *part; /* with several ranks: this one's [index, row] and [index, status, sentence] */
    bool loading; /* else predicting or writing */
    bool begun;   /* the plan was logged */
};

/* A grey picture, where the model learnt red, green and blue. */
static att_status predict_files_widen(
    const struct predict_job *j, struct data_case *c, struct err *e)
{
    const struct preparation *prep = &j->models->prep;
    struct image m;
    struct err unread = {0}; /* reading tells it */
    if (prep->channels != 3 || c->nimages != 1 || strcmp(prep->channel_name[0], "red") != 0 ||
        format_peek_image(c->image[0], &m, &unread) != ATT_OK || m.channels != 1 ||
        m.size[IMAGE_D] > 1)
        return ATT_OK;
    return case_widen(c, e);
}

static att_status fetch_case(const struct predict_job *j, const struct data_case *c, struct err *e)
{
    for (int i = 0; i < c->nimages && j->fetch; i++) TRY(j->fetch(j->fetcher, c->image[i], e));
    return ATT_OK;
}

static void drop_case(const struct predict_job *j, const struct data_case *c)
{
    for (int i = 0; i < c->nimages && j->drop; i++) j->drop(j->fetcher, c->image[i]);
}

static att_status load_and_predict(const struct predict_job *j, const struct dataset *d, int index,
    struct progress *g, struct err *e)
{
    struct data_case *c = &d->cases[index];
    struct image m = {.channels = 0};
    struct scan scan = {.count = 0};
    bool stay = false;
    g->loading = true;
    att_status status = fetch_case(j, c, e);
    if (status == ATT_OK) status = predict_files_widen(j, c, e);
    if (status == ATT_OK) status = files_estimate(j, c, g->p, &scan, &stay, e);
    if (status == ATT_OK && !stay) status = dataset_load_image(d, index, &m, e);
    if (status == ATT_OK) {
        g->loading = false;
        if (!g->begun) say_plan(j);
        g->begun = true;
        status = predict_case(
            j, c, g->in, g->p, stay ? &scan.m : &m, stay ? &scan : NULL, &g->notices, g->rows, e);
    }
    image_free(&m);
    scan_close(&scan);
    drop_case(j, c);
    return status;
}

/* A failed image may leave its predictor in a bad state. */
static att_status begin_anew(
    const struct predict_job *j, const struct predict_options *o, struct progress *g, struct err *e)
{
    predictor_free(g->p);
    g->p = NULL;
    return predictor_create_several(
        j->models, j->nmodels, j->host->kernels, j->host->pool, o, &g->p, e);
}

/* ---- ranks: each predicts a part of the images */

/* A row, or the failure of an image, of this rank. */
static att_status files_note(
    struct progress *g, int index, const struct err *failure, struct err *e)
{
    const size_t last = json_array_size(g->rows) - 1;
    json_t *note = failure
        ? json_pack("[i, i, o]", index, (int)failure->status, json_utf8(failure->text))
        : json_pack("[i, O]", index, json_array_get(g->rows, last));
    return json_array_append_new(g->part, note) == 0 ? ATT_OK
                                                     : err_memory(e, 256, "the result as JSON");
}

/* Those of all ranks, in the order of images. */
static att_status files_merge(
    json_t *all, int count, json_t *rows, struct failures *failures, struct err *e)
{
    const json_t **note;
    TRY(MEM_ARRAY(note, count, "the result as JSON", e));
    for (size_t r = 0; r < json_array_size(all); r++) {
        const json_t *part = json_array_get(all, r);
        for (size_t k = 0; k < json_array_size(part); k++) {
            const json_t *one = json_array_get(part, k);
            note[json_integer_value(json_array_get(one, 0))] = one;
        }
    }
    json_array_clear(rows);
    for (int i = 0; i < count; i++) {
        struct err cause = {0};
        if (json_array_size(note[i]) == 2) json_array_append(rows, json_array_get(note[i], 1));
        if (json_array_size(note[i]) < 3) continue;
        err_set(&cause, (att_status)json_integer_value(json_array_get(note[i], 1)), "%s",
            json_string_value(json_array_get(note[i], 2)));
        failures_add(failures, &cause);
    }
    mem_free(note);
    return ATT_OK;
}

static att_status files_exchange(const struct predict_job *j, int count, const struct progress *g,
    struct failures *failures, att_status own, struct err *e)
{
    struct team *team = j->host->team;
    json_t *all;
    if (!g->part) return own;
    att_status status = team_agree(team, j->host, own, 0, e);
    if (team->lost) return status;
    struct err lost = {0}; /* what was predicted is reported, too */
    att_status gathered = team_gather_json(team, g->part, &all, &lost);
    if (gathered == ATT_OK) gathered = files_merge(all, count, g->rows, failures, &lost);
    json_decref(all);
    return status == ATT_OK ? err_pass(e, gathered, &lost) : status;
}

static att_status predict_own(const struct predict_job *j, const struct dataset *d,
    const struct predict_options *o, struct progress *g, struct failures *failures, struct err *e)
{
    att_status status = ATT_OK;
    const struct team *team = j->host->team;
    for (int i = team_rank(team); i < d->count && status == ATT_OK; i += team_size(team)) {
        struct err cause = {0}, named = {0};
        host_progress(j->host, "images", i, d->count, d->cases[i].id);
        status = load_and_predict(j, d, i, g, &cause);
        if (status == ATT_OK && g->part) status = files_note(g, i, NULL, &cause);
        if (status == ATT_OK) continue;
        status = name_failure(j, d, i, (int)json_array_size(g->rows), status, &cause, &named);
        if (!failure_is_of_image(status, g->loading)) {
            err_pass(e, status, &named);
            continue;
        }
        if (!g->part) failures_add(failures, &named);
        status = g->part ? files_note(g, i, &named, e) : ATT_OK;
        if (status == ATT_OK) status = begin_anew(j, o, g, e);
    }
    return status;
}

static att_status predict_cases(const struct predict_job *j, const struct dataset *d,
    const struct predict_options *o, struct progress *g, struct failures *failures, struct err *e)
{
    const int all = d->count + failures->count;
    const bool muted = j->host->muted;
    if (muted && g->part) { /* rank 0 tells the plan; what is special about a case, its rank */
        j->host->muted = false;
        g->begun = true;
    }
    att_status status = predict_own(j, d, o, g, failures, e);
    j->host->muted = muted;
    status = files_exchange(j, d->count, g, failures, status, e);
    if (status == ATT_OK) host_progress(j->host, "images", d->count, d->count, NULL);
    if (status == ATT_OK) say_cost(j, &g->notices);
    att_status ended = failures_end(failures, all, j->folder, j->host, status == ATT_OK ? e : NULL);
    return status == ATT_OK ? ended : status;
}

/* hard_check refuses `attention` for hard attention. */
static att_status find_maps(const struct predict_job *j, struct map_names *maps, struct err *e)
{
    maps->count = 0;
    if (!j->options.attention || hard_is(&j->models->spec)) return ATT_OK;
    TRY(maps_list(j->models, maps, e));
    if (maps->count) return ATT_OK;
    return err_usage(e,
        "the network has no attention gates, so there are no maps to write; leave out "
        "`attention`");
}

/* What is done with each file that will be written. */
typedef att_status result_fn(struct host *host, const char *path, struct err *e);

static att_status result_note(struct host *host, const char *path, struct err *e)
{
    (void)e;
    dry_run_file(host, path, NULL);
    return ATT_OK;
}

/* Takes over `what`. */
static att_status one_result(const struct predict_job *j, const struct predicted *p, char *what,
    const char *ending, result_fn *f, struct err *e)
{
    char *path = what ? save_path(p, what, ending) : NULL;
    att_status status = path ? f(j->host, path, e) : err_path(e);
    for (int k = 0; status == ATT_OK && f != result_note && k < FORMAT_DETACHED; k++) {
        char *data = format_detached(path, k);
        if (data) status = f(j->host, data, e);
        mem_free(data);
    }
    mem_free(path);
    mem_free(what);
    return status;
}

static att_status each_result(const struct predict_job *j, const struct data_case *c,
    const struct map_names *maps, const bool lacks[PREDICT_OTHERS], result_fn *f, struct err *e)
{
    const struct model *model = j->models;
    const char *ending = format_result_ending(c->image[0]);
    const struct predicted p = {.folder = j->folder, .name = c->id, .ending = ending};
    TRY(one_result(j, &p, mem_text("%s", ""), ending, f, e));
    if (hard_is(&model->spec)) TRY(one_result(j, &p, mem_text("_tiles"), ".json", f, e));
    if (hard_is(&model->spec)) TRY(one_result(j, &p, mem_text("_tiles"), ending, f, e));
    for (int i = 0; i < 2 * maps->count; i++)
        TRY(one_result(j, &p,
            mem_text(SAVE_ATTENTION "%s%s", maps->name[i / 2], i % 2 ? SAVE_OWN : ""), ending, f,
            e));
    if (j->uncertainty) TRY(one_result(j, &p, mem_text(SAVE_UNCERTAINTY), ending, f, e));
    for (int k = 0; j->probabilities && k < model->facts.classes; k++)
        TRY(one_result(j, &p, save_probability_tail(model, model->facts.classes, k), ending, f, e));
    for (int k = 0; k < j->nothers; k++)
        if (!lacks[k]) TRY(one_result(j, &p, mem_text("%s", j->others[k]), "", f, e));
    return ATT_OK;
}

static att_status all_results(const struct predict_job *j, const struct dataset *d,
    const struct map_names *maps, result_fn *f, struct err *e)
{
    const bool lacks[PREDICT_OTHERS] = {false};
    for (int i = 0; i < d->count; i++) TRY(each_result(j, &d->cases[i], maps, lacks, f, e));
    return ATT_OK;
}

/* From file headers. */
static att_status dry_run_case(const struct predict_job *j, const struct data_case *c,
    const struct map_names *maps, struct predictor *p, struct err *e)
{
    struct image m;
    struct scan scan;
    bool stay;
    TRY(files_estimate(j, c, p, &scan, &stay, e));
    scan_close(&scan);
    TRY(peek(j, c, &m, e));
    TRY(predictor_fits(p, &m, e));
    bool lacks[PREDICT_OTHERS] = {false};
    if (j->lacks) TRY(j->lacks(j->user, c->id, lacks, e));
    return each_result(j, c, maps, lacks, result_note, e);
}

static att_status dry_run_cases(const struct predict_job *j, const struct dataset *d,
    const struct map_names *maps, struct predictor *p, struct failures *failures, struct err *e)
{
    const int all = d->count + failures->count;
    note_dry_run(j->host, "predict %d image%s with %d model%s into %s", d->count, TEXT_S(d->count),
        j->nmodels, TEXT_S(j->nmodels), j->folder);
    for (int i = 0; i < d->count; i++) {
        struct err cause = {0}, named = {0};
        TRY(host_part(j->host, "checking images", i, d->count, e));
        att_status status = fetch_case(j, &d->cases[i], &cause);
        if (status == ATT_OK) status = dry_run_case(j, &d->cases[i], maps, p, &cause);
        drop_case(j, &d->cases[i]);
        if (status == ATT_OK) continue;
        name_failure(j, d, i, 0, status, &cause, &named);
        if (!failure_is_of_image(status, true)) return err_pass(e, status, &named);
        failures_add(failures, &named);
    }
    return failures_end(failures, all, j->folder, j->host, e);
}

/* Before anything is written. */
static att_status predict_ready(const struct predict_job *j, const struct dataset *d,
    const struct predict_options *o, const struct save_inputs *in, struct map_names *maps,
    struct predictor **p, struct err *e)
{
    *p = NULL;
    TRY(find_maps(j, maps, e));
    TRY(file_check_place(j->folder, true, e));
    if (!is_dry_run(j->host)) TRY(file_make_folders(j->folder, e));
    TRY(save_check_inputs(d, in, j->folder, e));
    TRY(save_check_folder(j, d, e));
    TRY(save_check_names(j, d, e));
    if (file_exists(j->folder)) TRY(all_results(j, d, maps, claims_check, e));
    save_warn(j, d);
    say_learnt(j, d);
    return predictor_create_several(
        j->models, j->nmodels, j->host->kernels, j->host->pool, o, p, e);
}

static uint64_t files_hash(const struct dataset *d)
{
    struct hash h;
    hash_begin(&h);
    for (int i = 0; i < d->count; i++) hash_add(&h, d->cases[i].id, strlen(d->cases[i].id) + 1);
    return hash_end(&h);
}

/* Rank 0 claims the files of all. */
static att_status predict_claim(const struct predict_job *j, const struct dataset *d,
    const struct map_names *maps, struct stale *before, struct err *e)
{
    struct team *team = j->host->team;
    att_status status = ATT_OK;
    TRY(stale_begin(j->folder, d, before, j->host, e));
    TRY(team_meet_all(team, j->host, ATT_OK, files_hash(d), e)); /* all have looked */
    if (team_rank(team) == 0) {
        claims_sweep(j->folder);
        status = all_results(j, d, maps, claims_add, e);
    }
    return team_agree(team, j->host, status, 0, e);
}

/* For evaluate: of masks by models with different classes an empty object. A damaged image, which
 * `status` tells, does not stop the others. */
static att_status record_labels(const struct predict_job *j, const struct dataset *d,
    const json_t *rows, att_status status, struct err *e)
{
    if (team_rank(j->host->team) != 0 || json_array_size(rows) == 0) return status;
    json_t *labels = labelling_to_json(&j->models->labels);
    if (labels && stale_has_others(j->folder, d, labels)) json_object_clear(labels);
    const att_status wrote = json_file_write_in(j->folder, MASK_LABELS, labels, e);
    return status == ATT_OK ? wrote : status;
}

static att_status predict_set(const struct predict_job *j, const struct dataset *d,
    const struct save_inputs *in, json_t *rows, struct failures *failures, struct err *e)
{
    struct predict_options o = j->options;
    struct stale before = {.id = NULL};
    struct map_names maps;
    struct progress g = {.in = in, .rows = rows};
    o.progress = true;
    o.probabilities = j->probabilities || (j->uncertainty && !o.variance);
    att_status status = predict_ready(j, d, &o, in, &maps, &g.p, e);
    if (status == ATT_OK && is_dry_run(j->host))
        status = dry_run_cases(j, d, &maps, g.p, failures, e);
    else if (status == ATT_OK) {
        if (team_size(j->host->team) > 1 && !(g.part = json_array()))
            status = err_memory(e, 256, "the result as JSON");
        if (status == ATT_OK) status = predict_claim(j, d, &maps, &before, e);
        if (status == ATT_OK) status = predict_cases(j, d, &o, &g, failures, e);
        status = record_labels(j, d, rows, status, e);
        if (status == ATT_OK) stale_warn(&before, j->folder, j->host);
        stale_free(&before);
        json_decref(g.part);
    }
    predictor_free(g.p);
    return status;
}

/* Removes a new folder that stayed empty. */
static att_status predict_into(const struct predict_job *j, const struct dataset *d,
    const struct save_inputs *in, json_t *rows, struct failures *failures, struct err *e)
{
    const bool there = file_exists(j->folder);
    att_status status = predict_set(j, d, in, rows, failures, e);
    if (status != ATT_OK && !is_dry_run(j->host)) claims_undo(j->folder);
    if (status != ATT_OK && !there) file_remove_folder(j->folder);
    return status;
}

att_status predict_files(const struct predict_job *j, json_t **rows, struct err *e)
{
    struct dataset d;
    struct save_inputs in = {NULL, 0};
    struct failures failures = {.first = ATT_OK};
    *rows = json_array();
    att_status status = *rows
        ? inputs_find(j->models, &(struct inputs_asked){j->inputs, j->count, j->names}, &d,
              &failures, j->host, e)
        : err_memory(e, sizeof **rows, "the result as JSON");
    if (*rows) {
        memcpy(d.voxel, j->voxel, sizeof d.voxel);
        memcpy(d.axes, j->axes, sizeof d.axes);
        if (status == ATT_OK) status = save_identify(&d, &in, e);
        if (status == ATT_OK) status = predict_into(j, &d, &in, *rows, &failures, e);
        mem_free(in.file);
        dataset_free(&d);
    }
    failures_free(&failures);
    if (status == ATT_OK || json_array_size(*rows) > 0)
        return status; /* report images that did succeed */
    json_decref(*rows);
    *rows = NULL;
    return status;
}
