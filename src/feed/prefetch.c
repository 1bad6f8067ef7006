/* SPDX-License-Identifier: Apache-2.0 */
/* The read-ahead thread; called by the sampler. While a step computes, read the sources of the next
 * two batches; a batch needs them only until its patches are cut out. Asking for another than the
 * next step restarts the reading there. */
#include "feed/prefetch.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "feed/pack_case.h"

enum { AHEAD = 2, LINE = 64 };

enum slot_state { EMPTY, FILLING, FULL, TAKEN };

struct slot {
    enum slot_state state;
    int64_t step;
    struct augment_job *jobs; /* [batch] */
    unsigned char *memory;    /* of the sources; unused pages cost nothing */
    struct err err;
};

struct prefetch {
    const struct sampler *s;
    struct pack_reader reader;
    struct slot slot[AHEAD];
    size_t room;   /* of a slot */
    char **path;   /* [cases] */
    int64_t next;  /* the step to read next; -1: none yet */
    int64_t round; /* changes at each restart */
    struct prefetch_report report;
    bool stop, started, locked;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

static size_t source_bytes(size_t voxels, int channels)
{
    return (pack_chunk_bytes(voxels, channels) + LINE - 1) / LINE * LINE;
}

static att_status read_patch(struct prefetch *f, int64_t step, int index, struct augment_job *j,
    unsigned char *memory, size_t *used, struct err *e)
{
    const struct sampler *s = f->s;
    struct pack_reader *r = &f->reader;
    struct rng rng;
    int class, chosen = sampler_choose(s, step, index, &rng, &class);
    TRY(pack_reader_open(r, f->path[chosen], e));
    if (memcmp(r->p.size, s->cases[chosen].size, sizeof r->p.size) != 0 ||
        r->p.channels != s->cases[chosen].channels ||
        (class >= 0 && r->p.first[class] == r->p.first[class + 1]))
        return err_data(e, "%s does not fit its pack.json; run attunet pack again", r->path);
    sampler_origin(s, &r->p, class, &rng, j->origin);
    sampler_changes(s, &s->cases[chosen], step, index, &j->a);
    augment_box(&j->a, s->patch, j->origin, r->p.size, &j->part);
    size_t voxels = box_voxels(&j->part), bytes = source_bytes(voxels, r->p.channels);
    if (bytes > f->room - *used)
        return err_set(e, ATT_FAILED,
            "a patch of step %lld needs more memory than planned; please report this",
            (long long)step);
    float *image = (void *)(memory + *used);
    uint8_t *classes = (uint8_t *)(image + voxels * (size_t)r->p.channels);
    *used += bytes;
    j->source = (struct augment_source){
        image, classes, r->p.channels, {r->p.size[0], r->p.size[1], r->p.size[2]}};
    return pack_reader_box(r, &j->part, image, classes, e);
}

static void prefetch_fill(struct prefetch *f, struct slot *t, int64_t step)
{
    size_t used = 0;
    t->err = (struct err){0};
    for (int i = 0; i < f->s->batch; i++)
        if (read_patch(f, step, sampler_index(f->s, i), &t->jobs[i], t->memory, &used, &t->err) !=
            ATT_OK)
            return;
}

static struct slot *prefetch_find(struct prefetch *f, enum slot_state state)
{
    for (int i = 0; i < AHEAD; i++)
        if (f->slot[i].state == state) return &f->slot[i];
    return NULL;
}

static void *read_ahead(void *arg)
{
    struct prefetch *f = arg;
    pthread_mutex_lock(&f->lock);
    while (!f->stop) {
        struct slot *t = f->next >= 0 ? prefetch_find(f, EMPTY) : NULL;
        if (!t) {
            pthread_cond_wait(&f->changed, &f->lock);
            continue;
        }
        int64_t round = f->round;
        int64_t step = t->step = f->next++;
        t->state = FILLING;
        pthread_mutex_unlock(&f->lock);
        prefetch_fill(f, t, step);
        pthread_mutex_lock(&f->lock);
        t->state = round == f->round ? FULL : EMPTY;
        f->report.patches += f->s->batch;
        f->report.bytes = f->reader.bytes;
        pthread_cond_broadcast(&f->changed);
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

static struct slot *holding(struct prefetch *f, int64_t step)
{
    for (int i = 0; i < AHEAD; i++)
        if ((f->slot[i].state == FULL || f->slot[i].state == FILLING) && f->slot[i].step == step)
            return &f->slot[i];
    return NULL;
}

/* Discard other steps, including one being read. */
static void start_anew(struct prefetch *f, int64_t step)
{
    f->round++;
    f->next = step;
    for (int i = 0; i < AHEAD; i++) {
        if (f->slot[i].state == FULL) f->slot[i].state = EMPTY;
        if (f->slot[i].state == FILLING) f->slot[i].step = -1;
    }
}

static att_status prefetch_start(struct prefetch *f, struct err *e)
{
    if (f->started) return ATT_OK;
    const int error = thread_start(&f->thread, read_ahead, f);
    if (error)
        return err_set(e, ATT_MEMORY,
            "cannot start a thread to read ahead: %s; close other programs", strerror(error));
    f->started = true;
    return ATT_OK;
}

att_status prefetch_take(struct prefetch *f, int64_t step, struct augment_job *jobs, struct err *e)
{
    double begin = clock_now();
    struct slot *t;
    TRY(prefetch_start(f, e));
    pthread_mutex_lock(&f->lock);
    if (!holding(f, step)) start_anew(f, step);
    for (int i = 0; i < AHEAD; i++) /* of skipped steps */
        if (f->slot[i].state == FULL && f->slot[i].step < step) f->slot[i].state = EMPTY;
    pthread_cond_broadcast(&f->changed);
    while (!(t = holding(f, step)) || t->state != FULL) pthread_cond_wait(&f->changed, &f->lock);
    t->state = TAKEN;
    f->report.waited += clock_now() - begin;
    pthread_mutex_unlock(&f->lock);
    for (int i = 0; i < f->s->batch && t->err.status == ATT_OK; i++) {
        jobs[i].source = t->jobs[i].source;
        jobs[i].part = t->jobs[i].part;
        jobs[i].a = t->jobs[i].a;
        memcpy(jobs[i].origin, t->jobs[i].origin, sizeof jobs[i].origin);
    }
    if (t->err.status == ATT_OK) return ATT_OK;
    att_status status = err_pass(e, t->err.status, &t->err);
    prefetch_done(f); /* the slot is filled again from here on */
    return status;
}

void prefetch_done(struct prefetch *f)
{
    pthread_mutex_lock(&f->lock);
    struct slot *t = prefetch_find(f, TAKEN);
    if (t) t->state = EMPTY;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

void prefetch_report_fill(struct prefetch *f, struct prefetch_report *r)
{
    pthread_mutex_lock(&f->lock);
    *r = f->report;
    pthread_mutex_unlock(&f->lock);
}

/* The largest head, and the maximum memory of a patch's source. */
static void prefetch_measure(const struct sampler *s, size_t *head, size_t *source)
{
    *head = *source = 0;
    for (int i = 0; i < s->count; i++) {
        const struct pack_case *c = &s->pack->cases[s->list[i]];
        int max[3];
        augment_box_max(&s->augment, s->patch, s->cases[i].spacing, s->cases[i].size, max);
        size_t bytes = source_bytes(image_voxels(max), s->cases[i].channels);
        *head = c->head > *head ? c->head : *head;
        *source = bytes > *source ? bytes : *source;
    }
}

static att_status make_slots(struct prefetch *f, size_t source, struct err *e)
{
    const struct sampler *s = f->s;
    if (source > PTRDIFF_MAX / (size_t)s->batch) return err_memory(e, source, "reading ahead");
    f->room = source * (size_t)s->batch;
    TRY(MEM_ARRAY(f->path, s->count, "the files of packed cases", e));
    for (int i = 0; i < s->count; i++) {
        f->path[i] = pack_path(s->pack, PACK_CASE, s->pack->cases[s->list[i]].file);
        if (!f->path[i]) return err_path(e);
    }
    for (int i = 0; i < AHEAD; i++) {
        f->slot[i].memory = mem_map(f->room);
        f->slot[i].jobs = mem_array((size_t)s->batch, sizeof *f->slot[i].jobs);
        if (!f->slot[i].memory || !f->slot[i].jobs) return err_memory(e, f->room, "reading ahead");
    }
    f->locked = !pthread_mutex_init(&f->lock, NULL) && !pthread_cond_init(&f->changed, NULL);
    return f->locked
        ? ATT_OK
        : err_set(e, ATT_MEMORY, "cannot create a lock for reading ahead; close other programs");
}

att_status prefetch_create(const struct sampler *s, struct prefetch **out, struct err *e)
{
    struct prefetch *f;
    size_t head, source;
    *out = NULL;
    TRY(MEM_NEW(f, "reading ahead", e));
    f->s = s;
    f->next = -1;
    prefetch_measure(s, &head, &source);
    att_status status =
        pack_reader_create(&f->reader, head, s->pack->chunk, s->cases[0].channels, e);
    if (status == ATT_OK) status = make_slots(f, source, e);
    f->report.memory = AHEAD * f->room + head + 2 * f->reader.chunk_room;
    if (status == ATT_OK)
        *out = f;
    else
        prefetch_destroy(f);
    return status;
}

static void prefetch_stop(struct prefetch *f)
{
    pthread_mutex_lock(&f->lock);
    f->stop = true;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
    pthread_join(f->thread, NULL);
}

void prefetch_destroy(struct prefetch *f)
{
    if (!f) return;
    if (f->started) prefetch_stop(f);
    for (int i = 0; i < AHEAD; i++) {
        mem_unmap(f->slot[i].memory, f->room);
        mem_free(f->slot[i].jobs);
    }
    for (int i = 0; f->path && i < f->s->count; i++) mem_free(f->path[i]);
    mem_free(f->path);
    pack_reader_free(&f->reader);
    if (f->locked) {
        pthread_cond_destroy(&f->changed);
        pthread_mutex_destroy(&f->lock);
    }
    mem_free(f);
}
