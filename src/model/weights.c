/* SPDX-License-Identifier: Apache-2.0 */
#include "model/weights.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/hash.h"
#include "kernel/small.h"

static const struct st_tensor *weights_find(
    const struct st_file *f, const char *prefix, const char *name)
{
    char full[400];
    size_t n = strlen(prefix), m = strlen(name);
    if (n + m >= sizeof full) return NULL;
    memcpy(full, prefix, n);
    memcpy(full + n, name, m + 1);
    return st_find(f, full);
}

static void shape_text(char *out, size_t size, int dims, const int64_t *shape)
{
    out[0] = 0;
    for (int i = 0; i < dims; i++)
        text_append(out, size, "%s%lld", i ? "x" : "", (long long)shape[i]);
    if (!dims) snprintf(out, size, "one number");
}

/* Axis of the file's tensor for a parameter's axis; kernel axes may be permuted. */
static int axis_in_file(const struct param *q, const int *order, int axis)
{
    const int first = 5 - q->dims; /* d, h, w in 3D, h, w in 2D */
    return order && q->dims >= 4 && axis >= 2 ? 2 + order[first + axis - 2] - first : axis;
}

static att_status check_shape(
    const struct param *p, const struct st_tensor *t, const int *order, struct err *e)
{
    bool same = t->dims == p->dims;
    int64_t wanted[5];
    for (int i = 0; i < p->dims; i++) wanted[axis_in_file(p, order, i)] = p->shape[i];
    for (int i = 0; i < p->dims && same; i++) same = t->shape[i] == wanted[i];
    if (same) return ATT_OK;
    char has[128], needs[128];
    shape_text(has, sizeof has, t->dims, t->shape);
    shape_text(needs, sizeof needs, p->dims, wanted);
    return err_model(e,
        "the weights belong to another network: %s is %s in the file, this network needs %s",
        p->name, has, needs);
}

/* Other programs may store it as a float. */
static att_status weights_read_count(
    const struct param *q, const struct st_tensor *t, real *memory, struct err *e)
{
    const double max = 0x1p44;
    double n = -1;
    int64_t whole = 0;
    if (t->type == ST_I64)
        memcpy(&whole, t->data, sizeof whole);
    else
        st_to_double(t, &n);
    if (t->type != ST_I64 && n >= 0 && n < max) whole = (int64_t)n;
    if (whole < 0 || (double)whole >= max || (t->type != ST_I64 && (double)whole != n))
        return err_model(e, "%s is not a valid count of batches; get an undamaged copy", q->name);
    count_write(memory, whole);
    return ATT_OK;
}

/* From the file's order of axes to the parameter's. */
static void permute_kernels(const struct param *q, const int *order, const real *x, real *y)
{
    int64_t shape[5];
    size_t step[5], size = 1, at = 0; /* steps: of the file's axes */
    int k[5] = {0};
    for (int i = 0; i < q->dims; i++) shape[axis_in_file(q, order, i)] = q->shape[i];
    for (int i = q->dims - 1; i >= 0; i--) {
        step[i] = size;
        size *= (size_t)shape[i];
    }
    for (size_t i = 0; i < q->count; i++) {
        y[i] = x[at];
        for (int a = q->dims - 1; a >= 0; a--) {
            const size_t along = step[axis_in_file(q, order, a)];
            at += along;
            if (++k[a] < q->shape[a]) break;
            at -= along * (size_t)k[a];
            k[a] = 0;
        }
    }
}

/* Batch norm's running variance starts at 1, its mean at 0. */
static bool is_variance(const struct param *q) { return q->kind == STATE_VECTOR && q->value == 1; }

static bool weights_finite(const real *x, size_t count)
{
    int bad = 0; /* not bool: gcc vectorises this */
    for (size_t i = 0; i < count; i++) bad |= !isfinite(x[i]);
    return !bad;
}

/* The numbers of a tensor in its file's order. */
static att_status weights_fetch(
    const struct st_file *f, const struct st_tensor *t, real *to, struct err *e)
{
#ifdef ATT_F64
    att_status status = st_fetch(f, t, e);
    if (status == ATT_OK) st_to_double(t, to);
    st_release(f, t);
    return status;
#else
    return st_read_float(f, t, to, e);
#endif
}

/* Leaves the numbers at `buffer`, but of a count. */
static att_status weights_read_one(const struct st_file *f, const struct param *q,
    const struct st_tensor *t, const int *order, real *memory, real *buffer, struct err *e)
{
    TRY(check_shape(q, t, order, e));
    if (q->kind == STATE_COUNT) {
        TRY(st_fetch(f, t, e));
        return weights_read_count(q, t, memory, e);
    }
    TRY(weights_fetch(f, t, buffer, e));
    if (!weights_finite(buffer, q->count))
        return err_model(e,
            "the weights have a number that is not finite, in %s; get an undamaged copy", q->name);
    for (size_t i = 0; i < q->count && is_variance(q); i++)
        if (buffer[i] < 0)
            return err_model(
                e, "the weights have a variance below 0, in %s; get an undamaged copy", q->name);
    if (order) permute_kernels(q, order, buffer, buffer + q->count);
    params_import(q, order ? buffer + q->count : buffer, memory);
    return ATT_OK;
}

/* The first names of a list, and their total. */
struct names {
    char text[256];
    int count;
};
enum { NAMES_SHOWN = 3 };

static void weights_add_name(struct names *n, const char *prefix, const char *name)
{
    if (n->count++ < NAMES_SHOWN)
        text_append(n->text, sizeof n->text, "%s%s%s", n->count > 1 ? ", " : "", prefix, name);
}

static const char *end_names(struct names *n)
{
    if (n->count > NAMES_SHOWN)
        text_append(n->text, sizeof n->text, " and %d more", n->count - NAMES_SHOWN);
    return n->text;
}

static att_status weights_refuse(struct names *missing, struct names *extra, struct err *e)
{
    const char *is = missing->count == 1 ? "is" : "are";
    if (!missing->count && !extra->count) return ATT_OK;
    if (!extra->count)
        return err_model(e, "the weights belong to another network: %s %s missing in the file",
            end_names(missing), is);
    if (!missing->count)
        return err_model(e,
            "the weights belong to another network: the file has %s, which this network does not",
            end_names(extra));
    return err_model(e,
        "the weights belong to another network: %s %s missing in the file, which has %s instead",
        end_names(missing), is, end_names(extra));
}

/* A parameter's tensor under its index-th name; 0 is its own, others are aliases. *more: a higher
 * index may exist. */
static const struct st_tensor *find_named(const struct st_file *f, const char *prefix,
    const struct arch *a, const struct param *q, int index, bool *more)
{
    char alias[256];
    *more = true;
    if (index == 0) return weights_find(f, prefix, q->name);
    *more = a && a->alias && a->alias(q->name, index - 1, alias, sizeof alias);
    return *more ? weights_find(f, prefix, alias) : NULL;
}

static const struct st_tensor *find_any(
    const struct st_file *f, const char *prefix, const struct arch *a, const struct param *q)
{
    const struct st_tensor *t = NULL;
    bool more = true;
    for (int i = 0; !t && more; i++) t = find_named(f, prefix, a, q, i, &more);
    return t;
}

static att_status weights_check_same(const struct st_file *f, const struct st_tensor *t,
    const struct st_tensor *other, struct err *e)
{
    att_status status = st_fetch(f, t, e);
    if (status == ATT_OK) status = st_fetch(f, other, e);
    bool same = status == ATT_OK && t->type == other->type && t->count == other->count &&
        !memcmp(t->data, other->data, t->count * st_type_size(t->type));
    st_release(f, t);
    st_release(f, other);
    TRY(status);
    if (same) return ATT_OK;
    return err_model(e,
        "the weights contradict themselves: %s and %s name one parameter but differ; get an "
        "undamaged copy",
        t->name, other->name);
}

/* Mark a parameter's tensors and check that they agree. */
static att_status check_aliases(const struct st_file *f, const char *prefix, const struct arch *a,
    const struct param *q, bool *used, struct err *e)
{
    const struct st_tensor *first = find_any(f, prefix, a, q), *t;
    bool more = true;
    for (int i = 0; more; i++) {
        if (!(t = find_named(f, prefix, a, q, i, &more))) continue;
        used[t - f->tensors] = true;
        if (t != first) TRY(weights_check_same(f, first, t, e));
    }
    return ATT_OK;
}

static bool weights_has_all(
    const struct st_file *f, const char *prefix, const struct arch *a, const struct params *p)
{
    bool all = true;
    for (int i = 0; i < p->count && all; i++)
        all = p->list[i].kind == STATE_COUNT || find_any(f, prefix, a, &p->list[i]);
    return all;
}

/* Fails if all parameters are there under another prefix, as in module.enc.0.conv1.weight. */
static att_status check_prefix(const struct st_file *f, const struct arch *a,
    const struct params *p, const char *name, struct err *e)
{
    char prefix[200];
    for (int i = 0; i < f->count; i++) {
        const char *whole = f->tensors[i].name;
        const size_t length = strlen(whole), own = strlen(name);
        if (length < own || length - own >= sizeof prefix ||
            strcmp(whole + length - own, name) != 0)
            continue;
        snprintf(prefix, sizeof prefix, "%.*s", (int)(length - own), whole);
        if (!weights_has_all(f, prefix, a, p)) continue;
        return *prefix
            ? err_model(e, "the names of the weights begin with %s; give `prefix` %s", prefix,
                  TEXT_PATH(prefix))
            : err_model(e, "the names of the weights have no prefix; leave out `prefix`");
    }
    return ATT_OK;
}

/* By any name of the first parameter. */
static att_status check_prefixes(
    const struct st_file *f, const struct arch *a, const struct params *p, struct err *e)
{
    char alias[256];
    TRY(check_prefix(f, a, p, p->list[0].name, e));
    for (int k = 0; a && a->alias && a->alias(p->list[0].name, k, alias, sizeof alias); k++)
        TRY(check_prefix(f, a, p, alias, e));
    return ATT_OK;
}

/* Before allocation, since the file states the network's size. `alone`: the prefix allows no other
 * tensors. */
static att_status weights_check_names(const struct st_file *f, const char *prefix,
    const struct arch *a, const struct params *p, bool alone, bool *used, struct err *e)
{
    struct names missing = {.count = 0}, extra = {.count = 0};
    for (int i = 0; i < p->count; i++) {
        TRY(check_aliases(f, prefix, a, &p->list[i], used, e));
        if (p->list[i].kind != STATE_COUNT && !find_any(f, prefix, a, &p->list[i]))
            weights_add_name(&missing, prefix, p->list[i].name);
    }
    if (missing.count && alone) TRY(check_prefixes(f, a, p, e));
    size_t n = strlen(prefix);
    for (int i = 0; alone && i < f->count; i++)
        if (!used[i] && !strncmp(f->tensors[i].name, prefix, n))
            weights_add_name(&extra, "", f->tensors[i].name + n);
    return weights_refuse(&missing, &extra, e);
}

static att_status weights_check_all(const struct st_file *f, const char *prefix,
    const struct arch *a, const int *order, const struct params *p, bool alone, struct err *e)
{
    bool *used;
    TRY(MEM_ARRAY(used, (size_t)f->count + 1, "the names of weights", e));
    att_status status = weights_check_names(f, prefix, a, p, alone, used, e);
    mem_free(used);
    for (int i = 0; i < p->count && status == ATT_OK; i++) {
        const struct st_tensor *t = find_any(f, prefix, a, &p->list[i]);
        if (t) status = check_shape(&p->list[i], t, order, e);
    }
    return status;
}

static void hash_one(struct hash *h, const struct param *q, const void *bytes, size_t size)
{
    hash_add(h, q->name, strlen(q->name) + 1);
    for (int i = 0; i < q->dims; i++) {
        unsigned char length[8];
        bytes_put(length, (uint64_t)q->shape[i], sizeof length);
        hash_add(h, length, sizeof length);
    }
    hash_add(h, bytes, size);
}

/* `values` become float. */
static void hash_values(struct hash *h, const struct param *q, const real *memory, real *values)
{
    const int64_t count = q->kind == STATE_COUNT ? count_read(memory) : 0;
    unsigned char *floats = (unsigned char *)values;
    for (size_t i = 0; sizeof(real) != sizeof(float) && i < q->count; i++) {
        const float value = (float)values[i];
        memcpy(floats + i * sizeof value, &value, sizeof value);
    }
    if (q->kind == STATE_COUNT)
        hash_one(h, q, &count, sizeof count);
    else
        hash_one(h, q, floats, q->count * sizeof(float));
}

static int weights_by_name(const void *a, const void *b)
{
    const struct param *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

/* For hashes, since the list's order may change. */
static att_status weights_sort(const struct params *p, const struct param ***sorted, struct err *e)
{
    TRY(MEM_ARRAY(*sorted, p->count, "the names of weights", e));
    for (int i = 0; i < p->count; i++) (*sorted)[i] = &p->list[i];
    qsort(*sorted, (size_t)p->count, sizeof **sorted, weights_by_name);
    return ATT_OK;
}

/* Load into `block` (trainable parameters only), or into the set if block is NULL. */
struct load {
    const struct st_file *f;
    const char *prefix;
    const struct arch *arch;
    const int *order;
    const struct params *p;
    real *block;
    struct hash *hash; /* of all, in the order of names; or NULL */
};

static att_status weights_load_one(
    const struct load *l, const struct param *q, real *buffer, struct err *e)
{
    const struct params *p = l->p;
    const struct st_tensor *t = find_any(l->f, l->prefix, l->arch, q);
    real *memory =
        l->block ? params_map(p, l->block + q->offset, q->size) : params_at(p, (int)(q - p->list));
    if (t)
        TRY(weights_read_one(l->f, q, t, l->order, memory, buffer, e));
    else if (q->kind == STATE_COUNT)
        count_write(memory, 0);
    else
        return err_model(e, "the weights belong to another network: %s%s is missing in the file",
            l->prefix, q->name);
    if (l->hash) hash_values(l->hash, q, memory, buffer);
    return ATT_OK;
}

static att_status weights_load_all(const struct load *l, struct err *e)
{
    const struct params *p = l->p;
    const struct param **sorted;
    size_t max = 1;
    for (int i = 0; i < p->count; i++) max = p->list[i].count > max ? p->list[i].count : max;
    max *= (l->order ? 2 : 1) * sizeof(real);
    TRY(weights_sort(p, &sorted, e));
    real *buffer = mem_map(max);
    att_status status = buffer ? ATT_OK : err_memory(e, max, "reading weights");
    for (int i = 0; i < p->count && status == ATT_OK; i++)
        if (!l->block || param_trains(sorted[i]))
            status = weights_load_one(l, sorted[i], buffer, e);
    mem_unmap(buffer, max);
    mem_free(sorted);
    return status;
}

att_status weights_load_part(
    const struct st_file *f, const char *prefix, struct params *p, struct err *e)
{
    TRY(weights_check_all(f, prefix, NULL, NULL, p, false, e));
    TRY(params_allocate(p, e));
    return weights_load_all(&(struct load){.f = f, .prefix = prefix, .p = p}, e);
}

att_status weights_load(const struct st_file *f, const char *prefix, const struct arch *a,
    const int *order, struct params *p, uint64_t *hash, struct err *e)
{
    struct hash h;
    TRY(weights_check_all(f, prefix, a, order, p, true, e));
    TRY(params_allocate(p, e));
    hash_begin(&h);
    TRY(weights_load_all(&(struct load){f, prefix, a, order, p, NULL, hash ? &h : NULL}, e));
    if (hash) *hash = hash_end(&h);
    return ATT_OK;
}

att_status weights_load_block(
    const struct st_file *f, const char *prefix, const struct params *p, real *block, struct err *e)
{
    return weights_load_all(&(struct load){.f = f, .prefix = prefix, .p = p, .block = block}, e);
}

att_status weights_spec(
    const struct params *p, int index, const char *prefix, struct st_spec *spec, struct err *e)
{
    const struct param *q = &p->list[index];
    memset(spec, 0, sizeof *spec);
    spec->name = mem_text("%s%s", prefix, q->name);
    if (!spec->name) return err_memory(e, strlen(q->name), "a parameter's name");
    spec->type = q->kind == STATE_COUNT ? ST_I64 : ST_F32;
    spec->dims = q->dims;
    for (int i = 0; i < q->dims; i++) spec->shape[i] = q->shape[i];
    return ATT_OK;
}

att_status weights_bytes(
    const struct params *p, int index, const real *data, void *out, size_t bytes, struct err *e)
{
    const struct param *q = &p->list[index];
    if (q->kind == STATE_COUNT) {
        int64_t count = count_read(params_at(p, index));
        if (bytes != sizeof count)
            return err_set(e, ATT_FAILED, "%s does not fit the file's layout", q->name);
        memcpy(out, &count, bytes);
        return ATT_OK;
    }
    const real *from =
        param_trains(q) ? params_map(p, data + q->offset, q->size) : params_at(p, index);
    real *buffer;
    TRY(MEM_ARRAY(buffer, q->count, "writing weights", e));
    params_export(q, from, buffer);
    float *f = out;
    for (size_t i = 0; i < q->count; i++) f[i] = (float)buffer[i];
    mem_free(buffer);
    return ATT_OK;
}

static att_status weights_hash_one(
    struct hash *h, const struct params *p, const struct param *q, struct err *e)
{
    const size_t bytes = q->count * st_type_size(q->kind == STATE_COUNT ? ST_I64 : ST_F32);
    void *buffer;
    TRY(MEM_BYTES(buffer, bytes, "the hash of the weights", e));
    att_status status = weights_bytes(p, (int)(q - p->list), p->data, buffer, bytes, e);
    if (status == ATT_OK) hash_one(h, q, buffer, bytes);
    mem_free(buffer);
    return status;
}

att_status weights_hash(const struct params *p, uint64_t *hash, struct err *e)
{
    const struct param **sorted;
    struct hash h;
    hash_begin(&h);
    TRY(weights_sort(p, &sorted, e));
    att_status status = ATT_OK;
    for (int i = 0; i < p->count && status == ATT_OK; i++)
        status = weights_hash_one(&h, p, sorted[i], e);
    mem_free(sorted);
    *hash = hash_end(&h);
    return status;
}
