/* SPDX-License-Identifier: Apache-2.0 */
#include "models.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

/* NAME of "NAME=PATH", if it may be one; else the last part of the path that says something. */
static const char *model_name(const char *word, char name[MODEL_NAME])
{
    const char *path = word, *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : 0;
    const bool named = equals && length && !memchr(word, '/', length);
    if (named) path = equals + 1;
    if (!named) {
        char part[2][MODEL_NAME] = {"", ""}; /* the last one, and the one before */
        for (const char *at = path; *at;) {
            at += strspn(at, "/");
            length = strcspn(at, "/");
            if (!length) break;
            memcpy(part[1], part[0], sizeof part[0]);
            snprintf(part[0], sizeof part[0], "%.*s", (int)length, at);
            at += length;
        }
        char *dot = strstr(part[0], ".safetensors");
        if (dot) *dot = 0;
        const bool plain = strcmp(part[0], "model") == 0 && *part[1];
        snprintf(name, MODEL_NAME, "%s", part[plain]);
    } else {
        snprintf(name, MODEL_NAME, "%.*s", (int)length, word);
    }
    for (char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c)) *c = '_';
    if (!*name || *name == '.') snprintf(name, MODEL_NAME, "model");
    return path;
}

static bool describe(struct served *s, att_context *c)
{
    char *text = NULL;
    if (att_model_json(c, s->model, &text) != ATT_OK) return false;
    json_t *all = json_loads(text, 0, NULL);
    const json_t *labels = json_object_get(all, "labels"),
                 *prepare = json_object_get(all, "preparation");
    const char *spec = json_string_value(json_object_get(all, "spec"));
    s->flat = spec && strstr(spec, "dims=2") != NULL;
    att_text_free(text);
    s->labels = json_incref(json_object_get(labels, "classes"));
    s->regions = !s->labels;
    if (!s->labels) s->labels = json_incref(json_object_get(labels, "regions"));
    json_t *about = json_pack("{s:s, s:O?, s:O?, s:O?}", "spec", spec, "labels", labels,
        "orientation", json_object_get(prepare, "orientation"), "spacing",
        json_object_get(prepare, "spacing"));
    s->about = about ? bytes_json(about) : NULL;
    json_decref(about);
    json_decref(all);
    return s->about != NULL;
}

int models_count(const struct models *m) { return atomic_load(&m->count); }

bool models_add(struct models *m, att_context *c, const char *word, char error[512])
{
    int version = 1;
    const int count = models_count(m);
    if (count == QUEUE_MODELS) {
        snprintf(
            error, 512, "more than %d models; start a second server for the others", QUEUE_MODELS);
        return false;
    }
    struct served *s = &m->list[count];
    const char *path = model_name(word, s->name);
    for (int i = 0; i < models_count(m); i++) version += strcmp(m->list[i].name, s->name) == 0;
    snprintf(s->version, sizeof s->version, "%d", version);
    s->path = realpath(path, NULL);
    if (!s->path) s->path = strdup(path); /* perhaps several, with commas between them */
    if (!s->path || att_model_load(c, path, &s->model) != ATT_OK || !describe(s, c)) {
        const char *why = att_context_error(c);
        snprintf(error, 512, "%s", *why ? why : "out of memory");
        att_model_free(s->model);
        json_decref(s->labels);
        free(s->path);
        *s = (struct served){.in = 0};
        return false;
    }
    att_model_channels(s->model, &s->in, &s->out);
    atomic_store(&m->count, count + 1);
    return true;
}

const struct served *models_find(const struct models *m, const char *name, const char *version)
{
    const struct served *found = NULL;
    for (int i = 0; i < models_count(m); i++) {
        const struct served *s = &m->list[i];
        if (!name && found && strcmp(found->name, s->name)) return NULL; /* which one? */
        if ((!name || strcmp(s->name, name) == 0) && (!version || strcmp(s->version, version) == 0))
            found = s;
    }
    return found;
}

void models_free(struct models *m)
{
    for (int i = 0; i < models_count(m); i++) {
        att_model_free(m->list[i].model);
        json_decref(m->list[i].labels);
        free(m->list[i].about);
        free(m->list[i].path);
    }
}
