/* SPDX-License-Identifier: Apache-2.0 */
#include "train/pages.h"

#include "train/training.h"

static att_status pages_warn(
    const struct train_context *c, att_status status, const struct err *why, struct err *e)
{
    if (status == ATT_INTERRUPTED || status == ATT_IO) return err_pass(e, status, why);
    if (status != ATT_OK)
        host_warn(c->host, WARN_REPORT_INCOMPLETE, "%s; the run is complete without its report",
            why->text);
    return ATT_OK;
}

att_status pages_training(struct training *t, bool measured, struct err *e)
{
    const double begin = clock_now();
    struct err why = {0};
    if (!t->c->pages) return ATT_OK;
    const att_status status = t->c->pages->training(t, measured, &why);
    t->reporting += clock_now() - begin;
    return pages_warn(t->c, status, &why, e);
}

att_status pages_folder(
    const struct train_context *c, const char *run, const char *data, bool measured, struct err *e)
{
    struct err why = {0};
    if (!c->pages) return ATT_OK;
    return pages_warn(c, c->pages->folder(c, run, data, measured, &why), &why, e);
}

void pages_curves(const struct train_context *c, const char *run, const struct labelling *l,
    int upper, const char *title, int own)
{
    struct err why = {0};
    if (c->pages && c->pages->curves(run, l, upper, title, own, &why) != ATT_OK)
        host_warn(c->host, WARN_REPORT_INCOMPLETE, "%s; training continues without it", why.text);
}
