/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of training share: the options of the command `train`, and a small data set that a
 * tiny network learns in a moment. */
#ifndef TRAIN_TEST_H
#define TRAIN_TEST_H

#include "unit/dataset/dataset_test.h"

#include "app/run_pages.h"
#include "base/options.h"
#include "base/rng.h"
#include "format/safetensors.h"
#include "run/start.h"

enum { OPTION_ROWS = 256 };

/* The command's own table, without its limits on what only tests want to go beyond. */
static inline const struct option_row *test_rows(void)
{
    static struct option_row rows[OPTION_ROWS];
    assert_true(option_table_rows <= OPTION_ROWS);
    for (int i = 0; i < option_table_rows; i++) {
        rows[i] = option_table[i];
        bool free = !strcmp(rows[i].name, "checkpoint-every") || !strcmp(rows[i].name, "lr");
        if (free) rows[i].lo = rows[i].hi = 0;
    }
    return rows;
}

/* "steps=20", "lr=0.1", ... up to NULL. */
static inline void set_options(struct options *o, const char *const *words)
{
    OK(options_init(o, test_rows(), option_table_rows, "train", &e));
    for (; *words; words++) {
        char name[64];
        const char *equals = strchr(*words, '=');
        snprintf(name, sizeof name, "%.*s", (int)(equals - *words), *words);
        OK(options_set(o, name, equals + 1, &e));
    }
}
#define SET_OPTIONS(o, ...) set_options(o, (const char *const[]){__VA_ARGS__, NULL})

/* Case `index` of FOLDER/images and FOLDER/labels. */
static inline void put_pair(
    const char *folder, int index, const struct image *m, const struct labelmap *l)
{
    for (int part = 0; part < 2; part++) {
        char *path = mem_text("%s/%s/case_%02d.nii", folder, part ? "labels" : "images", index);
        make_parent(path);
        OK(part ? format_save_labels(path, l, &e) : format_save_image(path, m, &e));
        mem_free(path);
    }
}

/* `count` volumes (or slices, d = 1) in FOLDER/images and FOLDER/labels: noise, with a bright box
 * (value 1) somewhere. */
static inline void put_boxes(const char *folder, int count, int d, int h, int w)
{
    for (int k = 0; k < count; k++) {
        struct image m = {.channels = 1, .size = {d, h, w}};
        struct labelmap l = {.size = {d, h, w}};
        struct rng r = rng_stream(1, RNG_TEST, (uint32_t)k, 0);
        size_t voxels = image_voxels(m.size);
        int low[3];
        m.data = mem_array(voxels, sizeof *m.data);
        l.data = mem_array(voxels, sizeof *l.data);
        for (int i = 0; i < 3; i++)
            low[i] =
                m.size[i] == 1 ? 0 : m.size[i] / 8 + (int)rng_below(&r, (uint32_t)m.size[i] / 4);
        for (int i = 0; i < (int)voxels; i++) {
            int at[3] = {i / w / h, i / w % h, i % w};
            bool inside = true;
            for (int a = 0; a < 3; a++)
                inside &= at[a] >= low[a] && at[a] <= low[a] + m.size[a] / 3;
            m.data[i] = (float)(rng_range(&r, 0, 40) + (inside ? 60 : 0));
            l.data[i] = inside;
        }
        put_pair(folder, k, &m, &l);
        mem_free(m.data);
        mem_free(l.data);
    }
}

/* Of RUN/log.jsonl; for json_decref. */
static inline json_t *last_row(const char *run)
{
    char *path = file_join(run, "log.jsonl"), *text;
    size_t size;
    OK(file_read(path, 1 << 24, &text, &size, &e));
    char *row = text + size - 1;
    while (row > text && row[-1] != '\n') row--;
    json_t *j = json_loads(row, 0, NULL);
    assert_non_null(j);
    mem_free(text);
    mem_free(path);
    return j;
}

/* A log that remembers the messages and may stop the run: when `stop_what` ("training",
 * "validating") has done `stop_at` of its total. */
struct watch {
    struct host host;
    char text[8192];
    const char *stop_what;
    int64_t stop_at;
    int64_t steps; /* how far training came */
};

static inline void watch_message(void *user, int level, const char *text)
{
    struct watch *w = user;
    size_t used = strlen(w->text);
    (void)level;
    snprintf(w->text + used, sizeof w->text - used, "%s\n", text);
}

static inline void watch_progress(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct watch *w = user;
    (void)total;
    (void)detail;
    if (!strcmp(what, "training")) w->steps = done;
    if (w->stop_what && !strcmp(what, w->stop_what) && done == w->stop_at)
        atomic_store(&w->host.stop, 1);
}

static inline void watch_new(struct watch *w)
{
    memset(w, 0, sizeof *w);
    w->host.log.message = watch_message;
    w->host.log.progress = watch_progress;
    w->host.log.user = w;
}

/* How a run is run: on how many threads, on which instruction set. */
struct how {
    int threads; /* 0: without a pool */
    int isa;
};

static inline att_status start_run(struct how how, struct watch *w, const char *data,
    const char *run, const struct options *o, struct err *e)
{
    struct pool *pool = how.threads ? pool_create(how.threads) : NULL;
    w->host.pool = pool;
    w->host.kernels = kernels_for(how.isa);
    struct train_context c = {.host = &w->host, .pages = &run_pages};
    att_status status = train_start(&c, data, run, o, e);
    pool_destroy(pool);
    return status;
}

static inline att_status resume_with(
    struct how how, struct watch *w, const char *run, const struct train_more *more, struct err *e)
{
    struct pool *pool = how.threads ? pool_create(how.threads) : NULL;
    w->host.pool = pool;
    w->host.kernels = kernels_for(how.isa);
    struct train_context c = {.host = &w->host, .pages = &run_pages};
    att_status status = train_resume(&c, run, more, e);
    pool_destroy(pool);
    return status;
}

static inline att_status resume_run(
    struct how how, struct watch *w, const char *run, int64_t more, struct err *e)
{
    return resume_with(how, w, run, &(struct train_more){.steps = more}, e);
}

/* From start to end, with the options given as words. */
static inline void whole_run(
    struct how how, const char *data, const char *run, const char *const *words)
{
    struct watch w;
    struct options o;
    watch_new(&w);
    set_options(&o, words);
    OK(start_run(how, &w, data, run, &o, &e));
    options_free(&o);
}

/* 0 when two safetensors files have the same tensors to the bit, else what differs. */
static inline const char *other_tensors(const char *a, const char *b)
{
    static char name[256];
    struct st_file f, g;
    OK(st_open(a, &f, &e));
    OK(st_open(b, &g, &e));
    const char *other = f.count == g.count ? NULL : "their number";
    for (int i = 0; i < f.count && !other; i++) {
        const struct st_tensor *x = &f.tensors[i], *y = &g.tensors[i];
        OK(st_fetch(&f, x, &e));
        OK(st_fetch(&g, y, &e));
        if (!strcmp(x->name, y->name) && x->count == y->count &&
            !memcmp(x->data, y->data, x->count * st_type_size(x->type)))
            continue;
        snprintf(name, sizeof name, "%s", x->name);
        other = name;
    }
    st_close(&f);
    st_close(&g);
    return other;
}

/* Two runs ended with the same weights and moments. */
static inline void assert_same_run(const char *a, const char *b)
{
    static const char *const names[] = {"model.safetensors", "checkpoint.safetensors"};
    for (int i = 0; i < 2; i++) {
        char *x = file_join(a, names[i]), *y = file_join(b, names[i]);
        const char *other = other_tensors(x, y);
        if (other) fail_msg("%s and %s differ in %s", x, y, other);
        mem_free(x);
        mem_free(y);
    }
}

/* log.csv without what no two runs share: the seconds, and the share of them that patches took
 * (columns with these names). */
static inline char *timeless_log(const char *run)
{
    static const char *const names[] = {"seconds", "sampling_share"};
    char *path = file_join(run, "log.csv"), *text;
    size_t size;
    bool timed[64] = {false};
    int column = 0;
    OK(file_read(path, 1 << 20, &text, &size, &e));
    for (const char *c = text; *c && *c != '\n' && column < COUNT(timed);
         column++, c += *c == ',') {
        size_t n = strcspn(c, ",\n");
        for (int k = 0; k < COUNT(names); k++)
            timed[column] |= n == strlen(names[k]) && !strncmp(c, names[k], n);
        c += n;
    }
    char *to = text;
    column = 0;
    for (const char *c = text; *c; c++) {
        bool end = *c == ',' || *c == '\n', left_out = timed[column] && !end;
        column = *c == '\n' ? 0 : column + (*c == ',');
        if (!left_out) *to++ = *c;
    }
    *to = 0;
    mem_free(path);
    return text;
}

static inline void assert_same_log(const char *a, const char *b)
{
    char *x = timeless_log(a), *y = timeless_log(b);
    assert_string_equal(x, y);
    mem_free(x);
    mem_free(y);
}

#endif
