/* SPDX-License-Identifier: Apache-2.0 */
/* File names in a run's folder; dataset.h has some more. */
#pragma once

#include "dataset/dataset.h"

#define RUN_MODEL "model.safetensors"
#define RUN_RECORD "run.json" /* commands, machine and resources of the training */
#define RUN_REPORT "report.html"
#define RUN_LOG "log.csv"
#define RUN_LOG_LINES "log.jsonl"
#define RUN_EVENTS "events.out.tfevents.0.attunet" /* TensorBoard looks for "tfevents" */
#define RUN_CURVES "curves.png"
#define RUN_CHECKPOINT "checkpoint.safetensors"
#define RUN_CHECKPOINT_NEXT "checkpoint.next.safetensors"
#define RUN_CHECKPOINT_PREVIOUS "checkpoint.previous.safetensors"
#define RUN_CHECKPOINT_DAMAGED "checkpoint.damaged.safetensors" /* kept for inspection */
#define RUN_VALIDATION "validation"                             /* a folder of masks */
#define RUN_SNAPSHOTS "snapshots" /* a folder of intermediate models: step_0000100.safetensors */
#define RUN_STOP "stop"           /* a user creates it to end training like a signal */

/* In a folder of masks: the labelling of the model that wrote them, as JSON; {}: of several. */
#define MASK_LABELS ".attunet-labels.json"

/* True for stems such as NAME_overlay, which predict writes next to a mask NAME that `is_mask`
 * knows. */
bool run_is_mask_companion(
    const char *stem, bool (*is_mask)(const void *arg, const char *name), const void *arg);

/* Folds are runs in fold_0, fold_1, ... */
#define RUN_FOLD "fold_"
char *run_fold_path(const char *run, int fold);         /* for mem_free, or NULL */
char *run_part_path(const char *run, int folds, int k); /* of fold k; of the run without folds */
/* Folds in a folder by number, at most FOLDS_MAX. */
struct run_folds {
    int count, number[FOLDS_MAX];
};
att_status run_list_folds(const char *folder, struct run_folds *folds, struct err *e);
/* Number of consecutive folds from fold_0; 0: not a run of folds. */
att_status run_count_folds(const char *run, int *count, struct err *e);
#define RUN_SUMMARY "summary.json"
#define RUN_POST "postprocess.json"
#define RUN_CALIBRATION "calibration.json" /* of `evaluate` */

/* A search of settings, or a comparison (src/tune/). */
#define TUNE_TRIALS "trials" /* a folder of runs: 0000, 0001, ... */
#define TUNE_BEST "best"     /* the final run of a search */
/* Return `status` with a message that names a run, if the folder is a search; else ATT_OK. */
att_status run_refuse_search(const char *folder, att_status status, struct err *e);

/* Hard attention: its networks are runs in coarse and fine (part_name). */
#define RUN_BEFORE "before_joint.safetensors" /* model of stage 2, or a better one from stage 3 */
