/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/pack.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_memory.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/companions.h"
#include "dataset/voxel_size.h"
#include "files/file.h"
#include "files/hash.h"
#include "format/joined.h"
#include "format/stack_slice.h"

static const char *const folders[] = {"cases", "prints"};

void pack_free(struct pack *p)
{
    if (!p) return;
    for (int i = 0; i < p->count; i++) mem_free(p->cases[i].sources);
    mem_free(p->cases);
    mem_free(p->folder);
    mem_free(p->source);
    json_decref(p->preparation);
    mem_free(p);
}

char *pack_path(const struct pack *p, enum pack_kind kind, uint64_t name)
{
    char text[HASH_TEXT];
    return mem_text("%s/%s/%s", p->folder, folders[kind], hash_text(name, text));
}

int pack_source_count(const struct data_case *c)
{
    return c->nimages + (c->label ? joined_count(c->label) : 0);
}

const char *pack_source_path(const struct data_case *c, int k, char room[PATH_MAX])
{
    if (k < c->nimages) return c->image[k];
    return joined_part(c->label, k - c->nimages, room) ? room : c->label;
}

att_status pack_source_facts(const char *path, struct file_facts *f, bool *there, struct err *e)
{
    struct file_facts more;
    char *companion, file[PATH_MAX];
    path = slice_file(path, file);
    *f = (struct file_facts){0};
    *there = file_facts(path, f);
    if (!*there) return ATT_OK;
    TRY(companions_of(path, &companion, e));
    if (companion && file_facts(companion, &more)) {
        f->size += more.size;
        f->changed = (int64_t)((uint64_t)f->changed + (uint64_t)more.changed);
    }
    mem_free(companion);
    return ATT_OK;
}

static att_status hash_source(const char *path, uint64_t *hash, struct err *e)
{
    uint64_t both[2] = {0, 0};
    char *companion, file[PATH_MAX];
    struct hash h;
    const int slice = slice_number(path, file);
    if (slice >= 0) path = file;
    TRY(file_hash(path, &both[0], e));
    *hash = both[0];
    TRY(companions_of(path, &companion, e));
    if (!companion && slice < 0) return ATT_OK;
    att_status status = companion ? file_hash(companion, &both[1], e) : ATT_OK;
    mem_free(companion);
    if (status != ATT_OK) return status;
    both[1] += (uint64_t)(slice + 1);
    hash_begin(&h);
    hash_add(&h, both, sizeof both);
    *hash = hash_end(&h);
    return ATT_OK;
}

att_status pack_take_sources(const struct data_case *c, struct pack_case *to, struct err *e)
{
    int count = pack_source_count(c);
    TRY(MEM_ARRAY(to->sources, count, "the files of a case", e));
    to->nsources = count;
    for (int k = 0; k < count; k++) {
        struct file_facts after;
        char room[PATH_MAX];
        bool there;
        const char *path = pack_source_path(c, k, room);
        TRY(pack_source_facts(path, &to->sources[k].facts, &there, e));
        TRY(hash_source(path, &to->sources[k].hash, e));
        TRY(pack_source_facts(path, &after, &there, e));
        if (!there || memcmp(&after, &to->sources[k].facts, sizeof after) != 0)
            return err_data(e, "%s changed while attunet read it; pack when it is complete", path);
    }
    return ATT_OK;
}

/* A touched or copied file keeps its hash. */
static att_status pack_check_file(const struct pack *p, const char *path,
    const struct pack_source *s, int *missing, struct err *e)
{
    struct file_facts now;
    uint64_t hash = 0;
    bool there;
    TRY(pack_source_facts(path, &now, &there, e));
    if (!there) {
        ++*missing;
        return ATT_OK;
    }
    if (now.size == s->facts.size && now.changed == s->facts.changed) return ATT_OK;
    if (now.size == s->facts.size) TRY(hash_source(path, &hash, e));
    if (now.size == s->facts.size && hash == s->hash) return ATT_OK;
    return err_data(e,
        "%s has changed since it was packed into %s; pack again with: attunet pack %s -o %s", path,
        p->folder, TEXT_PATH(p->source), TEXT_PATH(p->folder));
}

/* Checks the packed file's size; reading checks its content. */
static att_status check_packed(
    const struct pack *p, const struct pack_case *c, const char *id, struct err *e)
{
    struct file_facts now;
    if (!c->packed) return ATT_OK;
    char *path = pack_path(p, PACK_CASE, c->file);
    if (!path) return err_path(e);
    att_status status = ATT_OK;
    if (!file_facts(path, &now))
        status = err_data(
            e, "%s, the packed file of case %s, does not exist; run attunet pack again", path, id);
    else if (now.size != c->bytes)
        status = err_data(e,
            "%s is damaged (it has %" PRId64 " bytes, but pack.json states %" PRId64
            "); remove it and run attunet pack again",
            path, now.size, c->bytes);
    mem_free(path);
    return status;
}

att_status pack_check(const struct pack *p, const struct dataset *d, int *missing, struct err *e)
{
    char room[PATH_MAX];
    *missing = 0;
    for (int i = 0; i < p->count; i++) TRY(check_packed(p, &p->cases[i], d->cases[i].id, e));
    for (int i = 0; i < p->count; i++)
        for (int k = 0; k < p->cases[i].nsources; k++)
            TRY(pack_check_file(
                p, pack_source_path(&d->cases[i], k, room), &p->cases[i].sources[k], missing, e));
    return ATT_OK;
}

uint64_t pack_name(const struct pack_case *c, const char *how)
{
    struct hash h;
    hash_begin(&h);
    hash_add(&h, how, strlen(how) + 1);
    for (int k = 0; k < c->nsources; k++)
        hash_add(&h, &c->sources[k].hash, sizeof c->sources[k].hash);
    return hash_end(&h);
}

static int pack_by_name(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Remove files of a folder that are not among the sorted `names`. */
static void dataset_pack_sweep(const char *folder, const uint64_t *names, int count)
{
    struct file_list l;
    struct err ignored = {0};
    if (file_list(folder, &l, &ignored) != ATT_OK) return;
    for (int i = 0; i < l.count; i++) {
        char *end, *path = file_join(folder, l.names[i]);
        uint64_t name = strtoull(l.names[i], &end, 16);
        bool ours = end - l.names[i] == HASH_TEXT - 1 && (!*end || !strncmp(end, ".tmp-", 5));
        bool named = !*end && bsearch(&name, names, (size_t)count, sizeof *names, pack_by_name);
        if (path && ours && !named) file_remove(path);
        mem_free(path);
    }
    file_list_free(&l);
}

void pack_sweep(const struct pack *p)
{
    uint64_t *names = mem_array((size_t)p->count + 1, sizeof *names);
    for (int kind = PACK_CASE; names && kind <= PACK_PRINT; kind++) {
        int count = 0;
        for (int i = 0; i < p->count; i++)
            if (p->cases[i].packed)
                names[count++] = kind == PACK_CASE ? p->cases[i].file : p->cases[i].print;
        char *folder = file_join(p->folder, folders[kind]);
        qsort(names, (size_t)count, sizeof *names, pack_by_name);
        if (folder) dataset_pack_sweep(folder, names, count);
        mem_free(folder);
    }
    mem_free(names);
}

static att_status pack_measure(const struct dataset *d, int index, int room, const char *path,
    struct case_print *print, struct err *e)
{
    TRY(case_print_take(d, index, room, print, NULL, e));
    if (d->pack->dry) return ATT_OK;
    return pack_print_save(path, d->channels, d->labels.count, print, e);
}

/* Name by sources, samples and meaning of labels. */
static att_status name_print(const struct dataset *d, struct pack_case *c, int room, struct err *e)
{
    char voxel[VOXEL_SIZE_TEXT];
    const bool voxel_set = d->voxel[0] > 0;
    json_t *labels = labelling_to_json(&d->labels);
    char *meaning = json_text(labels, JSON_COMPACT | JSON_SORT_KEYS);
    char *how = meaning
        ? mem_text("print 2, %d samples, %s%s%s%s%s", room, meaning, voxel_set ? ", " : "",
              voxel_set ? voxel_size_text(d->voxel, voxel) : "", *d->axes ? ", " : "", d->axes)
        : NULL;
    if (how) c->print = pack_name(c, how);
    json_decref(labels);
    mem_free(meaning);
    mem_free(how);
    return how ? ATT_OK : err_memory(e, 4096, "the name of a fingerprint");
}

att_status pack_print(
    const struct dataset *d, int index, int room, struct case_print *print, struct err *e)
{
    struct pack *p = d->pack;
    struct pack_case *c = &p->cases[index];
    if (p->making) TRY(name_print(d, c, room, e));
    if (!p->making && !c->packed)
        return err_data(e,
            "case %s is not in %s, which was packed to train other cases; pack again for the cases "
            "of this run",
            d->cases[index].id, p->folder);
    char *path = pack_path(p, PACK_PRINT, c->print);
    if (!path) return err_path(e);
    struct err ignored = {0};
    att_status status = p->making
        ? pack_print_load(path, d->channels, d->labels.count, room, print, &ignored)
        : pack_print_load(path, d->channels, d->labels.count, room, print, e);
    if (p->making && status != ATT_OK) status = pack_measure(d, index, room, path, print, e);
    mem_free(path);
    return status;
}
