/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/compare.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mean.h"
#include "base/mem.h"
#include "dataset/groups.h"
#include "files/file.h"
#include "measure/scores.h"
#include "measure/stats.h"

enum { SEED = 12345, RESAMPLES = 10000, SIGNS = 100000, ARMS = 64, SEEDS = 256 };
static const double LEVEL = .95;

struct arm {
    char *name;
    char *file[SEEDS];
    struct scores seed[SEEDS];
    int seeds;
    double *value;      /* [case] mean over seeds; NaN: none has a number */
    double *difference; /* to the first arm, by kept case or group */
    double mean, spread, gain, low, high, p, holm;
};

struct comparison {
    const struct compare_options *options;
    struct arm *arm;
    int arms, cases;
    bool *kept;       /* [case] */
    int used;         /* number of them */
    int *group;       /* of the kept cases in order: 0, 1, ...; NULL: no groups */
    int *group_cases; /* [units] cases of each; NULL: one */
    int units;        /* number of groups or cases */
};

static att_status usage(const char *word, struct err *e)
{
    return err_usage(e,
        "'%s' is not an arm; write NAME=FILE or NAME=FILE,FILE,... with the JSON of 'attunet "
        "evaluate' for each seed",
        word);
}

static att_status compare_add_file(struct arm *a, const char *path, size_t length, struct err *e)
{
    if (a->seeds == SEEDS)
        return err_usage(e, "arm %s has more than %d files; give fewer seeds", a->name, SEEDS);
    a->file[a->seeds] = mem_text("%.*s", (int)length, path);
    if (!a->file[a->seeds]) return err_path(e);
    const char *added = a->file[a->seeds++];
    for (int i = 0; i < a->seeds - 1; i++)
        if (file_same(a->file[i], added))
            return err_usage(
                e, "arm %s has the file %s twice; give one file for each seed", a->name, added);
    return ATT_OK;
}

/* Finds the arm of that name, or adds it. */
static att_status find_arm(
    struct comparison *c, const char *name, size_t length, struct arm **found, struct err *e)
{
    for (int i = 0; i < c->arms; i++) {
        *found = &c->arm[i];
        if (strlen((*found)->name) == length && strncmp((*found)->name, name, length) == 0)
            return ATT_OK;
    }
    if (c->arms == ARMS) return err_usage(e, "there are more than %d arms; compare fewer", ARMS);
    *found = &c->arm[c->arms];
    (*found)->name = mem_text("%.*s", (int)length, name);
    if (!(*found)->name) return err_memory(e, length, "the name of an arm");
    c->arms++;
    return ATT_OK;
}

static att_status compare_add_arm(struct comparison *c, const char *word, struct err *e)
{
    const char *equals = strchr(word, '=');
    struct arm *a;
    if (!equals || equals == word || !equals[1]) return usage(word, e);
    TRY(find_arm(c, word, (size_t)(equals - word), &a, e));
    for (const char *at = equals + 1;; at++) {
        size_t length = strcspn(at, ",");
        if (length == 0) return usage(word, e);
        TRY(compare_add_file(a, at, length, e));
        at += length;
        if (!*at) return ATT_OK;
    }
}

static att_status differ(const char *has, const char *lacks, const char *id, struct err *e)
{
    return err_data(e,
        "%s has the case %s, which %s lacks; compare results on the same cases (evaluate "
        "`cases` FILE)",
        has, id, lacks);
}

static att_status check_cases(
    const char *a, const struct scores *x, const char *b, const struct scores *y, struct err *e)
{
    for (int i = 0; i < x->count || i < y->count; i++) {
        if (i == y->count) return differ(a, b, x->id[i], e);
        if (i == x->count) return differ(b, a, y->id[i], e);
        int order = strcmp(x->id[i], y->id[i]);
        if (order < 0) return differ(a, b, x->id[i], e);
        if (order > 0) return differ(b, a, y->id[i], e);
    }
    return ATT_OK;
}

/* Checks the units of distances, and the tolerances of NSD. */
static att_status check_units(
    const char *a, const struct scores *x, const char *b, const struct scores *y, struct err *e)
{
    if (strcmp(x->unit, y->unit) != 0)
        return err_data(e,
            "distances are in %s in %s and in %s in %s; evaluate both again, with one `voxel-size` "
            "if their headers differ",
            x->unit, a, y->unit, b);
    /* NaN, for metrics without one, must not raise an invalid operation */
    if (islessgreater(x->tolerance, y->tolerance))
        return err_data(e,
            "the tolerance is %g in %s and %g in %s; evaluate both with one `tolerance`",
            x->tolerance, a, y->tolerance, b);
    return ATT_OK;
}

static att_status read_arm(struct comparison *c, struct arm *a, struct err *e)
{
    const struct arm *first = &c->arm[0];
    for (int k = 0; k < a->seeds; k++) {
        TRY(scores_read(a->file[k], c->options->metric, c->options->wanted, &a->seed[k], e));
        TRY(check_cases(first->file[0], &first->seed[0], a->file[k], &a->seed[k], e));
        TRY(check_units(first->file[0], &first->seed[0], a->file[k], &a->seed[k], e));
    }
    c->cases = first->seed[0].count;
    a->value = mem_array((size_t)c->cases, sizeof *a->value);
    a->difference = mem_array((size_t)c->cases, sizeof *a->difference);
    if (!a->value || !a->difference)
        return err_memory(e, 2 * (size_t)c->cases * sizeof *a->value, "the results");
    for (int i = 0; i < c->cases; i++) {
        struct mean seeds = {0};
        for (int k = 0; k < a->seeds; k++) mean_add(&seeds, a->seed[k].value[i]);
        a->value[i] = mean_of(&seeds);
    }
    return ATT_OK;
}

static att_status compare_keep_cases(struct comparison *c, struct err *e)
{
    TRY(MEM_ARRAY(c->kept, c->cases, "the results", e));
    for (int i = 0; i < c->cases; i++) {
        c->kept[i] = true;
        for (int k = 0; k < c->arms; k++) c->kept[i] = c->kept[i] && !isnan(c->arm[k].value[i]);
        c->used += c->kept[i];
    }
    return c->used > 0
        ? ATT_OK
        : err_data(
              e, "no case has a number in every arm; evaluate the same cases with this metric");
}

/* Renumbers the data set's groups 0, 1, ... in order of the kept cases. */
static att_status number_groups(
    struct comparison *c, const struct dataset *d, const int *all, int count, struct err *e)
{
    const struct scores *first = &c->arm[0].seed[0];
    int *number = mem_array((size_t)count, sizeof *number);
    c->group = mem_array((size_t)c->cases, sizeof *c->group);
    c->group_cases = mem_array((size_t)c->cases, sizeof *c->group_cases);
    const bool room = number && c->group && c->group_cases;
    att_status status = room
        ? ATT_OK
        : err_memory(e, (size_t)(count + 2 * c->cases) * sizeof *number, "the groups");
    c->units = 0;
    for (int i = 0, n = 0; i < c->cases && status == ATT_OK; i++) {
        const int index = dataset_find(d, first->id[i]);
        if (index < 0)
            status = err_data(e,
                "%s has no case %s, which the results have; give the data set of the results",
                d->path, first->id[i]);
        else if (c->kept[i]) {
            int *of = &number[all[index]]; /* 0: not seen */
            if (!*of) *of = ++c->units;
            c->group[n++] = *of - 1;
        }
    }
    mem_free(number);
    return status;
}

static att_status compare_read_groups(struct comparison *c, struct err *e)
{
    const struct dataset *d = c->options->data;
    int count;
    c->units = c->used;
    if (!d) return ATT_OK;
    int *all;
    TRY(MEM_ARRAY(all, d->count, "the groups", e));
    att_status status = groups_read(d, all, &count, e);
    if (status == ATT_OK && count > 0) status = number_groups(c, d, all, count, e);
    mem_free(all);
    return status;
}

static double seed_mean(const struct comparison *c, const struct scores *s)
{
    struct mean m = {0};
    for (int i = 0; i < c->cases; i++)
        if (c->kept[i]) mean_add(&m, s->value[i]);
    return mean_of(&m);
}

static att_status compare_measure(const struct comparison *c, struct arm *a, struct err *e)
{
    double seeds[SEEDS];
    int n = 0;
    a->mean = 0;
    for (int i = 0; i < c->cases; i++) {
        if (!c->kept[i]) continue;
        a->mean += a->value[i];
        a->difference[n++] = stats_difference(a->value[i], c->arm[0].value[i]);
    }
    a->mean /= n;
    for (int k = 0; k < a->seeds; k++) seeds[k] = seed_mean(c, &a->seed[k]);
    a->spread = stats_deviation(seeds, a->seeds);
    if (a == c->arm) return ATT_OK;
    a->gain = stats_mean(a->difference, n);
    if (c->group) TRY(stats_gather(a->difference, c->group, n, c->units, c->group_cases, e));
    if (c->options->permutation)
        a->p = stats_permutation(a->difference, c->units, SIGNS, SEED);
    else
        TRY(stats_wilcoxon(a->difference, c->units, &a->p, e));
    return stats_bootstrap(
        a->difference, c->group_cases, c->units, RESAMPLES, LEVEL, SEED, &a->low, &a->high, e);
}

static att_status compare_correct(struct comparison *c, struct err *e)
{
    double p[ARMS], holm[ARMS];
    for (int i = 1; i < c->arms; i++) p[i - 1] = c->arm[i].p;
    TRY(stats_holm(p, c->arms - 1, holm, e));
    for (int i = 1; i < c->arms; i++) c->arm[i].holm = holm[i - 1];
    return ATT_OK;
}

/* Takes the reference to `one`; NULL means no memory. */
static att_status compare_append(json_t *list, json_t *one, struct err *e)
{
    return json_array_append_new(list, one) == 0 ? ATT_OK : err_memory(e, 256, "the comparison");
}

/* The comparison with the first arm. NULL on failure. */
static json_t *against_first(const struct arm *a)
{
    return json_pack("{s:f, s:f, s:f, s:f, s:f}", "difference", a->gain, "low", a->low, "high",
        a->high, "p", a->p, "p_holm", a->holm);
}

static att_status compare_add_row(
    const struct comparison *c, const struct arm *a, json_t *arms, struct err *e)
{
    json_t *files = json_array();
    att_status status = ATT_OK;
    for (int k = 0; k < a->seeds && status == ATT_OK; k++)
        status = compare_append(files, json_utf8(a->file[k]), e);
    json_t *j = json_pack("{s:o, s:o, s:i, s:f, s:o}", "arm", json_utf8(a->name), "files", files,
        "seeds", a->seeds, "mean", a->mean, "spread", json_finite(a->spread));
    if (j && a != c->arm) {
        json_t *more = against_first(a);
        if (json_object_update(j, more) != 0) {
            json_decref(j);
            j = NULL;
        }
        json_decref(more);
    }
    att_status added = compare_append(arms, j, e);
    return status == ATT_OK ? added : status;
}

static json_t *test_definition(const struct comparison *c)
{
    const char *unit = c->group ? "the sums of groups" : "cases";
    if (c->options->permutation)
        return json_sprintf(
            "paired permutation test over %s, two-sided: all signs up to %d, else %d drawn", unit,
            STATS_EXACT_SIGNS, SIGNS);
    return json_sprintf("Wilcoxon's signed-rank test over %s, two-sided: exact up to %d, else "
                        "normal with tie correction",
        unit, STATS_EXACT_RANKS);
}

static json_t *compare_definitions(const struct comparison *c)
{
    json_t *difference = json_sprintf("mean over cases of this arm minus the first; low and "
                                      "high: %.0f %% of %d bootstrap resamples of the %s",
        100 * LEVEL, RESAMPLES, c->group ? "groups" : "cases");
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "case",
        "the mean over its classes that have a number, then over the arm's seeds", "mean",
        "over the cases", "spread", "standard deviation of the seeds' means", "difference",
        difference, "p", test_definition(c), "p_holm", "Holm's correction over the arms");
}

static att_status compare_fill(
    const struct comparison *c, json_t *arms, json_t *left_out, struct err *e)
{
    for (int i = 0; i < c->arms; i++) TRY(compare_add_row(c, &c->arm[i], arms, e));
    for (int i = 0; i < c->cases; i++)
        if (!c->kept[i]) TRY(compare_append(left_out, json_utf8(c->arm[0].seed[0].id[i]), e));
    return ATT_OK;
}

static att_status compare_report(const struct comparison *c, json_t **result, struct err *e)
{
    json_t *arms = json_array(), *left_out = json_array();
    att_status status = compare_fill(c, arms, left_out, e);
    if (status != ATT_OK) {
        json_decref(arms);
        json_decref(left_out);
        return status;
    }
    *result = json_pack("{s:s, s:o, s:s, s:i, s:i, s:o, s:o, s:o}", "metric", c->options->metric,
        "class", c->options->wanted ? json_utf8(c->options->wanted) : json_null(), "test",
        c->options->permutation ? "permutation" : "wilcoxon", "cases", c->used, "fewest",
        stats_fewest(c->arms - 1), "left_out", left_out, "arms", arms, "definitions",
        compare_definitions(c));
    if (*result && c->group) json_set_int(*result, "groups", c->units);
    return *result ? ATT_OK : err_memory(e, 4096, "the comparison");
}

static att_status compare_compare(
    struct comparison *c, const char *const *words, int count, json_t **result, struct err *e)
{
    for (int i = 0; i < count; i++) TRY(compare_add_arm(c, words[i], e));
    if (c->arms == 1 && count > 1)
        return err_usage(e,
            "all files belong to arm %s, because files with one name are seeds; give the other arm "
            "another name",
            c->arm[0].name);
    if (c->arms < 2) return err_usage(e, "there is only one arm; give at least two to compare");
    for (int i = 0; i < c->arms; i++) TRY(read_arm(c, &c->arm[i], e));
    TRY(compare_keep_cases(c, e));
    TRY(compare_read_groups(c, e));
    for (int i = 0; i < c->arms; i++) TRY(compare_measure(c, &c->arm[i], e));
    TRY(compare_correct(c, e));
    return compare_report(c, result, e);
}

att_status compare_results(const char *const *arms, int count, const struct compare_options *o,
    json_t **result, struct err *e)
{
    struct comparison c = {.options = o, .arm = mem_array(ARMS, sizeof *c.arm)};
    if (!c.arm) return err_memory(e, ARMS * sizeof *c.arm, "the arms");
    att_status status = compare_compare(&c, arms, count, result, e);
    for (int i = 0; i < ARMS; i++) {
        struct arm *a = &c.arm[i];
        for (int k = 0; k < a->seeds; k++) {
            mem_free(a->file[k]);
            scores_free(&a->seed[k]);
        }
        mem_free(a->name);
        mem_free(a->value);
        mem_free(a->difference);
    }
    mem_free(c.arm);
    mem_free(c.kept);
    mem_free(c.group);
    mem_free(c.group_cases);
    return status;
}
