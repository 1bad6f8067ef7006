/* SPDX-License-Identifier: Apache-2.0 */
/* arch=attunet: Attention U-Net (arXiv 1804.03999) with either published gate, and arch=unet, the
 * same without gates: the baseline.
 * Parameters: enc.I.{conv1,norm1,conv2,norm2}, signal.{conv,norm},
 * gate.I.{wx,wx_norm,wg,wg_norm,psi,psi_norm,out,out_norm}, up.I.{conv,norm},
 * dec.I.{conv1,norm1,conv2,norm2}, head.I; I is the level, 0 = finest. With gates=multi a level has
 * gate.I.1.*, gate.I.2.* and gate.I.merge.{conv,norm}; with heads=fused there is a final 1x1
 * convolution `fuse`. */
#include "arch/arch.h"
#include "arch/levels.h"

#include <stdio.h>
#include <string.h>

enum { GATE_NONE, GATE_GRID, GATE_SAME };
enum { UP_TRANSPOSE, UP_NEAREST, UP_LINEAR };
enum { SIGNAL_COARSE, SIGNAL_UP };
enum { HEADS_ONE, HEADS_SIDE, HEADS_FUSED };

struct settings {
    int dims, in, classes;
    struct levels levels;
    int norm, up, gate, signal, heads, inter, sub;
    int gated_from; /* the finest gated level */
    bool gating_conv, gate_norm, gate_out, multi;
    double psi_bias;
};

static att_status read_inter(const struct spec *s, int *inter, struct err *e)
{
    const char *v = spec_get(s, "inter", "x");
    *inter = v[0] == 'x' && !v[1] ? 0 : -1;
    if (*inter == 0 || (v[0] == 'h' && v[1] == 'a' && v[2] == 'l' && v[3] == 'f' && !v[4]))
        return ATT_OK;
    if (spec_int(s, "inter", 1, 1, 65536, inter, NULL) == ATT_OK) return ATT_OK;
    return err_model(e, "inter=%s in the network spec: choose x, half, or a number of channels", v);
}

static att_status read_gate(const struct spec *s, struct settings *k, struct err *e)
{
    int index;
    if (spec_get(s, "arch", "attunet")[0] == 'u')
        return spec_choice(s, "gate", "none", "none", &k->gate, e);
    TRY(spec_choice(s, "gate", "grid", "none|grid|same", &k->gate, e));
    TRY(spec_choice(s, "signal", "coarse", "coarse|up", &k->signal, e));
    TRY(spec_choice(s, "gated", "inner", "inner|all", &index, e));
    k->gated_from = index == 1 ? 0 : 1;
    TRY(spec_choice(s, "gate_norm", "none", "none|batch", &index, e));
    k->gate_norm = index == 1;
    TRY(spec_choice(s, "gates", "single", "single|multi", &index, e));
    k->multi = index == 1;
    TRY(spec_flag(s, "gating_conv", false, &k->gating_conv, e));
    TRY(spec_flag(s, "gate_out", false, &k->gate_out, e));
    TRY(spec_int(s, "sub", 2, 1, 16, &k->sub, e));
    TRY(spec_real(s, "psi_bias", 0, &k->psi_bias, e));
    return read_inter(s, &k->inter, e);
}

/* A grid gate's map has every sub-th position of x along axes with a stride to the next level, and
 * all along others. */
static void sub_of(const struct settings *k, int level, int sub[3])
{
    for (int a = 0; a < 3; a++) sub[a] = k->levels.stride[level][a] > 1 ? k->sub : 1;
}

static att_status check_gates(const struct settings *k, struct err *e)
{
    if (k->gated_from >= k->levels.count)
        return err_model(e,
            "gated=inner with two widths leaves no gated level; use more widths, gated=all, or "
            "gate=none for a U-Net");
    int whole[3];
    levels_multiple(&k->levels, k->levels.count, whole);
    for (int i = k->gated_from; k->gate == GATE_GRID && i < k->levels.count; i++) {
        int above[3], sub[3];
        levels_multiple(&k->levels, i, above);
        sub_of(k, i, sub);
        for (int a = 0; a < 3; a++)
            if (whole[a] / above[a] % sub[a])
                return err_model(e,
                    "sub=%d in the network spec does not divide the grid of gated level %d; use "
                    "1, 2 or gate fewer levels",
                    k->sub, i);
    }
    return ATT_OK;
}

static att_status attunet_read_settings(const struct spec *s, struct settings *k, struct err *e)
{
    memset(k, 0, sizeof *k);
    TRY(spec_int(s, "dims", 2, 2, 3, &k->dims, e));
    TRY(spec_int(s, "in", 1, 1, 1024, &k->in, e));
    TRY(spec_int(s, "classes", 2, 1, SPEC_CLASSES, &k->classes, e));
    TRY(levels_read(s, k->dims, "16,32,64,128,256", 2, &k->levels, e));
    TRY(spec_choice(s, "norm", "batch", "batch|instance", &k->norm, e));
    TRY(spec_choice(s, "up", "transpose", "transpose|nearest|linear", &k->up, e));
    TRY(spec_choice(s, "heads", "one", "one|side|fused", &k->heads, e));
    TRY(read_gate(s, k, e));
    if (k->heads == HEADS_FUSED && k->levels.count > CONV_MAX_X)
        return err_model(
            e, "heads=fused joins at most %d levels; use fewer widths or heads=side", CONV_MAX_X);
    return k->gate == GATE_NONE ? ATT_OK : check_gates(k, e);
}

static att_status multiple(const struct spec *s, int *dims, int m[3], struct err *e)
{
    struct settings k;
    TRY(attunet_read_settings(s, &k, e));
    *dims = k.dims;
    levels_multiple(&k.levels, k.levels.count, m);
    return ATT_OK;
}

static int attunet_block(
    struct net *n, const struct levels *l, const int *x, int nx, const char *room, int level)
{
    int out = l->width[level];
    const int *kernel = l->kernel[level];
    int y = net_norm(n, net_conv(n, conv_same(x, nx, out, kernel), "%s.%d.conv1", room, level),
        ACT_RELU, "%s.%d.norm1", room, level);
    y = net_conv(n, conv_same(&y, 1, out, kernel), "%s.%d.conv2", room, level);
    return net_norm(n, y, ACT_RELU, "%s.%d.norm2", room, level);
}

static bool same_grid(const struct net *n, int x, int g)
{
    if (n->status != ATT_OK) return true;
    struct shape s = n->g->values[x].s, t = n->g->values[g].s;
    return s.d == t.d && s.h == t.h && s.w == t.w;
}

static int one_grid(
    struct net *n, const struct settings *k, int x, int g, int inter, const char *name)
{
    static const struct gate_names names = {
        "wg", "wg_norm", "wx", "wx_norm", "psi", "psi_norm", NULL};
    return net_attention(n, x, g, inter, (float)k->psi_bias, &names, name);
}

/* The map or g is coarser than x. */
static int two_grids(
    struct net *n, const struct settings *k, int level, int x, int g, int inter, const char *name)
{
    struct conv_layer wx = {.x = {x}, .out = inter, .no_bias = k->gate == GATE_GRID};
    if (k->gate == GATE_GRID) {
        sub_of(k, level, wx.kernel);
        sub_of(k, level, wx.stride);
    }
    int t = net_conv(n, wx, "%s.wx", name),
        p = net_conv(n, (struct conv_layer){.x = {g}, .out = inter}, "%s.wg", name);
    t = net_norm(n, t, ACT_NONE, "%s.wx_norm", name);
    p = net_norm(n, p, ACT_NONE, "%s.wg_norm", name);
    int f = net_add(n, t, net_linear_like(n, p, t), ACT_RELU);
    int q = net_conv(n,
        (struct conv_layer){.x = {f}, .out = 1, .planar = true, .bias = (float)k->psi_bias},
        "%s.psi", name);
    q = net_norm(n, q, ACT_NONE, "%s.psi_norm", name);
    int alpha = net_linear_like(n, net_sigmoid(n, q), x);
    net_output(n, alpha, "attention.%s", name);
    return net_gate(n, x, alpha);
}

/* q = psi(ReLU(W_x x + W_g g)), alpha = sigmoid(q), y = alpha * x. `name` is gate.I or gate.I.J. */
static int attunet_gate(
    struct net *n, const struct settings *k, int level, int x, int g, const char *name)
{
    int cx = net_channels(n, x);
    int inter = k->inter > 0 ? k->inter : k->inter == 0 ? cx : cx / 2 > 1 ? cx / 2 : 1;
    enum norm_kind outside = n->norm;
    n->norm = k->gate_norm ? NORM_BATCH : NORM_NONE;
    int y = k->gate == GATE_SAME && same_grid(n, x, g) ? one_grid(n, k, x, g, inter, name)
                                                       : two_grids(n, k, level, x, g, inter, name);
    n->norm = outside;
    if (!k->gate_out) return y;
    return net_norm(n, net_conv(n, (struct conv_layer){.x = {y}, .out = cx}, "%s.out", name),
        ACT_NONE, "%s.out_norm", name);
}

static int gated_skip(struct net *n, const struct settings *k, int level, int x, int g)
{
    char name[40];
    snprintf(name, sizeof name, "gate.%d", level);
    if (!k->multi) return attunet_gate(n, k, level, x, g, name);
    struct conv_layer merge = {.nx = 2, .out = net_channels(n, x)};
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "gate.%d.%d", level, i + 1);
        merge.x[i] = attunet_gate(n, k, level, x, g, name);
    }
    return net_norm(
        n, net_conv(n, merge, "gate.%d.merge.conv", level), ACT_RELU, "gate.%d.merge.norm", level);
}

static int attunet_up(struct net *n, const struct settings *k, int level, int x)
{
    int out = k->levels.width[level];
    const int *stride = k->levels.stride[level];
    if (k->up == UP_LINEAR) return net_linear(n, x, stride);
    if (k->up == UP_NEAREST)
        return net_norm(
            n, net_conv_up(n, x, out, stride, "up.%d.conv", level), ACT_RELU, "up.%d.norm", level);
    struct conv_layer l = {.x = {x}, .out = out};
    for (int a = 0; a < 3; a++) {
        l.stride[a] = stride[a];
        l.kernel[a] = stride[a] == 2 ? 4 : 1;
        l.pad[a] = stride[a] - 1;
    }
    return net_conv_transposed(n, l, "up.%d.conv", level);
}

/* One head, or one per decoder level: separate outputs (deep supervision), or upsampled, joined and
 * mixed into one. */
static void heads(struct net *n, const struct settings *k, const int *decoder)
{
    struct conv_layer fuse = {.nx = k->levels.count, .out = k->classes, .planar = true};
    for (int i = 0; i < k->levels.count; i++) {
        struct conv_layer l = {.x = {decoder[i]}, .out = k->classes, .planar = true};
        if (i > 0 && k->heads == HEADS_ONE) break;
        if (i > 0 && k->heads == HEADS_SIDE && !n->g->training) {
            net_conv_parameters(n, l, "head.%d", i);
            continue;
        }
        int y = net_conv(n, l, "head.%d", i);
        if (k->heads == HEADS_FUSED)
            fuse.x[i] = net_linear_like(n, y, decoder[0]);
        else if (i == 0)
            net_output(n, y, "logits");
        else
            net_output(n, y, "logits.%d", i);
    }
    if (k->heads == HEADS_FUSED) net_output(n, net_conv(n, fuse, "fuse"), "logits");
}

static void build(struct net *n, int image)
{
    struct settings k;
    n->status = attunet_read_settings(n->spec, &k, n->e);
    if (n->status != ATT_OK) return;
    n->norm = (enum norm_kind)k.norm;
    int skip[SPEC_LEVELS], decoder[SPEC_LEVELS], x = image, last = k.levels.count;
    for (int i = 0; i <= last; i++) {
        if (i > 0) x = net_maxpool(n, x, k.levels.stride[i - 1]);
        x = skip[i] = attunet_block(n, &k.levels, &x, 1, "enc", i);
    }
    for (int i = last - 1; i >= 0; i--) {
        bool gated = k.gate != GATE_NONE && i >= k.gated_from;
        int g = x;
        if (i == last - 1 && k.gate != GATE_NONE && k.gating_conv)
            g = net_norm(n,
                net_conv(
                    n, (struct conv_layer){.x = {x}, .out = k.levels.width[last]}, "signal.conv"),
                ACT_RELU, "signal.norm");
        int u = attunet_up(n, &k, i, x), s = skip[i];
        if (gated) s = gated_skip(n, &k, i, s, k.signal == SIGNAL_COARSE ? g : u);
        x = decoder[i] = attunet_block(n, &k.levels, (int[]){s, u}, 2, "dec", i);
    }
    heads(n, &k, decoder);
    if (n->features) net_output(n, decoder[0], "features");
}

#define KEYS "arch dims in slices classes widths strides kernels norm up heads gate"
#define GATE_KEYS " signal inter gated gates gating_conv gate_norm gate_out sub psi_bias"

const struct arch arch_attunet = {.name = "attunet",
    .keys = KEYS GATE_KEYS,
    .multiple = multiple,
    .encoder = "enc.",
    .build = build};
const struct arch arch_unet = {
    .name = "unet", .keys = KEYS, .multiple = multiple, .encoder = "enc.", .build = build};
