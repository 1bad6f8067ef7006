/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/patterns.h"

#include <string.h>

#include "base/json.h"

static bool is_one(const char *mask_values) { return mask_values && !strcmp(mask_values, "one"); }

att_status patterns_read(
    const struct options *o, bool alone, struct dataset_patterns *p, struct err *e)
{
    *p = (struct dataset_patterns){.images = options_text(o, train, images),
        .labels = options_text(o, train, labels),
        .values_given = options_choice(o, train, mask_values) || options_bool(o, train, instances)};
    p->hint = options_file(o, train, images) != NULL;
    p->one = is_one(options_choice(o, train, mask_values));
    const char *unlabelled = options_choice(o, train, unlabelled);
    p->strict = unlabelled && strcmp(unlabelled, "stop") == 0;
    if (!p->images == !p->labels || (p->images && alone)) return ATT_OK;
    return err_usage(
        e, p->images ? "`images` needs `labels`; add it" : "`labels` needs `images`; add it");
}

struct dataset_patterns patterns_of(const json_t *settings)
{
    const json_t *own = json_object_get(settings, "settings");
    if (!own) own = settings;
    const struct dataset_patterns p = {.images = json_str(own, "images"),
        .labels = json_str(own, "labels"),
        .hint = true,
        .one = is_one(json_str(own, "mask_values")),
        .home = json_str(settings, "dataset_path")};
    return p.images && *p.images && p.labels ? p : (struct dataset_patterns){.images = NULL};
}

att_status patterns_open(const char *path, const struct options *o, struct dataset *d,
    struct problems *problems, struct host *host, struct err *e)
{
    struct dataset_patterns p;
    TRY(patterns_read(o, false, &p, e));
    return dataset_open_patterns(path, &p, d, problems, host, e);
}
