/* SPDX-License-Identifier: Apache-2.0 */
/* What an earlier prediction left beside the masks of the same cases: overlays, maps and the like
 * that no longer belong to them. */
#ifndef PREDICT_STALE_H
#define PREDICT_STALE_H

#include "base/host.h"
#include "dataset/dataset.h"
#include "files/file.h"

struct stale {
    struct file_list names; /* in the folder, before the prediction */
    struct file_id *id;     /* of those that go with a mask; 0, 0: another file */
};

/* Before anything is written: notes what goes with the masks of these cases. `folder` is there. */
att_status stale_begin(const char *folder, const struct dataset *d, struct stale *s, struct err *e);
/* Says, if there are any, which of them have not been written anew. */
void stale_tell(const struct stale *s, const char *folder, struct host *host);
void stale_free(struct stale *s);

#endif
