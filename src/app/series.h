/* SPDX-License-Identifier: Apache-2.0 */
/* DICOM series become NIfTI files in a temporary folder, for as long as a call needs them. */
#pragma once

#include "base/host.h"
#include "format/dicom.h"
#include "predict/predict_files.h"

struct series_list {
    char *folder;      /* temporary; NULL: no input is DICOM */
    const char **path; /* the inputs, with the files made in place of series */
    char **made;       /* NULL for an input that is no DICOM */
    char **input;      /* the caller's, or the series of its data sets; no directory of a medium */
    int count;
    int failed;                 /* series that could not be used, and are not among these */
    att_status why;             /* the first of them */
    struct dicom_choice choice; /* as given to series_open */
    struct host *host;          /* whose log names series until series_close; NULL: none was made */
    struct log log;             /* the host's own */
};
/* The modalities that the model's channels are named after, for dicom_choice; NULL: they have other
 * names. */
enum { SERIES_MODALITIES = 20 * DATASET_CHANNELS };
const char *series_modality(const struct model *m, char text[SERIES_MODALITIES]);
/* A data set of DICOM that was read before stands for the series of its cases, under their names
 * there. Logs series that cannot be used, if there are others. On failure nothing needs closing.
 * Else *s stays in its place: the host's log passes it. Volumes are empty until series_fetch,
 * unless series are channels of one case. */
att_status series_open(const char *const *inputs, int count, const struct dicom_choice *choice,
    struct host *host, struct series_list *s, struct err *e);
/* predict_job.fetch and drop: the volume of an input, which takes room only in between. */
att_status series_fetch(void *list, const char *path, struct err *e);
void series_drop(void *list, const char *path);
/* Whether all inputs were series, as the option `what` needs. */
att_status series_only(
    const struct series_list *s, const struct labelling *l, const char *what, struct err *e);
/* What a mask becomes: a SEG, a SEG of probabilities, contours. */
enum series_form { SERIES_SEG, SERIES_FRACTIONAL, SERIES_RTSTRUCT, SERIES_FORMS };
extern const char *const series_endings[SERIES_FORMS]; /* after the case's name */
/* Refuses results with this ending in `folder` that would replace a series' file, in spite of
 * host->overwrite. All inputs are series. */
att_status series_keep(const struct series_list *s, const char *folder, const char *ending,
    const struct host *host, struct err *e);
/* Refuses classes and codes (a file, or NULL) that no segment can have. All inputs are series. */
att_status series_check(const struct series_list *s, const struct labelling *l, const char *codes,
    struct host *host, struct err *e);
/* Writes a case's mask, or its saved probabilities, in a form beside it; a dry run only checks
 * whether its series can have that form, and needs the name and labels of *p. */
struct series_wish {
    enum series_form form;
    const char *codes; /* or NULL */
    const struct model *model;
};
att_status series_return(const struct series_list *s, const struct predicted *p,
    const struct series_wish *w, struct host *host, struct err *e);
/* Returns `status`, that of the work on the volumes, or a failure for series that were left out;
 * its sentence in *e names series. */
att_status series_close(struct series_list *s, att_status status, struct err *e);
