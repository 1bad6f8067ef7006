/* SPDX-License-Identifier: Apache-2.0 */
/* Plackett-Luce: probabilities against their definition over every choice, frequencies of draws
 * against probabilities, gradients against central differences. */
#include "policy/plackett.h"

#include "unit/policy/policy_test.h"

enum { ITEMS = 6, MOST = 3 };

static struct choice choice_of(const struct plackett *p)
{
    struct choice c;
    struct err e = {0};
    if (choice_create(&c, p->items, p->max, &e) != ATT_OK) fail_msg("%s", e.text);
    return c;
}

struct sums {
    const struct plackett *p;
    struct choice c;
    double probability, entropy,
        estimate; /* entropy by definition, and as the mean of what choices estimate */
    int choices;
};

/* log pi of the choice. */
static double log_of(const struct plackett *p, const struct choice *c)
{
    double sum = 0;
    for (int t = 0; t < c->steps; t++)
        sum += p->score[t < c->count ? c->item[t] : p->items] - c->log_sum[t];
    return sum;
}

static void check_log(void *arg, const int *item, int k, double probability)
{
    struct sums *s = arg;
    plackett_take(s->p, item, k, &s->c);
    near(log_of(s->p, &s->c), log(probability), 1e-12, "log pi");
    s->probability += probability;
    s->entropy -= probability * log(probability);
    for (int t = 0; t < s->c.steps; t++) s->estimate += probability * plackett_entropy(&s->c, t);
    s->choices++;
}

static void logs_are_those_of_the_definition(void **state)
{
    (void)state;
    struct rng r = rng_stream(1, RNG_TEST, 0, 0);
    for (int items = 1; items <= ITEMS; items++) {
        for (int max = 0; max <= items && max <= 4; max++) {
            for (int stop = 0; stop < 2; stop++) {
                double score[ITEMS + 1];
                some_scores(&r, items + stop, 2, score);
                struct plackett p = {score, items, max, stop};
                struct sums s = {.p = &p, .c = choice_of(&p)};
                every_choice(&p, check_log, &s);
                near(s.probability, 1, 1e-12, "the probability of all choices");
                near(s.estimate, s.entropy, 1e-12, "the mean of the estimates of the entropy");
                if (stop && max == 2) assert_int_equal(s.choices, 1 + items + items * (items - 1));
                choice_free(&s.c);
            }
        }
    }
}

/* A choice's number: its items and their count as digits. */
static int number_of(const int *item, int k)
{
    int number = k;
    for (int i = 0; i < k; i++) number = number * ITEMS + item[i];
    return number;
}

enum { NUMBERS = (MOST + 1) * ITEMS * ITEMS * ITEMS, DRAWS = 200000 };

struct table {
    double probability[NUMBERS];
    int count[NUMBERS], choices;
};

static void note(void *arg, const int *item, int k, double probability)
{
    struct table *t = arg;
    t->probability[number_of(item, k)] += probability;
    t->choices++;
}

/* Pearson's statistic is below what chance exceeds once in a thousand times (Wilson and Hilferty's
 * approximation). */
static void frequencies(const struct plackett *p, uint32_t test)
{
    static struct table t;
    struct choice c = choice_of(p);
    struct rng r = rng_stream(7, RNG_TEST, test, 0);
    double square = 0;
    memset(&t, 0, sizeof t);
    every_choice(p, note, &t);
    for (int i = 0; i < DRAWS; i++) {
        plackett_sample(p, &r, &c);
        t.count[number_of(c.item, c.count)]++;
    }
    for (int i = 0; i < NUMBERS; i++) {
        double want = DRAWS * t.probability[i], off = t.count[i] - want;
        if (!(want > 0)) assert_int_equal(t.count[i], 0);
        if (want > 0) square += off * off / want;
    }
    double free = t.choices - 1, a = 2 / (9 * free),
           limit = free * pow(1 - a + 3.0902 * sqrt(a), 3);
    if (free > 0 && !(square < limit))
        fail_msg("chi square %g of %g degrees of freedom exceeds %g", square, free, limit);
    choice_free(&c);
}

static void draws_have_their_probabilities(void **state)
{
    (void)state;
    const double score[] = {0.3, -0.8, 1.1, 0, 0.5, -0.2, 0.4},
                 shut[] = {0.3, -(double)INFINITY, 1.1, 0, -0.5};
    frequencies(&(struct plackett){score, 4, 1, false}, 0);
    frequencies(&(struct plackett){score, 4, 2, true}, 1);
    frequencies(&(struct plackett){score, 5, 3, false}, 2);
    frequencies(&(struct plackett){score, 6, 3, true}, 3);
    frequencies(&(struct plackett){score, 3, 3, false}, 4);
    frequencies(&(struct plackett){score, 3, 3, true}, 5);
    frequencies(&(struct plackett){score, 4, 0, true}, 6);
    frequencies(&(struct plackett){shut, 4, 3, true}, 7);
    frequencies(&(struct plackett){shut, 4, 3, false}, 8);
}

/* Every choice's weighted sum of log probabilities and entropies of steps, as a function of the
 * scores. */
struct slope {
    const struct plackett *p;
    struct choice c;
    double *score;
};

static double weigh(const struct plackett *p, struct choice *c, const int *item, int k,
    const double *a, const double *b)
{
    double sum = 0;
    plackett_take(p, item, k, c);
    for (int t = 0; t < c->steps; t++) {
        int i = t < k ? item[t] : p->items;
        sum += a[t] * (p->score[i] - c->log_sum[t]) + b[t] * plackett_entropy(c, t);
    }
    return sum;
}

static void check_gradient(void *arg, const int *item, int k, double probability)
{
    (void)probability;
    struct slope *s = arg;
    const struct plackett *p = s->p;
    const double a[] = {0.7, -1.3, 0.4, 2.1, 1}, b[] = {-0.6, 0.9, 1.7, -0.3, 1}, none[5] = {0};
    for (int kind = 0; kind < 3; kind++) {
        double gradient[ITEMS + 1] = {0};
        const double *x = kind == 1 ? none : a, *y = kind == 2 ? none : b;
        plackett_take(p, item, k, &s->c);
        plackett_gradient(p, &s->c, kind == 1 ? NULL : a, kind == 2 ? NULL : b, gradient);
        for (int i = 0; i < p->items + p->stop; i++) {
            const double step = 1e-5, here = s->score[i];
            s->score[i] = here + step;
            double up = weigh(p, &s->c, item, k, x, y);
            s->score[i] = here - step;
            double down = weigh(p, &s->c, item, k, x, y);
            s->score[i] = here;
            near(gradient[i], (up - down) / (2 * step), 2e-9, "a gradient");
        }
    }
}

static void gradients_are_those_of_differences(void **state)
{
    (void)state;
    struct rng r = rng_stream(2, RNG_TEST, 0, 0);
    for (int items = 2; items <= 5; items++) {
        for (int max = 1; max <= items && max <= 4; max++) {
            for (int stop = 0; stop < 2; stop++) {
                double score[ITEMS + 1];
                some_scores(&r, items + stop, 1.5, score);
                struct plackett p = {score, items, max, stop};
                struct slope s = {&p, choice_of(&p), score};
                every_choice(&p, check_gradient, &s);
                choice_free(&s.c);
            }
        }
    }
}

static void the_likeliest(void **state)
{
    (void)state;
    double score[] = {1, 3, 1, 2, 0, 1.5};
    struct plackett p = {score, 5, 4, false};
    struct choice c = choice_of(&p);
    plackett_greedy(&p, &c);
    assert_int_equal(c.count, 4);
    assert_memory_equal(c.item, ((int[4]){1, 3, 0, 2}), 4 * sizeof(int));
    p.stop = true; /* its score is 1.5 */
    plackett_greedy(&p, &c);
    assert_int_equal(c.count, 2);
    assert_int_equal(c.steps, 3);
    assert_memory_equal(c.item, ((int[2]){1, 3}), 2 * sizeof(int));
    score[5] = 2; /* as likely as an item: the choice ends */
    plackett_greedy(&p, &c);
    assert_int_equal(c.count, 1);
    score[5] = 1.5;
    p.max = 2;
    plackett_greedy(&p, &c);
    assert_int_equal(c.steps, 2);
    p.max = 0;
    plackett_greedy(&p, &c);
    assert_int_equal(c.count + c.steps, 0);
    choice_free(&c);
}

/* Scores thousands apart, and items that cannot be chosen: numbers stay numbers. */
static void extreme_scores(void **state)
{
    (void)state;
    const double none = -(double)INFINITY, score[] = {5000, -5000, none, 0, 4000};
    struct plackett p = {score, 4, 4, true};
    struct choice c = choice_of(&p);
    double gradient[5] = {0};
    const double one[5] = {1, 1, 1, 1, 1};
    plackett_take(&p, (const int[]){1, 0}, 2, &c);
    near(log_of(&p, &c), -10000, 1e-9, "log pi of the unlikely");
    plackett_gradient(&p, &c, one, one, gradient);
    near(gradient[1], 1, 1e-12, "its gradient");
    near(gradient[0], -1, 1e-12, "that of the likely");
    near(gradient[2], 0, 0, "that of what cannot be chosen");
    near(gradient[4], 0, 1e-12, "that of the stop token");
    p.stop = false;
    struct rng r = rng_stream(3, RNG_TEST, 0, 0);
    plackett_sample(&p, &r, &c);
    assert_int_equal(c.count, 3);
    assert_int_equal(c.steps, 3);
    assert_memory_equal(c.item, ((int[3]){0, 3, 1}), 3 * sizeof(int));
    near(log_of(&p, &c), 0, 0, "log pi of what is sure");
    near(plackett_entropy(&c, 0), 0, 1e-12, "entropy of what is sure");
    choice_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_are_those_of_the_definition),
        cmocka_unit_test(draws_have_their_probabilities),
        cmocka_unit_test(gradients_are_those_of_differences),
        cmocka_unit_test(the_likeliest),
        cmocka_unit_test(extreme_scores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
