/* SPDX-License-Identifier: Apache-2.0 */
#include "train/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "files/file.h"
#include "files/hash.h"
#include "model/run_files.h"
#include "train/runlog.h"

static const char NEWEST[] = RUN_CHECKPOINT, NEXT[] = RUN_CHECKPOINT_NEXT,
                  PREVIOUS[] = RUN_CHECKPOINT_PREVIOUS, DAMAGED[] = RUN_CHECKPOINT_DAMAGED;

/* Blocks of a checkpoint, laid out like params.data, with the prefix of their tensors. Moments have
 * no state parameters. */
enum { BLOCKS = 4 };
struct blocks {
    const struct params *p;
    struct block {
        const real *data, *state;
        const char *prefix;
    } list[BLOCKS];
    int count;
};

static struct blocks checkpoint_blocks_of(
    const struct model *m, const struct optimiser *o, const struct average *a)
{
    struct blocks b = {
        &m->params, {{m->params.data, m->params.state, "model."}, {o->m, NULL, "optim.m."}}, 2};
    if (o->v) b.list[b.count++] = (struct block){o->v, NULL, "optim.v."};
    if (a && a->data) b.list[b.count++] = (struct block){a->data, a->state, "ema."};
    return b;
}

enum { CRC_TEXT = 16 };

/* Sums are added, so the order of tensors does not matter. */
static uint32_t tensor_sum(const char *name, const void *data, size_t bytes)
{
    return file_crc(file_crc(0, name, strlen(name)), data, bytes);
}

/* Continues the tensors' sum over both JSON texts. */
static void finish_sum(uint32_t sum, const char *about, const char *state, char crc[CRC_TEXT])
{
    sum = file_crc(sum, about, strlen(about));
    sum = file_crc(sum, state, strlen(state));
    snprintf(crc, CRC_TEXT, "%08" PRIx32, sum);
}

/* ---- writing */

/* Source of a tensor in the file. */
struct entry {
    int block, param;
};

struct writer {
    struct blocks b;
    struct st_spec *specs;
    struct entry *entries;
    int count;
};

static att_status checkpoint_fill(void *arg, int index, void *out, size_t bytes, struct err *e)
{
    const struct writer *w = arg;
    struct entry n = w->entries[index];
    struct params view = *w->b.p;
    view.state = (real *)(uintptr_t)w->b.list[n.block].state;
    return weights_bytes(&view, n.param, w->b.list[n.block].data, out, bytes, e);
}

static att_status checkpoint_list_tensors(struct writer *w, struct err *e)
{
    size_t max = BLOCKS * (size_t)w->b.p->count;
    w->specs = mem_array(max, sizeof *w->specs);
    w->entries = mem_array(max, sizeof *w->entries);
    if (!w->specs || !w->entries) return err_memory(e, max * sizeof *w->specs, "a checkpoint");
    for (int b = 0; b < w->b.count; b++)
        for (int i = 0; i < w->b.p->count; i++) {
            if (!w->b.list[b].state && !param_trains(&w->b.p->list[i])) continue;
            TRY(weights_spec(w->b.p, i, w->b.list[b].prefix, &w->specs[w->count], e));
            w->entries[w->count++] = (struct entry){b, i};
        }
    return ATT_OK;
}

static void writer_free(struct writer *w)
{
    for (int i = 0; i < w->count; i++) mem_free((void *)(uintptr_t)w->specs[i].name);
    mem_free(w->specs);
    mem_free(w->entries);
}

static size_t checkpoint_bytes_of(const struct writer *w, int index)
{
    return w->b.p->list[w->entries[index].param].count * st_type_size(w->specs[index].type);
}

static att_status sum_tensors(struct writer *w, uint32_t *sum, struct err *e)
{
    size_t max = 0;
    for (int i = 0; i < w->count; i++)
        max = checkpoint_bytes_of(w, i) > max ? checkpoint_bytes_of(w, i) : max;
    void *buffer;
    att_status status = MEM_BYTES(buffer, max, "a checkpoint", e);
    *sum = 0;
    for (int i = 0; i < w->count && status == ATT_OK; i++) {
        status = checkpoint_fill(w, i, buffer, checkpoint_bytes_of(w, i), e);
        *sum += tensor_sum(w->specs[i].name, buffer, checkpoint_bytes_of(w, i));
    }
    mem_free(buffer);
    return status;
}

static json_t *metadata_of(const struct model *m, uint32_t sum, const json_t *training)
{
    json_t *model = model_to_json(m);
    char *about = json_text(model, JSON_COMPACT), *state = json_text(training, JSON_COMPACT),
         crc[CRC_TEXT];
    if (about && state) finish_sum(sum, about, state, crc);
    json_t *j = about && state ? json_pack("{s:s, s:s, s:s, s:s}", "format", "pt", "attunet", about,
                                     "training", state, "crc", crc)
                               : NULL;
    json_decref(model);
    mem_free(about);
    mem_free(state);
    return j;
}

static att_status checkpoint_write_file(const char *path, struct writer *w, const struct model *m,
    const json_t *training, struct err *e)
{
    uint32_t sum = 0;
    TRY(checkpoint_list_tensors(w, e));
    TRY(sum_tensors(w, &sum, e));
    json_t *metadata = metadata_of(m, sum, training);
    att_status status = metadata
        ? st_save(path, metadata, w->specs, w->count, checkpoint_fill, w, e)
        : err_memory(e, 4096, "a checkpoint");
    json_decref(metadata);
    return status;
}

att_status checkpoint_save(const char *run, const struct model *m, const struct optimiser *o,
    const struct average *a, const json_t *training, struct err *e)
{
    struct writer w = {.b = checkpoint_blocks_of(m, o, a)};
    char *newest = file_join(run, NEWEST), *previous = file_join(run, PREVIOUS),
         *next = file_join(run, NEXT);
    att_status status = newest && previous && next ? runlog_sync(run, e) : err_path(e);
    if (status == ATT_OK) status = checkpoint_write_file(next, &w, m, training, e);
    /* A crash between the renames leaves `previous` and `next`, which checkpoint_open tries, too.
     */
    if (status == ATT_OK && file_exists(newest)) status = file_rename(newest, previous, e);
    if (status == ATT_OK) status = file_rename(next, newest, e);
    writer_free(&w);
    mem_free(newest);
    mem_free(previous);
    mem_free(next);
    return status;
}

/* ---- reading */

static att_status check_sum(const struct st_file *f, const char *path, struct err *e)
{
    const char *about = st_metadata(f, "attunet"), *state = st_metadata(f, "training"),
               *wanted = st_metadata(f, "crc");
    if (!about || !state || !wanted) return err_model(e, "%s is not a checkpoint of attunet", path);
    char crc[CRC_TEXT];
    uint32_t sum = 0;
    for (int i = 0; i < f->count; i++) {
        const struct st_tensor *t = &f->tensors[i];
        TRY(st_fetch(f, t, e));
        sum += tensor_sum(t->name, t->data, t->count * st_type_size(t->type));
        st_release(f, t);
    }
    finish_sum(sum, about, state, crc);
    if (!strcmp(wanted, crc)) return ATT_OK;
    return err_model(e, "%s is damaged: its checksum does not match its content", path);
}

static json_t *checkpoint_read_state(const struct st_file *f)
{
    const char *text = st_metadata(f, "training");
    return text ? json_memory_load(text, strlen(text), 0, NULL) : NULL;
}

static att_status checkpoint_read_model(
    const struct st_file *f, const char *path, struct model *m, json_t **training, struct err *e)
{
    TRY(check_sum(f, path, e));
    TRY(model_from_json(st_metadata(f, "attunet"), path, m, e));
    att_status status = weights_load_part(f, "model.", &m->params, e);
    if (status == ATT_OK && !(*training = checkpoint_read_state(f)))
        status = err_model(e, "%s: the training state is damaged", path);
    if (status != ATT_OK) model_free(m);
    return status;
}

static att_status try_generation(
    const char *path, struct model *m, json_t **training, struct err *e)
{
    struct st_file f;
    *training = NULL;
    TRY(st_open(path, &f, e));
    att_status status = checkpoint_read_model(&f, path, m, training, e);
    st_close(&f);
    return status;
}

static bool checkpoint_is_good(const char *path)
{
    struct st_file f;
    struct err ignored = {.status = ATT_OK};
    if (!file_exists(path) || st_open(path, &f, &ignored) != ATT_OK) return false;
    bool good = check_sum(&f, path, &ignored) == ATT_OK;
    st_close(&f);
    return good;
}

void checkpoint_put_aside(const char *run)
{
    struct err ignored = {.status = ATT_OK};
    char *newest = file_join(run, NEWEST), *damaged = file_join(run, DAMAGED),
         *next = file_join(run, NEXT);
    if (newest && damaged && next) {
        if (file_exists(newest)) file_rename(newest, damaged, &ignored);
        if (checkpoint_is_good(next)) file_rename(next, newest, &ignored);
    }
    mem_free(newest);
    mem_free(damaged);
    mem_free(next);
}

static att_status read_moments(const struct st_file *f, const struct model *m, struct optimiser *o,
    struct average *a, struct err *e)
{
    TRY(weights_load_block(f, "optim.m.", &m->params, o->m, e));
    if (o->v) TRY(weights_load_block(f, "optim.v.", &m->params, o->v, e));
    if (!a || !a->data) return ATT_OK;
    struct params average = average_params(a, &m->params);
    return weights_load_part(f, "ema.", &average, e);
}

att_status checkpoint_moments(
    const char *path, const struct model *m, struct optimiser *o, struct average *a, struct err *e)
{
    struct st_file f;
    TRY(st_open(path, &f, e));
    att_status status = check_sum(&f, path, e);
    if (status == ATT_OK) status = read_moments(&f, m, o, a, e);
    st_close(&f);
    return status;
}

/* Completes a save that was killed before its last rename. */
static att_status finish_rename(const char *run, char **path, struct err *e)
{
    char *newest = file_join(run, NEWEST);
    if (!newest) return err_path(e);
    struct err ignored = {.status = ATT_OK};
    if (file_rename(*path, newest, &ignored) != ATT_OK) {
        mem_free(newest); /* a read-only folder; the file is good */
        return ATT_OK;
    }
    mem_free(*path);
    *path = newest;
    return ATT_OK;
}

static const char *const generations[] = {NEWEST, NEXT, PREVIOUS};

bool checkpoint_exists(const char *run)
{
    bool found = false;
    for (int i = 0; i < 3 && !found; i++) found = file_has(run, generations[i]);
    return found;
}

void checkpoint_complete(const char *run)
{
    struct err ignored = {.status = ATT_OK};
    char *newest = file_join(run, NEWEST), *next = file_join(run, NEXT);
    if (newest && next && !file_exists(newest) && file_exists(next))
        file_rename(next, newest, &ignored);
    mem_free(newest);
    mem_free(next);
}

/* The newest generation that opens, unchecked. */
static att_status open_newest(const char *run, struct st_file *f, bool *found, struct err *e)
{
    *found = false;
    for (int i = 0; i < 3 && !*found; i++) {
        struct err here = {.status = ATT_OK};
        char *path = file_join(run, generations[i]);
        if (!path) return err_path(e);
        att_status status = file_exists(path) ? st_open(path, f, &here) : ATT_MODEL;
        mem_free(path);
        if (status == ATT_MEMORY || status == ATT_IO) return err_pass(e, status, &here);
        *found = status == ATT_OK && st_metadata(f, "training");
        if (status == ATT_OK && !*found) st_close(f);
    }
    return ATT_OK;
}

/* A file's tensors are sorted by name. */
static att_status hash_tensors(const struct st_file *f, uint64_t *hash, struct err *e)
{
    struct hash h;
    hash_begin(&h);
    for (int i = 0; i < f->count; i++) {
        const struct st_tensor *t = &f->tensors[i];
        TRY(st_fetch(f, t, e));
        hash_add(&h, t->name, strlen(t->name) + 1);
        hash_add(&h, t->data, t->count * st_type_size(t->type));
        st_release(f, t);
    }
    *hash = hash_end(&h);
    return ATT_OK;
}

att_status checkpoint_peek(const char *run, json_t **state, uint64_t *hash, struct err *e)
{
    struct st_file f;
    bool found;
    *state = NULL;
    TRY(open_newest(run, &f, &found, e));
    if (!found) return ATT_OK;
    *state = checkpoint_read_state(&f);
    att_status status = hash ? hash_tensors(&f, hash, e) : ATT_OK;
    st_close(&f);
    return json_keep(state, status);
}

bool checkpoint_finished(const char *run, bool dry)
{
    struct err ignored = {0}; /* resuming it reports the error */
    json_t *state;
    checkpoint_peek(run, &state, NULL, &ignored);
    bool finished = json_flag(state, "finished");
    json_decref(state);
    if (finished && !dry) checkpoint_complete(run);
    return finished;
}

att_status checkpoint_open(const char *run, bool dry, struct model *m, json_t **training,
    char **path, bool *fallback, struct err *e)
{
    struct err first = {.status = ATT_OK};
    *path = NULL;
    *fallback = false;
    if (!file_is_folder(run))
        return err_set(e, ATT_IO,
            file_exists(run) ? "%s is a file, not a run; give the run's folder"
                             : "%s does not exist; check the path",
            run);
    for (int i = 0; i < 3; i++) {
        char *file = file_join(run, generations[i]);
        if (!file) return err_path(e);
        struct err here = {.status = ATT_OK};
        att_status status =
            file_exists(file) ? try_generation(file, m, training, &here) : ATT_MODEL;
        if (status == ATT_OK) {
            *path = file;
            *fallback = first.status != ATT_OK;
            return generations[i] == NEXT && !*fallback && !dry ? finish_rename(run, path, e)
                                                                : ATT_OK;
        }
        mem_free(file);
        /* Lack of memory or permission is no damage; a read error of the disk is (st_open). */
        if (status == ATT_MEMORY || status == ATT_IO) return err_pass(e, status, &here);
        if (here.status != ATT_OK && json_memory_lost())
            return err_memory(e, 4096, "the text of a checkpoint");
        if (first.status == ATT_OK) first = here;
    }
    if (first.status != ATT_OK)
        return err_model(e, "%s cannot be resumed, since none of its checkpoints is valid: %.900s",
            run, first.text);
    TRY(run_refuse_search(run, ATT_IO, e));
    return err_set(e, ATT_IO,
        "%s has no checkpoint; give a run folder in which training has saved one, or train again",
        run);
}
