/* SPDX-License-Identifier: Apache-2.0 */
/* arch=nnunet: nnU-Net's U-Nets, 2D and 3D, with its parameter names: instance norm and leaky ReLU,
 * a stage's first convolution strided instead of pooling, transposed convolutions with kernel =
 * stride, the upsampled map before the skip. Without `blocks` the plain one (Isensee et al. 2021);
 * with it the ResEnc presets (Isensee et al. 2024): a stem, residual blocks per encoder stage
 * (ResNet-D, He et al. 2019) instead of two convolutions, one convolution per decoder stage. Keys:
 * dims, in, classes, widths, strides, kernels, blocks=1,3,4, heads=one|side. Every decoder stage
 * has a head, used or not.
 * Checkpoints name most parameters two or four times (alias). */
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/levels.h"

enum { MOST_STRIDE = 4, MOST_AVERAGED = 2, MOST_BLOCKS = 32 };

struct settings {
    int dims, classes, side;
    struct levels levels;
    bool residual;
    int blocks[SPEC_LEVELS];
};

static att_status read_blocks(const struct spec *s, struct settings *k, struct err *e)
{
    int count, max = 0;
    TRY(spec_list(s, "blocks", "", k->blocks, SPEC_LEVELS, &count, e));
    for (int i = 0; i < count; i++) max = k->blocks[i] > max ? k->blocks[i] : max;
    if (count == k->levels.count + 1 && max <= MOST_BLOCKS) return ATT_OK;
    return err_model(e,
        "blocks=%s in the network spec: %d widths need as many numbers from 1 to %d, one per level",
        spec_get(s, "blocks", ""), k->levels.count + 1, MOST_BLOCKS);
}

static att_status nnunet_read_settings(const struct spec *s, struct settings *k, struct err *e)
{
    TRY(spec_int(s, "dims", 2, 2, 3, &k->dims, e));
    TRY(spec_int(s, "classes", 2, 1, SPEC_CLASSES, &k->classes, e));
    TRY(spec_choice(s, "heads", "one", "one|side", &k->side, e));
    k->residual = spec_get(s, "blocks", NULL) != NULL;
    TRY(levels_read(s, k->dims, k->dims == 3 ? "32,64,128,256,320" : "32,64,128,256,512",
        k->residual ? MOST_AVERAGED : MOST_STRIDE, &k->levels, e));
    return k->residual ? read_blocks(s, k, e) : ATT_OK;
}

static att_status multiple(const struct spec *s, int *dims, int m[3], struct err *e)
{
    struct settings k;
    TRY(nnunet_read_settings(s, &k, e));
    *dims = k.dims;
    levels_multiple(&k.levels, k.levels.count, m);
    return ATT_OK;
}

static int convolve(struct net *n, const struct settings *k, const int *x, int nx, int level,
    const int *stride, const char *name)
{
    struct conv_layer l = conv_same(x, nx, k->levels.width[level], k->levels.kernel[level]);
    for (int a = 0; stride && a < 3; a++) l.stride[a] = stride[a];
    return net_conv(n, l, "%s.conv", name);
}

/* `count` times convolution, norm, activation; the first may be strided. */
static int nnunet_layers(struct net *n, const struct settings *k, const int *x, int nx, int count,
    int level, const int *stride, const char *prefix)
{
    char name[48];
    int y = -1;
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s.convs.%d", prefix, i);
        y = net_norm(n,
            i ? convolve(n, k, &y, 1, level, NULL, name)
              : convolve(n, k, x, nx, level, stride, name),
            ACT_LEAKY, "%s.norm", name);
    }
    return y;
}

static int nnunet_block(struct net *n, const struct settings *k, int x, int level,
    const int *stride, const char *prefix)
{
    const int out = k->levels.width[level];
    const bool strided = stride && stride[0] * stride[1] * stride[2] > 1,
               widened = net_channels(n, x) != out;
    char first[48], last[48];
    snprintf(first, sizeof first, "%s.conv1", prefix);
    snprintf(last, sizeof last, "%s.conv2", prefix);
    int y = net_norm(n, convolve(n, k, &x, 1, level, stride, first), ACT_LEAKY, "%s.norm", first);
    y = net_norm_zero(n, convolve(n, k, &y, 1, level, NULL, last), "%s.norm", last);
    if (strided) x = net_average(n, x, stride);
    if (widened)
        x = net_norm(n,
            net_conv(n, (struct conv_layer){.x = {x}, .out = out, .no_bias = true},
                "%s.skip.%d.conv", prefix, strided),
            ACT_NONE, "%s.skip.%d.norm", prefix, strided);
    return net_add(n, y, x, ACT_LEAKY);
}

static int nnunet_stage(struct net *n, const struct settings *k, int x, int level)
{
    const int *stride = level ? k->levels.stride[level - 1] : NULL;
    char prefix[40];
    snprintf(prefix, sizeof prefix, "encoder.stages.%d.0", level);
    if (!k->residual) return nnunet_layers(n, k, &x, 1, 2, level, stride, prefix);
    for (int i = 0; i < k->blocks[level]; i++) {
        snprintf(prefix, sizeof prefix, "encoder.stages.%d.blocks.%d", level, i);
        x = nnunet_block(n, k, x, level, i ? NULL : stride, prefix);
    }
    return x;
}

static int nnunet_up(struct net *n, const struct settings *k, int x, int level)
{
    struct conv_layer l = {.x = {x}, .out = k->levels.width[level]};
    for (int a = 0; a < 3; a++) l.kernel[a] = l.stride[a] = k->levels.stride[level][a];
    return net_conv_transposed(n, l, "decoder.transpconvs.%d", k->levels.count - 1 - level);
}

static void nnunet_head(struct net *n, const struct settings *k, int x, int level)
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
    n->status = nnunet_read_settings(n->spec, &k, n->e);
    if (n->status != ATT_OK) return;
    n->norm = NORM_INSTANCE;
    int skip[SPEC_LEVELS], x = image, last = k.levels.count;
    char prefix[40];
    if (k.residual) x = nnunet_layers(n, &k, &x, 1, 1, 0, NULL, "encoder.stem");
    for (int i = 0; i <= last; i++) x = skip[i] = nnunet_stage(n, &k, x, i);
    for (int i = last - 1; i >= 0; i--) {
        snprintf(prefix, sizeof prefix, "decoder.stages.%d", last - 1 - i);
        x = nnunet_layers(n, &k, (int[]){nnunet_up(n, &k, x, i), skip[i]}, 2, k.residual ? 1 : 2, i,
            NULL, prefix);
        nnunet_head(n, &k, x, i);
    }
}

/* A convolution or norm is also in its block's all_modules, and the decoder contains the
 * encoder. */
static bool alias(const char *name, int index, char *other, size_t size)
{
    const char *conv = strstr(name, ".conv."), *layer = conv ? conv : strstr(name, ".norm.");
    bool encoder = !strncmp(name, "encoder.", 8);
    if (!layer || index >= (encoder ? 3 : 1)) return false;
    int which = index + 1; /* bit 0: all_modules, bit 1: through the decoder */
    int n = snprintf(other, size, "%s%.*s.%s.%s", which & 2 ? "decoder." : "", (int)(layer - name),
        name, which & 1 ? (conv ? "all_modules.0" : "all_modules.1") : (conv ? "conv" : "norm"),
        layer + strlen(".conv."));
    return n > 0 && (size_t)n < size;
}

const struct arch arch_nnunet = {.name = "nnunet",
    .keys = "arch dims in classes widths strides kernels blocks heads",
    .multiple = multiple,
    .encoder = "encoder.",
    .build = build,
    .alias = alias,
    .instance = true};
