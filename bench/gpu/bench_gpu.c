/* SPDX-License-Identifier: Apache-2.0 */
/* Times the convolutions of bench/shapes on an OpenCL device, by the device's own clock, and holds
 * what they compute against the plain kernels there.  A line per layer and slot: the implementation
 * that attunet takes, the median in ms, TFLOP/s (2 per multiply-add), the largest difference as a
 * part of the largest number.
 *
 *   bench_gpu [-d DEVICE] [-n BATCH] [-r REPEATS] [-b] [-f LAYER] FILE...
 *
 * -b: tensors are bfloat16. */
#include <getopt.h>
#include <math.h>

#include "../conv_problem.h"
#include "device/device_kernels.h"

struct options {
    int batch, repeats;
    bool half;
    const char *layer;
};

static const char *const slot_name[CONV_SLOTS] = {"forward", "by-input", "by-weight"};

/* Room for n floats. */
static void *upload(const void *from, size_t n, size_t bytes)
{
    void *p = memory_device.create(n * sizeof(float));
    if (!p) exit(1);
    memory_device.upload(p, from, bytes);
    return p;
}

static float *numbers(size_t n)
{
    unsigned state = 1;
    float *f = malloc(n * sizeof *f);
    if (!f) exit(1);
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        f[i] = (float)(state >> 8) / 16777216.0f - 0.5f;
    }
    return f;
}

/* Pad lanes are zero. */
static void *tensor_numbers(const struct tensor *t)
{
    const size_t n = tensor_size(t), blocks = (size_t)tensor_blocks(t);
    float *f = numbers(n);
    struct tensor to = *t;
    to.p = f;
    for (size_t i = 0; i < n; i++) { /* a bfloat16 is written no later than its float is read */
        const size_t c =
            i / tensor_block_size(t) % blocks * (size_t)t->lanes + i % (size_t)t->lanes;
        tensor_write(&to, i, c < (size_t)t->s.c ? f[i] : 0);
    }
    void *p = upload(f, n, tensor_bytes(t));
    free(f);
    return p;
}

static void *weight_numbers(const struct conv *c)
{
    const size_t n = conv_weights(c);
    int channels[CONV_MAX_X];
    for (int i = 0; i < c->nx; i++) channels[i] = c->x[i].s.c;
    float *w = numbers(n), *packed = numbers(n);
    conv_pack(c->y.s.c, c->nx, channels, conv_taps(c), w, packed);
    void *p = upload(packed, n, n * sizeof *packed);
    free(packed);
    free(w);
    return p;
}

static int by_size(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

/* What a slot writes, and its numbers. */
static void *written(const struct conv *c, enum conv_slot slot, size_t *n, bool *half)
{
    const struct tensor *t = slot == CONV_FORWARD ? &c->y : &c->x[0];
    *n = slot == CONV_BACKWARD_W ? conv_weights(c) : tensor_size(t);
    *half = slot != CONV_BACKWARD_W && t->half;
    return slot == CONV_BACKWARD_W ? c->w : t->p;
}

/* The first output, on the host. */
static float *output(const struct conv *c, enum conv_slot slot, size_t *n)
{
    bool half;
    void *p = written(c, slot, n, &half);
    float *f = malloc(*n * sizeof *f);
    if (!f) exit(1);
    memory_device.download(p, f, *n * (half ? sizeof(uint16_t) : sizeof *f));
    for (size_t i = *n; half && i-- > 0;) f[i] = half_read(((const uint16_t *)(const void *)f)[i]);
    return f;
}

static float *run_with(const struct conv *c, enum conv_slot slot, const struct conv_impl *impl,
    int repeats, double *times, size_t *n)
{
    const size_t bytes = impl->workspace(c, 1);
    void *workspace = bytes ? memory_device.create(bytes) : NULL;
    struct err e = {0};
    impl->run(c, workspace, NULL);
    if (device_check(&e) != ATT_OK) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    for (int i = 0; i < repeats; i++) {
        times[i] = 0;
        launch_measure(&times[i]);
        impl->run(c, workspace, NULL);
    }
    launch_measure(NULL);
    float *f = output(c, slot, n);
    if (workspace) memory_device.destroy(workspace, bytes);
    return f;
}

static void time_layer(const struct options *o, struct problem *p)
{
    struct conv *c = &p->c;
    const struct kernels *k = device_kernels();
    for (int i = 0; i <= c->nx; i++) {
        struct tensor *t = i < c->nx ? &c->x[i] : &c->y;
        if (o->batch) t->s.n = o->batch;
        t->half = o->half && t->lanes == LANES;
        t->p = tensor_numbers(t);
    }
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++) {
        const struct conv_impl *impl = kernels_conv(k, slot, c, NULL);
        double *times = malloc((size_t)o->repeats * sizeof *times), most = 0, off = 0;
        size_t n;
        c->w = weight_numbers(c);
        float *want = run_with(c, slot, kernels_conv(k, slot, c, "plain"), 0, times, &n);
        bool half;
        void *at = written(c, slot, &n, &half);
        memory_device.fill(at, 0x42, n * (half ? sizeof(uint16_t) : sizeof(float)));
        float *got = run_with(c, slot, impl, o->repeats, times, &n);
        for (size_t i = 0; i < n; i++) {
            most = fmax(most, fabs((double)want[i]));
            off = fmax(off, fabs((double)want[i] - (double)got[i]));
            if (isnan(got[i])) off = INFINITY;
        }
        qsort(times, (size_t)o->repeats, sizeof *times, by_size);
        const double t = times[o->repeats / 2];
        printf("%-14s %-9s %-6s %8.4f ms %7.2f TFLOP/s  off %.1e\n", p->name, slot_name[slot],
            impl->name, t * 1e3, 2e-12 * conv_macs(c) / t, off / most);
        memory_device.destroy(c->w, conv_weights(c) * sizeof(float));
        free(want);
        free(got);
        free(times);
    }
    for (int i = 0; i < c->nx; i++)
        memory_device.destroy(c->x[i].p, tensor_size(&c->x[i]) * sizeof(float));
    memory_device.destroy(c->y.p, tensor_size(&c->y) * sizeof(float));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct options o = {.repeats = 9};
    struct err e = {0};
    int device = 0, opt;
    while ((opt = getopt(argc, argv, "d:n:r:bf:")) != -1) {
        if (opt == '?') return 2;
        if (opt == 'd') device = atoi(optarg);
        if (opt == 'n') o.batch = atoi(optarg);
        if (opt == 'r') o.repeats = atoi(optarg);
        if (opt == 'b') o.half = true;
        if (opt == 'f') o.layer = optarg;
    }
    if (device_open(device, &e) != ATT_OK) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    printf("%s, driver %s\n", device_opened()->name, device_opened()->driver);
    for (int i = optind; i < argc; i++) {
        FILE *f = fopen(argv[i], "r");
        struct problem p;
        if (!f) {
            perror(argv[i]);
            return 1;
        }
        while (problem_read(f, &p) > 0)
            if (!o.layer || strcmp(o.layer, p.name) == 0) time_layer(&o, &p);
        fclose(f);
    }
    return 0;
}
