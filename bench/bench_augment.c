/* SPDX-License-Identifier: Apache-2.0 */
/* bench_augment [THREADS]: milliseconds per patch of every change of training patches, alone and
 * all together, for a 3D and a 2D batch. The shortest of several runs counts; "copied" is a patch
 * without any change. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "image/augment.h"

enum { REPEATS = 15 };

static const struct shape {
    const char *name;
    int batch, channels, image[3], patch[3];
} shapes[] = {{"3D, 1 channel, 40x56x40, batch 2", 2, 1, {48, 64, 48}, {40, 56, 40}},
    {"3D, 1 channel, 40x56x40, batch 1", 1, 1, {48, 64, 48}, {40, 56, 40}},
    {"2D, 3 channels, 256x256, batch 8", 8, 3, {1, 300, 300}, {1, 256, 256}}};

enum { CHANGES = 13 };
static const char *const names[CHANGES] = {"copied", "mirrored", "turned, scaled", "elastic",
    "jitter", "noise", "blur", "brightness", "contrast", "low resolution", "gamma", "cutout",
    "all"};

static struct augment_options options_for(int k)
{
    struct augment_options o = {.through = -1};
    double *const chances[] = {&o.elastic, &o.jitter, &o.noise, &o.blur, &o.brightness, &o.contrast,
        &o.low_resolution, &o.gamma, &o.cutout};
    bool all = k == CHANGES - 1;
    for (int i = 0; i < 3; i++) o.mirror[i] = k == 1 || all;
    o.rotate = .5;
    o.scale = .4;
    if (k == 2 || all) o.rotate_probability = o.scale_probability = 1;
    for (int i = 0; i < 9; i++) *chances[i] = k == i + 3 || all;
    return o;
}

static void fill(float *x, uint8_t *classes, const struct shape *s)
{
    struct rng r = rng_stream(1, RNG_TEST, 0, 0);
    size_t voxels = image_voxels(s->image), area = (size_t)s->image[1] * (size_t)s->image[2];
    for (size_t i = 0; i < voxels * (size_t)s->channels; i++) x[i] = (float)rng_uniform(&r);
    for (size_t i = 0; i < voxels; i++) /* boxes of 12 voxels */
        classes[i] = (uint8_t)((i / area / 12 + i % area / (size_t)s->image[2] / 12 +
                                   i % (size_t)s->image[2] / 12) %
            3);
}

/* Every channel is filtered, not half of them. */
static void draw(const struct augment_options *o, int i, int j, struct augment *a)
{
    augment_draw(o, 1, (uint32_t)i, (uint32_t)j, a);
    for (int c = 0; c < AUGMENT_CHANNELS; c++) {
        for (int k = 0; o->blur > 0 && k < 3; k++) a->blur[c][k] = .75f;
        if (o->low_resolution > 0) a->low[c] = .7f;
    }
}

/* The shortest time of a batch: whatever else the machine does makes it longer. */
static double time_batches(struct augment_work *w, struct augment_job *jobs, const struct shape *s,
    int k, struct pool *pool)
{
    struct augment_options o = options_for(k);
    double min = 1e9;
    o.through = s->patch[0] == 1 ? 0 : -1;
    for (int i = 0; i < REPEATS; i++) {
        for (int j = 0; j < s->batch; j++) draw(&o, i, j, &jobs[j].a);
        double begin = clock_now();
        augment_run(w, jobs, s->batch, 255, pool);
        double seconds = clock_now() - begin;
        if (seconds < min) min = seconds;
    }
    return min;
}

static int bench(const struct shape *s, struct pool *pool)
{
    struct err e = {0};
    struct augment_work *w;
    struct augment_job jobs[8];
    size_t voxels = image_voxels(s->image), area = image_voxels(s->patch),
           all = area * (size_t)s->channels;
    float *x = mem_array(voxels * (size_t)s->channels, sizeof *x),
          *out = mem_array(all * (size_t)s->batch, sizeof *out);
    uint8_t *classes = mem_alloc(voxels), *labels = mem_alloc(area * (size_t)s->batch);
    if (!x || !out || !classes || !labels ||
        augment_work_create(&(struct augment_options){.blur = 1}, s->batch, s->channels, s->patch,
            pool, &w, &e) != ATT_OK)
        return 1;
    fill(x, classes, s);
    for (int i = 0; i < s->batch; i++) {
        jobs[i] = (struct augment_job){
            .source = {x, classes, s->channels, {s->image[0], s->image[1], s->image[2]}},
            .origin = {(s->image[0] - s->patch[0]) / 2, 4, 4},
            .out = out + (size_t)i * all,
            .labels = labels + (size_t)i * area};
    }
    printf("%s; %d threads\n", s->name, pool_threads(pool));
    for (int k = 0; k < CHANGES; k++) {
        double seconds = time_batches(w, jobs, s, k, pool);
        printf("  %-16s %8.3f ms a patch %8.3f ms a batch\n", names[k], 1e3 * seconds / s->batch,
            1e3 * seconds);
    }
    augment_work_destroy(w);
    mem_free(x);
    mem_free(out);
    mem_free(classes);
    mem_free(labels);
    return 0;
}

int main(int argc, char **argv)
{
    struct pool *pool = pool_create(argc > 1 ? atoi(argv[1]) : 0);
    int failed = !pool;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes && !failed; i++)
        failed = bench(&shapes[i], pool);
    pool_destroy(pool);
    return failed;
}
