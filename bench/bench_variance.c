/* SPDX-License-Identifier: Apache-2.0 */
/* The variance of REINFORCE's estimates with each baseline, as a table in Markdown: made-up images
 * of 8 x 8 tiles with foreground in a few neighbouring ones, coarse labels that find about half of
 * it and fine ones that find most.  Scores say nothing at first, then more and more of what tiles
 * gain.
 *
 *   bench_variance [ESTIMATES]      of 16 samples each, in every cell; default 2000 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/reinforce.h"
#include "policy/tile_reward.h"
#include "policy/tile_sums.h"

enum { SIDE = 8, TILES = SIDE * SIDE, SAMPLES = 16, IMAGES = 8, CASES = 6, LOCAL = 3 };

struct field {
    struct tile_sums sums;
    double gain[TILES]; /* of Dice by this tile alone, scaled to a mean of 0 and a deviation of 1 */
    struct tile_reward reward;
};

/* Two lesions of up to 3 x 3 tiles, and clutter that the coarse network takes for one. */
static void place_lesions(struct field *f, struct rng *r)
{
    struct tile_sums *s = &f->sums;
    for (int lesion = 0; lesion < 2; lesion++) {
        int h = 1 + (int)rng_below(r, SIDE - 2), w = 1 + (int)rng_below(r, SIDE - 2);
        for (int i = 0; i < 9; i++) {
            int tile = (h + i / 3 - 1) * SIDE + w + i % 3 - 1;
            double here = i == 4 ? 3000 : rng_below(r, 1500);
            s->truth[tile] += here;
            s->coarse[2 * tile] += floor(here * rng_range(r, 0.3, 0.7));
            s->fine[2 * tile] += floor(here * rng_range(r, 0.85, 0.95));
        }
    }
    for (int i = 0; i < TILES; i++) {
        double clutter = rng_below(r, 6) ? 0 : rng_below(r, 1000);
        s->coarse[2 * i + 1] = s->coarse[2 * i] + floor(0.3 * s->truth[i]) + clutter;
        s->fine[2 * i + 1] = s->fine[2 * i] + floor(0.05 * s->truth[i]) + floor(clutter / 10);
    }
    tile_sums_total(s);
}

static att_status make_field(struct field *f, int number, struct err *e)
{
    struct rng r = rng_stream(1, RNG_TEST, (uint32_t)number, 0);
    double mean = 0, square = 0;
    TRY(tile_sums_create(&f->sums, TILES, 1, e));
    place_lesions(f, &r);
    for (int i = 0; i < TILES; i++) {
        f->gain[i] = tile_sums_dice(&f->sums, &i, 1, NULL);
        mean += f->gain[i] / TILES;
    }
    for (int i = 0; i < TILES; i++) square += (f->gain[i] - mean) * (f->gain[i] - mean) / TILES;
    for (int i = 0; i < TILES; i++) f->gain[i] = (f->gain[i] - mean) / sqrt(square);
    return ATT_OK;
}

struct moments {
    double mean[TILES + 1], square[TILES + 1], reward, greedy;
};

static void estimate(struct reinforcer *r, const struct reinforce *how, const struct plackett *p,
    struct field *f, double value, int rounds, struct moments *m)
{
    struct rng stream = rng_stream(2, RNG_POLICY, 0, 0);
    *m = (struct moments){.reward = 0};
    for (int n = 1; n <= rounds; n++) {
        double gradient[TILES + 1] = {0};
        struct reinforce_report report;
        reinforce_estimate(r, how, p, value, &stream,
            &(struct rewards){tile_reward_of, tile_reward_change, &f->reward}, gradient, &report);
        m->reward += (report.reward - m->reward) / n;
        m->greedy = report.greedy;
        for (int i = 0; i < TILES + p->stop; i++) {
            double off = gradient[i] - m->mean[i];
            m->mean[i] += off / n;
            m->square[i] += off * (gradient[i] - m->mean[i]);
        }
    }
}

static double variance(const struct moments *m, int rounds)
{
    double sum = 0;
    for (int i = 0; i <= TILES; i++) sum += m->square[i] / (rounds - 1);
    return sum;
}

/* In a row: raw, greedy, leave one out, local expectations, the expected reward, and a value that
 * is 0.1 above that. */
static const enum advantage advantage_of[CASES] = {ADVANTAGE_RAW, ADVANTAGE_GREEDY, ADVANTAGE_LOO,
    ADVANTAGE_LOCAL, ADVANTAGE_LEARNED, ADVANTAGE_LEARNED};

/* Of one image: the variance of an estimate over the squared norm of the gradient, for every case.
 */
struct cell {
    double ratio[CASES], reward, greedy;
};

static void look_at(
    struct reinforcer *r, struct field *f, const struct plackett *p, int rounds, struct cell *cell)
{
    /* Local expectations first: their mean tells best what the gradient is. */
    static const int order[CASES] = {LOCAL, 0, 1, 2, 4, 5};
    double norm = 0;
    for (int i = 0; i < CASES; i++) {
        int c = order[i];
        struct moments m;
        struct reinforce how = {.advantage = advantage_of[c], .samples = SAMPLES};
        estimate(r, &how, p, f, c == CASES - 1 ? cell->reward + 0.1 : cell->reward, rounds, &m);
        double of_case = variance(&m, rounds);
        if (i == 0) {
            for (int k = 0; k <= TILES; k++) norm += m.mean[k] * m.mean[k];
            norm -= of_case / rounds;
            cell->reward = m.reward;
            cell->greedy = m.greedy;
        }
        cell->ratio[c] = of_case / norm;
    }
}

/* Means over images. */
static void print_row(
    struct reinforcer *r, struct field *field, double spread, int max, bool stop, int rounds)
{
    struct cell mean = {.reward = 0};
    for (int image = 0; image < IMAGES; image++) {
        struct cell one = {.reward = 0};
        double score[TILES + 1] = {0};
        for (int i = 0; i < TILES; i++) score[i] = spread * field[image].gain[i];
        field[image].reward =
            (struct tile_reward){.sums = &field[image].sums, .cost = stop ? 0.005 * TILES : 0};
        struct plackett p = {score, TILES, max, stop};
        look_at(r, &field[image], &p, rounds, &one);
        mean.reward += one.reward / IMAGES;
        mean.greedy += one.greedy / IMAGES;
        for (int c = 0; c < CASES; c++) mean.ratio[c] += one.ratio[c] / IMAGES;
    }
    printf("| %g | %s | %.3f | %.3f |", spread, stop ? "stop token" : "8 tiles", mean.reward,
        mean.greedy);
    for (int c = 0; c < CASES; c++) printf(" %.3g |", mean.ratio[c]);
    printf("\n");
}

int main(int argc, char **argv)
{
    static struct field field[IMAGES];
    struct reinforcer *r = NULL;
    struct err e = {0};
    const int rounds = argc > 1 ? atoi(argv[1]) : 2000;
    if (rounds < 2) {
        fprintf(stderr, "usage: bench_variance [ESTIMATES], at least 2\n");
        return 2;
    }
    for (int i = 0; i < IMAGES && e.status == ATT_OK; i++) make_field(&field[i], i, &e);
    if (e.status != ATT_OK || reinforcer_create(TILES, TILES, SAMPLES, &r, &e) != ATT_OK) {
        fprintf(stderr, "bench_variance: %s\n", e.text);
        return 1;
    }
    printf("| scores | choice | mean reward | greedy reward | raw | greedy | leave one out | local "
           "| learned, exact | learned, 0.1 too "
           "high |\n"
           "|---|---|---|---|---|---|---|---|---|---|\n");
    for (int stop = 0; stop < 2; stop++)
        for (int s = 0; s < 4; s++)
            print_row(r, field, s * (s + 1) / 4., stop ? TILES : 8, stop, rounds);
    reinforcer_destroy(r);
    for (int i = 0; i < IMAGES; i++) tile_sums_free(&field[i].sums);
    return 0;
}
