/* SPDX-License-Identifier: Apache-2.0 */
/* DICOM series become NIfTI files in a temporary folder, for as long as a call needs them. */
#pragma once

#include "base/host.h"
#include "format/dicom.h"

struct series_list {
    char *folder;      /* temporary; NULL: no input is DICOM */
    const char **path; /* the inputs, with the files made in place of series */
    char **made;       /* NULL for an input that is no DICOM */
    int count;
};
/* On failure nothing needs closing. */
att_status series_open(const char *const *inputs, int count, const struct dicom_choice *choice,
    struct host *host, struct series_list *s, struct err *e);
void series_close(struct series_list *s);
