/* SPDX-License-Identifier: Apache-2.0 */
/* The subset of MONAI Label's REST interface with which the extensions of 3D Slicer and OHIF
 * predict: info, upload as a session or under an image's name, inference. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "multipart.h"
#include "server.h"

#define BETWEEN "attunet-5f1c3b7a9d2e4860"

bool monai_info(struct request *r)
{
    struct server *s = r->server;
    const bool keeps = cases_keep(s->cases);
    json_t *models = json_object(), *all = json_object(), *trainers = json_object(), *info,
           *strategies = keeps ? json_pack("{s:{s:s}, s:{s:s}}", "entropy", "description",
                                     "the image of which the model is least sure", "random",
                                     "description", "any image without a label")
                               : json_object();
    for (int i = 0; i < models_count(&r->server->models); i++) {
        const struct served *m = &r->server->models.list[i];
        json_t *names = datastore_label_names(m);
        json_object_update(all, names);
        if (keeps)
            json_object_set_new(trainers, m->name,
                json_pack("{s:s, s:{s:s}}", "description", "continues from this model", "config",
                    "time", "30m"));
        json_object_set_new(models, m->name,
            json_pack("{s:s, s:o, s:i, s:s, s:{}}", "type", "segmentation", "labels", names,
                "dimension", m->flat ? 2 : 3, "description", "a network trained with attunet",
                "config"));
    }
    json_t *list = json_array();
    const char *key;
    json_t *value;
    json_object_foreach(all, key, value) json_array_append_new(list, json_string(key));
    info = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:{}, s:o, s:o}", "name", "attunet",
        "description", "attunet serve", "version", att_version(), "labels", list, "models", models,
        "trainers", trainers, "strategies", strategies, "scoring", "train_stats",
        train_stats(s->train), "datastore", keeps ? datastore_counts(s->cases) : json_object());
    json_decref(all);
    return answer_take(r, info);
}

/* ---- uploads */

int monai_parts(struct request *r, struct part parts[PARTS])
{
    const char *type = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Content-Type");
    const int count = multipart_read(type, r->body, r->size, parts);
    if (count < 0)
        answer_error(&r->answer, 400,
            "the body is not whole multipart/form-data of at most %d parts; send it again", PARTS);
    return count;
}

static bool keep(struct request *r, const char *name, const struct part *p)
{
    if (!p || !p->size)
        answer_error(&r->answer, 400, "the body has no image; send it as the part file or files");
    else if (!store_put(r->server->store, name, p->data, p->size))
        answer_error(&r->answer, 413, "the image does not fit; send a smaller one");
    return !r->answer.status;
}

bool monai_session_put(struct request *r)
{
    struct part parts[PARTS];
    unsigned char random[16];
    char name[2 * sizeof random + 1];
    const int count = monai_parts(r, parts);
    if (count < 0) return true;
    if (getrandom(random, sizeof random, 0) != sizeof random) {
        answer_failure(&r->answer, ATT_FAILED, strerror(errno));
        return true;
    }
    for (size_t i = 0; i < sizeof random; i++) snprintf(name + 2 * i, 3, "%02x", random[i]);
    if (!keep(r, name, multipart_find(parts, count, "files"))) return true;
    return answer_take(
        r, json_pack("{s:s, s:{s:s}}", "session_id", name, "session_info", "name", name));
}

bool monai_session(struct request *r)
{
    if (store_has(r->server->store, r->word))
        return answer_take(r, json_pack("{s:s}", "name", r->word));
    answer_error(&r->answer, 404, "there is no such session; upload the image again");
    return true;
}

bool monai_session_delete(struct request *r)
{
    if (store_drop(r->server->store, r->word)) return answer_take(r, json_object());
    return monai_session(r);
}

bool monai_image_put(struct request *r)
{
    struct part parts[PARTS];
    const char *name = request_argument(r, "image");
    if (!name || !*name || strlen(name) >= STORE_NAME) {
        answer_error(&r->answer, 400, "name the image, with ?image=NAME of at most %d letters",
            STORE_NAME - 1);
        return true;
    }
    json_t *answer = json_pack("{s:s}", "image", name);
    if (!answer) {
        answer_error(&r->answer, 400, "the name of the image is not UTF-8");
    } else if (cases_keep(r->server->cases)) {
        json_decref(answer);
        return datastore_put_image(r);
    } else {
        const int count = monai_parts(r, parts);
        if (count >= 0 && keep(r, name, multipart_find(parts, count, "file")))
            return answer_take(r, answer);
    }
    json_decref(answer);
    return true;
}

/* ---- inference */

void monai_wishes(const char *params, size_t size, char ending[16], int *value_bytes)
{
    json_t *wishes = json_loadb(params, size, 0, NULL);
    const char *wish = json_string_value(json_object_get(wishes, "result_extension")),
               *type = json_string_value(json_object_get(wishes, "result_dtype"));
    if (wish) snprintf(ending, 16, "%s", wish);
    *value_bytes = !type ? 0 : strcmp(type, "uint8") == 0 ? 1 : strcmp(type, "uint16") == 0 ? 2 : 0;
    json_decref(wishes);
}

/* A connection's thread reads these settings, so they must be short. */
static bool read_params(struct request *r, const struct part *params)
{
    enum { LONGEST = 64 << 10 };
    if (!params) return true;
    if (params->size > LONGEST) {
        answer_error(&r->answer, 413, "the part params has more than %d bytes", LONGEST);
        return false;
    }
    monai_wishes(params->data, params->size, r->ending, &r->value_bytes);
    return true;
}

/* The image of the request becomes its body, as predict_file takes it. */
static bool choose_image(struct request *r)
{
    struct part parts[PARTS];
    const char *session = request_argument(r, "session_id"), *image = request_argument(r, "image");
    const char *type = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Content-Type");
    int count = 0;
    if (r->size && type && strncmp(type, "multipart/", 10) == 0) {
        count = monai_parts(r, parts);
        if (count < 0) return false;
    }
    const struct part *file = multipart_find(parts, count, "file");
    if (!read_params(r, multipart_find(parts, count, "params"))) return false;
    if (file && file->size) {
        r->body = (char *)(uintptr_t)file->data;
        r->size = file->size;
        return true;
    }
    size_t size = 0;
    char *stored = session && *session ? store_get(r->server->store, session, &size)
        : image                        ? store_get(r->server->store, image, &size)
                                       : NULL;
    const int index = image && !stored ? cases_index(r->server->cases, image) : -1;
    struct one_case one = {.series = false};
    if (index >= 0) cases_get(r->server->cases, index, &one);
    if (!stored && r->server->series && (one.series || (index < 0 && image && series_uid(image)))) {
        r->series = image; /* a worker reads it */
        r->packed = false;
        return true;
    }
    if (index >= 0) return datastore_take(r, index);
    if (!stored) {
        answer_error(&r->answer, 404, "there is no such image; upload it first");
        return false;
    }
    free(r->block);
    r->block = r->body = stored;
    r->size = size;
    r->packed = false;
    return true;
}

/* The mask becomes a part of a multipart answer, with what its values mean. */
static void wrap(struct request *r)
{
    struct answer *a = &r->answer;
    struct text t = {0};
    json_t *names = datastore_label_names(r->model),
           *params = json_pack(
               "{s:o, s:s, s:{}}", "label_names", names, "doubts", a->doubts, "centroids");
    char *json = params ? bytes_json(params) : NULL;
    json_decref(params);
    bytes_add(&t,
        "--" BETWEEN "\r\nContent-Disposition: form-data; name=\"params\"\r\n"
        "Content-Type: application/json\r\n\r\n%s\r\n--" BETWEEN
        "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n"
        "Content-Type: application/octet-stream\r\n\r\n",
        json ? json : "{}", a->file);
    free(json);
    if (bytes_room(&t, a->text.used)) {
        memcpy(t.data + t.used, a->text.data, a->text.used);
        t.used += a->text.used;
    }
    bytes_add(&t, "\r\n--" BETWEEN "--\r\n");
    free(a->text.data);
    a->text = t;
    *a->file = 0;
    a->type = "multipart/form-data; boundary=" BETWEEN;
    if (t.lost) answer_error(a, 503, "out of memory; try again later");
}

bool monai_infer(struct request *r)
{
    const char *output = request_argument(r, "output");
    const bool plain = output && strcmp(output, "image") == 0;
    r->segments = output && strcmp(output, "dicom_seg") == 0;
    if (output && !plain && !r->segments && strcmp(output, "all") != 0) {
        answer_error(&r->answer, 400,
            "the server has the outputs all and image only, and dicom_seg of a DICOM series");
        return true;
    }
    if (!choose_image(r)) return true;
    if (r->segments && !r->series) {
        answer_error(
            &r->answer, 400, "only a DICOM series has the output dicom_seg; ask for all or image");
        return true;
    }
    if (!predict_file(r)) return false;
    if (r->answer.status == 200 && !plain && !r->segments) wrap(r);
    return true;
}
