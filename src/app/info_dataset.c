/* SPDX-License-Identifier: Apache-2.0 */
/* Describes and checks a data set. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/info.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/order.h"
#include "base/parallel.h"
#include "base/text.h"
#include "dataset/check.h"
#include "dataset/converted_names.h"
#include "dataset/fix.h"
#include "dataset/groups.h"
#include "dataset/mask_values.h"
#include "dataset/orientation.h"
#include "dataset/patterns.h"
#include "dataset/voxel_size.h"
#include "files/file.h"
#include "train/run_record.h"
#include "train/split_options.h"

enum { SIZE, SPACING, MEASURES };

struct survey {
    struct app_call *call;
    struct dataset d;
    struct problems problems;
    struct check check;
    int *fold;  /* by case: its validation fold, or -1 */
    int *group; /* by case: groups that keep similar images together, or NULL */
    int groups; /* number of groups */
    int folds;  /* groups that the folds need */
    /* By measure, axis and readable case; spacing only from files that have one. */
    double *at[MEASURES][3];
    int count[MEASURES];
};

static json_t *info_dataset_three(const struct survey *s, int measure, double share)
{
    json_t *j = json_array();
    for (int i = 0; i < 3; i++) {
        const bool none = measure == SPACING && i == 0 && s->d.dims == 2; /* planes have no slice
                                                                           * distance */
        double x = none ? (double)NAN : order_quantile(s->at[measure][i], s->count[measure], share);
        json_array_append_new(
            j, measure == SIZE && x == floor(x) ? json_integer((json_int_t)x) : json_finite(x));
    }
    return j;
}

/* Each axis separately. */
static json_t *range(const struct survey *s, int measure)
{
    if (!s->count[measure]) return json_null();
    for (int i = 0; i < 3; i++)
        qsort(s->at[measure][i], (size_t)s->count[measure], sizeof(double), order_doubles);
    return json_pack("{s:o, s:o, s:o}", "least", info_dataset_three(s, measure, 0), "median",
        info_dataset_three(s, measure, .5), "most", info_dataset_three(s, measure, 1));
}

struct heads {
    struct survey *s;
    struct image *m; /* by case, without samples; no channels: unreadable */
};

static void read_head(void *arg, int i, struct err *e)
{
    struct heads *h = arg;
    struct err unreadable = {0}; /* already reported */
    const att_status read = dataset_peek_image(&h->s->d, i, &h->m[i], &unreadable);
    if (read == ATT_MEMORY) err_pass(e, read, &unreadable); /* not the file's fault */
    if (read != ATT_OK) h->m[i].channels = 0;
}

static void sort_in(struct survey *s, const struct image *m)
{
    const struct geometry g = geometry_effective(&m->geometry);
    for (int i = 0; i < 3; i++) {
        s->at[SIZE][i][s->count[SIZE]] = m->size[i];
        if (g.valid) s->at[SPACING][i][s->count[SPACING]] = number_of_float(g.spacing[i]);
    }
    s->count[SIZE]++;
    s->count[SPACING] += g.valid;
}

static att_status read_grids(struct survey *s)
{
    const struct dataset *d = &s->d;
    struct heads h = {.s = s};
    struct pool *pool = s->call->host->pool;
    const struct several cases = {d->count, 16 * pool_threads(pool),
        "reading the headers of images", read_head, NULL, &h, NULL};
    for (int k = 0; k < MEASURES * 3; k++)
        TRY(MEM_ARRAY(s->at[k / 3][k % 3], d->count, "the sizes of the images", s->call->e));
    TRY(MEM_ARRAY(h.m, d->count, "the sizes of the images", s->call->e));
    att_status status = parallel_run(&cases, pool, s->call->host, s->call->e);
    for (int c = 0; c < d->count && status == ATT_OK; c++)
        if (h.m[c].channels) sort_in(s, &h.m[c]);
    mem_free(h.m);
    return status;
}

/* ATT_DATA of a split is a problem of the set; other errors end the call. */
static att_status info_dataset_gather(struct survey *s, att_status status, const struct err *cause)
{
    if (status != ATT_DATA) return err_pass(s->call->e, status, cause);
    return problems_add(&s->problems, PROBLEM_SPLIT, NULL, -1, s->call->e, "%s", cause->text)
        ? ATT_OK
        : ATT_MEMORY;
}

/* `val-list` states the only split. */
static att_status info_dataset_cut_folds(
    struct survey *s, const struct split_rule *rule, json_t *list, struct err *e)
{
    const char *train = options_text(s->call->o, info, train_list),
               *val = options_text(s->call->o, info, val_list);
    int count = 1;
    if (!val) TRY(split_count(&s->d, rule, train, &count, e));
    if (count == 0 && (rule->folds || rule->stratify)) count = 1; /* split_fold reports the error */
    s->folds = rule->by_group || count < 2 ? 2 : count;
    for (int fold = 0; fold < count; fold++) {
        struct split one;
        TRY(val ? split_lists(&s->d, train, val, &one, e)
                : split_fold(&s->d, rule, train, fold, &one, e));
        json_array_append_new(
            list, json_pack("{s:i, s:i}", "train", one.ntrain, "validate", one.nval));
        for (int i = 0; i < one.nval; i++) s->fold[one.val[i]] = fold;
        split_free(&one);
    }
    return ATT_OK;
}

static att_status info_dataset_add_folds(struct survey *s, json_t *json)
{
    struct split_rule rule;
    struct err cause = {0};
    json_t *list = json_array();
    json_object_set_new(json, "folds", list);
    TRY(MEM_ARRAY(s->fold, s->d.count, "the folds", s->call->e));
    for (int i = 0; i < s->d.count; i++) s->fold[i] = -1;
    TRY(split_options_rule(
        s->call->o, &s->d, s->call->host->pool, s->call->host, &rule, s->call->e));
    TRY(info_dataset_gather(s, info_dataset_cut_folds(s, &rule, list, &cause), &cause));
    const int groups = (int)json_integer_value(json_object_get(json, "groups"));
    if (groups > 1 && json_array_size(list) == 0 && cause.status == ATT_OK)
        host_warn(s->call->host, WARN_FEW_GROUPS,
            "%s: %d groups are too few for the usual folds; give `folds` %d or fewer", s->d.path,
            groups, groups);
    return ATT_OK;
}

/* Number of groups; null without groups. */
static att_status add_groups(struct survey *s, json_t *json)
{
    int count = 0, *group = mem_array(2 * (size_t)s->d.count, sizeof *group);
    if (!group) return err_memory(s->call->e, 2 * (size_t)s->d.count * sizeof *group, "the groups");
    att_status status = groups_read_or_none(&s->d, group, &count, s->call->e);
    if (status != ATT_OK) {
        mem_free(group);
        return status;
    }
    json_object_set_new(json, "groups", count ? json_integer(count) : json_null());
    if (s->check.pairs) {
        s->groups = duplicates_groups(s->check.duplicates, s->check.pairs, count ? group : NULL,
            s->d.count, group + s->d.count);
        json_set_int(json, "groups_with_alike", s->groups);
        memmove(group, group + s->d.count, (size_t)s->d.count * sizeof *group);
        s->group = group;
    } else
        mem_free(group);
    return ATT_OK; /* the folds report problems of groups */
}

static json_t *problem_to_json(const struct survey *s, const struct problem *p)
{
    char *named = converted_named(p->text);
    json_t *j = json_pack("{s:s, s:s, s:o, s:o}", "kind", problem_word(p->kind), "level",
        problem_is_error(p->kind) ? "error" : "warning", "file",
        p->file ? json_utf8(p->file) : json_null(), "text", json_utf8(named ? named : p->text));
    mem_free(named);
    if (p->index >= 0) json_set_text(j, "case", s->d.cases[p->index].id);
    if (p->voxels > 0) json_set_real(j, "voxels", p->voxels);
    if (p->mm > 0) json_set_real(j, "mm", p->mm);
    if (p->fixable) json_set_flag(j, "mendable", true);
    if (p->fixed) json_set_flag(j, "mended", true);
    return j;
}

static int mended_errors(const struct survey *s)
{
    int mended = 0;
    for (int i = 0; i < s->problems.count; i++)
        mended += s->problems.list[i].fixed && problem_is_error(s->problems.list[i].kind);
    return mended;
}

static void add_problems(const struct survey *s, json_t *json)
{
    json_t *list = json_array();
    const int mended = mended_errors(s);
    for (int i = 0; i < s->problems.count; i++)
        json_array_append_new(list, problem_to_json(s, &s->problems.list[i]));
    json_object_set_new(json, "problems", list);
    json_set_int(json, "errors", s->problems.errors);
    json_set_int(json, "warnings", s->problems.count - s->problems.errors);
    if (mended) json_set_int(json, "mended", mended);
}

/* Similar pairs, and how many of them the folds separate. */
static void add_duplicates(const struct survey *s, json_t *json)
{
    int separated = 0;
    json_t *list = json_array();
    for (int i = 0; i < s->check.pairs; i++) {
        const struct duplicate *x = &s->check.duplicates[i];
        bool split = s->fold[x->a] != s->fold[x->b];
        separated += split;
        json_array_append_new(list,
            json_pack("{s:[o,o], s:f, s:b, s:b}", "cases", json_utf8(s->d.cases[x->a].id),
                json_utf8(s->d.cases[x->b].id), "likeness", (double)x->likeness, "mirrored",
                x->mirrored, "apart", split));
    }
    json_object_set_new(json, "alike", list);
    json_set_int(json, "alike_apart", separated);
}

static att_status info_dataset_describe(struct survey *s, json_t *json)
{
    const struct dataset *d = &s->d;
    json_t *channels = json_array();
    int labelled = 0;
    for (int i = 0; i < d->channels; i++)
        json_array_append_new(channels, json_utf8(d->channel_name[i] ? d->channel_name[i] : ""));
    for (int i = 0; i < d->count; i++) labelled += d->cases[i].label != NULL;
    json_set_text(json, "what", "data set");
    json_set_text(json, "path", d->path);
    json_set_text(json, "layout", d->layout);
    json_set_int(json, "dims", d->dims);
    json_object_set_new(json, "channels", channels);
    json_set_int(json, "cases", d->count);
    json_set_int(json, "labelled", labelled);
    TRY(groups_name(&s->d, s->call->e));
    info_pairs(d, json);
    const bool read =
        labelled > 0 && (s->check.labelled > 0 || options_bool(s->call->o, info, quick));
    const bool guessed = !read && d->labels.nonzero; /* no mask was readable */
    json_object_set_new(json, "labels", guessed ? json_null() : labelling_to_json(&d->labels));
    json_object_set_new(json, "size", range(s, SIZE));
    json_object_set_new(json, "spacing", range(s, SPACING));
    json_set_int(json, "cases_without_spacing", s->count[SIZE] - s->count[SPACING]);
    if (*d->axes) json_set_text(json, "orientation", d->axes);
    TRY(add_groups(s, json));
    return info_dataset_add_folds(s, json);
}

/* Similarity is transitive here, so frames of one device may form one group. */
static void warn_of_few_groups(const struct survey *s, const char *what)
{
    char fewer[64] = "";
    if (s->groups > 1) snprintf(fewer, sizeof fewer, "use fewer `folds` (%d), or ", s->groups);
    host_warn(s->call->host, WARN_FEW_GROUPS,
        "%s: similar images form only %d group%s, too few for %d folds; %slist in a CSV "
        "(image,group) which images belong together, such as those of one patient",
        what, s->groups, TEXT_S(s->groups), s->folds, fewer);
}

/* The groups for a mended copy; NULL if folds separate them or cannot be made from them. */
static att_status choose_groups(struct survey *s, const int **group)
{
    struct err cause = {0};
    bool keeps = true;
    *group = s->d.has_groups && !s->d.name_groups ? NULL : s->group;
    if (!*group) return ATT_OK;
    if (s->groups < s->folds) {
        *group = NULL;
        warn_of_few_groups(s, "the copy gets no new groups.csv");
        return ATT_OK;
    }
    att_status status = split_keeps_groups(&s->d, *group, &keeps, &cause);
    if (status != ATT_DATA) TRY(err_pass(s->call->e, status, &cause));
    if (keeps) return ATT_OK; /* or the folds are wrong, which was reported */
    *group = NULL;
    host_warn(s->call->host, WARN_DUPLICATES_ACROSS_SPLIT,
        "the copy keeps the folds of the original, which separate similar images, and gets no "
        "groups.csv; to have one, remove the folds and give `groups-out`");
    return ATT_OK;
}

static att_status info_dataset_write_results(struct survey *s, json_t *json)
{
    const char *groups = options_text(s->call->o, info, groups_out),
               *fix = options_text(s->call->o, info, fix);
    const int *group;
    json_t *done = NULL;
    if (groups && !s->group)
        host_say(s->call->host, LOG_INFO, "no images look alike, so %s is not written", groups);
    if (groups && s->group && is_dry_run(s->call->host)) {
        dry_run_file(s->call->host, groups, NULL);
    } else if (groups && s->group) {
        TRY(fix_write_groups(&s->d, s->group, groups, s->call->e));
        if (s->groups < s->folds)
            warn_of_few_groups(s, "the written groups are too few for folds");
        else
            host_say(s->call->host, LOG_INFO,
                "wrote %s: as groups.csv of the data set, it keeps similar images in one fold",
                groups);
    }
    if (!fix) return ATT_OK;
    TRY(choose_groups(s, &group));
    TRY(fix_copy(&s->d, fix, group, s->call->host, &done, s->call->e));
    json_object_set_new(json, "fixed", done);
    return ATT_OK;
}

/* The command that comes next, of the mended copy if there is one. */
static att_status add_next(const struct survey *s, json_t *json)
{
    const char *fix = is_dry_run(s->call->host) ? NULL : options_text(s->call->o, info, fix);
    if (s->problems.errors - (fix ? mended_errors(s) : 0)) return ATT_OK;
    char *copy = !fix               ? NULL
        : file_is_folder(s->d.path) ? mem_text("%s", fix)
                                    : file_join(fix, file_base(s->d.path));
    if (fix && !copy) return err_path(s->call->e);
    char *command = record_plan_command(copy ? copy : s->d.path, s->call->o);
    json_object_set_new(json, "next", command ? json_utf8(command) : NULL);
    mem_free(command);
    mem_free(copy);
    return command ? ATT_OK : err_memory(s->call->e, 64, "a command");
}

static att_status info_dataset_survey(struct survey *s, json_t *json)
{
    const char *groups = options_text(s->call->o, info, groups_out),
               *fix = options_text(s->call->o, info, fix);
    bool quick = options_bool(s->call->o, info, quick);
    TRY(call_no_image(s->call, groups));
    if (groups && file_exists(groups))
        return err_usage(s->call->e,
            "%s exists already and may be the only list of groups; name another file", groups);
    if (quick && (fix || groups))
        return err_usage(
            s->call->e, "`quick` reads headers only; leave it out for `fix` or `groups-out`");
    if (groups) TRY(file_check_place(groups, false, s->call->e));
    if (fix) TRY(fix_check_place(&s->d, fix, s->call->e));
    TRY(orientation_choose(
        options_text(s->call->o, info, orientation), NULL, &s->d, NULL, s->call->e));
    TRY(read_grids(s));
    if (!quick) TRY(check_all(&s->d, s->call->host->pool, s->call->host, &s->check, s->call->e));
    TRY(info_dataset_describe(s, json));
    TRY(info_dataset_write_results(s, json));
    json_set_flag(json, "checked", !quick);
    if (!quick) json_set_int(json, "empty", s->check.empty);
    if (!quick) add_duplicates(s, json);
    add_problems(s, json);
    return add_next(s, json);
}

static void survey_free(struct survey *s)
{
    for (int k = 0; k < MEASURES * 3; k++) mem_free(s->at[k / 3][k % 3]);
    mem_free(s->fold);
    mem_free(s->group);
    check_free(&s->check);
    problems_free(&s->problems);
    dataset_free(&s->d);
}

att_status info_dataset(struct app_call *call, const char *path, json_t **json)
{
    struct survey s = {.call = call};
    const char *values;
    att_status status = patterns_open(path, call->o, &s.d, &s.problems, call->host, call->e);
    if (status == ATT_OK) status = mask_values_wanted(call->o, &values, call->e);
    if (status == ATT_OK && values) status = mask_values_choose(values, &s.d, call->e);
    if (status == ATT_OK) status = voxel_size_use(call->o, &s.d, call->e);
    if (status == ATT_OK) *json = s.d.pack ? info_pack(&s.d) : json_object();
    if (status == ATT_OK && !*json)
        status = err_memory(call->e, 4096, "the description of a data set");
    if (status == ATT_OK && !s.d.pack) status = info_dataset_survey(&s, *json);
    survey_free(&s);
    return status;
}
