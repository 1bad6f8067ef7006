/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/params.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

void params_init(struct params *p) { *p = (struct params){.numbers.memory = &memory_host}; }

void params_free(struct params *p)
{
    for (int i = 0; i < p->count; i++) mem_free((void *)(uintptr_t)p->list[i].name);
    mem_free(p->list);
    buffer_destroy(&p->numbers);
    params_init(p);
}

bool param_trains(const struct param *p)
{
    return p->kind == PARAM_CONV || p->kind == PARAM_VECTOR;
}

int params_find(const struct params *p, const char *name)
{
    for (int i = 0; i < p->count; i++)
        if (!strcmp(p->list[i].name, name)) return i;
    return -1;
}

bool param_same_shape(const struct param *a, const struct param *b)
{
    if (a->kind != b->kind || a->dims != b->dims || a->nx != b->nx) return false;
    if (memcmp(a->shape, b->shape, (size_t)a->dims * sizeof *a->shape)) return false;
    return !memcmp(a->channels, b->channels, (size_t)a->nx * sizeof *a->channels);
}

/* Sizes in files and in memory. */
static void params_measure(struct param *p)
{
    p->count = 1;
    for (int i = 0; i < p->dims; i++) p->count *= (size_t)p->shape[i];
    if (p->kind == PARAM_CONV)
        p->size = conv_packed_size(p->k, p->nx, p->channels, p->taps);
    else
        p->size = (p->count + LANES - 1) / LANES * LANES;
}

att_status params_add(struct params *p, const struct param *wanted, int *index, struct err *e)
{
    int found = params_find(p, wanted->name);
    if (found >= 0) {
        if (!param_same_shape(&p->list[found], wanted))
            return err_model(e,
                "parameter %s has two different shapes; use one network spec per model file",
                wanted->name);
        *index = found;
        return ATT_OK;
    }
    if (p->data)
        return err_model(e, "this network needs parameter %s, which the model lacks", wanted->name);
    TRY(MEM_ROOM(p->list, p->count, "the list of parameters", e));
    struct param *n = &p->list[p->count];
    *n = *wanted;
    n->name = mem_text("%s", wanted->name);
    if (!n->name) return err_memory(e, strlen(wanted->name) + 1, "a parameter's name");
    params_measure(n);
    size_t *end = param_trains(n) ? &p->size : &p->state_size;
    n->offset = *end;
    *end += n->size;
    *index = p->count++;
    return ATT_OK;
}

att_status params_allocate(struct params *p, struct err *e)
{
    if (p->data) return ATT_OK;
    if (!buffer_create(&p->numbers, p->numbers.memory, p->size + p->state_size, sizeof(real)))
        return buffer_refused(
            p->numbers.memory, (p->size + p->state_size) * sizeof(real), "the parameters", e);
    p->data = p->numbers.p;
    p->state = p->data + p->size;
    return ATT_OK;
}

att_status params_move(struct params *p, const struct memory *to, struct err *e)
{
    struct buffer from = p->numbers;
    if (from.memory == to) return ATT_OK;
    p->numbers = (struct buffer){.memory = to};
    if (!p->data) return ATT_OK;
    p->data = p->state = NULL;
    att_status status = params_allocate(p, e);
    if (status == ATT_OK) {
        to->upload(p->numbers.p, buffer_map(&from), from.bytes);
        buffer_unmap(&from);
        buffer_destroy(&from);
        return ATT_OK;
    }
    p->numbers = from;
    p->data = from.p;
    p->state = p->data + p->size;
    return status;
}

real *params_address(const struct params *p, int index)
{
    const struct param *q = &p->list[index];
    return (param_trains(q) ? p->data : p->state) + q->offset;
}

real *params_map(const struct params *p, const real *at, size_t count)
{
    return p->numbers.memory->map((void *)(uintptr_t)at, count * sizeof *at);
}

real *params_at(const struct params *p, int index)
{
    return params_map(p, params_address(p, index), p->list[index].size);
}

void params_import(const struct param *p, const real *values, real *memory)
{
    if (p->kind == PARAM_CONV) {
        conv_pack(p->k, p->nx, p->channels, p->taps, values, memory);
        return;
    }
    memset(memory, 0, p->size * sizeof *memory);
    memcpy(memory, values, p->count * sizeof *memory);
}

void params_export(const struct param *p, const real *memory, real *values)
{
    if (p->kind == PARAM_CONV)
        conv_unpack(p->k, p->nx, p->channels, p->taps, memory, values);
    else
        memcpy(values, memory, p->count * sizeof *memory);
}

/* FNV-1a: a parameter's stream depends on its name, so a new layer does not change the others. */
static uint64_t name_hash(const char *s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; *s; s++) h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return h;
}

static void initialise_conv(const struct param *p, real *m, struct rng *r)
{
    int channels = 0;
    for (int i = 0; i < p->nx; i++) channels += p->channels[i];
    double deviation = sqrt(2.0 / ((double)channels * p->taps));
    /* Drawn in torch's order. */
    for (int k = 0; k < p->k; k++)
        for (int c = 0; c < channels; c++)
            for (int t = 0; t < p->taps; t++)
                m[conv_packed_at(p->nx, p->channels, p->taps, k, c, t)] =
                    (real)(deviation * rng_normal(r));
}

void params_initialise(struct params *p, uint64_t seed)
{
    for (int i = 0; i < p->count; i++) {
        const struct param *q = &p->list[i];
        real *m = params_at(p, i);
        uint64_t h = name_hash(q->name);
        struct rng r = rng_stream(seed, RNG_INIT, (uint32_t)h, (uint32_t)(h >> 32));
        memset(m, 0, q->size * sizeof *m);
        if (q->init == INIT_KAIMING && q->kind == PARAM_CONV)
            initialise_conv(q, m, &r);
        else
            for (size_t j = 0; j < q->count; j++) m[j] = (real)q->value;
    }
}

int64_t params_trainable(const struct params *p)
{
    int64_t n = 0;
    for (int i = 0; i < p->count; i++)
        if (param_trains(&p->list[i])) n += (int64_t)p->list[i].count;
    return n;
}
