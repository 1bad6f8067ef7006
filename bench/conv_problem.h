/* SPDX-License-Identifier: Apache-2.0 */
/* Convolution problems from bench/shapes, one a line, shared by bench_conv and
 * tests/kernel/test_conv: name n x-channels y-channels x-size kernel stride pad a+b: tensors joined
 * along channels; p: planar.  Sizes are dxhxw. */
#ifndef BENCH_CONV_PROBLEM_H
#define BENCH_CONV_PROBLEM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/conv.h"

struct problem {
    char name[32];
    struct conv c; /* its pointers are NULL */
};

static int problem_axes(const char *text, int v[3])
{
    return sscanf(text, "%dx%dx%d", &v[0], &v[1], &v[2]) == 3;
}

static struct tensor problem_tensor(const char *channels, int n, const int size[3])
{
    char *end;
    int c = (int)strtol(channels, &end, 10);
    return (struct tensor){NULL, {n, c, size[0], size[1], size[2]}, *end == 'p' ? 1 : LANES, false};
}

/* 1: a problem; 0: the end; -1: a line that is none. */
static int problem_read(FILE *f, struct problem *p)
{
    char line[256], x[64], y[16], size[32], kernel[32], stride[32], pad[32];
    int n, in[3], out[3];
    do {
        if (!fgets(line, sizeof line, f)) return 0;
    } while (line[0] == '#' || line[0] == '\n');
    struct conv *c = &p->c;
    memset(p, 0, sizeof *p);
    if (sscanf(line, "%31s %d %63s %15s %31s %31s %31s %31s", p->name, &n, x, y, size, kernel,
            stride, pad) != 8)
        return -1;
    if (!problem_axes(size, in) || !problem_axes(kernel, c->kernel) ||
        !problem_axes(stride, c->stride) || !problem_axes(pad, c->pad))
        return -1;
    for (char *part = x; part && c->nx < CONV_MAX_X; part = strchr(part, '+')) {
        part += *part == '+';
        c->x[c->nx++] = problem_tensor(part, n, in);
    }
    for (int i = 0; i < 3; i++) out[i] = conv_out(in[i], c->kernel[i], c->stride[i], c->pad[i]);
    c->y = problem_tensor(y, n, out);
    return 1;
}

#endif
