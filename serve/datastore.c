/* SPDX-License-Identifier: Apache-2.0 */
/* MONAI Label's datastore: images and labels that clients send and get, and which image a person
 * should label next.  Files have names of this program; clients' names are only listed. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "multipart.h"
#include "server.h"
#include "volume.h"

enum { PARAMS_MAX = 64 << 10 };

bool datastore_kept(struct request *r)
{
    if (cases_keep(r->server->cases)) return true;
    answer_error(&r->answer, 404, "the server keeps no labels; start it with --datastore FOLDER");
    return false;
}

/* Whether only a worker can say if there is such an image, since it may list an archive again. */
static bool may_be_series(const struct request *r, const char *name)
{
    return r->server->series && name && series_uid(name) && cases_index(r->server->cases, name) < 0;
}

/* w: NULL without one. */
static bool find_case(
    struct request *r, struct worker *w, const char *name, struct one_case *one, int *index)
{
    *index = w && may_be_series(r, name) ? series_index(r, w, name)
        : name                           ? cases_index(r->server->cases, name)
                                         : -1;
    if (*index >= 0) return cases_get(r->server->cases, *index, one);
    if (!r->answer.status) answer_error(&r->answer, 404, "there is no such image; upload it first");
    return false;
}

bool datastore_there(struct request *r, const struct one_case *one)
{
    if (*one->version) return true;
    answer_error(&r->answer, 404, "the image is no longer there; put its file back");
    return false;
}

/* ---- lists */

/* {NAME: VALUE} of a model's classes. */
json_t *datastore_label_names(const struct served *m)
{
    json_t *names = json_object(), *label;
    size_t i;
    json_array_foreach(m->labels, i, label)
    {
        const char *name = json_string_value(json_object_get(label, "name"));
        json_t *value = json_object_get(label, "value");
        if (name && json_integer_value(value) != 0) json_object_set(names, name, value);
    }
    return names;
}

static const char *ending_of(const char *path)
{
    const char *base = strrchr(path, '/') + 1; /* paths are whole */
    return base + cases_stem(base);
}

/* Clients keep the image under this name, and their readers go by its ending. */
static json_t *sample_of(const struct request *r, const struct one_case *one)
{
    const char *ending = ending_of(one->images[0]);
    const size_t name = strlen(one->name), end = strlen(ending);
    const bool has = name >= end && strcmp(one->name + name - end, ending) == 0;
    json_t *sample =
        json_pack("{s:s, s:s+}", "id", one->name, "name", one->name, has ? "" : ending);
    if (one->series) series_about(r->server->series, one->name, sample);
    return sample;
}

static json_t *object_of(const struct one_case *one)
{
    json_t *labels = json_object();
    if (one->label)
        json_object_set_new(
            labels, "final", json_pack("{s:s, s:{}}", "ext", ending_of(one->label), "info"));
    return json_pack("{s:{s:s, s:{}}, s:o}", "image", "ext", ending_of(one->images[0]), "info",
        "labels", labels);
}

/* How many images there are, and how many have a label. */
json_t *datastore_counts(struct cases *s)
{
    struct one_case one;
    int total = 0, labelled = 0;
    for (; cases_get(s, total, &one); total++) labelled += one.label != NULL;
    return json_pack("{s:i, s:i, s:{s:i}}", "total", total, "completed", labelled, "label_tags",
        "final", labelled);
}

bool datastore_get(struct request *r)
{
    const char *output = request_argument(r, "output");
    struct cases *s = r->server->cases;
    struct one_case one;
    if (!output || strcmp(output, "stats") == 0) return answer_take(r, datastore_counts(s));
    if (strcmp(output, "all") != 0) {
        answer_error(&r->answer, 400, "the datastore has the outputs all and stats only");
        return true;
    }
    json_t *objects = json_object();
    for (int i = 0; cases_get(s, i, &one); i++)
        json_object_set_new(objects, one.name, object_of(&one));
    return answer_take(
        r, json_pack("{s:s, s:s, s:o}", "name", "attunet", "description", "", "objects", objects));
}

/* ---- files */

bool datastore_read(const char *path, struct text *t)
{
    struct stat s;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0 &&
        bytes_room(t, (size_t)s.st_size);
    while (good && t->used < (size_t)s.st_size) {
        const ssize_t n = read(fd, t->data + t->used, (size_t)s.st_size - t->used);
        good = n > 0;
        if (good) t->used += (size_t)n;
    }
    if (fd >= 0) close(fd);
    return good;
}

static void send_file(struct request *r, const char *path)
{
    if (!datastore_read(path, &r->answer.text)) {
        answer_error(&r->answer, 404, "the file is no longer there, or memory is short");
        return;
    }
    r->answer.status = 200;
    r->answer.type = "application/octet-stream";
    snprintf(r->answer.file, sizeof r->answer.file, "case%.20s", ending_of(path));
}

bool datastore_take(struct request *r, int index)
{
    struct one_case one;
    struct text t = {0};
    if (!cases_get(r->server->cases, index, &one) || !datastore_read(one.images[0], &t)) {
        free(t.data);
        answer_error(&r->answer, 404, "the image is no longer there; upload it again");
        return false;
    }
    free(r->block);
    r->block = r->body = t.data;
    r->size = t.used;
    r->packed = false;
    return true;
}

static void send_image_work(struct job *j, struct worker *w)
{
    struct request *r = ((struct task *)j)->request;
    struct one_case one;
    int index;
    if (find_case(r, w, request_argument(r, "image"), &one, &index) && series_ready(r, w, index))
        send_file(r, one.images[0]);
}

bool datastore_image(struct request *r)
{
    const char *name = request_argument(r, "image");
    struct one_case one;
    int index;
    if (may_be_series(r, name)) return predict_job(r, send_image_work);
    if (!find_case(r, NULL, name, &one, &index)) return true;
    if (one.series) return predict_job(r, send_image_work);
    send_file(r, one.images[0]);
    return true;
}

static void send_label(struct request *r, struct worker *w)
{
    const char *tag = request_argument(r, "tag");
    struct one_case one;
    int index;
    if (!find_case(r, w, request_argument(r, "label"), &one, &index)) return;
    if (one.label && (!tag || !*tag || strcmp(tag, "final") == 0))
        send_file(r, one.label);
    else
        answer_error(&r->answer, 404, "the image has no such label");
}

static void send_label_work(struct job *j, struct worker *w)
{
    send_label(((struct task *)j)->request, w);
}

bool datastore_label(struct request *r)
{
    if (may_be_series(r, request_argument(r, "label"))) return predict_job(r, send_label_work);
    send_label(r, NULL);
    return true;
}

/* ---- uploads */

static uint64_t used_bytes(const char *folder)
{
    char *const folders[] = {(char *)(uintptr_t)folder, NULL};
    FTS *walk = fts_open(folders, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    uint64_t used = 0;
    for (FTSENT *f; walk && (f = fts_read(walk));)
        if (f->fts_info == FTS_F) used += (uint64_t)f->fts_statp->st_size;
    if (walk) fts_close(walk);
    return used;
}

bool datastore_room(struct request *r, size_t more)
{
    const struct server *s = r->server;
    if (!s->max_datastore || used_bytes(cases_folder(s->cases)) + more <= s->max_datastore)
        return true;
    answer_error(&r->answer, 507,
        "the datastore may have %llu MiB, and no more fits; remove runs or replaced labels, or "
        "raise --max-datastore",
        (unsigned long long)(s->max_datastore >> 20));
    return false;
}

void datastore_unwritten(struct request *r)
{
    char words[200];
    snprintf(words, sizeof words, "cannot write into the datastore%s%s; check its folder",
        errno ? ": " : "", errno ? strerror(errno) : "");
    answer_failure(&r->answer, ATT_IO, words);
}

/* Bytes of the image that has this name already. */
static size_t bytes_of(struct cases *s, const char *name)
{
    struct one_case one;
    struct stat info;
    const bool there = cases_get(s, cases_index(s, name), &one) && stat(*one.images, &info) == 0;
    return there ? (size_t)info.st_size : 0;
}

/* Whether a model takes so many channels; false: it has answered. */
static bool fits_a_model(struct request *r, int channels)
{
    const struct models *m = &r->server->models;
    const int count = models_count(m);
    bool fits = !count;
    for (int i = 0; i < count; i++) fits |= m->list[i].in == channels;
    if (!fits)
        answer_error(&r->answer, 400, "the image has %d channel%s, but the model needs %d",
            channels, channels == 1 ? "" : "s", m->list[0].in);
    return fits;
}

/* Keeps an image whose bytes can be read. */
static void keep_image(struct request *r, att_context *c, const struct part *file)
{
    const char *name = request_argument(r, "image");
    att_image *image;
    if (!file || !file->size) {
        answer_error(&r->answer, 400, "the body has no image; send it as the part file");
        return;
    }
    const att_status status =
        att_image_decode(c, file->data, file->size, r->server->max_samples, &image);
    if (status != ATT_OK) {
        answer_failure(&r->answer, status, att_context_error(c));
        return;
    }
    struct cases *s = r->server->cases;
    enum cases_end end = CASES_FAILED;
    const size_t old = bytes_of(s, name);
    const bool room = fits_a_model(r, image->channels) &&
        (file->size <= old || datastore_room(r, file->size - old));
    if (room) end = cases_upload(s, name, file->data, file->size, att_image_file_ending(image));
    const int why = errno;
    att_image_free(image);
    errno = why;
    if (!room) return;
    if (end == CASES_DONE)
        answer_take(r, json_pack("{s:s}", "image", name));
    else if (end == CASES_TAKEN)
        answer_error(
            &r->answer, 409, "the datastore has another image of this name; choose another name");
    else
        datastore_unwritten(r);
}

static void image_work(struct job *j, struct worker *w)
{
    struct request *r = ((struct task *)j)->request;
    struct part parts[PARTS];
    att_context *c = predict_context(r, w);
    const int count = c ? monai_parts(r, parts) : -1;
    if (count >= 0) keep_image(r, c, multipart_find(parts, count, "file"));
}

bool datastore_put_image(struct request *r) { return predict_job(r, image_work); }

/* Whether two images have one grid, as far as their files say. */
static bool same_grid(const att_image *a, const att_image *b)
{
    double side = 0;
    if (memcmp(a->size, b->size, sizeof a->size) != 0) return false;
    if (!a->affine || !b->affine) return true;
    for (int i = 0; i < 3; i++) side = fmax(side, a->spacing[i]);
    for (int i = 0; i < 12; i++)
        if (fabs(a->affine[i] - b->affine[i]) > .1 * (i % 4 == 3 ? side : side / 10)) return false;
    return true;
}

/* One entry of label_info; false: `error`. */
static bool rename_segment(
    const json_t *one, const json_t *names, uint16_t *table, char error[RENAME_ERROR])
{
    const char *name = json_string_value(json_object_get(one, "name"));
    const json_t *number = json_object_get(one, "idx");
    if (!number) number = json_object_get(one, "segmentIndex"); /* of OHIF */
    const json_int_t from = json_is_integer(number) ? json_integer_value(number) : -1;
    const json_t *to = name ? json_object_get(names, name) : NULL;
    if (!name || from < 0 || from > UINT16_MAX) {
        snprintf(error, RENAME_ERROR,
            "an entry of label_info lacks a \"name\", or an \"idx\" from 0 to 65535");
        return false;
    }
    if (!to && from) {
        snprintf(error, RENAME_ERROR,
            "label_info names the class '%.60s', which neither the model nor the datastore has",
            name);
        return false;
    }
    if (from) table[from] = (uint16_t)json_integer_value(to); /* the background stays */
    return true;
}

/* Clients number segments as they like, and say in label_info which class each is. */
bool datastore_rename(uint16_t *values, size_t count, const char *params, size_t size,
    const json_t *names, char error[RENAME_ERROR])
{
    uint16_t *table = malloc((UINT16_MAX + 1) * sizeof *table);
    json_t *j = json_loadb(params, size, 0, NULL), *list = json_object_get(j, "label_info"), *one;
    bool good = table && json_is_object(j) && (!list || json_is_array(list));
    size_t k;
    snprintf(error, RENAME_ERROR, "%s",
        table ? "params must be a JSON object, and its label_info a list" : "out of memory");
    for (int v = 0; table && v <= UINT16_MAX; v++) table[v] = (uint16_t)v;
    json_array_foreach(list, k, one) good = good && rename_segment(one, names, table, error);
    for (size_t i = 0; good && i < count; i++) values[i] = table[values[i]];
    json_decref(j);
    free(table);
    return good;
}

/* The values of a label of an image's grid: a decoded one, or OHIF's bare values of 8 or 16 bits in
 * the order of the image.  NULL: no memory. */
static uint16_t *label_values(struct request *r, const att_image *image, const att_image *label,
    const struct part *file, const struct part *params)
{
    const size_t voxels = volume_voxels(image);
    const unsigned char *bare = (const unsigned char *)file->data;
    const bool wide = !label && file->size > voxels;
    uint16_t *values = malloc(voxels * sizeof *values);
    char error[RENAME_ERROR];
    for (size_t i = 0; values && i < voxels; i++) {
        const int value = label ? volume_label(label->data[i])
            : wide              ? bare[2 * i] | bare[2 * i + 1] << 8
                                : bare[i];
        values[i] = (uint16_t)value;
    }
    if (!values || !params) return values;
    json_t *names = cases_label_names(r->server->cases);
    const bool good = datastore_rename(values, voxels, params->data, params->size, names, error);
    json_decref(names);
    if (good) return values;
    answer_error(&r->answer, 400, "%s", error);
    free(values);
    return NULL;
}

static void save_values(struct request *r, att_context *c, int index, const struct one_case *one,
    const att_image *image, const uint16_t *values)
{
    char error[512];
    att_status status = ATT_OK;
    /* Clients cannot be asked, so the label that is there gets another name. */
    const enum cases_end end = cases_save(
        r->server->cases, c, index, image, values, one->version, NULL, true, &status, error);
    if (end == CASES_DONE)
        answer_take(r, json_pack("{s:s, s:s}", "image", one->name, "label", one->name));
    else if (end == CASES_CHANGED || end == CASES_UNNAMED)
        answer_error(&r->answer, end == CASES_CHANGED ? 412 : 400, "%s", error);
    else
        answer_file_failure(r, status, error);
}

/* The values of a file on the grid of the image; NULL: it may have answered. */
static uint16_t *read_label(struct request *r, att_context *c, const struct one_case *one,
    const att_image *image, const struct part *file, const struct part *params)
{
    const size_t voxels = volume_voxels(image);
    if (one->series && (file->size == voxels || file->size == 2 * voxels))
        return label_values(r, image, NULL, file, params);
    att_image *label = NULL;
    uint16_t *values = NULL;
    const att_status status =
        att_image_decode(c, file->data, file->size, r->server->max_samples, &label);
    if (status != ATT_OK)
        answer_failure(&r->answer, status, att_context_error(c));
    else if (label->channels != 1 || !same_grid(image, label))
        answer_error(&r->answer, 400,
            "the label does not lie on the image's grid; send one value per voxel of the image");
    else if (!volume_is_mask(label))
        answer_error(&r->answer, 400,
            "the label has a value that is no " VOLUME_VALUE "; send the values of classes");
    else
        values = label_values(r, image, label, file, params);
    att_image_free(label);
    return values;
}

static void keep_label(struct request *r, struct worker *w, att_context *c, const struct part *file,
    const struct part *params)
{
    struct one_case one;
    att_image *image = NULL;
    int index;
    if (!find_case(r, w, request_argument(r, "image"), &one, &index)) return;
    if (!file || !file->size) {
        answer_error(&r->answer, 400, "the body has no label; send it as the part label");
        return;
    }
    if (params && params->size > PARAMS_MAX) {
        answer_error(&r->answer, 413, "the part params has more than %d bytes", PARAMS_MAX);
        return;
    }
    /* Each label that is replaced stays. */
    if (!datastore_room(r, file->size) || !series_ready(r, w, index)) return;
    cases_get(r->server->cases, index, &one);
    if (!datastore_there(r, &one)) return;
    const att_status status = att_image_load(c, one.images, one.count, &image);
    if (status != ATT_OK) {
        answer_file_failure(r, status, att_context_error(c));
        return;
    }
    uint16_t *values = read_label(r, c, &one, image, file, params);
    if (values) save_values(r, c, index, &one, image, values);
    free(values);
    att_image_free(image);
}

static void label_work(struct job *j, struct worker *w)
{
    struct request *r = ((struct task *)j)->request;
    struct part parts[PARTS];
    att_context *c = predict_context(r, w);
    const int count = c ? monai_parts(r, parts) : -1;
    if (count < 0) return;
    keep_label(
        r, w, c, multipart_find(parts, count, "label"), multipart_find(parts, count, "params"));
    if (!r->answer.status) answer_error(&r->answer, 503, "out of memory; try again later");
}

bool datastore_put_label(struct request *r)
{
    return datastore_kept(r) ? predict_job(r, label_work) : true;
}

/* ---- the next sample */

const struct served *datastore_model(const struct server *s)
{
    return models_find(&s->models, s->models.list[0].name, NULL);
}

/* Mean entropy of a case under the latest model. */
static double doubt_of(
    struct request *r, struct worker *w, att_context *c, int index, const struct one_case *one)
{
    att_image *image;
    double doubt = NAN;
    const size_t classes = (size_t)r->model->out;
    if (!series_ready(r, w, index)) {
        free(r->answer.text.data);
        r->answer = (struct answer){0};
        return worker_stopped(w) ? NAN : -1; /* -1: the last ones */
    }
    if (att_image_load(c, one->images, one->count, &image) != ATT_OK) return -1;
    const size_t voxels = volume_voxels(image);
    att_result result = {.struct_size = sizeof result,
        .probabilities = malloc(voxels * classes * sizeof *result.probabilities)};
    if (result.probabilities) {
        const att_status status = att_model_run(c, r->model->model, image, NULL, &result);
        if (status == ATT_OK)
            doubt = view_entropy(result.probabilities, r->model, voxels);
        else if (status != ATT_INTERRUPTED)
            doubt = -1;
    }
    free(result.probabilities);
    att_image_free(image);
    return doubt;
}

static void uncertain_work(struct job *j, struct worker *w)
{
    struct request *r = ((struct task *)j)->request;
    struct cases *s = r->server->cases;
    struct one_case one, best = {.name = NULL};
    att_context *c = predict_context(r, w);
    for (int i = 0; c && cases_get(s, i, &one); i++) {
        if (one.label) continue;
        if (isnan(one.doubt)) {
            one.doubt = doubt_of(r, w, c, i, &one);
            if (r->model == datastore_model(r->server)) cases_doubt(s, i, one.doubt);
        }
        if (isnan(one.doubt)) { /* stopped */
            answer_error(&r->answer, 503, "the search was stopped; try again later");
            return;
        }
        if (!best.name || one.doubt > best.doubt) best = one;
    }
    if (!c) return;
    json_t *answer = best.name ? sample_of(r, &best) : json_object();
    if (best.name) json_object_set_new(answer, "doubt", json_real(best.doubt));
    answer_take(r, answer);
}

static bool random_sample(struct request *r)
{
    struct one_case one;
    unsigned count = 0, random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random) random = (unsigned)getpid();
    for (int i = 0; cases_get(r->server->cases, i, &one); i++) count += !one.label;
    unsigned left = count ? random % count : 0;
    for (int i = 0; count && cases_get(r->server->cases, i, &one); i++)
        if (!one.label && left-- == 0) return answer_take(r, sample_of(r, &one));
    return answer_take(r, json_object()); /* all are labelled */
}

bool datastore_next(struct request *r)
{
    if (!datastore_kept(r)) return true;
    if (strcmp(r->word, "random") == 0) return random_sample(r);
    if (strcmp(r->word, "entropy") == 0) {
        r->model = datastore_model(r->server);
        if (r->model) return predict_job(r, uncertain_work);
        answer_error(&r->answer, 404, "the server has no model; start it with one");
        return true;
    }
    answer_error(&r->answer, 404, "the strategies are random and entropy");
    return true;
}
