/* SPDX-License-Identifier: Apache-2.0 */
/* DICOM series in a folder of this host, which clients name by SeriesInstanceUID.  The program
 * attunet-dicom reads them: it lists the folder, writes a series as the volume of its case, and
 * masks as DICOM SEG.  It sees links with numbers for names, so no sentence has the name of a file,
 * which may be a patient's. */
#pragma once

#include <stdint.h>

#include "cases.h"
#include "infer.h"
#include "queue.h"

struct request;
struct series;
/* Lists the folder, and adds its series to the cases.  NULL: `error` says why. */
struct series *series_create(const char *folder, struct cases *cases, char error[512]);
void series_destroy(struct series *s);
bool series_uid(const char *name); /* whether a name may be one */

/* On a worker: the case of a series, for which it may list the folder again. -1: it has answered.
 */
int series_index(struct request *r, struct worker *w, const char *uid);
/* On a worker, for a case that is a series: whether its image is in the datastore, or has been
 * written there.  False: it has answered. */
bool series_ready(struct request *r, struct worker *w, int index);
/* The volume of the series r->series becomes the body.  False: it has answered. */
bool series_take(struct request *r, struct worker *w);
/* Answers with a mask of that series as DICOM SEG. */
void series_mask(struct request *r, struct worker *w, att_context *c, const att_image *image,
    const uint16_t *labels);
/* Adds to the doubts of the answer those of its series: "modality" or "values" if it differs from
 * the model's training, and "dicom" if attunet-dicom warned of it, or of its mask. */
void series_doubts(struct request *r, struct worker *w, const char *uid);
/* What clients need to open a series: UIDs and modality, into a JSON object. */
void series_about(struct series *s, const char *uid, json_t *to);
