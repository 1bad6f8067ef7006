/* SPDX-License-Identifier: Apache-2.0 */
/* What the page asks for: the list of cases, images as NIfTI, masks as bare values [d][h][w] of 16
 * bits, predictions with attention maps, and labels to save.  An ID is the number of a case, or of
 * a session: an image that the page has sent. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "infer.h"
#include "server.h"
#include "volume.h"

#define BETWEEN "attunet-2b7e41d09c8f6a35"

static json_t *number_or_null(double x) { return isfinite(x) ? json_real(x) : json_null(); }

bool view_cases(struct request *r)
{
    struct cases *s = r->server->cases;
    json_t *list = json_array();
    struct one_case one;
    for (int i = 0; cases_get(s, i, &one); i++)
        json_array_append_new(list,
            json_pack("{s:s, s:o, s:o, s:b, s:b, s:s}", "name", one.name, "dice",
                number_or_null(one.dice), "doubt", number_or_null(one.doubt), "truth",
                one.truth != NULL, "mask", one.mask != NULL, "label", one.stamp));
    return answer_take(r, json_pack("{s:o, s:b}", "cases", list, "keeps", cases_keep(s)));
}

/* ---- the case of a request */

/* False: the word is no number of a case. */
static bool listed_case(const struct request *r, int *index, struct one_case *one)
{
    char *end;
    const long n = strlen(r->word) < 9 ? strtol(r->word, &end, 10) : -1;
    if (n < 0 || *end) return false;
    *index = (int)n;
    return cases_get(r->server->cases, *index, one);
}

/* On a worker. NULL: it has answered.  *one: a listed case, as it was before. */
static att_image *case_image(
    struct request *r, struct worker *w, att_context *c, struct one_case *one)
{
    att_image *image = NULL;
    att_status status;
    int index;
    if (listed_case(r, &index, one)) {
        if (!series_ready(r, w, index)) return NULL;
        cases_get(r->server->cases, index, one);
        if (!datastore_there(r, one)) return NULL;
        status = att_image_load(c, one->images, one->count, &image);
        if (status != ATT_OK) answer_file_failure(r, status, att_context_error(c));
    } else {
        size_t size;
        void *bytes = store_get(r->server->store, r->word, &size);
        if (!bytes) {
            answer_error(&r->answer, 404, "there is no such case; load the page again");
            return NULL;
        }
        status = att_image_decode(c, bytes, size, r->server->max_samples, &image);
        free(bytes);
        if (status != ATT_OK) answer_failure(&r->answer, status, att_context_error(c));
    }
    if (image) r->voxels = volume_voxels(image);
    return image;
}

static void image_work(struct job *j, struct worker *w)
{
    struct request *r = ((struct task *)j)->request;
    struct one_case one;
    att_context *c = predict_context(r, w);
    att_image *image = c ? case_image(r, w, c, &one) : NULL;
    if (!image) return;
    volume_write(image, &r->answer.text);
    r->answer.status = 200;
    r->answer.type = "application/octet-stream";
    att_image_free(image);
}

bool view_image(struct request *r) { return predict_job(r, image_work); }

/* ---- masks */

/* The values of a mask's file. */
static void mask_answer(struct request *r, att_context *c, const char *path)
{
    att_image *mask;
    struct text *t = &r->answer.text;
    const att_status status = att_image_load(c, &path, 1, &mask);
    if (status != ATT_OK) {
        answer_file_failure(r, status, att_context_error(c));
        return;
    }
    const size_t voxels = volume_voxels(mask);
    if (!volume_is_mask(mask)) {
        answer_error(&r->answer, 422, "the mask has a value that is no " VOLUME_VALUE);
    } else if (mask->channels != 1) {
        answer_error(&r->answer, 422, "the mask has %d channels; give one with a value per voxel",
            mask->channels);
    } else if (bytes_room(t, voxels * sizeof(uint16_t))) {
        for (size_t i = 0; i < voxels; i++) {
            const uint16_t value = volume_label(mask->data[i]);
            memcpy(t->data + i * sizeof value, &value, sizeof value);
        }
        t->used = voxels * sizeof(uint16_t);
        r->answer.status = 200;
        r->answer.type = "application/octet-stream";
    }
    att_image_free(mask);
}

static void mask_work(struct job *j, struct worker *w)
{
    struct request *r = ((struct task *)j)->request;
    struct one_case one;
    int index;
    att_context *c = predict_context(r, w);
    if (!c) return;
    const bool there = listed_case(r, &index, &one);
    const char *which = page_path(r) + strlen("case/ID/");
    const char *path = !there         ? NULL
        : strcmp(which, "mask") == 0  ? one.mask
        : strcmp(which, "truth") == 0 ? one.truth
                                      : one.label;
    if (path && access(path, F_OK) == 0)
        mask_answer(r, c, path);
    else
        answer_error(&r->answer, 404,
            path ? "the mask is no longer there; put its file back" : "the case has no such mask");
}

bool view_mask(struct request *r) { return predict_job(r, mask_work); }
bool view_truth(struct request *r) { return predict_job(r, mask_work); }
bool view_label(struct request *r) { return predict_job(r, mask_work); }

/* ---- masks from the page */

/* Whether the body has a value for each voxel. */
static bool whole_body(struct request *r, const att_image *image)
{
    if (r->size == volume_voxels(image) * sizeof(uint16_t)) return true;
    answer_error(&r->answer, 400, "the body has %zu bytes, but the image has %zu voxels of 2 bytes",
        r->size, volume_voxels(image));
    return false;
}

static void save(
    struct request *r, att_context *c, const att_image *image, int index, const char *version)
{
    struct one_case one;
    att_status status = ATT_OK;
    char error[512];
    const enum cases_end end =
        cases_save(r->server->cases, c, index, image, (const uint16_t *)(const void *)r->body,
            version, request_argument(r, "over"), false, &status, error);
    if (end == CASES_TAKEN)
        answer_error(&r->answer, 409, "the case has a label that a person made");
    else if (end == CASES_CHANGED || end == CASES_UNNAMED)
        answer_error(&r->answer, end == CASES_CHANGED ? 412 : 400, "%s", error);
    else if (end == CASES_FAILED)
        answer_file_failure(r, status, error);
    if (end != CASES_DONE || !cases_get(r->server->cases, index, &one)) return;
    answer_take(r, json_pack("{s:s, s:s}", "label", one.stamp, "key", one.key));
}

static void save_work(struct job *j, struct worker *w)
{
    struct request *r = ((struct task *)j)->request;
    struct one_case one;
    int index;
    att_context *c = predict_context(r, w);
    if (!c) return;
    if (!listed_case(r, &index, &one)) {
        answer_error(&r->answer, 404,
            "only labels of listed cases are kept; start 'attunet view' with this image");
        return;
    }
    if (!datastore_kept(r) || !datastore_room(r, r->size)) return;
    att_image *image = case_image(r, w, c, &one);
    if (image && whole_body(r, image)) save(r, c, image, index, one.version);
    att_image_free(image);
}

bool view_save(struct request *r) { return predict_job(r, save_work); }

static void file_work(struct job *j, struct worker *w)
{
    struct request *r = ((struct task *)j)->request;
    struct one_case one;
    att_context *c = predict_context(r, w);
    att_image *image = c ? case_image(r, w, c, &one) : NULL;
    if (image && whole_body(r, image))
        predict_mask(
            r, c, image, (const uint16_t *)(const void *)r->body, request_argument(r, "ending"));
    att_image_free(image);
}

bool view_file(struct request *r) { return predict_job(r, file_work); }

/* ---- predictions */

struct maps {
    struct text *text;
    size_t voxels;
};

static void add_part(struct text *t, const char *name, const void *data, size_t size)
{
    bytes_add(t,
        "%s--" BETWEEN "\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"values\"\r\n"
        "Content-Type: application/octet-stream\r\n\r\n",
        t->used ? "\r\n" : "", name);
    if (!bytes_room(t, size)) return;
    memcpy(t->data + t->used, data, size);
    t->used += size;
}

static void add_map(void *user, const char *gate, const float *map)
{
    struct maps *m = user;
    char name[INFER_NAME];
    snprintf(name, sizeof name, "attention_%s", gate);
    add_part(m->text, name, map, m->voxels * sizeof *map);
}

/* The entropy of each voxel's probabilities in 0..1; of regions the mean of theirs. */
static void entropy_of(float *p, const struct served *m, size_t voxels)
{
    const double all = m->regions ? m->out * log(2) : log(m->out);
    for (size_t i = 0; i < voxels; i++) {
        double sum = 0;
        for (int k = 0; k < m->out; k++) {
            const double x = p[(size_t)k * voxels + i];
            if (x > 0) sum -= x * log(x);
            if (m->regions && x < 1) sum -= (1 - x) * log(1 - x);
        }
        p[i] = (float)(sum / all);
    }
}

double view_entropy(float *p, const struct served *m, size_t voxels)
{
    double sum = 0;
    entropy_of(p, m, voxels);
    for (size_t i = 0; i < voxels; i++) sum += p[i];
    return sum / (double)voxels;
}

static att_status run_model(struct request *r, att_context *c, const att_image *image,
    const att_settings *s, att_result *result, struct maps *maps)
{
    const size_t start = maps->text->used;
    void (*const attention)(void *, const char *, const float *) = result->attention;
    float *const variance = result->variance;
    att_status status = ATT_USAGE;
    /* hard attention, or different networks: they have no maps; one pass: it has no variance */
    for (int without = 0; status == ATT_USAGE && without < 4; without++) {
        maps->text->used = start;
        result->attention = without & 2 ? NULL : attention;
        result->variance = without & 1 ? NULL : variance;
        status = att_model_run(c, r->model->model, image, s, result);
    }
    return status;
}

/* `windows` counts those of each different network. One network mirrors no large image. */
static bool varies(const att_model *m, const att_result *result)
{
    return att_model_networks(m) > 1 || result->passes > result->windows;
}

static void predict_maps(
    struct request *r, struct worker *w, att_context *c, const att_image *image)
{
    const char *wish = request_argument(r, "maps");
    const bool all = wish && strcmp(wish, "all") == 0;
    const size_t voxels = volume_voxels(image), classes = (size_t)r->model->out;
    struct text t = {0};
    struct maps maps = {&t, voxels};
    struct one_case one;
    int index;
    att_settings *s = NULL;
    att_result result = {.struct_size = sizeof result,
        .labels = malloc(voxels * sizeof *result.labels),
        .probabilities = all ? malloc(voxels * classes * sizeof *result.probabilities) : NULL,
        .variance = all ? malloc(voxels * sizeof *result.variance) : NULL,
        .attention = all ? add_map : NULL,
        .user = &maps};
    float *const variance = result.variance;
    const bool room = result.labels && (!all || (result.probabilities && variance));
    if (room && predict_settings(r, c, &s)) {
        const att_status status = run_model(r, c, image, s, &result, &maps);
        if (status != ATT_OK) answer_failure(&r->answer, status, att_context_error(c));
        if (status == ATT_OK && all) {
            const double mean = view_entropy(result.probabilities, r->model, voxels);
            add_part(&t, "entropy", result.probabilities, voxels * sizeof(float));
            if (result.variance && varies(r->model->model, &result))
                add_part(&t, "variance", variance, voxels * sizeof(float));
            if (r->model == datastore_model(r->server) && listed_case(r, &index, &one))
                cases_doubt(r->server->cases, index, mean);
        }
        if (status == ATT_OK) {
            add_part(&t, "labels", result.labels, voxels * sizeof *result.labels);
            bytes_add(&t, "\r\n--" BETWEEN "--\r\n");
            infer_doubts(result.doubts, r->answer.doubts);
            if (listed_case(r, &index, &one) && one.series) series_doubts(r, w, one.name);
            r->answer.text = t;
            r->answer.status = 200;
            r->answer.type = "multipart/form-data; boundary=" BETWEEN;
            t = (struct text){0};
        }
    }
    att_settings_destroy(s);
    free(t.data);
    free(result.labels);
    free(result.probabilities);
    free(variance);
}

static void predict_work(struct job *j, struct worker *w)
{
    struct request *r = ((struct task *)j)->request;
    struct one_case one;
    att_context *c = predict_context(r, w);
    att_image *image = c ? case_image(r, w, c, &one) : NULL;
    if (image) predict_maps(r, w, c, image);
    att_image_free(image);
    if (!r->answer.status) answer_error(&r->answer, 503, "out of memory; try again later");
}

bool view_predict(struct request *r) { return predict_job(r, predict_work); }
