/* SPDX-License-Identifier: Apache-2.0 */
/* An image: samples, their grid in space, and what is needed to write results in its file's format.
 * Axes are d, h, w; a file's first, fastest axis (NIfTI's i, a PNG's x) is w, so samples keep the
 * file's order. A 2D image has d = 1. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { IMAGE_D, IMAGE_H, IMAGE_W };
#define IMAGE_SMALL_MM .01 /* smaller voxel sides are printed in micrometres */

/* How samples were turned after reading (orient.h): axis a of the image is axis (a + by[a]) % 3 of
 * its file, reversed if back[a]. */
struct turning {
    unsigned char by[3];
    bool back[3];
};

struct geometry {
    float spacing[3];    /* d, h, w in mm; 1 if unknown */
    double affine[3][4]; /* voxel (w, h, d) -> mm (x, y, z); columns follow the file's axis order */
    float user_spacing[3]; /* d, h, w in mm by the user's choice; 0: unset */
    bool valid;            /* the file carries geometry (NIfTI does, PNG does not) */
    bool thick; /* and slice spacing, even for one slice; else a slice has an area but no volume */
    bool colours;      /* the file says its three channels are red, green and blue */
    bool alpha;        /* the file has transparency; ignored */
    bool lossy;        /* compression may have changed the file's values */
    bool white;        /* the file shows 0 as white (TIFF); ignored */
    bool asks_turning; /* the file asks viewers to turn or mirror it (EXIF, TIFF); ignored */
    /* some axis takes its spacing from the affine, since the file's is 0 or not a number */
    bool derived;
    double unit;    /* mm per unit of the file's own numbers; 0: the file states none, so mm */
    bool oriented;  /* x, y, z are the patient's axes */
    bool two_forms; /* NIfTI: `second`, of the qform, differs from the affine, of the sform */
    double second[3][4];
    /* spacing, affine and given are the image's, the header its file's; results are turned back */
    struct turning turned;
    unsigned char *header; /* the file's header bytes for results on the same grid, or NULL */
    size_t header_size;
};

struct image {
    int channels, size[3]; /* d, h, w */
    float *data;           /* planar [channel][d][h][w] */
    bool palette;          /* of a surveyed file: as labels, values are indices of colours */
    bool real;             /* of a surveyed picture: samples may be NaN or infinite */
    struct geometry geometry;
};

/* Numbers of colours in labels: greys are their own, pure reds follow from LABEL_RED, and others,
 * 5 bits each of green, blue and red, from LABEL_COLOUR. */
enum { LABEL_COLOUR = 256, LABEL_RED = LABEL_COLOUR + (1 << 15) };

/* One class per voxel, with the file's values (0..65535). */
struct labelmap {
    int size[3];
    uint16_t *data; /* [d][h][w] */
    bool palette;   /* values are indices of colours */
    bool coloured;  /* values are numbers of colours */
    bool shown;     /* `shade` has the colours of indices */
    unsigned char shade[256][3];
    struct geometry geometry;
};

static inline size_t image_voxels(const int size[3])
{
    return (size_t)size[0] * (size_t)size[1] * (size_t)size[2];
}
/* For grids that may overflow size_t. */
static inline double image_voxels_double(const int size[3])
{
    return (double)size[0] * size[1] * size[2];
}
static inline bool image_same_triple(const int a[3], const int b[3])
{
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

enum { IMAGE_SPACING_TEXT = 64 };
/* "3x0.75x0.75 mm", without the first for planes. */
const char *image_spacing_text(const double mm[3], bool planes, char text[IMAGE_SPACING_TEXT]);
enum { IMAGE_PLACE_TEXT = 72 };
/* "(3,0,12)" for the voxel at an index, for messages: x, y, z from 0, as viewers show it. */
const char *image_place(const int size[3], size_t at, char text[IMAGE_PLACE_TEXT]);

void image_free(struct image *m);       /* leaves it empty */
void labelmap_free(struct labelmap *m); /* leaves it empty */
att_status geometry_copy(const struct geometry *from, struct geometry *to, struct err *e);
void geometry_free(struct geometry *g);
/* A view for computing, with the user's spacing. Never write it to files. The header stays g's. */
struct geometry geometry_effective(const struct geometry *g);
struct geometry geometry_none(void); /* for a file without geometry */

/* Distance between voxels along axis d, h or w (0, 1, 2) in mm, by the affine. */
double geometry_length(const struct geometry *g, int axis);
/* False: the axes lie in one plane, or nearly. */
bool geometry_has_volume(const struct geometry *g);
/* The axis x, y, z (0, 1, 2: towards the patient's right, front and top) closest to each of d,
 * h, w, and whether it rises. False, without a result, if two share one or the file is not
 * oriented. */
bool geometry_axes(const struct geometry *g, int world[3], bool rises[3]);

/* Tolerance between files of one case, in voxels: headers are rounded, but half a voxel is another
 * position. */
#define GEOMETRY_TOLERANCE 0.1
/* Largest distance, in voxels of `a`, between the two grids' positions of a voxel, over the corners
 * of a grid of `size`. */
double geometry_difference(const struct geometry *a, const struct geometry *b, const int size[3]);
/* Whether they are within the tolerance, perhaps by the second form of one of them. */
bool geometry_meets(const struct geometry *a, const struct geometry *b, const int size[3]);
/* Exchanges the affine with that of the second form, if there are two. */
void geometry_exchange_forms(struct geometry *g);
/* The same distance in mm, for messages. */
double geometry_distance(const struct geometry *a, const struct geometry *b, const int size[3]);
