/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/ensemble.h"

#include <stdio.h>
#include <string.h>

#include "arch/hard.h"
#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "files/json_file.h"
#include "image/objects.h"
#include "model/nnunet_plans.h"
#include "model/prepare.h"
#include "model/run_files.h"

void ensemble_free(struct ensemble *s)
{
    for (int i = 0; s->models && i < s->count; i++) model_free(&s->models[i]);
    for (int i = 0; s->paths && i < s->count; i++) mem_free(s->paths[i]);
    mem_free(s->models);
    mem_free(s->paths);
    memset(s, 0, sizeof *s);
}

static att_status ensemble_add_path(struct ensemble *s, char *path, struct err *e)
{
    if (!path) return err_path(e);
    if (s->count == ENSEMBLE_MAX) {
        mem_free(path);
        return err_usage(e, "more than %d models cannot predict together", ENSEMBLE_MAX);
    }
    s->paths[s->count++] = path;
    return ATT_OK;
}

/* A run scores its folds together after all have finished. */
static att_status check_measured(const char *path, int first, struct err *e)
{
    char *summary = file_join(path, RUN_SUMMARY);
    if (!summary) return err_path(e);
    const bool there = file_exists(summary);
    mem_free(summary);
    if (there) return ATT_OK;
    return err_model(e,
        "not all folds of %s have finished; name the folds to use, such as %s/" RUN_FOLD
        "%d, or finish them with: attunet resume %s",
        path, path, first, TEXT_PATH(path));
}

/* Checks that all folds of folds.json exist. */
static att_status check_folds(const char *path, const struct run_folds *there, struct err *e)
{
    json_t *j;
    att_status status = json_file_read_in(path, RUN_FOLDS, &j, e);
    const json_int_t folds = json_int(j, "folds");
    for (int k = 0; k < folds && k <= there->count && status == ATT_OK; k++)
        if (k == there->count || there->number[k] != k)
            status = err_model(e,
                "%s has %lld folds, but fold_%d has not begun; name the folds to use, such as "
                "%s/" RUN_FOLD "%d, or finish them with: attunet resume %s",
                path, (long long)folds, k, path, there->number[0], TEXT_PATH(path));
    json_decref(j);
    return status == ATT_OK && folds ? check_measured(path, there->number[0], e) : status;
}

static att_status ensemble_add_folds(
    struct ensemble *s, const char *path, const struct run_folds *folds, struct err *e)
{
    TRY(check_folds(path, folds, e));
    for (int i = 0; i < folds->count && !s->gap; i++)
        if (folds->number[i] != i) s->gap = i + 1;
    for (int i = 0; i < folds->count; i++) {
        char *one = mem_text(
            "%s%s" RUN_FOLD "%d", path, path[strlen(path) - 1] == '/' ? "" : "/", folds->number[i]);
        TRY(ensemble_add_path(s, one, e));
        if (!file_has(one, RUN_MODEL))
            return err_model(e,
                "%s has no model yet; wait until its training saves one, or name the folds that "
                "have one: %s,...",
                one, s->paths[0]);
    }
    return ATT_OK;
}

static att_status add_source(struct ensemble *s, const char *path, struct err *e)
{
    struct run_folds folds = {0};
    if (file_is_folder(path) && !file_has(path, RUN_MODEL)) {
        if (nnunet_is_model(path)) return nnunet_refuse_model(path, e);
        TRY(run_list_folds(path, &folds, e));
    }
    return folds.count ? ensemble_add_folds(s, path, &folds, e)
                       : ensemble_add_path(s, mem_text("%s", path), e);
}

static att_status ensemble_add_text(struct ensemble *s, const char *text, struct err *e)
{
    if (file_exists(text) || !strchr(text, ',')) return add_source(s, text, e);
    for (const char *from = text, *to; from; from = *to ? to + 1 : NULL) {
        to = strchr(from, ',');
        if (!to) to = from + strlen(from);
        if (to == from)
            return err_usage(
                e, "'%s' has a comma too many; write MODEL,MODEL with a path on either side", text);
        char *one = mem_text("%.*s", (int)(to - from), from);
        if (!one) return err_path(e);
        att_status status = add_source(s, one, e);
        mem_free(one);
        TRY(status);
    }
    return ATT_OK;
}

enum { WORDS = 220, SHORT = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6) };

static att_status ensemble_refuse(const struct ensemble *s, int i, const char *what,
    const json_t *a, const json_t *b, const char *mend, struct err *e)
{
    char *x = json_text(a, SHORT), *y = json_text(b, SHORT);
    att_status status = err_model(e,
        "%.300s and %.300s cannot predict together: %s %.150s in the first and %.150s in the "
        "second%s",
        s->paths[0], s->paths[i], what, x ? x : "not set", y ? y : "not set", mend);
    mem_free(x);
    mem_free(y);
    return status;
}

/* Whether spacings agree within PREPARE_ALIKE: each fold plans its own from its cases. */
static bool ensemble_same_spacing(const json_t *a, const json_t *b)
{
    for (size_t i = 0; i < 3; i++) {
        const double x = json_number_value(json_array_get(a, i)),
                     y = json_number_value(json_array_get(b, i));
        if ((x > 0) != (y > 0) || x > PREPARE_SAME * y || y > PREPARE_SAME * x) return false;
    }
    return true;
}

/* Compares the preparations except for patch and intensities, which do not change the grid. */
static att_status ensemble_compare_grids(
    const struct ensemble *s, int i, const json_t *a, const json_t *b, struct err *e)
{
    const char *key;
    json_t *x, *y;
    for (int turn = 0; turn < 2; turn++) {
        json_each((turn ? b : a), key, x)
        {
            y = json_object_get(turn ? a : b, key);
            if (strcmp(key, "patch") == 0 || strcmp(key, "channels") == 0 ||
                (y && json_equal(x, y)))
                continue;
            if (strcmp(key, "spacing") == 0 && y && ensemble_same_spacing(x, y)) continue;
            char what[128];
            snprintf(what, sizeof what, "they bring images to different grids, %.60s is", key);
            return ensemble_refuse(
                s, i, what, turn ? y : x, turn ? x : y, "; train both with the same `plan`", e);
        }
    }
    return ATT_OK;
}

/* "background 0, liver 1 and 255 (ignored)". */
static const char *labels_text(const struct labelling *l, char text[WORDS])
{
    bool fits = true;
    *text = 0;
    for (int i = 0; i < l->count; i++)
        fits &= text_append(text, WORDS, "%s%s %d", i ? ", " : "", l->name[i], (int)l->value[i]);
    if (l->nonzero) fits &= text_append(text, WORDS, " (all that is not 0)");
    if (l->ignore >= 0) fits &= text_append(text, WORDS, " and %d (ignored)", l->ignore);
    for (int k = 0; k < l->regions; k++) {
        fits &= text_append(
            text, WORDS, "%s%s of", k ? ", " : ", with the regions ", l->region_name[k]);
        for (int i = 0; i < l->count; i++)
            if (class_set_has(l->region[k], i))
                fits &= text_append(text, WORDS, " %d", (int)l->value[i]);
        fits &= text_append(text, WORDS, " written as %d", (int)l->region_value[k]);
    }
    if (!fits) memcpy(text + WORDS - 4, "...", 4);
    return text;
}

static att_status refuse_labels(const struct ensemble *s, int i, struct err *e)
{
    char first[WORDS], second[WORDS];
    return err_model(e,
        "%.200s and %.200s cannot predict together: the labels of the first are %s, and those "
        "of the second %s; predict with each alone",
        s->paths[0], s->paths[i], labels_text(&s->models[0].labels, first),
        labels_text(&s->models[i].labels, second));
}

static json_t *channel_names(const struct model *m)
{
    json_t *names = json_array();
    for (int c = 0; c < m->prep.channels; c++)
        json_array_append_new(names, json_string(m->prep.channel_name[c]));
    return names;
}

static att_status compare_channels(const struct ensemble *s, int i, struct err *e)
{
    json_t *a = channel_names(&s->models[0]), *b = channel_names(&s->models[i]);
    att_status status = ATT_OK;
    if (!json_equal(a, b))
        status = ensemble_refuse(s, i, "their images' channels are", a, b, "", e);
    json_decref(a);
    json_decref(b);
    return status;
}

static att_status ensemble_compare(
    const struct ensemble *s, int i, const json_t *a, const json_t *b, struct err *e)
{
    const json_t *x = json_object_get(a, "labels"), *y = json_object_get(b, "labels");
    if (!json_equal(x, y)) return refuse_labels(s, i, e);
    if (s->models[0].facts.classes != s->models[i].facts.classes)
        return err_model(e,
            "%s and %s cannot predict together: their networks have %d and %d outputs", s->paths[0],
            s->paths[i], s->models[0].facts.classes, s->models[i].facts.classes);
    TRY(compare_channels(s, i, e));
    return ensemble_compare_grids(
        s, i, json_object_get(a, "preparation"), json_object_get(b, "preparation"), e);
}

static att_status ensemble_agree(const struct ensemble *s, struct err *e)
{
    att_status status = ATT_OK;
    json_t *first = s->count > 1 ? model_to_json(&s->models[0]) : NULL;
    for (int i = 1; i < s->count && status == ATT_OK; i++) {
        json_t *other = model_to_json(&s->models[i]);
        status = first && other ? ensemble_compare(s, i, first, other, e)
                                : err_memory(e, 1, "the description of a model");
        json_decref(other);
    }
    json_decref(first);
    return status;
}

/* Folds have learnt from different objects; the smallest of them counts. */
static void join_posts_of_objects(struct ensemble *s)
{
    int64_t *smallest = &s->post.smallest[OBJECT_INSIDE];
    for (int i = 1; i < s->count; i++)
        if (s->models[i].post.smallest[OBJECT_INSIDE] < *smallest)
            *smallest = s->models[i].post.smallest[OBJECT_INSIDE];
}

/* `run`: the folder of folds, or NULL. */
static att_status find_post(struct ensemble *s, const char *run, struct err *e)
{
    char *path = run ? file_join(run, RUN_POST) : NULL,
         *folds = run ? file_join(run, RUN_FOLDS) : NULL;
    const bool objects = s->models[0].labels.objects, there = path && file_exists(path);
    const bool own = folds &&
        file_exists(folds); /* if so, every model holds the choice until it is trained further */
    bool chosen = true;
    for (int i = 0; i < s->count && !objects; i++) {
        s->post_differs =
            s->post_differs || !postprocess_same(&s->models[0].post, &s->models[i].post);
        chosen = chosen && postprocess_any(&s->models[i].post);
    }
    s->post_stale = there && own && !chosen;
    if (there) s->post_differs = false;
    att_status status = there && !s->post_stale
        ? postprocess_read(path, &s->models[0].labels, &s->post, e)
        : run && (!path || !folds) ? err_path(e)
                                   : ATT_OK;
    mem_free(path);
    mem_free(folds);
    if (!there && !s->post_differs) s->post = s->models[0].post;
    if (!there && objects) join_posts_of_objects(s);
    return status;
}

static att_status predict_ensemble_load(
    const char *const *paths, int count, struct ensemble *s, struct err *e)
{
    TRY(MEM_ARRAY(s->paths, ENSEMBLE_MAX, "the list of models", e));
    for (int i = 0; i < count; i++) TRY(ensemble_add_text(s, paths[i], e));
    TRY(MEM_ARRAY(s->models, s->count, "the models", e));
    for (int i = 0; i < s->count; i++) TRY(model_load(s->paths[i], &s->models[i], e));
    TRY(ensemble_agree(s, e));
    bool folds = count == 1 && file_is_folder(paths[0]) && !file_has(paths[0], RUN_MODEL);
    return find_post(s, folds ? paths[0] : NULL, e);
}

att_status ensemble_load(const char *const *paths, int count, struct ensemble *s, struct err *e)
{
    memset(s, 0, sizeof *s);
    if (count < 1)
        return err_usage(e, "no model was given; name a model file or the folder of a run");
    att_status status = predict_ensemble_load(paths, count, s, e);
    if (status != ATT_OK) ensemble_free(s);
    return status;
}

bool ensemble_in_bf16(const struct ensemble *s)
{
    bool all = true;
    for (int i = 0; i < s->count && all; i++) {
        const char *precision =
            json_str(json_object_get(s->models[i].history, "settings"), "precision");
        all = precision && strcmp(precision, "bf16") == 0;
    }
    return all;
}

/* Axes of mirrored training: the `mirror` setting, else what the augmentation strength implies.
 * Imported models record `mirror` as a boolean. Returns whether there is a record. */
static bool trained_mirrored(const struct model *m, bool axes[3])
{
    const json_t *settings = json_object_get(m->history, "settings"),
                 *mirror = json_object_get(settings ? settings : m->history, "mirror");
    const char *strength = json_str(settings, "augment"), *some = json_string_value(mirror);
    const bool all = json_is_boolean(mirror)
        ? json_is_true(mirror)
        : !some && (!strength || strcmp(strength, "none") != 0);
    for (int a = 0; a < 3; a++) axes[a] = some ? strchr(some, "dhw"[a]) != NULL : all;
    if (m->facts.dims == 2) axes[0] = false;
    return settings || mirror;
}

att_status ensemble_mirror_axes(const struct ensemble *s, bool axes[3], struct err *e)
{
    for (int a = 0; a < 3; a++) axes[a] = true;
    for (int i = 0; i < s->count; i++) {
        bool own[3];
        trained_mirrored(&s->models[i], own);
        for (int a = 0; a < 3; a++) axes[a] = axes[a] && own[a];
        if (!axes[0] && !axes[1] && !axes[2])
            return err_usage(e, "%s was trained without mirroring%s; leave out `mirror`",
                s->paths[i], own[1] || own[2] || own[0] ? " along the axes of the others" : "");
    }
    return ATT_OK;
}

double ensemble_mirror_gain(const struct ensemble *s, int *cases)
{
    double gain = 0;
    *cases = 0;
    for (int i = 0; i < s->count; i++) {
        const json_t *scores = json_object_get(s->models[i].history, "mirroring");
        const int n = (int)json_int(scores, "cases");
        if (n <= 0) continue;
        gain += n * (json_double(scores, "mirrored") - json_double(scores, "once"));
        *cases += n;
    }
    return *cases ? gain / *cases : 0;
}

void ensemble_usual_axes(const struct ensemble *s, bool axes[3])
{
    int cases;
    const bool helps = ensemble_mirror_gain(s, &cases) > 0 || !cases;
    for (int a = 0; a < 3; a++) axes[a] = helps;
    for (int i = 0; i < s->count; i++) {
        bool own[3];
        const bool usual = trained_mirrored(&s->models[i], own) && !hard_is(&s->models[i].spec);
        for (int a = 0; a < 3; a++) axes[a] = axes[a] && own[a] && usual;
    }
}
