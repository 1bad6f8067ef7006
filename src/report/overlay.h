/* SPDX-License-Identifier: Apache-2.0 */
/* Draws an image with its predicted mask and each gate's attention map. */
#pragma once

#include "predict/predict_files.h"

/* Writes FOLDER/NAME_overlay.png. A volume has three planes on one scale with square pixels: axial,
 * coronal and sagittal in radiological view (the patient's right on the left, front and top up)
 * with geometry, else xy, xz and yz; each is the slice with the most classes, then the most
 * labelled voxels, or the middle one. Grey runs from a slice's 1st to 99th percentile; without
 * colours (shade.h) only the first channel is drawn. Tiles of hard attention have yellow edges.
 * `truth` (or NULL) is a folder of true masks: a white outline shows the mask of the image's name.
 */
att_status overlay_write(const struct predicted *p, const char *truth, struct err *e);
/* Whether the folder has such a mask. */
bool overlay_has_truth(const char *folder, const struct predicted *p);
