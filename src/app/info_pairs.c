/* SPDX-License-Identifier: Apache-2.0 */
/* Which files make a case, for info of a data set. */
#include <string.h>

#include "app/info.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/layout_found.h"
#include "files/file.h"
#include "format/joined.h"

static json_t *text_or_null(const char *text) { return text ? json_utf8(text) : json_null(); }

json_t *info_case(const struct data_case *c)
{
    json_t *images = json_array(), *labels = json_array();
    char part[PATH_MAX];
    for (int k = 0; k < c->nimages; k++) /* a grey picture among coloured ones is there thrice */
        if (!k || strcmp(c->image[k], c->image[k - 1]) != 0)
            json_array_append_new(images, json_utf8(c->image[k]));
    for (int k = 0; c->label && k < joined_count(c->label); k++)
        if (joined_part(c->label, k, part)) json_array_append_new(labels, json_utf8(part));
    return json_pack("{s:o, s:o, s:o, s:o}", "case", json_utf8(c->id), "images", images, "labels",
        labels, "group", text_or_null(c->group));
}

/* The command that writes a list that joins no cases; NULL for a path that prints otherwise. */
static json_t *no_groups_command(const struct dataset *d)
{
    char *list = file_join(d->root, "groups.csv"), *printed = list ? mem_text("%s", list) : NULL;
    if (printed) text_tame(printed);
    json_t *command = printed && strcmp(list, printed) == 0
        ? json_sprintf("echo image,group >%s", TEXT_PATH(list)) /* NULL without UTF-8 */
        : NULL;
    mem_free(list);
    mem_free(printed);
    return command ? command : json_null();
}

void info_pairs(const struct dataset *d, json_t *json)
{
    json_t *pairs = json_array(), *left = json_array();
    for (int i = 0; i < d->count; i++) json_array_append_new(pairs, info_case(&d->cases[i]));
    json_object_set_new(json, "pairs", pairs);
    const struct dataset_reading *r = d->reading;
    for (int i = 0; r && i < r->lefts; i++)
        json_array_append_new(left,
            json_pack("{s:s, s:i, s:o}", "what", r->left[i].why, "count", r->left[i].count, "first",
                json_utf8(r->left[i].first)));
    json_object_set_new(json, "left_aside", left);
    json_set_flag(json, "groups_by_name", d->name_groups);
    if (d->name_groups || d->groups_asked)
        json_object_set_new(json, "no_groups", no_groups_command(d));
    json_set_flag(json, "groups_asked", d->groups_asked);
    if (!r) return;
    json_object_set_new(json, "patterns",
        json_pack("{s:o, s:o}", "images", json_utf8(r->images), "labels", json_utf8(r->labels)));
}
