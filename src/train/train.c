/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and resuming a run of one network; called by start.c. */
#include "train/loop.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json_file.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/rehearsal.h"
#include "dataset/apart.h"
#include "dataset/orientation.h"
#include "dataset/voxel_size.h"
#include "image/signature.h"
#include "model/run_files.h"
#include "plan/class_prior.h"
#include "plan/init.h"
#include "train/cases.h"
#include "train/checkpoint.h"
#include "train/duration.h"
#include "train/freeze.h"
#include "train/hard_folder.h"
#include "train/loading.h"
#include "train/packed.h"
#include "train/run_record.h"
#include "train/run_rehearsal.h"
#include "train/runfolder.h"
#include "train/runlock.h"
#include "train/runlog.h"
#include "train/sharing.h"

static att_status check_cases(const struct dataset *d, const int *list, int count, const char *what, struct err *e)
{
    for (int i = 0; i < count; i++) {
        const struct data_case *c = &d->cases[list[i]];
        if (!c->label) return err_set(e, ATT_DATA, "case %s has no label to %s on", c->id, what);
        json_t *name = json_string(c->id); /* checkpoints name the cases in JSON */
        if (!name) return err_set(e, ATT_DATA, "the name of case %s is not UTF-8; give its files another name", c->id);
        json_decref(name);
    }
    return ATT_OK;
}

/* The files of a packed set may have been swept away until reading it is shared, so it is opened again. */
static att_status open_data(struct training *t, const char *path, struct err *e)
{
    TRY(dataset_open(path, &t->data, t->c->known ? NULL : t->c->log, e));
    if (!t->data.pack || t->data.pack->making || rehearsing(t->c->log)) return ATT_OK;
    runlock_share(t->data.pack->folder, &t->readers);
    t->reads = true;
    dataset_free(&t->data);
    return dataset_open(path, &t->data, NULL, e);
}

static att_status decide(struct training *t, const struct recipe_sources *from, struct err *e)
{
    struct preparation prep;
    struct spec spec;
    TRY(recipe_decide(from, &t->recipe, e));
    TRY(cases_preparation(from, &t->recipe, &prep, e));
    TRY(spec_parse(&spec, t->recipe.spec, e));
    TRY(model_create(&spec, &prep, &t->data.labels, t->recipe.seed, &t->model, e));
    TRY(class_prior_set(&t->model, from->f, e));
    if (from->init) init_weights(from->init, t->recipe.init, &t->model, t->c->log);
    TRY(freeze_apply(t->recipe.freeze, &t->model, e)); /* now, so that a wrong name is found before the cases are loaded */
    if (from->init || !*t->recipe.freeze) return ATT_OK;
    return err_set(e, ATT_USAGE,
                   "--freeze %s would keep random weights as they are: give weights worth keeping with --init, or leave it out",
                   t->recipe.freeze);
}

/* What no case shows cannot be learnt. */
static att_status check_classes(const struct training *t, const struct fingerprint *f, struct err *e)
{
    if (f->count == f->empty)
        return err_set(e, ATT_DATA, "%s: the labels of the cases that train (%d) hold nothing but background; mark what is to be found",
                       t->data.root, f->count);
    for (int c = 1; c < f->classes; c++) {
        if (!f->class[c].cases) log_say(t->c->log, LOG_WARN, "no case that trains has the class %s: it cannot be learnt", f->class_name[c]);
        if (f->class[c].cases == 1 && f->count >= CLASS_LONELY_LEAST)
            log_say(t->c->log, LOG_WARN,
                    "one case alone of the %d that train has the class %s: if it is a slip, 'attunet info %s' names its label", f->count,
                    f->class_name[c], t->data.path);
    }
    return ATT_OK;
}

/* Whether images that train are compared with those that validate. */
static bool compares(const struct training *t) { return !t->c->split && apart_possible(&t->data, &t->split); }

/* The fingerprint of the cases that train, and a warning of what they have in common with those that validate. */
static att_status look_at_cases(const struct training *t, struct fingerprint *f, struct err *e)
{
    const struct dataset *d = &t->data;
    const struct split *s = &t->split;
    const size_t numbers = (size_t)s->ntrain * (size_t)signature_length(d->dims == 2);
    const bool compare = compares(t);
    float *signatures = compare ? mem_array(numbers, sizeof *signatures) : NULL;
    if (compare && !signatures) return err_memory(e, numbers * sizeof *signatures, "the signatures of images");
    att_status status = fingerprint_take(d, s->train, s->ntrain, t->c->pool, t->c->log, f, signatures, e);
    if (status == ATT_OK && compare) {
        status = apart_tell(d, s, signatures, t->c->pool, t->c->log, e);
        if (status != ATT_OK) fingerprint_free(f);
    }
    mem_free(signatures);
    return status;
}

static att_status look_and_decide(struct training *t, const struct recipe_sources *with, double limit, json_t **fingerprint, struct err *e)
{
    struct fingerprint f;
    struct recipe_sources from = *with;
    TRY(loading_look(&t->data, t->split.train, t->split.ntrain, limit, &t->loading, e));
    if (compares(t)) TRY(loading_look(&t->data, t->split.val, t->split.nval, limit, &t->loading, e));
    TRY(look_at_cases(t, &f, e));
    from.f = &f;
    att_status status = check_classes(t, &f, e);
    if (status == ATT_OK) status = decide(t, &from, e);
    if (status == ATT_OK && f.dims == 2 && t->model.facts.dims == 3 && !t->c->known)
        log_say(t->c->log, LOG_WARN, "every image has one slice, and the network is 3D: dims=2 costs less and learns the same from them");
    if (status == ATT_OK && fingerprint && !(*fingerprint = fingerprint_to_json(&f))) status = err_memory(e, sizeof f, "the fingerprint");
    t->looked = f.cases;
    f.cases = NULL;
    fingerprint_free(&f);
    return status;
}

/* A model to begin with knows the axes that it has learnt from, or that headers were not believed. */
static att_status orient(struct training *t, const struct recipe_sources *from, struct err *e)
{
    const char *given = options_text(from->o, "orientation"), *known = from->init ? from->init->prep.axes : NULL;
    if (t->data.pack && !t->data.pack->making) return packed_axes(&t->data, given, known, e);
    if (!given && from->init) {
        const char *told = json_string_value(json_object_get(json_object_get(from->init->history, "settings"), "orientation"));
        if (told && strcmp(told, "none") == 0) given = "none";
    }
    return orientation_choose(given, known, &t->data, t->c->known ? NULL : t->c->log, e);
}

static att_status decide_on(struct training *t, const struct options *o, json_t **fingerprint, json_t *why, struct err *e)
{
    struct recipe_sources from = {.o = o, .d = &t->data, .why = why};
    struct preparation prep;
    struct model init;
    const char *path = options_text(o, "init");
    const double limit = options_bytes(o, "max-memory");
    const bool packed = t->data.pack && !t->data.pack->making;
    t->data.sparing = limit > 0;
    TRY(voxel_size_use(o, &t->data, e));
    TRY(sharing_choose(o, t->c, &t->data, &t->split, e));
    if (!t->split.ntrain) return err_set(e, ATT_DATA, "%s has no case to train on", t->data.root);
    TRY(check_cases(&t->data, t->split.train, t->split.ntrain, "train", e));
    TRY(check_cases(&t->data, t->split.val, t->split.nval, "validate", e));
    if (packed && !path) {
        TRY(packed_preparation(&t->data, &prep, e));
        from.prep = &prep;
        from.grid = t->data.pack->grid;
    }
    if (path) {
        TRY(init_load(path, &t->data, &init, e));
        from.init = &init;
    }
    att_status status = orient(t, &from, e);
    if (status == ATT_OK) status = look_and_decide(t, &from, limit, fingerprint, e);
    if (path) model_free(&init);
    return status;
}

att_status training_decide_on(struct training *t, const struct options *o, json_t **fingerprint, json_t *why, struct err *e)
{
    att_status status = decide_on(t, o, fingerprint, why, e);
    if (status == ATT_USAGE) options_blame(o, e);
    return status;
}

/* " VALUE" of a setting; nothing where it is long: the network's text stands in a line of its own. */
static void value_word(const json_t *value, char *word, size_t size)
{
    enum { LONG = 40 };
    const char *text = json_string_value(value);
    *word = 0;
    if (text && strlen(text) <= LONG) snprintf(word, size, " %s", text);
    if (json_is_boolean(value)) snprintf(word, size, " %s", json_is_true(value) ? "yes" : "no");
    if (json_is_number(value)) number_write(word, size, " %g", json_number_value(value));
}

att_status training_decide(struct training *t, const char *dataset, const struct options *o, json_t **fingerprint, json_t *why,
                           struct err *e)
{
    TRY(open_data(t, dataset, e));
    return training_decide_on(t, o, fingerprint, why, e);
}

/* What was decided, and why, in a few lines. */
static void tell(const struct training *t, const json_t *why)
{
    const struct recipe *r = &t->recipe;
    const char *key;
    char word[64], size[64], sides[SHARING_WORDS];
    json_t *reason, *j = recipe_to_json(r);
    const json_t *settings = json_object_get(j, "settings");
    value_word(json_object_get(settings, "patch"), size, sizeof size);
    if (!t->split.nval)
        log_say(t->c->log, LOG_INFO, "no case validates, so that there will be no score: --fold 0 or --holdout 0.2 keeps some back");
    log_say(t->c->log, LOG_INFO, "%s; network %s; patch%s, batch %d", sharing_words(&t->split, sides), r->spec, size, r->batch);
    json_object_foreach((json_t *)(uintptr_t)why, key, reason)
    {
        if (t->c->brief) break;
        value_word(json_object_get(settings, key), word, sizeof word);
        log_say(t->c->log, LOG_INFO, "%s%s: %s", key, word, json_string_value(reason));
    }
    json_decref(j);
}

json_t *training_settings(const struct training *t)
{
    json_t *all = training_to_json(t), *settings = json_incref(json_object_get(all, "recipe"));
    json_object_set(settings, "train", json_object_get(all, "train"));
    json_object_set(settings, "val", json_object_get(all, "val"));
    json_decref(all);
    return settings;
}

att_status training_write_settings(const struct training *t, struct err *e)
{
    json_t *settings = training_settings(t);
    char *path = file_join(t->run, RUN_SETTINGS);
    att_status status =
        path ? json_file_write_as(path, settings, JSON_INDENT(1) | JSON_REAL_PRECISION(15), e) : err_memory(e, 4096, "a file name");
    json_decref(settings);
    mem_free(path);
    return status;
}

/* Everything that can be wrong is found before the folder exists. */
static att_status get_ready(struct training *t, const char *dataset, const struct options *o, struct err *e)
{
    TRY(runfolder_check(t->run, rehearsing(t->c->log), e));
    json_t *why = json_object();
    att_status status = training_decide(t, dataset, o, NULL, why, e);
    if (status == ATT_OK) tell(t, why);
    json_decref(why);
    TRY(status);
    t->timed = !t->recipe.steps;
    TRY(training_prepare(t, e));
    if (t->timed && !rehearsing(t->c->log)) return duration_measure(t, t->recipe.seconds, e);
    return ATT_OK;
}

/* For duration_fit. */
static att_status time_save(struct training *t, struct err *e)
{
    static const double model = .25; /* a model is a quarter of a checkpoint with two moments and an average */
    double begin = log_clock();
    TRY(training_save(t, e));
    t->duration.save = (log_clock() - begin) * (1 + model);
    return ATT_OK;
}

static void fit_time(struct training *t, double seconds, bool choose)
{
    static const double notable = .1, aside = .75; /* shares of the time */
    const double gone = log_clock() - t->began;
    char ready[96] = "";
    duration_fit(t, seconds, choose);
    if (gone > notable * seconds) snprintf(ready, sizeof ready, ", of which getting ready has taken %.1f s", gone);
    log_say(t->c->log, LOG_INFO, "a step takes %.3f s: %lld steps fit into %.0f s%s", t->duration.step,
            (long long)(t->recipe.steps - t->step), seconds, ready);
    if (gone > aside * seconds)
        log_say(t->c->log, LOG_WARN, "getting ready has taken %.1f of the %.0f s that --time gives to all of it: raise it, or give --steps",
                gone, seconds);
}

static att_status start(struct training *t, const char *dataset, const struct options *o, int *lock, struct err *e)
{
    att_status status = get_ready(t, dataset, o, e);
    if (status == ATT_INTERRUPTED) {
        err_clear(e);
        return err_set(e, status, "stopped before the first step; nothing was written");
    }
    TRY(status);
    if (rehearsing(t->c->log)) {
        run_rehearse(t, NULL);
        return ATT_OK;
    }
    TRY(file_make_folders(t->run, e));
    TRY(runlock_take(t->run, "trains in", lock, e));
    TRY(runfolder_check(t->run, false, e)); /* again: another training may have been faster */
    if (!t->recipe.steps) {
        bool choose = t->recipe.validate_every < 0;
        duration_fit(t, t->recipe.seconds, choose); /* a checkpoint is of a run whose length is known */
        const struct recipe open = t->recipe;
        recipe_settle(&t->recipe);
        TRY(time_save(t, e));
        t->recipe = open;
        fit_time(t, t->recipe.seconds, choose);
    }
    recipe_settle(&t->recipe);
    TRY(training_save(t, e)); /* first, so that from its first file on a run can be resumed */
    TRY(training_write_settings(t, e));
    TRY(runlog_begin(t->run, &t->model.labels, 0, e));
    char *command = record_train_command(dataset, t->run, o);
    status = record_begin(t, command, e);
    mem_free(command);
    TRY(status);
    return training_loop(t, e);
}

att_status training_start(const struct train_context *c, const char *dataset, const char *run, const struct options *o, struct err *e)
{
    struct training t;
    memset(&t, 0, sizeof t);
    t.c = c;
    t.run = run;
    t.began = log_clock();
    int lock = -1;
    att_status status = start(&t, dataset, o, &lock, e);
    training_free(&t);
    runlock_drop(lock);
    return status;
}

/* ---- going on */

static att_status find_cases(const struct dataset *d, const json_t *ids, int **list, int *count, struct err *e)
{
    *count = (int)json_array_size(ids);
    *list = mem_array((size_t)*count + 1, sizeof **list);
    if (!*list) return err_memory(e, (size_t)*count * sizeof **list, "the split");
    for (int i = 0; i < *count; i++) {
        const char *id = json_string_value(json_array_get(ids, (size_t)i));
        (*list)[i] = id ? dataset_find(d, id) : -1;
        if ((*list)[i] < 0) return err_set(e, ATT_DATA, "%s no longer has case %s, on which this run was started", d->root, id ? id : "?");
    }
    return ATT_OK;
}

/* Other labels would change what the network's channels stand for. */
static att_status check_labels(const struct dataset *d, const struct model *m, struct err *e)
{
    json_t *now = labelling_to_json(&d->labels), *before = labelling_to_json(&m->labels);
    bool known = now && before, same = json_equal(now, before);
    json_decref(now);
    json_decref(before);
    if (!known) return err_memory(e, sizeof *d, "the labels");
    if (same && d->channels == m->prep.channels) return ATT_OK;
    return err_set(e, ATT_DATA, "%s no longer has the %s with which this run was started", d->root, same ? "image channels" : "labels");
}

att_status training_read(struct training *t, const json_t *state, const char *data, struct err *e)
{
    TRY(recipe_from_json(json_object_get(state, "recipe"), &t->recipe, e));
    t->step = json_integer_value(json_object_get(state, "step"));
    t->seconds = json_number_value(json_object_get(state, "seconds"));
    t->loss_sum = json_number_value(json_object_get(state, "loss_sum"));
    t->norm_sum = json_number_value(json_object_get(state, "norm_sum"));
    t->sampling = json_number_value(json_object_get(state, "sampling"));
    t->stepping = json_number_value(json_object_get(state, "stepping"));
    t->rows_since = (int)json_integer_value(json_object_get(state, "rows_since"));
    t->diverged = (int)json_integer_value(json_object_get(state, "diverged"));
    t->finished = json_is_true(json_object_get(state, "finished"));
    const json_t *leg = json_object_get(state, "leg");
    t->leg.after = json_integer_value(json_object_get(leg, "after"));
    t->leg.rise = json_integer_value(json_object_get(leg, "rise"));
    t->leg.rate = json_number_value(json_object_get(leg, "rate"));
    if (t->step < 0 || t->recipe.steps < 1) return err_set(e, ATT_MODEL, "the checkpoint's training state is damaged");
    if (data) TRY(recipe_set_dataset(data, &t->recipe, e));
    if (!data && !file_exists(t->recipe.dataset_path)) return runfolder_lost(t->recipe.dataset_path, "resume", t->run, e);
    TRY(open_data(t, t->recipe.dataset_path, e));
    for (int i = 0; i < 3; i++) t->data.voxel[i] = (float)t->recipe.voxel[i];
    if (orient_is_name(t->recipe.orientation)) memcpy(t->data.axes, t->recipe.orientation, sizeof t->data.axes);
    t->data.sparing = t->recipe.max_memory > 0;
    TRY(check_labels(&t->data, &t->model, e));
    TRY(find_cases(&t->data, json_object_get(state, "train"), &t->split.train, &t->split.ntrain, e));
    TRY(find_cases(&t->data, json_object_get(state, "val"), &t->split.val, &t->split.nval, e));
    if (!t->split.ntrain) return err_set(e, ATT_MODEL, "the checkpoint names no case to train on");
    TRY(check_cases(&t->data, t->split.train, t->split.ntrain, "train", e));
    return check_cases(&t->data, t->split.val, t->split.nval, "validate", e);
}

/* A new length, to which the learning rate goes over without a jump. */
static att_status extend(struct training *t, const struct train_more *more, struct err *e)
{
    struct recipe *r = &t->recipe;
    const int64_t steps = r->steps;
    if (more->seconds > 0) {
        TRY(time_save(t, e));
        fit_time(t, more->seconds, false);
        r->seconds = more->seconds;
    } else {
        r->steps += more->steps;
    }
    t->leg = schedule_extend(r->schedule, r->lr, t->step, steps, r->steps, r->warmup, &t->leg);
    t->finished = false;
    return training_save(t, e);
}

static att_status go_on(struct training *t, const json_t *state, const char *path, const struct train_more *more, struct err *e)
{
    bool longer = more->steps > 0 || more->seconds > 0;
    TRY(training_read(t, state, more->data, e));
    if (more->max_memory > 0) t->recipe.max_memory = more->max_memory, t->data.sparing = true;
    if (!longer && t->step >= t->recipe.steps && t->finished) {
        log_say(t->c->log, LOG_INFO, "this run is finished at step %lld; --steps +N or --time TIME trains on", (long long)t->step);
        return more->data && !rehearsing(t->c->log) ? runfolder_moved(t->run, more->data, e) : ATT_OK;
    }
    if (!t->c->known) hardrun_warn_of_part(t->c, t->run);
    t->timed = more->seconds > 0 || t->c->deadline > 0;
    TRY(training_prepare(t, e));
    if (rehearsing(t->c->log)) {
        run_rehearse(t, more);
        return ATT_OK;
    }
    if (t->timed) TRY(duration_measure(t, more->seconds > 0 ? more->seconds : t->c->deadline - t->began, e));
    TRY(checkpoint_moments(path, &t->model, &t->optimiser, &t->average, e));
    if (longer) TRY(extend(t, more, e));
    TRY(training_write_settings(t, e));
    TRY(runlog_begin(t->run, &t->model.labels, t->step - (t->rows_since > 0), e)); /* steps that wait for their row have none */
    char *command = record_resume_command(t->run, more);
    att_status status = record_begin(t, command, e);
    mem_free(command);
    TRY(status);
    log_say(t->c->log, LOG_INFO, "going on at step %lld of %lld", (long long)t->step, (long long)t->recipe.steps);
    return training_loop(t, e);
}

att_status training_resume(const struct train_context *c, const char *run, const struct train_more *more, struct err *e)
{
    struct training t;
    memset(&t, 0, sizeof t);
    t.c = c;
    t.run = run;
    t.began = log_clock();
    json_t *state = NULL;
    char *path = NULL;
    bool fallback = false;
    int lock = -1;
    const bool dry = rehearsing(c->log);
    att_status status = !checkpoint_exists(run) ? ATT_OK
                        : dry                   ? runlock_look(run, "trains in", e)
                                                : runlock_take(run, "trains in", &lock, e);
    if (status == ATT_OK) status = checkpoint_open(run, dry, &t.model, &state, &path, &fallback, e);
    if (status == ATT_OK && !dry) runfolder_sweep(run); /* it is a run */
    if (status == ATT_OK && fallback) log_say(c->log, LOG_WARN, "the newest checkpoint is damaged; going on from %s", path);
    t.fallback = fallback;
    if (status == ATT_OK) status = go_on(&t, state, path, more, e);
    json_decref(state);
    mem_free(path);
    training_free(&t);
    runlock_drop(lock);
    return status;
}
