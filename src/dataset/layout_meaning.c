/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the meaning of labels and names of channels for layouts that do not state them. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/text.h"
#include "dataset/class_tables.h"
#include "dataset/codings.h"
#include "dataset/contents.h"
#include "dataset/described.h"
#include "dataset/forms.h"
#include "dataset/layout.h"
#include "dataset/layout_found.h"
#include "dataset/looks.h"
#include "dataset/memory_set.h"
#include "dataset/numbered.h"
#include "dataset/segments.h"
#include "dataset/shares.h"
#include "files/file.h"
#include "files/json_file.h"
#include "format/format.h"
#include "format/joined.h"
#include "format/nrrd_header.h"

struct found {
    struct values all;
    struct numbered numbered;
    struct extent extent[VALUES];
    struct codings codings;
    struct looks looks;
    bool told; /* a file names all classes */
    struct segments segments;
    struct forms forms;
    int labels, palettes; /* files; those with a palette */
    bool coloured;        /* the values of some are numbers of colours */
    int most;             /* values but 0 of one file */
    size_t voxels[VALUES],
        inner[VALUES]; /* by value; inner ones have equal neighbours along h and w */
};

/* Of a label that is being read. */
struct noted {
    struct values values;
    size_t *voxels, *inner; /* by value, up to the highest */
    bool thin;              /* few voxels above 0 are inner ones */
    struct labelmap look;   /* without samples */
    char *header;           /* of an NRRD file, or NULL */
    struct form form;
    struct err cause;
};

static att_status note_values(const struct labelmap *m, struct noted *f, struct err *e)
{
    const int *n = m->size;
    const uint16_t *x = m->data;
    const size_t voxels = image_voxels(n);
    unsigned highest = 0;
    for (size_t i = 0; i < voxels; i++) highest = x[i] > highest ? x[i] : highest;
    TRY(MEM_ARRAY(f->voxels, 2 * (highest + 1), "the values of labels", e));
    f->inner = f->voxels + highest + 1;
    for (int d = 0; d < n[0]; d++)
        for (int h = 0; h < n[1]; h++)
            for (int w = 0; w < n[2]; w++, x++) {
                const bool inside = h > 0 && h < n[1] - 1 && w > 0 && w < n[2] - 1;
                f->voxels[*x]++;
                f->inner[*x] +=
                    inside && x[-1] == *x && x[1] == *x && *(x - n[2]) == *x && x[n[2]] == *x;
            }
    size_t marked = 0, solid = 0;
    for (unsigned v = 0; v <= highest; v++) {
        if (f->voxels[v]) values_add(&f->values, v);
        marked += v ? f->voxels[v] : 0;
        solid += v ? f->inner[v] : 0;
    }
    f->thin = 20 * solid <= marked;
    return ATT_OK;
}

struct scan {
    struct dataset *d;
    struct found *f;
    struct noted *noted; /* of labels in flight */
    int in_flight, step; /* step: from one case that is read to the next */
    int many, at_many;   /* the first case with too many classes, or -1, and their number */
};

static void scan_one(void *arg, int i, struct err *e)
{
    struct scan *w = arg;
    struct noted *x = &w->noted[i % w->in_flight];
    const struct data_case *c = &w->d->cases[i * w->step];
    struct labelmap m;
    (void)e;
    *x = (struct noted){.voxels = NULL};
    if (!c->label || c->bad) return; /* while collecting problems */
    if (case_load_labels(c, &m, &x->cause) != ATT_OK) return;
    if (note_values(&m, x, &x->cause) == ATT_OK) form_find(&m, x->thin, &x->form, &x->cause);
    x->look = m;
    x->look.data = NULL;
    x->look.geometry = (struct geometry){.white = m.geometry.white};
    if (m.geometry.header && nrrd_sniff(m.geometry.header, m.geometry.header_size)) {
        x->header = (char *)m.geometry.header;
        m.geometry.header = NULL;
    }
    labelmap_free(&m);
}

static void forget(struct noted *x)
{
    mem_free(x->voxels);
    mem_free(x->header);
    *x = (struct noted){.voxels = NULL};
}

static att_status scan_merge(void *arg, int i, struct err *e)
{
    struct scan *w = arg;
    struct noted *x = &w->noted[i % w->in_flight];
    struct dataset *d = w->d;
    struct found *f = w->f;
    i *= w->step;
    if (x->cause.status != ATT_OK) {
        if (d->named && problem_of_file(x->cause.status, d->cases[i].label)) return ATT_OK;
        if (!d->problems || !problem_of_file(x->cause.status, d->cases[i].label))
            return dataset_wrong(d, x->cause.status, x->cause.text, e);
        d->cases[i].bad = true;
        return layout_wrong(d, PROBLEM_UNREADABLE, d->cases[i].label, e, "%s", x->cause.text);
    }
    if (!x->voxels) return ATT_OK;
    f->labels++;
    f->palettes += x->look.palette;
    f->coloured |= x->look.coloured;
    looks_add(&f->looks, &x->look, &x->values, i);
    TRY(segments_add(&f->segments, x->header, &x->values, i, e));
    forms_add(&f->forms, &x->form);
    f->most = max_int(f->most, values_count(&x->values) - values_have(&x->values, 0));
    for (int v = 0, end = values_highest(&x->values); v <= end; v++) {
        f->voxels[v] += x->voxels[v];
        f->inner[v] += x->inner[v];
    }
    for (int k = 0; k < VALUES / 64; k++) f->all.bits[k] |= x->values.bits[k];
    if (x->look.palette) values_drop(&x->values, NUMBERED_VOID);
    numbered_add(&f->numbered, &x->values, i);
    codings_add(&f->codings, &x->values, i);
    forget(x);
    const int count = values_count(&f->all);
    if (count <= LABELLING_MAX || w->many >= 0) return ATT_OK;
    w->many = i;
    w->at_many = count;
    return ATT_OK;
}

static double scan_bytes_of(void *arg, int i)
{
    const struct scan *w = arg;
    return 4 * w->d->cases[i * w->step].samples;
}

static int by_numbered_name(const void *a, const void *b, void *arg)
{
    const struct data_case *c = arg;
    return strverscmp(c[*(const int *)a].id, c[*(const int *)b].id);
}

/* The places of names, for `numbered`. */
static att_status find_name_places(const struct dataset *d, int **place, struct err *e)
{
    int *order;
    TRY(MEM_ARRAY(order, d->count, "the order of names", e));
    att_status status = MEM_ARRAY(*place, d->count, "the order of names", e);
    for (int i = 0; i < d->count; i++) order[i] = i;
    qsort_r(order, (size_t)d->count, sizeof *order, by_numbered_name, d->cases);
    for (int i = 0; i < d->count && status == ATT_OK; i++) (*place)[order[i]] = i;
    mem_free(order);
    return status;
}

/* Collects values of the labels of every `step` cases. */
static att_status scan_labels(struct scan *w, struct host *host, struct err *e)
{
    struct pool *pool = host ? host->pool : NULL;
    w->in_flight = 4 * pool_threads(pool);
    w->many = -1;
    const struct several labels = {divide_up(w->d->count, w->step), w->in_flight, "reading labels",
        scan_one, scan_merge, w, scan_bytes_of};
    TRY(MEM_ARRAY(w->noted, w->in_flight, "the values of labels", e));
    att_status status = parallel_run(&labels, pool, host, e);
    for (int i = 0; i < w->in_flight; i++) forget(&w->noted[i]);
    mem_free(w->noted);
    return status;
}

/* Collects values, and decides whether they number objects. */
static att_status scan(
    struct dataset *d, struct found *f, enum numbered_kind *kind, struct host *host, struct err *e)
{
    struct scan w = {.d = d, .f = f, .step = 1};
    int *place;
    TRY(find_name_places(d, &place, e));
    f->numbered.extent = f->extent;
    f->numbered.place = place;
    att_status status = scan_labels(&w, host, e);
    if (status == ATT_OK) status = numbered_find(&f->numbered, d, kind, host, e);
    mem_free(place);
    TRY(status);
    if (w.many < 0 || *kind == NUMBERED_OBJECTS) return ATT_OK;
    return err_data(e,
        "%s: up to this file the labels have %d different values, but a network has at most %d "
        "classes; save labels as class numbers without smoothing, and numbered objects all as 1",
        d->cases[w.many].label, w.at_many, LABELLING_MAX);
}

/* Masks of 0 and 1, and others of 0 and 255. */
static bool in_two_ways(const struct found *f)
{
    return f->most == 1 && values_count(&f->all) == 3 && values_have(&f->all, 1) &&
        values_have(&f->all, 255);
}

/* Without 0, the commonest value is the background. */
static unsigned find_background(const struct found *f)
{
    unsigned best = 0;
    for (unsigned v = 1; v < VALUES && !values_have(&f->all, 0); v++)
        if (f->voxels[v] > f->voxels[best]) best = v;
    return best;
}

/* Names such as #ff8000, of colours with 5 bits nearly. */
static void name_value(unsigned value, bool coloured, char name[LABELLING_NAME])
{
    unsigned c[3] = {value, value, value};
    const unsigned code = value - LABEL_COLOUR, bits[] = {code, code >> 10, code >> 5};
    if (value >= LABEL_RED) {
        c[0] = value - LABEL_RED;
        c[1] = c[2] = 0;
    } else if (value >= LABEL_COLOUR)
        for (int i = 0; i < 3; i++) c[i] = (bits[i] & 31) == 31 ? 255 : (bits[i] & 31) << 3;
    if (coloured)
        snprintf(name, LABELLING_NAME, "#%02x%02x%02x", c[0] & 255, c[1] & 255, c[2] & 255);
    else
        snprintf(name, LABELLING_NAME, "label %u", value);
}

static att_status meaning_name_classes(struct dataset *d, const struct found *f, struct err *e)
{
    const struct values *v = &f->all;
    /* whatever the number of values */
    const bool one = d->two_ways || values_count(v) > LABELLING_MAX;
    const unsigned background = find_background(f);
    struct labelling *l = &d->labels;
    char name[LABELLING_NAME];
    l->nonzero = one || (values_count(v) == 2 && !background);
    if (!one && f->palettes == f->labels && numbered_has_void(&f->all)) l->ignore = NUMBERED_VOID;
    if (background) labelling_add(l, background, "background");
    for (unsigned value = 0; value < VALUES; value++) {
        if (!values_have(v, value) || (one && l->count == 2) || (int)value == l->ignore ||
            (background && value == background))
            continue;
        const char *segment = segments_name(&f->segments, value);
        name_value(value, f->coloured, name);
        labelling_add(l, value,
            value == 0       ? "background"
                : segment    ? segment
                : l->nonzero ? "foreground"
                             : name);
    }
    if (l->count > 1) return ATT_OK;
    if (l->count == 0 && d->problems &&
        d->problems->count) { /* no label was readable: list all problems anyway */
        l->nonzero = true;
        labelling_add(l, 0, "background");
        labelling_add(l, 1, "foreground");
        return ATT_OK;
    }
    return err_data(e,
        "the labels of %s contain only %d; mark the objects to find, in greys or colours, as "
        "attunet ignores transparency (alpha)",
        d->root, max_int(values_highest(v), 0));
}

enum { MANY = 40 };

/* Whether two or more values between 0 and the highest have few inner voxels, unlike the highest:
 * steps of a smoothed edge. */
static bool has_steps(const struct found *f, unsigned *highest)
{
    enum { PART = 50 };
    int steps = 0;
    bool thin = true;
    *highest = 0;
    for (unsigned v = 1; v < VALUES && thin; v++) {
        if (!f->voxels[v]) continue;
        if (*highest) thin = PART * f->inner[*highest] < f->voxels[*highest];
        steps += *highest > 0;
        *highest = v;
    }
    return thin && steps >= 2 && PART * f->inner[*highest] >= f->voxels[*highest];
}

/* Whether most values have few inner voxels and lie near one that fills objects, as 99 and 101
 * beside 100: noise along edges. *thin and *full are two such. */
static bool has_traces(const struct found *f, unsigned *thin, unsigned *full)
{
    enum { PART = 50, NEAR = 8 };
    int values = 0, traces = 0;
    unsigned highest = 0;
    for (unsigned v = 1; v < VALUES; v++) {
        if (!f->voxels[v]) continue;
        values++;
        highest = v;
        if (PART * f->inner[v] >= f->voxels[v]) continue;
        for (unsigned near = v > NEAR ? v - NEAR : 1; near <= v + NEAR && near < VALUES; near++) {
            if (!f->voxels[near] || PART * f->inner[near] < f->voxels[near]) continue;
            *thin = v;
            *full = near;
            traces++;
            break;
        }
    }
    return traces >= 2 && 2 * traces >= values && highest > (unsigned)values;
}

/* Signs of damaged masks of one class, or false. */
static bool has_artefacts(const struct found *f, char *text, size_t size)
{
    const struct values *v = &f->all;
    const bool white = values_have(v, 255), low = values_have(v, 1), high = values_have(v, 254);
    unsigned highest = 0, thin = 0;
    if (white && (low || high))
        snprintf(text, size, "%s next to 255", low && high ? "1 and 254" : low ? "1" : "254");
    else if (has_steps(f, &highest))
        snprintf(text, size, "values below %u only along edges", highest);
    else if (has_traces(f, &thin, &highest))
        snprintf(text, size, "values such as %u only along edges, beside %u", thin, highest);
    else if (white && f->most == 1)
        snprintf(text, size, "255 and others, but no image with two");
    else
        return false;
    return true;
}

#define NUMBERS                                                                                    \
    "if they number objects, give `instances` to train single objects, or `mask-values` one to "   \
    "make them one class"

/* What makes the meaning a guess, in `text`; returns what to do if the values are no classes, or
 * NULL without a doubt. */
static const char *meaning_doubt(const struct dataset *d, enum numbered_kind kind,
    const struct found *f, char *text, size_t size)
{
    const int values = d->labels.count;
    char what[100];
    const char *look = looks_differ(&f->looks, d, text, size);
    if (look) return look;
    const char *segment = segments_differ(&f->segments, d, text, size);
    if (segment) return segment;
    const char *form = forms_doubt(&f->forms, d, text, size);
    if (form) return form;
    if (f->coloured && values > 2) {
        snprintf(text, size, "the labels of %.200s have %d colours besides the background", d->root,
            values - 1);
        return NUMBERS;
    }
    if (d->two_ways) {
        snprintf(
            text, size, "some labels of %.200s have values 0 and 1, others 0 and 255", d->root);
        return "if 1 and 255 are one class, give `mask-values` one, or info `fix`, which writes "
               "all as 0 and 1";
    }
    if (kind == NUMBERED_MIXED) {
        snprintf(text, size,
            "some labels of %.200s have up to %d values besides 0, each in one piece, but others "
            "mark several pieces with one value",
            d->root, values - 1);
        return NUMBERS;
    }
    if (kind != NUMBERED_CLASSES) {
        snprintf(text, size,
            "the labels of %.200s have %d values besides 0, %s in one piece and %s", d->root,
            values - 1, kind == NUMBERED_DOUBTFUL ? "nearly all" : "each",
            kind == NUMBERED_FEW ? "numbered from 1 in every image"
                                 : "not the same in every image");
        return NUMBERS;
    }
    if (values > MANY) {
        snprintf(text, size, "the labels of %.200s have %d different values", d->root, values);
        return NUMBERS
            "; if they are scaled or smoothed masks, save them without interpolation; if "
            "they are images, exchange the two folders";
    }
    const bool plain = !d->labels.nonzero && d->labels.ignore < 0;
    if (!plain || !has_artefacts(f, what, sizeof what)) {
        if (f->palettes == f->labels || !codings_differ(&f->codings, d, text, size)) return NULL;
        return "if some files have other numbers for the same classes, give all files the same "
               "numbers; if all values are one class, give `mask-values` one";
    }
    snprintf(text, size, "the labels of %.200s have %s", d->root, what);
    return "if they are masks of one class that were smoothed, or saved as JPEG, give "
           "`mask-values` one, or save them as 0 and 1; if 255 means ignore, say so there";
}

/* Notes a question: `info` lists it with the other problems; a training asks later (mask_values.h).
 */
static att_status ask(struct dataset *d, struct err *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static att_status ask(struct dataset *d, struct err *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    d->doubt = mem_text_list(format, args);
    va_end(args);
    if (!d->doubt) return err_memory(e, strlen(format), "a question");
    return d->problems && !d->values_given ? layout_wrong(d, PROBLEM_VALUE, NULL, e, "%s", d->doubt)
                                           : ATT_OK;
}

/* `if_not`: what to do if the values are no classes. */
static att_status ask_for_classes(
    struct dataset *d, const char *text, const char *if_not, struct err *e)
{
    return ask(d, e,
        "%s; if these are classes, give `mask-values` classes, or name them in a dataset.json; %s",
        text, if_not);
}

static att_status meaning_say_meaning(struct dataset *d, enum numbered_kind kind,
    const struct found *f, struct host *host, struct err *e)
{
    char list[LABELLING_TEXT], classes[32], text[600];
    const int values = values_count(&f->all);
    if (values == 0) return ATT_OK; /* no label was readable */
    if (values > LABELLING_MAX)
        return ask(d, e,
            "the labels of %.200s have %d values besides 0, too many for classes; " NUMBERS,
            d->root, values - 1);
    if (d->labels.ignore == NUMBERED_VOID)
        host_say(host, LOG_INFO, "labels have palettes: attunet ignores their value 255, as void");
    if (d->labels.value[0])
        host_say(host, LOG_INFO,
            "no label has a 0: attunet takes %d, the commonest value, as background",
            d->labels.value[0]);
    /* VOC gives the colours of classes to numbers of objects, too */
    const bool told = f->told && (kind == NUMBERED_CLASSES || !f->palettes);
    const char *if_not = told ? NULL : meaning_doubt(d, kind, f, text, sizeof text);
    if (if_not) TRY(ask_for_classes(d, text, if_not, e));
    snprintf(classes, sizeof classes, d->labels.count == 2 ? "one class" : "%d classes",
        d->labels.count - 1);
    host_say(host, LOG_INFO, "labels have the values %s%s: background and %s",
        labelling_values(&d->labels, list, sizeof list),
        f->coloured ? ", numbers of colours (docs/formats.md)" : "", classes);
    return ATT_OK;
}

/* A mask has several values, unlike that of one object. Greys of JPEG are cut at half. */
static bool has_numbers(const char *path)
{
    enum { OBJECT = 3 };
    struct contents c = {.values = 0};
    if (!format_is(path, &format_jpeg)) contents_look(path, true, &c);
    return c.values > OBJECT;
}

/* The first of some mask files, if all of these have several values; or "". */
static void find_numbered(const struct dataset *d, char first[PATH_MAX])
{
    enum { ASKED = 6 };
    *first = 0;
    for (int i = 0, step = divide_up(d->count, ASKED); i < d->count; i += step) {
        char part[PATH_MAX];
        if (!d->cases[i].label || !joined_part(d->cases[i].label, 0, part)) continue;
        if (!*first) snprintf(first, PATH_MAX, "%s", part);
        if (has_numbers(part)) continue;
        *first = 0;
        return;
    }
}

/* Each mask file of an image is one object; unless nearly all images have several, that is a guess.
 */
static att_status say_objects(struct dataset *d, struct host *host, struct err *e)
{
    const int several = layout_count_joined(d);
    labelling_of_objects(&d->labels);
    char numbered[PATH_MAX];
    find_numbered(d, numbered);
    if (*numbered && !d->reading->given)
        return err_data(e,
            "mask files such as %.300s have several values, so they are no single objects, but "
            "each image would have several; give patterns by which each mask belongs to one image "
            "(docs/data.md)",
            numbered);
    if (*numbered)
        return ask(d, e,
            "mask files such as %.300s have several values, though images have several of them; "
            "if each file is one object, give `instances`; if the files of an image are parts of "
            "one mask, give `mask-values` one; if each belongs to another image, give patterns "
            "(docs/data.md)",
            numbered);
    if (nine_tenths(several, d->count)) {
        host_say(host, LOG_INFO,
            "each mask file is one object of its image; `mask-values` one makes them one class");
        return ATT_OK;
    }
    return ask(d, e,
        "%d of %d images of %.200s have several mask files; if each file is one object, give "
        "`instances`; if the files of an image are parts of one mask, give `mask-values` one",
        several, d->count, d->root);
}

static att_status find_meaning(struct dataset *d, struct host *host, struct err *e)
{
    d->undeclared = true;
    if (d->objects) return say_objects(d, host, e);
    struct found *f;
    enum numbered_kind kind = NUMBERED_CLASSES;
    TRY(MEM_NEW(f, "the values of labels", e));
    att_status status = scan(d, f, &kind, host, e);
    d->numbered = kind == NUMBERED_OBJECTS;
    d->two_ways = in_two_ways(f);
    if (status == ATT_OK) status = meaning_name_classes(d, f, e);
    if (status == ATT_OK) status = class_tables_use(d, &f->looks, f->coloured, &f->told, host, e);
    if (status == ATT_OK) status = meaning_say_meaning(d, kind, f, host, e);
    mem_free(f);
    return status;
}

/* Of classes that the names of files tell, some cases; later checks report files that fail. */
static att_status doubt_forms(struct dataset *d, struct host *host, struct err *e)
{
    enum { ASKED = 40 };
    char text[600];
    struct scan w = {.d = d, .step = divide_up(d->count, ASKED)};
    TRY(MEM_NEW(w.f, "the values of labels", e));
    att_status status = scan_labels(&w, host, e);
    const char *if_not = status == ATT_OK ? forms_doubt(&w.f->forms, d, text, sizeof text) : NULL;
    mem_free(w.f);
    return if_not ? ask_for_classes(d, text, if_not, e) : status;
}

static att_status meaning_name_channels(struct dataset *d, struct err *e)
{
    bool colours = d->channels == 3 && d->dims == 2;
    for (int c = 0; c < d->channels; c++) {
        if (d->channels == 1)
            d->channel_name[c] = mem_text("image");
        else if (colours)
            d->channel_name[c] = mem_text("%s", c == 0 ? "red" : c == 1 ? "green" : "blue");
        else
            d->channel_name[c] = mem_text("channel %d", c);
        if (!d->channel_name[c]) return err_memory(e, 16, "the name of a channel");
    }
    return ATT_OK;
}

static att_status follow_names(
    struct dataset *d, const json_t *root, const char *path, struct host *host, struct err *e)
{
    const char *name[DATASET_CHANNELS];
    int count;
    TRY(described_channels(root, path, name, &count, e));
    if (count != d->channels) {
        host_warn(host, WARN_CHANNELS_DIFFER,
            "%s names %d channel%s, but images have %d; attunet ignores its names", path, count,
            TEXT_S(count), d->channels);
        return meaning_name_channels(d, e);
    }
    return described_name_channels(d, name, count, e);
}

/* The value that dataset.json gives to a name, or 0. */
static int stated_value(const struct labelling *l, const char *name)
{
    for (int i = 1; i < l->count; i++)
        if (strcmp(l->name[i], name) == 0) return l->value[i];
    return l->ignore >= 0 && strcmp(name, "ignore") == 0 ? l->ignore : 0;
}

/* Masks of single classes get the values that dataset.json gives to the names of their files. */
static att_status follow_classes(
    struct dataset *d, const struct labelling *files, const char *path, struct err *e)
{
    int value[LABELLING_MAX] = {0};
    for (int i = 1; i < files->count; i++)
        if (!(value[i] = stated_value(&d->labels, files->name[i])))
            return err_data(e,
                "%s: \"labels\" gives no value above 0 to '%s', a class by the names of mask "
                "files; "
                "correct the name there, rename the files, or give patterns (docs/data.md)",
                path, files->name[i]);
    for (int i = 0; i < d->count && files->count; i++) {
        struct data_case *c = &d->cases[i];
        if (c->label && !(c->label = joined_renumber(c->label, value))) return err_path(e);
    }
    return ATT_OK;
}

/* A stated class of masks that may be single objects: their numbers are attunet's own. */
static att_status follow_objects(struct dataset *d, const char *path, struct err *e)
{
    struct labelling *l = &d->labels;
    if (l->count != 2 || l->regions || l->ignore >= 0)
        return err_data(e,
            "%s: images have several mask files, one for each object, so \"labels\" must be the "
            "background and one class; correct it, or give patterns (docs/data.md)",
            path);
    l->nonzero = d->undeclared = true;
    return ask(d, e,
        "%.300s names one class, but images have several mask files; if each file is one object, "
        "give `instances`; if the files of an image are parts of one mask, give `mask-values` one",
        path);
}

static att_status follow(
    struct dataset *d, const json_t *root, const char *path, struct host *host, struct err *e)
{
    const bool names =
        json_object_get(root, "channel_names") || json_is_object(json_object_get(root, "modality"));
    if (root && !json_is_object(root))
        return err_data(e,
            "%s must contain an object, as in {\"labels\": {\"background\": 0, \"tumour\": 1}}",
            path);
    TRY(described_check_keys(root, path, e));
    if (!d->channel_name[0])
        TRY(names ? follow_names(d, root, path, host, e) : meaning_name_channels(d, e));
    d->named = d->labels.count && !json_object_get(root, "labels");
    if (!json_object_get(root, "labels"))
        return d->named ? doubt_forms(d, host, e) : find_meaning(d, host, e);
    host_say(host, LOG_INFO, "%s states the meaning of labels", path);
    const struct labelling files = d->labels; /* classes by the names of files */
    d->labels = (struct labelling){.ignore = -1};
    TRY(nnunet_labels(root, path, &d->labels, e));
    return d->objects ? follow_objects(d, path, e) : follow_classes(d, &files, path, e);
}

static void say_halves(const struct dataset *d, struct host *host)
{
    int count = 0;
    for (int i = 0; i < d->count; i++)
        count += d->cases[i].label && format_is(d->cases[i].label, &format_jpeg);
    if (count)
        host_say(host, LOG_INFO,
            "%d label%s in JPEG files: attunet cuts the greys between black and white at half",
            count, count == 1 ? " is" : "s are");
}

static att_status meaning_read_text(const char *text, json_t **root, struct err *e)
{
    json_error_t why;
    *root = json_memory_load(text, strlen(text), JSON_REJECT_DUPLICATES, &why);
    if (*root) return ATT_OK;
    if (json_memory_lost()) return err_memory(e, strlen(text), "the description of a data set");
    return err_data(e,
        "the description of the data set, line %d: %.200s; give JSON, as in dataset.json", why.line,
        why.text);
}

att_status layout_describe_as(struct dataset *d, const char *text, struct host *host, struct err *e)
{
    static const char what[] = "the description of the data set";
    if (!text) return follow(d, NULL, what, host, e);
    json_t *root = NULL;
    att_status status = meaning_read_text(text, &root, e);
    if (status == ATT_OK) status = follow(d, root, what, host, e);
    json_decref(root);
    return status;
}

/* Ignores a dataset.json next to a CSV: it may belong to another data set. */
att_status layout_describe(struct dataset *d, struct host *host, struct err *e)
{
    json_t *root = NULL;
    if (d->listing) return ATT_OK;
    say_halves(d, host);
    const bool listed = !file_is_folder(d->path);
    char *path = file_join(d->root, "dataset.json");
    att_status status = !path          ? err_path(e)
        : !listed && file_exists(path) ? json_file_read(path, &root, e)
                                       : ATT_OK;
    if (status == ATT_OK) status = follow(d, root, path, host, e);
    json_decref(root);
    mem_free(path);
    return status;
}
