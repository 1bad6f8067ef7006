/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of torch's archives are not compressed, so a tensor is a range of the file, as in
 * safetensors. */
#include "format/torch_archive.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

att_status torch_archive_is(const char *path, bool *archive, struct err *e)
{
    struct file_at f;
    char head[4];
    *archive = false;
    TRY(file_at_open(path, &f, e));
    att_status status =
        f.size > sizeof head ? file_at_read(&f, path, 0, head, sizeof head, e) : ATT_OK;
    file_at_close(&f);
    *archive = status == ATT_OK && f.size > sizeof head && !memcmp(head, "PK\3\4", sizeof head);
    return status;
}

#ifdef ATT_TORCH
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unzip.h>

#include "base/text.h"
#include "format/pickle.h"

/* A checkpoint of nnU-Net has a data.pkl of some hundred KB and some hundred tensors. */
enum {
    PICKLE_LIMIT = 16 << 20,
    ENTRIES = 1 << 18,
    TENSORS = 1 << 16,
    NAMES = 16 << 20 /* bytes */,
    DEPTH = 16,
    VISITS = 1 << 18
};
enum { ENTRY_NAME = 320, TENSOR_NAME = 400 };

struct entry {
    char name[ENTRY_NAME]; /* torch names the root after the file */
    uint64_t at, size;
    bool stored;
};

struct archive {
    const char *path;
    struct st_file *f;
    struct entry *entries;
    int count;
    char root[ENTRY_NAME]; /* prefix of all names, with the '/' */
    const char *prefix;    /* ignore tensors of other names */
    char *text;            /* data.pkl */
    struct pickle p;
    int visits;
    char *names; /* concatenated */
    size_t names_used, names_room;
    char name[TENSOR_NAME];
};

static att_status torch_archive_damaged(const struct archive *a, const char *what, struct err *e)
{
    return err_model(
        e, "%s: %s; save it again with torch.save, or get a complete copy", a->path, what);
}

/* minizip failed: no memory, a failing disk, or a damaged file. */
static att_status torch_archive_failed(
    const struct archive *a, int code, const char *what, struct err *e)
{
    if (code == UNZ_INTERNALERROR || errno == ENOMEM)
        return err_memory(e, 1 << 16, "reading an archive");
    /* EINVAL: a position before the file */
    if (errno && errno != EINVAL) return file_error(e, "read", a->path, errno);
    return torch_archive_damaged(a, what, e);
}

static att_status torch_archive_add_entry(struct archive *a, unzFile zip, struct err *e)
{
    unz_file_info64 info;
    char name[512];
    if (unzGetCurrentFileInfo64(zip, &info, name, sizeof name, NULL, 0, NULL, 0) != UNZ_OK ||
        a->count == ENTRIES)
        return torch_archive_damaged(a, "the list of the archive's files cannot be read", e);
    name[sizeof name - 1] = 0;
    if (strlen(name) >= sizeof a->entries->name) return ATT_OK; /* longer than any name of torch */
    TRY(MEM_ROOM(a->entries, a->count, "the files of an archive", e));
    struct entry *x = &a->entries[a->count];
    strcpy(x->name, name);
    errno = 0;
    const int opened = unzOpenCurrentFile2(zip, NULL, NULL, 1);
    if (opened != UNZ_OK)
        return torch_archive_failed(a, opened,
            "a file in the archive cannot be opened (attunet reads archives of up to 4 GiB)", e);
    x->at = unzGetCurrentFileZStreamPos64(zip);
    x->size = info.uncompressed_size;
    x->stored = info.compression_method == 0 && info.compressed_size == info.uncompressed_size &&
        !(info.flag & 1);
    unzCloseCurrentFile(zip);
    a->count++;
    return ATT_OK;
}

static int torch_archive_by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static att_status list_entries(struct archive *a, unzFile zip, struct err *e)
{
    int more = unzGoToFirstFile(zip);
    for (; more == UNZ_OK; more = unzGoToNextFile(zip)) TRY(torch_archive_add_entry(a, zip, e));
    if (more != UNZ_END_OF_LIST_OF_FILE || !a->count)
        return torch_archive_damaged(a, "the list of the archive's files cannot be read", e);
    qsort(a->entries, (size_t)a->count, sizeof *a->entries, torch_archive_by_name);
    for (int i = 1; i < a->count; i++)
        if (torch_archive_by_name(&a->entries[i - 1], &a->entries[i]) == 0)
            return torch_archive_damaged(a, "two files in the archive have the same name", e);
    return ATT_OK;
}

static const struct entry *find_entry(const struct archive *a, const char *name)
{
    struct entry key = {.stored = false};
    if (snprintf(key.name, sizeof key.name, "%s%s", a->root, name) >= (int)sizeof key.name)
        return NULL;
    return bsearch(&key, a->entries, (size_t)a->count, sizeof key, torch_archive_by_name);
}

/* Read a whole entry, for mem_free. */
static att_status torch_archive_read_entry(
    struct archive *a, const struct entry *x, size_t limit, char **data, struct err *e)
{
    if (!x->stored || x->size > limit || x->at > a->f->file.size ||
        x->size > a->f->file.size - x->at)
        return torch_archive_damaged(
            a, "a file in the archive is compressed, too large, or extends past the archive", e);
    TRY(MEM_BYTES(*data, (size_t)x->size + 1, "a checkpoint", e));
    return file_at_read(&a->f->file.at, a->path, x->at, *data, (size_t)x->size, e);
}

/* Find ROOT/data.pkl, where ROOT is one folder. */
static att_status find_root(struct archive *a, struct err *e)
{
    for (int i = 0; i < a->count; i++) {
        const char *slash = strchr(a->entries[i].name, '/');
        if (!slash || strcmp(slash, "/data.pkl") != 0) continue;
        if (*a->root)
            return torch_archive_damaged(a, "there is more than one data.pkl in the archive", e);
        memcpy(a->root, a->entries[i].name, (size_t)(slash + 1 - a->entries[i].name));
    }
    return *a->root ? ATT_OK
                    : err_model(e,
                          "%s: a zip archive without data.pkl, so not from torch.save; give a "
                          "file that torch.save wrote",
                          a->path);
}

static att_status torch_archive_check_order(struct archive *a, struct err *e)
{
    const struct entry *x = find_entry(a, "byteorder");
    char *text = NULL;
    if (!x) return ATT_OK; /* before version 2.1 */
    att_status status = torch_archive_read_entry(a, x, 64, &text, e);
    if (status == ATT_OK && strcmp(text, "little") != 0)
        status = err_model(e,
            "%s: its numbers are big-endian; save it again on another processor, or as safetensors",
            a->path);
    mem_free(text);
    return status;
}

static att_status read_archive(struct archive *a, unzFile zip, struct err *e)
{
    TRY(list_entries(a, zip, e));
    TRY(find_root(a, e));
    TRY(torch_archive_check_order(a, e));
    const struct entry *x = find_entry(a, "data.pkl");
    if (x->size > PICKLE_LIMIT) return err_model(e, PICKLE_TOO_LARGE, a->path);
    TRY(torch_archive_read_entry(a, x, PICKLE_LIMIT, &a->text, e));
    return pickle_read(a->path, a->text, (size_t)x->size, &a->p, e);
}

static bool find_type(const struct pickle_value *name, const struct pickle *p, enum st_type *type)
{
    static const struct {
        const char *storage;
        enum st_type type;
    } types[] = {{"FloatStorage", ST_F32}, {"DoubleStorage", ST_F64}, {"HalfStorage", ST_F16},
        {"BFloat16Storage", ST_BF16}, {"LongStorage", ST_I64}, {"IntStorage", ST_I32},
        {"ShortStorage", ST_I16}, {"CharStorage", ST_I8}, {"ByteStorage", ST_U8},
        {"BoolStorage", ST_BOOL}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        *type = types[i].type;
        if (pickle_is(pickle_at(p, name, 1), types[i].storage)) return true;
    }
    return false;
}

/* Sizes of axes; *dense: elements are contiguous, the last axis fastest. */
static bool torch_archive_read_shape(const struct pickle *p, const struct pickle_value *sizes,
    const struct pickle_value *steps, struct st_tensor *t, bool *dense)
{
    const struct pickle_value *step[TENSOR_MAX_DIMS] = {NULL}, *v;
    if (!sizes || !steps || sizes->kind != PICKLE_LIST || steps->kind != PICKLE_LIST) return false;
    t->count = 1;
    for (t->dims = 0; (v = pickle_at(p, sizes, t->dims)); t->dims++) {
        if (t->dims == TENSOR_MAX_DIMS || v->kind != PICKLE_INT || v->number < 0) return false;
        if (v->number && t->count > SIZE_MAX / 8 / (size_t)v->number) return false;
        step[t->dims] = pickle_at(p, steps, t->dims);
        if (!step[t->dims] || step[t->dims]->kind != PICKLE_INT) return false;
        t->shape[t->dims] = v->number;
        t->count *= (size_t)v->number;
    }
    int64_t along = 1;
    *dense = true;
    for (int i = t->dims - 1; i >= 0 && t->count; i--) {
        *dense = *dense && (t->shape[i] < 2 || step[i]->number == along);
        along *= t->shape[i];
    }
    return true;
}

static att_status torch_archive_wrong(const struct archive *a, const char *what, struct err *e)
{
    return err_model(e, "%s: the tensor %.200s %s", a->path, a->name, what);
}

static att_status torch_archive_read_tensor(
    const struct archive *a, const struct pickle_value *v, struct st_tensor *t, struct err *e)
{
    const struct pickle_value *storage = pickle_at(&a->p, v, 0), *first = pickle_at(&a->p, v, 1),
                              *key = pickle_at(&a->p, storage, 2);
    char name[80];
    bool dense;
    if (!storage || storage->kind != PICKLE_STORAGE ||
        !pickle_is(pickle_at(&a->p, storage, 0), "storage") || !first ||
        first->kind != PICKLE_INT || !key || key->kind != PICKLE_TEXT || key->length > 60 ||
        !torch_archive_read_shape(&a->p, pickle_at(&a->p, v, 2), pickle_at(&a->p, v, 3), t, &dense))
        return torch_archive_wrong(
            a, "is not described as torch.save does; save it again with PyTorch 1.6 or later", e);
    if (!find_type(pickle_at(&a->p, storage, 1), &a->p, &t->type))
        return torch_archive_wrong(a, "has an unsupported type; save it as float32", e);
    if (pickle_at(&a->p, v, 6))
        return torch_archive_wrong(
            a, "has a pending negation or conjugation; save it after .resolve_neg()", e);
    if (!dense) return torch_archive_wrong(a, "is not contiguous; save it after .contiguous()", e);
    snprintf(name, sizeof name, "data/%.*s", (int)key->length, key->text);
    const struct entry *x = find_entry(a, name);
    const uint64_t size = st_type_size(t->type),
                   from = first->number < 0 ? UINT64_MAX : (uint64_t)first->number;
    if (!x) return torch_archive_wrong(a, "has no data in the archive; get a complete copy", e);
    if (!x->stored || x->at > a->f->file.size || x->size > a->f->file.size - x->at ||
        from > x->size / size || t->count > x->size / size - from)
        return torch_archive_wrong(
            a, "is compressed, or extends past the archive; get a complete copy", e);
    t->data = a->f->file.data + x->at + from * size;
    return ATT_OK;
}

/* `names` may move as it grows, so `name` is an offset into it until the end. */
static att_status add_tensor(struct archive *a, const struct pickle_value *v, struct err *e)
{
    struct st_file *f = a->f;
    const size_t length = strlen(a->name) + 1;
    if (strncmp(a->name, a->prefix, strlen(a->prefix)) != 0) return ATT_OK;
    if (f->count == TENSORS || a->names_used > NAMES)
        return err_model(e, PICKLE_TOO_LARGE, a->path);
    TRY(MEM_ROOM(f->tensors, f->count, "the tensors of a checkpoint", e));
    TRY(MEM_REACH(a->names, &a->names_room, a->names_used + length, "names of tensors", e));
    TRY(torch_archive_read_tensor(a, v, &f->tensors[f->count], e));
    memcpy(a->names + a->names_used, a->name, length);
    a->names_used += length;
    f->count++;
    return ATT_OK;
}

static att_status torch_archive_collect(
    struct archive *a, const struct pickle_value *v, size_t length, int depth, struct err *e);

/* Collect below the first `length` bytes of a->name. */
static att_status collect_item(struct archive *a, const struct pickle_item *x, int index,
    size_t length, int depth, struct err *e)
{
    const struct pickle_value *key = x->key < 0 ? NULL : &a->p.values[x->key],
                              *v = &a->p.values[x->value];
    const char *point = length ? "." : "";
    int n = -1;
    /* one list may occur in many places */
    if (++a->visits > VISITS) return err_model(e, PICKLE_TOO_LARGE, a->path);
    if (!key || key->kind == PICKLE_INT)
        n = snprintf(a->name + length, TENSOR_NAME - length, "%s%lld", point,
            key ? (long long)key->number : index);
    else if (key->kind == PICKLE_TEXT && key->length < TENSOR_NAME &&
        !memchr(key->text, 0, key->length))
        n = snprintf(
            a->name + length, TENSOR_NAME - length, "%s%.*s", point, (int)key->length, key->text);
    if (n < 0 || (size_t)n >= TENSOR_NAME - length) return ATT_OK; /* too long for a parameter */
    return v->kind == PICKLE_TENSOR ? add_tensor(a, v, e)
                                    : torch_archive_collect(a, v, length + (size_t)n, depth + 1, e);
}

static att_status torch_archive_collect(
    struct archive *a, const struct pickle_value *v, size_t length, int depth, struct err *e)
{
    if ((v->kind != PICKLE_DICT && v->kind != PICKLE_LIST) || depth > DEPTH) return ATT_OK;
    int index = 0;
    for (int i = v->first; i >= 0; i = a->p.items[i].next, index++)
        TRY(collect_item(a, &a->p.items[i], index, length, depth, e));
    return ATT_OK;
}

static att_status torch_archive_list_tensors(struct archive *a, struct err *e)
{
    TRY(torch_archive_collect(a, &a->p.values[a->p.root], 0, 0, e));
    if (!a->f->count && *a->prefix)
        return err_model(e,
            "%s: it has no tensors whose names begin with %.100s; give another prefix or "
            "file",
            a->path, a->prefix);
    if (!a->f->count)
        return err_model(e,
            "%s: it has no tensors; give a file that torch.save(net.state_dict(), FILE) wrote",
            a->path);
    const char *at = a->names;
    for (int i = 0; i < a->f->count; i++, at += strlen(at) + 1) a->f->tensors[i].name = at;
    qsort(a->f->tensors, (size_t)a->f->count, sizeof *a->f->tensors, text_order);
    for (int i = 1; i < a->f->count; i++)
        if (text_order(&a->f->tensors[i - 1], &a->f->tensors[i]) == 0)
            return err_model(e, "%s: two of its tensors are named %.200s; save a single state dict",
                a->path, a->f->tensors[i].name);
    a->f->names = a->names;
    a->names = NULL;
    return ATT_OK;
}

/* A list of a few integers as "0 1 2", anything else as "". */
static void write_value(
    const struct pickle *p, const struct pickle_value *v, char *text, size_t size)
{
    const struct pickle_value *x;
    size_t at = 0;
    *text = 0;
    if (v->kind != PICKLE_LIST) return;
    for (int k = 0; (x = pickle_at(p, v, k)); k++) {
        if (x->kind == PICKLE_INT)
            at += (size_t)snprintf(
                text + at, size - at, "%s%lld", k ? " " : "", (long long)x->number);
        if (x->kind == PICKLE_INT && at < size) continue;
        *text = 0;
        return;
    }
}

/* Note entries of the outermost dict other than tensors. */
static att_status note_entries(struct archive *a, struct err *e)
{
    const struct pickle_value *root = &a->p.values[a->p.root];
    a->f->metadata = json_object();
    if (!a->f->metadata) return err_memory(e, 1, "the metadata of a checkpoint");
    for (int i = root->kind == PICKLE_DICT ? root->first : -1; i >= 0; i = a->p.items[i].next) {
        const struct pickle_value *key = &a->p.values[a->p.items[i].key],
                                  *v = &a->p.values[a->p.items[i].value];
        char name[80], text[80];
        if (key->kind != PICKLE_TEXT || key->length >= sizeof name || v->kind == PICKLE_TENSOR)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)key->length, key->text);
        write_value(&a->p, v, text, sizeof text);
        /* fails for a key that is not UTF-8 */
        json_object_set_new(a->f->metadata, name, json_string(text));
    }
    return ATT_OK;
}

static att_status open_archive(struct archive *a, struct err *e)
{
    errno = 0;
    unzFile zip = unzOpen64(a->path);
    if (!zip) return torch_archive_failed(a, UNZ_OK, "the zip archive is cut off or damaged", e);
    att_status status = read_archive(a, zip, e);
    unzClose(zip);
    if (status == ATT_OK) status = torch_archive_list_tensors(a, e);
    return status == ATT_OK ? note_entries(a, e) : status;
}

att_status torch_archive_open(
    const char *path, const char *prefix, struct st_file *f, struct err *e)
{
    struct archive a = {.path = path, .prefix = prefix, .f = f, .p = {.root = -1}};
    *f = (struct st_file){.count = 0};
    TRY(file_stream_open(path, &f->file, e));
    f->path = mem_text("%s", path);
    att_status status = f->path ? open_archive(&a, e) : err_path(e);
    pickle_free(&a.p);
    mem_free(a.text);
    mem_free(a.entries);
    mem_free(a.names);
    if (status != ATT_OK) st_close(f);
    return status;
}
#else
att_status torch_archive_open(
    const char *path, const char *prefix, struct st_file *f, struct err *e)
{
    (void)prefix;
    *f = (struct st_file){.count = 0};
    return err_model(e,
        "%s: this attunet was built without minizip, so it cannot read archives of torch.save; "
        "save the tensors as safetensors (see docs/networks.md)",
        path);
}
#endif
