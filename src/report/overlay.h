/* SPDX-License-Identifier: Apache-2.0 */
/* A picture of one predicted image for people: the image, the mask drawn over it, and every gate's
 * attention. */
#ifndef REPORT_OVERLAY_H
#define REPORT_OVERLAY_H

#include "predict/predict_files.h"

/* Writes FOLDER/NAME_overlay.png.  Of a volume it shows three planes, on one scale and with square
 * pixels: axial, coronal and sagittal as radiologists look at them (the patient's right on the
 * left, front and top above) where the file has geometry, else xy, xz and yz. Each is the slice
 * with the most classes, of several such that with the most of them, the middle one where there is
 * no foreground.  Grey values from the 1st to the 99th percentile of a slice become black to white;
 * three channels that are colours (shade.h) are shown as such, of other images the first channel
 * is. The tiles that a model of hard attention looked at have yellow edges.  `truth` (may be NULL)
 * is a folder with true masks: that of the image's name, if there is one, is outlined in white. */
att_status overlay_write(const struct predicted *p, const char *truth, struct err *e);
/* Whether there is one. */
bool overlay_has_truth(const char *folder, const struct predicted *p);

#endif
