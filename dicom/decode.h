/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed pixels: DCMTK's decoders, and JPEG 2000, where openjpeg is there. */
#pragma once

#include "elements.h"

struct image_form {
    int rows, columns, samples, frames, allocated;
};
/* Puts plain pixels in place of compressed ones; false if they are damaged or of another kind. */
bool decode_pixels(DcmDataset &d, const image_form &f);
