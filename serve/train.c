/* SPDX-License-Identifier: Apache-2.0 */
/* Trains on the labels of the datastore: `attunet train --init` as a process of its own.  The model
 * that comes out takes over if it is better than the served one on cases that train neither. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "server.h"
#include "volume.h"

enum { NAME = 512, LINES = 64 << 10, SHARE = 5 }; /* each SHARE-th case validates */
static const char *const train_states[] = {"NONE", "RUNNING", "DONE", "ERROR", "STOPPED"};
enum train_state { TRAIN_NONE, TRAIN_RUNS, TRAIN_DONE, TRAIN_FAILED, TRAIN_STOPPED };

struct train {
    struct server *server;
    pthread_mutex_t lock;
    pthread_t thread;
    bool joined;
    atomic_bool stop;
    enum train_state state;
    pid_t child;          /* 0: none */
    int signal;           /* that ended the last one; 0: none */
    att_context *context; /* that compares the models; NULL: none */
    const struct served *model;
    char length[2][16], run[NAME],
        what[200];          /* length: option and value; run: its folder within the datastore */
    struct text validation; /* val.txt */
    double before, after;   /* Dice of both models */
    time_t began, ended;
};

struct train *train_create(struct server *s)
{
    struct train *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->server = s;
    t->joined = true;
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

void train_stop(struct train *t)
{
    pthread_mutex_lock(&t->lock);
    if (t->state == TRAIN_RUNS) t->stop = true;
    if (t->child > 0) kill(t->child, SIGTERM);
    if (t->context) att_context_stop(t->context);
    pthread_mutex_unlock(&t->lock);
}

void train_destroy(struct train *t)
{
    if (!t) return;
    train_stop(t);
    if (!t->joined) pthread_join(t->thread, NULL);
    pthread_mutex_destroy(&t->lock);
    free(t->validation.data);
    free(t);
}

/* ---- processes */

static void say_what(struct train *t, const char *words)
{
    pthread_mutex_lock(&t->lock);
    snprintf(t->what, sizeof t->what, "%s", words);
    pthread_mutex_unlock(&t->lock);
}

/* Runs a command in the datastore; what it says goes to the log. */
static bool run_command(struct train *t, const char *const *words)
{
    static const char log[] = "train.log";
    pid_t child = 0;
    int status = -1;
    pthread_mutex_lock(&t->lock);
    if (!t->stop) child = child_start(words, cases_folder(t->server->cases), log, log);
    t->child = child;
    pthread_mutex_unlock(&t->lock);
    siginfo_t end; /* it stays a zombie, so that train_stop signals no other process */
    if (child > 0)
        while (waitid(P_PID, (id_t)child, &end, WEXITED | WNOWAIT) < 0 && errno == EINTR) continue;
    pthread_mutex_lock(&t->lock);
    if (child > 0) waitpid(child, &status, 0);
    t->child = 0;
    pthread_mutex_unlock(&t->lock);
    if (child > 0 && WIFSIGNALED(status)) t->signal = WTERMSIG(status);
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static char *inside(const struct train *t, const char *name)
{
    char *path;
    return asprintf(&path, "%s/%s", cases_folder(t->server->cases), name) < 0 ? NULL : path;
}

/* ---- both models on the cases that validate */

static unsigned hash_of(const char *key)
{
    unsigned hash = 2166136261u; /* FNV-1a */
    for (; *key; key++) hash = (hash ^ (unsigned char)*key) * 16777619u;
    return hash >> 8;
}

/* Whether a line of val.txt is the key. */
static bool in_list(const struct text *list, const char *key)
{
    const size_t length = strlen(key);
    for (const char *at = list->data, *end = at ? at + list->used : NULL; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop) stop = end;
        if ((size_t)(stop - at) == length && memcmp(at, key, length) == 0) return true;
        at = stop + 1;
    }
    return false;
}

/* A case stays on its side, so no later model has seen it either. */
static bool validates(const struct train *t, const char *key)
{
    return hash_of(key) % SHARE == 0 || in_list(&t->validation, key);
}

/* If no name says that a case validates, one does that no model was trained on yet. */
static int choose_validation(struct train *t)
{
    struct one_case one, least = {.name = NULL};
    int count = 0, validate = 0;
    for (int i = 0; cases_get(t->server->cases, i, &one); i++) {
        if (!one.label) continue;
        count++;
        validate += validates(t, one.key);
        if (!least.name || hash_of(one.key) < hash_of(least.key)) least = one;
    }
    if (!validate && count >= SHARE) bytes_add(&t->validation, "%s\n", least.key);
    return count;
}

/* train.txt and val.txt, so that a label that comes from now on cannot get to the wrong side. */
static bool list_cases(struct train *t, int sides[2])
{
    static const char *const names[] = {"train.txt", "val.txt"};
    struct text list[2] = {{0}, {0}};
    struct one_case one;
    for (int i = 0; cases_get(t->server->cases, i, &one); i++) {
        if (!one.label) continue;
        const int side = validates(t, one.key);
        sides[side]++;
        bytes_add(&list[side], "%s\n", one.key);
    }
    bool good = sides[0] && sides[1];
    for (int side = 0; side < 2; side++) {
        good = good && !list[side].lost &&
            cases_replace_file(t->server->cases, names[side], list[side].data, list[side].used);
    }
    free(list[0].data);
    free(t->validation.data);
    t->validation = list[1];
    return good;
}

/* False: it has answered. */
static bool split_cases(struct request *r, struct train *t)
{
    int sides[2] = {0, 0};
    char *path = inside(t, "val.txt");
    free(t->validation.data);
    t->validation = (struct text){0};
    if (path) datastore_read(path, &t->validation);
    free(path);
    const int count = choose_validation(t);
    if (list_cases(t, sides)) return true;
    if (sides[0] && sides[1])
        answer_error(&r->answer, 500, "cannot write into the datastore; check its folder");
    else if (count < SHARE)
        answer_error(&r->answer, 400,
            "there %s %d label%s; label at least %d images, as some validate",
            count == 1 ? "is" : "are", count, count == 1 ? "" : "s", SHARE);
    else
        answer_error(&r->answer, 400, "all %d labels validate; label more images", count);
    return false;
}

/* Adds the Dice of each value that the label or the mask of a case has. */
static void add_dice(const float *label, const uint16_t *mask, size_t voxels, double *sum, int *n)
{
    unsigned *counts = calloc(3 * (UINT16_MAX + 1), sizeof *counts); /* both, label, mask */
    for (size_t i = 0; counts && i < voxels; i++) {
        const uint16_t value = volume_label(label[i]);
        counts[3 * value] += value == mask[i];
        counts[3 * value + 1]++;
        counts[3 * mask[i] + 2]++;
    }
    for (int v = 1; counts && v <= UINT16_MAX; v++) {
        const unsigned *c = counts + 3 * v;
        if (!c[1] && !c[2]) continue;
        *sum += 2. * c[0] / ((double)c[1] + c[2]);
        ++*n;
    }
    free(counts);
}

/* Both models: the served one and the new one. */
struct rivals {
    const att_model *models[2];
    double sum[2]; /* of Dice */
    int n[2];
};

static bool add_case(att_context *c, struct rivals *v, const struct one_case *one)
{
    att_image *image = NULL, *label = NULL;
    bool good = att_image_load(c, one->images, one->count, &image) == ATT_OK &&
        att_image_load(c, &one->label, 1, &label) == ATT_OK &&
        memcmp(image->size, label->size, sizeof image->size) == 0;
    att_result result = {.struct_size = sizeof result};
    if (good) result.labels = malloc(volume_voxels(image) * sizeof *result.labels);
    for (int i = 0; i < 2 && good; i++) {
        good = result.labels && att_model_run(c, v->models[i], image, NULL, &result) == ATT_OK;
        if (good) add_dice(label->data, result.labels, volume_voxels(image), &v->sum[i], &v->n[i]);
    }
    free(result.labels);
    att_image_free(label);
    att_image_free(image);
    return good;
}

/* The means over the cases that validate and their classes. */
static bool dice_of_both(struct train *t, att_context *c, const char *path)
{
    att_model *m;
    struct one_case one;
    bool good = att_model_load(c, path, &m) == ATT_OK;
    struct rivals v = {.models = {t->model->model, m}};
    for (int i = 0; good && !t->stop && cases_get(t->server->cases, i, &one); i++)
        if (one.label && in_list(&t->validation, one.key)) good = add_case(c, &v, &one);
    att_model_free(m);
    if (!good || t->stop || !v.n[0] || !v.n[1]) return false;
    pthread_mutex_lock(&t->lock);
    t->before = v.sum[0] / v.n[0];
    t->after = v.sum[1] / v.n[1];
    pthread_mutex_unlock(&t->lock);
    return true;
}

static void use_context(struct train *t, att_context *c)
{
    pthread_mutex_lock(&t->lock);
    t->context = c;
    pthread_mutex_unlock(&t->lock);
}

static bool compare_models(struct train *t)
{
    char *path = inside(t, t->run);
    att_context *c = NULL;
    bool good = path && att_context_create(t->server->threads, t->server->isa, NULL, &c) == ATT_OK;
    use_context(t, c);
    good = good && dice_of_both(t, c, path);
    use_context(t, NULL);
    if (!good && !t->stop)
        fprintf(stderr, "attunet-serve: cannot compare the new model: %s\n",
            c ? att_context_error(c) : "out of memory");
    att_context_destroy(c);
    free(path);
    return good;
}

/* The new model becomes the latest version of its name. */
static bool take_over(struct train *t)
{
    char error[512] = "out of memory", *path = inside(t, t->run), *word = NULL;
    att_context *c = NULL;
    const bool good = path && asprintf(&word, "%s=%s", t->model->name, path) >= 0 &&
        att_context_create(1, "ref", NULL, &c) == ATT_OK &&
        models_add(&t->server->models, c, word, error) == ATT_OK;
    if (!good) fprintf(stderr, "attunet-serve: cannot load the new model: %s\n", error);
    att_context_destroy(c);
    free(word);
    free(path);
    return good;
}

static enum train_state train_all(struct train *t)
{
    const struct server *s = t->server;
    char threads[12];
    char *model = strdup(t->model->path), *isa = s->isa ? strdup(s->isa) : NULL;
    snprintf(threads, sizeof threads, "%d", s->threads);
    /* Without a name in isa, the list ends before it. */
    const char *words[] = {"attunet", "train", ".", "-o", t->run, "--init", model, "--train-list",
        "train.txt", "--val-list", "val.txt", t->length[0], t->length[1], "--threads", threads,
        isa ? s->device ? "--device" : "--isa" : NULL, isa, NULL};
    say_what(t, "training");
    const bool trained = model && run_command(t, words);
    if (trained) say_what(t, "comparing the new model with the old one");
    const bool compared = trained && compare_models(t);
    free(model);
    free(isa);
    if (!compared) {
        char why[80] = "failed; /logs/ says why";
        if (trained)
            snprintf(
                why, sizeof why, "the new model cannot be compared; the server's log says why");
        else if (t->signal)
            snprintf(why, sizeof why, "ended by signal %d; /logs/ has its last lines", t->signal);
        say_what(t, t->stop ? "stopped" : why);
        return t->stop ? TRAIN_STOPPED : TRAIN_FAILED;
    }
    if (!(t->after > t->before)) {
        say_what(t, "the new model is not better, so the old one stays");
    } else if (take_over(t)) {
        cases_forget_doubts(t->server->cases);
        say_what(t, "the new model has taken over");
    } else {
        say_what(t, "the new model is better but cannot be loaded; the server's log says why");
        return TRAIN_FAILED;
    }
    return TRAIN_DONE;
}

static void *train_thread(void *user)
{
    struct train *t = user;
    const enum train_state end = train_all(t);
    pthread_mutex_lock(&t->lock);
    t->state = end;
    t->ended = time(NULL);
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

/* ---- requests */

/* The first free runs/NAME-N. */
static bool choose_run(struct train *t, const char *name)
{
    struct stat s;
    char *runs = inside(t, "runs");
    bool good = runs && (mkdir(runs, 0777) == 0 || errno == EEXIST), taken = true;
    free(runs);
    for (int i = 1; good && taken; i++) {
        snprintf(t->run, sizeof t->run, "runs/%s-%d", name, i);
        char *path = inside(t, t->run);
        taken = !path || lstat(path, &s) == 0;
        good = path != NULL;
        free(path);
    }
    return good;
}

bool train_length(const char *body, size_t size, char to[2][16])
{
    json_t *j = size ? json_loadb(body, size, 0, NULL) : json_object();
    const json_t *steps = json_object_get(j, "steps"), *time = json_object_get(j, "time");
    const char *wish = json_string_value(steps ? steps : time);
    bool good = wish ? strlen(wish) < 16 && isdigit((unsigned char)*wish)
                     : json_is_object(j) && !steps && !time;
    for (const char *c = wish; c && *c && good; c++) good = isalnum((unsigned char)*c) || *c == '.';
    if (good) {
        snprintf(to[0], 16, "%s", steps ? "--steps" : "--time");
        snprintf(to[1], 16, "%s", wish ? wish : "30m");
    }
    json_decref(j);
    return good;
}

/* Under the lock. */
static bool begin_training(struct request *r, struct train *t, char length[2][16])
{
    if (!split_cases(r, t)) return false;
    t->model = r->model;
    t->stop = false;
    t->signal = 0;
    t->before = t->after = 0;
    t->began = time(NULL);
    *t->what = 0;
    memcpy(t->length, length, sizeof t->length);
    if (!t->joined) pthread_join(t->thread, NULL); /* it has ended */
    t->state = TRAIN_RUNS;
    t->joined =
        !choose_run(t, r->model->name) || pthread_create(&t->thread, NULL, train_thread, t) != 0;
    if (!t->joined) return true;
    t->state = TRAIN_FAILED;
    answer_error(&r->answer, 500, "cannot start a training; check the datastore");
    return false;
}

bool train_post(struct request *r)
{
    struct train *t = r->server->train;
    char length[2][16];
    if (!datastore_kept(r)) return true;
    if (!r->model) r->model = models_find(&r->server->models, NULL, NULL);
    if (!r->model) answer_error(&r->answer, 404, "name the model, as in /train/NAME");
    if (!r->model || !datastore_room(r, 0)) return true;
    if (!train_length(r->body, r->size, length)) {
        answer_error(&r->answer, 400, "give the time as in \"30m\", or the steps as in \"500\"");
        return true;
    }
    pthread_mutex_lock(&t->lock);
    if (t->state == TRAIN_RUNS)
        answer_error(&r->answer, 429, "a training runs already; wait, or stop it");
    else if (begin_training(r, t, length))
        answer_take(r, json_pack("{s:s, s:s}", "status", "RUNNING", "model", r->model->name));
    pthread_mutex_unlock(&t->lock);
    return true;
}

/* Paths lose their folders: they are nobody's business outside. */
static void scrub(char *text)
{
    static const char between[] = " \t\r\n'\"=,;:()[]";
    char *to = text;
    for (char *at = text; *at;) {
        const bool begins = at == text || strchr(between, at[-1]);
        const size_t length = strcspn(at, between);
        if (*at == '/' && begins && length > 1) {
            size_t last = length;
            while (last && at[last - 1] != '/') last--;
            memmove(to, at + last, length - last);
            to += length - last;
            at += length;
        } else {
            *to++ = *at++;
        }
    }
    *to = 0;
}

void train_last_lines(char *text, size_t size, bool cut, int lines)
{
    size_t from = size;
    for (int seen = 0; from; from--)
        if (text[from - 1] == '\n' && from < size && ++seen == lines) break;
    if (cut && !from) {
        const char *line = memchr(text, '\n', size);
        from = line ? (size_t)(line - text) + 1 : size;
    }
    memmove(text, text + from, size - from + 1);
    scrub(text);
}

/* The last lines of the log, for free(); "" without one. */
static char *read_log(const struct train *t, int lines)
{
    char *path = inside(t, "train.log"), *text = calloc(1, LINES + 1);
    FILE *file = path && text ? fopen(path, "re") : NULL;
    const bool cut = file && fseek(file, -LINES, SEEK_END) == 0;
    if (file && !cut) rewind(file);
    const size_t used = file ? fread(text, 1, LINES, file) : 0;
    if (file) fclose(file);
    free(path);
    if (text) train_last_lines(text, used, cut, lines);
    return text;
}

bool train_get(struct request *r)
{
    struct train *t = r->server->train;
    pthread_mutex_lock(&t->lock);
    const bool runs = t->state == TRAIN_RUNS;
    json_t *j = json_pack("{s:s, s:s, s:s, s:I, s:I, s:f, s:f, s:[]}", "status",
        train_states[t->state], "model", t->model ? t->model->name : "", "what", t->what,
        "start_ts", (json_int_t)t->began, "end_ts", (json_int_t)t->ended, "dice_before", t->before,
        "dice_after", t->after, "details");
    pthread_mutex_unlock(&t->lock);
    answer_take(r, j);
    if (!runs && request_argument(r, "check_if_running"))
        answer_error(&r->answer, 404, "no training runs");
    return true;
}

/* {MODEL: {...}} for /info/. */
json_t *train_stats(struct train *t)
{
    json_t *all = json_object();
    pthread_mutex_lock(&t->lock);
    if (t->model)
        json_object_set_new(all, t->model->name,
            json_pack("{s:f, s:i, s:i, s:I}", "best_metric", t->after, "epoch",
                t->state == TRAIN_RUNS ? 0 : 1, "total_epochs", 1, "total_time",
                (json_int_t)(t->state == TRAIN_RUNS ? 0 : t->ended - t->began)));
    pthread_mutex_unlock(&t->lock);
    return all;
}

bool train_delete(struct request *r)
{
    train_stop(r->server->train);
    return train_get(r);
}

bool train_log(struct request *r)
{
    const char *wish = request_argument(r, "lines");
    const int lines = wish ? atoi(wish) : 300;
    char *text =
        cases_keep(r->server->cases) && lines > 0 ? read_log(r->server->train, lines) : strdup("");
    bytes_add(&r->answer.text, "%s", text ? text : "");
    free(text);
    r->answer.status = 200;
    r->answer.type = "text/plain; charset=utf-8";
    return true;
}
