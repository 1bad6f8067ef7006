/* SPDX-License-Identifier: Apache-2.0 */
/* Describes a packed data set from its index. */

#include "app/info.h"
#include "base/json.h"
#include "dataset/pack.h"
#include "feed/pack_case.h"

/* Min and max size of packed cases. */
static void info_pack_sides(const struct pack *p, int min[3], int max[3])
{
    bool any = false;
    for (int i = 0; i < p->count; i++) {
        if (!p->cases[i].packed) continue;
        for (int a = 0; a < 3; a++) {
            int n = p->cases[i].size[a];
            min[a] = !any || n < min[a] ? n : min[a];
            max[a] = !any || n > max[a] ? n : max[a];
        }
        any = true;
    }
}

json_t *info_pack(const struct dataset *d)
{
    const struct pack *p = d->pack;
    json_t *channels = json_array();
    int packed = 0, min[3] = {0}, max[3] = {0};
    int64_t bytes = 0, plain = 0;
    json_t *spacing = json_incref(json_object_get(p->preparation, "spacing"));
    for (int i = 0; i < d->channels; i++)
        json_array_append_new(channels, json_utf8(d->channel_name[i]));
    for (int i = 0; i < p->count; i++) {
        const struct pack_case *c = &p->cases[i];
        if (!c->packed) continue;
        packed++;
        bytes += c->bytes;
        plain += (int64_t)pack_chunk_bytes(image_voxels(c->size), d->channels);
    }
    info_pack_sides(p, min, max);
    return json_pack(
        "{s:s, s:o, s:o, s:i, s:i, s:i, s:o, s:o, s:O, s:o, s:o, s:o, s:o, s:i, s:I, s:I}", "what",
        "packed data set", "path", json_utf8(d->root), "source", json_utf8(p->source), "dims",
        d->dims, "cases", d->count, "packed", packed, "channels", channels, "labels",
        labelling_to_json(&d->labels), "preparation", p->preparation, "spacing",
        spacing ? spacing : json_pack("[fff]", 0., 0., 0.), "least", json_triple(min), "most",
        json_triple(max), "chunk", json_triple(p->chunk), "level", p->level, "bytes",
        (json_int_t)bytes, "plain_bytes", (json_int_t)plain);
}
