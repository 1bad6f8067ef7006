/* SPDX-License-Identifier: Apache-2.0 */
/* Architectures: one file each (arch_*.c), found by the spec's key `arch`. */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include "arch/net.h"

struct arch {
    const char *name;
    const char *keys; /* the spec's keys it knows, `arch` among them */
    /* Whole image sizes must be a multiple of *multiple on the axes the network has. */
    att_status (*multiple)(const struct spec *s, int *dims, int *multiple, struct err *e);
    /* From the image (planar, n x in x d x h x w) to the outputs "logits" (finest; with deep supervision in training "logits.1", ... are
     * the coarser ones) and "attention.NAME", one channel each on the grid of what they scale. */
    void (*build)(struct net *n, int image);
};

extern const struct arch arch_attunet, arch_unet, arch_lee, arch_oktay;

att_status arch_find(const struct spec *s, const struct arch **a, struct err *e);
/* dims, channels in, channels out (classes), and the multiple of image sizes: what a caller must know of a network. */
struct arch_facts {
    int dims, in, classes, multiple;
};
att_status arch_describe(const struct spec *s, struct arch_facts *f, struct err *e);
/* Builds the network for images of n x d x h x w into an initialised graph; the image is value *input. */
att_status arch_build(const struct spec *s, struct graph *g, int n, int d, int h, int w, int *input, struct err *e);

#endif
