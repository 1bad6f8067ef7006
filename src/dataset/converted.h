/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets of DICOM: attunet-dicom writes their series and labels as NIfTI files into a hidden
 * folder inside, which is read in their place and kept for the next call. */
#pragma once

#include "base/host.h"

#define CONVERTED ".attunet-volumes"
/* *to: that folder, up to date; NULL: the folder `path` is no data set of DICOM. */
att_status converted_open(const char *path, struct host *host, char **to, struct err *e);
/* *is: whether that holds, which in a tree without images/ only the labels tell; else the folder
 * may be a series. Brings the hidden folder up to date where it has to look. */
att_status converted_is(const char *path, struct host *host, bool *is, struct err *e);
/* *has: `path` has a folder of images; *dicom: with DICOM among them. */
att_status converted_has_series(const char *path, bool *has, bool *dicom, struct err *e);
