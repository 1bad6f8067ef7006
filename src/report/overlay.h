/* SPDX-License-Identifier: Apache-2.0 */
/* A picture of a predicted image: the image, its mask, and each gate's attention. */
#pragma once

#include "predict/predict_files.h"

/* Write FOLDER/NAME_overlay.png. A volume has three planes on one scale with square pixels: axial,
 * coronal and sagittal in radiological view (the patient's right on the left, front and top up)
 * with geometry, else xy, xz and yz; each is the slice with the most classes, then the most
 * labelled voxels, or the middle one. Grey runs from a slice's 1st to 99th percentile; colours
 * (shade.h) are shown as such, else the first channel. Tiles of hard attention have yellow edges.
 * `truth` (or NULL) is a folder of true masks: the one of the image's name is outlined in white. */
att_status overlay_write(const struct predicted *p, const char *truth, struct err *e);
/* True if there is one. */
bool overlay_has_truth(const char *folder, const struct predicted *p);
