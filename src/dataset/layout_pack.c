/* SPDX-License-Identifier: Apache-2.0 */
/* Packed sets as data sets. */

#include "base/mem.h"
#include "dataset/layout.h"
#include "dataset/pack.h"
#include "files/file.h"

static bool claims(const char *root) { return file_has(root, PACK_INDEX); }

static att_status read_and_check(
    struct dataset *d, const char *path, struct host *host, struct err *e)
{
    int missing;
    TRY(pack_read(path, d, d->pack, e));
    TRY(pack_check(d->pack, d, &missing, e));
    if (missing)
        host_warn(host, WARN_PACK_SOURCE_MISSING,
            "%d of the original files of %s are no longer in %s; training works without them, "
            "validation does not",
            missing, d->root, d->pack->source);
    return ATT_OK;
}

static att_status open_pack(struct dataset *d, struct host *host, struct err *e)
{
    char *path = file_join(d->root, PACK_INDEX);
    d->pack = mem_alloc(sizeof *d->pack);
    if (d->pack) d->pack->folder = mem_text("%s", d->root);
    att_status status = path && d->pack && d->pack->folder
        ? read_and_check(d, path, host, e)
        : err_memory(e, sizeof *d->pack, "a packed set");
    mem_free(path);
    return status;
}

const struct layout layout_pack = {
    .name = "packed",
    .claims = claims,
    .open = open_pack,
};
