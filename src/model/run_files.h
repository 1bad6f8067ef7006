/* SPDX-License-Identifier: Apache-2.0 */
/* The names of what lies in a run's folder, for those who write it and those who look for it. */
#ifndef MODEL_RUN_FILES_H
#define MODEL_RUN_FILES_H

#include "dataset/dataset.h"

#define RUN_MODEL "model.safetensors"
#define RUN_SETTINGS "settings.json"
#define RUN_RECORD                                                                                 \
    "run.json" /* which processes trained it, on what machine, and what that took                  \
                */
#define RUN_REPORT "report.html"
#define RUN_LOG "log.csv"
#define RUN_LOG_LINES "log.jsonl"
#define RUN_EVENTS                                                                                 \
    "events.out.tfevents.0.attunet" /* for TensorBoard, which wants that word in the name */
#define RUN_CURVES "curves.png"
#define RUN_CHECKPOINT "checkpoint.safetensors"
#define RUN_CHECKPOINT_NEXT "checkpoint.next.safetensors"
#define RUN_CHECKPOINT_PREVIOUS "checkpoint.previous.safetensors"
#define RUN_CHECKPOINT_DAMAGED                                                                     \
    "checkpoint.damaged.safetensors" /* put aside, for whoever wants to look at it */
#define RUN_VALIDATION "validation"  /* a folder of masks */
#define RUN_SNAPSHOTS "snapshots"    /* a folder of models on the way: step_0000100.safetensors */
#define RUN_STOP "stop"              /* made by a user: the training ends as after a signal */

/* Beside a mask NAME.nii.gz, predict writes NAME_overlay.png and others: whether a stem goes on so
 * behind a name that `is_mask` knows. */
bool run_goes_with_mask(
    const char *stem, bool (*is_mask)(const void *arg, const char *name), const void *arg);

/* Of several folds: each is a run of its own in fold_0, fold_1, ... */
#define RUN_FOLD "fold_"
#define RUN_FOLDS "folds.json"
char *run_fold_path(const char *run, int fold); /* fresh, or NULL */
/* Those that lie in a folder, by number; not more than FOLDS_MOST. */
struct run_folds {
    int count, number[FOLDS_MOST];
};
att_status run_list_folds(const char *folder, struct run_folds *folds, struct err *e);
/* How many of them there are one after the other from fold_0; 0: it is no run of folds. */
att_status run_count_folds(const char *run, int *count, struct err *e);
#define RUN_SUMMARY "summary.json"
#define RUN_POST "postprocess.json"

/* Of a search of settings, or a comparison (src/tune/). */
#define JOURNAL_FILE "journal.jsonl"
#define TUNE_TRIALS "trials" /* a folder of runs: 0000, 0001, ... */
#define TUNE_BEST "best"     /* the run that a search ends with */
/* `status` and which run to name, where the folder is that of a search, which is no run itself;
 * else ATT_OK. */
att_status run_refuse_search(const char *folder, att_status status, struct err *e);

/* Of hard attention: its two nets are runs of their own in coarse and fine (part_name). */
#define RUN_HARD "hard.json"
#define RUN_BEFORE                                                                                 \
    "before_joint.safetensors" /* the model of stage 2, or a better one that the joint stage made  \
                                  before it was to go on */

#endif
