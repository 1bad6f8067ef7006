/* SPDX-License-Identifier: Apache-2.0 */
/* arch=monai: MONAI's AttentionUnet, 2D and 3D, with its parameter names: strided convolutions
 * instead of pooling, same-grid gates with batch norm at every level, one convolution after the
 * concatenation, with instance norm without parameters and PReLU. Keys: dims, in, classes, widths
 * (its channels), strides, kernel and up_kernel (its kernel_size and up_kernel_size). */
#include <stdio.h>

#include "arch/arch.h"
#include "arch/levels.h"
#include "base/text.h"

enum { MOST_STRIDE = 4, LARGEST_KERNEL = 7, NAME = 160 };

struct settings {
    int dims, classes, kernel[3], up_kernel[3];
    struct levels levels;
};

static att_status read_kernel(
    const struct spec *s, const char *key, int dims, int out[3], struct err *e)
{
    int count, read[1][3] = {{dims == 3 ? 3 : 1, 3, 3}};
    TRY(spec_axes(s, key, dims, LARGEST_KERNEL, read, 1, &count, e));
    for (int a = 0; a < 3; a++) {
        if (read[0][a] % 2 == 0)
            return err_model(
                e, "%s=%s in the network spec: kernels must be odd", key, spec_get(s, key, ""));
        out[a] = read[0][a];
    }
    return ATT_OK;
}

static att_status monai_read_settings(const struct spec *s, struct settings *k, struct err *e)
{
    TRY(spec_int(s, "dims", 2, 2, 3, &k->dims, e));
    TRY(spec_int(s, "classes", 2, 1, SPEC_CLASSES, &k->classes, e));
    TRY(read_kernel(s, "kernel", k->dims, k->kernel, e));
    TRY(read_kernel(s, "up_kernel", k->dims, k->up_kernel, e));
    TRY(levels_read(s, k->dims, "16,32,64,128,256", MOST_STRIDE, &k->levels, e));
    for (int i = 0; i < k->levels.count; i++)
        if (k->levels.width[i] < 2)
            return err_model(e,
                "widths=%s in the network spec: a gated level needs at least 2 channels",
                spec_get(s, "widths", ""));
    return ATT_OK;
}

static att_status multiple(const struct spec *s, int *dims, int m[3], struct err *e)
{
    struct settings k;
    TRY(monai_read_settings(s, &k, e));
    *dims = k.dims;
    levels_multiple(&k.levels, k.levels.count, m);
    return ATT_OK;
}

/* Level i + 1 is the submodule of level i. */
static void prefix_of(int level, char prefix[NAME])
{
    snprintf(prefix, NAME, "model.1");
    while (level-- > 0) text_append(prefix, NAME, ".submodule.1");
}

static int monai_block(
    struct net *n, const struct settings *k, int x, int level, const char *prefix)
{
    struct conv_layer l = conv_same(&x, 1, k->levels.width[level], k->kernel);
    for (int a = 0; level > 0 && a < 3; a++) l.stride[a] = k->levels.stride[level - 1][a];
    int y =
        net_norm(n, net_conv(n, l, "%s.conv.0.conv", prefix), ACT_RELU, "%s.conv.0.adn.N", prefix);
    l = conv_same(&y, 1, k->levels.width[level], k->kernel);
    return net_norm(
        n, net_conv(n, l, "%s.conv.1.conv", prefix), ACT_RELU, "%s.conv.1.adn.N", prefix);
}

static int monai_encode(struct net *n, const struct settings *k, int x, int level)
{
    char above[NAME], prefix[NAME + 16];
    if (level == 0) return monai_block(n, k, x, level, "model.0");
    prefix_of(level - 1, above);
    snprintf(prefix, sizeof prefix, "%s.submodule%s", above, level < k->levels.count ? ".0" : "");
    return monai_block(n, k, x, level, prefix);
}

static int monai_up(struct net *n, const struct settings *k, int x, int level, const char *prefix)
{
    struct conv_layer l = conv_same(&x, 1, k->levels.width[level], k->up_kernel);
    for (int a = 0; a < 3; a++) {
        l.stride[a] = k->levels.stride[level][a];
        l.more[a] = l.stride[a] - 1;
    }
    return net_norm(n, net_conv_transposed(n, l, "%s.upconv.up.conv", prefix), ACT_RELU,
        "%s.upconv.up.adn.N", prefix);
}

static int monai_decode(struct net *n, const struct settings *k, int x, int skip, int level)
{
    char prefix[NAME], name[NAME + 16], map[24];
    prefix_of(level, prefix);
    snprintf(name, sizeof name, "%s.attention", prefix);
    snprintf(map, sizeof map, "gate.%d", level);
    const struct gate_names names = {
        "W_g.0.conv", "W_g.1", "W_x.0.conv", "W_x.1", "psi.0.conv", "psi.1", map};
    int width = k->levels.width[level], u = monai_up(n, k, x, level, prefix);
    int gated = net_attention(n, skip, u, width / 2, 0, &names, name);
    struct conv_layer merge = conv_same((int[]){gated, u}, 2, width, (int[3])CUBE(3));
    int y = net_conv(n, merge, "%s.merge.conv", prefix);
    n->norm = NORM_PLAIN;
    y = net_norm(n, y, ACT_NONE, "%s", "");
    n->norm = NORM_BATCH;
    return net_prelu(n, y, "%s.merge.adn.A", prefix);
}

static void build(struct net *n, int image)
{
    struct settings k;
    n->status = monai_read_settings(n->spec, &k, n->e);
    if (n->status != ATT_OK) return;
    n->norm = NORM_BATCH;
    int skip[SPEC_LEVELS], x = image;
    for (int i = 0; i <= k.levels.count; i++) x = skip[i] = monai_encode(n, &k, x, i);
    for (int i = k.levels.count - 1; i >= 0; i--) x = monai_decode(n, &k, x, skip[i], i);
    net_output(n,
        net_conv(
            n, (struct conv_layer){.x = {x}, .out = k.classes, .planar = true}, "model.2.conv"),
        "logits");
}

/* Blocks of a step are nested in those of the steps above. */
#define INSIDE "submodule.1."
#define BLOCKS(prefix) prefix "submodule.0.," prefix "submodule.conv.,"
#define STEP_1 "model.1."
#define STEP_2 STEP_1 INSIDE
#define STEP_3 STEP_2 INSIDE
#define STEP_4 STEP_3 INSIDE
#define STEP_5 STEP_4 INSIDE
#define STEP_6 STEP_5 INSIDE
#define STEP_7 STEP_6 INSIDE
#define STEP_8 STEP_7 INSIDE
#define STEP_9 STEP_8 INSIDE
_Static_assert((int)SPEC_LEVELS == 10, "nine steps");

const struct arch arch_monai = {.name = "monai",
    .keys = "arch dims in classes widths strides kernel up_kernel",
    .multiple = multiple,
    .encoder = "model.0.," BLOCKS(STEP_1) BLOCKS(STEP_2) BLOCKS(STEP_3) BLOCKS(STEP_4)
        BLOCKS(STEP_5) BLOCKS(STEP_6) BLOCKS(STEP_7) BLOCKS(STEP_8) BLOCKS(STEP_9),
    .build = build,
    .instance = true};
