/* SPDX-License-Identifier: Apache-2.0 */
/* Predict image files, with one model or several. */
#include "app/app.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "app/run_cases.h"
#include "app/series.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/team.h"
#include "base/text.h"
#include "dataset/orientation.h"
#include "dataset/patterns.h"
#include "dataset/voxel_size.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "format/format.h"
#include "model/run_files.h"
#include "plan/speed.h"
#include "predict/predict_files.h"
#include "report/overlay.h"
#include "train/runfolder.h"

/* What is written after each case's masks. */
struct drawing {
    const char *truth; /* folder or NULL */
    int images, found; /* found: images with a true mask */
    bool overlays;
    const struct series_list *series;
    bool forms[SERIES_FORMS]; /* in which masks go back to series */
    const char *codes;
    const struct model *model;
    int masks_only;                     /* cases with a form that their series cannot have */
    const char *others[PREDICT_OTHERS]; /* endings of all these files, those of forms first */
    struct host *host;
};

static att_status overlay(void *user, const struct predicted *p, struct err *e)
{
    struct drawing *d = user;
    d->images++;
    d->found += d->truth && overlay_has_truth(d->truth, p);
    return overlay_write(p, d->truth, e);
}

/* The forms of a case, which a dry run only checks. lacks: those that its series cannot have, in
 * the order of `others`. */
static att_status write_forms(
    struct drawing *d, const struct predicted *p, bool lacks[PREDICT_OTHERS], struct err *e)
{
    int k = 0;
    bool any = false;
    for (int f = 0; f < SERIES_FORMS; f++) {
        const struct series_wish w = {(enum series_form)f, d->codes, d->model};
        struct err why = {0};
        if (!d->forms[f]) continue;
        const att_status status = series_return(d->series, p, &w, d->host, &why);
        if (status != ATT_DATA) TRY(err_pass(e, status, &why));
        lacks[k] = status == ATT_DATA;
        if (!lacks[k] && p->dicom) ++*p->dicom;
        if (lacks[k] && !any) host_warn(d->host, WARN_DICOM_MASK_ONLY, "%s", why.text);
        any = any || lacks[k];
        k++;
    }
    d->masks_only += any;
    return ATT_OK;
}

static att_status after_case(void *user, const struct predicted *p, struct err *e)
{
    struct drawing *d = user;
    bool lacks[PREDICT_OTHERS];
    if (d->overlays) TRY(overlay(d, p, e));
    return write_forms(d, p, lacks, e);
}

static att_status case_lacks(
    void *user, const char *name, bool lacks[PREDICT_OTHERS], struct err *e)
{
    struct drawing *d = user;
    const struct predicted p = {.name = name, .labels = &d->model->labels};
    return write_forms(d, &p, lacks, e);
}

/* Fails after all masks are written. */
static att_status check_forms(const struct drawing *d, const char *folder, struct err *e)
{
    if (!d->masks_only) return ATT_OK;
    if (is_dry_run(d->host))
        return err_data(e, "%d series can have no complete SEG or RTSTRUCT, see above, only masks",
            d->masks_only);
    return err_data(e, "%d series ha%s no complete SEG or RTSTRUCT, see above; all masks are in %s",
        d->masks_only, d->masks_only == 1 ? "s" : "ve", folder);
}

/* Fails after masks and overlays are written. */
static att_status check_truth(const struct drawing *d, const char *folder, struct err *e)
{
    const bool part = team_size(d->host->team) > 1; /* of the images, perhaps those without */
    if (!d->truth || d->found || !d->images || part) return ATT_OK;
    return err_data(e,
        "`truth` %s: no mask there has the name of one of %d image%s, so the overlays in %s "
        "show predictions only",
        d->truth, d->images, TEXT_S(d->images), folder);
}

bool app_predict_owns_post(const struct options *o)
{
    return strcmp(options_text(o, predict, postprocess), "yes") == 0;
}

/* Multiply-adds of an image: 14 to 17 s of two cores with AVX2, 4 to 7 s with AVX-512. */
static const double MIRRORING_MAX = 1e12;

void app_predict_mirror(const struct ensemble *s, struct predict_options *p)
{
    ensemble_usual_axes(s, p->mirror);
    p->work = MIRRORING_MAX;
}

static void say_mirroring(struct host *host, const struct ensemble *s)
{
    int cases;
    const double gain = ensemble_mirror_gain(s, &cases);
    if (cases && !(gain > 0))
        host_say(host, LOG_INFO,
            "predicting without mirror images: in training, averaging over them changed the Dice "
            "of %d case%s by %.4f; `mirror` averages all the same",
            cases, TEXT_S(cases), gain);
}

/* Rank 0 chooses for all ranks, which may measure other speeds. `own`: this rank's status. */
static att_status share_precision(
    struct host *host, att_status own, const char *conv, const char **name, struct err *e)
{
    struct team *team = host->team;
    int32_t bf16 = *name && strcmp(*name, CONV_BF16) == 0;
    if (team_size(team) == 1) return own;
    TRY(team_meet_all(team, host, own, 0, e));
    team->met = false; /* a rank may fail later, too */
    TRY(team_share(team, &bf16, sizeof bf16, e));
    *name = bf16 ? CONV_BF16 : conv;
    return ATT_OK;
}

const char *app_predict_precision(struct host *host, const struct ensemble *s)
{
    const struct kernels *k = host->kernels;
    if (!ensemble_in_bf16(s)) return "f32";
    const bool bf16 = kernels_has_conv(k, CONV_BF16) && kernels_has_matrix(k);
    host_say(host, LOG_INFO,
        bf16 ? "predicting in bf16, as the model was trained; `precision` f32 predicts in f32"
             : "predicting in f32; the model was trained in bf16, but without a matrix unit (AMX) "
               "bf16 is slower; `precision` bf16 takes it all the same");
    return bf16 ? "bf16" : "f32";
}

static att_status choose_precision(const struct options *o, struct host *host,
    const struct ensemble *s, struct predict_options *p, struct err *e)
{
    const struct model *m = s->models;
    const char *precision = options_text(o, predict, precision),
               *conv = options_choice(o, predict, conv);
    if (!precision) precision = conv ? "f32" : app_predict_precision(host, s);
    struct speed_case c = {.spec = &m->spec, .facts = &m->facts, .predicts = true};
    memcpy(c.patch, m->prep.patch, sizeof c.patch);
    if (!c.patch[2]) arch_default_patch(c.facts, c.patch);
    if (strcmp(precision, "auto") == 0 && p->conv) precision = p->conv;
    const att_status status = speed_precision(&c, host, precision, conv, &p->conv, e);
    return share_precision(host, status, conv, &p->conv, e);
}

att_status app_predict_options(const struct options *o, struct host *host, const struct ensemble *s,
    struct predict_options *p, struct err *e)
{
    int dims = 2;
    for (int i = 0; i < s->count; i++) dims = s->models[i].facts.dims == 3 ? 3 : dims;
    TRY(options_size3(
        o, predict, window, &(struct size_rule){dims, "the model is", 1}, p->window, e));
    p->overlap = options_real(o, predict, overlap);
    p->has_overlap = options_is_set(o, predict, overlap);
    TRY(choose_precision(o, host, s, p, e));
    p->max_memory = options_bytes(o, predict, max_memory);
    p->has_tiles = options_is_set(o, predict, tiles);
    p->tiles = (int)options_int(o, predict, tiles);
    p->has_cost = options_is_set(o, predict, cost);
    p->cost = options_real(o, predict, cost);
    p->share = options_real(o, predict, share);
    const char *post = options_text(o, predict, postprocess);
    p->post = app_predict_owns_post(o) ? s->post : (struct postprocess){0};
    if (!app_predict_owns_post(o) && strcmp(post, "no") != 0)
        TRY(postprocess_read(post, &s->models->labels, &p->post, e));
    if (!options_is_set(o, predict, mirror)) {
        app_predict_mirror(s, p);
        say_mirroring(host, s);
    }
    return options_bool(o, predict, mirror) ? ensemble_mirror_axes(s, p->mirror, e) : ATT_OK;
}

void app_predict_warn_post(struct host *host, const struct ensemble *s)
{
    if (s->post_stale)
        host_warn(host, WARN_POSTPROCESSING_SKIPPED,
            "the run's postprocess.json is older than the last training of its folds, so "
            "post-processing is off; run attunet resume to choose it again");
    if (s->post_differs)
        host_warn(host, WARN_POSTPROCESSING_SKIPPED,
            "the models have different post-processing, so it is off");
}

static att_status choose_files(const struct options *o, const struct ensemble *s,
    const struct series_list *series, struct drawing *d, struct predict_job *j, struct err *e)
{
    const bool seg = options_bool(o, predict, dicom_seg),
               contours = options_bool(o, predict, rtstruct);
    if (seg || contours)
        TRY(series_only(series, &s->models->labels,
            seg ? OPTION_NAME(predict, dicom_seg) : OPTION_NAME(predict, rtstruct), e));
    else if (d->codes)
        return err_usage(e, "`codes` needs `dicom-seg`; add it");
    d->series = series;
    d->model = s->models;
    d->forms[SERIES_SEG] = seg;
    d->forms[SERIES_FRACTIONAL] = seg && options_bool(o, predict, probabilities);
    d->forms[SERIES_RTSTRUCT] = contours;
    if (seg || contours) TRY(series_check(series, &s->models->labels, d->codes, j->host, e));
    for (int f = 0; f < SERIES_FORMS; f++) {
        if (!d->forms[f]) continue;
        TRY(series_keep(series, j->folder, series_endings[f], j->host, e));
        d->others[j->nothers++] = series_endings[f];
    }
    if (d->overlays) d->others[j->nothers++] = "_overlay.png";
    j->others = d->others;
    j->lacks = case_lacks;
    if (j->nothers) j->more = after_case;
    j->user = d;
    return ATT_OK;
}

static att_status run_models(struct app_call *call, const struct ensemble *s,
    const struct series_list *series, struct predict_job *j)
{
    const struct options *o = call->o;
    struct err *e = call->e;
    TRY(app_predict_options(o, call->host, s, &j->options, e));
    int dims;
    TRY(voxel_size_read(o, j->voxel, e));
    j->voxel_of_planes = voxel_size_is_of_planes(o);
    TRY(spec_int(&s->models->spec, "dims", 2, 2, 3, &dims, e));
    if (dims == 3) TRY(voxel_size_of_volumes(o, "what the model segments", e));
    memcpy(j->axes, s->models->prep.axes, sizeof j->axes);
    TRY(orientation_read(options_text(o, predict, orientation), j->axes, e));
    j->options.as_is = cases_distrust(call->host, s->models, j->voxel);
    j->models = s->models;
    j->nmodels = s->count;
    j->host = call->host;
    j->options.attention = options_bool(o, predict, attention);
    j->probabilities = options_bool(o, predict, probabilities);
    const char *unsure = options_choice(o, predict, uncertainty);
    j->uncertainty = strcmp(unsure, "no") != 0;
    j->options.variance = strcmp(unsure, "variance") == 0;
    if (j->options.variance) j->options.work = 0; /* it is of the mirror images */
    const char *truth = options_text(o, predict, truth);
    if (truth && !options_bool(o, predict, overlay))
        return err_usage(e, "`truth` needs `overlay`; add it");
    if (truth && !file_is_folder(truth))
        return err_set(e, ATT_IO, "`truth` %s does not exist; check the path", truth);
    struct drawing drawing = {.truth = truth,
        .overlays = options_bool(o, predict, overlay),
        .codes = options_text(o, predict, codes),
        .host = call->host};
    TRY(choose_files(o, s, series, &drawing, j, e));
    if (app_predict_owns_post(o)) app_predict_warn_post(call->host, s);
    if (s->gap)
        host_warn(call->host, WARN_FOLD_MISSING,
            "there is no " RUN_FOLD "%d among the folds; the others predict without it",
            s->gap - 1);
    struct file_id *learnt;
    json_t *names;
    att_status status = cases_learnt(s, j, series, &learnt, &j->nlearnt, &names, e);
    j->learnt = learnt;
    j->learnt_names = names;
    if (status == ATT_OK) status = predict_files(j, &call->result, e);
    mem_free(learnt);
    json_decref(names);
    TRY(status);
    TRY(check_forms(&drawing, j->folder, e));
    return check_truth(&drawing, j->folder, e);
}

/* How the images of folders are named: by the settings, or as those of the training; images NULL:
 * neither says it. */
static att_status predict_names(const struct options *o, const struct ensemble *s,
    const json_t *settings, struct dataset_patterns *p, struct err *e)
{
    TRY(patterns_read(o, true, p, e));
    for (int i = 0; i < s->count && !p->images; i++) *p = patterns_of(s->models[i].history);
    p->home = json_str(settings, "dataset_path");
    return ATT_OK;
}

/* The resolved folder of a path; *name: its last part. */
static bool real_folder(const char *path, char folder[PATH_MAX], const char **name)
{
    if (!realpath(path, folder)) return false;
    for (int cuts = file_is_folder(path) ? 1 : 2; cuts > 0; cuts--) {
        char *slash = strrchr(folder, '/');
        if (!slash) return false;
        *slash = 0;
        *name = slash + 1;
    }
    return true;
}

static bool is_empty(const char *folder)
{
    struct file_list l = {0};
    struct err unread = {0};
    const bool empty = file_list(folder, &l, &unread) == ATT_OK && l.count == 0;
    file_list_free(&l);
    return empty;
}

/* True masks beside the images would be overwritten. A folder "masks" counts as such if the pair
 * could be a data set; otherwise it may be an earlier prediction. */
static att_status spare_labels(const struct predict_job *j, struct err *e)
{
    static const char *const labels[] = {"labels", "labelsTr", "labelsTs", NULL},
                             *const images[] = {"images", "imagesTr", NULL};
    char out[PATH_MAX], in[PATH_MAX];
    const char *out_name, *in_name;
    if (!real_folder(j->folder, out, &out_name) || is_empty(j->folder)) return ATT_OK;
    const bool sure = text_index(labels, out_name) >= 0,
               masks = strcmp(out_name, "masks") == 0 && !file_has(out, labels[0]);
    for (int i = 0; i < j->count && (sure || masks); i++) {
        if (!real_folder(j->inputs[i], in, &in_name) || strcmp(in, out) != 0) continue;
        if (sure)
            return err_usage(e,
                "%s is beside the images, so it holds their labels, which masks would replace; "
                "choose another folder",
                j->folder);
        if (text_index(images, in_name) >= 0)
            return err_usage(e,
                "%s is beside %s, where a data set has its labels, which masks would replace; "
                "choose another folder, or remove this one if it is an earlier prediction",
                j->folder, in_name);
    }
    return ATT_OK;
}

static att_status predict_check_folder(const char *folder, struct err *e)
{
    size_t ending;
    if (file_is_folder(folder) || !format_by_name(folder, &ending)) return ATT_OK;
    return err_usage(e, "the output must be a folder, but %s looks like an image file", folder);
}

struct prediction_call {
    const char *model;
    struct predict_job *job;
};

static att_status run_predict(struct app_call *call, const void *arg)
{
    const struct prediction_call *p = arg;
    struct predict_job *j = p->job;
    const char *model = p->model;
    TRY(predict_check_folder(j->folder, call->e));
    TRY(spare_labels(j, call->e));
    struct ensemble s;
    TRY(ensemble_load(&model, 1, &s, call->e));
    call->partial = true;
    char modality[SERIES_MODALITIES];
    const struct dicom_choice choice = {.select = options_text(call->o, predict, select),
        .allow_gaps = options_bool(call->o, predict, allow_gaps),
        .modality = series_modality(s.models, modality),
        .channels = s.models->prep.channels > 1};
    struct series_list series;
    att_status status = series_open(j->inputs, j->count, &choice, call->host, &series, call->e);
    if (status == ATT_OK) {
        j->fetch = series_fetch;
        j->drop = series_drop;
        j->fetcher = &series;
        j->inputs = series.path;
        j->count = series.count;
        json_t *settings = runfolder_settings_of(s.paths[0]);
        struct dataset_patterns names;
        status = predict_names(call->o, &s, settings, &names, call->e);
        if (names.images) j->names = &names;
        if (status == ATT_OK) status = run_models(call, &s, &series, j);
        j->names = NULL;
        json_decref(settings);
        status = series_close(&series, status, call->e);
    }
    ensemble_free(&s);
    return status;
}

att_status app_predict(struct app_call *call, const char *model, struct predict_job *j)
{
    const struct prediction_call p = {model, j};
    return app_team_divide(call, options_text(call->o, predict, ranks), j->folder, run_predict, &p);
}
