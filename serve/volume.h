/* SPDX-License-Identifier: Apache-2.0 */
/* Images as NIfTI-1, for the page. */
#pragma once

#include <stdint.h>

#include "attunet.h"
#include "bytes.h"

static inline size_t volume_voxels(const att_image *m)
{
    return (size_t)m->size[0] * (size_t)m->size[1] * (size_t)m->size[2];
}

/* A sample of a mask; what is no value of one becomes background, so see volume_is_mask. */
static inline uint16_t volume_label(float x) { return x > 0 && x <= UINT16_MAX ? (uint16_t)x : 0; }

/* Whether all samples are whole numbers from 0 to 65535. */
#define VOLUME_VALUE "whole number from 0 to 65535"
bool volume_is_mask(const att_image *m);

enum { VOLUME_HEAD = 352 };
/* Appends the file of an image: 32-bit floats, channels as volumes; a picture of 3 channels with
 * values of 0 to 255 as colours.  Without an affine the rows go down. */
void volume_write(const att_image *image, struct text *to);
