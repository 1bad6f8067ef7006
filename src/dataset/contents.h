/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a file holds an image or labels, by some of its samples. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum content { CONTENT_UNKNOWN, CONTENT_IMAGE, CONTENT_LABEL };
struct contents {
    enum content kind;
    int values;   /* different samples, up to 1024; 0: not counted */
    int channels; /* 0: unreadable */
    int size[3];
    bool coloured; /* red, green and blue differ, and are no palette's */
    bool palette;
    bool map; /* of the probability of a class */
};
/* `whole`: all of it, however large. */
void contents_look(const char *path, bool whole, struct contents *c);

/* Two masks of one size. */
struct contents_shared {
    double first, second, both; /* voxels that are not 0 */
    double voxels;              /* of the mask */
    /* Voxels whose value in the second mask the first does not tell: 0 where each value of the
     * first has one value here, as where classes are joined. */
    double untold;
    /* The middle of these voxels, as parts of the image. */
    double first_at[3], second_at[3];
};
bool contents_share(const char *a, const char *b, struct contents_shared *s);
/* Two images are one, and something is drawn over the first or second: most voxels are equal, and
 * some are not. Equal ones of the commonest value, as of a background, do not count. */
enum content_drawn { DRAWN_NOT, DRAWN_FIRST, DRAWN_SECOND };
enum content_drawn contents_drawn(const char *a, const char *b);

/* Whether an image has one value outside of its masks (joined.h), and others inside: it was cut out
 * along them. Masks that are empty or full say nothing. */
enum content_cut { CUT_UNKNOWN, CUT_NOT, CUT_OUT };
enum content_cut contents_cut(const char *image, const char *masks);
