/* SPDX-License-Identifier: Apache-2.0 */
/* Called by train_run.c, and by what plans, packs and previews. */
#include "train/train_decide.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/leakage.h"
#include "dataset/orientation.h"
#include "dataset/voxel_size.h"
#include "files/dry_run.h"
#include "files/file.h"
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

/* The files of a packed set may have been swept away until reading it is shared, so it is opened
 * again. */
att_status training_open(struct training *t, const char *path, struct err *e)
{
    TRY(dataset_open(path, &t->data, (t->c->quiet & QUIET_DATA) ? NULL : t->c->host, e));
    if (!t->data.pack || t->data.pack->making || is_dry_run(t->c->host)) return ATT_OK;
    runlock_share(t->data.pack->folder, &t->pack_lock);
    t->shares_pack = true;
    dataset_free(&t->data);
    return dataset_open(path, &t->data, NULL, e);
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
    TRY(freeze_apply(t->recipe.freeze, &t->model,
        e)); /* now, so that a wrong name is found before the cases are loaded */
    if (from->init || !*t->recipe.freeze) return ATT_OK;
    return err_set(e, ATT_USAGE,
        "`freeze` %s would keep random weights as they are: give weights worth keeping with "
        "`init`, or leave it out",
        t->recipe.freeze);
}

/* What no case shows cannot be learnt. */
static att_status train_decide_check_classes(
    const struct training *t, const struct fingerprint *f, struct err *e)
{
    if (f->count == f->empty)
        return err_set(e, ATT_DATA,
            "%s: the labels of the cases that train (%d) hold nothing but background; mark what "
            "is to be found",
            t->data.root, f->count);
    for (int c = 1; c < f->classes; c++) {
        if (!f->class[c].cases)
            host_warn(t->c->host, WARN_CLASS_MISSING,
                "no case that trains has the class %s: it cannot be learnt", f->class_name[c]);
        if (f->class[c].cases == 1 && f->count >= CLASS_RARE_MIN_CASES)
            host_warn(t->c->host, WARN_CLASS_RARE,
                "one case alone of the %d that train has the class %s: if it is a slip, "
                "'attunet info %s' names its label",
                f->count, f->class_name[c], t->data.path);
    }
    return ATT_OK;
}

/* Whether images that train are compared with those that validate. */
static bool compares(const struct training *t)
{
    return !(t->c->quiet & QUIET_SPLIT) && leakage_possible(&t->data, &t->split);
}

/* The fingerprint of the cases that train, and a warning of what they have in common with those
 * that validate. */
static att_status look_at_cases(const struct training *t, struct fingerprint *f, struct err *e)
{
    const struct dataset *d = &t->data;
    const struct split *s = &t->split;
    const size_t numbers = (size_t)s->ntrain * (size_t)signature_length(d->dims == 2);
    const bool compare = compares(t);
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

/* Of the cases that train, as the network would see them. */
static void warn_of_flattened(const struct training *t, const struct fingerprint *f)
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
        const size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%.70s", used ? ", " : "",
            t->data.cases[t->split.train[i]].id);
    }
    if (!count) return;
    host_warn(t->c->host, WARN_INTENSITIES_TINY,
        "%d of %d case%s (%s%s) %s intensities that differ by so little, below 1e-8, that "
        "normalising leaves next to nothing of them: multiply them in all images, such as by 1e9",
        count, f->count, TEXT_S(f->count), names, count > NAMED ? ", ..." : "",
        count == 1 ? "has" : "have");
}

static att_status look_and_decide(struct training *t, const struct recipe_sources *with,
    double limit, json_t **fingerprint, struct err *e)
{
    struct fingerprint f;
    struct recipe_sources from = *with;
    TRY(case_memory_check_scan(
        &t->data, t->split.train, t->split.ntrain, limit, &t->loading_peak, e));
    if (compares(t))
        TRY(case_memory_check_scan(
            &t->data, t->split.val, t->split.nval, limit, &t->loading_peak, e));
    TRY(look_at_cases(t, &f, e));
    from.f = &f;
    att_status status = train_decide_check_classes(t, &f, e);
    if (status == ATT_OK) status = train_decide_recipe(t, &from, e);
    if (status == ATT_OK && !(t->c->quiet & QUIET_DATA)) warn_of_flattened(t, &f);
    if (status == ATT_OK && t->c->decided) status = t->c->decided(t->c->user, &from, e);
    if (status == ATT_OK && f.dims == 2 && t->model.facts.dims == 3 && !(t->c->quiet & QUIET_DATA))
        host_warn(t->c->host, WARN_SINGLE_SLICE,
            "every image has one slice, and the network is 3D: dims=2 costs less and learns the "
            "same from them");
    if (status == ATT_OK && fingerprint && !(*fingerprint = fingerprint_to_json(&f)))
        status = err_memory(e, sizeof f, "the fingerprint");
    t->found = f.cases;
    f.cases = NULL;
    fingerprint_free(&f);
    return status;
}

/* A model to begin with knows the axes that it has learnt from, or that headers were not believed.
 */
static att_status orient(struct training *t, const struct recipe_sources *from, struct err *e)
{
    const char *wanted = options_text(from->o, train, orientation),
               *trained = from->init ? from->init->prep.axes : NULL;
    if (t->data.pack && !t->data.pack->making) return packed_axes(&t->data, wanted, trained, e);
    if (!wanted && from->init && model_unturned(from->init)) wanted = "none";
    return orientation_choose(
        wanted, trained, &t->data, (t->c->quiet & QUIET_DATA) ? NULL : t->c->host, e);
}

static bool holds(const json_t *names, const char *name)
{
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *one = json_string_value(json_array_get(names, i));
        if (one && strcmp(one, name) == 0) return true;
    }
    return false;
}

/* Of the cases that validate, how many have trained the model to begin with: what they score says
 * nothing of others. */
static void warn_trained_cases(const struct training *t, const char *model)
{
    json_t *settings = runfolder_settings_of(model);
    const char *place = json_str(settings, "dataset_path");
    const json_t *names = json_object_get(settings, "train");
    int count = 0;
    const bool same = place && file_same(t->data.path, place);
    for (int i = 0; same && i < t->split.nval; i++)
        count += holds(names, t->data.cases[t->split.val[i]].id);
    json_decref(settings);
    if (count)
        host_warn(t->c->host, WARN_TRAINED_ON_IMAGE,
            "%d of the %d cases that validate trained the model of `init`, so that what they "
            "score is no test; give the `fold` that it was trained with, or `train-list` and "
            "`val-list`",
            count, t->split.nval);
}

/* What was decided before: on the heap, as runs are. */
struct begun {
    struct preparation prep;
    struct model init;
};

static att_status decide_on(struct training *t, const struct options *o, struct begun *b,
    json_t **fingerprint, json_t *why, struct err *e)
{
    struct recipe_sources from = {.o = o, .d = &t->data, .why = why};
    const char *path = options_text(o, train, init);
    const double limit = options_bytes(o, train, max_memory);
    const bool packed = t->data.pack && !t->data.pack->making;
    t->data.sparing = limit > 0;
    TRY(voxel_size_use(o, &t->data, e));
    TRY(split_options_choose(o, t->c, &t->data, &t->split, e));
    if (!t->split.ntrain) return err_set(e, ATT_DATA, "%s has no case to train on", t->data.root);
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
    TRY(orient(t, &from, e));
    return look_and_decide(t, &from, limit, fingerprint, e);
}

att_status training_decide_on(
    struct training *t, const struct options *o, json_t **fingerprint, json_t *why, struct err *e)
{
    struct begun *b = mem_alloc(sizeof *b);
    att_status status = b ? decide_on(t, o, b, fingerprint, why, e)
                          : err_memory(e, sizeof *b, "a model to begin with");
    if (b) model_free(&b->init);
    mem_free(b);
    if (status == ATT_USAGE) options_blame(o, e);
    return status;
}

att_status training_decide(struct training *t, const char *dataset, const struct options *o,
    json_t **fingerprint, json_t *why, struct err *e)
{
    TRY(training_open(t, dataset, e));
    return training_decide_on(t, o, fingerprint, why, e);
}
