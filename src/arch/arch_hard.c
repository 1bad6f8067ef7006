/* SPDX-License-Identifier: Apache-2.0 */
/* arch=hard and arch=glimpse, see hard.h. As one graph, for tables and timing, they are the coarse
 * network, the policy, and the fine network on the maximum number of windows; prediction runs one
 * part at a time (arch_build_part).
 * The policy: two 3x3 convolutions with PReLU and a 1x1 convolution on the grid of tiles,
 * policy.{conv1,act1,conv2,act2,out}. */
#include "arch/hard.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/ints.h"

const char *const part_name[PARTS] = {"coarse", "fine", "policy"};
static const char *const prefixes[PARTS] = {"coarse.", "fine.", "policy."};

bool hard_is(const struct spec *s)
{
    const char *arch = spec_get(s, "arch", "attunet");
    return !strcmp(arch, "hard") || !strcmp(arch, "glimpse");
}

#define OWN_KEYS "scale tile halo tiles coarse fine policy detail cluster"
#define NET_KEYS                                                                                   \
    "dims in classes strides kernels norm up heads gate signal inter gated gates gating_conv "     \
    "gate_norm gate_out sub psi_bias"

/* "arch" applies to the whole, too */
static bool own_key(const char *key)
{
    struct spec one = {.count = 1, .key = {key}};
    return spec_only(&one, "arch " OWN_KEYS, NULL) == ATT_OK;
}

att_status hard_part_spec(
    const struct spec *s, enum arch_part part, struct spec *out, struct err *e)
{
    TRY(spec_parse(out, "arch=attunet", e));
    for (int i = 0; i < s->count; i++)
        if (!own_key(s->key[i])) TRY(spec_set(out, s->key[i], s->value[i], e));
    return spec_set(out, "widths", spec_get(s, part_name[part], HARD_WIDTHS), e);
}

static att_status hard_read_sizes(const struct spec *s, struct hard *h, struct err *e)
{
    const struct {
        const char *key;
        int flat, deep, lo, hi, along_d; /* defaults of 2D and 3D, limits, and d in 2D */
        int *out;
    } list[] = {{"scale", 4, 4, 1, 64, 1, h->scale}, {"tile", 64, 32, 1, 4096, 1, h->tile},
        {"halo", 16, 8, 0, 2048, 0, h->halo}, {"cluster", 1, 1, 1, HARD_CLUSTER, 1, h->cluster}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        int size[1][3], count;
        const struct axes_rule r = {h->dims, list[i].lo, list[i].hi, list[i].along_d};
        TRY(spec_axes_by(s, list[i].key, &r, size, 1, &count, e));
        for (int a = 0; a < 3; a++) {
            int usual = h->dims == 3 ? list[i].deep : a ? list[i].flat : list[i].along_d;
            list[i].out[a] = count ? size[0][a] : usual;
        }
    }
    for (int a = 0; a < 3; a++) h->window[a] = h->tile[a] + 2 * h->halo[a];
    return ATT_OK;
}

static att_status check_sizes(const struct hard *h, struct err *e)
{
    const int *t = h->tile, *c = h->scale, *o = h->halo, *w = h->window;
    const struct arch_facts *fine = &h->part[PART_FINE];
    char tile[NUMBER_SIZE], other[NUMBER_SIZE], window[NUMBER_SIZE];
    number_size(t, h->dims == 2, tile);
    for (int a = 0; a < 3; a++) {
        if (h->cluster[a] > 1 && h->glimpse)
            return err_model(e,
                "cluster=%s in the network spec is for arch=hard only, since arch=glimpse looks "
                "at one tile at a time; leave it out",
                number_size(h->cluster, h->dims == 2, other));
        if (t[a] % c[a])
            return err_model(e,
                "tile=%s in the network spec must be a multiple of scale=%s, so that tiles are "
                "whole blocks",
                tile, number_size(c, h->dims == 2, other));
        if (w[a] % fine->multiple[a])
            return err_model(e,
                "tile=%s and halo=%s in the network spec make windows of %s, but the fine "
                "network needs multiples of %s",
                tile, number_size(o, h->dims == 2, other), number_size(w, h->dims == 2, window),
                arch_multiple_text(fine).text);
    }
    return ATT_OK;
}

static att_status hard_read_part(
    const struct spec *s, struct hard *h, enum arch_part part, struct err *e)
{
    struct spec own;
    struct err cause = {0};
    TRY(hard_part_spec(s, part, &own, e));
    att_status status = arch_describe(&own, &h->part[part], &cause);
    return status == ATT_OK ? ATT_OK
                            : err_set(e, status, "the %s network: %s", part_name[part], cause.text);
}

static struct policy_inputs inputs_of(const struct hard *h)
{
    struct policy_inputs i = {.mean = 0, .max = h->features, .probability = 2 * h->features};
    i.foreground = i.probability + h->classes;
    i.entropy = i.foreground + 1;
    i.entropy_max = i.entropy + 1;
    i.detail = i.entropy_max + 1;
    i.detail_max = i.detail + h->detail;
    i.place = i.detail_max + h->detail;
    i.seen = i.place + h->dims;
    i.count = i.seen + h->glimpse;
    return i;
}

att_status hard_read(const struct spec *s, struct hard *h, struct err *e)
{
    int widths[SPEC_LEVELS], count;
    bool detail;
    memset(h, 0, sizeof *h);
    h->glimpse = !strcmp(spec_get(s, "arch", ""), "glimpse");
    TRY(spec_int(s, "dims", 2, 2, 3, &h->dims, e));
    TRY(spec_int(s, "in", 1, 1, 1024, &h->in, e));
    TRY(spec_int(s, "classes", 2, 1, SPEC_CLASSES, &h->classes, e));
    TRY(spec_int(s, "tiles", 8, 0, 65536, &h->tiles, e));
    TRY(spec_int(s, "policy", 32, 1, 1024, &h->hidden, e));
    TRY(spec_flag(s, "detail", false, &detail, e));
    TRY(hard_read_sizes(s, h, e));
    for (int i = 0; i < PART_POLICY; i++) TRY(hard_read_part(s, h, (enum arch_part)i, e));
    TRY(check_sizes(h, e));
    TRY(spec_list(s, "coarse", HARD_WIDTHS, widths, SPEC_LEVELS, &count, e));
    h->features = widths[0];
    h->detail = detail ? h->in : 0;
    h->input = inputs_of(h);
    h->part[PART_POLICY] = (struct arch_facts){.dims = h->dims,
        .in = h->input.count,
        .slices = 1,
        .classes = POLICY_OUTPUTS,
        .multiple = {1, 1, 1}};
    return ATT_OK;
}

/* The image may have any size. */
static att_status multiple(const struct spec *s, int *dims, int m[3], struct err *e)
{
    struct hard h;
    TRY(hard_read(s, &h, e));
    *dims = h.dims;
    for (int a = 0; a < 3; a++) m[a] = 1;
    return ATT_OK;
}

static void build_policy(struct net *n, const struct hard *h, int x)
{
    static const int three[3] = CUBE(3);
    x = net_prelu(n, net_conv(n, conv_same(&x, 1, h->hidden, three), "conv1"), "act1");
    x = net_prelu(n, net_conv(n, conv_same(&x, 1, h->hidden, three), "conv2"), "act2");
    net_output(n,
        net_conv(n, (struct conv_layer){.x = {x}, .out = POLICY_OUTPUTS, .planar = true}, "out"),
        "policy");
}

/* Append one part to the graph. */
static att_status build_part(struct graph *g, const struct spec *s, const struct hard *h,
    enum arch_part part, const int size[4], bool prefix_outputs, int *input, struct err *e)
{
    const struct arch_facts *f = &h->part[part];
    struct spec own;
    struct net net = {.g = g,
        .spec = &own,
        .e = e,
        .dims = h->dims,
        .prefix = prefixes[part],
        .prefix_outputs = prefix_outputs};
    TRY(graph_input(
        g, (struct shape){size[0], f->in, size[1], size[2], size[3]}, 1, false, input, e));
    if (part == PART_POLICY) {
        build_policy(&net, h, *input);
        return net.status;
    }
    TRY(hard_part_spec(s, part, &own, e));
    net.features = part == PART_COARSE && !g->training;
    arch_attunet.build(&net, *input);
    return net.status;
}

att_status arch_build_part(const struct spec *s, enum arch_part part, struct graph *g, int n, int d,
    int h, int w, int *input, struct err *e)
{
    const struct arch *a = NULL;
    struct hard hard;
    TRY(arch_find(s, &a, e));
    TRY(hard_read(s, &hard, e));
    char which[32];
    snprintf(which, sizeof which, "the %s", part_name[part]);
    TRY(arch_check_size(&hard.part[part], which, d, h, w, e));
    TRY(build_part(g, s, &hard, part, (int[4]){n, d, h, w}, false, input, e));
    graph_fuse(g);
    return ATT_OK;
}

static att_status build_all(struct net *n, struct shape image)
{
    struct hard h;
    TRY(hard_read(n->spec, &h, n->e));
    const int size[3] = {image.d, image.h, image.w}, *m = h.part[PART_COARSE].multiple;
    int coarse[4] = {image.n}, grid[4] = {image.n}, fine[4], input;
    int64_t tiles = 1;
    for (int a = 0; a < 3; a++) {
        coarse[a + 1] = round_up(divide_up(size[a], h.scale[a]), m[a]);
        grid[a + 1] = divide_up(size[a], h.tile[a]);
        fine[a + 1] = h.window[a];
        tiles *= grid[a + 1];
    }
    if (h.tiles && h.tiles < tiles) tiles = h.tiles;
    if (tiles * image.n > INT_MAX)
        return err_model(
            n->e, "an image of %dx%dx%d has too many tiles", size[0], size[1], size[2]);
    fine[0] = (int)tiles * image.n;
    TRY(build_part(n->g, n->spec, &h, PART_COARSE, coarse, true, &input, n->e));
    TRY(build_part(n->g, n->spec, &h, PART_POLICY, grid, true, &input, n->e));
    return build_part(n->g, n->spec, &h, PART_FINE, fine, true, &input, n->e);
}

static void build(struct net *n, int image) { n->status = build_all(n, n->g->values[image].s); }

#define KEYS "arch " OWN_KEYS " " NET_KEYS
#define ENCODER "coarse.enc.,fine.enc."

const struct arch arch_hard = {
    .name = "hard", .keys = KEYS, .multiple = multiple, .encoder = ENCODER, .build = build};
const struct arch arch_glimpse = {
    .name = "glimpse", .keys = KEYS, .multiple = multiple, .encoder = ENCODER, .build = build};
