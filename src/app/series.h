/* SPDX-License-Identifier: Apache-2.0 */
/* DICOM series become NIfTI files in a temporary folder, for as long as a call needs them. */
#pragma once

#include "base/host.h"
#include "format/dicom.h"
#include "predict/predict_files.h"

struct series_list {
    char *folder;             /* temporary; NULL: no input is DICOM */
    const char **path;        /* the inputs, with the files made in place of series */
    char **made;              /* NULL for an input that is no DICOM */
    const char *const *input; /* the caller's */
    int count;
    struct dicom_choice choice; /* as given to series_open */
    struct host *host;          /* whose log names series until series_close; NULL: none was made */
    struct log log;             /* the host's own */
};
/* On failure nothing needs closing. Else *s stays in its place: the host's log passes it. */
att_status series_open(const char *const *inputs, int count, const struct dicom_choice *choice,
    struct host *host, struct series_list *s, struct err *e);
/* Whether all inputs were series. */
att_status series_only(const struct series_list *s, const struct labelling *l, struct err *e);
/* Writes a case's mask as DICOM SEG beside it, by `codes` or NULL. */
att_status series_seg(const struct series_list *s, const struct predicted *p, const char *codes,
    struct host *host, struct err *e);
#define SERIES_SEG ".dcm"
/* Returns `status`, that of the work on the volumes; its sentence in *e names series, too. */
att_status series_close(struct series_list *s, att_status status, struct err *e);
