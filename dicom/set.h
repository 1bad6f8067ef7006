/* SPDX-License-Identifier: Apache-2.0 */
/* A data set of DICOM series and labels, written as NIfTI files for training. */
#pragma once

#include "labels.h"

/* Writes the series and labels in a folder as a data set of NIfTI files, for training: images/ and
 * labels/, or where the folder has imagesTr/ and labelsTr/, these. Keeps what is up to date.
 * values: of names of structures; empty: all, by number_names. */
void write_set(
    const std::string &from, const std::string &to, const label_values &values, const reading &how);
