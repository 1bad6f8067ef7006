/* SPDX-License-Identifier: Apache-2.0 */
/* attunet as one of the processes that `compare` times; everything goes through attunet.h.
 *
 *   ours predict MODEL CHANNELSxDxHxW INPUT.npy OUTPUT.npy PRECISION THREADS
 *   ours train SPEC DxHxW BATCH PRECISION STORAGE THREADS
 *
 * Loads and warms up, says "ready", then obeys lines: "run" computes once and answers "done",
 * "save" writes the probabilities of the last run and answers "done", "quit" ends.  A prediction is
 * att_model_predict_image.  Training steps are those of att_bench, which reports progress before
 * every step: the callback waits there for the line, so that one step, and nothing else, lies
 * between "run" and "done". */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attunet.h"

enum { MOST_STEPS = 100000 };

static int fail(const char *what)
{
    fprintf(stderr, "ours: %s\n", what);
    return 1;
}

static void say(const char *word)
{
    puts(word);
    fflush(stdout);
}

/* The next line is `word`; false at the end. */
static bool ask(char word[16]) { return scanf("%15s", word) == 1 && strcmp(word, "quit") != 0; }

/* ---- arrays in .npy files, format version 1.0 of numpy.lib.format: float32, C order */

enum { NPY_START = 10 };

static bool npy_read(const char *path, float *data, size_t count)
{
    unsigned char start[NPY_START];
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    bool done = fread(start, 1, NPY_START, f) == NPY_START &&
        memcmp(start, "\x93NUMPY\x01", 7) == 0 &&
        fseek(f, start[8] | start[9] << 8, SEEK_CUR) == 0 &&
        fread(data, sizeof *data, count, f) == count;
    fclose(f);
    return done;
}

static bool npy_write(const char *path, const float *data, const int shape[4])
{
    char start[128];
    size_t count = 1;
    for (int i = 0; i < 4; i++) count *= (size_t)shape[i];
    memset(start, ' ', sizeof start);
    memcpy(start, "\x93NUMPY\x01\x00\x76\x00", NPY_START); /* 0x76: what is left of the 128 bytes */
    int n = snprintf(start + NPY_START, sizeof start - NPY_START,
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, %d, %d), }", shape[0], shape[1],
        shape[2], shape[3]);
    if (n < 0 || (size_t)n >= sizeof start - NPY_START) return false;
    start[NPY_START + n] = ' ';
    start[sizeof start - 1] = '\n';
    FILE *f = fopen(path, "wb");
    if (!f) return false;
    bool done = fwrite(start, 1, sizeof start, f) == sizeof start &&
        fwrite(data, sizeof *data, count, f) == count;
    return fclose(f) == 0 && done;
}

/* ---- prediction */

struct image {
    int channels, size[3];
    float *data, *probability;
    uint16_t *labels;
};

static size_t voxels(const struct image *m)
{
    return (size_t)m->size[0] * (size_t)m->size[1] * (size_t)m->size[2];
}

static bool image_read(struct image *m, const char *shape, const char *path)
{
    if (sscanf(shape, "%dx%dx%dx%d", &m->channels, &m->size[0], &m->size[1], &m->size[2]) != 4)
        return false;
    size_t count = voxels(m) * (size_t)m->channels;
    m->data = malloc(count * sizeof *m->data);
    m->labels = malloc(voxels(m) * sizeof *m->labels);
    return m->data && m->labels && npy_read(path, m->data, count);
}

static int serve(att_context *c, const att_model *model, const att_settings *settings,
    struct image *m, const char *output)
{
    const att_image image = {
        sizeof image, m->data, m->channels, {m->size[0], m->size[1], m->size[2]}, {0, 0, 0}, NULL};
    char word[16] = "run";
    int classes;
    att_model_channels(model, NULL, &classes);
    m->probability = malloc(voxels(m) * (size_t)classes * sizeof *m->probability);
    if (!m->probability) return fail("no memory for the probabilities");
    const char *answer = "ready";
    do {
        if (strcmp(word, "save") == 0) {
            if (!npy_write(
                    output, m->probability, (int[]){classes, m->size[0], m->size[1], m->size[2]}))
                return fail(output);
        } else if (att_model_predict_image(c, model, &image, settings, m->labels, m->probability) !=
            ATT_OK) {
            return fail(att_context_error(c));
        }
        say(answer);
        answer = "done";
    } while (ask(word));
    return 0;
}

static int predict(char **arg)
{
    struct image m = {0};
    att_context *c;
    att_model *model = NULL;
    att_settings *settings = NULL;
    int status = 1;
    if (!image_read(&m, arg[1], arg[2]))
        fail("the input cannot be read");
    else if (att_context_create(atoi(arg[5]), NULL, NULL, &c) != ATT_OK ||
        att_model_load(c, arg[0], &model) != ATT_OK ||
        att_settings_create(c, "predict", &settings) != ATT_OK ||
        att_settings_set(c, settings, "precision", arg[4]) != ATT_OK)
        fail(c ? att_context_error(c) : "no memory");
    else
        status = serve(c, model, settings, &m, arg[3]);
    att_settings_destroy(settings);
    att_model_free(model);
    return status;
}

/* ---- training steps */

struct steps {
    att_context *context;
    const char *answer;
};

static void before_step(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct steps *s = user;
    char word[16];
    (void)what;
    if (detail || done == total) return; /* detail: a warm-up run */
    say(s->answer);
    s->answer = "done";
    if (!ask(word)) att_context_stop(s->context);
}

static att_status steps(att_context *c, char **arg, att_settings **settings)
{
    const char *pairs[][2] = {{"spec", arg[0]}, {"shape", arg[1]}, {"batch", arg[2]},
        {"precision", arg[3]}, {"storage", arg[4]}, {"train", "yes"}, {"repeat", "100000"}};
    att_status status = att_settings_create(c, "bench", settings);
    for (size_t i = 0; status == ATT_OK && i < sizeof pairs / sizeof *pairs; i++)
        status = att_settings_set(c, *settings, pairs[i][0], pairs[i][1]);
    return status == ATT_OK ? att_bench(c, *settings, NULL) : status;
}

static int train(char **arg)
{
    struct steps s = {.answer = "ready"};
    att_callbacks callbacks = {
        .struct_size = sizeof callbacks, .user = &s, .progress = before_step};
    att_settings *settings = NULL;
    if (att_context_create(atoi(arg[5]), NULL, &callbacks, &s.context) != ATT_OK)
        return fail(s.context ? att_context_error(s.context) : "no memory");
    att_status status = steps(s.context, arg, &settings);
    if (status != ATT_OK && status != ATT_INTERRUPTED) fail(att_context_error(s.context));
    att_settings_destroy(settings);
    att_context_destroy(s.context);
    return status != ATT_OK && status != ATT_INTERRUPTED;
}

int main(int argc, char **argv)
{
    if (argc == 8 && strcmp(argv[1], "predict") == 0) return predict(argv + 2);
    if (argc == 8 && strcmp(argv[1], "train") == 0) return train(argv + 2);
    return fail("usage: ours predict MODEL CxDxHxW INPUT.npy OUTPUT.npy PRECISION THREADS | ours "
                "train SPEC DxHxW BATCH PRECISION STORAGE THREADS");
}
