/* SPDX-License-Identifier: Apache-2.0 */
/* Every head of every network begins with the classes' shares, and nothing else is touched. */
#include "plan/class_prior.h"

#include <math.h>

#include "unit/predict/predict_test.h"

static struct fingerprint shares(const int64_t *voxels, int classes)
{
    struct fingerprint f = {.classes = classes};
    for (int c = 0; c < classes; c++) f.class[c].voxels = voxels[c];
    return f;
}

static bool is_one_of(const char *name, const char *const *heads)
{
    for (; *heads; heads++)
        if (!strcmp(name, *heads)) return true;
    return false;
}

/* The heads' biases are `bias`; all else is what it was. */
static void check(const char *spec, struct labelling labels, const struct fingerprint *f, int side,
    const double *bias, const char *const *heads)
{
    struct model m;
    int depth = strstr(spec, "dims=3") || strstr(spec, "oktay") ? side : 1, found = 0, wanted = 0;
    make_seeded(&m, spec, plain_preparation(1, depth, side, side), labels, 7);
    real *before = malloc((m.params.size + m.params.state_size) * sizeof *before), *then = before;
    assert_non_null(before);
    for (int i = 0; i < m.params.count; then += m.params.list[i++].size)
        memcpy(then, params_at(&m.params, i), m.params.list[i].size * sizeof *then);
    then = before;
    OK(class_prior_set(&m, f, &e));
    while (heads[wanted]) wanted++;
    for (int i = 0; i < m.params.count; i++) {
        const struct param *p = &m.params.list[i];
        const real *now = params_at(&m.params, i), *was = then;
        then += p->size;
        if (!is_one_of(p->name, heads)) {
            if (memcmp(now, was, p->size * sizeof *now) != 0)
                fail_msg("%s: %s has changed", spec, p->name);
            continue;
        }
        found++;
        assert_int_equal(p->count, m.facts.classes);
        for (size_t k = 0; k < p->size; k++) {
            double to = k < p->count ? bias[k] : 0;
            if (!(fabs((double)now[k] - to) < 1e-5))
                fail_msg("%s: %s[%zu] is %g, not %g", spec, p->name, k, (double)now[k], to);
        }
    }
    assert_int_equal(found, wanted);
    model_free(&m);
    free(before);
}
#define CHECK(spec, labels, f, side, bias, ...)                                                    \
    check(spec, labels, f, side, bias, (const char *const[]){__VA_ARGS__, NULL})

static void every_network(void **state)
{
    (void)state;
    static const int64_t voxels[] = {700, 200, 100};
    const struct fingerprint f = shares(voxels, 3);
    const double bias[] = {log(.7), log(.2), log(.1)};
    const struct labelling l = plain_labels(3);
    CHECK("arch=attunet dims=2 in=1 classes=3 widths=4,6,8", l, &f, 16, bias, "head.0.bias");
    CHECK("arch=attunet dims=3 in=1 classes=3 widths=4,6,8 heads=side", l, &f, 16, bias,
        "head.0.bias", "head.1.bias");
    CHECK("arch=attunet dims=2 in=1 classes=3 widths=4,6,8,8 heads=fused", l, &f, 16, bias,
        "fuse.bias");
    CHECK("arch=unet dims=2 in=1 classes=3 widths=4,6,8", l, &f, 16, bias, "head.0.bias");
    CHECK("arch=oktay in=1 classes=3 width=4", l, &f, 16, bias, "final.bias");
    CHECK("arch=lee in=1 classes=3", l, &f, 32, bias, "Conv_1x1.bias");
    CHECK("arch=monai dims=2 in=1 classes=3 widths=4,6,8", l, &f, 16, bias, "model.2.conv.bias");
    CHECK("arch=nnunet dims=2 in=1 classes=3 widths=4,6,8 heads=side", l, &f, 16, bias,
        "decoder.seg_layers.0.bias", "decoder.seg_layers.1.bias");
}

static void regions_and_one_channel(void **state)
{
    (void)state;
    static const int64_t voxels[] = {600, 300, 100};
    const struct fingerprint f = shares(voxels, 3), two = shares(voxels, 2);
    CHECK("arch=attunet dims=2 in=1 classes=2 widths=4,6,8", labels_of_regions(3, 2), &f, 16,
        ((double[]){log(.9 / .1), log(.3 / .7)}), "head.0.bias");
    CHECK("arch=attunet dims=2 in=1 classes=1 widths=4,6,8", plain_labels(2), &two, 16,
        ((double[]){log(1. / 2)}), "head.0.bias");
}

/* No class is so rare, or so common, that nothing can be learnt about it. */
static void there_are_limits(void **state)
{
    (void)state;
    static const int64_t voxels[] = {1000000, 1, 0}, none[] = {0, 0, 0};
    const struct fingerprint f = shares(voxels, 3), nothing = shares(none, 3);
    CHECK("arch=attunet dims=2 in=1 classes=3 widths=4,6,8", plain_labels(3), &f, 16,
        ((double[]){log(1 - 1e-3), log(1e-3), log(1e-3)}), "head.0.bias");
    CHECK("arch=attunet dims=2 in=1 classes=3 widths=4,6,8", plain_labels(3), &nothing, 16,
        ((double[]){log(1e-3), log(1e-3), log(1e-3)}), "head.0.bias");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_network),
        cmocka_unit_test(regions_and_one_channel),
        cmocka_unit_test(there_are_limits),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
