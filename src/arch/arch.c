/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/arch.h"

#include <stdio.h>
#include <string.h>

#include "base/ints.h"

static const struct arch *const list[] = {&arch_attunet, &arch_unet, &arch_lee, &arch_oktay,
    &arch_nnunet, &arch_monai, &arch_hard, &arch_glimpse};

att_status arch_find(const struct spec *s, const struct arch **a, struct err *e)
{
    const char *name = spec_get(s, "arch", "attunet");
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (!strcmp(list[i]->name, name)) {
            *a = list[i];
            return spec_only(s, list[i]->keys, e);
        }
    return err_model(e,
        "arch=%s in the network spec is unknown; choose one of "
        "attunet|unet|lee|oktay|nnunet|monai|hard|glimpse",
        name);
}

att_status arch_describe(const struct spec *s, struct arch_facts *f, struct err *e)
{
    const struct arch *a = NULL;
    TRY(arch_find(s, &a, e));
    TRY(spec_int(s, "in", 1, 1, 1024, &f->in, e));
    TRY(spec_int(s, "slices", 1, 1, ARCH_SLICES, &f->slices, e));
    TRY(spec_int(s, "classes", 2, 1, SPEC_CLASSES, &f->classes, e));
    f->instance = a->instance || !strcmp(spec_get(s, "norm", "batch"), "instance");
    TRY(a->multiple(s, &f->dims, f->multiple, e));
    if (f->slices % 2 == 1 && (f->slices == 1 || f->dims == 2)) return ATT_OK;
    return err_model(e,
        "slices=%d in the network spec: a 2D network takes an odd number, with its own slice in "
        "the middle, and a 3D network 1",
        f->slices);
}

struct arch_multiple arch_multiple_text(const struct arch_facts *f)
{
    struct arch_multiple t;
    const int *m = f->multiple;
    if (m[1] == m[2] && (f->dims == 2 || m[0] == m[1]))
        snprintf(t.text, sizeof t.text, "%d", m[1]);
    else
        number_size(m, f->dims == 2, t.text);
    return t;
}

att_status arch_check_size(
    const struct arch_facts *f, const char *which, int d, int h, int w, struct err *e)
{
    char size[NUMBER_SIZE];
    if (d % f->multiple[0] == 0 && h % f->multiple[1] == 0 && w % f->multiple[2] == 0)
        return ATT_OK;
    return err_model(e, "%s network takes sizes that are multiples of %s, not %s", which,
        arch_multiple_text(f).text, number_size((int[]){d, h, w}, f->dims == 2, size));
}

void arch_default_patch(const struct arch_facts *f, int patch[3])
{
    for (int a = 0; a < 3; a++)
        patch[a] = round_up(f->dims == 3 ? 96 : a > 0 ? 256 : 1, f->multiple[a]);
}

att_status arch_build(
    const struct spec *s, struct graph *g, int n, int d, int h, int w, int *input, struct err *e)
{
    const struct arch *a = NULL;
    struct arch_facts f;
    TRY(arch_find(s, &a, e));
    TRY(arch_describe(s, &f, e));
    TRY(arch_check_size(&f, "this", d, h, w, e));
    TRY(graph_input(g, (struct shape){n, arch_maps(&f), d, h, w}, 1, false, input, e));
    struct net net = {.g = g, .spec = s, .e = e, .status = ATT_OK, .dims = f.dims};
    a->build(&net, *input);
    if (net.status == ATT_OK) graph_fuse(g);
    return net.status;
}
