/* SPDX-License-Identifier: Apache-2.0 */
/* What loading cases takes, foreseen from the headers of their files, so that a limit on memory is
 * kept before the first one is loaded. */
#ifndef TRAIN_LOADING_H
#define TRAIN_LOADING_H

#include "dataset/fingerprint.h"
#include "model/model.h"
#include "train/train.h"

/* What the process holds now, with room for what is not counted. */
double loading_held(void);

/* Before the listed cases are looked at for a fingerprint, one at a time: ATT_MEMORY where one of
 * them takes the process beyond the limit (0: there is none).  Where there is nothing left to keep,
 * that is where the process is larger than the limit already and the cases are small, they are
 * looked at all the same, so that a limit that would do can be named.  *least grows to what the
 * process takes with one. */
att_status loading_look(
    const struct dataset *d, const int *list, int count, double limit, double *min, struct err *e);

/* Of all listed cases on the network's grid: what the process will hold more when all are there,
 * and at most on the way. `looked` (NULL: not known) is what the fingerprint found of them. *known
 * is false where the size of a case only turns out when it is loaded. */
struct loading {
    double kept, peak;
    bool known;
};
att_status loading_estimate(const struct train_context *c, const struct dataset *d, const int *list,
    int count, const struct fingerprint_case *looked, const struct model *m, struct loading *l,
    struct err *e);
/* Before a case is loaded: ATT_MEMORY where the process would exceed the limit with it. */
att_status loading_check(const struct train_context *c, const struct dataset *d, int index,
    const struct model *m, double limit, struct err *e);
/* The same of a case that is packed then, in chunks of so many bytes. */
att_status loading_check_pack(const struct train_context *c, const struct dataset *d, int index,
    const struct fingerprint_case *looked, const struct model *m, size_t chunk, double limit,
    struct err *e);

#endif
