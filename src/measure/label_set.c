/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/label_set.h"

#include <unistd.h>

#include "base/mem.h"
#include "dataset/layout.h"
#include "files/file.h"
#include "measure/pairs.h"

static att_status open_set(const char *path, bool fits, bool report, struct dataset *d, bool *found,
    struct host *host, struct err *e)
{
    struct err why = {0};
    *found = false;
    if (!fits) return ATT_OK;     /* masks alone, or any folder above them */
    if (host) host->muted = true; /* no messages on cases, but progress */
    const att_status status = dataset_open(path, d, host, &why);
    if (host) host->muted = false;
    *found = status == ATT_OK;
    if (status != ATT_OK && status != ATT_DATA && !(report && status == ATT_IO))
        return err_pass(e, status, &why);
    if (!*found && report && !layout_is_mixed(path))
        host_warn(host, WARN_DATASET_UNREADABLE,
            "the data set cannot be read, so only the compared masks give the meaning of "
            "values: %s",
            why.text);
    return ATT_OK;
}

static bool is_label_folder(const char *labels, const char *set)
{
    char *folder = pairs_label_folder(set);
    const bool same = folder && file_same(folder, labels);
    mem_free(folder);
    return same;
}

att_status label_set_open(
    const char *labels, bool own, struct dataset *d, bool *found, struct host *host, struct err *e)
{
    *found = false;
    if (!file_is_folder(labels)) return ATT_OK;
    TRY(open_set(labels, dataset_pairs(labels), own, d, found, host, e));
    if (*found) return ATT_OK;
    char *above = mem_text("%s/..", labels);
    if (!above) return err_path(e);
    /* The folder above may be closed to listing. */
    const bool mine = own ? is_label_folder(labels, above) : access(above, R_OK) == 0;
    att_status status = mine ? open_set(above, dataset_is(above), own, d, found, host, e) : ATT_OK;
    mem_free(above);
    return status;
}
