/* SPDX-License-Identifier: Apache-2.0 */
/* Cut a patch out of its image row by row: copy it if it is at most mirrored, else sample at affine
 * and bent positions.
 * Bending is a free-form deformation: cubic B-splines between displacements at the nodes of a
 * coarse grid. It cannot fold while no node moves more than 0.40 cells (Choi and Lee: Injectivity
 * conditions of 2D and 3D uniform cubic B-spline functions, Graphical Models 2000). */
#include <string.h>

#include "image/augment_parts.h"

/* The box of the image in memory. */
static struct box augment_warp_part_of(const struct augment_job *j)
{
    const int *size = j->source.size;
    return box_voxels(&j->part) ? j->part : (struct box){{0, 0, 0}, {size[0], size[1], size[2]}};
}

/* The plane of a map in that box, for a patch whose plane is z of the image. */
static int augment_warp_plane(const struct augment_work *w, const struct augment_job *j,
    const struct box *part, int map, int z)
{
    const int at = z + map % w->slices - w->slices / 2, last = j->source.size[0] - 1;
    return (at < 0 ? 0 : at > last ? last : at) - part->from[0];
}

static size_t augment_warp_at(const int size[3], int d, int h, int w)
{
    return ((size_t)d * (size_t)size[1] + (size_t)h) * (size_t)size[2] + (size_t)w;
}

static void augment_warp_copy_samples(const float *from, bool flip, int n, float *to)
{
    if (!flip)
        memcpy(to, from, (size_t)n * sizeof *to);
    else
        for (int i = 0; i < n; i++) to[i] = from[-i];
}

static void copy_classes(const uint8_t *from, bool flip, int n, uint8_t *to)
{
    if (!flip)
        memcpy(to, from, (size_t)n);
    else
        for (int i = 0; i < n; i++) to[i] = from[-i];
}

/* True if the row extends past the image. */
static bool copy_row(const struct augment_work *w, const struct augment_job *j, int d, int h)
{
    const int *patch = w->patch, *size = j->source.size, *origin = j->origin;
    const bool *flip = j->a.flip;
    int z = origin[0] + (flip[0] ? patch[0] - 1 - d : d),
        y = origin[1] + (flip[1] ? patch[1] - 1 - h : h), n = patch[2];
    bool inside = z >= 0 && z < size[0] && y >= 0 && y < size[1];
    /* Voxels of the row inside the image: first <= w < end. */
    int before = origin[2] < 0 ? -origin[2] : 0,
        after = origin[2] + n > size[2] ? origin[2] + n - size[2] : 0;
    int first = flip[2] ? after : before, end = n - (flip[2] ? before : after);
    if (!inside || first >= end) first = end = 0;
    const struct box part = augment_warp_part_of(j);
    size_t to = augment_warp_at(patch, d, h, 0), voxels = box_voxels(&part);
    for (int m = 0; m < w->maps; m++) {
        float *out = j->out + (size_t)m * w->area + to;
        memset(out, 0, (size_t)first * sizeof *out);
        memset(out + end, 0, (size_t)(n - end) * sizeof *out);
    }
    memset(j->labels + to, BEYOND, (size_t)first);
    memset(j->labels + to + end, BEYOND, (size_t)(n - end));
    if (first == end) return true;
    y -= part.from[1];
    const int x = origin[2] + (flip[2] ? n - 1 - first : first) - part.from[2];
    for (int m = 0; m < w->maps; m++) {
        const float *from = j->source.image + (size_t)(m / w->slices) * voxels;
        from += augment_warp_at(part.size, augment_warp_plane(w, j, &part, m, z), y, x);
        augment_warp_copy_samples(
            from, flip[2], end - first, j->out + (size_t)m * w->area + to + (size_t)first);
    }
    copy_classes(j->source.classes + augment_warp_at(part.size, z - part.from[0], y, x), flip[2],
        end - first, j->labels + to + first);
    return first > 0 || end < n;
}

void augment_bend(struct bending *b, const struct augment *a, const int patch[3])
{
    struct rng r = a->bend_rng;
    for (int i = 0; i < 3; i++) b->nodes[i] = a->bends[i] ? a->cells + 3 : 1;
    int count = b->nodes[0] * b->nodes[1] * b->nodes[2];
    for (int i = 0; i < 3; i++) {
        double reach = a->bends[i] ? a->bend * patch[i] / a->cells : 0;
        for (int k = 0; k < count; k++) b->at[i][k] = (float)(reach * rng_range(&r, -1, 1));
    }
}

/* Weights of nodes first .. first + 3 at voxel i of n. */
static int spline(int i, int n, int nodes, float weight[4])
{
    if (nodes == 1) {
        weight[0] = 1;
        weight[1] = weight[2] = weight[3] = 0;
        return 0;
    }
    float t = ((float)i + .5f) * (float)(nodes - 3) / (float)n;
    int first = (int)t < nodes - 4 ? (int)t : nodes - 4;
    float f = t - (float)first, g = 1 - f;
    weight[0] = g * g * g / 6;
    weight[1] = (4 - 6 * f * f + 3 * f * f * f) / 6;
    weight[2] = (4 - 6 * g * g + 3 * g * g * g) / 6;
    weight[3] = f * f * f / 6;
    return first;
}

/* A worker's arrays of n, for a row of n voxels. */
struct row {
    int n;
    float *place[3];  /* in the image; then the shares of the upper neighbours */
    float *moved[3];  /* displacements along d, h, w */
    float *weight[4]; /* of the nodes along the row */
    int *node,
        *low; /* the first of those nodes; index of the lower neighbour in the part in memory */
    uint8_t *inside;
    float *plane; /* [3][NODES_MOST * NODES_MOST]: nodes of the current plane */
};

static struct row augment_warp_row_of(float *own, int n)
{
    struct row r = {.n = n};
    for (int i = 0; i < 3; i++, own += n) r.place[i] = own;
    for (int i = 0; i < 3; i++, own += n) r.moved[i] = own;
    for (int i = 0; i < 4; i++, own += n) r.weight[i] = own;
    r.node = (int *)own;
    r.low = (int *)(own + n);
    r.inside = (uint8_t *)(own + 2 * n);
    r.plane = own + 3 * n;
    return r;
}

size_t augment_warp_own(const int patch[3])
{
    return (size_t)patch[2] * 13 + (size_t)3 * NODES_MOST * NODES_MOST;
}

static void begin_bending(struct row *r, const struct bending *b)
{
    for (int i = 0; i < r->n; i++) {
        float weight[4];
        r->node[i] = spline(i, r->n, b->nodes[2], weight);
        for (int k = 0; k < 4; k++) r->weight[k][i] = weight[k];
    }
}

/* Sum the nodes over d, for plane d. */
static void bend_plane(const struct row *r, const struct bending *b, int d, int depth)
{
    float weight[4];
    int first = spline(d, depth, b->nodes[0], weight), area = b->nodes[1] * b->nodes[2];
    for (int axis = 0; axis < 3; axis++) {
        float *to = r->plane + axis * NODES_MOST * NODES_MOST;
        memset(to, 0, (size_t)area * sizeof *to);
        for (int i = 0; i < (b->nodes[0] > 1 ? 4 : 1); i++)
            for (int k = 0; k < area; k++) to[k] += weight[i] * b->at[axis][(first + i) * area + k];
    }
}

/* Displacements of one axis along row h: sum the plane's nodes over h, then along the row. */
static void bend_row(const struct row *r, const struct bending *b, int axis, int h, int height)
{
    float line[NODES_MOST + 3] = {0}, weight[4], *restrict to = r->moved[axis];
    int first = spline(h, height, b->nodes[1], weight);
    for (int i = 0; i < (b->nodes[1] > 1 ? 4 : 1); i++) {
        const float *from = r->plane + axis * NODES_MOST * NODES_MOST + (first + i) * b->nodes[2];
        for (int k = 0; k < b->nodes[2]; k++) line[k] += weight[i] * from[k];
    }
    for (int i = 0; i < r->n;) {
        const float *l = line + r->node[i], *restrict w0 = r->weight[0],
                    *restrict w1 = r->weight[1], *restrict w2 = r->weight[2],
                    *restrict w3 = r->weight[3];
        int end = i;
        while (end < r->n && r->node[end] == r->node[i]) end++;
        float l0 = l[0], l1 = l[1], l2 = l[2], l3 = l[3];
        for (int k = i; k < end; k++) to[k] = (w0[k] * l0 + w1[k] * l1) + (w2[k] * l2 + w3[k] * l3);
        i = end;
    }
}

/* start + w * step, plus the displacements. */
static void place_row(
    const struct row *r, int axis, double start, double step, const double matrix[3], bool bent)
{
    float *restrict p = r->place[axis], from = (float)start, by = (float)step;
    for (int i = 0; i < r->n; i++) p[i] = from + by * (float)i;
    for (int k = 0; bent && k < 3; k++) {
        const float *restrict u = r->moved[k], m = (float)matrix[k];
        for (int i = 0; i < r->n; i++) p[i] += m * u[i];
    }
}

/* Split positions into lower neighbours and shares of the upper ones; `there` voxels from `from` on
 * are in memory. The image extends half a voxel past the outermost centres. */
static void split_places(const struct row *r, int axis, int size, int from, int there, int stride)
{
    float *restrict p = r->place[axis], last = (float)(size - 1), end = (float)size - .5f;
    int *restrict low = r->low, top = size > 1 ? size - 2 : 0, max = there > 1 ? there - 2 : 0;
    uint8_t *restrict inside = r->inside;
    for (int i = 0; i < r->n; i++) {
        float q = p[i];
        inside[i] &= (uint8_t)((q >= -.5f) & (q <= end));
        q = q > 0 ? q : 0;
        q = q < last ? q : last;
        int l = (int)q < top ? (int)q : top;
        p[i] = q - (float)l;
        l -= from; /* positions outside the image may be outside the part, too */
        l = l > 0 ? l : 0;
        low[i] += (l < max ? l : max) * stride;
    }
}

static void augment_warp_find_places(const struct augment_work *w, const struct augment_job *j,
    const struct bending *b, int d, int h, const struct row *r)
{
    const int *patch = w->patch, *size = j->source.size, index[2] = {d, h};
    double v[3];
    bool bent = b != NULL;
    for (int i = 0; i < 3; i++) {
        double half = (patch[i] - 1) / 2.0, offset = (i < 2 ? index[i] : 0) - half;
        v[i] = j->a.flip[i] ? -offset : offset;
    }
    for (int i = 0; bent && i < 3; i++) bend_row(r, b, i, h, patch[1]);
    memset(r->low, 0, (size_t)r->n * sizeof *r->low);
    memset(r->inside, 1, (size_t)r->n);
    const struct box part = augment_warp_part_of(j);
    int stride = 1;
    for (int i = 2; i >= 0; i--) {
        const double *m = j->a.matrix[i];
        double start =
            j->origin[i] + (patch[i] - 1) / 2.0 + m[0] * v[0] + m[1] * v[1] + m[2] * v[2];
        place_row(r, i, start, j->a.flip[2] ? -m[2] : m[2], m, bent);
        split_places(r, i, size[i], part.from[i], part.size[i], stride);
        stride *= part.size[i];
    }
}

/* Neighbour k is the upper one along d, h, w by its bits 4, 2, 1; on an axis of one voxel, the
 * voxel itself. */
static void augment_warp_neighbours(const int size[3], int step[8])
{
    int stride[3] = {
        size[0] > 1 ? size[1] * size[2] : 0, size[1] > 1 ? size[2] : 0, size[2] > 1 ? 1 : 0};
    for (int k = 0; k < 8; k++)
        step[k] = (k >> 2 & 1) * stride[0] + (k >> 1 & 1) * stride[1] + (k & 1) * stride[2];
}

static float augment_warp_between(float a, float b, float share) { return a + share * (b - a); }

static void sample_volume(const struct row *r, const float *x, const int step[8], float *restrict y)
{
    const float *restrict fd = r->place[0], *restrict fh = r->place[1], *restrict fw = r->place[2];
    for (int i = 0; i < r->n; i++) {
        const float *p = x + r->low[i];
        float a = augment_warp_between(p[0], p[step[1]], fw[i]),
              b = augment_warp_between(p[step[2]], p[step[3]], fw[i]);
        float c = augment_warp_between(p[step[4]], p[step[5]], fw[i]),
              e = augment_warp_between(p[step[6]], p[step[7]], fw[i]);
        float v = augment_warp_between(
            augment_warp_between(a, b, fh[i]), augment_warp_between(c, e, fh[i]), fd[i]);
        y[i] = r->inside[i] ? v : 0;
    }
}

/* `shift` voxels from the row's places. */
static void sample_plane(
    const struct row *r, const float *x, int shift, const int step[8], float *restrict y)
{
    const float *restrict fh = r->place[1], *restrict fw = r->place[2];
    for (int i = 0; i < r->n; i++) {
        const float *p = x + (r->low[i] + shift);
        float a = augment_warp_between(p[0], p[step[1]], fw[i]),
              b = augment_warp_between(p[step[2]], p[step[3]], fw[i]);
        y[i] = r->inside[i] ? augment_warp_between(a, b, fh[i]) : 0;
    }
}

/* The class with the largest sum of linear weights; among equals the first in d, h, w order. */
static uint8_t vote(const uint8_t class[8], float fd, float fh, float fw)
{
    float weight[8], best = -1;
    uint8_t winner = class[0];
    for (int k = 0; k < 8; k++)
        weight[k] = (k & 4 ? fd : 1 - fd) * (k & 2 ? fh : 1 - fh) * (k & 1 ? fw : 1 - fw);
    for (int k = 0; k < 8 && best <= .51f; k++) { /* more than half: no other can match it */
        float sum = 0;
        for (int i = 0; i < 8; i++) sum += class[i] == class[k] ? weight[i] : 0;
        winner = sum > best ? class[k] : winner;
        best = sum > best ? sum : best;
    }
    return winner;
}

/* True if all eight neighbours agree, the usual case: two at a time. */
static bool augment_warp_agree(const uint8_t *p, const int step[8])
{
    uint16_t pair[4];
    if (step[1] == 1)
        for (int k = 0; k < 4; k++) memcpy(&pair[k], p + step[2 * k], 2);
    else
        for (int k = 0; k < 4; k++) pair[k] = (uint16_t)(p[step[2 * k]] * 0x101);
    return (pair[0] & 0xff) == pair[0] >> 8 &&
        !((pair[0] ^ pair[1]) | (pair[0] ^ pair[2]) | (pair[0] ^ pair[3]));
}

/* True if the row extends past the image. */
static bool sample_classes(
    const struct row *r, const uint8_t *classes, const int step[8], uint8_t *y)
{
    bool beyond = false;
    for (int i = 0; i < r->n; i++) {
        const uint8_t *p = classes + r->low[i];
        uint8_t class[8];
        if (!r->inside[i]) {
            y[i] = BEYOND;
            beyond = true;
        } else if (augment_warp_agree(p, step)) {
            y[i] = p[0];
        } else {
            for (int k = 0; k < 8; k++) class[k] = p[step[k]];
            y[i] = vote(class, r->place[0][i], r->place[1][i], r->place[2][i]);
        }
    }
    return beyond;
}

static bool sample_row(const struct augment_work *w, const struct augment_job *j,
    const struct bending *b, int d, int h, const struct row *r)
{
    const struct augment_source *s = &j->source;
    const struct box part = augment_warp_part_of(j);
    size_t to = augment_warp_at(w->patch, d, h, 0), voxels = box_voxels(&part);
    const int plane = part.size[1] * part.size[2];
    int step[8];
    augment_warp_find_places(w, j, b, d, h, r);
    augment_warp_neighbours(part.size, step);
    for (int m = 0; m < w->maps; m++) {
        const float *x = s->image + (size_t)(m / w->slices) * voxels;
        float *y = j->out + (size_t)m * w->area + to;
        if (w->slices > 1) { /* 2D: no change moves along d, so all places are in one plane */
            const int other = augment_warp_plane(w, j, &part, m, j->origin[0]);
            sample_plane(r, x, (other - r->low[0] / plane) * plane, step, y);
        } else if (s->size[0] > 1)
            sample_volume(r, x, step, y);
        else
            sample_plane(r, x, 0, step, y);
    }
    return sample_classes(r, s->classes, step, j->labels + to);
}

void augment_warp(const struct part *p)
{
    struct augment_work *w = p->w;
    const struct augment_job *j = p->u->job;
    ptrdiff_t job = p->u->beyond - w->beyond;
    const struct bending *b = j->a.bend > 0 ? &w->bend[job] : NULL;
    struct row r = augment_warp_row_of(p->own, w->patch[2]);
    int rows = w->patch[0] * w->patch[1], first = p->number * w->rows,
        end = rows - first < w->rows ? rows : first + w->rows;
    bool beyond = false;
    if (b) begin_bending(&r, b);
    for (int i = first; i < end; i++) {
        int d = i / w->patch[1], h = i % w->patch[1];
        if (b && (i == first || h == 0)) bend_plane(&r, b, d, w->patch[0]);
        bool out = b || j->a.affine ? sample_row(w, j, b, d, h, &r) : copy_row(w, j, d, h);
        beyond |= out;
    }
    w->part_beyond[job * w->row_parts + p->number] = beyond;
}
