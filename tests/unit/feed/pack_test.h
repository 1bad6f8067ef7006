/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of packed sets share: cases of noise with slabs of classes, in memory and packed.
 */
#ifndef PACK_TEST_H
#define PACK_TEST_H

#include "unit/dataset/dataset_test.h"

#include "base/rng.h"
#include "dataset/layout.h"
#include "dataset/pack.h"
#include "feed/pack_case.h"

enum { PACK_CASES = 5, PACK_CLASSES = 4, PACK_CHANNELS = 2 };

/* Case k lacks class k, if there is one; sizes differ. */
static inline void make_prepared(int k, struct prepared *p)
{
    struct sample s = {.image = {.channels = PACK_CHANNELS, .size = {17 + k, 24, 30 - k}}};
    size_t voxels = image_voxels(s.image.size);
    struct rng r = rng_stream(3, RNG_TEST, (uint32_t)k, 0);
    s.image.geometry.spacing[0] = 2;
    s.image.geometry.spacing[1] = s.image.geometry.spacing[2] = 1;
    s.image.data = mem_array(PACK_CHANNELS * voxels, sizeof *s.image.data);
    s.classes = mem_alloc(voxels);
    assert_true(s.image.data && s.classes);
    for (size_t i = 0; i < PACK_CHANNELS * voxels; i++)
        s.image.data[i] = (float)rng_range(&r, -2, 2);
    for (size_t i = 0; i < voxels; i++) {
        int class = (int)(i / 97 % PACK_CLASSES);
        s.classes[i] = (uint8_t)(class == k ? 0 : i % 31 == 0 ? LABELLING_IGNORE : class);
    }
    OK(prepared_make(&s, PACK_CLASSES, p, &e));
    sample_free(&s);
}

static inline void put_source(char **path, const char *name)
{
    *path = mem_text("/source/%s", name);
}

/* A set with the cases of make_prepared in set/cases, though nothing it was made from, and no
 * index. For dataset_free. */
static inline void make_pack(struct dataset *d, int level)
{
    static const char *const names[PACK_CLASSES] = {"background", "liver", "a \"name\"", "spleen"};
    struct pack *p = mem_alloc(sizeof *p);
    assert_non_null(p);
    *d = (struct dataset){.root = mem_text("set"),
        .channels = PACK_CHANNELS,
        .dims = 3,
        .labels = {.ignore = 200},
        .pack = p};
    *p = (struct pack){.folder = mem_text("set"),
        .source = mem_text("/source"),
        .preparation = json_pack("{s:i}", "odd", 7),
        .chunk = {8, 8, 16},
        .level = level,
        .cases = mem_array(PACK_CASES, sizeof *p->cases),
        .count = PACK_CASES};
    OK(file_make_folders("set/cases", &e));
    for (int c = 0; c < PACK_CLASSES; c++) labelling_add(&d->labels, (unsigned)(c * 60), names[c]);
    for (int c = 0; c < PACK_CHANNELS; c++) d->channel_name[c] = mem_text("T%d", c);
    for (int k = 0; k < PACK_CASES; k++) {
        struct pack_case *to = &p->cases[k];
        struct err none = {0};
        struct prepared x;
        char name[16];
        snprintf(name, sizeof name, "case%d", k);
        struct data_case *c = layout_add(d, name, &none);
        assert_non_null(c);
        put_source(&c->image[0], name);
        c->nimages = 1;
        if (k != 1) put_source(&c->label, "label");
        to->nsources = 1 + (k != 1);
        to->sources = mem_array((size_t)to->nsources, sizeof *to->sources);
        for (int i = 0; i < to->nsources; i++)
            to->sources[i] = (struct pack_source){
                {1000 + k, -5 - i}, UINT64_C(0xfedcba9876543210) + (uint64_t)k};
        make_prepared(k, &x);
        to->packed = true;
        to->file = UINT64_C(0x8000000000000001) + (uint64_t)k;
        to->print = (uint64_t)k;
        memcpy(to->size, x.size, sizeof to->size);
        memcpy(to->spacing, x.spacing, sizeof to->spacing);
        for (int i = 1; i < PACK_CLASSES; i++)
            if (x.first[i + 1] > x.first[i]) class_set_add(&to->present, i);
        char *path = pack_path(p, PACK_CASE, to->file);
        OK(pack_case_write(path, &x, p->chunk, level, NULL, &to->head, &to->bytes, &e));
        mem_free(path);
        prepared_free(&x);
    }
}

#endif
