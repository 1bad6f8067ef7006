/* SPDX-License-Identifier: Apache-2.0 */
/* Writing and reading checkpoints; called by the training loop. */
#include "train/checkpoint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

static const char NEWEST[] = "checkpoint.safetensors", NEXT[] = "checkpoint.next.safetensors",
                  PREVIOUS[] = "checkpoint.previous.safetensors";

/* Blocks laid out like params.data that a checkpoint holds, with the prefix of their tensors. The first holds the state parameters too. */
struct blocks {
    const struct params *p;
    const real *data[3];
    const char *prefix[3];
    int count;
};

static struct blocks blocks_of(const struct model *m, const struct optimiser *o)
{
    struct blocks b = {&m->params, {m->params.data, o->m, o->v}, {"model.", "optim.m.", "optim.v."}, o->v ? 3 : 2};
    return b;
}

enum { CRC_TEXT = 16 };

/* Over all numbers and both JSON texts. */
static void checksum(const struct blocks *b, const char *about, const char *state, char crc[CRC_TEXT])
{
    uint32_t sum = file_crc(0, b->p->state, b->p->state_size * sizeof(real));
    for (int i = 0; i < b->count; i++) sum = file_crc(sum, b->data[i], b->p->size * sizeof(real));
    sum = file_crc(sum, about, strlen(about));
    sum = file_crc(sum, state, strlen(state));
    snprintf(crc, CRC_TEXT, "%08" PRIx32, sum);
}

/* Where tensor `index` of the file comes from. */
struct entry {
    int block, param;
};

struct writer {
    struct blocks b;
    struct entry *entries;
};

static att_status fill(void *arg, int index, void *out, size_t bytes, struct err *e)
{
    const struct writer *w = arg;
    struct entry n = w->entries[index];
    return weights_bytes(w->b.p, n.param, w->b.data[n.block], out, bytes, e);
}

static att_status list_tensors(struct writer *w, struct st_spec *specs, int *count, struct err *e)
{
    *count = 0;
    for (int b = 0; b < w->b.count; b++)
        for (int i = 0; i < w->b.p->count; i++) {
            if (b > 0 && !param_trains(&w->b.p->list[i])) continue;
            TRY(weights_spec(w->b.p, i, w->b.prefix[b], &specs[*count], e));
            w->entries[(*count)++] = (struct entry){b, i};
        }
    return ATT_OK;
}

static att_status write_file(const char *path, struct writer *w, json_t *metadata, struct err *e)
{
    size_t most = 3 * (size_t)w->b.p->count;
    int count = 0;
    struct st_spec *specs = mem_array(most, sizeof *specs);
    w->entries = mem_array(most, sizeof *w->entries);
    att_status status = specs && w->entries ? list_tensors(w, specs, &count, e) : err_memory(e, most * sizeof *specs, "a checkpoint");
    if (status == ATT_OK) status = st_save(path, metadata, specs, count, fill, w, e);
    for (size_t i = 0; specs && i < most; i++) mem_free((void *)(uintptr_t)specs[i].name);
    mem_free(specs);
    mem_free(w->entries);
    return status;
}

static json_t *metadata_of(const struct model *m, const struct blocks *b, const json_t *training)
{
    json_t *model = model_to_json(m);
    char *about = model ? json_dumps(model, JSON_COMPACT) : NULL, *state = json_dumps(training, JSON_COMPACT), crc[CRC_TEXT];
    if (about && state) checksum(b, about, state, crc);
    json_t *j = about && state ? json_pack("{s:s, s:s, s:s, s:s}", "format", "pt", "attunet", about, "training", state, "crc", crc) : NULL;
    json_decref(model);
    free(about);
    free(state);
    return j;
}

att_status checkpoint_save(const char *run, const struct model *m, const struct optimiser *o, const json_t *training, struct err *e)
{
    struct writer w = {.b = blocks_of(m, o)};
    json_t *metadata = metadata_of(m, &w.b, training);
    char *newest = file_join(run, NEWEST), *previous = file_join(run, PREVIOUS), *next = file_join(run, NEXT);
    att_status status =
        metadata && newest && previous && next ? write_file(next, &w, metadata, e) : err_memory(e, strlen(run), "a checkpoint");
    /* Between the two renames only the previous and the next generation have names; checkpoint_open knows all three. */
    if (status == ATT_OK && file_exists(newest) && rename(newest, previous) != 0)
        status = err_set(e, ATT_IO, "%s cannot be renamed: %s", newest, strerror(errno));
    if (status == ATT_OK && rename(next, newest) != 0) status = err_set(e, ATT_IO, "%s cannot be renamed: %s", next, strerror(errno));
    json_decref(metadata);
    mem_free(newest);
    mem_free(previous);
    mem_free(next);
    return status;
}

static att_status read_model(const char *path, struct model *m, json_t **training, struct err *e)
{
    struct st_file f;
    *training = NULL;
    TRY(st_open(path, &f, e));
    const char *about = st_metadata(&f, "attunet"), *state = st_metadata(&f, "training");
    att_status status =
        about && state ? model_from_json(about, path, m, e) : err_set(e, ATT_MODEL, "%s is not a checkpoint of attunet", path);
    bool made = status == ATT_OK;
    if (made) status = weights_load_part(&f, "model.", &m->params, e);
    if (status == ATT_OK && !(*training = json_loads(state, 0, NULL)))
        status = err_set(e, ATT_MODEL, "%s: the training state is damaged", path);
    if (made && status != ATT_OK) model_free(m);
    st_close(&f);
    return status;
}

static att_status read_moments(const struct st_file *f, const struct model *m, struct optimiser *o, struct err *e)
{
    TRY(weights_load_block(f, "optim.m.", &m->params, o->m, e));
    return o->v ? weights_load_block(f, "optim.v.", &m->params, o->v, e) : ATT_OK;
}

static att_status check_sum(const struct st_file *f, const char *path, const struct model *m, const struct optimiser *o, struct err *e)
{
    const char *about = st_metadata(f, "attunet"), *state = st_metadata(f, "training"), *wanted = st_metadata(f, "crc");
    struct blocks b = blocks_of(m, o);
    char crc[CRC_TEXT] = "";
    if (about && state) checksum(&b, about, state, crc);
    if (wanted && *crc && !strcmp(wanted, crc)) return ATT_OK;
    return err_set(e, ATT_MODEL, "%s is damaged: its checksum does not match what it holds", path);
}

att_status checkpoint_moments(const char *path, const struct model *m, struct optimiser *o, struct err *e)
{
    struct st_file f;
    TRY(st_open(path, &f, e));
    att_status status = read_moments(&f, m, o, e);
    if (status == ATT_OK) status = check_sum(&f, path, m, o, e);
    st_close(&f);
    return status;
}

/* One generation, whole: its numbers are checked against the CRC before it is trusted. */
static att_status try_generation(const char *path, struct model *m, json_t **training, struct err *e)
{
    TRY(read_model(path, m, training, e));
    const json_t *recipe = json_object_get(*training, "recipe");
    const char *kind = json_string_value(json_object_get(recipe, "optimiser"));
    struct optimiser o = {.kind = kind && !strcmp(kind, "sgd") ? OPTIMISER_SGD : OPTIMISER_ADAMW};
    att_status status = optimiser_init(&o, &m->params, e);
    if (status == ATT_OK) status = checkpoint_moments(path, m, &o, e);
    optimiser_free(&o);
    if (status != ATT_OK) {
        json_decref(*training);
        *training = NULL;
        model_free(m);
    }
    return status;
}

att_status checkpoint_open(const char *run, struct model *m, json_t **training, char **path, bool *fallback, struct err *e)
{
    static const char *const names[] = {NEWEST, NEXT, PREVIOUS};
    struct err first = {.status = ATT_OK};
    *path = NULL;
    *fallback = false;
    if (!file_is_folder(run)) return err_set(e, ATT_IO, "%s is not a run folder", run);
    for (int i = 0; i < 3; i++) {
        char *file = file_join(run, names[i]);
        if (!file) return err_memory(e, strlen(run), "a file name");
        struct err here = {.status = ATT_OK};
        att_status status = file_exists(file) ? try_generation(file, m, training, &here) : ATT_MODEL;
        if (status == ATT_OK) {
            *path = file;
            *fallback = first.status != ATT_OK;
            return ATT_OK;
        }
        mem_free(file);
        /* Short of memory, or not allowed to read: that is no damage. */
        if (status == ATT_MEMORY || status == ATT_IO) return err_set(e, status, "%s", here.text);
        if (first.status == ATT_OK) first = here;
    }
    if (first.status != ATT_OK)
        return err_set(e, ATT_MODEL, "%s cannot go on, none of its checkpoints can be used: %.900s", run, first.text);
    return err_set(e, ATT_IO, "%s has no checkpoint: training has not saved one yet, or this is not a run folder", run);
}
