/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the sections of a page, section_NAME.c. */
#pragma once

#include "report/exhibit.h"
#include "report/page.h"
#include "report/svg.h"

/* Files of a run or fold; NULL if missing. */
struct page_part {
    char name[32]; /* "fold_0"; "" for a run without folds */
    json_t *settings, *record,
        *rows; /* RUN_SETTINGS, RUN_RECORD, the lines of RUN_LOG_LINES as an array */
};

struct page {
    struct html *h;
    const struct page_source *from;
    const struct evaluation *v; /* NULL: none */
    int cases, targets;         /* of v, else 0 */
    int length_digits; /* decimals of distances: a tenth of the smallest voxel, at least 2 */
    int *group;        /* first case of each case's group; NULL: no groups, or unknown */
    struct page_part *part;
    int parts;
    char spec[1024];
    int64_t parameters;
    json_t *calibration; /* RUN_CALIBRATION, or NULL */
    struct exhibits shown;
};

/* Spread of the finite numbers. The interval has 95 % of the means of bootstrap resamples, of
 * numbers or, with `group` (0 to n - 1 for each; NULL: none), of groups; NaN for fewer than 2. */
struct spread {
    int count, units; /* units: numbers or groups */
    double mean, low, high, median, min, max;
};
att_status spread_of(const double *x, const int *group, int n, struct spread *s, struct err *e);
/* "0.873 (0.861 to 0.884)" */
enum { SPREAD_TEXT = 96 };
const char *spread_text(const struct spread *s, int digits, char text[SPREAD_TEXT]);

double page_case_dice(const struct page *p, int index); /* the mean over targets; NaN: undefined */
/* By case, for mem_free: a measure of a target; the mean Dice over targets. NULL: no memory. */
double *page_values(const struct page *p, int target, int m);
double *page_mean_dice(const struct page *p);
bool page_metric(const struct page *p);           /* volumes are mm3 (shown as ml), lengths mm */
const char *page_size_word(const struct page *p); /* "volume"; "area" if all are mm2 or um2 */
/* "mm", "um", "voxels", "pixels"; "mm or voxels" if cases differ */
const char *page_length(const struct page *p);
const char *page_volume_unit(const struct page *p);
/* units of distances differ between cases, so there is no mean */
bool page_lengths_differ(const struct page *p);
bool page_units_differ(const struct page *p); /* the same for volumes and areas */
enum { VOLUME_TEXT = 32 };
/* `digits` significant digits, without a power of ten */
const char *page_volume_text(double x, int digits, char text[VOLUME_TEXT]);
double page_volume(const struct page *p, double volume); /* in that unit */
const char *page_target(const struct page *p, int target);
const char *page_seconds(double seconds, char text[32]); /* "1 h 05 min", "12.3 s" */

/* Reports a lack of memory by html_fail. */
void page_no_memory(struct page *p, size_t bytes);

/* Writes the failures of a case into text ("": none): missing and spurious classes, a low Dice. */
enum { REASON_TEXT = 512 };
bool page_failure(const struct page *p, int index, char text[REASON_TEXT]);

/* ---- sections, in the order of the page; each is empty without content */
void section_summary(struct page *p, const double *dice);
void section_failures(struct page *p, const double *dice);
void section_scores(struct page *p);
void section_calibration(struct page *p);
void section_volumes(struct page *p);
bool page_has_exhibits(const struct page *p);
void section_exhibits(struct page *p);
void section_attention(struct page *p);
bool page_has_curves(const struct page *p);
void section_curves(struct page *p);
void section_cases(struct page *p, const double *dice);
void section_run(struct page *p);
bool page_has_cost(const struct page *p);
void section_cost(struct page *p);
