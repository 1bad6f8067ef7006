/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of true positives, predicted and true voxels per tile and class, and the Dice of merged
 * labels. */
#include "policy/tile_sums.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"

att_status tile_sums_create(struct tile_sums *s, int tiles, int classes, struct err *e)
{
    *s = (struct tile_sums){.tiles = tiles, .classes = classes};
    if (tiles < 1 || classes < 1 || classes > TILE_SUMS_CLASSES)
        return err_usage(e,
            "sums over %d tiles and %d foreground classes are not possible; use at least one of "
            "each, and at most %d classes",
            tiles, classes, TILE_SUMS_CLASSES);
    size_t n = (size_t)tiles * (size_t)classes;
    s->coarse = mem_array(n, 2 * sizeof *s->coarse);
    s->fine = mem_array(n, 2 * sizeof *s->fine);
    s->truth = mem_array(n, sizeof *s->truth);
    s->total = mem_array((size_t)classes, 3 * sizeof *s->total);
    if (s->coarse && s->fine && s->truth && s->total) return ATT_OK;
    tile_sums_free(s);
    return err_memory(e, 5 * n * sizeof *s->coarse, "sums over tiles");
}

void tile_sums_free(struct tile_sums *s)
{
    mem_free(s->coarse);
    mem_free(s->fine);
    mem_free(s->truth);
    mem_free(s->total);
    *s = (struct tile_sums){.tiles = 0};
}

/* The labels of a class. */
static struct class_set members(const struct class_set *regions, int class)
{
    return regions ? regions[class] : class_set_of(class + 1);
}

void tile_sums_count(struct tile_sums *s, int tile, const uint8_t *coarse, const uint8_t *fine,
    const uint8_t *truth, size_t voxels, const struct class_set *regions, int ignore)
{
    for (int c = 0; c < s->classes; c++) {
        struct class_set labels = members(regions, c);
        double sum[5] = {0};
        for (size_t i = 0; i < voxels; i++) {
            if (truth[i] == ignore) continue;
            bool t = class_set_has(labels, truth[i]), p = class_set_has(labels, coarse[i]),
                 q = class_set_has(labels, fine[i]);
            sum[0] += p && t;
            sum[1] += p;
            sum[2] += q && t;
            sum[3] += q;
            sum[4] += t;
        }
        size_t at = (size_t)tile * (size_t)s->classes + (size_t)c;
        for (int k = 0; k < 2; k++) {
            s->coarse[2 * at + (size_t)k] += sum[k];
            s->fine[2 * at + (size_t)k] += sum[2 + k];
        }
        s->truth[at] += sum[4];
    }
}

void tile_sums_total(struct tile_sums *s)
{
    memset(s->total, 0, (size_t)s->classes * 3 * sizeof *s->total);
    for (int tile = 0; tile < s->tiles; tile++) {
        for (int c = 0; c < s->classes; c++) {
            size_t at = (size_t)tile * (size_t)s->classes + (size_t)c;
            s->total[3 * c] += s->coarse[2 * at];
            s->total[3 * c + 1] += s->coarse[2 * at + 1];
            s->total[3 * c + 2] += s->truth[at];
        }
    }
}

void tile_mix_begin(const struct tile_sums *s, struct tile_mix *m)
{
    memcpy(m->sum, s->total, (size_t)s->classes * sizeof m->sum[0]);
}

static void exchange(
    const struct tile_sums *s, int tile, const double *in, const double *out, struct tile_mix *m)
{
    size_t at = 2 * (size_t)tile * (size_t)s->classes;
    for (int c = 0; c < s->classes; c++, at += 2) {
        m->sum[c][0] += in[at] - out[at];
        m->sum[c][1] += in[at + 1] - out[at + 1];
    }
}

void tile_mix_take(const struct tile_sums *s, int tile, struct tile_mix *m)
{
    exchange(s, tile, s->fine, s->coarse, m);
}

void tile_mix_leave(const struct tile_sums *s, int tile, struct tile_mix *m)
{
    exchange(s, tile, s->coarse, s->fine, m);
}

double tile_mix_dice(const struct tile_sums *s, const struct tile_mix *m, double *per_class)
{
    double sum = 0, predicted = 0;
    int present = 0;
    for (int c = 0; c < s->classes; c++) {
        const double *x = m->sum[c];
        bool there = x[2] > 0;
        double dice = there ? 2 * x[0] / (x[1] + x[2]) : (double)NAN;
        if (per_class) per_class[c] = dice;
        if (there) sum += dice;
        present += there;
        predicted += x[1];
    }
    if (present) return sum / present;
    return predicted > 0 ? 0 : 1;
}

double tile_sums_dice(const struct tile_sums *s, const int *chosen, int k, double *per_class)
{
    struct tile_mix m;
    tile_mix_begin(s, &m);
    for (int i = 0; i < k; i++) tile_mix_take(s, chosen[i], &m);
    return tile_mix_dice(s, &m, per_class);
}

double tile_sums_outside(const struct tile_sums *s, const int *chosen, int k)
{
    double all = 0, inside = 0;
    for (int c = 0; c < s->classes; c++) {
        all += s->total[3 * c + 2];
        for (int i = 0; i < k; i++)
            inside += s->truth[(size_t)chosen[i] * (size_t)s->classes + (size_t)c];
    }
    return all > 0 ? (all - inside) / all : 0;
}
