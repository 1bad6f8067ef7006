/* SPDX-License-Identifier: Apache-2.0 */
/* arch=lee: the 2D Attention U-Net most used on GitHub, with its parameter names: same-grid gates
 * on the upsampled decoder map, batch norm inside the gates, nearest upsampling. Keys: in, classes,
 * width (64 in published checkpoints), gates=yes|no. */
#include "arch/arch.h"

#include <stdio.h>

static att_status multiple(const struct spec *s, int *dims, int m[3], struct err *e)
{
    (void)s;
    (void)e;
    *dims = 2;
    m[1] = m[2] = 16;
    m[0] = 1;
    return ATT_OK;
}

static int lee_block(struct net *n, const int *x, int nx, int out, const char *name, int k)
{
    int y = net_norm(n, net_conv(n, conv_same(x, nx, out, (int[3])CUBE(3)), "%s%d.conv.0", name, k),
        ACT_RELU, "%s%d.conv.1", name, k);
    y = net_conv(n, conv_same(&y, 1, out, (int[3])CUBE(3)), "%s%d.conv.3", name, k);
    return net_norm(n, y, ACT_RELU, "%s%d.conv.4", name, k);
}

static int lee_gate(struct net *n, int x, int g, int k)
{
    static const struct gate_names names = {
        "W_g.0", "W_g.1", "W_x.0", "W_x.1", "psi.0", "psi.1", NULL};
    char name[16];
    snprintf(name, sizeof name, "Att%d", k);
    return net_attention(n, x, g, net_channels(n, x) / 2, 0, &names, name);
}

static void build(struct net *n, int image)
{
    int width = 0, classes = 0;
    bool gates = true;
    n->status = spec_int(n->spec, "width", 64, 2, 4096, &width, n->e);
    if (n->status == ATT_OK)
        n->status = spec_int(n->spec, "classes", 2, 1, SPEC_CLASSES, &classes, n->e);
    if (n->status == ATT_OK) n->status = spec_flag(n->spec, "gates", true, &gates, n->e);
    if (n->status != ATT_OK) return;
    n->norm = NORM_BATCH;
    int skip[6], x = image;
    for (int k = 1; k <= 5; k++) {
        if (k > 1) x = net_maxpool(n, x, (int[3])CUBE(2));
        x = skip[k] = lee_block(n, &x, 1, width << (k - 1), "Conv", k);
    }
    for (int k = 5; k >= 2; k--) {
        int out = width << (k - 2);
        int u = net_norm(
            n, net_conv_up(n, x, out, (int[3])CUBE(2), "Up%d.up.1", k), ACT_RELU, "Up%d.up.2", k);
        int s = gates ? lee_gate(n, skip[k - 1], u, k) : skip[k - 1];
        x = lee_block(n, (int[]){s, u}, 2, out, "Up_conv", k);
    }
    net_output(n,
        net_conv(n, (struct conv_layer){.x = {x}, .out = classes, .planar = true}, "Conv_1x1"),
        "logits");
}

const struct arch arch_lee = {.name = "lee",
    .keys = "arch in classes width gates",
    .multiple = multiple,
    .encoder = "Conv1.,Conv2.,Conv3.,Conv4.,Conv5.",
    .build = build};
