/* SPDX-License-Identifier: Apache-2.0 */
/* For the start of a training, and for what follows a model. */
#include "dataset/mask_values.h"

#include <string.h>

void mask_values_join(struct dataset *d)
{
    struct labelling *l = &d->labels;
    const unsigned value = l->value[1];
    if (l->count < 2) return;
    *l = (struct labelling){.ignore = -1, .nonzero = true};
    labelling_add(l, 0, "background");
    labelling_add(l, value, "foreground");
}

/* Makes 1 and 255 two classes. */
static void separate(struct dataset *d)
{
    d->labels = (struct labelling){.ignore = -1};
    labelling_add(&d->labels, 0, "background");
    labelling_add(&d->labels, 1, "label 1");
    labelling_add(&d->labels, 255, "label 255");
    d->two_ways = false;
}

att_status mask_values_choose(const char *wanted, struct dataset *d, struct err *e)
{
    if (!wanted) return d->doubt ? err_set(e, ATT_DATA, "%s", d->doubt) : ATT_OK;
    if (!d->undeclared)
        return err_set(
            e, ATT_USAGE, "%s states the meaning of its labels; leave out `mask-values`", d->path);
    if (strcmp(wanted, "one") == 0)
        mask_values_join(d);
    else if (d->two_ways)
        separate(d);
    else if (d->numbered && d->labels.nonzero)
        return err_set(e, ATT_DATA,
            "the labels of %s have too many values for classes; give `mask-values` one", d->path);
    return ATT_OK;
}

void mask_values_follow(const char *wanted, const struct labelling *l, struct dataset *d)
{
    const bool chosen = d->undeclared && (d->doubt || (wanted && *wanted));
    if (chosen && l->nonzero) mask_values_join(d);
    if (chosen && !l->nonzero && d->two_ways) separate(d);
}
