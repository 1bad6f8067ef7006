/* SPDX-License-Identifier: Apache-2.0 */
/* arch=nnunet: nnU-Net's plain U-Net (Isensee et al. 2021), in 2D and 3D, under its parameter names: instance norm and leaky ReLU, the
 * first convolution of a stage strided instead of pooling, transposed convolutions with kernel = stride, the upsampled map before the skip.
 * Keys: dims, in, classes, widths, strides, kernels, heads=one|side.  A head belongs to every stage of the decoder, run or not.
 *
 * Checkpoints name most parameters twice or four times (alias). */
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/levels.h"

enum { MOST_STRIDE = 4 };

struct settings {
    int dims, classes, side;
    struct levels levels;
};

static att_status read_settings(const struct spec *s, struct settings *k, struct err *e)
{
    TRY(spec_int(s, "dims", 2, 2, 3, &k->dims, e));
    TRY(spec_int(s, "classes", 2, 1, SPEC_CLASSES, &k->classes, e));
    TRY(spec_choice(s, "heads", "one", "one|side", &k->side, e));
    return levels_read(s, k->dims, k->dims == 3 ? "32,64,128,256,320" : "32,64,128,256,512", MOST_STRIDE, &k->levels, e);
}

static att_status multiple(const struct spec *s, int *dims, int m[3], struct err *e)
{
    struct settings k;
    TRY(read_settings(s, &k, e));
    *dims = k.dims;
    levels_multiple(&k.levels, k.levels.count, m);
    return ATT_OK;
}

/* Two of convolution, norm, activation; the first may be strided. */
static int stage(struct net *n, const struct settings *k, const int *x, int nx, int level, const int *stride, const char *prefix)
{
    struct conv_layer l = conv_same(x, nx, k->levels.width[level], k->levels.kernel[level]);
    for (int a = 0; stride && a < 3; a++) l.stride[a] = stride[a];
    int y = net_norm(n, net_conv(n, l, "%s.convs.0.conv", prefix), ACT_LEAKY, "%s.convs.0.norm", prefix);
    l = conv_same(&y, 1, k->levels.width[level], k->levels.kernel[level]);
    return net_norm(n, net_conv(n, l, "%s.convs.1.conv", prefix), ACT_LEAKY, "%s.convs.1.norm", prefix);
}

static int up(struct net *n, const struct settings *k, int x, int level)
{
    struct conv_layer l = {.x = {x}, .out = k->levels.width[level]};
    for (int a = 0; a < 3; a++) l.kernel[a] = l.stride[a] = k->levels.stride[level][a];
    return net_conv_transposed(n, l, "decoder.transpconvs.%d", k->levels.count - 1 - level);
}

static void head(struct net *n, const struct settings *k, int x, int level)
{
    struct conv_layer l = {.x = {x}, .out = k->classes, .planar = true};
    int stage = k->levels.count - 1 - level;
    if (level > 0 && !(k->side && n->g->training))
        net_conv_parameters(n, l, "decoder.seg_layers.%d", stage);
    else if (level > 0)
        net_output(n, net_conv(n, l, "decoder.seg_layers.%d", stage), "logits.%d", level);
    else
        net_output(n, net_conv(n, l, "decoder.seg_layers.%d", stage), "logits");
}

static void build(struct net *n, int image)
{
    struct settings k;
    n->status = read_settings(n->spec, &k, n->e);
    if (n->status != ATT_OK) return;
    n->norm = NORM_INSTANCE;
    int skip[SPEC_LEVELS], x = image, last = k.levels.count;
    char prefix[40];
    for (int i = 0; i <= last; i++) {
        snprintf(prefix, sizeof prefix, "encoder.stages.%d.0", i);
        x = skip[i] = stage(n, &k, &x, 1, i, i ? k.levels.stride[i - 1] : NULL, prefix);
    }
    for (int i = last - 1; i >= 0; i--) {
        snprintf(prefix, sizeof prefix, "decoder.stages.%d", last - 1 - i);
        x = stage(n, &k, (int[]){up(n, &k, x, i), skip[i]}, 2, i, NULL, prefix);
        head(n, &k, x, i);
    }
}

/* A convolution or norm is also an element of all_modules of its block, and the decoder holds the encoder. */
static bool alias(const char *name, int index, char *other, size_t size)
{
    const char *conv = strstr(name, ".conv."), *layer = conv ? conv : strstr(name, ".norm.");
    bool encoder = !strncmp(name, "encoder.", 8);
    if (!layer || index >= (encoder ? 3 : 1)) return false;
    int which = index + 1; /* bit 0: all_modules, bit 1: through the decoder */
    int n = snprintf(other, size, "%s%.*s.%s.%s", which & 2 ? "decoder." : "", (int)(layer - name), name,
                     which & 1 ? (conv ? "all_modules.0" : "all_modules.1") : (conv ? "conv" : "norm"), layer + strlen(".conv."));
    return n > 0 && (size_t)n < size;
}

const struct arch arch_nnunet = {.name = "nnunet",
                                 .keys = "arch dims in classes widths strides kernels heads",
                                 .multiple = multiple,
                                 .encoder = "encoder.",
                                 .build = build,
                                 .alias = alias,
                                 .instance = true};
