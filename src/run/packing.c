/* SPDX-License-Identifier: Apache-2.0 */
/* A file's name is a hash of what it is made from; the file appears when complete, pack.json last.
 * So an interrupted pack needs no other state. */
#include "run/packing.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/memory_set.h"
#include "dataset/patterns.h"
#include "dataset/voxel_size.h"
#include "feed/pack_case.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "run/folds.h"
#include "run/hardrun.h"
#include "train/case_memory.h"
#include "train/cases.h"
#include "train/packed.h"
#include "train/runlock.h"
#include "train/train_decide.h"

static const char *const split_files[] = {"splits_final.json", "groups.csv"};

struct packing {
    struct training t; /* recipe and model as for a run */
    const struct options *o;
    struct pack *p; /* t.data's */
    char *method;   /* how cases are made; part of their hash */
    int made, kept;
    int64_t bytes, plain;
};

/* ---- the folder */

static att_status packing_check_folder(const char *folder, bool dry, struct err *e)
{
    static const char *const ours[] = {PACK_INDEX, "cases", "prints", RUN_LOCK, PACK_READERS,
        "splits_final.json", "groups.csv", NULL};
    struct file_list l;
    TRY(file_check_place(folder, true, e));
    if (!file_exists(folder)) return ATT_OK;
    TRY(file_list(folder, &l, e));
    /* Without packed cases, splits and groups are the user's own. */
    const int known = file_has(folder, PACK_INDEX) || file_has(folder, "cases") ? 7 : 5;
    att_status status = ATT_OK;
    for (int i = 0; i < l.count && status == ATT_OK; i++)
        if ((unsigned)text_index(ours, l.names[i]) >= (unsigned)known &&
            !file_is_temporary(l.names[i], ours))
            status = err_usage(e,
                "%s is neither empty nor a packed set (it has %.100s); choose a new folder", folder,
                l.names[i]);
    if (status == ATT_OK && !dry) file_sweep(folder, ours);
    file_list_free(&l);
    return status;
}

static const char *const subfolders[] = {"cases", "prints", NULL};

/* After a failure, removes empty subfolders, then the lock, then the folder if `made` here. */
static void packing_undo(const char *folder, bool made)
{
    bool empty = true;
    for (int i = 0; i < 2; i++) {
        char *path = file_join(folder, subfolders[i]);
        if (path) file_remove_folder(path);
        empty = empty && path && !file_exists(path);
        mem_free(path);
    }
    if (empty) file_remove_in(folder, RUN_LOCK);
    if (empty && made) file_remove_folder(folder);
}

/* The packed set has the same folds as the data set. */
static att_status copy_splits(const struct pack *p, const char *root, struct err *e)
{
    att_status status = ATT_OK;
    for (int i = 0; i < 2 && status == ATT_OK; i++) {
        char *from = file_join(root, split_files[i]), *to = file_join(p->folder, split_files[i]),
             *data = NULL;
        size_t size;
        if (!from || !to) status = err_path(e);
        if (status == ATT_OK && file_exists(from)) {
            status = file_read(from, 1 << 28, &data, &size, e);
            if (status == ATT_OK) status = file_write_all(to, data, size, e);
        } else if (status == ATT_OK) {
            file_remove(to);
        }
        mem_free(data);
        mem_free(from);
        mem_free(to);
    }
    return status;
}

/* ---- sources */

/* Reuses the hashes of an earlier pack for unchanged files, to avoid reading them. */
static bool earlier_hashes(
    const struct dataset *earlier, const struct data_case *c, struct pack_case *to)
{
    int index = earlier->pack ? dataset_find(earlier, c->id) : -1;
    if (index < 0) return false;
    const struct data_case *b = &earlier->cases[index];
    const struct pack_case *x = &earlier->pack->cases[index];
    int count = pack_source_count(c);
    if (x->nsources != count || b->nimages != c->nimages) return false;
    for (int k = 0; k < count; k++) {
        struct err ignored = {0}; /* hashing the file reports it */
        struct file_facts now;
        bool there;
        char room[2][PATH_MAX];
        const char *path = pack_source_path(c, k, room[0]);
        if (strcmp(path, pack_source_path(b, k, room[1])) != 0 ||
            pack_source_facts(path, &now, &there, &ignored) != ATT_OK || !there)
            return false;
        if (now.size != x->sources[k].facts.size || now.changed != x->sources[k].facts.changed)
            return false;
    }
    to->sources = mem_array((size_t)count, sizeof *to->sources);
    if (!to->sources) return false;
    memcpy(to->sources, x->sources, (size_t)count * sizeof *to->sources);
    to->nsources = count;
    return true;
}

static att_status hash_sources(struct packing *k, const struct dataset *earlier, struct err *e)
{
    struct host *host = k->t.c->host;
    for (int i = 0; i < k->p->count; i++) {
        if (host_stopped(host))
            return err_set(e, ATT_INTERRUPTED, "stopped while reading the files");
        if (!earlier_hashes(earlier, &k->t.data.cases[i], &k->p->cases[i]))
            TRY(pack_take_sources(&k->t.data.cases[i], &k->p->cases[i], e));
        host_progress(host, "reading files", i + 1, k->p->count, NULL);
    }
    return ATT_OK;
}

/* The index of an earlier pack; empty if missing or damaged. */
static void read_earlier(const char *folder, struct dataset *earlier)
{
    struct err ignored = {0};
    char *path = file_join(folder, PACK_INDEX);
    *earlier = (struct dataset){.labels.ignore = -1, .pack = mem_alloc(sizeof(struct pack))};
    bool good = path && earlier->pack && file_exists(path) &&
        pack_read(path, earlier, earlier->pack, &ignored) == ATT_OK;
    if (!good) dataset_free(earlier);
    mem_free(path);
}

static att_status open_sources(struct packing *k, const char *dataset, const char *folder,
    const struct options *o, struct err *e)
{
    struct dataset *d = &k->t.data, earlier;
    char full[PATH_MAX], place[PATH_MAX];
    if (memory_named(dataset))
        return err_usage(e, "%s is in memory, so packing saves no time; train on it", dataset);
    if (!realpath(dataset, full)) return file_error(e, "read", dataset, errno);
    TRY(patterns_open(full, o, d, NULL, k->t.c->host, e));
    if (d->pack)
        return err_usage(e, "%s is already packed; pack %s instead", dataset, d->pack->source);
    k->p = d->pack = mem_alloc(sizeof *k->p);
    if (!k->p) return err_memory(e, sizeof *k->p, "a packed set");
    k->p->making = true;
    k->p->dry = is_dry_run(k->t.c->host);
    k->p->cases = mem_array((size_t)d->count, sizeof *k->p->cases);
    k->p->source = mem_text("%s", full);
    k->p->folder = mem_text("%s", !k->p->dry && realpath(folder, place) ? place : folder);
    if (!k->p->cases || !k->p->source || !k->p->folder)
        return err_memory(e, (size_t)d->count * sizeof *k->p->cases, "a packed set");
    k->p->count = d->count;
    read_earlier(folder, &earlier);
    att_status status = ATT_OK;
    if (earlier.pack && strcmp(earlier.pack->source, full) != 0 &&
        file_exists(earlier.pack->source))
        status =
            err_usage(e, "%s has the packed cases of %s; choose another folder, or remove it first",
                folder, earlier.pack->source);
    if (status == ATT_OK) status = hash_sources(k, &earlier, e);
    dataset_free(&earlier);
    return status;
}

/* ---- cases */

static att_status packing_configure(struct packing *k, struct err *e)
{
    struct pack *p = k->p;
    p->preparation = packed_preparation_json(&k->t.model.prep);
    p->level = (int)options_int(k->o, pack, compression);
    const int flat[3] = {1, 128, 128}, deep[3] = {32, 32, 32};
    memcpy(p->chunk, k->t.model.facts.dims == 2 ? flat : deep, sizeof p->chunk);
    json_t *labels = labelling_to_json(&k->t.data.labels);
    char *a = json_text(p->preparation, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17)),
         *b = json_text(labels, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(labels);
    const bool voxel_set = k->t.data.voxel[0] > 0;
    char voxel[VOXEL_SIZE_TEXT];
    k->method = a && b ? mem_text("case 1 %s %s %dx%dx%d %d%s%s", a, b, p->chunk[0], p->chunk[1],
                             p->chunk[2], p->level, voxel_set ? " " : "",
                             voxel_set ? voxel_size_text(k->t.data.voxel, voxel) : "")
                       : NULL;
    mem_free(a);
    mem_free(b);
    return k->method ? ATT_OK : err_memory(e, 4096, "the preparation of a packed set");
}

static void packing_describe(
    const struct prepared *p, uint32_t head, int64_t bytes, struct pack_case *c)
{
    c->packed = true;
    c->head = head;
    c->bytes = bytes;
    c->present = (struct class_set){{0}};
    memcpy(c->size, p->size, sizeof c->size);
    memcpy(c->spacing, p->spacing, sizeof c->spacing);
    for (int i = 1; i < LABELLING_MAX; i++)
        if (p->first[i + 1] > p->first[i]) class_set_add(&c->present, i);
}

/* True if an earlier pack has written the whole file. */
static bool is_packed(const struct packing *k, const char *path, struct pack_case *c)
{
    struct file_facts facts;
    struct file_at f;
    struct pack_header h;
    struct pack_reader r;
    struct err ignored = {0};
    if (!file_facts(path, &facts) || file_at_open(path, &f, &ignored) != ATT_OK) return false;
    att_status status = file_at_read(&f, path, 0, &h, sizeof h, &ignored);
    file_at_close(&f);
    if (status != ATT_OK || (int64_t)h.bytes > facts.size) return false;
    if (pack_reader_create(&r, h.bytes, k->p->chunk, k->t.data.channels, &ignored) != ATT_OK)
        return false;
    bool good = pack_reader_open(&r, path, &ignored) == ATT_OK &&
        pack_reader_end(&r) == (uint64_t)facts.size;
    if (good) packing_describe(&r.p, h.bytes, facts.size, c);
    pack_reader_free(&r);
    return good;
}

/* i: in the training list. */
static att_status make_case(struct packing *k, int i, const char *path, struct err *e)
{
    struct prepared p;
    uint32_t head;
    int64_t bytes;
    const int index = k->t.split.train[i];
    const size_t chunk = pack_chunk_bytes(image_voxels(k->p->chunk), k->t.data.channels);
    TRY(case_memory_check_pack(
        k->t.c, &k->t.data, index, &k->t.found[i], &k->t.model, chunk, k->t.recipe.max_memory, e));
    TRY(cases_load_one(k->t.c, &k->t.data, index, &k->t.model, &p, e));
    att_status status =
        pack_case_write(path, &p, k->p->chunk, k->p->level, k->t.c->host->pool, &head, &bytes, e);
    if (status == ATT_OK) packing_describe(&p, head, bytes, &k->p->cases[index]);
    prepared_free(&p);
    return status;
}

static att_status pack_case(struct packing *k, int i, struct err *e)
{
    struct pack_case *c = &k->p->cases[k->t.split.train[i]];
    c->file = pack_name(c, k->method);
    char *path = pack_path(k->p, PACK_CASE, c->file);
    if (!path) return err_path(e);
    bool kept = is_packed(k, path, c), dry = is_dry_run(k->t.c->host);
    att_status status = kept || dry ? ATT_OK : make_case(k, i, path, e);
    if (!kept) dry_run_file(k->t.c->host, path, NULL);
    mem_free(path);
    k->kept += kept;
    k->made += !kept;
    k->bytes += c->bytes;
    k->plain += (int64_t)pack_chunk_bytes(image_voxels(c->size), k->t.data.channels);
    return status;
}

static att_status pack_cases(struct packing *k, struct err *e)
{
    const struct split *s = &k->t.split;
    for (int i = 0; i < s->ntrain; i++) {
        if (host_stopped(k->t.c->host)) return err_set(e, ATT_INTERRUPTED, "stopped while packing");
        TRY(pack_case(k, i, e));
        host_progress(k->t.c->host, "packing", i + 1, s->ntrain, NULL);
    }
    return ATT_OK;
}

static att_status dry_run_set(const struct packing *k, const char *folder, struct err *e)
{
    struct host *host = k->t.c->host;
    const struct split *s = &k->t.split;
    note_dry_run(host, "pack %d case%s into %s, and keep %d that %s packed already", k->made,
        TEXT_S(k->made), folder, k->kept, k->kept == 1 ? "is" : "are");
    for (int i = 0; i < s->ntrain; i++) {
        char *path = pack_path(k->p, PACK_PRINT, k->p->cases[s->train[i]].print);
        if (!path) return err_path(e);
        if (!file_exists(path)) dry_run_file(host, path, NULL);
        mem_free(path);
    }
    for (int i = 0; i < 2; i++) {
        char *from = file_join(k->t.data.root, split_files[i]);
        if (from && file_exists(from)) dry_run_file(host, k->p->folder, split_files[i]);
        mem_free(from);
    }
    dry_run_file(host, k->p->folder, PACK_INDEX);
    dry_run_file(host, k->p->folder, RUN_LOCK);
    dry_run_file(host, k->p->folder, PACK_READERS);
    return ATT_OK;
}

/* A running training still opens files of an earlier pack. */
static void packing_sweep(const struct packing *k)
{
    int alone;
    if (!runlock_exclusive(k->p->folder, &alone)) {
        host_warn(k->t.c->host, WARN_PACK_IN_USE,
            "a training reads %s, so old files stay there; run attunet pack again after it",
            k->p->folder);
        return;
    }
    pack_sweep(k->p);
    runlock_drop(alone);
}

static att_status packing_run(struct packing *k, const char *dataset, const char *folder,
    const struct options *o, struct err *e)
{
    TRY(open_sources(k, dataset, folder, o, e));
    TRY(training_decide_on(&k->t, o, NULL, NULL, e));
    TRY(packing_configure(k, e));
    TRY(pack_cases(k, e));
    if (is_dry_run(k->t.c->host)) return dry_run_set(k, folder, e);
    TRY(copy_splits(k->p, k->t.data.root, e));
    TRY(pack_write(k->p, &k->t.data, e));
    packing_sweep(k);
    return ATT_OK;
}

static att_status pack_locked(struct packing *k, const char *dataset, const char *folder,
    const struct options *o, struct err *e)
{
    int lock = -1;
    const bool dry = is_dry_run(k->t.c->host), made = !file_exists(folder);
    TRY(packing_check_folder(folder, dry, e));
    if (!dry) TRY(file_each(folder, subfolders, file_make_inside, e));
    TRY(dry ? runlock_check(folder, "packs into", e)
            : runlock_take(folder, "packs into", k->t.c->host, &lock, e));
    att_status status = packing_run(k, dataset, folder, o, e);
    if (status != ATT_OK && !dry) packing_undo(folder, made);
    runlock_drop(lock);
    if (status != ATT_INTERRUPTED) return status;
    err_clear(e);
    return err_set(e, status, "stopped; the packed cases are kept, and the same command continues");
}

att_status train_pack(const struct train_context *c, const char *dataset, const char *folder,
    const struct options *o, json_t **report, struct err *e)
{
    *report = NULL;
    if (folds_wanted(o))
        return err_usage(
            e, "pack all cases, without `fold` all; each fold then reads only its own cases");
    TRY(hardrun_refuse(o, e));
    struct packing *k;
    TRY(MEM_NEW(k, "packing", e));
    training_init(&k->t, c, "");
    k->o = o;
    att_status status = pack_locked(k, dataset, folder, o, e);
    if (status == ATT_OK)
        *report = json_pack("{s:i, s:i, s:i, s:I, s:I, s:o, s:o*}", "cases", k->t.split.ntrain,
            "made", k->made, "kept", k->kept, "bytes", (json_int_t)k->bytes, "plain_bytes",
            (json_int_t)k->plain, "path", json_utf8(folder), "next",
            json_sprintf("attunet train %s -o RUN", TEXT_PATH(folder)));
    if (status == ATT_OK && !*report) status = err_memory(e, 4096, "the report");
    training_free(&k->t);
    mem_free(k->method);
    mem_free(k);
    return status;
}
