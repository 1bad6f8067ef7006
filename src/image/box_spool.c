/* SPDX-License-Identifier: Apache-2.0 */
#include "image/box_spool.h"

att_status box_read(const struct spool *s, uint64_t at, const int size[3], size_t bytes,
    const struct box *b, void *x, struct err *e)
{
    char *to = x;
    for (struct box_run r = {0}; box_next_run(b, size, &r); to += r.count * bytes)
        TRY(scratch_read(s, at + (uint64_t)r.from * bytes, to, r.count * bytes, e));
    return ATT_OK;
}

att_status box_write(const struct spool *s, uint64_t at, const int size[3], size_t bytes,
    const struct box *b, const void *x, struct err *e)
{
    const char *from = x;
    for (struct box_run r = {0}; box_next_run(b, size, &r); from += r.count * bytes)
        TRY(scratch_write(s, at + (uint64_t)r.from * bytes, from, r.count * bytes, e));
    return ATT_OK;
}
