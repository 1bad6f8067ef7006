/* SPDX-License-Identifier: Apache-2.0 */
/* DICOM, which only the program attunet-dicom reads: it runs as a process of its own (dicom/). */
#pragma once

#include <stdbool.h>

#include "base/host.h"

/* Whether a file is DICOM, or the topmost images in a folder and its folders are. */
bool dicom_is(const char *path);
/* Whether a file in a folder and its folders is, whatever other images are there. */
bool dicom_any(const char *folder);
/* Whether a file holds labels (SEG, RTSTRUCT, surfaces) or a registration and so no image, as its
 * header says. */
bool dicom_is_label(const char *path);
/* *is: dicom_is, for who reads only one kind of images: logs what stays aside, and refuses DICOM
 * among as many other images. */
att_status dicom_check(const char *path, struct host *host, bool *is, struct err *e);

struct dicom_choice {
    const char *select;        /* KEY=VALUE or "largest"; NULL: the only series */
    bool allow_gaps, identify; /* identify: log what names the patient */
    const char *modality;      /* "CT" or "CT,MR": warns of others; NULL: any */
    bool channels;             /* series with the numbers of channels are one case */
};
/* Writes the series in the folder or file `from` as NIfTI to `to`; logs what attunet-dicom prints.
 * patient_of: refuses another patient than that of the series there; NULL: any. `scratch`: a folder
 * for its output. */
att_status dicom_volume(const char *from, const char *to, const struct dicom_choice *choice,
    const char *patient_of, const char *scratch, struct host *host, struct err *e);
/* A mask on the grid of that volume becomes a DICOM SEG or RTSTRUCT of the series; probabilities
 * become a FRACTIONAL SEG. */
struct dicom_mask {
    const char *path, *codes;         /* codes: a file of coded terms, or NULL */
    const char *const *segments;      /* "LABEL=NAME" */
    const char *const *probabilities; /* NULL, or a file for each segment in place of path */
    int count;
    bool contours;
    bool check; /* only whether the series can have it: nothing is read of masks, nor written */
};
/* What dicom_seg would refuse of segments and codes, whatever the series; `from`: one of them. */
att_status dicom_check_segments(const char *from, const struct dicom_mask *mask,
    const char *scratch, struct host *host, struct err *e);
att_status dicom_seg(const char *from, const struct dicom_mask *mask, const char *to,
    const struct dicom_choice *choice, const char *scratch, struct host *host, struct err *e);
/* Writes the series and labels in the folder `from` as a data set into the folder `to`, or what
 * changed since it did so. */
att_status dicom_set(
    const char *from, const char *to, const char *scratch, struct host *host, struct err *e);
