/* SPDX-License-Identifier: Apache-2.0 */
/* Labels have few values in flat areas; images have many that change from pixel to pixel. */
#include "dataset/contents.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "files/file_at.h"
#include "format/format.h"
#include "format/joined.h"
#include "format/places.h"
#include "image/box.h"
#include "image/shrink.h"

/* Of an image that JPEG stored, the values outside differ by a few percent of its range. */
#define CUT_NOISE .03f

enum { DRAWN_CHANNELS = 4 };
enum { VALUES_MOST = 1024, SLOTS = 4 * VALUES_MOST, READ_WHOLE = 1 << 20, FEW = 32, MANY = 300 };

struct counter {
    float value[SLOTS];
    size_t count[SLOTS];
    int values;
    size_t samples, extreme;  /* extreme: near 0 or 255 */
    size_t neighbours, equal; /* along a row, but those that both are of the commonest value */
    bool natural;             /* whole numbers from 0 */
    float least, most;
    size_t none, full; /* nearly 0, nearly 1 */
};

static void count_value(struct counter *c, float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    size_t at = bits * 2654435761u >> 20;
    while (c->count[at] && c->value[at] != x) at = (at + 1) % SLOTS;
    if (!c->count[at] && c->values == VALUES_MOST) return;
    c->values += !c->count[at];
    c->value[at] = x;
    c->count[at]++;
}

static float commonest(const struct counter *c)
{
    size_t best = 0;
    for (size_t i = 1; i < SLOTS; i++)
        if (c->count[i] > c->count[best]) best = i;
    return c->value[best];
}

static void contents_count_row(struct counter *c, const float *x, int width)
{
    for (int i = 0; i < width; i++) {
        c->natural = c->natural && x[i] >= 0 && x[i] == floorf(x[i]);
        if (x[i] > c->most) c->most = x[i];
        if (x[i] < c->least) c->least = x[i];
        c->none += x[i] < .01F;
        c->full += x[i] > .98F;
        c->extreme += x[i] <= 32 || x[i] >= 223;
        count_value(c, x[i]);
        c->samples++;
    }
}

static void count_edges(struct counter *c, const float *x, int width, float common)
{
    for (int i = 1; i < width; i++) {
        if (x[i] == common && x[i - 1] == common) continue;
        c->neighbours++;
        c->equal += x[i] == x[i - 1];
    }
}

/* Parts of 1 that are nearly all or nothing: how likely a class is in each voxel. */
static bool is_map(const struct counter *c)
{
    return c->full && !c->natural && c->least >= 0 && c->most <= 1.001F &&
        (double)(c->none + c->full) >= .85 * (double)c->samples &&
        (double)c->full >= .002 * (double)c->samples;
}

static enum content contents_judge(const struct counter *c)
{
    if (!c->samples || c->values == 1) return CONTENT_UNKNOWN;
    if (!c->natural) return CONTENT_IMAGE;
    if (c->values == 2) return CONTENT_LABEL;
    const double flat = c->neighbours ? (double)c->equal / (double)c->neighbours : 1;
    const bool black_and_white =
        c->most >= 223 && c->most <= 255 && (double)c->extreme >= .97 * (double)c->samples;
    if (black_and_white) return CONTENT_LABEL;
    if (c->values <= FEW && flat >= .4) return CONTENT_LABEL;
    if (c->values <= MANY && flat >= .7) return CONTENT_LABEL;
    return c->values > FEW && flat < .6 ? CONTENT_IMAGE : CONTENT_UNKNOWN;
}

static void count_all(struct counter *c, const float *x, size_t rows, int width)
{
    memset(c, 0, sizeof *c);
    c->natural = true;
    for (size_t y = 0; y < rows; y++) contents_count_row(c, x + y * (size_t)width, width);
    const float common = commonest(c);
    for (size_t y = 0; y < rows; y++) count_edges(c, x + y * (size_t)width, width, common);
}

static void look_whole(const char *path, struct counter *n, struct contents *c)
{
    struct image m;
    struct err unread = {0};
    if (format_load_image(path, &m, &unread) != ATT_OK) return;
    const size_t voxels = image_voxels(m.size);
    /* the indices of a palette are plain numbers, whatever their colours */
    for (size_t i = 0; i < voxels && m.channels == 3 && !c->palette && !c->coloured; i++)
        c->coloured = m.data[i] != m.data[voxels + i] || m.data[i] != m.data[2 * voxels + i];
    /* of a stain, perhaps only blue shows something */
    for (size_t k = 0; k < (size_t)m.channels && n->values < 2; k++)
        count_all(n, m.data + k * voxels, voxels / (size_t)m.size[IMAGE_W], m.size[IMAGE_W]);
    image_free(&m);
    c->kind = contents_judge(n);
}

/* The middle slice of a large file, or its size where that is compressed. */
static void look_part(const char *path, struct counter *n, struct contents *c)
{
    struct opened o;
    struct err unread = {0};
    bool can = false;
    if (opened_peek(path, &o, &can, &unread) != ATT_OK || !can) return;
    const int *size = o.at.size;
    const size_t plane = (size_t)size[IMAGE_H] * (size_t)size[IMAGE_W];
    float *x = o.at.packed ? NULL : mem_array(plane, sizeof *x);
    const struct box b = {{size[IMAGE_D] / 2, 0, 0}, {1, size[IMAGE_H], size[IMAGE_W]}};
    const bool begun = x && opened_begin(&o, ".", NULL, &unread) == ATT_OK;
    for (int k = 0; k < o.at.channels && begun && n->values < 2; k++) {
        if (opened_read(&o, k, &b, x, &unread) != ATT_OK) break;
        count_all(n, x, (size_t)size[IMAGE_H], size[IMAGE_W]);
        c->kind = contents_judge(n);
    }
    struct file_facts f;
    if (o.at.packed && file_facts(o.at.data_path ? o.at.data_path : path, &f)) {
        const double bits = 8 * (double)f.size / image_voxels_double(size);
        c->kind = bits < .5 ? CONTENT_LABEL : bits > 1.5 ? CONTENT_IMAGE : CONTENT_UNKNOWN;
    }
    mem_free(x);
    opened_close(&o);
}

void contents_look(const char *path, bool whole, struct contents *c)
{
    struct image m;
    struct err unread = {0};
    *c = (struct contents){.kind = CONTENT_UNKNOWN};
    if (format_peek_image(path, &m, &unread) != ATT_OK) return;
    c->channels = m.channels;
    c->palette = m.palette;
    memcpy(c->size, m.size, sizeof c->size);
    struct counter *n = mem_alloc(sizeof *n);
    if (!n) return;
    if (whole || image_voxels_double(m.size) * m.channels <= READ_WHOLE)
        look_whole(path, n, c);
    else
        look_part(path, n, c);
    c->values = n->values;
    c->map = is_map(n);
    /* of labels, attunet reads black and white (format_load_labels) */
    if (m.geometry.lossy && c->kind == CONTENT_LABEL && c->values > 2) c->values = 2;
    mem_free(n);
}

/* Voxels with these two values. */
struct value_pair {
    uint16_t first, second;
    size_t voxels;
};

struct pairs_seen {
    struct value_pair pair[VALUES_MOST];
    int slot[SLOTS]; /* number of a pair plus 1, by hash */
    int count;
    bool full;
};

static void count_pair(struct pairs_seen *p, uint16_t a, uint16_t b)
{
    size_t at = (((uint32_t)a << 16 | b) * 2654435761u) >> 20;
    while (p->slot[at] &&
        (p->pair[p->slot[at] - 1].first != a || p->pair[p->slot[at] - 1].second != b))
        at = (at + 1) % SLOTS;
    if (!p->slot[at]) {
        p->full |= p->count == VALUES_MOST;
        if (p->full) return;
        p->pair[p->count] = (struct value_pair){a, b, 0};
        p->slot[at] = ++p->count;
    }
    p->pair[p->slot[at] - 1].voxels++;
}

/* Most voxels first, of one value of the first mask. */
static int by_first(const void *a, const void *b)
{
    const struct value_pair *x = a, *y = b;
    const int order = x->first - y->first;
    return order ? order : (x->voxels < y->voxels) - (x->voxels > y->voxels);
}

/* All but those with the commonest partner of their value. */
static double sum_untold(struct pairs_seen *p)
{
    double sum = 0;
    if (p->count) qsort(p->pair, (size_t)p->count, sizeof *p->pair, by_first);
    for (int i = 1; i < p->count; i++)
        if (p->pair[i - 1].first == p->pair[i].first) sum += (double)p->pair[i].voxels;
    return sum;
}

static void share_all(const struct labelmap *x, const struct labelmap *y, struct pairs_seen *p,
    struct contents_shared *s)
{
    const size_t count = image_voxels(x->size);
    const size_t wide = (size_t)x->size[2], plane = wide * (size_t)x->size[1];
    for (size_t i = 0; i < count; i++) {
        const bool marked = x->data[i] || y->data[i];
        for (int k = 0; k < 3 && marked; k++) {
            const size_t at[3] = {i / plane, i % plane / wide, i % wide};
            s->first_at[k] += x->data[i] ? (double)at[k] : 0;
            s->second_at[k] += y->data[i] ? (double)at[k] : 0;
        }
        s->first += x->data[i] != 0;
        s->second += y->data[i] != 0;
        s->both += x->data[i] != 0 && y->data[i] != 0;
        count_pair(p, x->data[i], y->data[i]);
    }
    for (int k = 0; k < 3; k++) {
        s->first_at[k] /= fmax(s->first, 1) * x->size[k];
        s->second_at[k] /= fmax(s->second, 1) * x->size[k];
    }
    s->untold = p->full ? (double)count : sum_untold(p);
    s->voxels = (double)count;
}

bool contents_share(const char *a, const char *b, struct contents_shared *s)
{
    struct labelmap x = {.data = NULL}, y = {.data = NULL};
    struct err unread = {0};
    *s = (struct contents_shared){.first = 0};
    struct pairs_seen *p = mem_alloc(sizeof *p);
    const bool same = p && format_load_labels(a, &x, &unread) == ATT_OK &&
        format_load_labels(b, &y, &unread) == ATT_OK && image_same_triple(x.size, y.size);
    if (same) share_all(&x, &y, p, s);
    labelmap_free(&x);
    labelmap_free(&y);
    mem_free(p);
    return same;
}

static bool differs(const struct image *m, size_t a, size_t b, float noise)
{
    const size_t voxels = image_voxels(m->size);
    bool other = false;
    for (size_t c = 0; c < (size_t)m->channels && !other; c++)
        other = fabsf(m->data[c * voxels + a] - m->data[c * voxels + b]) > noise;
    return other;
}

static enum content_cut cut_judge(const struct image *m, const struct labelmap *x)
{
    const size_t voxels = image_voxels(m->size);
    float least = INFINITY, most = -INFINITY;
    size_t first = 0, marked = 0, drawn = 0, both = 0;
    while (first < voxels && x->data[first]) first++;
    if (first == voxels) return CUT_UNKNOWN;
    for (size_t i = 0; i < voxels * (size_t)m->channels; i++) {
        least = fminf(least, m->data[i]);
        most = fmaxf(most, m->data[i]);
    }
    for (size_t i = 0; i < voxels; i++) {
        const bool own = differs(m, i, first, CUT_NOISE * (most - least));
        marked += x->data[i] != 0;
        drawn += own;
        both += own && x->data[i];
    }
    if (!marked) return CUT_UNKNOWN;
    return (double)both >= .95 * (double)(marked + drawn - both) ? CUT_OUT : CUT_NOT;
}

enum content_cut contents_cut(const char *image, const char *masks)
{
    struct labelmap x = {.data = NULL};
    struct image m = {.data = NULL};
    struct err unread = {0};
    enum content_cut cut = CUT_UNKNOWN;
    if (joined_load(masks, &x, NULL, &unread) == ATT_OK &&
        format_load_image(image, &m, &unread) == ATT_OK && image_same_triple(x.size, m.size))
        cut = cut_judge(&m, &x);
    labelmap_free(&x);
    image_free(&m);
    return cut;
}

/* A grey image has its one sample in all colours. */
static float colour_at(const struct image *m, int channel, size_t voxel)
{
    return m->data[(size_t)(m->channels > 1 ? channel : 0) * image_voxels(m->size) + voxel];
}

/* Of the voxels at which two images differ, weighed by how much. */
struct drawing {
    double sum[DRAWN_CHANNELS], squares[DRAWN_CHANNELS], weight;
    double colour; /* between the least and the largest channel */
};

static void drawing_add(
    struct drawing *d, const struct image *m, int channels, size_t voxel, double weight)
{
    float least = INFINITY, most = -INFINITY;
    for (int c = 0; c < channels; c++) {
        const float x = colour_at(m, c, voxel);
        least = fminf(least, x);
        most = fmaxf(most, x);
        d->sum[c] += weight * (double)x;
        d->squares[c] += weight * (double)x * (double)x;
    }
    d->colour += weight * (double)(most - least);
    d->weight += weight;
}

static double drawing_spread(const struct drawing *d, int channels)
{
    double all = 0;
    for (int c = 0; c < channels; c++) {
        const double mean = d->sum[c] / d->weight;
        all += d->squares[c] / d->weight - mean * mean;
    }
    return all;
}

/* Lines are more colourful than what is below them, or else of fewer values. */
static enum content_drawn drawing_judge(const struct drawing two[2], int channels)
{
    const double a = two[0].colour, b = two[1].colour;
    const bool first = a > 2 * b || b > 2 * a
        ? a > b
        : drawing_spread(&two[0], channels) < drawing_spread(&two[1], channels);
    return first ? DRAWN_FIRST : DRAWN_SECOND;
}

static enum content_drawn is_drawn_over(const struct image *a, const struct image *b)
{
    const size_t voxels = image_voxels(a->size);
    const int channels = a->channels > b->channels ? a->channels : b->channels;
    struct drawing two[2] = {{.colour = 0}, {.colour = 0}};
    struct counter *n = mem_alloc(sizeof *n);
    if (!n || channels > DRAWN_CHANNELS) {
        mem_free(n);
        return DRAWN_NOT;
    }
    count_all(n, a->data, voxels / (size_t)a->size[IMAGE_W], a->size[IMAGE_W]);
    const float common = commonest(n);
    float least = INFINITY;
    size_t seen = 0, equal = 0;
    for (size_t i = 0; i < voxels; i++) least = fminf(least, a->data[i]);
    const float noise = a->geometry.lossy || b->geometry.lossy ? CUT_NOISE * (n->most - least) : 0;
    for (size_t i = 0; i < voxels; i++) {
        float apart = 0;
        for (int c = 0; c < channels; c++)
            apart = fmaxf(apart, fabsf(colour_at(a, c, i) - colour_at(b, c, i)));
        if (apart <= noise && a->data[i] == common) continue;
        seen++;
        equal += apart <= noise;
        if (apart <= noise) continue;
        const double weight = (double)apart * (double)apart;
        drawing_add(&two[0], a, channels, i, weight);
        drawing_add(&two[1], b, channels, i, weight);
    }
    mem_free(n);
    const bool drawn = seen && equal < seen && 2 * equal > seen;
    return drawn ? drawing_judge(two, channels) : DRAWN_NOT;
}

/* The noise of JPEG cancels out in the means of blocks. */
static bool average_blocks(struct image *m)
{
    static const int by[3] = {1, 4, 4};
    int size[3];
    for (int i = 0; i < 3; i++) size[i] = shrink_length(m->size[i], by[i]);
    float *means = mem_array(image_voxels(size) * (size_t)m->channels, sizeof *means);
    if (!means) return false;
    shrink_image(m->data, m->channels, m->size, by, means, NULL);
    mem_free(m->data);
    m->data = means;
    memcpy(m->size, size, sizeof size);
    return true;
}

enum content_drawn contents_drawn(const char *a, const char *b)
{
    struct image x = {.data = NULL}, y = {.data = NULL};
    struct err unread = {0};
    bool good = format_load_image(a, &x, &unread) == ATT_OK &&
        format_load_image(b, &y, &unread) == ATT_OK && image_same_triple(x.size, y.size) &&
        (x.channels == y.channels || x.channels == 1 || y.channels == 1);
    if (good && (x.geometry.lossy || y.geometry.lossy))
        good = average_blocks(&x) && average_blocks(&y);
    const enum content_drawn drawn = good ? is_drawn_over(&x, &y) : DRAWN_NOT;
    image_free(&x);
    image_free(&y);
    return drawn;
}
