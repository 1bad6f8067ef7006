/* SPDX-License-Identifier: Apache-2.0 */
#include "models.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

static bool name_letter(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("._-", c)); /* in the C locale: of ASCII */
}

static bool good_name(const char *name)
{
    const char *c = name;
    while (name_letter(*c)) c++;
    return *name && *name != '.' && !*c && c - name < MODEL_NAME;
}

/* The last part of the path that says something, for free(); NULL: no memory. */
static char *name_of_path(const char *path)
{
    char *whole = NULL, *name = NULL;
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    if (!*base || strcmp(base, ".") == 0 || strcmp(base, "..") == 0) whole = realpath(path, NULL);
    const char *from = whole ? whole : path, *last = strrchr(from, '/');
    last = last ? last + 1 : from;
    size_t length = strlen(last);
    const char *dot = strstr(last, ".safetensors");
    if (dot) length = (size_t)(dot - last);
    if (length == 5 && strncmp(last, "model", 5) == 0 && last > from + 1) { /* its folder's name */
        const char *end = last - 1;
        last = end;
        while (last > from && last[-1] != '/') last--;
        length = (size_t)(end - last);
    }
    name = strndup(last, length);
    free(whole);
    return name;
}

static bool describe(struct served *s, att_context *c)
{
    char *text = NULL;
    if (att_model_json(c, s->model, &text) != ATT_OK) return false;
    json_t *all = json_loads(text, 0, NULL);
    const json_t *labels = json_object_get(all, "labels"),
                 *prepare = json_object_get(all, "preparation");
    const char *spec = json_string_value(json_object_get(all, "spec"));
    const char *modality = json_string_value(json_object_get(all, "modality"));
    s->modality = modality ? strdup(modality) : NULL;
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
    return s->about != NULL && !modality == !s->modality;
}

int models_count(const struct models *m) { return atomic_load(&m->count); }

static att_status add_named(
    struct models *m, att_context *c, const char *name, const char *path, char error[512])
{
    int version = 1;
    const int count = models_count(m);
    if (count == QUEUE_MODELS) {
        snprintf(
            error, 512, "more than %d models; start a second server for the others", QUEUE_MODELS);
        return ATT_USAGE;
    }
    struct served *s = &m->list[count];
    snprintf(s->name, sizeof s->name, "%s", name);
    for (int i = 0; i < count; i++) version += strcmp(m->list[i].name, s->name) == 0;
    snprintf(s->version, sizeof s->version, "%d", version);
    s->path = realpath(path, NULL);
    if (!s->path) s->path = strdup(path); /* perhaps several, with commas between them */
    att_status status = s->path ? att_model_load(c, path, &s->model) : ATT_MEMORY;
    if (status == ATT_OK && !describe(s, c))
        status = *att_context_error(c) ? ATT_MODEL : ATT_MEMORY;
    if (status != ATT_OK) {
        const char *why = att_context_error(c);
        snprintf(error, 512, "%s", *why ? why : "out of memory");
        att_model_free(s->model);
        json_decref(s->labels);
        free(s->modality);
        free(s->about);
        free(s->path);
        *s = (struct served){.in = 0};
        return status;
    }
    att_model_channels(s->model, &s->in, &s->out);
    atomic_store(&m->count, count + 1);
    return ATT_OK;
}

att_status models_add(struct models *m, att_context *c, const char *word, char error[512])
{
    const char *equals = strchr(word, '=');
    const bool named = equals && equals > word && !memchr(word, '/', (size_t)(equals - word));
    const char *path = named ? equals + 1 : word;
    char *name = named ? strndup(word, (size_t)(equals - word)) : name_of_path(path);
    att_status status = ATT_MEMORY;
    snprintf(error, 512, "out of memory");
    if (name && good_name(name)) {
        status = add_named(m, c, name, path, error);
    } else if (name) {
        snprintf(error, 512,
            "'%.150s' cannot be the name of a model; write NAME=%.200s, with a NAME of at most %d "
            "letters of A-Z, a-z, 0-9, '-', '_' and '.'",
            name, path, MODEL_NAME - 1);
        status = ATT_USAGE;
    }
    free(name);
    return status;
}

static bool taken_name(const struct models *m, const char *name)
{
    for (int i = 0; i < models_count(m); i++)
        if (strcmp(m->list[i].name, name) == 0) return true;
    return false;
}

att_status models_add_path(struct models *m, att_context *c, const char *path, char error[512])
{
    enum { NUMBER = 4 }; /* bytes for "_64" */
    char own[MODEL_NAME - NUMBER], name[MODEL_NAME];
    char *whole = name_of_path(path);
    snprintf(own, sizeof own, "%s", whole ? whole : "");
    free(whole);
    for (char *at = own; *at; at++)
        if (!name_letter(*at)) *at = '_';
    if (!*own || *own == '.') snprintf(own, sizeof own, "model");
    snprintf(name, sizeof name, "%s", own);
    for (int i = 2; taken_name(m, name) && i <= QUEUE_MODELS; i++)
        snprintf(name, sizeof name, "%s_%d", own, i);
    return add_named(m, c, name, path, error);
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
        free(m->list[i].modality);
        free(m->list[i].about);
        free(m->list[i].path);
    }
}
