/* SPDX-License-Identifier: Apache-2.0 */
#include "cases.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "cases_list.h"

char *cases_text(const char *format, ...)
{
    char *result;
    va_list list;
    va_start(list, format);
    if (vasprintf(&result, format, list) < 0) result = NULL;
    va_end(list);
    return result;
}

void cases_entry_free(struct entry *e)
{
    if (!e) return;
    for (int i = 0; i < e->count; i++) free(e->images[i]);
    free(e->name);
    free(e->key);
    free(e->truth);
    free(e->mask);
    free(e->label);
    free(e);
}

void cases_destroy(struct cases *s)
{
    if (!s) return;
    for (int i = 0; i < s->count; i++) cases_entry_free(s->list[i]);
    free(s->list);
    free(s->folder);
    json_decref(s->labels);
    json_decref(s->listed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* ---- dataset.json */

json_t *cases_read_list(const struct cases *s)
{
    char *path = cases_text("%s/dataset.json", s->folder);
    json_t *root = NULL;
    if (path && access(path, F_OK) != 0 && errno == ENOENT)
        root = json_pack("{s:{}, s:{s:i}}", "dataset", "attunet", "version", 1);
    else if (path)
        root = json_load_file(path, 0, NULL);
    free(path);
    if (json_is_object(json_object_get(root, "attunet")) &&
        json_is_object(json_object_get(root, "dataset")))
        return root;
    json_decref(root);
    return NULL;
}

bool cases_write_list(const struct cases *s, const json_t *root)
{
    char *words = json_dumps(root, JSON_INDENT(1) | JSON_SORT_KEYS);
    const bool good = words && cases_replace_file(s, "dataset.json", words, strlen(words));
    free(words);
    return good;
}

char *cases_in_folder(const struct cases *s, const char *path)
{
    return *path == '/' ? cases_text("%s", path) : cases_text("%s/%s", s->folder, path);
}

const char *cases_listed_path(const struct cases *s, const char *path)
{
    const size_t n = strlen(s->folder);
    return strncmp(path, s->folder, n) == 0 && path[n] == '/' ? path + n + 1 : path;
}

static const char *first_image(const json_t *one)
{
    return json_string_value(json_array_get(json_object_get(one, "images"), 0));
}

/* The entry of these images in a list, whose key it returns. */
static const char *find_listed(
    const struct cases *s, json_t *root, const struct entry *e, json_t **found)
{
    const char *key;
    json_t *one;
    json_object_foreach(json_object_get(root, "dataset"), key, one)
    {
        const char *first = first_image(one);
        if (!first || strcmp(first, cases_listed_path(s, e->images[0])) != 0) continue;
        *found = one;
        return key;
    }
    return NULL;
}

/* ---- the list */

/* So that each case that is added is looked up at once. */
static json_t *index_list(json_t *root)
{
    json_t *index = json_object(), *one;
    const char *key;
    json_object_foreach(json_object_get(root, "dataset"), key, one)
    {
        const char *first = first_image(one);
        if (first && !json_object_get(index, first))
            json_object_set_new(index, first,
                json_pack("{s:s, s:O?}", "key", key, "label", json_object_get(one, "label")));
    }
    return index;
}

bool cases_take(struct entry *e, const struct cases *s)
{
    const json_t *one =
        s->folder ? json_object_get(s->listed, cases_listed_path(s, e->images[0])) : NULL;
    const char *key = json_string_value(json_object_get(one, "key")),
               *label = json_string_value(json_object_get(one, "label"));
    if (key && !e->key) e->key = cases_text("%s", key);
    if (label) e->label = cases_in_folder(s, label);
    return (!key || e->key) && (!label || e->label);
}

/* Names go into JSON. */
static void make_utf8(char *name)
{
    json_t *j = json_string(name);
    for (; !j && *name; name++)
        if (*name & 0x80) *name = '?';
    json_decref(j);
}

static char *full_path(const char *path)
{
    if (!path) return NULL;
    char *full = realpath(path, NULL), *here = full || *path == '/' ? NULL : getcwd(NULL, 0);
    if (!full) full = here ? cases_text("%s/%s", here, path) : cases_text("%s", path);
    free(here);
    return full;
}

bool cases_append(struct cases *s, struct entry *e)
{
    if (s->count == s->room) {
        const int room = s->room ? 2 * s->room : 64;
        struct entry **list = realloc(s->list, (size_t)room * sizeof *list);
        if (!list) return false;
        s->list = list;
        s->room = room;
    }
    s->list[s->count++] = e;
    return true;
}

bool cases_add(struct cases *s, const char *name, const char *const *images, int count,
    const char *truth, const char *mask, double dice)
{
    struct entry *e = count > 0 && count <= CASE_FILES ? calloc(1, sizeof *e) : NULL;
    if (!e) return false;
    e->name = cases_text("%s", name);
    if (e->name) make_utf8(e->name);
    e->truth = full_path(truth);
    e->mask = full_path(mask);
    e->dice = dice;
    e->doubt = NAN;
    bool good = e->name && (!truth || e->truth) && (!mask || e->mask);
    for (int i = 0; i < count && good; i++, e->count++)
        good = (e->images[i] = full_path(images[i])) != NULL;
    pthread_mutex_lock(&s->lock);
    good = good && cases_take(e, s) && cases_append(s, e);
    if (!good) cases_entry_free(e);
    pthread_mutex_unlock(&s->lock);
    return good;
}

/* Strings of a list. */
static int strings(const json_t *list, const char *to[CASE_FILES])
{
    int count = 0;
    for (size_t i = 0; i < json_array_size(list) && count < CASE_FILES; i++) {
        const char *one = json_string_value(json_array_get(list, i));
        if (one) to[count++] = one;
    }
    return count;
}

bool cases_add_listed(struct cases *s, const json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        const char *images[CASE_FILES], *labels[CASE_FILES];
        const int count = strings(json_object_get(one, "images"), images),
                  truths = strings(json_object_get(one, "labels"), labels);
        const json_t *dice = json_object_get(one, "dice");
        const char *name = json_string_value(json_object_get(one, "case"));
        if (!count || !name) continue;
        if (!cases_add(s, name, images, count, truths == 1 ? labels[0] : NULL,
                json_string_value(json_object_get(one, "mask")),
                json_is_number(dice) ? json_number_value(dice) : NAN))
            return false;
    }
    return true;
}

/* The length of a file's name without ".nii.gz" and the like. */
size_t cases_stem(const char *name)
{
    size_t length = strlen(name);
    if (length > 3 && strcmp(name + length - 3, ".gz") == 0) length -= 3;
    for (size_t i = length; i > 1; i--)
        if (name[i - 1] == '.') return i - 1;
    return length;
}

att_status cases_pair(
    struct cases *s, const char *option, const char *masks, bool truth, char error[512])
{
    struct stat info;
    if (!masks) return ATT_OK;
    if (stat(masks, &info) != 0) {
        snprintf(error, 512, "cannot read --%s %.300s: %s", option, masks, strerror(errno));
        return ATT_IO;
    }
    const bool folder = S_ISDIR(info.st_mode);
    int found = 0;
    if (!folder && s->count != 1) {
        snprintf(error, 512, "--%s %.300s is one file, but there are %d cases; give a folder",
            option, masks, s->count);
        return ATT_USAGE;
    }
    for (int i = 0; i < s->count; i++) {
        struct entry *e = s->list[i];
        char **to = truth ? &e->truth : &e->mask,
             *file = folder ? cases_file_of(masks, e->name) : full_path(masks);
        found += file != NULL;
        if (*to)
            free(file);
        else
            *to = file;
    }
    if (found || !s->count) return ATT_OK;
    snprintf(error, 512, "no file in --%s %.300s has the name of a case, such as %.100s", option,
        masks, s->list[0]->name);
    return ATT_USAGE;
}

static void stamp_of(const char *path, char stamp[CASE_STAMP])
{
    struct stat s;
    *stamp = 0;
    if (path && stat(path, &s) == 0)
        snprintf(stamp, CASE_STAMP, "%llx-%lx-%llx", (unsigned long long)s.st_mtim.tv_sec,
            (unsigned long)s.st_mtim.tv_nsec, (unsigned long long)s.st_ino);
}

bool cases_get(struct cases *s, int index, struct one_case *one)
{
    pthread_mutex_lock(&s->lock);
    const bool there = index >= 0 && index < s->count;
    if (there) {
        const struct entry *e = s->list[index];
        *one = (struct one_case){.name = e->name,
            .key = e->key,
            .images = (const char *const *)e->images,
            .count = e->count,
            .truth = e->truth,
            .mask = e->mask,
            .dice = e->dice,
            .doubt = e->doubt,
            .series = e->series};
        stamp_of(e->label, one->stamp);
        stamp_of(e->images[0], one->version);
        if (*one->stamp) one->label = e->label; /* it may have been removed */
    }
    pthread_mutex_unlock(&s->lock);
    return there;
}

int cases_count(struct cases *s)
{
    pthread_mutex_lock(&s->lock);
    const int count = s->count;
    pthread_mutex_unlock(&s->lock);
    return count;
}

int cases_index_of(const struct cases *s, const char *name)
{
    for (int i = 0; i < s->count; i++)
        if (strcmp(s->list[i]->name, name) == 0) return i;
    return -1;
}

int cases_index(struct cases *s, const char *name)
{
    pthread_mutex_lock(&s->lock);
    const int found = cases_index_of(s, name);
    pthread_mutex_unlock(&s->lock);
    return found;
}

void cases_doubt(struct cases *s, int index, double doubt)
{
    pthread_mutex_lock(&s->lock);
    if (index >= 0 && index < s->count) s->list[index]->doubt = doubt;
    pthread_mutex_unlock(&s->lock);
}

bool cases_keep(const struct cases *s) { return s->folder != NULL; }

const char *cases_folder(const struct cases *s) { return s->folder; }

void cases_forget_doubts(struct cases *s)
{
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < s->count; i++) s->list[i]->doubt = NAN;
    pthread_mutex_unlock(&s->lock);
}

struct entry *cases_new_upload(
    const struct cases *s, const char *name, const char *key, const char *path)
{
    struct entry *e = calloc(1, sizeof *e);
    if (!e) return NULL;
    e->dice = e->doubt = NAN;
    e->name = cases_text("%s", name);
    e->key = cases_text("%s", key);
    e->images[0] = cases_in_folder(s, path);
    e->count = 1;
    e->uploaded = true;
    if (e->name && e->key && e->images[0]) return e;
    cases_entry_free(e);
    return NULL;
}

static bool add_uploads(struct cases *s, json_t *root)
{
    const char *key;
    json_t *one;
    json_object_foreach(json_object_get(json_object_get(root, "attunet"), "images"), key, one)
    {
        const char *name = json_string_value(json_object_get(one, "name")),
                   *path = json_string_value(json_object_get(one, "image"));
        struct entry *e = name && path ? cases_new_upload(s, name, key, path) : NULL;
        if (e && cases_take(e, s) && cases_append(s, e)) continue;
        cases_entry_free(e);
        return false;
    }
    return true;
}

struct cases *cases_create(const char *datastore, char error[512])
{
    struct cases *s = calloc(1, sizeof *s);
    if (s && datastore) s->folder = full_path(datastore);
    if (s) s->labels = json_object();
    if (!s || (datastore && !s->folder) || !s->labels) {
        snprintf(error, 512, "out of memory");
        if (s) json_decref(s->labels);
        free(s);
        return NULL;
    }
    pthread_mutex_init(&s->lock, NULL);
    json_t *root = datastore ? cases_read_list(s) : json_null();
    s->listed = root ? index_list(root) : NULL;
    const bool good = s->listed && add_uploads(s, root);
    json_decref(root);
    if (good) return s;
    snprintf(error, 512,
        "%.400s/dataset.json is not a list of this program; give another --datastore", datastore);
    cases_destroy(s);
    return NULL;
}

void cases_labels(struct cases *s, const json_t *labels)
{
    size_t i;
    json_t *one;
    json_array_foreach(labels, i, one)
    {
        const char *name = json_string_value(json_object_get(one, "name"));
        json_t *value = json_object_get(one, "value");
        if (name && json_is_integer(value)) json_object_set(s->labels, name, value);
    }
}

/* "labels" of the list, with all that models have. */
static json_t *names_of(const struct cases *s, json_t *root)
{
    json_t *labels = json_object_get(root, "labels");
    if (!labels) json_object_set_new(root, "labels", labels = json_object());
    json_object_update(labels, s->labels);
    return labels;
}

json_t *cases_label_names(struct cases *s)
{
    pthread_mutex_lock(&s->lock);
    json_t *root = s->folder ? cases_read_list(s) : NULL,
           *names = root ? json_incref(names_of(s, root)) : json_copy(s->labels);
    json_decref(root);
    pthread_mutex_unlock(&s->lock);
    return names;
}

/* ---- saving */

bool cases_used_key(json_t *root, const char *key)
{
    return json_object_get(json_object_get(root, "dataset"), key) != NULL;
}

/* A name of files for a case: its own, with letters that every program takes. */
static char *new_key(const struct entry *e, json_t *root)
{
    char plain[64];
    size_t n = 0;
    for (const char *c = e->name; *c && n < sizeof plain - 1; c++, n++) {
        const bool letter = (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z');
        const bool good = letter || (*c >= '0' && *c <= '9') || (n && strchr("-_.", *c));
        plain[n] = good ? *c : '_';
    }
    plain[n] = 0;
    char *key = cases_text("%s", n ? plain : "case");
    for (int i = 2; key && cases_used_key(root, key); i++) {
        free(key);
        key = cases_text("%s_%d", n ? plain : "case", i);
    }
    return key;
}

/* Names of values that have none, if no model says which there are.  False: `error`. */
static bool name_values(
    json_t *labels, const uint16_t *values, size_t count, bool more, char error[512])
{
    enum { NAMES_MOST = 254 };
    uint8_t new[(UINT16_MAX + 1) / 8] = {0};
    for (size_t i = 0; i < count; i++) new[values[i] / 8] |= (uint8_t)(1u << values[i] % 8);
    new[0] |= 1;
    const char *name;
    json_t *value;
    json_object_foreach(labels, name, value)
    {
        const json_int_t v = json_integer_value(value);
        if (v >= 0 && v <= UINT16_MAX) new[v / 8] &= (uint8_t) ~(1u << v % 8);
    }
    for (int v = 0; v <= UINT16_MAX; v++) {
        char words[24];
        snprintf(words, sizeof words, v ? "label %d" : "background", v);
        if (!(new[v / 8] >> v % 8 & 1)) continue;
        if (v && !more) {
            snprintf(error, 512,
                "the label has the value %d, but neither the model nor dataset.json of the "
                "datastore has such a class",
                v);
            return false;
        }
        if (json_object_size(labels) >= NAMES_MOST) {
            snprintf(error, 512, "the labels have more than %d values; send the values of classes",
                NAMES_MOST);
            return false;
        }
        json_object_set_new(labels, words, json_integer(v));
    }
    return true;
}

/* Adds a case with its label to the list; false: JSON cannot hold a path of it. */
static bool list_case(const struct cases *s, json_t *root, const struct entry *e, int channels)
{
    json_t *images = json_array(), *names = json_object(), *all = json_object_get(root, "dataset");
    char number[12];
    for (int i = 0; i < e->count; i++)
        json_array_append_new(images, json_string(cases_listed_path(s, e->images[i])));
    for (int i = 0; i < channels; i++) {
        snprintf(number, sizeof number, "%d", i);
        json_object_set_new(names, number, json_string(channels > 1 ? number : "image"));
    }
    const bool whole = json_array_size(images) == (size_t)e->count &&
        json_object_set_new(all, e->key,
            json_pack("{s:O, s:s, s:s}", "images", images, "label", cases_listed_path(s, e->label),
                "name", e->series ? e->key : e->name)) == 0;
    json_decref(images);
    json_object_set_new(root, "channel_names", names);
    json_object_set_new(root, "numTraining", json_integer((json_int_t)json_object_size(all)));
    json_object_set_new(root, "file_ending", json_string(".nii.gz"));
    return whole;
}

/* The label that is there gets another name, too, before its own name goes to the new one. */
static bool keep_old(const struct cases *s, const struct entry *e, const char *stamp)
{
    char *folder = cases_text("%s/replaced", s->folder);
    char *to = cases_text("%s/replaced/%s-%s", s->folder, stamp, strrchr(e->label, '/') + 1);
    const bool good = folder && to && cases_make_folder(s, "replaced") &&
        (link(e->label, to) == 0 || errno == EEXIST) && cases_sync_folder(folder);
    free(folder);
    free(to);
    return good;
}

struct saving {
    struct cases *s;
    struct entry *e;
    att_context *context;
    const att_image *image;
    const uint16_t *labels;
    const char *version, *over;
    bool backup;
    att_status status;
    char *error;
};

static enum cases_end failed(struct saving *w, att_status status, const char *words)
{
    w->status = status;
    snprintf(w->error, 512, "%s", words);
    return CASES_FAILED;
}

static enum cases_end failed_write(struct saving *w, const char *words)
{
    w->status = ATT_IO;
    snprintf(w->error, 512, "%s: %s; check the datastore, then save again", words, strerror(errno));
    return CASES_FAILED;
}

static enum cases_end save_locked(struct saving *w, json_t *root)
{
    struct entry *e = w->e;
    json_t *found = NULL;
    const char *key = find_listed(w->s, root, e, &found), *ending = att_image_ending(w->image);
    const char *path = json_string_value(json_object_get(found, "label"));
    char stamp[CASE_STAMP];
    stamp_of(e->images[0], stamp);
    if (strcmp(w->version, stamp) != 0) {
        snprintf(w->error, 512, "the image has changed meanwhile; load it and its label again");
        return CASES_CHANGED;
    }
    if (!e->key) e->key = key ? cases_text("%s", key) : new_key(e, root);
    if (!e->key) return failed(w, ATT_MEMORY, "out of memory");
    char *label = path ? cases_in_folder(w->s, path)
                       : cases_text("%s/labels/%s%s", w->s->folder, e->key, ending);
    if (!label) return failed(w, ATT_MEMORY, "out of memory");
    if (e->label)
        free(label); /* a name stays: callers of cases_get may hold it */
    else
        e->label = label;
    label = e->label;
    stamp_of(label, stamp);
    if (*stamp && !w->backup && (!w->over || strcmp(w->over, stamp) != 0)) return CASES_TAKEN;
    const int *n = w->image->size;
    const size_t count = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
    if (!name_values(
            names_of(w->s, root), w->labels, count, !json_object_size(w->s->labels), w->error))
        return CASES_UNNAMED;
    if (*stamp && w->backup && !keep_old(w->s, e, stamp))
        return failed_write(w, "cannot keep the label that is there");
    if (!list_case(w->s, root, e, w->image->channels))
        return failed(w, ATT_DATA, "the path of the image is not UTF-8; rename it");
    const att_status status = att_mask_save(w->context, w->image, w->labels, label);
    if (status != ATT_OK) return failed(w, status, att_context_error(w->context));
    if (!cases_write_list(w->s, root))
        return failed_write(w, "the label is saved, but the list of labels is not");
    return CASES_DONE;
}

enum cases_end cases_save(struct cases *s, att_context *c, int index, const att_image *image,
    const uint16_t *labels, const char *version, const char *over, bool backup, att_status *status,
    char error[512])
{
    struct saving w = {.s = s,
        .context = c,
        .image = image,
        .labels = labels,
        .version = version,
        .over = over,
        .backup = backup,
        .error = error};
    enum cases_end end;
    pthread_mutex_lock(&s->lock);
    w.e = s->list[index];
    const int lock = cases_lock_folder(s, "labels");
    if (lock < 0) {
        end = failed_write(&w, "cannot write into the datastore");
    } else {
        json_t *root = cases_read_list(s); /* another process may have saved since */
        end = root ? save_locked(&w, root)
                   : failed(&w, ATT_IO, "the list of the datastore is damaged; restore it");
        json_decref(root);
    }
    if (lock >= 0) close(lock);
    *status = w.status;
    pthread_mutex_unlock(&s->lock);
    return end;
}
