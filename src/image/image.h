/* SPDX-License-Identifier: Apache-2.0 */
/* An image: samples, their grid in the patient's or the sample's space, and what its file needs to
 * be written again as it was.
 *
 * Axes are d, h, w as networks see them; a file's first, fastest axis (NIfTI's i, a PNG's x) is w,
 * so samples keep the file's order. A 2D image has d = 1. */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { IMAGE_D, IMAGE_H, IMAGE_W };
#define IMAGE_SMALL_MM .01 /* lengths of voxels below this are told in micrometres */

/* How samples were turned after they were read (orient.h): axis a of the image is axis (a + by[a])
 * % 3 of its file, from the other end if back[a].  All 0: they lie as they are stored. */
struct turning {
    unsigned char by[3];
    bool back[3];
};

struct geometry {
    float spacing[3];    /* d, h, w, in mm where the file says so; 1 where it says nothing */
    double affine[3][4]; /* voxel (w, h, d) -> mm (x, y, z) as the file's chosen form says: columns
                            are the file's own axis order */
    float given[3];      /* d, h, w in mm that the user says a voxel has, whatever the file says; 0:
                            nothing was said */
    bool known;          /* the file carries geometry (NIfTI does, PNG does not) */
    bool thick; /* and the distance of slices, also where there is one: else that has an area and no
                   volume */
    bool colours;      /* three channels are red, green and blue, as the file says */
    bool asks_turning; /* the file asks viewers to turn or mirror it (EXIF, TIFF), which is not
                          followed */
    bool derived; /* the spacing of some axis is the affine's, since the file says 0 or no number
                     where it should stand */
    const char *unit; /* of its lengths, in the plural, where the file says another than mm and they
                         are taken as mm; else NULL */
    bool oriented;    /* and says how the affine's x, y, z lie in the patient */
    struct turning turned; /* spacing, affine and given are those of the image, the header is its
                              file's; what is saved is turned back */
    unsigned char *header; /* the file's header bytes, kept for writing results on the same grid;
                              NULL when there is none */
    size_t header_size;
};

struct image {
    int channels, size[3]; /* d, h, w */
    float *data;           /* planar [channel][d][h][w] */
    struct geometry geometry;
};

/* Labels: one class per voxel, values as in the file (0..65535). */
struct labelmap {
    int size[3];
    uint16_t *data; /* [d][h][w] */
    struct geometry geometry;
};

static inline size_t image_voxels(const int size[3])
{
    return (size_t)size[0] * (size_t)size[1] * (size_t)size[2];
}
/* Of grids that may be too large to be counted, until memory has been asked for. */
static inline double image_voxels_double(const int size[3])
{
    return (double)size[0] * size[1] * size[2];
}
/* Whether two sizes, places or factors are the same on every axis. */
static inline bool image_same_triple(const int a[3], const int b[3])
{
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

enum { IMAGE_SPACING_TEXT = 64 };
/* "3x0.75x0.75 mm", of planes without the first. */
const char *image_spacing_text(const double mm[3], bool planes, char text[IMAGE_SPACING_TEXT]);
enum { IMAGE_PLACE_TEXT = 72 };
/* "(3,0,12)" of the voxel at a number, for sentences: x, y, z, from 0, as viewers show it. */
const char *image_place(const int size[3], size_t at, char text[IMAGE_PLACE_TEXT]);

void image_free(struct image *m);       /* leaves it empty */
void labelmap_free(struct labelmap *m); /* leaves it empty */
att_status geometry_copy(const struct geometry *from, struct geometry *to, struct err *e);
void geometry_free(struct geometry *g);
/* For computing: spacing and `known` as the user says, where he does.  Files are written with what
 * they had, so never for those.  The header stays that of `g`. */
struct geometry geometry_as_given(const struct geometry *g);
struct geometry geometry_none(void); /* of a file that says nothing */

/* From voxel to voxel along d, h or w (0, 1, 2), in mm, as the affine has it. */
double geometry_length(const struct geometry *g, int axis);
/* Along which of x, y, z (0, 1, 2: they rise to the patient's right, front and top) the axes d, h,
 * w run most, and whether they rise with it.  False, and nothing is written, where two run along
 * one, or the file says nothing of the patient. */
bool geometry_axes(const struct geometry *g, int world[3], bool rises[3]);

/* How far two files of one case may be apart, in voxels: headers are rounded, but half a voxel is
 * another place. */
#define GEOMETRY_TOLERANCE 0.1
/* The largest distance, in voxels of `a`, between where the two grids put the same voxel, over the
 * corners of a grid of `size`. */
double geometry_difference(const struct geometry *a, const struct geometry *b, const int size[3]);
/* The same distance in mm, for sentences. */
double geometry_distance(const struct geometry *a, const struct geometry *b, const int size[3]);

#endif
