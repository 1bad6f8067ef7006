/* SPDX-License-Identifier: Apache-2.0 */
/* Patches a second out of a packed set, without a network: bench_pack FOLDER [seconds]. bench_pack
 * FOLDER make CASES SIDE makes a synthetic set of cubes first: noise, which hardly packs, so that
 * nearly every byte has to be read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/host.h"
#include "base/mem.h"
#include "base/rng.h"
#include "feed/pack_case.h"
#include "feed/prefetch.h"
#include "feed/sampler.h"
#include "files/file.h"

enum { BATCH = 2, PATCH = 96, CLASSES = 2 };

static int fail(const struct err *e)
{
    fprintf(stderr, "bench_pack: %s\n", e->text);
    return 1;
}

/* Noise and a box of class 1. */
static att_status make_case(struct pack *p, int k, int side, struct err *e)
{
    struct sample s = {.image = {.channels = 1, .size = {side, side, side}}};
    struct prepared x;
    size_t voxels = image_voxels(s.image.size);
    uint32_t head = 0;
    s.image.data = mem_array(voxels, sizeof *s.image.data);
    s.classes = mem_alloc(voxels);
    if (!s.image.data || !s.classes) return err_memory(e, voxels * 5, "a case");
    struct rng r = rng_stream(1, RNG_TEST, (uint32_t)k, 0);
    for (size_t i = 0; i < voxels; i++) {
        int h = (int)(i / (size_t)side % (size_t)side), w = (int)(i % (size_t)side);
        s.image.data[i] = (float)rng_range(&r, -2, 2);
        s.classes[i] = h > side / 3 && h < side / 2 && w > side / 3 && w < side / 2;
    }
    struct pack_case *c = &p->cases[k];
    att_status status = prepared_make(&s, CLASSES, &x, e);
    sample_free(&s);
    TRY(status);
    c->file = (uint64_t)k;
    char *path = pack_path(p, PACK_CASE, c->file);
    status = path ? pack_case_write(path, &x, p->chunk, p->level, NULL, &head, &c->bytes, e)
                  : err_memory(e, 1, "a name");
    c->packed = true;
    c->head = head;
    c->present = class_set_of(1);
    memcpy(c->size, x.size, sizeof c->size);
    mem_free(path);
    prepared_free(&x);
    return status;
}

static att_status make(const char *folder, int cases, int side, struct err *e)
{
    struct dataset d = {.channels = 1, .dims = 3, .labels = {.count = CLASSES, .ignore = -1}};
    struct pack p = {.folder = mem_text("%s", folder),
        .source = mem_text("/nowhere"),
        .preparation = json_object(),
        .chunk = {32, 32, 32},
        .level = 1,
        .count = cases};
    char *inner = file_join(folder, "cases");
    TRY(file_make_folders(inner, e));
    d.cases = mem_array((size_t)cases, sizeof *d.cases);
    p.cases = mem_array((size_t)cases, sizeof *p.cases);
    strcpy(d.labels.name[0], "background");
    strcpy(d.labels.name[1], "box");
    d.labels.value[1] = 1;
    for (int k = 0; k < cases; k++) {
        d.cases[k] = (struct data_case){
            .id = mem_text("case_%06d", k), .image = {mem_text("/nowhere/%06d", k)}, .nimages = 1};
        p.cases[k].sources = mem_array(1, sizeof *p.cases[k].sources);
        p.cases[k].nsources = 1;
        TRY(make_case(&p, k, side, e));
    }
    mem_free(inner);
    return pack_write(&p, &d, e);
}

static att_status measure(const char *folder, double seconds, struct err *e)
{
    struct host host = {0};
    struct dataset d;
    double begin = clock_now();
    TRY(dataset_open(folder, &d, &host, e));
    struct prepared *cases = mem_array((size_t)d.count, sizeof *cases);
    int *list = mem_array((size_t)d.count, sizeof *list);
    if (!d.pack || !cases || !list) return err_set(e, ATT_DATA, "%s is no packed set", folder);
    for (int i = 0; i < d.count; i++) {
        list[i] = i;
        cases[i].channels = d.channels;
        memcpy(cases[i].size, d.pack->cases[i].size, sizeof cases[i].size);
        for (int k = 0; k < LABELLING_MAX; k++)
            cases[i].first[k + 1] = cases[i].first[k] + class_set_has(d.pack->cases[i].present, k);
    }
    struct sampler s = {.cases = cases,
        .count = d.count,
        .classes = d.labels.count,
        .pack = d.pack,
        .list = list,
        .patch = {PATCH, PATCH, PATCH},
        .batch = BATCH,
        .foreground = .33,
        .seed = 1,
        .dims = 3,
        .augment = {.through = -1}};
    size_t area = image_voxels(s.patch) * BATCH;
    float *image = mem_array(area, (size_t)d.channels * sizeof *image);
    uint8_t *labels = mem_alloc(area);
    TRY(sampler_begin(&s, e));
    printf("%d cases opened in %.3f s\n", d.count, clock_now() - begin);
    begin = clock_now();
    for (int64_t step = 0; clock_now() - begin < seconds; step++)
        TRY(sampler_batch(&s, step, image, labels, e));
    double took = clock_now() - begin;
    struct prefetch_report r;
    prefetch_report_fill(s.ahead, &r);
    printf("%.1f patches of %dx%dx%d a second, %.1f MiB read a second, at most %.0f MiB held\n",
        (double)r.patches / took, PATCH, PATCH, PATCH, (double)r.bytes / 0x1p20 / took,
        (double)r.memory / 0x1p20);
    sampler_end(&s);
    dataset_free(&d);
    mem_free(cases);
    mem_free(list);
    mem_free(image);
    mem_free(labels);
    return ATT_OK;
}

int main(int argc, char **argv)
{
    struct err e = {0};
    if (argc < 2) {
        fprintf(stderr, "usage: bench_pack FOLDER [SECONDS] | bench_pack FOLDER make CASES SIDE\n");
        return 2;
    }
    if (argc == 5 && strcmp(argv[2], "make") == 0)
        return make(argv[1], atoi(argv[3]), atoi(argv[4]), &e) == ATT_OK ? 0 : fail(&e);
    return measure(argv[1], argc > 2 ? atof(argv[2]) : 10, &e) == ATT_OK ? 0 : fail(&e);
}
