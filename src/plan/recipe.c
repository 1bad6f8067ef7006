/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/recipe.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "base/number.h"
#include "base/text.h"
#include "dataset/layout_found.h"
#include "dataset/mask_values.h"
#include "dataset/memory_set.h"
#include "files/file.h"
#include "plan/planner.h"
#include "plan/planner_sides.h"

bool recipe_batch_fits(const struct recipe *r, int channels)
{
    const int factors[] = {r->patch[0], r->patch[1], r->patch[2], r->batch, channels};
    int64_t n = 1;
    for (int i = 0; i < 5; i++)
        if (__builtin_mul_overflow(n, (int64_t)factors[i], &n)) return false;
    return n <= (int64_t)1 << 31;
}

/* Stores an absolute path, because settings may be used from another folder. */
static att_status recipe_copy_path(
    const char *text, const char *name, char to[RECIPE_PATH], struct err *e)
{
    char full[PATH_MAX];
    if (!text) return ATT_OK;
    if (realpath(text, full)) text = full;
    json_t *word = json_string(text); /* settings are JSON */
    bool good = word && strlen(text) < RECIPE_PATH;
    json_decref(word);
    if (!good)
        return err_usage(e, "the path of `%s` is not UTF-8, or longer than %d bytes; move the file",
            name, RECIPE_PATH - 1);
    memcpy(to, text, strlen(text) + 1);
    return ATT_OK;
}

bool recipe_fold(const char *text, int *fold)
{
    char *end;
    *fold = 0;
    if (strcmp(text, "all") == 0) return true;
    long n = strtol(text, &end, 10);
    *fold = n >= 0 && n <= INT_MAX ? (int)n : -1;
    return end != text && !*end && *fold >= 0;
}

/* Stores how cases were chosen, to repeat the run. */
static att_status decide_cases(const struct options *o, struct recipe *r, struct err *e)
{
    const char *fold = options_text(o, train, fold);
    int k = -1;
    if (fold) recipe_fold(fold, &k);
    r->fold = k;
    const char *folds = options_text(o, train, folds);
    snprintf(r->folds, sizeof r->folds, "%.*s", (int)sizeof r->folds - 1, folds ? folds : "");
    r->holdout = options_real(o, train, holdout);
    r->stratify = options_bool(o, train, stratify);
    TRY(recipe_copy_path(options_text(o, train, train_list), "train-list", r->train_list, e));
    return recipe_copy_path(options_text(o, train, val_list), "val-list", r->val_list, e);
}

static att_status decide_start(const struct options *o, struct recipe *r, struct err *e)
{
    const char *freeze = options_text(o, train, freeze);
    if (freeze && strlen(freeze) >= sizeof r->freeze)
        return err_usage(e, "`freeze` %.40s... is too long", freeze);
    snprintf(r->freeze, sizeof r->freeze, "%s", freeze ? freeze : "");
    return recipe_copy_path(options_text(o, train, init), "init", r->init, e);
}

static att_status class_weights(const char *text, int channels, struct recipe *r, struct err *e)
{
    memset(r->class_weight, 0, sizeof r->class_weight);
    if (!text) return ATT_OK;
    int n = 0;
    for (const char *at = text;; n++) {
        char *end;
        float w = (float)number_read(at, &end);
        if (end == at || !(w > 0) || isinf(w) || n >= channels || n >= LABELLING_MAX ||
            (*end && *end != ','))
            return err_usage(e,
                "`class-weights` %s is not valid; give %d positive number%s%s, one per class (or "
                "region)",
                text, channels, TEXT_S(channels), channels == 1 ? "" : " separated by commas");
        r->class_weight[n] = w;
        if (!*end) break;
        at = end + 1;
    }
    if (n + 1 != channels)
        return err_usage(e,
            "`class-weights` has %d number%s, but the network has %d output channel%s; give one "
            "number per class (or region)",
            n + 1, TEXT_S(n + 1), channels, TEXT_S(channels));
    return objective_check_weights(r->loss, e);
}

static att_status decide_optimiser(const struct options *o, struct recipe *r, struct err *e)
{
    const char *schedule = options_text(o, train, schedule);
    const bool sgd = !strcmp(options_text(o, train, optimiser), "sgd");
    r->optimiser = sgd ? OPTIMISER_SGD : OPTIMISER_ADAMW;
    r->schedule = !strcmp(schedule, "poly") ? SCHEDULE_POLY
        : !strcmp(schedule, "cosine")       ? SCHEDULE_COSINE
                                            : SCHEDULE_CONSTANT;
    r->lr = options_has(o, train, lr) ? options_real(o, train, lr) : sgd ? 1e-2 : 2e-3;
    r->momentum = options_real(o, train, momentum);
    r->decay = options_has(o, train, weight_decay) ? options_real(o, train, weight_decay)
        : sgd                                      ? 3e-5
                                                   : 1e-2;
    r->clip = options_real(o, train, clip);
    r->ema = options_real(o, train, ema);
    r->warmup = options_has(o, train, warmup) ? options_int(o, train, warmup) : -1;
    if (!(r->lr > 0)) return err_usage(e, "`lr` must be above 0");
    return ATT_OK;
}

static att_status decide_time(const struct options *o, struct recipe *r, struct err *e)
{
    static const char *const ways[] = {
        OPTION_NAME(train, time), OPTION_NAME(train, steps), OPTION_NAME(train, epochs)};
    const char *one = NULL;
    for (int i = 0; i < 3; i++) {
        if (!options_read_set(o, ways[i])) continue;
        const char *file = options_read_file(o, ways[i]);
        if (one && file)
            return err_usage(e,
                "%s: \"%s\" and \"%s\" both set the length of the training; set one of them to "
                "null",
                file, one, ways[i]);
        if (one) return err_usage(e, "give one of `time`, `steps` and `epochs`, not several");
        one = ways[i];
    }
    r->seconds = options_has(o, train, time) ? options_seconds(o, train, time) : RECIPE_TIME;
    r->speed = options_has(o, train, speed) ? options_real(o, train, speed) : 0;
    return ATT_OK;
}

/* Needs the batch. */
static att_status decide_memory(const struct options *o, struct recipe *r, struct err *e)
{
    r->max_memory = floor(options_bytes(o, train, max_memory));
    r->micro_batch = options_int(o, train, micro_batch);
    if (!r->micro_batch || r->batch % r->micro_batch == 0) return ATT_OK;
    return err_usage(e, "`micro-batch` %lld does not divide a batch of %d; give a divisor of it",
        (long long)r->micro_batch, r->batch);
}

/* Needs the batch. */
static void decide_length(const struct options *o, const struct fingerprint *f, struct recipe *r)
{
    r->steps = options_is_set(o, train, steps) ? options_int(o, train, steps) : 0;
    if (options_is_set(o, train, epochs))
        r->steps = options_int(o, train, epochs) * divide_up(f->count, r->batch);
    if (r->steps) r->seconds = 0;
    r->validate_every =
        options_has(o, train, validate_every) ? options_int(o, train, validate_every) : -1;
    r->checkpoint_every = options_seconds(o, train, checkpoint_every);
    r->snapshots = options_int(o, train, snapshots);
}

enum { WARM_UP = 50, WARM_UP_SHARE = 20, STEPS_BETWEEN = 100 };

int64_t recipe_warmup(int64_t steps)
{
    return steps / WARM_UP_SHARE < WARM_UP ? steps / WARM_UP_SHARE : WARM_UP;
}

int64_t recipe_validate_every(int64_t steps)
{
    const int64_t every = (steps + RECIPE_VALIDATIONS - 1) / RECIPE_VALIDATIONS,
                  min = every < STEPS_BETWEEN ? STEPS_BETWEEN : every;
    return min < steps ? min : 0;
}

void recipe_settle(struct recipe *r)
{
    if (r->warmup < 0) r->warmup = recipe_warmup(r->steps);
    if (r->validate_every < 0) r->validate_every = recipe_validate_every(r->steps);
}

/* ---- intensities */

att_status recipe_schemes(
    const char *text, int channels, enum normalise_scheme *scheme, struct err *e)
{
    int n = 0;
    for (const char *at = text; n < channels; at += strcspn(at, ",") + 1) {
        char word[16];
        snprintf(word, sizeof word, "%.*s", (int)strcspn(at, ","), at);
        if (!normalise_by_name(word, &scheme[n++]))
            return err_usage(e,
                "`normalise` %s: %s is unknown; choose auto, zscore, ct, minmax01, rgb or none",
                text, word);
        if (!at[strcspn(at, ",")]) break;
    }
    int words = 1;
    for (const char *at = text; (at = strchr(at, ',')); at++) words++;
    if (words != 1 && words != channels)
        return err_usage(e,
            "`normalise` %s has %d words; give one for all, or one for each of the %d channel%s",
            text, words, channels, TEXT_S(channels));
    for (int c = n; c < channels; c++) scheme[c] = scheme[0];
    return ATT_OK;
}

static int count_ct(const enum normalise_scheme *scheme, int channels)
{
    int count = 0;
    for (int c = 0; c < channels; c++) count += scheme[c] == NORMALISE_CT;
    return count;
}

att_status recipe_intensities(const char *text, int channels, const enum normalise_scheme *scheme,
    struct normalise *n, struct err *e)
{
    struct normalise read[DATASET_CHANNELS];
    const int needed = count_ct(scheme, channels);
    int count = 0;
    for (const char *at = text; needed && at; count++) {
        const char *end = count < DATASET_CHANNELS ? normalise_read(at, &read[count]) : NULL;
        if (!end || (*end && *end != ';'))
            return err_usage(e,
                "`intensities` %.100s is not valid; give four numbers like -980,310,-50.5,210 "
                "(lowest, highest, mean, deviation), with ';' between channels",
                text);
        at = *end ? end + 1 : NULL;
    }
    if (needed && count != 1 && count != needed)
        return err_usage(e,
            "`intensities` %.100s has values of %d channels, but %d %s CT; give one set for all, "
            "or one for each",
            text, count, needed, needed == 1 ? "is" : "are");
    for (int c = 0, k = 0; c < channels; c++) {
        n[c] = (struct normalise){.scheme = scheme[c]};
        if (scheme[c] != NORMALISE_CT) continue;
        n[c] = read[count == 1 ? 0 : k++];
        n[c].scheme = NORMALISE_CT;
    }
    return ATT_OK;
}

/* Those of the preparation, else those of the training cases' foreground. */
static struct normalise default_intensities(const struct recipe_sources *from, int channel)
{
    const struct preparation *prep = from->prep;
    const struct fingerprint_range *x = &from->f->foreground[channel];
    if (prep && prep->normalise[channel].scheme == NORMALISE_CT) return prep->normalise[channel];
    if (x->count == 0)
        return (struct normalise){.lower = x->low, .upper = 1, .mean = x->mean, .std = 1};
    return (struct normalise){.lower = x->low, .upper = x->high, .mean = x->mean, .std = x->std};
}

static att_status decide_intensities(
    const struct recipe_sources *from, struct recipe *r, struct err *e)
{
    enum normalise_scheme scheme[DATASET_CHANNELS];
    struct normalise unused[DATASET_CHANNELS];
    const int channels = from->d->channels;
    const char *text = options_choice(from->o, train, intensities);
    TRY(recipe_schemes(r->normalise, channels, scheme, e));
    if (count_ct(scheme, channels) == 0)
        return !text || options_file(from->o, train, intensities)
            ? ATT_OK
            : err_usage(e,
                  "`intensities` is for channels normalised as CT, but there are none; add "
                  "`normalise` ct, or leave `intensities` out");
    if (text && strlen(text) >= sizeof r->intensities)
        return err_usage(e, "`intensities` is longer than %d characters", RECIPE_INTENSITIES - 1);
    if (text) {
        memcpy(r->intensities, text, strlen(text) + 1);
        return recipe_intensities(text, channels, scheme, unused, e);
    }
    for (int c = 0, at = 0; c < channels; c++) {
        char one[NORMALISE_TEXT];
        if (scheme[c] != NORMALISE_CT) continue;
        const struct normalise n = default_intensities(from, c);
        normalise_write(&n, one);
        at += snprintf(
            r->intensities + at, sizeof r->intensities - (size_t)at, "%s%s", at ? ";" : "", one);
    }
    if (!from->prep)
        planner_explain(from->why, "intensities",
            "percentiles 0.5 and 99.5 of the foreground, its mean and deviation");
    return ATT_OK;
}

/* That of the preparation, else by channel names. */
static void default_normalise(const struct recipe_sources *from, struct recipe *r)
{
    const size_t room = sizeof r->normalise;
    const struct preparation *p = from->prep;
    *r->normalise = 0;
    if (!p) planner_normalise(from->f, r->normalise, room, from->why);
    for (int c = 0; p && c < p->channels; c++)
        text_append(
            r->normalise, room, "%s%s", c ? "," : "", normalise_name(p->normalise[c].scheme));
}

static att_status decide_normalise(
    const struct recipe_sources *from, struct recipe *r, struct err *e)
{
    enum normalise_scheme unused[DATASET_CHANNELS];
    const char *text = options_choice(from->o, train, normalise);
    if (!text)
        default_normalise(from, r);
    else if (strlen(text) >= sizeof r->normalise)
        return err_usage(e, "`normalise` is longer than %d characters", RECIPE_TEXT - 1);
    else
        memcpy(r->normalise, text, strlen(text) + 1);
    return recipe_schemes(r->normalise, from->d->channels, unused, e);
}

att_status recipe_set_dataset(const char *root, struct recipe *r, struct err *e)
{
    char full[PATH_MAX];
    if (!memory_full_path(root, full)) return file_error(e, "read", root, errno);
    json_t *text = json_pack("[s, s]", root, full);
    bool good = text && strlen(root) < sizeof r->dataset && strlen(full) < sizeof r->dataset_path;
    json_decref(text);
    if (!good)
        return err_usage(e,
            "the path %.200s is not UTF-8, or longer than %d bytes; move the data set", root,
            RECIPE_PATH - 1);
    memcpy(r->dataset, root, strlen(root) + 1);
    memcpy(r->dataset_path, full, strlen(full) + 1);
    return ATT_OK;
}

static att_status decide_mirror(
    const struct recipe_sources *from, int dims, struct recipe *r, struct err *e)
{
    int a, b, axis;
    const struct labelling *l = &from->d->labels;
    const char *setting = options_choice(from->o, train, mirror), *axes = from->d->axes;
    if (setting && dims == 2 && setting[0] == 'd')
        return err_usage(
            e, "`mirror` %s has axis d, but the network is 2D; give h, w or hw", setting);
    if (setting || strcmp(r->augment.name, "none") == 0 ||
        (axis = planner_sides(l, axes, &a, &b)) < 0)
        return ATT_OK;
    r->augment.mirror = strength_mirror_but(axis, dims);
    planner_explain(from->why, "mirror",
        "%s and %s are left and right of one structure, so patches are not mirrored along %c%s",
        labelling_target_name(l, a), labelling_target_name(l, b), "dhw"[axis],
        *axes ? "" : ", the assumed left-right axis");
    return ATT_OK;
}

/* How names were read, so that a later search of a changed folder finds the same; too long ones are
 * found again. */
static void decide_patterns(const struct dataset *d, struct recipe *r)
{
    const struct dataset_reading *p = d->reading;
    if (!p || strlen(p->images) >= sizeof r->images || strlen(p->labels) >= sizeof r->labels)
        return;
    strcpy(r->images, p->images);
    strcpy(r->labels, p->labels);
}

att_status recipe_decide(const struct recipe_sources *sources, struct recipe *r, struct err *e)
{
    struct recipe_sources full = *sources, *from = &full;
    const struct options *o = from->o;
    memset(r, 0, sizeof *r);
    if (from->init && !from->prep) from->prep = &from->init->prep;
    TRY(decide_cases(o, r, e));
    TRY(decide_start(o, r, e));
    decide_patterns(from->d, r);
    for (int i = 0; i < 3; i++) r->voxel[i] = (double)from->d->voxel[i];
    snprintf(r->orientation, sizeof r->orientation, "%s",
        *from->d->axes ? from->d->axes
            : options_text(o, train, orientation) || (from->init && model_keeps_axes(from->init))
            ? "none"
            : "");
    const char *values;
    TRY(mask_values_wanted(o, &values, e));
    snprintf(r->mask_values, sizeof r->mask_values, "%s", values ? values : "");
    const char *loss = options_text(o, train, loss), *conv = options_choice(o, train, conv);
    TRY(recipe_set_dataset(from->d->path, r, e));
    TRY(options_blame_one(o, train, loss, objective_check(loss, e), e));
    snprintf(r->loss, sizeof r->loss, "%s", loss);
    snprintf(r->conv, sizeof r->conv, "%s", conv ? conv : "");
    TRY(decide_normalise(from, r, e));
    TRY(decide_intensities(from, r, e));
    struct arch_facts facts;
    TRY(decide_time(o, r, e));
    r->half = !strcmp(options_text(o, train, storage), "bf16");
    r->bf16 = !strcmp(options_text(o, train, precision), "bf16");
    r->exchange = !strcmp(options_text(o, train, exchange), "bf16");
    if (r->bf16 && *r->conv)
        return err_usage(e, "`conv` %s computes in f32; leave out `conv` or `precision`", r->conv);
    TRY(recipe_decide_network(from, r, &facts, e));
    if (!recipe_batch_fits(r, arch_maps(&facts)))
        return err_usage(e,
            "%d patch%s of %dx%dx%d with %d channel%s are too many numbers for one step; give a "
            "smaller `patch` or `batch`",
            r->batch, r->batch == 1 ? "" : "es", r->patch[0], r->patch[1], r->patch[2],
            arch_maps(&facts), TEXT_S(arch_maps(&facts)));
    TRY(decide_memory(o, r, e));
    TRY(class_weights(options_text(o, train, class_weights), facts.classes, r, e));
    TRY(decide_optimiser(o, r, e));
    decide_length(o, from->f, r);
    r->foreground = options_real(o, train, foreground);
    strength_read(o, &r->augment);
    TRY(decide_mirror(from, facts.dims, r, e));
    r->seed = (uint64_t)options_int(o, train, seed);
    return ATT_OK;
}
