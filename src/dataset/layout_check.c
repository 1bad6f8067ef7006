/* SPDX-License-Identifier: Apache-2.0 */
/* Checks the header of every file of a data set; called by all layouts. */
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/text.h"
#include "dataset/grid.h"
#include "dataset/layout.h"
#include "dataset/memory_set.h"
#include "dataset/names.h"
#include "dataset/pairing_words.h"
#include "dataset/times.h"
#include "format/format.h"
#include "image/orient.h"

struct fault {
    enum problem_kind kind;
    const char *file;
};

/* Images that ask viewers to turn them; with spacing from the affine; labels that are cut; with
 * transparency; with two forms; grey ones among coloured ones; with 0 as white, and others; NPY
 * arrays whose four axes may be times and channels. */
enum { TURNING, DERIVED, LOSSY, ALPHA, FORMS, GREY, WHITE, BLACK, TIMES, ODDITIES };

struct layout_facts {
    bool declared;                 /* a file states the number of channels; */
    const struct data_case *first; /* else this case does; NULL at first */
    bool coloured;                 /* images are one file, red, green and blue */
    struct files_met {
        int count;
        const char *first;
    } odd[ODDITIES];
};

/* Of a case whose headers are being read. */
struct headers {
    struct files_met odd[ODDITIES];
    int channels, size[3];
    bool coloured;
    struct fault fault;
    struct err cause;
};

static void count_file(struct files_met *m, const char *file)
{
    if (m->count++ == 0) m->first = file;
}

static att_status layout_check_headers(struct data_case *c, struct headers *x, struct err *e)
{
    enum { FEW_SLICES = 4 };
    struct image m;
    struct fault *f = &x->fault;
    int *size = x->size;
    for (int i = 0; i < c->nimages; i++) {
        *f = (struct fault){PROBLEM_UNREADABLE, c->image[i]};
        TRY(case_peek_image(c, i, &m, e));
        if (m.geometry.asks_turning) count_file(&x->odd[TURNING], c->image[i]);
        count_file(&x->odd[m.geometry.white ? WHITE : BLACK], c->image[i]);
        if (m.geometry.derived) count_file(&x->odd[DERIVED], c->image[i]);
        if (m.channels > 1 && m.size[IMAGE_D] > 1 && m.size[IMAGE_D] <= FEW_SLICES &&
            format_is(c->image[i], &format_npy))
            count_file(&x->odd[TIMES], c->image[i]);
        if (m.geometry.alpha) count_file(&x->odd[ALPHA], c->image[i]);
        if (i == 0) {
            memcpy(size, m.size, sizeof m.size);
            x->coloured = m.geometry.colours && c->nimages == 1;
            orient_name(&m.geometry, m.size, c->axes);
            c->oblique = orient_is_oblique(&m.geometry);
            orient_name_qform(&m.geometry, m.size, c->qform_axes);
            if (m.geometry.two_forms) count_file(&x->odd[FORMS], c->image[0]);
            geometry_exchange_forms(&m.geometry);
            c->qform_oblique = orient_is_oblique(&m.geometry);
        }
        f->kind = PROBLEM_SIZE;
        if (i > 0) TRY(grid_check_size(c->image[i], m.size, c->image[0], size, e));
        f->kind = PROBLEM_CHANNELS;
        if (m.channels > DATASET_CHANNELS - x->channels)
            return err_data(e, "%s: with this file, case %s has more than %d channels; remove some",
                c->image[i], c->id, DATASET_CHANNELS);
        x->channels += m.channels;
    }
    if (!c->label) return ATT_OK;
    *f = (struct fault){PROBLEM_UNREADABLE, c->label};
    TRY(case_peek_labels(c, &m, e));
    if (m.geometry.lossy) count_file(&x->odd[LOSSY], c->label);
    f->kind = PROBLEM_SIZE;
    return grid_check_size(c->label, m.size, c->image[0], size, e);
}

static att_status widen(struct data_case *c, struct layout_facts *l, struct err *e)
{
    count_file(&l->odd[GREY], c->image[0]);
    c->samples *= 3;
    return case_widen(c, e);
}

/* Grey pictures among coloured ones become red, green and blue. */
static att_status widen_grey(
    struct dataset *d, struct data_case *c, struct layout_facts *l, struct headers *x)
{
    const bool picture = c->nimages == 1 && !c->memory && d->dims == 2;
    if (l->declared || !picture || x->channels == d->channels) return ATT_OK;
    if (x->channels == 1 && l->coloured) {
        x->channels = 3;
        return widen(c, l, &x->cause);
    }
    if (!x->coloured || d->channels != 1 || l->first->nimages != 1) return ATT_OK;
    d->channels = 3;
    l->coloured = true;
    for (struct data_case *before = d->cases; before < c; before++)
        if (!before->bad) TRY(widen(before, l, &x->cause));
    return ATT_OK;
}

static att_status layout_check_case(
    struct dataset *d, struct data_case *c, struct layout_facts *l, struct headers *x)
{
    struct err *e = &x->cause;
    int channels;
    for (int k = 0; k < ODDITIES; k++) {
        if (!l->odd[k].count) l->odd[k].first = x->odd[k].first;
        l->odd[k].count += x->odd[k].count;
    }
    if (x->size[IMAGE_D] > 1) d->dims = 3; /* even if a problem follows */
    if (e->status != ATT_OK) return e->status;
    c->samples = (double)image_voxels(x->size) * x->channels;
    x->fault = (struct fault){PROBLEM_CHANNELS, c->image[0]};
    if (d->channels == 0) {
        d->channels = x->channels;
        l->first = c;
        l->coloured = x->coloured;
    }
    TRY(widen_grey(d, c, l, x));
    channels = x->channels;
    if (channels != d->channels && l->declared)
        return err_data(e,
            "case %s has %d channel%s in %d file%s (%s) but dataset.json names %d; correct one of "
            "them",
            c->id, channels, TEXT_S(channels), c->nimages, TEXT_S(c->nimages), c->image[0],
            d->channels);
    if (channels != d->channels)
        return err_data(e, "%s has %d channel%s, but %s has %d; give all images the same channels",
            c->image[0], channels, TEXT_S(channels), l->first->image[0], d->channels);
    return ATT_OK;
}

/* When not collecting problems: fails with the first message; logs all if there are more. */
struct failures {
    struct err first;
    int count;
};

static void add_failure(struct failures *p, const struct err *e, struct host *host)
{
    if (p->count == 0) p->first = *e;
    if (p->count == 1) host_say(host, LOG_ERROR, "%s", p->first.text);
    if (p->count > 0) host_say(host, LOG_ERROR, "%s", e->text);
    p->count++;
}

static att_status check_gather(
    struct dataset *d, int index, const struct err *cause, const struct fault *f, struct err *e)
{
    d->cases[index].bad = true;
    return problems_add(d->problems, f->kind, f->file, index, e, "%s", cause->text) ? ATT_OK
                                                                                    : ATT_MEMORY;
}

static att_status gather_name(struct dataset *d, int index, struct err *e)
{
    struct err cause = {0};
    if (names_check(&d->cases[index], &cause) == ATT_OK) return ATT_OK;
    const char *file = d->cases[index].image[0];
    return problems_add(d->problems, PROBLEM_NAME, file, index, e, "%s", cause.text) ? ATT_OK
                                                                                     : ATT_MEMORY;
}

/* "3 images such as FILE VERB WHAT", one image VERBs. */
static att_status warn_of(struct dataset *d, const struct files_met *m, enum problem_kind kind,
    const char *verb, const char *what, struct host *host, struct err *e)
{
    const bool one = m->count == 1;
    if (!m->count) return ATT_OK;
    return layout_warn(d, kind, host, e, "%d image%s such as %.600s %s%s %s", m->count,
        one ? "" : "s", m->first, verb, one ? "s" : "", what);
}

/* Images whose transparency varies may have a fourth channel there. Some images tell. */
static att_status warn_of_alpha(
    struct dataset *d, const struct files_met *m, struct host *host, struct err *e)
{
    enum { LOOKS = 3 };
    bool varies = false;
    for (int k = 0; k < LOOKS && m->count && !varies; k++) {
        const struct data_case *c = &d->cases[(int64_t)(d->count - 1) * k / (LOOKS - 1)];
        struct err unread = {0};
        for (int i = 0; i < c->nimages && !varies && !c->memory; i++)
            if (format_alpha_varies(c->image[i], &varies, &unread) == ATT_MEMORY)
                return err_pass(e, ATT_MEMORY, &unread);
    }
    if (!varies) return ATT_OK;
    return warn_of(d, m, PROBLEM_ASIDE, "hold",
        "transparency (alpha) that varies as a channel does, but attunet ignores it; if it is a "
        "channel, such as infrared, save it as an image of its own and add its pattern to `images`",
        host, e);
}

static att_status warn_of_headers(
    struct dataset *d, const struct layout_facts *l, struct host *host, struct err *e)
{
    TRY(warn_of(d, &l->odd[DERIVED], PROBLEM_SPACING, "give",
        "no voxel length, or 0 (pixdim), so attunet uses the affine's; correct the headers, or "
        "give `voxel-size`",
        host, e));
    TRY(warn_of(d, &l->odd[FORMS], PROBLEM_ORIENTATION, "hold",
        "a qform unlike the sform; attunet uses the sform unless `orientation` is qform, and takes "
        "labels on either",
        host, e));
    if (l->odd[BLACK].count)
        TRY(warn_of(d, &l->odd[WHITE], PROBLEM_LOOK, "show",
            "0 as white (MinIsWhite), unlike the others; attunet reads the numbers; if all should "
            "look the same, save all as MinIsBlack",
            host, e));
    TRY(warn_of(d, &l->odd[TIMES], PROBLEM_LOOK, "hold",
        "four axes, which attunet reads as channels and a few slices; if they are times and "
        "channels, save an array [channel][1][h][w] of each time",
        host, e));
    TRY(warn_of_alpha(d, &l->odd[ALPHA], host, e));
    const struct files_met *lossy = &l->odd[LOSSY];
    if (lossy->count)
        host_warn(host, WARN_LABELS_LOSSY,
            "%d label%s such as %.600s %s compressed with loss; attunet reads values below 128 "
            "as 0, others as 255",
            lossy->count, TEXT_S(lossy->count), lossy->first, lossy->count == 1 ? "is" : "are");
    const struct files_met *grey = &l->odd[GREY];
    if (grey->count)
        host_say(host, LOG_INFO,
            "%d image%s such as %.600s %s grey, unlike the others; attunet reads red, green and "
            "blue from it",
            grey->count, TEXT_S(grey->count), grey->first, grey->count == 1 ? "is" : "are");
    /* Masks belong to stored pixels; a program that turned the picture drew them elsewhere. */
    return warn_of(d, &l->odd[TURNING], PROBLEM_ORIENTATION, "ask",
        "viewers to turn them (EXIF, or a TIFF's Orientation), but attunet does not; if masks were "
        "drawn on turned pictures, turn the files",
        host, e);
}

static int cases_by_label(const void *a, const void *b)
{
    return strcmp(
        (*(const struct data_case *const *)a)->label, (*(const struct data_case *const *)b)->label);
}

/* Of cases with one label file: a slip in a list, or images of one body that a split may part. */
static att_status warn_of_shared(struct dataset *d, struct host *host, struct err *e)
{
    const struct data_case **list, *one = NULL, *other = NULL;
    int count = 0, shared = 0;
    TRY(MEM_ARRAY(list, d->count + 1, "the labels of cases", e));
    for (int i = 0; i < d->count; i++)
        if (d->cases[i].label) list[count++] = &d->cases[i];
    qsort(list, (size_t)count, sizeof *list, cases_by_label);
    for (int i = 1; i < count; i++) {
        const struct data_case *a = list[i - 1], *b = list[i];
        if (strcmp(a->label, b->label) != 0 ||
            (a->group && b->group && text_equals(a->group, b->group)))
            continue;
        if (!shared++) one = a, other = b;
    }
    mem_free(list);
    if (!shared) return ATT_OK;
    return layout_warn(d, PROBLEM_SAME, host, e,
        "%d case%s the label of another case: %.100s and %.100s both have %.500s; correct that, or "
        "keep them in one group if they show the same",
        shared, shared == 1 ? " has" : "s have", one->id, other->id, one->label);
}

/* What the name of a channel's file states below the folder of the set. */
static unsigned modalities_of(const struct dataset *d, int i, int channel)
{
    const struct data_case *c = &d->cases[i];
    if (channel >= c->nimages || c->memory) return 0;
    const char *path = c->image[channel];
    return words_modalities(span_of(path + (text_begins(path, d->root) ? strlen(d->root) : 0)));
}

/* One channel of images that are CT by their names, and of others that are ultrasound. */
static att_status warn_of_modalities(struct dataset *d, struct host *host, struct err *e)
{
    for (int k = 0; k < DATASET_CHANNELS; k++) {
        struct files_met met[WORDS_MODALITIES] = {{0}};
        unsigned common = ~0U;
        int kinds = 0, i = 0;
        char list[1200] = "";
        for (int c = 0; c < d->count && common; c++) common &= modalities_of(d, c, k);
        for (; i < d->count; i++) {
            const unsigned own = modalities_of(d, i, k) & ~common;
            if (__builtin_popcount(own) != 1) break; /* none, or both in one name */
            count_file(&met[__builtin_ctz(own)], d->cases[i].image[k]);
        }
        if (!d->count || i < d->count) continue;
        for (int m = 0; m < WORDS_MODALITIES; m++)
            if (met[m].count)
                text_append(list, sizeof list, "%s%d image%s such as %.200s %s %s",
                    kinds++ ? ", " : "", met[m].count, TEXT_S(met[m].count), met[m].first,
                    met[m].count == 1 ? "is" : "are", words_modality_name(m));
        if (kinds > 1)
            return layout_warn(d, PROBLEM_LOOK, host, e,
                "by their names, %s; the network learns all of them through one channel; to learn "
                "only one kind, give `images` and `labels` of it, or list its files in a CSV",
                list);
    }
    return ATT_OK;
}

struct checking {
    struct dataset *d;
    struct layout_facts facts;
    struct failures failures;
    struct host *host;
    struct headers *headers; /* of cases in flight */
    int in_flight;
};

static void read_headers(void *arg, int i, struct err *e)
{
    struct checking *w = arg;
    struct headers *x = &w->headers[i % w->in_flight];
    (void)e;
    *x = (struct headers){.size = {[IMAGE_D] = 1}};
    layout_check_headers(&w->d->cases[i], x, &x->cause);
}

static att_status judge_headers(void *arg, int i, struct err *e)
{
    struct checking *w = arg;
    struct dataset *d = w->d;
    struct headers *x = &w->headers[i % w->in_flight];
    /* otherwise training reports it, for the cases it uses */
    if (d->problems) TRY(gather_name(d, i, e));
    if (layout_check_case(d, &d->cases[i], &w->facts, x) == ATT_OK) return ATT_OK;
    if (d->problems && !problem_of_file(x->cause.status, x->fault.file))
        return err_pass(e, x->cause.status, &x->cause);
    if (d->problems) return check_gather(d, i, &x->cause, &x->fault, e);
    add_failure(&w->failures, &x->cause, w->host);
    return ATT_OK;
}

att_status layout_check(struct dataset *d, struct host *host, struct err *e)
{
    if (!d->listing) TRY(warn_of_shared(d, host, e));
    if (!d->listing) TRY(warn_of_modalities(d, host, e));
    TRY(times_cut(d, host, e));
    struct pool *pool = host ? host->pool : NULL;
    struct checking w = {.d = d,
        .facts.declared = d->channels > 0,
        .host = host,
        .in_flight = 16 * pool_threads(pool)};
    const struct several cases = {
        d->count, w.in_flight, "reading headers", read_headers, judge_headers, &w, NULL};
    const struct failures *p = &w.failures;
    d->dims = 2;
    if (d->listing) return ATT_OK;
    TRY(MEM_ARRAY(w.headers, w.in_flight, "the headers of images", e));
    att_status status = parallel_run(&cases, pool, host, e);
    mem_free(w.headers);
    TRY(status);
    TRY(warn_of_headers(d, &w.facts, host, e)); /* first: turned masks differ in size */
    if (p->count > 1)
        return err_set(e, p->first.status,
            "%d of %d cases of %s cannot be used; the first: %.600s; to list all: attunet info %s",
            p->count, d->count, d->root, p->first.text, TEXT_PATH(d->path ? d->path : d->root));
    return p->count ? dataset_wrong(d, p->first.status, p->first.text, e) : ATT_OK;
}
