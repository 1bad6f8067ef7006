/* SPDX-License-Identifier: Apache-2.0 */
#include "train/train_decide.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/leakage.h"
#include "dataset/mask_values.h"
#include "dataset/orientation.h"
#include "dataset/patterns.h"
#include "dataset/voxel_size.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "image/objects.h"
#include "image/signature.h"
#include "plan/class_prior.h"
#include "plan/init.h"
#include "train/case_memory.h"
#include "train/cases.h"
#include "train/freeze.h"
#include "train/packed.h"
#include "train/runfolder.h"
#include "train/runlock.h"
#include "train/split_options.h"

/* Opens a packed set again after locking, since attunet pack may remove files before. */
att_status training_open(
    struct training *t, const char *path, const struct dataset_patterns *p, struct err *e)
{
    struct host silent = host_silent(t->c->host);
    struct host *host = (t->c->quiet & QUIET_DATA) ? &silent : t->c->host;
    TRY(dataset_open_patterns(path, p, &t->data, NULL, host, e));
    if (!t->data.pack || t->data.pack->making || is_dry_run(t->c->host)) return ATT_OK;
    runlock_share(t->data.pack->folder, &t->pack_lock);
    t->shares_pack = true;
    dataset_free(&t->data);
    return dataset_open_patterns(path, p, &t->data, NULL, NULL, e);
}

static att_status train_decide_recipe(
    struct training *t, const struct recipe_sources *from, struct err *e)
{
    struct preparation prep;
    struct spec spec;
    TRY(recipe_decide(from, &t->recipe, e));
    TRY(cases_preparation(from, &t->recipe, &prep, e));
    TRY(spec_parse(&spec, t->recipe.spec, e));
    TRY(model_create(&spec, &prep, &t->data.labels, t->recipe.seed, &t->model, e));
    TRY(class_prior_set(&t->model, from->f, e));
    if (from->init) TRY(init_weights(from->init, t->recipe.init, &t->model, t->c->host, e));
    TRY(freeze_apply(
        t->recipe.freeze, &t->model, e)); /* early, to report a wrong name before loading */
    if (from->init || !*t->recipe.freeze) return ATT_OK;
    return err_usage(e,
        "`freeze` %s would keep random weights; give trained ones with `init`, or leave out "
        "`freeze`",
        t->recipe.freeze);
}

static att_status train_decide_check_classes(
    const struct training *t, const struct fingerprint *f, struct err *e)
{
    if (f->count == f->empty)
        return err_data(e,
            "%s: the labels of the %d training case%s contain only background; mark what to find",
            t->data.root, f->count, TEXT_S(f->count));
    for (int c = 1; c < f->classes; c++) {
        if (!f->class[c].cases)
            host_warn(t->c->host, WARN_CLASS_MISSING,
                "no training case has the class %s, so it cannot be learnt", f->class_name[c]);
        if (f->class[c].cases == 1 && f->count >= CLASS_RARE_MIN_CASES)
            host_warn(t->c->host, WARN_CLASS_RARE,
                "only one of the %d training cases has the class %s; to find its label: attunet "
                "info %s",
                f->count, f->class_name[c], TEXT_PATH(t->data.path));
    }
    return ATT_OK;
}

/* True if training and validation images are to be compared. */
static bool compares_split(const struct training *t)
{
    return !(t->c->quiet & QUIET_SPLIT) && leakage_possible(&t->data, &t->split);
}

/* Takes the fingerprint of the training cases; warns of images shared with validation. */
static att_status scan_cases(const struct training *t, struct fingerprint *f, struct err *e)
{
    const struct dataset *d = &t->data;
    const struct split *s = &t->split;
    const size_t numbers = (size_t)s->ntrain * (size_t)signature_length(d->dims == 2);
    const bool compare = compares_split(t);
    float *signatures = compare ? mem_array(numbers, sizeof *signatures) : NULL;
    if (compare && !signatures)
        return err_memory(e, numbers * sizeof *signatures, "the signatures of images");
    att_status status =
        fingerprint_take(d, s->train, s->ntrain, t->c->host->pool, t->c->host, f, signatures, e);
    if (status == ATT_OK && compare) {
        status = leakage_check(d, s, signatures, t->c->host->pool, t->c->host, e);
        if (status != ATT_OK) fingerprint_free(f);
    }
    mem_free(signatures);
    return status;
}

/* Of training cases that normalising makes almost constant. */
static void warn_flattened(const struct training *t, const struct fingerprint *f)
{
    enum { NAMED = 3 };
    const struct preparation *p = &t->model.prep;
    char names[256] = "";
    int count = 0;
    for (int i = 0; i < f->count; i++) {
        bool flattened = false;
        for (int c = 0; c < p->channels; c++)
            flattened |= f->cases[i].flattened[p->normalise[c].scheme] >> c & 1;
        if (!flattened || count++ >= NAMED) continue;
        text_append(names, sizeof names, "%s%.70s", *names ? ", " : "",
            t->data.cases[t->split.train[i]].id);
    }
    if (!count) return;
    host_warn(t->c->host, WARN_INTENSITIES_TINY,
        "%d of %d case%s (%s%s) %s intensities that differ by less than 1e-8, so normalising "
        "leaves almost nothing of them; multiply them in all images, such as by 1e9",
        count, f->count, TEXT_S(f->count), names, count > NAMED ? ", ..." : "",
        count == 1 ? "has" : "have");
}

static att_status scan_and_decide(struct training *t, const struct recipe_sources *sources,
    struct fingerprint *f, double limit, json_t **fingerprint, struct err *e)
{
    struct recipe_sources from = *sources;
    TRY(case_memory_check_scan(
        &t->data, t->split.train, t->split.ntrain, limit, &t->loading_peak, e));
    if (compares_split(t))
        TRY(case_memory_check_scan(
            &t->data, t->split.val, t->split.nval, limit, &t->loading_peak, e));
    TRY(scan_cases(t, f, e));
    from.f = f;
    att_status status = train_decide_check_classes(t, f, e);
    if (status == ATT_OK) status = train_decide_recipe(t, &from, e);
    if (status == ATT_OK && !(t->c->quiet & QUIET_DATA)) warn_flattened(t, f);
    if (status == ATT_OK && t->model.labels.objects)
        t->model.post.smallest[OBJECT_INSIDE] = (int64_t)f->class[OBJECT_INSIDE].low;
    if (status == ATT_OK && t->c->decided) status = t->c->decided(t->c->user, &from, e);
    if (status == ATT_OK && f->dims == 2 && t->model.facts.dims == 3 && !(t->c->quiet & QUIET_DATA))
        host_warn(t->c->host, WARN_SINGLE_SLICE,
            "every image has one slice but the network is 3D; dims=2 learns the same at lower "
            "cost");
    if (status == ATT_OK && fingerprint && !(*fingerprint = fingerprint_to_json(f)))
        status = err_memory(e, sizeof *f, "the fingerprint");
    t->found = f->cases;
    f->cases = NULL;
    fingerprint_free(f);
    return status;
}

/* An initial model sets the axes, or that headers are ignored. */
static att_status choose_axes(struct training *t, const struct recipe_sources *from, struct err *e)
{
    const char *wanted = options_text(from->o, train, orientation),
               *trained = from->init ? from->init->prep.axes : NULL;
    if (t->data.pack && !t->data.pack->making) return packed_axes(&t->data, wanted, trained, e);
    if (!wanted && from->init && model_keeps_axes(from->init)) wanted = "none";
    return orientation_choose(
        wanted, trained, &t->data, (t->c->quiet & QUIET_DATA) ? NULL : t->c->host, e);
}

static void warn_trained_cases(const struct training *t, const char *model)
{
    json_t *settings = runfolder_settings_of(model);
    const char *place = json_str(settings, "dataset_path");
    const json_t *names = json_object_get(settings, "train");
    int count = 0;
    const bool same = place && file_same(t->data.path, place);
    for (int i = 0; i < t->split.nval; i++)
        count += json_lists(names, t->data.cases[t->split.val[i]].id);
    json_decref(settings);
    if (count && same)
        host_warn(t->c->host, WARN_TRAINED_ON_IMAGE,
            "the model of `init` was trained on %d of the %d validation case%s, so their scores do "
            "not measure generalisation; use its `fold`, or `train-list` and `val-list`",
            count, t->split.nval, TEXT_S(t->split.nval));
    else if (count) /* the data set may have moved */
        host_warn(t->c->host, WARN_TRAINED_ON_IMAGE,
            "the model of `init` was trained on cases with the names of %d of the %d validation "
            "case%s; if they are the same images, their scores do not measure generalisation",
            count, t->split.nval, TEXT_S(t->split.nval));
}

/* On the heap, since it is large: of the packed set; of `init`; of the images. */
struct initial {
    struct preparation prep;
    struct model init;
    struct fingerprint found;
};

static att_status decide_on(struct training *t, const struct options *o, struct initial *b,
    json_t **fingerprint, json_t *why, struct err *e)
{
    struct recipe_sources from = {.o = o, .d = &t->data, .host = t->c->host, .why = why};
    const char *path = options_text(o, train, init), *values;
    const double limit = options_bytes(o, train, max_memory);
    const bool packed = t->data.pack && !t->data.pack->making;
    t->data.sparing = limit > 0;
    TRY(mask_values_wanted(o, &values, e));
    TRY(mask_values_choose(values, &t->data, e));
    TRY(voxel_size_use(o, &t->data, e));
    TRY(split_options_choose(o, t->c, &t->data, &t->split, e));
    if (!t->split.ntrain)
        return err_data(e, "%s has no training case; change the split", t->data.root);
    TRY(cases_check(&t->data, t->split.train, t->split.ntrain, "train", e));
    TRY(cases_check(&t->data, t->split.val, t->split.nval, "validate", e));
    if (packed && !path) {
        TRY(packed_preparation(&t->data, &b->prep, e));
        from.prep = &b->prep;
    }
    if (path) {
        TRY(init_load(path, &t->data, &b->init, e));
        from.init = &b->init;
        warn_trained_cases(t, path);
    }
    TRY(choose_axes(t, &from, e));
    return scan_and_decide(t, &from, &b->found, limit, fingerprint, e);
}

att_status training_decide_on(
    struct training *t, const struct options *o, json_t **fingerprint, json_t *why, struct err *e)
{
    struct initial *b;
    TRY(MEM_NEW(b, "the facts of the data", e));
    att_status status = decide_on(t, o, b, fingerprint, why, e);
    model_free(&b->init);
    mem_free(b);
    if (status == ATT_USAGE) options_blame(o, e);
    return status;
}

att_status training_decide(struct training *t, const char *dataset, const struct options *o,
    json_t **fingerprint, json_t *why, struct err *e)
{
    struct dataset_patterns p;
    TRY(patterns_read(o, false, &p, e));
    TRY(training_open(t, dataset, &p, e));
    return training_decide_on(t, o, fingerprint, why, e);
}
