/* SPDX-License-Identifier: Apache-2.0 */
/* Breast ultrasound images as published (Al-Dhabyani et al., Data in Brief 28, 2020): the folders
 * benign, malignant and normal contain "benign (1).png", "benign (1)_mask.png" and, for several
 * lesions, "benign (1)_mask_1.png", ... */

#include "base/mem.h"
#include "dataset/layout.h"
#include "files/file.h"

static const char *const folders[] = {"benign", "malignant", "normal", NULL};

static bool claims(const char *root)
{
    bool found = false;
    for (int i = 0; folders[i] && !found; i++) {
        char *path = file_join(root, folders[i]);
        found = path && layout_is_mixed(path);
        mem_free(path);
    }
    return found;
}

static att_status open_busi(struct dataset *d, struct host *host, struct err *e)
{
    for (int i = 0; folders[i]; i++) {
        char *path = file_join(d->root, folders[i]);
        if (!path) return err_path(e);
        att_status status = file_is_folder(path) ? layout_add_mixed(d, path, e) : ATT_OK;
        mem_free(path);
        TRY(status);
    }
    return layout_open_mixed(d, host, e);
}

const struct layout layout_busi = {
    .name = "BUSI",
    .loose = true,
    .claims = claims,
    .open = open_busi,
};
