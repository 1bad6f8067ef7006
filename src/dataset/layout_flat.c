/* SPDX-License-Identifier: Apache-2.0 */
/* One folder with images and their masks, with a suffix of layout_label_suffixes. */
#include "dataset/layout.h"

static att_status open_flat(struct dataset *d, struct host *host, struct err *e)
{
    TRY(layout_add_mixed(d, d->root, e));
    return layout_open_mixed(d, host, e);
}

const struct layout layout_flat = {
    .name = "images and masks in one folder",
    .loose = true,
    .claims = layout_is_mixed,
    .open = open_flat,
};
