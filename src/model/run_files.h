/* SPDX-License-Identifier: Apache-2.0 */
/* File names in a run's folder. */
/* processes that trained it, machine, and resources */
#pragma once

#include "dataset/dataset.h"

#define RUN_MODEL "model.safetensors"
#define RUN_SETTINGS "settings.json"
#define RUN_RECORD "run.json"
/* for TensorBoard, which needs that word */
#define RUN_REPORT "report.html"
#define RUN_LOG "log.csv"
#define RUN_LOG_LINES "log.jsonl"
#define RUN_EVENTS "events.out.tfevents.0.attunet"
/* put aside, for inspection */
#define RUN_CURVES "curves.png"
#define RUN_CHECKPOINT "checkpoint.safetensors"
#define RUN_CHECKPOINT_NEXT "checkpoint.next.safetensors"
#define RUN_CHECKPOINT_PREVIOUS "checkpoint.previous.safetensors"
#define RUN_CHECKPOINT_DAMAGED "checkpoint.damaged.safetensors"
#define RUN_VALIDATION "validation" /* a folder of masks */
#define RUN_SNAPSHOTS "snapshots"   /* a folder of intermediate models: step_0000100.safetensors */
#define RUN_STOP "stop"             /* created by a user: ends training like a signal */

/* predict writes NAME_overlay.png and others next to a mask NAME.nii.gz: true if a stem is such a
 * name of a mask that `is_mask` knows. */
bool run_goes_with_mask(
    const char *stem, bool (*is_mask)(const void *arg, const char *name), const void *arg);

/* Several folds are runs in fold_0, fold_1, ... */
/* fresh, or NULL */
#define RUN_FOLD "fold_"
#define RUN_FOLDS "folds.json"
char *run_fold_path(const char *run, int fold);
/* Folds in a folder by number, at most FOLDS_MAX. */
struct run_folds {
    int count, number[FOLDS_MAX];
};
att_status run_list_folds(const char *folder, struct run_folds *folds, struct err *e);
/* Number of consecutive folds from fold_0; 0: not a run of folds. */
att_status run_count_folds(const char *run, int *count, struct err *e);
#define RUN_SUMMARY "summary.json"
#define RUN_POST "postprocess.json"

/* A search of settings, or a comparison (src/tune/). */
/* a folder of runs: 0000, 0001, ... */
#define JOURNAL_FILE "journal.jsonl"
#define TUNE_TRIALS "trials"
#define TUNE_BEST "best" /* the final run of a search */
/* Return `status` with a message that names a run, if the folder is a search; else ATT_OK. */
att_status run_refuse_search(const char *folder, att_status status, struct err *e);

/* Hard attention: its networks are runs in coarse and fine (part_name). */
/* the model of stage 2, or a better one of the joint stage */
#define RUN_HARD "hard.json"
#define RUN_BEFORE "before_joint.safetensors"
