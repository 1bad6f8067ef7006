/* SPDX-License-Identifier: Apache-2.0 */
/* Whether images and labels are counted from different numbers, so that equal numbers do not belong
 * together: p1_img_0 ... p1_img_4 beside p1_mask_1 ... p1_mask_5. */
#pragma once

#include "dataset/paired.h"

struct counting {
    bool doubtful;
    bool alone;       /* the image has no label, and the label no image; else both are the first */
    int image, label; /* files */
};

/* Compares the numbers of files that differ in one number alone, as the slices of a patient. */
att_status counting_check(const struct tree *t, const struct reading *r,
    const struct paired_list *l, struct counting *c, struct err *e);
