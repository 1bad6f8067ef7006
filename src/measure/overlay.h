/* SPDX-License-Identifier: Apache-2.0 */
/* A picture of one predicted image for people: the image, the mask drawn over it, and every gate's attention. */
#ifndef MEASURE_OVERLAY_H
#define MEASURE_OVERLAY_H

#include "predict/predict_files.h"

/* Writes FOLDER/NAME_overlay.png.  Of a volume it shows the slice along d with the most foreground, the middle one where there is none;
 * rows are h.  Grey values from the 1st to the 99th percentile of that slice become black to white; a PNG's three channels are colours, of
 * other images the first channel is shown. */
att_status overlay_write(const struct predicted *p, struct err *e);

#endif
