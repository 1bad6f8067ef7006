/* SPDX-License-Identifier: Apache-2.0 */
/* attunet: train Attention U-Nets (arXiv 1804.03999) and run them, in 2D and 3D.
 *
 * This header is the whole public interface of libattunet.
 * Input: text (option names, values, paths) and arrays of float.  Output: JSON text and arrays.
 *
 * Errors.  Every function that can fail returns an att_status.  att_context_error() gives the
 * sentence that explains it.  The library never prints, exits or aborts.
 *
 * Results.  `json` may be NULL if you do not want the text.  Free *json with att_text_free.
 * After a failure *json, *settings and *model are NULL, unless the function says otherwise.
 *
 * Paths.  An empty path is ATT_USAGE, even where NULL selects a default.
 *
 * Threads.  One thread at a time may use a context.  Any number of contexts may share a loaded
 * model.  Each context has its own threads, so give each its share of the cores.  A call needs a
 * stack of at least 256 KiB.  It computes with the default floating-point environment and
 * restores the caller's.  After a fork the child must create its own contexts.
 *
 * Locale.  Sentences follow the program's locale; JSON and files do not.
 *
 * Memory.  The first call gives jansson the library's own memory functions
 * (json_set_alloc_funcs).  A program that uses jansson too must not set its own.  The shared
 * library is never unloaded; link a plug-in that contains the static library with -z nodelete.
 *
 * Versions.  libattunet.so.N keeps every function and its meaning.  A new version may add
 * functions.  It may add members at the end of structures that begin with their own size; the
 * caller sets that size with sizeof, so older programs keep working.  A removal or a change makes
 * libattunet.so.N+1.  Options may come and go with each version; an unknown option is an error
 * that names it.  The static library exports att_* only, too. */
#ifndef ATTUNET_H
#define ATTUNET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ATT_API __attribute__((visibility("default")))
#else
#define ATT_API
#endif

#define ATT_VERSION "0.1.0"
#define ATT_VERSION_NUMBER 100 /* of MAJOR.MINOR.PATCH: 10000 MAJOR + 100 MINOR + PATCH */

/* Status of a call.  The command's exit codes are the same numbers; they never change. */
typedef enum att_status {
    ATT_OK = 0,
    ATT_FAILED = 1, /* an error of attunet itself: please report it */
    /* Unknown option, value out of range, or settings that exclude each other.  Also a file that
     * the call may not replace, a training that diverged, and a folder in which another process
     * works: that may pass later. */
    ATT_USAGE = 2,
    ATT_DATA = 3,   /* an image, label or data set cannot be used as it is */
    ATT_MEMORY = 4, /* out of memory, or the work needs more than the limit */
    /* Stopped.  A training has saved its state, unless it had not started: then it wrote nothing.
     */
    ATT_INTERRUPTED = 5,
    ATT_IO = 6,   /* a file cannot be read or written: missing, no permission, disk full */
    ATT_MODEL = 7 /* a model file or network spec cannot be used */
} att_status;

typedef struct att_context att_context;   /* threads, instruction set, callbacks, the last error */
typedef struct att_settings att_settings; /* the options of one command with their values */
typedef struct att_model att_model;       /* a loaded model, or several that predict together */

/* ---- context */

/* Callbacks run on the calling thread, before the call returns.  Their text arguments last until
 * they return.  With the context of the call they may call att_context_stop only: other functions
 * return ATT_USAGE, and att_context_destroy is forbidden.  They must not throw or longjmp.
 * The library copies the structure. */
typedef struct att_callbacks {
    size_t struct_size; /* sizeof(att_callbacks) */
    void *user;
    /* level: 1 information, 2 warning, 3 error in one part of the work.  May be NULL. */
    void (*message)(void *user, int level, const char *text);
    /* total <= 0: unknown.  detail: such as the current loss, or NULL.  May be NULL. */
    void (*progress)(void *user, const char *what, int64_t done, int64_t total, const char *detail);
    /* kind: a word for programs, such as "few-cases"; docs/warnings.md lists all.  NULL, or a
     * structure without it: warnings go to `message`. */
    void (*warning)(void *user, const char *kind, const char *text);
} att_callbacks;

/* threads: at most 1024; <= 0 uses every core that affinity and cgroup allow.  If the system
 * starts fewer, att_context_threads tells how many.  isa: "ref", "avx2" or "avx512"; NULL or "auto"
 * uses the environment's ATTUNET_ISA, else the best one; "cpu" does so, too, and names the
 * processor (att_resume).  Or an OpenCL device, for networks: "gpu", "gpu:N" or "opencl:N", of
 * which a process uses one.  "gpu:auto" is "gpu" if that is faster, else the processor: it measures
 * once, and a message says what it chose (docs/gpu.md); a GPU that it measured is the one that the
 * process uses, even if the processor was faster.  ATT_USAGE: too many threads, the processor
 * lacks the instruction set, no such device, or `context` is NULL.  After a failure *context still
 * holds the sentence; it is NULL only if there is no memory at all. */
ATT_API att_status att_context_create(
    int threads, const char *isa, const att_callbacks *callbacks, att_context **context);
ATT_API void att_context_destroy(att_context *context); /* NULL is fine */
/* The sentence of the last call, valid until the next one; "" after success.  Sentences and
 * messages name settings between backquotes, as in `max-memory`. */
ATT_API const char *att_context_error(const att_context *context);
/* Stop long work: it ends with ATT_INTERRUPTED, a training after it has saved its state.  Safe in a
 * signal handler, and from any thread until the context is destroyed.  A stop ends one call: the
 * current one, or the next one that checks for stops.  A prediction checks after every pass of a
 * network over a window.  It calls the callback for attention maps after the last check, so a stop
 * from there ends the next call. */
ATT_API void att_context_stop(att_context *context);
/* Cancel a stop that came too late, so that it does not end the next call. */
ATT_API void att_context_clear_stop(att_context *context);
ATT_API int att_context_threads(const att_context *context);
ATT_API const char *att_context_isa(const att_context *context);
/* Whether the processor has a matrix unit for bfloat16 (AMX), which `precision` bf16 needs to be
 * fast. The system may still refuse it. */
ATT_API int att_context_matrix(const att_context *context);
/* Among processes that train together (mpirun), after att_train or att_resume: from 0 on. Those
 * above 0 have only helped, and have nothing to print. If rank 0 has died, the lowest rank that is
 * left gets 0. */
ATT_API int att_context_rank(const att_context *context);
/* Describe the OpenCL devices of this machine: {"devices": [{"device": "gpu:0", "name", "driver",
 * "memory", "largest_buffer", "usable", "measured": {"seconds", "seconds_cpu"}}], "note"}.
 * "memory" and "largest_buffer" are in bytes.  "usable": it can run attunet.
 * "measured" is there if "gpu:auto" has measured this GPU with as many threads as the context has:
 * seconds of a convolution with its gradients on it and on the processor.  "note" is null, or says
 * why OpenCL cannot be used; that is no failure.  ATT_MEMORY: no memory for the text. */
ATT_API att_status att_devices(att_context *context, char **json);
ATT_API const char *att_version(void);
ATT_API void att_text_free(char *text); /* for every char ** result; NULL is fine */

/* ---- settings: one table feeds flags, config files and help */

typedef struct att_option {
    size_t struct_size;                            /* sizeof(att_option), set by the caller */
    const char *name, *arg, *value, *help, *group; /* arg NULL: a switch; value NULL: no default */
    const char *choices;                           /* "a|b|c"; NULL: free text or a number */
    int refused; /* known only to explain why the command does not take it; not for help texts */
} att_option;

/* Fill *row with row `index` (from 0) of a command's options.  The strings live as long as the
 * library.  Returns 0 past the last row, for an unknown command, and if row->struct_size is not
 * set. */
ATT_API int att_option_row(const char *command, int index, att_option *row);
/* Create settings with every option at its default.  command: "train", "predict", ...;
 * ATT_USAGE if it has no options. */
ATT_API att_status att_settings_create(
    att_context *context, const char *command, att_settings **settings);
ATT_API void att_settings_destroy(att_settings *settings);
/* Set one option.
 * name: as in att_option, without dashes; '-' and '_' are equal.  "no-NAME" turns a switch off.
 * value: the text that the flag takes; NULL turns a switch on.
 * The last value of a name counts.  So does the last file of `config` or `plan`; it does not
 * replace values that were set one by one.  ATT_USAGE: no such option, or no such value.  Texts
 * that depend on others (spec, loss, patch, window, spacing, fold, ...) fail in the call that uses
 * them. After a failure the settings are unchanged.  In the group "General" only `config` has an
 * effect: threads and isa belong to the context, the rest to the command line. */
ATT_API att_status att_settings_set(
    att_context *context, att_settings *settings, const char *name, const char *value);
/* Load settings from a JSON file.  Values set before stay; after a failure all do.  A value that
 * equals the default does not count as given: some options exclude each other. */
ATT_API att_status att_settings_load(
    att_context *context, att_settings *settings, const char *path);
/* Every option that has a value, with defaults and the content of `config` and `plan` files; can be
 * loaded by att_settings_load. */
ATT_API att_status att_settings_json(
    att_context *context, const att_settings *settings, char **json);

/* ---- data sets in memory */

typedef struct att_image {
    size_t struct_size; /* sizeof(att_image) */
    const float *data;  /* [channels][d][h][w] */
    int channels, size[3];
    float spacing[3]; /* mm between voxels along d, h, w; 0 along an axis of several voxels: unknown
                       */
    /* [3][4], row after row: voxel (w, h, d, 1) -> mm towards the patient's right, front and top,
     * as in NIfTI.  NULL: unknown, and the image lies along the axes of the training. */
    const double *affine;
} att_image;

typedef struct att_case {
    size_t struct_size;     /* sizeof(att_case), the same in each case of an array */
    const att_image *image; /* as in its file, not normalised; all cases have the same channels */
    const uint16_t *labels; /* [d][h][w] of the image; NULL: not labelled */
    const char *name;       /* a file name without ending; NULL: case_0000, case_0001, ... */
    const char *group;      /* such as its patient: groups stay together in splits; NULL: none */
} att_case;

/* Give the context a data set in memory.  Its calls then take `path` for `dataset` and `labels`,
 * except in att_pack and att_baselines.  A training from it has the same weights, bit for bit, as
 * from files with these samples, spacings and axes.  att_resume and a later att_evaluate or
 * att_report of the run need the same cases under the same path.
 * path: "memory:" and a name.  A data set of that path is replaced; count 0 removes it.
 * about: NULL, or what a dataset.json says: {"labels": {"background": 0, "tumour": 1}}.
 * The library copies structures and texts.  The samples, data and labels, stay the caller's: they
 * must not change until the data set is replaced or removed, or the context destroyed. */
ATT_API att_status att_context_data(
    att_context *context, const char *path, const att_case *cases, int count, const char *about);

/* ---- commands
 *
 * settings: NULL for defaults.  run, output: NULL if the settings name it (output). */

/* What the last call would have done, had it not been a dry run.  The setting dry_run (see
 * att_option_row; most commands that write have it) checks everything and writes nothing.  The
 * call's own json then has this form, and att_info puts it into "dry_run":
 * {"dry_run": true, "would": [TEXT, ...], "files": [PATH, ...]}. */
ATT_API att_status att_context_dry_run(att_context *context, char **json);

/* Train a network on a data set into the folder `run`.  If a file RUN/stop appears meanwhile, the
 * training removes it, saves and stops, as after att_context_stop. */
ATT_API att_status att_train(
    att_context *context, const char *dataset, const char *run, const att_settings *settings);
/* What att_train would do with these settings, and its cost on this machine.  json:
 * {"fingerprint", "settings", "expected", "reasons"}; also written to the file that the settings
 * name (output).  "settings" can be loaded into settings of `train`, and "next" is the command that
 * does so with that file.  With show_augmentation also "picture": the PNG file drawn.  If the
 * output is a .png file, only the picture is made. */
ATT_API att_status att_plan(
    att_context *context, const char *dataset, const att_settings *settings, char **json);
/* Prepare a data set once, as att_train with these settings would, into the folder `output`.
 * att_train takes that folder as its data set.  Valid cases that are already there are kept.  json:
 * {"cases", "made", "kept", "bytes" (on disk), "plain_bytes" (uncompressed), "path", "next": the
 * command that trains with it}. */
ATT_API att_status att_pack(att_context *context, const char *dataset, const char *output,
    const att_settings *settings, char **json);
/* Search settings of att_train within a budget, or compare them (`repeat`): docs/tuning.md.
 * Options of `train` hold what is searched: "1e-4..1e-1:log", "dice+ce,gdice".  output: a folder;
 * a search that was started there continues, and dataset may then be NULL.  json: the content of
 * OUT/tune.json with its trials, or with `repeat` of OUT/compare.json.
 * ATT_INTERRUPTED: everything is saved. */
ATT_API att_status att_tune(att_context *context, const char *dataset, const char *output,
    const att_settings *settings, char **json);
/* Continue a stopped run, bit-identical to one that was never stopped.  With `steps` ("+500") or
 * `time` a finished run is trained longer.  Folds 0, 1, ... that were trained separately into
 * run/fold_K become one run.  It continues where it trained last, on the processor or a device
 * (settings.json), unless the context was created with a name other than "auto" and "gpu:auto".
 * settings: of "resume".  ATT_USAGE: that device is gone.  ATT_INTERRUPTED: everything is saved. */
ATT_API att_status att_resume(att_context *context, const char *run, const att_settings *settings);
/* Predict image files.
 * model: as for att_model_load.  inputs: image files, folders, or CSV files that list images
 * (docs/prediction.md).  output: the folder for masks and, as set, attention maps, overlays and
 * probabilities.  A model of hard attention also writes which tiles it looked at.
 * json: one row per predicted image, even if the call fails because of other images; NULL without
 * any.  {"case", "file", "windows", "passes", "seconds", "size": [d, h, w],
 * "classes": {NAME: {"voxels", "volume_mm3"}}}.  One slice without thickness has "area_mm2"
 * instead; an image of unknown spacing has neither.  With post-processing "dropped": {NAME:
 * voxels}; for a model of objects "objects", their number; with hard attention "tiles"; with
 * attention maps "maps", their number; with DICOM SEG or RTSTRUCT "dicom", the number of these
 * files; for an image resampled to other voxels "brought_to": [d, h, w] in mm. */
ATT_API att_status att_predict(att_context *context, const char *model, const char *const *inputs,
    int count, const char *output, const att_settings *settings, char **json);
/* Compare predicted masks with true labels.  Both are folders or single files; a label without a
 * mask is ATT_DATA.  docs/metrics.md defines the metrics.  json:
 * {"cases": [{"case", "unit", "distance_unit", "classes": [{"class": value in files ("1+2" for a
 * region), "name", "dice", "iou", "precision", "recall", "hd95", "assd", "nsd",
 * "volume_predicted", "volume_true"}, ...]}, ...],
 * "mean": {the same numbers except volumes, over cases and then classes, "classes": [{the same,
 * "cases", "cases_with_distance"}, ...]}, "without_foreground": [CASE, ...],
 * "definitions": {NAME: TEXT}, "tolerance" of nsd; if labels number objects, cases have "objects":
 * {"predicted", "true"}, their numbers, and classes "ap50", "ap60", "ap70", "ap80", "ap90", "pq",
 * "object_dice" and "object_hausdorff"; with choose_postprocess "postprocess"}.
 * "unit": "mm3"; "mm2" for planes; "um3" or "um2" for voxels below 0.01 mm; "voxels" or "pixels"
 * without spacing.  A number that a case does not have is null and not part of any mean.
 *
 * With the setting `policies`: compare the policy of a hard-attention run with other choices of
 * tiles.  `predictions` is then the run, `labels` a labelled data set or NULL for the run's own.
 * docs/hard.md defines the methods.  json:
 * {"cases": [{"case", "tiles", "multiply_adds", "seconds", "none", "all", "own",
 * "methods": [{"method", "scores": [{"tiles", "share" of a dense prediction, "dice", "outside"},
 * ... one per "k"]}, ...]}, ...], "mean": {the same over cases}, "k": [NUMBER, ...]}.
 *
 * With the setting `calibration`: measure the probabilities of a run, or of its folds, on such
 * cases; set_temperature writes the temperature into the run's models (docs/metrics.md).  json:
 * {"calibration": {"cases", "voxels", "of", "temperature" or null, "before": VIEW, "after": VIEW}},
 * VIEW = {"nll", "ece", "ece_foreground", "bins": [{"answers", "probability", "right"}, ... 15],
 * "bins_foreground": [...]}. */
ATT_API att_status att_evaluate(att_context *context, const char *predictions, const char *labels,
    const att_settings *settings, char **json);
/* Write the report of a run, finished or not, as one self-contained page of HTML: docs/report.md.
 * output: the file; NULL: the settings' output, else report.html in the run's folder.  att_train
 * writes it too, and att_evaluate with the setting report. */
ATT_API att_status att_report(
    att_context *context, const char *run, const char *output, const att_settings *settings);
/* Measure what the gates of a run's network attend to, on labelled cases.
 * dataset: NULL for the one the run was trained on; then the validation cases are used.  For every
 * gate's map: mean inside and outside the true foreground, area under the ROC curve, entropy,
 * percentiles.  Controls: random weights, the image's intensity, a centre prior.  Deletion tests:
 * the Dice after places are blanked.  docs/attention.md defines all of it.  json:
 * {"cases", "mean", "blank", "seed"}, for a run with snapshots also "growth".  ATT_USAGE: the
 * network has no gates. */
ATT_API att_status att_attend(att_context *context, const char *run, const char *dataset,
    const att_settings *settings, char **json);
/* Compare the arms of an experiment with the first one, over the same cases.
 * arms: "NAME=FILE[,FILE...]", one file per seed: the JSON of att_evaluate, or nnU-Net's
 * summary.json.  A single arm is ATT_USAGE; arms with different cases are ATT_DATA.  json:
 * {"metric", "class" (null: mean over classes), "test": "wilcoxon" or "permutation", "cases",
 * "groups" (if used), "fewest" (below so many cases or groups, no p_holm can be below 0.05),
 * "left_out": [CASE, ...], "arms": [{"arm", "files", "seeds", "mean", "spread" (null with one
 * seed), and except in the first "difference", "low" and "high" (95 % interval), "p", "p_holm"},
 * ...], "definitions"}. */
ATT_API att_status att_compare(att_context *context, const char *const *arms, int count,
    const att_settings *settings, char **json);
/* The Dice of three methods without a network, fitted to `dataset`, on the labelled images of
 * `unseen`: a threshold; a threshold on smoothed images that keeps the largest component; the mean
 * mask.  json: [{"method", "dice" (mean)}, ...]. */
ATT_API att_status att_baselines(
    att_context *context, const char *dataset, const char *unseen, char **json);
/* Describe a data set, image, model, plan or run folder.  json begins with "what" ("data set",
 * "image", ...) and "path"; the rest is what `attunet info --json` prints.  For a data set also
 * "problems": [{"kind", "level", "file", "text"}, ...] and "errors", the number of problems that
 * would stop a training; these do not make this call fail. */
ATT_API att_status att_info(
    att_context *context, const char *path, const att_settings *settings, char **json);
/* Time and memory of a network with random weights and images (settings: spec, shape, batch, train,
 * ...).  json: {"spec", "what" ("prediction" or "training step"), "shape": [d, h, w], "batch",
 * "isa", "threads", "precision", "storage", "repeat", "parameters", "multiply_adds",
 * "seconds_median", "seconds_least", "seconds_most", "gflop", "gflop_per_second",
 * "extra_operations" (due to a memory limit), "bytes": {NAME: NUMBER}, and with the setting layers
 * "steps": a row per step}. */
ATT_API att_status att_bench(att_context *context, const att_settings *settings, char **json);
/* Convert weights of another program (safetensors or torch.save) to a model file.
 * The setting `spec` names the network, or `plans` the plans.json of nnU-Net.  Without either,
 * `model` is a model file or run that is written again: with `aliases` also under the names that
 * other programs look for, with `part` as one network of a hard-attention model.  "COARSE,FINE"
 * with a spec of arch=hard joins two models.  A folder that nnU-Net trained, with plans.json, gives
 * output/fold_0/model.safetensors and so on; att_model_load takes `output` as an ensemble. */
ATT_API att_status att_convert(
    att_context *context, const char *model, const char *output, const att_settings *settings);
/* Write a built-in data set: "ultrasound" (2D), "organs" (3D), "field" (large, 2D) or "signpost"
 * (two looks, 2D).  It has images and labels for training, and an unseen set from other ranges.
 * ATT_INTERRUPTED: the files written so far are complete, but too few. */
ATT_API att_status att_phantom(
    att_context *context, const char *kind, const char *folder, const att_settings *settings);

/* ---- models in memory
 *
 * Predict one 2D image:
 *
 *     att_context *c;
 *     att_model *m;
 *     const int size[3] = {1, 256, 256};
 *     if (att_context_create(0, NULL, NULL, &c) != ATT_OK ||
 *         att_model_load(c, "run", &m) != ATT_OK ||
 *         att_model_predict(c, m, image, 1, size, labels, NULL) != ATT_OK)
 *         fprintf(stderr, "%s\n", att_context_error(c));
 *     att_model_free(m);
 *     att_context_destroy(c);
 *
 * Predict a volume with all folds of a cross-validation, 3 x 0.8 x 0.8 mm voxels, each window once:
 *
 *     att_settings *s;
 *     const att_image image = {sizeof image, data, 1, {40, 320, 320}, {3, .8f, .8f}, NULL};
 *     att_model_load(c, "run", &m);    run/fold_0, run/fold_1, ...
 *     att_settings_create(c, "predict", &s);
 *     att_settings_set(c, s, "mirror", "no");
 *     att_model_predict_image(c, m, &image, s, labels, NULL); */

/* Load a model.
 * path: a model file, a run folder, or a folder with runs fold_0, fold_1, ...  Several paths may be
 * joined by commas (if no file has that name).  Several models predict together: their logits are
 * averaged.  They must have the same labels, image channels and target grid; ATT_MODEL names the
 * models that differ. */
ATT_API att_status att_model_load(att_context *context, const char *path, att_model **model);
/* The same, for a list of paths. */
ATT_API att_status att_model_load_list(
    att_context *context, const char *const *paths, int count, att_model **model);
/* Release the handle; a context may keep the weights.  NULL is fine. */
ATT_API void att_model_free(att_model *model);
/* Number of image channels in and of probability channels out; either pointer may be NULL. */
ATT_API void att_model_channels(const att_model *model, int *in, int *out);
ATT_API int att_model_networks(const att_model *model); /* how many predict together */
/* Describe the model; for several models the first one, and "paths" of all.  "modality": of the
 * DICOM series in training, such as "CT" or "CT,MR", if the channels have their names. */
ATT_API att_status att_model_json(att_context *context, const att_model *model, char **json);
/* Predict one image in memory.
 * image: [channels][d][h][w] as in the file, not normalised; 2D has d = 1.
 * labels: [d][h][w], values as in the training labels.
 * probabilities: [channels out][d][h][w] in 0..1, or NULL.  Classes (softmax) sum to 1; regions and
 * a single channel (sigmoid) are independent.
 * The volume must have the orientation that the model was trained with (att_model_json:
 * preparation.orientation, such as "LPS" for w, h, d), or an affine (att_model_predict_image).
 * ATT_DATA: wrong number of channels, a side below 1 or too large, or a NaN or infinity (the
 * sentence names the voxel).  ATT_MODEL: the network overflowed.
 *
 * The context keeps the network's plan, memory and weights for the next image of the same model and
 * size.  It releases them when it predicts with another model or other settings, runs a command
 * (train, predict, bench, ...) or is destroyed. */
ATT_API att_status att_model_predict(att_context *context, const att_model *model,
    const float *image, int channels, const int size[3], uint16_t *labels, float *probabilities);

/* Load an image file, or one file per channel, as att_predict does, on the axes of the file.
 * ATT_DATA: no image, a NaN or infinity, or channels of different size or position. */
ATT_API att_status att_image_load(
    att_context *context, const char *const *paths, int count, att_image **image);
/* The same for the bytes of one file, of any format (docs/formats.md) but DICOM.  A header whose
 * samples are in another file is ATT_DATA.  max_samples: an image with more samples (voxels x
 * channels) is ATT_MEMORY, before they are decoded; 0: no limit.  No name on disk is used; the
 * sentences say "the image". */
ATT_API att_status att_image_decode(
    att_context *context, const void *bytes, size_t size, size_t max_samples, att_image **image);
/* Release an image of att_image_load or att_image_decode.  NULL is fine. */
ATT_API void att_image_free(att_image *image);
/* The ending of masks for such an image: that of its own format, or of another one where attunet
 * does not write it.  Lives as long as the image. */
ATT_API const char *att_image_ending(const att_image *image);
/* The ending of the image's file by its content, such as ".jpg" or ".nii"; of several files that of
 * the first. */
ATT_API const char *att_image_file_ending(const att_image *image);
/* The bytes of a mask as att_predict writes it, on the grid of an image of att_image_load or
 * att_image_decode, with that file's header where the format is the same.
 * labels: [d][h][w] of the image.  ending: such as ".nii.gz"; NULL: att_image_ending.  Free *bytes
 * with att_text_free.  ATT_USAGE: attunet does not write such files, or needs two for one. */
ATT_API att_status att_mask_encode(att_context *context, const att_image *image,
    const uint16_t *labels, const char *ending, char **bytes, size_t *size);

/* The same into a file, whose ending chooses the format.  It appears only when it is complete and
 * on disk, in place of a file of that name. */
ATT_API att_status att_mask_save(
    att_context *context, const att_image *image, const uint16_t *labels, const char *path);

/* The same for an image with a spacing, and with an affine if it is known.  A model with a target
 * spacing needs a spacing.  Any other model resamples an image whose voxels are more than 25 %
 * larger or 20 % smaller along an axis than in training; at a factor of ten and more it uses the
 * image as it is.  Each call warns of what is unlike training; att_model_run returns it as bits.
 * ATT_USAGE: a spacing below 0 or infinite.  A volume with an affine is turned to the axes of the
 * training, and the results are turned back.  A spacing of 0 is taken from the affine.
 * settings: of the command "predict" (window, overlap, mirror, ...); NULL: defaults.  The settings
 * dry_run, voxel_size, attention, probabilities, uncertainty and overlay are about files: ATT_USAGE
 * if set.  output and truth have no effect, nor has orientation without an affine. */
ATT_API att_status att_model_predict_image(att_context *context, const att_model *model,
    const att_image *image, const att_settings *settings, uint16_t *labels, float *probabilities);

/* What may be wrong with a mask: bits of att_result.doubts. */
typedef enum att_doubt {
    ATT_DOUBT_BROUGHT = 1, /* other voxels than in training: image and mask were resampled */
    ATT_DOUBT_LEFT = 2,    /* far other voxels than in training, not resampled: do not trust it */
    ATT_DOUBT_UNKNOWN = 4, /* no spacing, though the training images had one: not resampled */
    ATT_DOUBT_SLICE = 8,   /* one slice for a network trained on volumes: do not trust it */
    ATT_DOUBT_FLAT = 16,   /* almost constant intensities: do not trust it */
    ATT_DOUBT_OBLIQUE = 32 /* along other axes than in training, and oblique: not turned */
} att_doubt;

typedef struct att_result {
    size_t struct_size; /* sizeof(att_result) */
    /* Outputs, each NULL if not wanted.  attention is called once per gate before the call returns,
     * with the gate's map on the image's grid, [d][h][w] in 0..1, valid until it returns.  For an
     * ensemble the map is the mean.  A network without gates never calls it.  Hard attention, and
     * an ensemble of different networks, are ATT_USAGE. */
    uint16_t *labels;
    float *probabilities;
    void (*attention)(void *user, const char *gate, const float *map);
    void *user;
    /* Set if the call returns ATT_OK. */
    int doubts;     /* ATT_DOUBT_... bits; 0: no doubt */
    int windows;    /* computed windows */
    int64_t passes; /* passes of a network over a window, for every model and mirror image */
    double seconds;
    /* NULL, or [d][h][w]: the variance of the probabilities over models, mirror images and
     * overlapping windows, 1 for the largest one that is possible.  One model without mirror images
     * is ATT_USAGE; if only this image is too large for them, `passes` equals `windows`. */
    float *variance;
} att_result;

/* Like att_model_predict_image, with attention maps and figures. */
ATT_API att_status att_model_run(att_context *context, const att_model *model,
    const att_image *image, const att_settings *settings, att_result *result);

#ifdef __cplusplus
}
#endif

#endif
