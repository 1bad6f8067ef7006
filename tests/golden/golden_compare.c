/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing what this library computed with what the file holds. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "golden.h"

/* `part`: of what is allowed; above 1 is a miss. */
static void note(
    struct golden *g, const char *name, double error, double allowed, double part, bool forward)
{
    g->compared++;
    if (!(part <= 1)) {
        size_t size = (size_t)g->nmisses * sizeof *g->misses;
        struct miss *grown = mem_grow(g->misses, size, size + sizeof *g->misses);
        if (grown) {
            g->misses = grown;
            struct miss *m = &grown[g->nmisses];
            *m = (struct miss){.error = error, .tolerance = allowed};
            snprintf(m->name, sizeof m->name, "%s", name);
        }
        g->nmisses += grown != NULL;
        if (!grown || forward) g->forward_missed = true;
    }
    if (!(part <= g->worst)) {
        g->worst = part;
        snprintf(g->worst_name, sizeof g->worst_name, "%s", name);
    }
}

void compare_numbers(struct golden *g, const char *name, const real *got, const double *want,
    size_t count, double allowed, bool largest, bool forward)
{
    double diff = 0, norm = 0, max = 0, max_diff = 0;
    for (size_t i = 0; i < count; i++) {
        double d = (double)got[i] - want[i];
        diff += d * d;
        norm += want[i] * want[i];
        max = fmax(max, fabs(want[i]));
        max_diff = fmax(max_diff, fabs(d));
    }
    double error = largest ? max_diff / fmax(max, 1e-30) : sqrt(diff / fmax(norm, 1e-300));
    double part = fmin(error / allowed, sqrt(diff / (double)count) / g->allowed.rms);
    note(g, name, error, allowed, isfinite(diff) ? part : INFINITY, forward);
}

static void compare_tensor(struct golden *g, const char *name, const real *got, size_t count,
    double allowed, bool largest, bool forward)
{
    const struct st_tensor *t = st_find(&g->file, name);
    if (!t) return;
    double *want = t->count == count ? mem_array(count + 1, sizeof *want) : NULL;
    if (want && got) {
        st_to_double(t, want);
        compare_numbers(g, name, got, want, count, allowed, largest, forward);
    } else {
        note(g, name, INFINITY, allowed, INFINITY, true);
    }
    mem_free(want);
}

void compare_value(struct golden *g, const char *name, int value, double allowed, bool largest)
{
    struct tensor t = run_tensor(&g->run, value);
    size_t count = (size_t)t.s.n * (size_t)t.s.c * shape_pixels(t.s);
    real *planar = mem_array(count + 1, sizeof *planar);
    if (planar) run_store(&t, planar);
    compare_tensor(g, name, planar, count, allowed, largest, true);
    mem_free(planar);
}

/* Under all names that the file may have for it. */
static void compare_parameter(
    struct golden *g, const char *prefix, int i, const real *memory, double allowed, bool forward)
{
    const struct param *p = &g->params.list[i];
    char name[300], alias[256];
    snprintf(name, sizeof name, "%s%s", prefix, p->name);
    real *values = mem_array(p->count + 1, sizeof *values);
    if (values) params_export(p, memory, values);
    compare_tensor(g, name, values, p->count, allowed, false, forward);
    for (int k = 0; g->arch->alias && g->arch->alias(p->name, k, alias, sizeof alias); k++) {
        snprintf(name, sizeof name, "%s%s", prefix, alias);
        compare_tensor(g, name, values, p->count, allowed, false, forward);
    }
    mem_free(values);
}

/* How far PyTorch's own float32 run was from its float64 run; in double that is no excuse. */
static double float_error(const struct golden *g, const char *parameter)
{
    char name[320];
    snprintf(name, sizeof name, "f32err.train.grad.%s", parameter);
    const struct st_tensor *t = sizeof(real) == 4 ? st_find(&g->file, name) : NULL;
    double v = 0;
    if (t && t->count == 1) st_to_double(t, &v);
    return v;
}

void compare_gradients(struct golden *g)
{
    for (int i = 0; i < g->params.count; i++) {
        const struct param *p = &g->params.list[i];
        if (!golden_trains(g, i)) continue;
        compare_parameter(g, "train.grad.", i, golden_gradients(g) + p->offset,
            fmax(g->allowed.gradient, 3 * float_error(g, p->name)), false);
    }
}

/* Running statistics come from forward; the rest moved by its gradient. */
void compare_step(struct golden *g)
{
    for (int i = 0; i < g->params.count; i++)
        compare_parameter(
            g, "step.", i, params_at(&g->params, i), g->allowed.step, !golden_trains(g, i));
}

void compare_report(const struct golden *g)
{
    for (int i = 0; i < g->nmisses; i++)
        fprintf(stderr, "  miss: %s error %.2e, allowed %.2e\n", g->misses[i].name,
            g->misses[i].error, g->misses[i].tolerance);
}
