/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the labelled times of volumes. Channels of classes or stains look alike, but are few. */
#include "dataset/times.h"

#include "base/mem.h"
#include "base/parallel.h"
#include "base/text.h"
#include "dataset/layout.h"
#include "files/file.h"
#include "format/format.h"
#include "format/joined.h"

enum { MODALITIES = 4 }; /* more channels than these are times; fewer may be anything */

struct series {
    int times; /* 0: the case is none */
    double samples;
    bool *labelled; /* by time */
};

struct work {
    struct dataset *d;
    struct series *series; /* by case */
};

/* Times of a case by the headers of its two files; *known: both can be read. */
static struct series peek_times(const struct data_case *c, bool *known)
{
    struct image m, label;
    struct err unread = {0};
    struct series s = {.times = 0};
    *known = c->nimages == 1 && c->label && !c->memory &&
        format_peek_image(c->image[0], &m, &unread) == ATT_OK &&
        format_peek_image(c->label, &label, &unread) == ATT_OK;
    if (!*known || joined_is(c->label) || m.channels < 2 || m.channels != label.channels ||
        m.geometry.colours || label.geometry.colours || !image_same_triple(m.size, label.size))
        return s;
    s.times = m.channels;
    s.samples = image_voxels_double(m.size) * m.channels;
    return s;
}

static void find_labelled(void *arg, int i, struct err *e)
{
    const struct work *w = arg;
    struct series *s = &w->series[i];
    struct image m;
    struct err unread = {0}; /* reported when the case is checked */
    if (!s->times) return;
    if (MEM_ARRAY(s->labelled, s->times, "the times of labels", e) != ATT_OK) return;
    const att_status status = format_load_image(w->d->cases[i].label, &m, &unread);
    if (status == ATT_MEMORY) err_pass(e, status, &unread);
    if (status != ATT_OK) {
        s->times = 0;
        return;
    }
    const size_t voxels = image_voxels(m.size);
    for (int t = 0; t < s->times && t < m.channels; t++) {
        const float *x = m.data + (size_t)t * voxels;
        for (size_t k = 0; k < voxels && !s->labelled[t]; k++) s->labelled[t] = x[k] != 0;
    }
    image_free(&m);
}

static double times_bytes(void *arg, int i)
{
    return 4 * ((const struct work *)arg)->series[i].samples;
}

static att_status add_time(struct dataset *d, const struct data_case *whole, int t, struct err *e)
{
    char *id = mem_text("%s_t%02d", whole->id, t);
    struct data_case *c = id ? layout_add(d, id, e) : NULL;
    mem_free(id);
    if (!c) return err_path(e);
    c->nimages = 1;
    c->fold = whole->fold;
    c->image[0] = mem_text("%s#t%d", whole->image[0], t);
    c->label = mem_text("%s#t%d", whole->label, t);
    if (d->has_groups) c->group = mem_text("%s", whole->group ? whole->group : whole->id);
    return c->image[0] && c->label && (c->group || !d->has_groups) ? ATT_OK : err_path(e);
}

static att_status cut_all(const struct work *w, struct host *host, struct err *e)
{
    struct dataset *d = w->d;
    struct data_case *whole = d->cases;
    const int count = d->count;
    int volumes = 0, without = 0;
    att_status status = ATT_OK;
    d->cases = NULL;
    d->count = 0;
    d->has_groups |= !file_has(d->root, "groups.csv");
    for (int i = 0; i < count; i++) {
        const struct series *s = &w->series[i];
        for (int t = 0; t < s->times && status == ATT_OK; t++) {
            without += !s->labelled[t];
            if (s->labelled[t]) status = add_time(d, &whole[i], t, e);
        }
        volumes += s->times > 0;
        if (!s->times && status == ATT_OK)
            status = MEM_ROOM(d->cases, d->count, "the list of cases", e);
        if (!s->times && status == ATT_OK)
            d->cases[d->count++] = whole[i];
        else
            data_case_free(&whole[i]);
    }
    mem_free(whole);
    TRY(status);
    host_say(host, LOG_INFO,
        "%d volume%s with several times, as their labels have: each labelled time is a case; "
        "attunet leaves %d time%s without a label aside",
        volumes, TEXT_S(volumes), without, TEXT_S(without));
    return layout_sort(d, e);
}

static bool has_times(const struct work *w)
{
    for (int i = 0; i < w->d->count; i++)
        if (w->series[i].times > MODALITIES) return true;
    return false;
}

static att_status read_all(struct work *w, struct host *host, struct err *e)
{
    struct pool *pool = host ? host->pool : NULL;
    const struct several labels = {w->d->count, 4 * pool_threads(pool),
        "reading the times of labels", find_labelled, NULL, w, times_bytes};
    bool known;
    for (int i = 0; i < w->d->count; i++) w->series[i] = peek_times(&w->d->cases[i], &known);
    return has_times(w) ? parallel_run(&labels, pool, host, e) : ATT_OK;
}

att_status times_cut(struct dataset *d, struct host *host, struct err *e)
{
    struct work w = {.d = d};
    bool known = false;
    struct series first = {.times = 0};
    if (d->channels > 1) return ATT_OK; /* a file names them */
    for (int i = 0; i < d->count && !known; i++) first = peek_times(&d->cases[i], &known);
    if (!first.times) return ATT_OK;
    TRY(MEM_ARRAY(w.series, d->count, "the times of labels", e));
    const int count = d->count;
    att_status status = read_all(&w, host, e);
    if (status == ATT_OK && has_times(&w)) status = cut_all(&w, host, e);
    for (int i = 0; i < count; i++) mem_free(w.series[i].labelled);
    mem_free(w.series);
    return status;
}
