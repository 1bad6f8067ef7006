/* SPDX-License-Identifier: Apache-2.0 */
/* Searches among recorded learning curves: what a way of searching finds for a number of training
 * steps, without training.
 *
 *   bench_tune CURVES.csv [SEEDS]
 *
 * CURVES.csv is of record.sh.  Between recorded learning rates and weight decays Dice is linear in
 * their logarithms.  A search is over when its next job would cost more steps than are left; what
 * counts is the Dice after all steps (dice_360) of the trial that it names as its best.  Random
 * search trains every trial to the end; its first proposals are a Latin hypercube, like those of
 * the others.  The interval is of the mean difference to random search over seeds, 95 %, bootstrap.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/stats.h"
#include "tune/search.h"

enum {
    CURVES = 512,
    RUNGS = 3,
    LR = 0,
    LOSS,
    DECAY,
    WIDTH,
    ETA = 3,
    GRID = 32,
    SEEDS_MOST = 10000
};
static const int steps_at[RUNGS] = {40, 120, 360};

struct curve {
    double lr, decay;
    char loss[64], width[16];
    double dice[RUNGS];
};
struct table {
    struct curve curve[CURVES];
    int count;
    double lr[GRID], decay[GRID]; /* the values on the grid, ascending */
    int rates, decays;
    struct space space;
};

static void fail(const char *what)
{
    fprintf(stderr, "bench_tune: %s\n", what);
    exit(1);
}

static void check(att_status status, const struct err *e)
{
    if (status != ATT_OK) fail(e->text);
}

static void add_word(struct dimension *d, const char *word)
{
    struct err e = {0};
    for (int i = 0; i < d->choices; i++)
        if (!strcmp(d->choice[i], word)) return;
    check(dimension_add_choice(d, word, strlen(word), &e), &e);
}

/* Rows come in the order of their values. */
static void add_value(double *grid, int *n, double x)
{
    for (int i = 0; i < *n; i++)
        if (grid[i] == x) return;
    if (*n == GRID || (*n && grid[*n - 1] > x)) fail("too many values, or not in ascending order");
    grid[(*n)++] = x;
}

static void read_table(const char *path, struct table *t)
{
    char line[256];
    FILE *f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f)) fail("the curves cannot be read");
    while (fgets(line, sizeof line, f)) {
        struct curve *c = &t->curve[t->count++];
        if (t->count == CURVES) fail("there are too many curves");
        if (sscanf(line, "%lf,%63[^,],%lf,%15[^,],%lf,%lf,%lf", &c->lr, c->loss, &c->decay,
                c->width, &c->dice[0], &c->dice[1], &c->dice[2]) != 7)
            fail("a line is no curve");
    }
    fclose(f);
    for (int k = 0; k < 4; k++)
        space_add(&t->space, ((const char *const[]){"lr", "loss", "weight-decay", "width"})[k],
            k == LOSS || k == WIDTH ? DIMENSION_CHOICE : DIMENSION_REAL);
    struct dimension *d = t->space.dim;
    for (int i = 0; i < t->count; i++) {
        const struct curve *c = &t->curve[i];
        d[LR].lo = i ? fmin(d[LR].lo, c->lr) : c->lr;
        d[LR].hi = fmax(d[LR].hi, c->lr);
        d[DECAY].lo = i ? fmin(d[DECAY].lo, c->decay) : c->decay;
        d[DECAY].hi = fmax(d[DECAY].hi, c->decay);
        add_value(t->lr, &t->rates, c->lr);
        add_value(t->decay, &t->decays, c->decay);
        add_word(&d[LOSS], c->loss);
        add_word(&d[WIDTH], c->width);
    }
    d[LR].log = d[DECAY].log = true;
    if (t->rates < 2 || t->decays < 2)
        fail("there are fewer than two learning rates, or weight decays");
}

/* The recorded curve nearest to a rate and a decay that are on the grid. */
static const struct curve *recorded(
    const struct table *t, const char *loss, const char *width, double lr, double decay)
{
    for (int i = 0; i < t->count; i++) {
        const struct curve *c = &t->curve[i];
        if (!strcmp(c->loss, loss) && !strcmp(c->width, width) && c->lr == lr && c->decay == decay)
            return c;
    }
    fail("a combination is missing in the table");
    return NULL;
}

/* The grid's values around x, and how far it is from one to the other. */
static double around(const double *grid, int n, double x, double ends[2])
{
    int i = 0;
    while (i < n - 2 && grid[i + 1] <= x) i++;
    ends[0] = grid[i];
    ends[1] = grid[i + 1];
    return fmin(fmax(log(x / ends[0]) / log(ends[1] / ends[0]), 0), 1);
}

/* Dice at a rung, between recorded rates and decays linear in their logarithms. */
static double dice_at(const struct table *t, const double *x, int rung)
{
    const char *loss = t->space.dim[LOSS].choice[(int)x[LOSS]],
               *width = t->space.dim[WIDTH].choice[(int)x[WIDTH]];
    double lr[2], decay[2], a = around(t->lr, t->rates, x[LR], lr),
                            b = around(t->decay, t->decays, x[DECAY], decay), sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (i & 1 ? a : 1 - a) * (i & 2 ? b : 1 - b) *
            recorded(t, loss, width, lr[i & 1], decay[i >> 1])->dice[rung];
    return sum;
}

struct way {
    const char *name;
    bool random;
    int rungs;
};

/* The final Dice of what is found for `budget` steps. */
static double run(const struct table *t, const struct way *way, uint64_t seed, int64_t budget)
{
    struct search s;
    struct err e = {0};
    struct search_job job;
    int first = RUNGS - way->rungs;
    search_begin(&s,
        &(struct search_settings){.space = &t->space,
            .seed = seed,
            .random = way->random,
            .start = SEARCH_START_DEFAULT,
            .eta = ETA,
            .rungs = way->rungs});
    for (;;) {
        check(search_ask(&s, &job, &e), &e);
        int rung = first + job.rung, cost = steps_at[rung] - (job.rung ? steps_at[rung - 1] : 0);
        if (cost > budget) break;
        budget -= cost;
        search_add_result(&s, job, dice_at(t, s.trial[job.trial].x, rung));
    }
    double found = dice_at(t, s.trial[search_best(&s)].x, RUNGS - 1);
    search_free(&s);
    return found;
}

int main(int count, char **words)
{
    static const struct way ways[] = {{"random search", true, 1}, {"TPE", false, 1},
        {"random, ASHA", true, RUNGS}, {"TPE, ASHA", false, RUNGS}};
    static struct table t;
    static double found[4][SEEDS_MOST], gain[SEEDS_MOST];
    struct err e = {0};
    int seeds = count > 2 ? atoi(words[2]) : 1000;
    if (count < 2 || seeds < 2 || seeds > SEEDS_MOST)
        fail("usage: bench_tune CURVES.csv [SEEDS from 2 to 10000]");
    read_table(words[1], &t);
    double top = 0;
    for (int i = 0; i < t.count; i++) top = fmax(top, t.curve[i].dice[RUNGS - 1]);
    printf("%d curves, the best ends at Dice %.4f; mean over %d seeds\n\n| steps in all | way | "
           "Dice | below the best | better than random "
           "search by |\n|---|---|---|---|---|\n",
        t.count, top, seeds);
    for (int budget = 1800; budget <= 14400; budget *= 2)
        for (int w = 0; w < 4; w++) {
            double low = 0, high = 0;
            for (int i = 0; i < seeds; i++) {
                found[w][i] = run(&t, &ways[w], (uint64_t)i + 1, budget);
                gain[i] = found[w][i] - found[0][i];
            }
            double mean = stats_mean(found[w], seeds);
            printf("| %d | %s | %.4f | %.4f | ", budget, ways[w].name, mean, top - mean);
            if (w) check(stats_bootstrap(gain, NULL, seeds, 2000, .95, 1, &low, &high, &e), &e);
            printf(w ? "%+.4f (%+.4f to %+.4f) |\n" : "|\n", stats_mean(gain, seeds), low, high);
        }
    space_free(&t.space);
    return 0;
}
