/* SPDX-License-Identifier: Apache-2.0 */
#include "series.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "place.h"
#include "server.h"

enum { UID = 65, KEY = 32 };
enum { AGAIN = 10 }; /* seconds until the folder is listed again, and until a series is complete */

struct one_series {
    char uid[UID], study[UID], modality[20];
    char **paths;
    int count, room;
    double samples;
    /* Of its images, and of those that the volume leaves out if there are others. */
    bool inverse[2], units[2], own;
    bool read, doubtful; /* doubtful: the program warned when it was read */
    uint64_t written;    /* of the files that are its volume; 0: none */
    uint64_t folders;    /* of those that have its files; 0: perhaps more files come */
};
struct series {
    pthread_mutex_t lock;
    char *folder;
    struct cases *cases;
    struct one_series *list; /* by UID */
    int count;
    /* A thread of its own lists the folder, for all requests that wait: it may take longer than
     * one of them. */
    pthread_t lister;
    bool lister_runs;
    pthread_cond_t wanted;   /* a listing, or the lister's end */
    int asked, begun, ended; /* listings, by number */
    int good;                /* the last one that did not fail */
    double listed;           /* when the last one ended, by queue_clock */
    atomic_bool stops;
};

bool series_uid(const char *name)
{
    const size_t length = strlen(name);
    return length && length < UID && strspn(name, "0123456789.") == length;
}

static uint64_t mixed(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < size; i++) hash = (hash ^ b[i]) * 1099511628211u; /* FNV-1a */
    return hash;
}
static const struct timespec moment = {0, 20 * 1000 * 1000};
static const uint64_t unmixed = 14695981039346656037u;

/* ---- the list */

static void free_list(struct one_series *list, int count)
{
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < list[i].count; k++) free(list[i].paths[k]);
        free(list[i].paths);
    }
    free(list);
}

static int by_uid(const void *a, const void *b)
{
    return strcmp(((const struct one_series *)a)->uid, ((const struct one_series *)b)->uid);
}

static struct one_series *find_series(const struct series *s, const char *uid)
{
    struct one_series key;
    snprintf(key.uid, UID, "%s", uid);
    return s->list ? bsearch(&key, s->list, (size_t)s->count, sizeof key, by_uid) : NULL;
}

static bool add_path(struct one_series *o, const char *path)
{
    if (o->count == o->room) {
        const int room = o->room ? 2 * o->room : 16;
        char **paths = realloc(o->paths, (size_t)room * sizeof *paths);
        if (!paths) return false;
        o->paths = paths;
        o->room = room;
    }
    o->paths[o->count] = strdup(path);
    return o->paths[o->count++] != NULL;
}

struct lines {
    char **list;
    size_t count, room;
};

static bool read_lines(const struct place *p, struct lines *l)
{
    char *path = place_path(p, "out"), *line = NULL;
    FILE *file = path ? fopen(path, "re") : NULL;
    size_t size = 0;
    bool good = file != NULL;
    while (good && getline(&line, &size, file) > 0) {
        if (l->count == l->room) {
            const size_t room = 2 * l->room + 64;
            char **list = realloc(l->list, room * sizeof *list);
            if (!(good = list != NULL)) break;
            l->list = list;
            l->room = room;
        }
        line[strcspn(line, "\n")] = 0;
        good = (l->list[l->count] = strdup(line)) != NULL;
        l->count += good;
    }
    if (file) fclose(file);
    free(line);
    free(path);
    return good;
}

static int by_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lines of one series follow each other. False: no memory. */
static bool add_line(struct one_series *list, int *count, const char *line)
{
    struct one_series o = {.count = 0};
    char values[32];
    double samples;
    int at = 0;
    if (sscanf(line, "%64s %64s %19s %31s %lf %n", o.uid, o.study, o.modality, values, &samples,
            &at) != 5 ||
        !line[at] || !series_uid(o.uid))
        return true;
    if (!*count || strcmp(list[*count - 1].uid, o.uid) != 0) list[(*count)++] = o;
    struct one_series *last = &list[*count - 1];
    const bool aside = strstr(values, "aside");
    last->samples += samples;
    last->inverse[aside] |= strstr(values, "inverse") != NULL;
    last->units[aside] |= strstr(values, "units") != NULL;
    last->own |= !aside;
    return add_path(last, line + at);
}

/* The times of the folders that have its files; 0: one is gone, or changed after `quiet`. */
static uint64_t stamp_folders(const struct one_series *o, time_t quiet)
{
    uint64_t stamp = unmixed;
    size_t last = 0;
    for (int i = 0; i < o->count && stamp; i++) {
        const size_t length = (size_t)(strrchr(o->paths[i], '/') - o->paths[i]);
        if (i && length == last && memcmp(o->paths[i], o->paths[i - 1], length) == 0) continue;
        last = length;
        struct stat info = {0};
        char *folder = strndup(o->paths[i], length);
        const bool there = folder && stat(folder, &info) == 0 && info.st_mtim.tv_sec <= quiet;
        free(folder);
        const int64_t says[] = {info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
        stamp = there ? mixed(stamp, says, sizeof says) : 0;
    }
    return stamp;
}

static bool read_index(const struct place *p, struct one_series **list, int *count)
{
    struct lines l = {.count = 0};
    bool good = read_lines(p, &l);
    if (good && l.count) {
        qsort(l.list, l.count, sizeof *l.list, by_words);
        *list = calloc(l.count, sizeof **list);
        good = *list != NULL;
    }
    for (size_t i = 0; i < l.count; i++) {
        good = good && add_line(*list, count, l.list[i]);
        free(l.list[i]);
    }
    free(l.list);
    return good;
}

/* Its files in the datastore have this name. */
static void key_of(const char *uid, char key[KEY])
{
    snprintf(key, KEY, "series_%016" PRIx64, mixed(unmixed, uid, strlen(uid)));
}

static void take_list(struct series *s, struct one_series *list, int count)
{
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < count; i++) {
        const struct one_series *old = find_series(s, list[i].uid);
        char key[KEY];
        if (old) list[i].written = old->written;
        if (old) list[i].read = old->read;
        if (old) list[i].doubtful = old->doubtful;
        key_of(list[i].uid, key);
        cases_series(s->cases, list[i].uid, key); /* without memory it is not there */
    }
    free_list(s->list, s->count);
    s->list = list;
    s->count = count;
    pthread_mutex_unlock(&s->lock);
}

/* False: p->words says why. */
static bool list_folder(struct series *s, struct place *p)
{
    const char *words[] = {PROGRAM, "index", s->folder, NULL};
    struct one_series *list = NULL;
    int count = 0;
    const time_t quiet = time(NULL) - AGAIN;
    const int status = place_run(p, words, NULL, &s->stops);
    if (status == ATT_DATA) /* its sentence names a file, perhaps after a patient */
        snprintf(p->words, PLACE_WORDS, "a damaged file ends " PROGRAM " index; run it by hand");
    if (status) return false;
    if (read_index(p, &list, &count)) {
        for (int i = 0; i < count; i++) list[i].folders = stamp_folders(&list[i], quiet);
        take_list(s, list, count);
        return true;
    }
    free_list(list, count);
    snprintf(p->words, PLACE_WORDS, "out of memory");
    return false;
}

static void *list_when_asked(void *of)
{
    struct series *s = of;
    struct place p;
    pthread_mutex_lock(&s->lock);
    while (!atomic_load(&s->stops)) {
        if (s->asked == s->begun) {
            pthread_cond_wait(&s->wanted, &s->lock);
            continue;
        }
        s->begun++;
        pthread_mutex_unlock(&s->lock);
        const bool there = place_enter(&p), good = there && list_folder(s, &p);
        if (!there) snprintf(p.words, PLACE_WORDS, "cannot make a folder in TMPDIR");
        if (!good && !atomic_load(&s->stops))
            fprintf(stderr, "attunet-serve: %s\n", p.words); /* may name the folder */
        place_leave(&p);
        pthread_mutex_lock(&s->lock);
        s->ended = s->begun;
        if (good) s->good = s->begun;
        s->listed = queue_clock();
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* Waits for the listing of that number, under the lock. */
static void await_listing(struct series *s, struct worker *w, int number)
{
    if (!s->lister_runs) /* not before signals are blocked */
        s->lister_runs = pthread_create(&s->lister, NULL, list_when_asked, s) == 0;
    if (s->asked < number) s->asked = number;
    pthread_cond_signal(&s->wanted);
    while (s->lister_runs && s->ended < number && !worker_stopped(w)) {
        pthread_mutex_unlock(&s->lock);
        nanosleep(&moment, NULL);
        pthread_mutex_lock(&s->lock);
    }
}

/* For a series that is not in the list: perhaps it has come since. Under the lock. */
static void list_when_due(struct series *s, struct worker *w)
{
    if (s->begun > s->ended || queue_clock() - s->listed > AGAIN)
        await_listing(s, w, s->ended + 1); /* one that runs is good enough */
}

struct series *series_create(const char *folder, struct cases *cases, char error[512])
{
    struct place p;
    struct series *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(error, 512, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->wanted, NULL);
    s->cases = cases;
    s->folder = realpath(folder, NULL);
    if (!s->folder) {
        snprintf(error, 512, "cannot read --dicom %.300s: %s", folder, strerror(errno));
    } else if (!place_enter(&p)) {
        snprintf(error, 512, "cannot make a folder in TMPDIR: %s", strerror(errno));
    } else {
        const bool good = list_folder(s, &p);
        s->listed = queue_clock();
        place_leave(&p);
        if (good) return s;
        snprintf(error, 512, "--dicom %.200s: %.280s", folder, p.words);
    }
    series_destroy(s);
    return NULL;
}

void series_destroy(struct series *s)
{
    if (!s) return;
    pthread_mutex_lock(&s->lock);
    atomic_store(&s->stops, true);
    pthread_cond_signal(&s->wanted);
    pthread_mutex_unlock(&s->lock);
    if (s->lister_runs) pthread_join(s->lister, NULL);
    free_list(s->list, s->count);
    free(s->folder);
    pthread_cond_destroy(&s->wanted);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static bool lists(const char *list, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ',') && (!at[length] || at[length] == ',')) return true;
    return false;
}

void series_about(struct series *s, const char *uid, json_t *to)
{
    pthread_mutex_lock(&s->lock);
    const struct one_series *o = find_series(s, uid);
    json_object_set_new(to, "SeriesInstanceUID", json_string(uid));
    if (o && series_uid(o->study))
        json_object_set_new(to, "StudyInstanceUID", json_string(o->study));
    if (o && strcmp(o->modality, "-") != 0)
        json_object_set_new(to, "Modality", json_string(o->modality));
    pthread_mutex_unlock(&s->lock);
}

/* ---- one series */

/* Links to its files in the place's folder `in`.  *stamp: of these files; 0: one is missing. */
static bool link_files(const struct place *p, const struct one_series *o, uint64_t *stamp)
{
    char *in = place_path(p, "in"), name[16];
    bool good = in && mkdir(in, 0700) == 0;
    *stamp = unmixed;
    for (int i = 0; i < o->count && good && *stamp; i++) {
        struct stat info = {0};
        const bool there = stat(o->paths[i], &info) == 0 && S_ISREG(info.st_mode);
        const int64_t says[] = {
            info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec, (int64_t)info.st_ino};
        *stamp = there ? mixed(*stamp, says, sizeof says) : 0;
        snprintf(name, sizeof name, "in/%06d", i + 1);
        char *link = place_path(p, name);
        good = link && symlink(o->paths[i], link) == 0;
        free(link);
    }
    free(in);
    return good;
}

/* Files may have come, gone or got other names since the folder was listed, or while it was. */
static bool may_have_changed(const struct one_series *o)
{
    return !o->folders || stamp_folders(o, (time_t)INT64_MAX) != o->folders;
}

/* Lists the folder again if the series may have other files; false: it has answered. */
static bool complete(struct request *r, struct worker *w, const char *uid)
{
    struct series *s = r->server->series;
    pthread_mutex_lock(&s->lock);
    const struct one_series *o = find_series(s, uid);
    const int number = s->begun + 1; /* one that runs may have passed its folder */
    const bool changed = o && may_have_changed(o);
    if (changed)
        await_listing(s, w, number);
    else if (!o)
        list_when_due(s, w); /* all of its files were gone: perhaps they are back */
    const bool good = !changed || s->good >= number;
    pthread_mutex_unlock(&s->lock);
    if (!good && worker_stopped(w))
        answer_failure(&r->answer, ATT_INTERRUPTED, "");
    else if (!good)
        answer_error(&r->answer, 503,
            "the series may have other files by now, but the server cannot list them; see its log");
    return good;
}

static void gone(struct request *r)
{
    answer_error(&r->answer, 404, "the server has no such DICOM series, or not all of its files");
}

/* Makes links to the files of the series; false: it has answered.  *done: the stamp of those that
 * are the volume. */
static bool enter_series(
    struct request *r, struct place *p, const char *uid, uint64_t *stamp, uint64_t *done)
{
    struct series *s = r->server->series;
    double samples = 0;
    bool good = place_enter(p);
    pthread_mutex_lock(&s->lock);
    const struct one_series *o = find_series(s, uid);
    if (good && o) {
        good = link_files(p, o, stamp);
        *done = o->written;
        samples = o->samples;
    }
    pthread_mutex_unlock(&s->lock);
    if (!good)
        answer_failure(&r->answer, ATT_IO, "cannot write into TMPDIR");
    else if (!o || !*stamp)
        gone(r);
    else if (samples > (double)r->server->max_samples)
        answer_error(&r->answer, 413, "the series has %.0f samples, but at most %zu are allowed",
            samples, r->server->max_samples);
    return !r->answer.status;
}

static void refuse(struct request *r, struct worker *w, const struct place *p, int status)
{
    if (worker_stopped(w))
        answer_failure(&r->answer, ATT_INTERRUPTED, "");
    else if (status == ATT_DATA)
        answer_error(&r->answer, 400, "%s", p->words);
    else
        answer_failure(&r->answer, status == ATT_MEMORY ? ATT_MEMORY : ATT_IO, p->words);
}

/* A file of the place, if the flags allow its size; false: it has answered. */
static bool read_result(struct request *r, const struct place *p, const char *name, struct text *t)
{
    struct stat info;
    char *path = place_path(p, name);
    const bool there = path && stat(path, &info) == 0;
    if (there && (size_t)info.st_size > r->server->max_body)
        answer_error(&r->answer, 413, "the series takes more than %zu bytes as one file",
            r->server->max_body);
    else if (!there || !datastore_read(path, t))
        answer_error(&r->answer, 503, "out of memory; try again later");
    free(path);
    return !r->answer.status;
}

/* Writes the volume into the place. */
static int make_volume(struct series *s, struct worker *w, const char *uid, struct place *p)
{
    char *in = place_path(p, "in"), *out = place_path(p, "volume.nii.gz");
    const char *words[] = {PROGRAM, "volume", in, "-o", out, "--straighten", "--own-slices", NULL};
    const int status = in && out ? place_run(p, words, w, &s->stops) : ATT_MEMORY;
    free(in);
    free(out);
    const bool warned = !status && place_warned(p);
    pthread_mutex_lock(&s->lock);
    struct one_series *o = find_series(s, uid);
    if (o && !status) o->read = true;
    if (o && !status) o->doubtful = warned;
    pthread_mutex_unlock(&s->lock);
    return status;
}

static bool write_volume(struct request *r, struct worker *w, const struct one_case *one, int index,
    struct place *p, uint64_t stamp)
{
    struct series *s = r->server->series;
    struct text t = {0};
    const int status = make_volume(s, w, one->name, p);
    if (status) refuse(r, w, p, status);
    enum cases_end end = CASES_FAILED;
    if (!status && read_result(r, p, "volume.nii.gz", &t) && datastore_room(r, t.used) &&
        (end = cases_volume(s->cases, index, t.data, t.used)) == CASES_FAILED)
        datastore_unwritten(r);
    free(t.data);
    if (r->answer.status) return false;
    pthread_mutex_lock(&s->lock);
    struct one_series *o = find_series(s, one->name);
    if (o && end == CASES_DONE) o->written = stamp;
    pthread_mutex_unlock(&s->lock);
    return true;
}

bool series_ready(struct request *r, struct worker *w, int index)
{
    struct one_case one;
    struct place p;
    uint64_t stamp = 0, done = 0;
    if (!cases_get(r->server->cases, index, &one) || !one.series) return true;
    const bool there = access(one.images[0], R_OK) == 0;
    if (there && one.label) return true; /* which lies on it */
    if (!complete(r, w, one.name)) return false;
    const bool good = enter_series(r, &p, one.name, &stamp, &done) &&
        ((there && stamp == done) || write_volume(r, w, &one, index, &p, stamp));
    place_leave(&p);
    return good;
}

int series_index(struct request *r, struct worker *w, const char *uid)
{
    struct server *s = r->server;
    int index = cases_index(s->cases, uid);
    if (index < 0) {
        pthread_mutex_lock(&s->series->lock);
        list_when_due(s->series, w);
        pthread_mutex_unlock(&s->series->lock);
        index = cases_index(s->cases, uid);
    }
    if (index < 0) gone(r);
    return index;
}

bool series_take(struct request *r, struct worker *w)
{
    const int index = series_index(r, w, r->series);
    return index >= 0 && series_ready(r, w, index) && datastore_take(r, index);
}

/* ---- doubts */

/* Reads a series whose volume is of another run of the server: a label lies on it. */
static void read_again(struct series *s, struct worker *w, const char *uid)
{
    struct place p;
    uint64_t stamp = 0;
    const bool there = place_enter(&p);
    pthread_mutex_lock(&s->lock);
    const struct one_series *o = find_series(s, uid);
    const bool good = there && o && !o->read && link_files(&p, o, &stamp) && stamp;
    pthread_mutex_unlock(&s->lock);
    if (good) make_volume(s, w, uid, &p);
    place_leave(&p);
}

/* As attunet-dicom volume --modality. */
static const char *doubt_of(const struct one_series *o, const char *modality)
{
    char inverse[40];
    if (!modality || strcmp(o->modality, "-") == 0) return NULL;
    snprintf(inverse, sizeof inverse, "%s MONOCHROME1", o->modality);
    if (!lists(modality, o->modality) && !lists(modality, inverse)) return "modality";
    const bool same = lists(modality, o->inverse[!o->own] ? inverse : o->modality);
    return o->units[!o->own] || !same ? "values" : NULL;
}

void series_doubts(struct request *r, struct worker *w, const char *uid)
{
    struct series *s = r->server->series;
    read_again(s, w, uid);
    pthread_mutex_lock(&s->lock);
    const struct one_series *o = find_series(s, uid);
    const char *doubt = o ? doubt_of(o, r->model->modality) : NULL;
    if (doubt) infer_add_doubt(doubt, r->answer.doubts);
    if (r->doubtful || (o && o->doubtful)) infer_add_doubt("dicom", r->answer.doubts);
    pthread_mutex_unlock(&s->lock);
}

/* ---- masks as DICOM */

/* --segment VALUE=NAME for each class; NULL: no memory. */
static char **segment_words(const struct request *r, const char *const *first, size_t n)
{
    json_t *names = datastore_label_names(r->model), *value;
    const char *name;
    char **words = calloc(n + 2 * json_object_size(names) + 1, sizeof *words);
    bool good = words != NULL;
    for (size_t i = 0; i < n && good; i++) good = (words[i] = strdup(first[i])) != NULL;
    json_object_foreach(names, name, value)
    {
        if (good) good = (words[n++] = strdup("--segment")) != NULL;
        if (good)
            good =
                asprintf(&words[n++], "%lld=%s", (long long)json_integer_value(value), name) >= 0;
    }
    json_decref(names);
    if (good) return words;
    for (char **one = words; one && *one; one++) free(*one);
    free(words);
    return NULL;
}

static void write_mask(struct request *r, struct worker *w, att_context *c, struct place *p,
    const att_image *image, const uint16_t *labels)
{
    char *in = place_path(p, "in"), *mask = place_path(p, "mask.nii.gz"),
         *out = place_path(p, "mask.dcm");
    const char *const first[] = {PROGRAM, "seg", in, "--straighten", "--mask", mask, "-o", out};
    char **words = in && mask && out ? segment_words(r, first, sizeof first / sizeof *first) : NULL;
    if (!words) {
        answer_error(&r->answer, 503, "out of memory; try again later");
    } else if (att_mask_save(c, image, labels, mask) != ATT_OK) {
        answer_failure(&r->answer, ATT_IO, att_context_error(c));
    } else {
        const int status = place_run(p, (const char *const *)words, w, &r->server->series->stops);
        r->doubtful = !status && place_warned(p);
        if (status)
            refuse(r, w, p, status);
        else if (read_result(r, p, "mask.dcm", &r->answer.text)) {
            r->answer.status = 200;
            r->answer.type = "application/dicom";
            snprintf(r->answer.file, sizeof r->answer.file, "mask.dcm");
        }
    }
    for (char **one = words; one && *one; one++) free(*one);
    free(words);
    free(in);
    free(mask);
    free(out);
}

void series_mask(struct request *r, struct worker *w, att_context *c, const att_image *image,
    const uint16_t *labels)
{
    struct place p;
    uint64_t stamp = 0, done = 0;
    if (enter_series(r, &p, r->series, &stamp, &done)) write_mask(r, w, c, &p, image, labels);
    place_leave(&p);
}
