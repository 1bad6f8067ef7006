/* SPDX-License-Identifier: Apache-2.0 */
/* What a data set is, from the headers of its images alone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/info.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/order.h"
#include "dataset/dataset.h"
#include "dataset/groups.h"
#include "format/format.h"

enum { SIZE, SPACING, MEASURES };

/* Size and spacing of every case, by measure, axis and case; spacing where the file has one. */
struct grids {
    double *at[MEASURES][3];
    int count[MEASURES];
};

static json_t *three(const struct grids *g, int measure, double share)
{
    json_t *j = json_array();
    for (int i = 0; i < 3; i++) {
        double x = order_quantile(g->at[measure][i], g->count[measure], share);
        json_array_append_new(j, measure == SIZE && x == floor(x) ? json_integer((json_int_t)x) : json_finite(x));
    }
    return j;
}

/* Of every axis on its own. */
static json_t *range(const struct grids *g, int measure)
{
    if (!g->count[measure]) return json_null();
    for (int i = 0; i < 3; i++) qsort(g->at[measure][i], (size_t)g->count[measure], sizeof(double), order_doubles);
    return json_pack("{s:o, s:o, s:o}", "least", three(g, measure, 0), "median", three(g, measure, .5), "most", three(g, measure, 1));
}

static att_status read_grids(struct api_call *call, const struct dataset *d, struct grids *g)
{
    for (int k = 0; k < MEASURES * 3; k++) {
        g->at[k / 3][k % 3] = mem_array((size_t)d->count, sizeof(double));
        if (!g->at[k / 3][k % 3]) return err_memory(call->e, (size_t)d->count * sizeof(double), "the sizes of the images");
    }
    for (int c = 0; c < d->count; c++) {
        int channels, size[3];
        float spacing[3];
        if (atomic_load(&call->c->log.stop)) return err_set(call->e, ATT_INTERRUPTED, "stopped while reading the headers of images");
        TRY(format_peek(d->cases[c].image[0], &channels, size, spacing, call->e));
        bool known = spacing[0] > 0;
        for (int i = 0; i < 3; i++) {
            g->at[SIZE][i][c] = size[i];
            if (known) g->at[SPACING][i][g->count[SPACING]] = (double)spacing[i];
        }
        g->count[SIZE]++;
        g->count[SPACING] += known;
        log_progress(&call->c->log, "headers", c + 1, d->count, NULL);
    }
    return ATT_OK;
}

static att_status add_folds(struct api_call *call, const struct dataset *d, json_t *json)
{
    json_t *list = json_array();
    int count;
    json_object_set_new(json, "folds", list);
    TRY(split_count(d, &count, call->e));
    for (int fold = 0; fold < count; fold++) {
        struct split s;
        TRY(split_fold(d, NULL, fold, &s, call->e));
        json_array_append_new(list, json_pack("{s:i, s:i}", "train", s.ntrain, "validate", s.nval));
        split_free(&s);
    }
    return ATT_OK;
}

/* How many groups.csv names; null where there is none. */
static att_status add_groups(struct api_call *call, const struct dataset *d, json_t *json)
{
    int count, *group = mem_array((size_t)d->count, sizeof *group);
    if (!group) return err_memory(call->e, (size_t)d->count * sizeof *group, "the groups");
    att_status status = groups_read(d, group, &count, call->e);
    if (status == ATT_OK) json_object_set_new(json, "groups", count ? json_integer(count) : json_null());
    mem_free(group);
    return status;
}

static att_status describe(struct api_call *call, const struct dataset *d, const struct grids *g, json_t *json)
{
    json_t *channels = json_array();
    int labelled = 0;
    for (int i = 0; i < d->channels; i++) json_array_append_new(channels, json_utf8(d->channel_name[i] ? d->channel_name[i] : ""));
    for (int i = 0; i < d->count; i++) labelled += d->cases[i].label != NULL;
    json_object_set_new(json, "what", json_string("data set"));
    json_object_set_new(json, "path", json_utf8(d->root));
    json_object_set_new(json, "layout", json_string(d->layout));
    json_object_set_new(json, "dims", json_integer(d->dims));
    json_object_set_new(json, "channels", channels);
    json_object_set_new(json, "cases", json_integer(d->count));
    json_object_set_new(json, "labelled", json_integer(labelled));
    json_object_set_new(json, "labels", labelling_to_json(&d->labels));
    json_object_set_new(json, "size", range(g, SIZE));
    json_object_set_new(json, "spacing", range(g, SPACING));
    TRY(add_groups(call, d, json));
    return add_folds(call, d, json);
}

att_status info_dataset(struct api_call *call, const char *path, json_t **json)
{
    struct dataset d;
    struct grids g;
    memset(&g, 0, sizeof g);
    TRY(dataset_open(path, &d, &call->c->log, call->e));
    if (d.pack) {
        *json = info_pack(&d);
        dataset_free(&d);
        return *json ? ATT_OK : err_memory(call->e, 4096, "the description of a packed set");
    }
    json_t *j = json_object();
    att_status status = read_grids(call, &d, &g);
    if (status == ATT_OK) status = describe(call, &d, &g, j);
    for (int k = 0; k < MEASURES * 3; k++) mem_free(g.at[k / 3][k % 3]);
    dataset_free(&d);
    if (status == ATT_OK)
        *json = j;
    else
        json_decref(j);
    return status;
}
