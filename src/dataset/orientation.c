/* SPDX-License-Identifier: Apache-2.0 */
/* Called when a training is decided, and by info. */
#include "dataset/orientation.h"

#include <string.h>

#include "base/mem.h"

const char *orientation_most(const char *first, size_t stride, int count)
{
    const char *most = NULL;
    int with = 0;
    for (int i = 0; i < count; i++) {
        const char *axes = first + (size_t)i * stride;
        int same = 0;
        if (!*axes || (most && strcmp(axes, most) == 0)) continue;
        for (int j = i; j < count; j++) same += strcmp(axes, first + (size_t)j * stride) == 0;
        if (same <= with) continue;
        most = axes;
        with = same;
    }
    return most;
}

/* Of a volume as it is stored. */
struct stored {
    char axes[ORIENT_TEXT];
    struct image m; /* without samples */
};

static att_status read_headers(const struct dataset *d, struct stored *s, struct err *e)
{
    for (int i = 0; i < d->count; i++) {
        struct err unread = {0};
        att_status status = dataset_peek_image(d, i, &s[i].m, &unread);
        if (status != ATT_OK && !d->problems) return err_set(e, status, "%s", unread.text);
        if (status != ATT_OK) s[i].m = (struct image){.size = {1, 1, 1}};
        orient_name(&s[i].m.geometry, s[i].m.size, s[i].axes);
    }
    return ATT_OK;
}

static void tell(const struct dataset *d, const struct stored *s, struct log *log)
{
    struct turning unused;
    int with[ORIENT_OBLIQUE + 1] = {0}, first[ORIENT_OBLIQUE + 1] = {0};
    for (int i = 0; i < d->count; i++) {
        const enum orient how = orient_to(d->axes, &s[i].m.geometry, s[i].m.size, &unused);
        if (with[how]++ == 0) first[how] = i;
    }
    if (with[ORIENT_TURNS])
        log_say(log, LOG_INFO,
                "%d of %d volumes are stored along other axes than %s (%s along %s): they are turned to these when they are read",
                with[ORIENT_TURNS], d->count, d->axes, d->cases[first[ORIENT_TURNS]].id, s[first[ORIENT_TURNS]].axes);
    if (with[ORIENT_OBLIQUE])
        log_say(log, LOG_WARN,
                "%d of %d volumes are stored along other axes than %s and lie oblique (such as %s): they are taken as they are stored; "
                "resample "
                "them to axes of the body",
                with[ORIENT_OBLIQUE], d->count, d->axes, d->cases[first[ORIENT_OBLIQUE]].id);
}

att_status orientation_read(const char *given, char axes[ORIENT_TEXT], struct err *e)
{
    if (!given) return ATT_OK;
    memset(axes, 0, ORIENT_TEXT);
    if (strcmp(given, "none") == 0) return ATT_OK;
    if (!orient_is_name(given))
        return err_set(e, ATT_USAGE,
                       "--orientation %.20s: three letters are needed, one each of L or R, P or A, I or S, such as LPS, or none", given);
    memcpy(axes, given, ORIENT_TEXT);
    return ATT_OK;
}

att_status orientation_choose(const char *given, const char *known, struct dataset *d, struct log *log, struct err *e)
{
    char axes[ORIENT_TEXT] = "";
    memset(d->axes, 0, sizeof d->axes);
    TRY(orientation_read(given, axes, e));
    if ((given && !*axes) || d->dims == 2) return ATT_OK;
    struct stored *s = mem_array((size_t)d->count, sizeof *s);
    if (!s) return err_memory(e, (size_t)d->count * sizeof *s, "the headers of images");
    att_status status = read_headers(d, s, e);
    if (status == ATT_OK) {
        const char *to = given ? axes : known && *known ? known : orientation_most(s->axes, sizeof *s, d->count);
        if (to) memcpy(d->axes, to, ORIENT_TEXT);
        if (log) tell(d, s, log);
    }
    mem_free(s);
    return status;
}
