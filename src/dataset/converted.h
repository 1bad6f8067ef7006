/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets of DICOM: attunet-dicom writes their series and labels as NIfTI files into a hidden
 * folder inside, which is read in their place and kept for the next call. */
#pragma once

#include "base/host.h"

#define CONVERTED ".attunet-volumes"
/* *to: that folder, up to date; NULL: the folder `path` is no data set of DICOM. */
att_status converted_open(const char *path, struct host *host, char **to, struct err *e);
/* Whether a folder says by its names that it holds more than a series. */
bool converted_is(const char *path);
