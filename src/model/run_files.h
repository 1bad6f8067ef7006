/* SPDX-License-Identifier: Apache-2.0 */
/* The names of what lies in a run's folder, for those who write it and those who look for it. */
#ifndef MODEL_RUN_FILES_H
#define MODEL_RUN_FILES_H

#define RUN_MODEL "model.safetensors"
#define RUN_SETTINGS "settings.json"
#define RUN_LOG "log.csv"
#define RUN_LOG_LINES "log.jsonl"
#define RUN_EVENTS "events.out.tfevents.0.attunet" /* for TensorBoard, which wants that word in the name */
#define RUN_CURVES "curves.png"
#define RUN_CHECKPOINT "checkpoint.safetensors"
#define RUN_CHECKPOINT_NEXT "checkpoint.next.safetensors"
#define RUN_CHECKPOINT_PREVIOUS "checkpoint.previous.safetensors"
#define RUN_VALIDATION "validation" /* a folder of masks */
#define RUN_SNAPSHOTS "snapshots"   /* a folder of models on the way: step_0000100.safetensors */
#define RUN_LOCK "lock"

/* Of several folds: each is a run of its own in fold_0, fold_1, ... */
#define RUN_FOLD "fold_"
#define RUN_FOLDS "folds.json"
#define RUN_SUMMARY "summary.json"
#define RUN_POST "postprocess.json"

/* Of hard attention: its two nets are runs of their own in coarse and fine (part_name). */
#define RUN_HARD "hard.json"
#define RUN_BEFORE "before_joint.safetensors" /* the model of stage 2 */

#endif
