/* SPDX-License-Identifier: Apache-2.0 */
/* Two steps with every loss and every optimiser: weights and moments of the device are those of the
 * processor. */
#include "device_test.h"

#include <math.h>

#include "ops/ops.h"
#include "unit/train/train_test.h"

static void train_on(
    const struct kernels *k, const char *run, const char *loss, const char *optimiser)
{
    struct watch w;
    struct options o;
    char of[64], by[64];
    snprintf(of, sizeof of, "loss=%s", loss);
    snprintf(by, sizeof by, "optimiser=%s", optimiser);
    watch_new(&w);
    w.host.kernels = k;
    SET_OPTIONS(&o, "steps=2", "patch=16x16", "batch=2", "validate-every=0",
        "spec=arch=attunet widths=4,8,8 heads=side", of, by);
    struct train_context c = {.host = &w.host};
    OK(train_start(&c, "data", run, &o, &e));
    options_free(&o);
}

/* The largest of |a - b|, or of |a| if b is NULL. */
static double largest(const float *a, const float *b, size_t n)
{
    double result = 0;
    for (size_t i = 0; i < n; i++) {
        const double d = fabs((double)a[i] - (b ? (double)b[i] : 0));
        if (!(d <= result)) result = d; /* not a number, too */
    }
    return result;
}

static float *numbers_of(const struct st_file *f, const struct st_tensor *t)
{
    float *x = mem_array(t->count, sizeof *x);
    OK(st_read_float(f, t, x, &e));
    return x;
}

/* Tensors whose names begin with `prefix` differ by `most` of their largest number, or less. */
static void same_tensors(const char *prefix, double most, const char *what)
{
    const char *a = "set/cpu/checkpoint.safetensors", *b = "set/device/checkpoint.safetensors";
    struct st_file f, g;
    int count = 0;
    double all = 0;
    OK(st_open(a, &f, &e));
    OK(st_open(b, &g, &e));
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < f.count; i++) {
            if (strncmp(f.tensors[i].name, prefix, strlen(prefix)) != 0) continue;
            float *x = numbers_of(&f, &f.tensors[i]);
            float *y = numbers_of(&g, st_find(&g, f.tensors[i].name));
            const double own = largest(x, NULL, f.tensors[i].count);
            if (pass == 0) all = fmax(all, own);
            const double d = largest(x, y, f.tensors[i].count) / fmax(own, 1e-3 * all);
            if (pass && !(d <= most)) fail_msg("%s: %s differs by %g", what, f.tensors[i].name, d);
            count += pass;
            mem_free(x);
            mem_free(y);
        }
    assert_true(count > 10 && all > 0);
    st_close(&f);
    st_close(&g);
}

static void compare(const char *loss, const char *optimiser)
{
    char what[96];
    snprintf(what, sizeof what, "%s with %s", loss, optimiser);
    assert_int_equal(clear_set(NULL), 0);
    train_on(kernels_for(ISA_REF), "set/cpu", loss, optimiser);
    train_on(device_kernels(), "set/device", loss, optimiser);
    device_is_well();
    same_tensors("optim.m.", 5e-4, what);
    if (strcmp(optimiser, "adamw") == 0) same_tensors("optim.v.", 5e-4, what);
    same_tensors("model.", 5e-5, what);
}

static void every_loss(void **state)
{
    (void)state;
    int count = 0;
    for (const struct loss *const *l = losses_list(); *l; l++, count++) compare((*l)->name, "sgd");
    assert_true(count >= 9);
}

static void every_optimiser(void **state)
{
    (void)state;
    int count = 0;
    const struct option_row *row = option_table;
    while (strcmp(row->name, "optimiser") != 0) row++;
    char *names = mem_text("%s", row->choices), *end = NULL;
    for (char *name = strtok_r(names, "|", &end); name; name = strtok_r(NULL, "|", &end), count++)
        compare("dice+ce", name);
    assert_true(count >= 2);
    mem_free(names);
}

static int begin(void **state)
{
    if (device_begin(state) || make_scratch(state)) return -1;
    put_boxes("data", 2, 1, 32, 32);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_loss), cmocka_unit_test(every_optimiser)};
    return cmocka_run_group_tests(tests, begin, remove_scratch);
}
