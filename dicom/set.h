/* SPDX-License-Identifier: Apache-2.0 */
/* A data set of DICOM series and labels, written as NIfTI files for training. */
#pragma once

#include "labels.h"
#include "seg.h"

/* Writes the series and labels in a folder as a data set of NIfTI files, for training: images/ and
 * labels/, or where the folder has imagesTr/ and labelsTr/, these. Keeps what is up to date.
 * segments: names of structures and their values; the first name of a value is that of its class.
 * Empty: all, by number_names. */
void write_set(const std::string &from, const std::string &to, const std::vector<segment> &segments,
    const reading &how);
