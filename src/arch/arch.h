/* SPDX-License-Identifier: Apache-2.0 */
/* Architectures, one per arch_*.c, selected by the spec's key `arch`. */
#pragma once

#include "arch/net.h"
#include "base/number.h"

struct arch {
    const char *name;
    const char *keys; /* spec keys it knows, with `arch` */
    /* comma-separated prefixes of its encoder's parameters, for freezing the encoder */
    const char *encoder;
    /* Image sizes (d, h, w) must be multiples of these; 1 along an axis that the network lacks. */
    att_status (*multiple)(const struct spec *s, int *dims, int multiple[3], struct err *e);
    /* From the image (planar, n x maps x d x h x w) to the outputs "logits" (finest; with deep
     * supervision in training "logits.1", ... are coarser) and "attention.NAME", one channel each
     * on the grid of what they scale. */
    void (*build)(struct net *n, int image);
    /* The index-th other name, from 0, of parameter `name` in published files; false after the
     * last. Or NULL. */
    bool (*alias)(const char *name, int index, char *other, size_t size);
    bool instance; /* uses instance norm whatever the key `norm` */
};

extern const struct arch arch_attunet, arch_unet, arch_lee, arch_oktay, arch_nnunet, arch_monai,
    arch_hard, arch_glimpse;

att_status arch_find(const struct spec *s, const struct arch **a, struct err *e);
enum { ARCH_SLICES = 9 }; /* at most */

/* dims, channels of images, channels out (classes), multiples (d, h, w) of image sizes, and whether
 * results depend on surroundings of a window, as with instance norm. */
struct arch_facts {
    int dims, in, classes, multiple[3];
    int slices; /* 2D: a slice with so many around it, an odd number, as channels of the input */
    bool instance;
};
/* Channels of its input: slice by slice from low to high d, for each channel of the image. */
static inline int arch_maps(const struct arch_facts *f) { return f->in * f->slices; }
att_status arch_describe(const struct spec *s, struct arch_facts *f, struct err *e);
/* The multiples as text: one number if equal on all axes, else "1x8x8". */
struct arch_multiple {
    char text[NUMBER_SIZE];
};
struct arch_multiple arch_multiple_text(const struct arch_facts *f);
/* Check that it takes images of this size; `which` names it in the message: "this", "the fine". */
att_status arch_check_size(
    const struct arch_facts *f, const char *which, int d, int h, int w, struct err *e);
/* 256 x 256, or 96 along every axis, rounded up to the network's multiples. */
void arch_default_patch(const struct arch_facts *f, int patch[3]);
/* Build the network for images of n x d x h x w in an initialised graph; *input is the image's
 * value. */
att_status arch_build(
    const struct spec *s, struct graph *g, int n, int d, int h, int w, int *input, struct err *e);
