/* SPDX-License-Identifier: Apache-2.0 */
/* The Medical Segmentation Decathlon (arXiv 1902.09063): dataset.json lists pairs under "training";
 * one image file has all channels on a fourth axis. The listed files must exist: nnU-Net v1 wrote
 * the same list, but its files end in _0000. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "dataset/described.h"
#include "files/file.h"
#include "format/format.h"

/* macOS adds such files on other systems' disks; some published lists name them. */
static bool is_mac_note(const char *path) { return path && strncmp(file_base(path), "._", 2) == 0; }

static bool are_there(const char *root, const json_t *pairs)
{
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const char *name = json_str(json_array_get(pairs, i), "image");
        if (name && !is_mac_note(name) && *name != '/' && file_has(root, name)) return true;
    }
    return false;
}

static bool claims(const char *root)
{
    json_t *j = described_peek(root);
    const bool mine = json_object_size(json_object_get(j, "dataset")) == 0 &&
        are_there(root, json_object_get(j, "training"));
    json_decref(j);
    return mine;
}

static att_status add_pair(
    struct dataset *d, const struct description *t, const json_t *pair, size_t index, struct err *e)
{
    const json_t *image = json_object_get(pair, "image");
    char known[FORMAT_NAMES];
    const char *path = json_string_value(image);
    char *id = path ? format_stem(path) : NULL;
    if (!id)
        return layout_wrong(d, PROBLEM_UNREADABLE, t->path, e,
            "%s: entry %zu of \"training\" names no readable image; give %s", t->path, index,
            format_names(known));
    struct data_case *c = layout_add(d, id, e);
    mem_free(id);
    if (!c) return ATT_MEMORY;
    c->nimages = 1;
    TRY(described_file(d, t, image, c->id, false, &c->image[0], e));
    if (c->image[0] && !t->unlabelled)
        TRY(described_file(d, t, json_object_get(pair, "label"), c->id, false, &c->label, e));
    if (!(t->unlabelled ? c->image[0] : c->label)) layout_drop(d);
    return ATT_OK;
}

static att_status msd_add_pairs(struct dataset *d, const struct description *t, struct err *e)
{
    const json_t *pairs = json_object_get(t->root, "training");
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *pair = json_array_get(pairs, i);
        if (!is_mac_note(json_str(pair, "image"))) TRY(add_pair(d, t, pair, i, e));
    }
    return ATT_OK;
}

static att_status open_msd(struct dataset *d, struct host *host, struct err *e)
{
    return described_open(d, msd_add_pairs, host, e);
}

static att_status msd_images(
    struct dataset *d, const char *root, bool *fit, struct host *host, struct err *e)
{
    return claims(root) ? described_images(d, root, msd_add_pairs, fit, host, e) : ATT_OK;
}

const struct layout layout_msd = {
    .name = "Medical Segmentation Decathlon",
    .claims = claims,
    .open = open_msd,
    .images = msd_images,
};
