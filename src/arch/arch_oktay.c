/* SPDX-License-Identifier: Apache-2.0 */
/* arch=oktay: the 3D Attention U-Net of the paper's code, with its parameter names: grid gates with
 * an output transform, one or two per level, side logits fused into one output. Keys: in, classes,
 * width (16 = feature scale 4), gates=none|single|multi, align_corners. */
#include "arch/arch.h"

enum { NONE, SINGLE, MULTI };

static att_status multiple(const struct spec *s, int *dims, int m[3], struct err *e)
{
    (void)s;
    (void)e;
    *dims = 3;
    m[1] = m[2] = 16;
    m[0] = 16;
    return ATT_OK;
}

/* Two of 3x3x3 convolution, batch norm, ReLU: PREFIX.conv1, PREFIX.conv2. */
static int oktay_block(
    struct net *n, const int *x, int nx, int out, const char *prefix, int k, const char *suffix)
{
    struct conv_layer l = conv_same(x, nx, out, (int[3])CUBE(3));
    for (int j = 1; j <= 2; j++) {
        int y = k ? net_conv(n, l, "%s%d%s.conv%d.0", prefix, k, suffix, j)
                  : net_conv(n, l, "%s.conv%d.0", prefix, j);
        y = k ? net_norm(n, y, ACT_RELU, "%s%d%s.conv%d.1", prefix, k, suffix, j)
              : net_norm(n, y, ACT_RELU, "%s.conv%d.1", prefix, j);
        l = conv_same(&y, 1, out, (int[3])CUBE(3));
    }
    return l.x[0];
}

static int grid_gate(struct net *n, int x, int g, int k, int j)
{
    int c = net_channels(n, x);
    int t = net_conv(n,
        (struct conv_layer){
            .x = {x}, .out = c, .kernel = CUBE(2), .stride = CUBE(2), .no_bias = true},
        "attentionblock%d.gate_block_%d.theta", k, j);
    int p = net_conv(
        n, (struct conv_layer){.x = {g}, .out = c}, "attentionblock%d.gate_block_%d.phi", k, j);
    int f = net_add(n, t, net_linear_like(n, p, t), ACT_RELU);
    int q = net_conv(n, (struct conv_layer){.x = {f}, .out = 1, .planar = true},
        "attentionblock%d.gate_block_%d.psi", k, j);
    int alpha = net_linear_like(n, net_sigmoid(n, q), x);
    if (j == 1)
        net_output(n, alpha, "attention.attentionblock%d", k);
    else
        net_output(n, alpha, "attention.attentionblock%d.%d", k, j);
    int y = net_conv(n, (struct conv_layer){.x = {net_gate(n, x, alpha)}, .out = c},
        "attentionblock%d.gate_block_%d.W.0", k, j);
    return net_norm(n, y, ACT_NONE, "attentionblock%d.gate_block_%d.W.1", k, j);
}

static int attention(struct net *n, int gates, int x, int g, int k)
{
    if (gates == NONE || k == 1) return x;
    struct conv_layer combine = {.nx = gates, .out = net_channels(n, x)};
    for (int j = 0; j < gates; j++) combine.x[j] = grid_gate(n, x, g, k, j + 1);
    return net_norm(n, net_conv(n, combine, "attentionblock%d.combine_gates.0", k), ACT_RELU,
        "attentionblock%d.combine_gates.1", k);
}

static void build(struct net *n, int image)
{
    int width = 0, classes = 0, gates = 0;
    n->status = spec_int(n->spec, "width", 16, 1, 4096, &width, n->e);
    if (n->status == ATT_OK)
        n->status = spec_int(n->spec, "classes", 2, 1, SPEC_CLASSES, &classes, n->e);
    if (n->status == ATT_OK)
        n->status = spec_choice(n->spec, "gates", "single", "none|single|multi", &gates, n->e);
    if (n->status == ATT_OK)
        n->status = spec_flag(n->spec, "align_corners", false, &n->align_corners, n->e);
    if (n->status != ATT_OK) return;
    n->norm = NORM_BATCH;
    int skip[5], up[5], x = image;
    for (int k = 1; k <= 4; k++) {
        skip[k] = oktay_block(n, &x, 1, width << (k - 1), "conv", k, "");
        x = net_maxpool(n, skip[k], (int[3])CUBE(2));
    }
    int center = oktay_block(n, &x, 1, width << 4, "center", 0, ""), g = center;
    if (gates != NONE)
        g = net_norm(n,
            net_conv(n, (struct conv_layer){.x = {center}, .out = width << 4}, "gating.conv1.0"),
            ACT_RELU, "gating.conv1.1");
    x = center;
    for (int k = 4; k >= 1; k--) {
        int s = attention(n, gates, skip[k], g, k);
        x = up[k] = oktay_block(
            n, (int[]){s, net_linear_like(n, x, s)}, 2, width << (k - 1), "up_concat", k, ".conv");
        g = x;
    }
    struct conv_layer final = {.nx = 4, .out = classes, .planar = true};
    for (int k = 1; k <= 4; k++) {
        struct conv_layer side = {.x = {up[k]}, .out = classes, .planar = true};
        int y = k == 1 ? net_conv(n, side, "dsv1") : net_conv(n, side, "dsv%d.dsv.0", k);
        final.x[k - 1] = net_linear_like(n, y, image);
    }
    net_output(n, net_conv(n, final, "final"), "logits");
}

const struct arch arch_oktay = {.name = "oktay",
    .keys = "arch in classes width gates align_corners",
    .multiple = multiple,
    .encoder = "conv1.,conv2.,conv3.,conv4.,center.",
    .build = build};
