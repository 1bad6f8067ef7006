/* SPDX-License-Identifier: Apache-2.0 */
/* The surface runs half-way between inside and outside voxels (marching cubes): a single voxel of
 * eight cuts off a corner, two neighbours an edge, and so on. Both sides give the same surface, so
 * at most four voxels matter; voxels without a common face have separate surfaces. Areas equal
 * google-deepmind's surface-distance.
 * With areas x, y, z of a voxel's faces across d, h, w, a piece with normal n (a, b, c) has area n
 * sqrt((a x)^2 + (b y)^2 + (c z)^2). */
#include "measure/surface_element.h"

#include <math.h>
#include <stdbool.h>

enum { CORNERS = 8 };
static const unsigned step[3] = {4, 2, 1}; /* bit step from a corner to the next along each axis */

struct faces {
    double x[3];
};

static double piece(const struct faces *f, double a, double b, double c)
{
    a *= f->x[0];
    b *= f->x[1];
    c *= f->x[2];
    return sqrt(a * a + b * b + c * c);
}

static double corner_cut(const struct faces *f) { return piece(f, .125, .125, .125); }

/* A rectangle across the two axes other than the edge's. */
static double edge_cut(const struct faces *f, int axis)
{
    return piece(f, axis == 0 ? 0 : .5, axis == 1 ? 0 : .5, axis == 2 ? 0 : .5);
}

static double face_cut(const struct faces *f, int axis) { return f->x[axis]; }

/* The neighbours within `set` of a corner. */
static int surface_element_neighbours(unsigned set, unsigned corner)
{
    int count = 0;
    for (int a = 0; a < 3; a++) count += (int)(set >> (corner ^ step[a]) & 1);
    return count;
}

/* Four corners along one edge of each axis: either three around one, or a path. */
static double four_cut(const struct faces *f, unsigned set)
{
    double area = 0;
    for (unsigned c = 0; c < CORNERS; c++) {
        if (!(set >> c & 1)) continue;
        if (surface_element_neighbours(set, c) == 3) return 6 * corner_cut(f);
        area += corner_cut(f);
        if (surface_element_neighbours(set, c) != 1) continue;
        for (int a = 0; a < 3; a++) /* the path's end: half of its edge's rectangle */
            if (set >> (c ^ step[a]) & 1) area += edge_cut(f, a) / 2;
    }
    return area;
}

/* An axis without edges within `set`, or -1; *along: one with some edge. */
static int free_axis(unsigned set, int *along)
{
    int across = -1;
    for (int a = 0; a < 3; a++) {
        bool any = false;
        for (unsigned c = 0; c < CORNERS; c++)
            any = any || ((set >> c & 1) && (set >> (c ^ step[a]) & 1));
        if (any)
            *along = a;
        else
            across = a;
    }
    return across;
}

/* The surface around one to four connected corners. */
static double group_cut(const struct faces *f, unsigned set)
{
    int along = 0, across = free_axis(set, &along);
    switch (__builtin_popcount(set)) {
    case 1:
        return corner_cut(f);
    case 2:
        return edge_cut(f, along);
    case 3:
        return face_cut(f, across) / 2 + 3 * corner_cut(f);
    default:
        return across >= 0 ? face_cut(f, across) : four_cut(f, set);
    }
}

/* The corners of `set` connected to its first. */
static unsigned first_group(unsigned set)
{
    unsigned group = set & (0u - set), before = 0;
    while (group != before) {
        before = group;
        for (unsigned c = 0; c < CORNERS; c++)
            if ((set >> c & 1) && surface_element_neighbours(before, c) > 0) group |= 1u << c;
    }
    return group;
}

void surface_element_areas(const double spacing[3], double area[SURFACE_CODES])
{
    const struct faces f = {
        {spacing[1] * spacing[2], spacing[0] * spacing[2], spacing[0] * spacing[1]}};
    for (unsigned code = 0; code < SURFACE_CODES; code++) {
        unsigned left = __builtin_popcount(code) <= 4 ? code : ~code & (SURFACE_CODES - 1);
        area[code] = 0;
        while (left) {
            unsigned group = first_group(left);
            area[code] += group_cut(&f, group);
            left &= ~group;
        }
    }
}

void contour_element_lengths(const double spacing[2], double length[CONTOUR_CODES])
{
    const double cut = sqrt(spacing[0] * spacing[0] + spacing[1] * spacing[1]) / 2;
    for (unsigned code = 0; code < CONTOUR_CODES; code++) {
        int count = __builtin_popcount(code);
        bool crossed = code == 6 || code == 9,
             across = code == 3 || code == 12; /* 3: the two of one row */
        length[code] = count % 2 ? cut : count != 2 ? 0 : crossed ? 2 * cut : spacing[across];
    }
}
