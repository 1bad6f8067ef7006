/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing and applying augmentation; called by the sampler of training patches. */
#include "image/augment.h"

#include <math.h>
#include <string.h>

/* to = a * b */
static void multiply(double to[3][3], double a[3][3], double b[3][3])
{
    double m[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) m[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
    memcpy(to, m, sizeof m);
}

/* A turn by `angle` in the plane of the two axes that are not `axis`. */
static void turn(double m[3][3], int axis, double angle)
{
    int i = axis == 0 ? 1 : 0, j = axis == 2 ? 1 : 2;
    double r[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    r[i][i] = r[j][j] = cos(angle);
    r[i][j] = -sin(angle);
    r[j][i] = sin(angle);
    multiply(m, r, m);
}

void augment_draw(const struct augment_options *o, struct rng *r, struct augment *a)
{
    memset(a, 0, sizeof *a);
    for (int i = 0; i < 3; i++) a->matrix[i][i] = 1;
    /* Every draw happens whatever the options say, so that switching one off leaves the others as they were. */
    for (int i = 0; i < 3; i++) {
        bool heads = rng_u32(r) & 1;
        a->flip[i] = o->mirror && heads && !(o->flat && i == 0);
    }
    bool turns = rng_u32(r) & 1, scales = rng_u32(r) & 1;
    for (int axis = 0; axis < 3; axis++) {
        double angle = rng_range(r, -1, 1) * o->rotate;
        if (turns && o->rotate > 0 && !(o->flat && axis != 0)) {
            turn(a->matrix, axis, angle);
            a->affine = true;
        }
    }
    double factor = exp(rng_range(r, -1, 1) * log1p(o->scale));
    if (scales && o->scale > 0) {
        for (int i = o->flat ? 1 : 0; i < 3; i++)
            for (int j = 0; j < 3; j++) a->matrix[i][j] /= factor;
        a->affine = true;
    }
    double gain = exp(rng_range(r, -1, 1) * log(1.25)), offset = .1 * rng_normal(r), noise = .1 * rng_uniform(r);
    a->gain = o->intensity ? (float)gain : 1;
    a->offset = o->intensity ? (float)offset : 0;
    a->noise = o->intensity ? (float)noise : 0;
    a->rng = *r;
}

static size_t at(const int size[3], int d, int h, int w) { return ((size_t)d * (size_t)size[1] + (size_t)h) * (size_t)size[2] + (size_t)w; }

/* No turning: rows are copied, forwards or backwards. */
static void copy_patch(const struct augment_source *s, const int origin[3], const int patch[3], const bool flip[3], float *out,
                       uint8_t *labels)
{
    size_t voxels = image_voxels(s->size), area = image_voxels(patch);
    for (int d = 0; d < patch[0]; d++)
        for (int h = 0; h < patch[1]; h++) {
            int z = origin[0] + (flip[0] ? patch[0] - 1 - d : d), y = origin[1] + (flip[1] ? patch[1] - 1 - h : h);
            if (z < 0 || z >= s->size[0] || y < 0 || y >= s->size[1]) continue;
            for (int w = 0; w < patch[2]; w++) {
                int x = origin[2] + (flip[2] ? patch[2] - 1 - w : w);
                if (x < 0 || x >= s->size[2]) continue;
                size_t to = at(patch, d, h, w), from = at(s->size, z, y, x);
                labels[to] = s->classes[from];
                for (int c = 0; c < s->channels; c++) out[(size_t)c * area + to] = s->image[(size_t)c * voxels + from];
            }
        }
}

/* Where a linear sample lies: the lower corner and the share of the upper one, per axis; an axis of one voxel has no upper corner. */
struct place {
    int low[3], step[3];
    float share[3];
};

static bool locate(const int size[3], const double p[3], struct place *l)
{
    for (int i = 0; i < 3; i++) {
        if (p[i] < -.5 || p[i] > size[i] - .5) return false;
        double q = p[i] < 0 ? 0 : p[i] > size[i] - 1 ? size[i] - 1 : p[i];
        l->low[i] = (int)q;
        l->step[i] = l->low[i] + 1 < size[i];
        l->share[i] = (float)(q - l->low[i]);
    }
    return true;
}

static float linear(const float *x, const int size[3], const struct place *l)
{
    float sum = 0;
    for (int k = 0; k < 8; k++) {
        int b[3] = {k >> 2 & 1, k >> 1 & 1, k & 1};
        float weight = 1;
        for (int i = 0; i < 3; i++) weight *= b[i] ? l->share[i] : 1 - l->share[i];
        if (weight > 0)
            sum += weight * x[at(size, l->low[0] + b[0] * l->step[0], l->low[1] + b[1] * l->step[1], l->low[2] + b[2] * l->step[2])];
    }
    return sum;
}

static void affine_patch(const struct augment_source *s, const int origin[3], const int patch[3], const struct augment *a, float *out,
                         uint8_t *labels)
{
    size_t voxels = image_voxels(s->size), area = image_voxels(patch), to = 0;
    double centre[3];
    for (int i = 0; i < 3; i++) centre[i] = origin[i] + (patch[i] - 1) / 2.0;
    for (int d = 0; d < patch[0]; d++)
        for (int h = 0; h < patch[1]; h++)
            for (int w = 0; w < patch[2]; w++, to++) {
                double v[3] = {d - (patch[0] - 1) / 2.0, h - (patch[1] - 1) / 2.0, w - (patch[2] - 1) / 2.0}, p[3];
                for (int i = 0; i < 3; i++)
                    if (a->flip[i]) v[i] = -v[i];
                for (int i = 0; i < 3; i++) p[i] = centre[i] + a->matrix[i][0] * v[0] + a->matrix[i][1] * v[1] + a->matrix[i][2] * v[2];
                struct place l;
                if (!locate(s->size, p, &l)) continue;
                int near[3];
                for (int i = 0; i < 3; i++) near[i] = l.low[i] + (l.share[i] >= .5f ? l.step[i] : 0);
                labels[to] = s->classes[at(s->size, near[0], near[1], near[2])];
                for (int c = 0; c < s->channels; c++) out[(size_t)c * area + to] = linear(s->image + (size_t)c * voxels, s->size, &l);
            }
}

/* A mark for patch voxels beyond the image: no class and not LABEL_IGNORE, which voxels inside may carry. */
enum { BEYOND = 254 };

/* gain * x + offset + noise, inside the image only. */
static void change_intensity(const struct augment *a, size_t area, const uint8_t *labels, float *x, struct rng *r)
{
    for (size_t i = 0; i < area; i++) {
        /* Uniform noise of the wanted variance: a network cannot tell it from normal noise, and it costs a third. */
        float noise = a->noise * 3.4641016f * ((float)rng_uniform(r) - .5f);
        if (labels[i] != BEYOND) x[i] = x[i] * a->gain + a->offset + noise;
    }
}

void augment_patch(const struct augment_source *s, const int origin[3], const int patch[3], uint8_t outside, const struct augment *a,
                   float *out, uint8_t *labels)
{
    size_t area = image_voxels(patch);
    memset(out, 0, area * (size_t)s->channels * sizeof *out);
    memset(labels, BEYOND, area);
    if (a->affine)
        affine_patch(s, origin, patch, a, out, labels);
    else
        copy_patch(s, origin, patch, a->flip, out, labels);
    struct rng r = a->rng;
    if (a->gain != 1 || a->offset != 0 || a->noise != 0)
        for (int c = 0; c < s->channels; c++) change_intensity(a, area, labels, out + (size_t)c * area, &r);
    for (size_t i = 0; i < area; i++)
        if (labels[i] == BEYOND) labels[i] = outside;
}
