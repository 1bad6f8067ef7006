/* SPDX-License-Identifier: Apache-2.0 */
/* The work of each public call after its arguments are checked. What it tells goes to
 * call->result. */
#pragma once

#include <stdatomic.h>

#include "app/call.h"
#include "phantom/phantom.h"
#include "predict/ensemble.h"
#include "predict/predict_files.h"

att_status app_attend(struct app_call *call, const char *run, const char *dataset);
att_status app_baselines(struct app_call *call, const char *dataset, const char *unseen);
att_status app_bench(struct app_call *call);
att_status app_compare(struct app_call *call, const char *const *arms, int count);
att_status app_convert(struct app_call *call, const char *path, const char *output);
/* `labels` may be NULL with `policies`. */
att_status app_evaluate(struct app_call *call, const char *predictions, const char *labels);
att_status app_info(struct app_call *call, const char *path);
att_status app_phantom(struct app_call *call, const struct phantom *p, const char *folder);
att_status app_plan(struct app_call *call, const char *dataset);
/* After a failure the result has the images before it. */
att_status app_predict(struct app_call *call, const char *model, struct predict_job *j);
att_status app_report(struct app_call *call, const char *run, const char *output);
/* `run` in a team of MPI, where one is launched and `ranks` lets it: rank 0 calls it, and the
 * others do their part of its trainings. `folder` is the run's; ATT_USAGE if a rank has another. */
att_status app_team_run(struct app_call *call, const char *ranks, const char *folder,
    att_status (*run)(struct app_call *call, const void *arg), const void *arg);
/* The same for work that all ranks do, each with its part of the cases: all call `run`, which calls
 * team_meet_all before its part, if it has one. */
att_status app_team_divide(struct app_call *call, const char *ranks, const char *folder,
    att_status (*run)(struct app_call *call, const void *arg), const void *arg);
void app_team_free(att_context *c);
att_status app_resume(struct app_call *call, const char *run);
att_status app_train(struct app_call *call, const char *dataset, const char *run);

/* Row `index` of a command's options, if there is one. */
bool app_option_row(const char *command, int index, att_option *row);
att_status app_settings_create(struct app_call *call, const char *command, att_settings **settings);
/* Changes all or nothing; name NULL: loads the file `value`. */
att_status app_settings_change(
    struct app_call *call, att_settings *s, const char *name, const char *value);
att_status app_settings_describe(struct app_call *call, const struct options *o);

struct att_model {
    struct ensemble s;
    atomic_int references; /* the caller's and those of contexts */
};
att_status app_model_load(
    struct app_call *call, const char *const *paths, int count, att_model **model);
void app_model_free(att_model *model);
att_status app_model_describe(struct app_call *call, const struct ensemble *s);
att_status app_model_predict(
    struct app_call *call, const att_model *model, const struct image *m, att_result *r);
att_status app_image_load(
    struct app_call *call, const char *const *paths, int count, att_image **image);
/* The same of a file's bytes; most: limit of its samples, or 0. */
att_status app_image_decode(
    struct app_call *call, const void *bytes, size_t size, size_t most, att_image **image);
void app_image_free(att_image *image);
enum { APP_ENDING = 16 };
const char *app_image_ending(const att_image *image);
const char *app_image_file_ending(const att_image *image);
/* ending NULL: that of the image. The caller frees *bytes. */
att_status app_mask_encode(struct app_call *call, const att_image *image, const uint16_t *labels,
    const char *ending, char **bytes, size_t *size);
att_status app_mask_save(
    struct app_call *call, const att_image *image, const uint16_t *labels, const char *path);
void app_forget(att_context *c); /* drops the kept predictor */

/* Mirrors along the axes of the training, unless the image is large: the default. */
void app_predict_mirror(const struct ensemble *s, struct predict_options *p);
/* The default of `precision`, which it says if the models were trained in bf16: "bf16" for these on
 * a processor with a matrix unit, else "f32". */
const char *app_predict_precision(struct host *host, const struct ensemble *s);
/* Sets window, overlap, mirroring, tiles, post-processing and convolutions from the settings of
 * "predict"; keeps the rest of *p. p->conv before: what `precision` auto chose earlier ("f32",
 * CONV_BF16), or NULL. */
att_status app_predict_options(const struct options *o, struct host *host, const struct ensemble *s,
    struct predict_options *p, struct err *e);
/* Whether masks are post-processed as the models say. */
bool app_predict_owns_post(const struct options *o);
/* Warns if the models disagree on post-processing. */
void app_predict_warn_post(struct host *host, const struct ensemble *s);
