/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/orientation.h"

#include <string.h>

#include "base/text.h"

const char *orientation_max(const struct dataset *d)
{
    static const char none[ORIENT_TEXT];
    const char *max = none;
    int with = 0;
    for (int i = 0; i < d->count; i++) {
        const char *axes = d->cases[i].axes;
        int same = 0;
        if (!*axes || strcmp(axes, max) == 0) continue;
        for (int j = i; j < d->count; j++) same += strcmp(axes, d->cases[j].axes) == 0;
        if (same <= with) continue;
        max = axes;
        with = same;
    }
    return max;
}

bool orientation_differs(const struct data_case *c, const char *axes)
{
    return *axes && *c->axes && strcmp(c->axes, axes) != 0;
}

static void orientation_log(const struct dataset *d, struct host *host)
{
    const struct data_case *first[2] = {NULL, NULL}; /* turned; not turned */
    int count[2] = {0, 0};
    for (int i = 0; i < d->count; i++) {
        const struct data_case *c = &d->cases[i];
        if (orientation_differs(c, d->axes) && count[c->oblique]++ == 0) first[c->oblique] = c;
    }
    if (count[0])
        host_say(host, LOG_INFO, "attunet turns %d of %d volume%s to the axes %s (%s has %s)",
            count[0], d->count, TEXT_S(d->count), d->axes, first[0]->id, first[0]->axes);
    if (count[1])
        host_warn(host, WARN_AXES_OBLIQUE,
            "attunet cannot turn %d of %d volume%s to %s, because their axes are oblique (such as "
            "%s); resample them to the axes of the body",
            count[1], d->count, TEXT_S(d->count), d->axes, first[1]->id);
}

att_status orientation_read(const char *wanted, char axes[ORIENT_TEXT], struct err *e)
{
    if (!wanted) return ATT_OK;
    if (strcmp(wanted, "qform") == 0) {
        if (*axes && !orient_is_qform(axes)) strcat(axes, ":q");
        return ATT_OK;
    }
    memset(axes, 0, ORIENT_TEXT);
    if (strcmp(wanted, "none") == 0) return ATT_OK;
    if (!orient_is_name(wanted))
        return err_usage(e,
            "`orientation` %.20s is not valid; give three letters, one each of L or R, P or A, I "
            "or S, such as LPS, or qform, or none",
            wanted);
    strcpy(axes, wanted);
    return ATT_OK;
}

/* Names the axes of all cases by their qforms. */
static void take_qforms(struct dataset *d)
{
    for (int i = 0; i < d->count; i++) {
        memcpy(d->cases[i].axes, d->cases[i].qform_axes, ORIENT_TEXT);
        d->cases[i].oblique = d->cases[i].qform_oblique;
    }
}

att_status orientation_choose(
    const char *wanted, const char *trained, struct dataset *d, struct host *host, struct err *e)
{
    char axes[ORIENT_TEXT] = "";
    if (trained) strcpy(axes, trained);
    const bool common = !*axes;
    TRY(orientation_read(wanted, axes, e));
    if (orient_is_qform(axes) || (wanted && strcmp(wanted, "qform") == 0)) take_qforms(d);
    if (common && (!wanted || strcmp(wanted, "qform") == 0)) strcpy(axes, orientation_max(d));
    if (d->dims == 2) memset(axes, 0, sizeof axes);
    memcpy(d->axes, axes, sizeof d->axes);
    orientation_log(d, host);
    return ATT_OK;
}
