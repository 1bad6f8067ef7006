/* SPDX-License-Identifier: Apache-2.0 */
/* Called where a case is loaded (dataset_load.c), and by format.c to store results on the file's
 * axes. */
#include "image/orient.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

static const char sides[3][2] = {
    {'L', 'R'}, {'P', 'A'}, {'I', 'S'}}; /* directions in which x, y and z fall, and rise */

/* Axis x, y or z of a letter, and whether it rises; false: unknown letter. */
static bool side(char letter, int *world, bool *rises)
{
    for (*world = 0; *world < 3; ++*world) {
        *rises = letter == sides[*world][1];
        if (*rises || letter == sides[*world][0]) return true;
    }
    return false;
}

bool orient_is_name(const char *text)
{
    int world, seen = 0;
    bool rises;
    if (strlen(text) != 3 && (strlen(text) != 5 || strcmp(text + 3, ":q") != 0)) return false;
    for (int i = 0; i < 3; i++)
        if (side(text[i], &world, &rises)) seen |= 1 << world;
    return seen == 7;
}

void orient_name(const struct geometry *g, const int size[3], char axes[ORIENT_TEXT])
{
    int world[3];
    bool rises[3];
    memset(axes, 0, ORIENT_TEXT);
    if (size[IMAGE_D] == 1 || !geometry_axes(g, world, rises)) return;
    for (int a = 0; a < 3; a++) axes[2 - a] = sides[world[a]][rises[a]];
}

bool orient_is_qform(const char *axes) { return strchr(axes, ':') != NULL; }

void orient_name_qform(const struct geometry *g, const int size[3], char axes[ORIENT_TEXT])
{
    struct geometry other = *g;
    geometry_exchange_forms(&other);
    orient_name(&other, size, axes);
    if (*axes) strcat(axes, ":q");
}

bool orient_is_oblique(const struct geometry *g)
{
    const double min = .8660254; /* the cosine of 30 degrees */
    for (int a = 0; a < 3; a++) {
        double max = 0;
        for (int i = 0; i < 3; i++) max = fmax(max, fabs(g->affine[i][2 - a]));
        if (max < min * geometry_length(g, a)) return true;
    }
    return false;
}

/* Set the source of axis `a`: the one of `axes` along a world axis, and its direction. */
static void turn_towards(
    struct turning *t, int a, const int world[3], const bool rises[3], int wanted, bool rising)
{
    for (int from = 0; from < 3; from++) {
        if (world[from] != wanted) continue;
        t->by[a] = (unsigned char)((from - a + 3) % 3);
        t->back[a] = rises[from] != rising;
    }
}

enum orient orient_to(
    const char *axes, const struct geometry *own, const int size[3], struct turning *t)
{
    int world[3], wanted;
    bool rises[3], rising;
    struct geometry form = *own, *g = &form;
    if (orient_is_qform(axes)) geometry_exchange_forms(g);
    *t = (struct turning){{0}, {false}};
    if (!*axes || size[IMAGE_D] == 1 || !geometry_axes(g, world, rises)) return ORIENT_SAME;
    for (int a = 0; a < 3; a++) {
        side(axes[2 - a], &wanted, &rising);
        turn_towards(t, a, world, rises, wanted, rising);
    }
    if (!turn_any(t)) return ORIENT_SAME;
    if (!orient_is_oblique(g)) return ORIENT_TURNS;
    *t = (struct turning){{0}, {false}};
    return ORIENT_OBLIQUE;
}

bool orient_upright(const char *axes, struct turning *t)
{
    int world[3];
    bool rises[3];
    *t = (struct turning){{0}, {false}};
    if (!orient_is_name(axes)) return false;
    for (int a = 0; a < 3; a++) side(axes[2 - a], &world[a], &rises[a]);
    turn_towards(t, IMAGE_H, world, rises, world[IMAGE_D] == 2 ? 1 : 2, false);
    turn_towards(t, IMAGE_W, world, rises, world[IMAGE_D] == 0 ? 1 : 0, false);
    return turn_any(t);
}

/* ---- turning, from a file and back to it */

static struct turning inverse(const struct turning *t)
{
    struct turning back = {{0}, {false}};
    for (int a = 0; a < 3; a++) {
        const int from = turn_from(t, a);
        back.by[from] = (unsigned char)((a - from + 3) % 3);
        back.back[from] = t->back[a];
    }
    return back;
}

void turn_size(const struct turning *t, const int size[3], int turned[3])
{
    for (int a = 0; a < 3; a++) turned[a] = size[turn_from(t, a)];
}

static void turn_geometry(const struct turning *t, const int size[3], struct geometry *g)
{
    const struct geometry was = *g;
    for (int a = 0; a < 3; a++) {
        const int from = turn_from(t, a);
        g->spacing[a] = was.spacing[from];
        g->user_spacing[a] = was.user_spacing[from];
        for (int i = 0; i < 3; i++) {
            const double step = was.affine[i][2 - from];
            g->affine[i][2 - a] = t->back[a] && step != 0 ? -step : step; /* avoid -0 */
            if (t->back[a]) g->affine[i][3] += (size[from] - 1) * step;
        }
    }
}

/* Start of a row of the turned image among samples of `size`, and the step between its samples. */
struct rows {
    ptrdiff_t first, step[3];
    int size[3];
};

static struct rows orient_rows_of(const struct turning *t, const int size[3])
{
    const ptrdiff_t stride[3] = {(ptrdiff_t)size[1] * size[2], size[2], 1};
    struct rows r = {.first = 0};
    turn_size(t, size, r.size);
    for (int a = 0; a < 3; a++) {
        const int from = turn_from(t, a);
        r.step[a] = t->back[a] ? -stride[from] : stride[from];
        if (t->back[a]) r.first += (size[from] - 1) * stride[from];
    }
    return r;
}

#define TURN(linkage, name, type)                                                                  \
    linkage void name(                                                                             \
        const struct turning *t, const type *restrict x, const int size[3], type *restrict y)      \
    {                                                                                              \
        const struct rows r = orient_rows_of(t, size);                                             \
        for (int d = 0; d < r.size[0]; d++)                                                        \
            for (int h = 0; h < r.size[1]; h++) {                                                  \
                const type *from = x + r.first + d * r.step[0] + h * r.step[1];                    \
                for (int w = 0; w < r.size[2]; w++) *y++ = from[w * r.step[2]];                    \
            }                                                                                      \
    }

TURN(extern, turn_floats, float)
TURN(static, turn_labels, uint16_t)
TURN(extern, turn_bytes, uint8_t)

/* One channel after the other, for little extra memory. */
static att_status turn_channels(
    const struct turning *t, const int size[3], int channels, float *x, struct err *e)
{
    const size_t voxels = image_voxels(size);
    float *copy;
    TRY(MEM_ARRAY(copy, voxels, "turning an image", e));
    for (int c = 0; c < channels; c++) {
        memcpy(copy, x + (size_t)c * voxels, voxels * sizeof *copy);
        turn_floats(t, copy, size, x + (size_t)c * voxels);
    }
    mem_free(copy);
    return ATT_OK;
}

att_status turn_classes(
    const struct turning *t, const int size[3], uint8_t **classes, struct err *e)
{
    uint8_t *turned;
    TRY(MEM_BYTES(turned, image_voxels(size), "turning the labels of an image", e));
    turn_bytes(t, *classes, size, turned);
    mem_free(*classes);
    *classes = turned;
    return ATT_OK;
}

att_status orient_sample(const char *axes, struct image *m, uint8_t **classes, struct err *e)
{
    struct turning t;
    int size[3];
    const bool turns = orient_to(axes, &m->geometry, m->size, &t) == ORIENT_TURNS;
    if (orient_is_qform(axes)) geometry_exchange_forms(&m->geometry);
    m->geometry.two_forms = false;
    if (!turns) return ATT_OK;
    if (*classes) TRY(turn_classes(&t, m->size, classes, e));
    if (m->data) TRY(turn_channels(&t, m->size, m->channels, m->data, e));
    turn_size(&t, m->size, size);
    turn_geometry(&t, m->size, &m->geometry);
    memcpy(m->size, size, sizeof size);
    m->geometry.turned = t;
    return ATT_OK;
}

att_status orient_image(const char *axes, struct image *m, struct err *e)
{
    uint8_t *none = NULL;
    return orient_sample(axes, m, &none, e);
}

/* Size and geometry of the stored grid; returns the turning to it. */
static struct turning stored_grid(
    const int size[3], const struct geometry *g, int stored[3], struct geometry *as_stored)
{
    const struct turning back = inverse(&g->turned);
    turn_size(&back, size, stored);
    *as_stored = *g;
    turn_geometry(&back, size, as_stored);
    as_stored->turned = (struct turning){{0}, {false}};
    return back;
}

att_status turn_image_back(const struct image *m, struct image *stored, struct err *e)
{
    const size_t voxels = image_voxels(m->size);
    *stored = (struct image){.channels = m->channels};
    const struct turning back = stored_grid(m->size, &m->geometry, stored->size, &stored->geometry);
    TRY(MEM_ARRAY(stored->data, voxels * (size_t)m->channels, "an image on its file's axes", e));
    for (int c = 0; c < m->channels; c++)
        turn_floats(
            &back, m->data + (size_t)c * voxels, m->size, stored->data + (size_t)c * voxels);
    return ATT_OK;
}

att_status turn_labels_back(const struct labelmap *m, struct labelmap *stored, struct err *e)
{
    const size_t voxels = image_voxels(m->size);
    *stored = (struct labelmap){.data = NULL};
    const struct turning back = stored_grid(m->size, &m->geometry, stored->size, &stored->geometry);
    TRY(MEM_ARRAY(stored->data, voxels, "labels on their file's axes", e));
    turn_labels(&back, m->data, m->size, stored->data);
    return ATT_OK;
}

void turn_triple_back(const struct turning *t, const int v[3], int stored[3])
{
    const struct turning back = inverse(t);
    turn_size(&back, v, stored);
}

void turn_box_back(
    const struct turning *t, const int size[3], const struct box *b, struct box *stored)
{
    for (int a = 0; a < 3; a++) {
        const int from = turn_from(t, a);
        stored->size[from] = b->size[a];
        stored->from[from] = t->back[a] ? size[a] - b->from[a] - b->size[a] : b->from[a];
    }
}
