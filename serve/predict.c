/* SPDX-License-Identifier: Apache-2.0 */
/* Routes that run a model.  All work on the body happens on a worker's thread, so its memory is
 * bounded by the number of workers. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "infer.h"
#include "server.h"
#include "volume.h"

/* Whether the other side has closed: even its sending half alone, since the two look the same. */
static bool client_gone(void *user)
{
    const struct request *r = user;
    struct pollfd p = {.fd = r->fd, .events = POLLRDHUP};
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

/* The body as it was before it was compressed. */
static bool unpack(struct request *r)
{
    struct text plain = {0};
    const size_t limit = r->server->max_body;
    if (!r->packed) return true;
    const enum unpack how = bytes_unpack(r->body, r->size, limit, &plain);
    if (how == UNPACK_OK) {
        free(r->block);
        r->block = r->body = plain.data;
        r->size = plain.used;
        return true;
    }
    free(plain.data);
    if (how == UNPACK_DAMAGED)
        answer_error(&r->answer, 400, "the body is not whole gzip or deflate data; send it again");
    else if (how == UNPACK_LARGE)
        answer_error(&r->answer, 413,
            "the decompressed body is larger than %zu bytes; send a smaller one", limit);
    else
        answer_error(&r->answer, 503, "out of memory; try again later");
    return false;
}

/* ---- settings of a prediction that a request may choose: none that takes more memory */

static const char *const choices[] = {"mirror", "overlap"};
enum { CHOICES = sizeof choices / sizeof *choices };

static bool choose(
    struct request *r, att_context *c, att_settings **s, const char *name, const char *value)
{
    att_status status = *s ? ATT_OK : att_settings_create(c, "predict", s);
    if (status == ATT_OK) status = att_settings_set(c, *s, name, value);
    if (status != ATT_OK) answer_failure(&r->answer, status, att_context_error(c));
    return status == ATT_OK;
}

/* A value of JSON as settings take it; NULL: it is none of a setting. */
static const char *choice_text(const json_t *j, char number[32])
{
    if (json_is_boolean(j)) return json_is_true(j) ? "yes" : "no";
    if (!json_is_number(j)) return json_string_value(j);
    snprintf(number, 32, "%.9g", json_number_value(j));
    return number;
}

static bool choose_all(
    struct request *r, att_context *c, const json_t *parameters, att_settings **s)
{
    *s = NULL;
    for (int i = 0; i < CHOICES; i++) {
        const json_t *j = json_object_get(parameters, choices[i]);
        char number[32];
        const char *value = j ? choice_text(j, number) : request_argument(r, choices[i]);
        if (j && !value) {
            answer_error(&r->answer, 400,
                "the parameter %s must be a text, a number, true or false", choices[i]);
            return false;
        }
        if (value && !choose(r, c, s, choices[i], value)) return false;
    }
    return true;
}

bool predict_settings(struct request *r, att_context *c, att_settings **s)
{
    return choose_all(r, c, NULL, s);
}

att_context *predict_context(struct request *r, struct worker *w)
{
    att_context *c = worker_context(w, r->model ? (int)(r->model - r->server->models.list) : 0);
    if (!c) answer_error(&r->answer, 503, "out of memory; try again later");
    return c;
}

/* ---- tensors */

static bool infer_run(struct request *r, att_context *c, struct infer *i, att_result *result)
{
    att_settings *s;
    bool good = choose_all(r, c, json_object_get(i->root, "parameters"), &s);
    if (good && !infer_prepare(i, r->model->out, result)) {
        answer_error(&r->answer, 503, "out of memory; try again later");
        good = false;
    }
    const att_status status =
        good ? att_model_run(c, r->model->model, &i->image, s, result) : ATT_OK;
    att_settings_destroy(s);
    if (status != ATT_OK) answer_failure(&r->answer, status, att_context_error(c));
    return good && status == ATT_OK;
}

static void infer_answer(struct request *r, struct infer *i, const att_result *result)
{
    struct answer *a = &r->answer;
    const char *missing = infer_missing(i);
    if (missing && !i->lost) {
        answer_error(a, 400,
            "the model has no output '%.40s'; ask for labels, probabilities or attention", missing);
        return;
    }
    if (i->lost || !infer_write(i, r->model->name, r->model->version, result, &a->text)) {
        answer_error(a, 503, "out of memory; try again later");
        return;
    }
    infer_doubts(result->doubts, a->doubts);
    a->status = 200;
    a->type = "application/json";
    for (int k = 0; k < i->count; k++)
        if (i->outputs[k].binary) a->json = a->text.used;
    if (!a->json) return;
    a->type = "application/octet-stream";
    infer_drop_input(i); /* sending may take long */
    a->tensors = i;
}

static void infer_work(struct job *j, struct worker *w)
{
    struct request *r = ((struct task *)j)->request;
    struct infer *i = unpack(r) ? calloc(1, sizeof *i) : NULL;
    att_context *c = i ? predict_context(r, w) : NULL;
    char error[INFER_ERROR];
    att_result result;
    if (!r->json) r->json = r->size;
    if (c &&
        !infer_read(i, r->body, r->size, r->json, r->model->in, r->server->max_samples, error)) {
        answer_error(&r->answer, 400, "%s", error);
    } else if (c && infer_run(r, c, i, &result)) {
        const int *s = i->image.size;
        r->voxels = (uint64_t)s[0] * (uint64_t)s[1] * (uint64_t)s[2];
        infer_answer(r, i, &result);
    }
    if (!r->answer.status) answer_error(&r->answer, 503, "out of memory; try again later");
    if (r->answer.tensors) return;
    if (i) infer_free(i);
    free(i);
}

/* ---- files */

void predict_mask(struct request *r, att_context *c, const att_image *image, const uint16_t *labels,
    const char *ending)
{
    struct answer *a = &r->answer;
    char *bytes;
    size_t size;
    const att_status status = att_mask_encode(c, image, labels, ending, &bytes, &size);
    if (status != ATT_OK) {
        answer_failure(a, status, att_context_error(c));
        return;
    }
    if (bytes_room(&a->text, size)) {
        memcpy(a->text.data, bytes, size);
        a->text.used = size;
        a->status = 200;
        a->type = "application/octet-stream";
        snprintf(a->file, sizeof a->file, "mask%s", ending ? ending : att_image_ending(image));
    }
    att_text_free(bytes);
}

/* The header of an NRRD mask of gzip, and its values as MONAI Label's clients read them: raw, of
 * the bytes that they ask for. */
static void bare_values(struct request *r, const att_image *image, const uint16_t *labels)
{
    static const char *const old[] = {
        "type: unsigned char\n", "type: unsigned short\n", "encoding: gzip\n"};
    const char *const new[] = {old[r->value_bytes - 1], old[r->value_bytes - 1], "encoding: raw\n"};
    const size_t voxels = volume_voxels(image), bytes = voxels * (size_t)r->value_bytes;
    struct text *from = &r->answer.text, to = {0};
    const char *end = memmem(from->data, from->used, "\n\n", 2), *at = from->data;
    while (end && at < end) {
        size_t length = strcspn(at, "\n") + 1;
        const char *line = at;
        for (int i = 0; i < 3; i++)
            if (length == strlen(old[i]) && memcmp(at, old[i], length) == 0) line = new[i];
        bytes_add(&to, "%.*s", line == at ? (int)length : (int)strlen(line), line);
        at += length;
    }
    bytes_add(&to, "\n");
    bool fits = bytes_room(&to, bytes);
    unsigned char *values = fits ? (unsigned char *)to.data + to.used : NULL;
    for (size_t i = 0; i < voxels && fits; i++) {
        fits = r->value_bytes == 2 || labels[i] <= UINT8_MAX;
        *values++ = (unsigned char)labels[i];
        if (r->value_bytes == 2) *values++ = (unsigned char)(labels[i] >> 8);
    }
    to.used += bytes;
    free(from->data);
    *from = to;
    if (!to.lost && !fits)
        answer_error(&r->answer, 400, "the mask has values above 255; ask for uint16");
}

/* Whether a mask of this image, such as an empty one, can have the ending. */
static bool ending_fits(struct request *r, att_context *c, const att_image *image,
    const uint16_t *labels, const char *ending)
{
    char *bytes = NULL;
    size_t size;
    const att_status status =
        ending ? att_mask_encode(c, image, labels, ending, &bytes, &size) : ATT_OK;
    att_text_free(bytes);
    if (status != ATT_OK) answer_failure(&r->answer, status, att_context_error(c));
    return status == ATT_OK;
}

/* Checks all parameters before it predicts. */
static void file_segment(
    struct request *r, struct worker *w, att_context *c, const att_image *image)
{
    const char *ending = *r->ending ? r->ending : request_argument(r, "ending");
    const int *n = image->size;
    att_settings *s = NULL;
    r->voxels = (uint64_t)n[0] * (uint64_t)n[1] * (uint64_t)n[2];
    att_result result = {
        .struct_size = sizeof result, .labels = calloc(r->voxels, sizeof *result.labels)};
    if (result.labels && choose_all(r, c, NULL, &s) &&
        (r->segments || ending_fits(r, c, image, result.labels, ending))) {
        const att_status status = att_model_run(c, r->model->model, image, s, &result);
        if (status != ATT_OK)
            answer_failure(&r->answer, status, att_context_error(c));
        else if (r->segments)
            series_mask(r, w, c, image, result.labels);
        else
            predict_mask(r, c, image, result.labels, ending);
        const bool nrrd = ending && strcmp(ending, ".nrrd") == 0 && !r->segments;
        if (r->answer.status == 200 && r->value_bytes && nrrd) bare_values(r, image, result.labels);
        infer_doubts(result.doubts, r->answer.doubts);
        if (r->series) series_doubts(r, w, r->series);
    }
    att_settings_destroy(s); /* of a choice that was refused, too */
    free(result.labels);
}

static void file_work(struct job *j, struct worker *w)
{
    struct request *r = ((struct task *)j)->request;
    att_image *image = NULL;
    const bool there = r->series ? series_take(r, w) : unpack(r);
    att_context *c = there ? predict_context(r, w) : NULL;
    if (c) {
        const att_status status =
            att_image_decode(c, r->body, r->size, r->server->max_samples, &image);
        free(r->block); /* its memory serves the prediction */
        r->block = r->body = NULL;
        if (status != ATT_OK) answer_failure(&r->answer, status, att_context_error(c));
    }
    if (image) file_segment(r, w, c, image);
    att_image_free(image);
    if (!r->answer.status) answer_error(&r->answer, 503, "out of memory; try again later");
}

/* ---- both */

bool predict_job(struct request *r, void (*work)(struct job *j, struct worker *w))
{
    struct server *s = r->server;
    struct task t = {.request = r};
    const char *id = request_argument(r, "job");
    t.job.work = work;
    t.job.gone = client_gone;
    t.job.user = r;
    t.job.deadline = queue_clock() + s->timeout;
    snprintf(t.job.client, sizeof t.job.client, "%s", r->client);
    if (id && strlen(id) >= sizeof t.job.id) {
        answer_error(&r->answer, 400, "?job= takes at most %d letters", QUEUE_ID - 1);
        return true;
    }
    if (id) strcpy(t.job.id, id);
    const enum job_end end = queue_run(s->queue, &t.job);
    r->queued = t.job.begun - t.job.queued;
    if (end == JOB_DONE) return true;
    if (end == JOB_LEFT) {
        r->answer.status = 499; /* for the log */
        return false;
    }
    if (r->answer.status == 200) return true; /* it was faster than the stop */
    free(r->answer.text.data);
    r->answer = (struct answer){0};
    if (end == JOB_CLOSED)
        answer_error(&r->answer, 503, "the server stops; try again later");
    else
        answer_error(&r->answer, 504,
            "the prediction took longer than %g s with its wait; try again later, or send a "
            "smaller image",
            s->timeout);
    return true;
}

bool predict_infer(struct request *r) { return predict_job(r, infer_work); }

bool predict_file(struct request *r)
{
    const char *type = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Content-Type");
    if (!r->series && type && strncmp(type, "multipart/", 10) == 0 && r->size > 2 &&
        memcmp(r->body, "--", 2) == 0) {
        answer_error(&r->answer, 400,
            "the body is a form; send the bytes of the file alone, as curl does with -T FILE");
        return true;
    }
    if (r->size || r->series) return predict_job(r, file_work);
    answer_error(&r->answer, 400,
        "the body is empty; send the bytes of an image file, as curl does with -T FILE");
    return true;
}

/* A misspelt name must not leave its setting at the default. */
static enum MHD_Result argument_known(
    void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
    static const char *const others[] = {"ending", "job"};
    struct request *r = user;
    bool known = false;
    (void)kind;
    (void)value;
    for (int i = 0; i < CHOICES; i++) known |= strcmp(name, choices[i]) == 0;
    for (int i = 0; i < 2; i++) known |= strcmp(name, others[i]) == 0;
    if (known) return MHD_YES;
    answer_error(&r->answer, 400,
        "there is no parameter '%.40s'; there are mirror, overlap, ending and job", name);
    return MHD_NO;
}

bool predict_request(struct request *r)
{
    MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, argument_known, r);
    return r->answer.status ? true : predict_file(r);
}

bool predict_progress(struct request *r)
{
    int64_t done, total;
    int waiting;
    struct answer *a = &r->answer;
    const bool found = queue_progress(r->server->queue, r->word, &done, &total, &waiting);
    a->status = 200; /* also before and after the prediction: a browser logs each 404 as an error */
    a->type = "application/json";
    bytes_add(&a->text, "{\"state\":\"%s\",\"waiting\":%d,\"done\":%lld,\"total\":%lld}",
        waiting     ? "waits"
            : found ? "runs"
                    : "none",
        waiting, (long long)done, (long long)total);
    return true;
}
