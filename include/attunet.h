/* SPDX-License-Identifier: Apache-2.0 */
/* attunet: train Attention U-Nets (arXiv 1804.03999) and run them, in 2D and 3D.
 *
 * This is the whole public interface of libattunet.  Text in (option names and values, paths), text
 * out (JSON), arrays of float for callers that hold images in memory.  Every function that can fail
 * returns an att_status; the sentence that explains it is att_context_error().  The library never
 * prints, exits or aborts.
 *
 * json: may be NULL when the text is not wanted; *json is NULL after a failure unless a function
 * says otherwise, else a text for att_text_free.  *settings and *model are NULL after a failure,
 * too.
 *
 * Paths: an empty one is ATT_USAGE, also where NULL stands for another.
 *
 * Threads: a context belongs to one thread at a time.  A model may be shared by any number of
 * contexts once it is loaded.  Each context has its own threads: of several that work at the same
 * time give each its share.  Calls are made for stacks of 256 KiB and more, compute with the
 * default floating-point environment and leave the caller's as it was.  Sentences follow the
 * program's locale, JSON and files do not.  After a fork the child makes contexts of its own.
 *
 * JSON: the library gives jansson memory functions of its own (json_set_alloc_funcs) with its first
 * call; a program that uses jansson, too, sets none of its own.  They must stay: the shared library
 * is never unloaded, and a plugin that has the static one in it is linked with -z nodelete.
 *
 * Versions: libattunet.so.N keeps every function and its meaning for as long as N stays.  Functions
 * may be added, and members at the end of structures that begin with their own size, which a caller
 * sets by sizeof: a program that was built with an older header goes on working with a newer
 * library.  What is taken away or changed makes it libattunet.so.N+1.  Options come and go with
 * versions of the command, each refused by name where it is unknown.  Of the static library, too,
 * nothing but att_* can be seen from outside. */
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

/* Results; the command's exit codes are the same numbers, for ever. */
typedef enum att_status {
    ATT_OK = 0,
    ATT_FAILED = 1, /* an error of attunet itself: please report it */
    ATT_USAGE = 2, /* unknown option, value out of range, settings that do not go together or cannot
                    * be followed; also a training that diverged, and a folder where another process
                    * works, which it may later not do */
    ATT_DATA = 3,  /* an image, label or data set cannot be used as it is */
    ATT_MEMORY = 4,      /* out of memory, or more than the limit asked for */
    ATT_INTERRUPTED = 5, /* stopped by a signal; a training run has saved its state, unless it had
                            not begun: nothing is written then */
    ATT_IO = 6,          /* a file cannot be read or written: missing, no permission, disk full */
    ATT_MODEL = 7        /* a model file or network spec cannot be used */
} att_status;

typedef struct att_context att_context;   /* threads, instruction set, callbacks, the last error */
typedef struct att_settings att_settings; /* the options of one command with their values */
typedef struct att_model att_model;       /* a loaded model, or several that predict together */

/* ---- context */

/* They are called on the thread that made the call, before it returns; texts last until they
 * return.  With the context of that call they may call att_context_stop alone: other functions are
 * ATT_USAGE then, att_context_destroy is not to be called.  They must not throw or longjmp.  The
 * structure is copied. */
typedef struct att_callbacks {
    size_t size; /* sizeof(att_callbacks) */
    void *user;
    void (*message)(void *user, int level,
        const char *text); /* level 1 information, 2 warning, 3 error of one part; may be NULL */
    /* total <= 0: unknown; detail: e.g. the current loss, may be NULL; may itself be NULL */
    void (*progress)(void *user, const char *what, int64_t done, int64_t total, const char *detail);
} att_callbacks;

/* threads <= 0: as many as affinity and cgroup allow; at most 1024; fewer where the system starts
 * no more (att_context_threads). isa: "ref", "avx2", "avx512", or NULL or "auto" for the best (the
 * environment's ATTUNET_ISA counts then). ATT_USAGE: too many threads, the processor does not have
 * it, or `context` is NULL; ATT_MEMORY. On failure *context is still a context that holds the
 * sentence, or NULL when there is no memory at all. */
ATT_API att_status att_context_create(
    int threads, const char *isa, const att_callbacks *callbacks, att_context **context);
ATT_API void att_context_destroy(att_context *context); /* NULL is fine */
/* the last call's sentence, which lasts until the next; "" when it succeeded */
ATT_API const char *att_context_error(const att_context *context);
/* Safe in a signal handler, and from any thread until the context is destroyed: long work ends with
 * ATT_INTERRUPTED, training after it has saved its state.  A stop ends one call: the one in
 * progress, or else the next one whose work looks for stops; calls in between that have nothing to
 * stop pass it on.  Prediction looks after every pass of a network over a window, the last one too;
 * the callback for attention maps comes after that, so that a stop from there is the next call's.
 */
ATT_API void att_context_stop(att_context *context);
ATT_API void att_context_clear_stop(att_context
        *context); /* before a call that an earlier stop, which came too late, is not to end */
ATT_API int att_context_threads(const att_context *context);
ATT_API const char *att_context_isa(const att_context *context);
ATT_API const char *att_version(void);
ATT_API void att_text_free(char *text); /* for every char ** result; NULL is fine */

/* ---- settings: one table feeds flags, config files and help */

typedef struct att_option {
    size_t size;                                   /* sizeof(att_option), set by the caller */
    const char *name, *arg, *value, *help, *group; /* arg NULL: a switch; value NULL: no default */
    const char *choices;                           /* "a|b|c"; NULL: not one of a few words */
    int refused; /* the command knows it only to say why it does not take it: not for help */
} att_option;

/* The strings live as long as the library.  Row `index` of a command's options, counted from 0; 0
 * where there is no such row, as past the last one or of an unknown command, and when row->size was
 * not set. */
ATT_API int att_option_row(const char *command, int index, att_option *row);
/* Every option at its default.  command: "train", "predict", ...; ATT_USAGE for one that has no
 * options. */
ATT_API att_status att_settings_create(
    att_context *context, const char *command, att_settings **settings);
ATT_API void att_settings_destroy(att_settings *settings);
/* name: of a row of the command, without dashes, '-' and '_' alike; of a switch also "no-NAME",
 * without value.  value: the text that the flag takes; NULL for a switch: yes.  Of several values
 * for a name the last one counts; of several files for `config`, or for `plan`, so does what the
 * last one says, while values that were set by themselves stay.  ATT_USAGE: no such option, or no
 * such value of it; texts that are judged beside others (spec, loss, patch, window, spacing, fold,
 * ...) fail in the call that uses them.  After a failure the settings are what they were.  Of the
 * group "General" only `config` does something here: threads and isa are the context's, the rest is
 * the command line's. */
ATT_API att_status att_settings_set(
    att_context *context, att_settings *settings, const char *name, const char *value);
/* JSON; values set before stay, as all do after a failure.  A value that equals the default does
 * not count as asked for: some options exclude each other. */
ATT_API att_status att_settings_load(
    att_context *context, att_settings *settings, const char *path);
/* All that have a value, defaults and what files of `config` and `plan` said among them, for
 * att_settings_load. */
ATT_API att_status att_settings_json(
    att_context *context, const att_settings *settings, char **json);

/* ---- commands; settings may be NULL for defaults; `run` and `output` may be NULL when the
 * settings name it (output) */

/* With the setting dry_run, which most commands that write have (att_option_row tells), everything
 * is checked and nothing is written: the call ends as it would have where it would begin to write,
 * and what it would do and write is the json of calls that have one, of att_info in its "dry_run",
 * and here, of the last call: {"dry_run": true, "would": [TEXT, ...], "files": [PATH, ...]}. */
ATT_API att_status att_context_dry_run(att_context *context, char **json);

/* While a run is trained, a file RUN/stop that anybody makes ends it as att_context_stop does, and
 * is removed. */
ATT_API att_status att_train(
    att_context *context, const char *dataset, const char *run, const att_settings *settings);
/* What `att_train` would do with these settings, and what it would cost here: {"fingerprint",
 * "settings", "expected", "reasons"}; also written to the file that the settings name (output). The
 * settings can be loaded again, into those of `train`.  With show_augmentation also "picture": the
 * PNG file that was drawn; that alone, and nothing is timed, when the output is a .png file. */
ATT_API att_status att_plan(
    att_context *context, const char *dataset, const att_settings *settings, char **json);
/* A data set prepared once, as `att_train` with these settings would, into the folder `output`,
 * which `att_train` takes as its data set; what lies there and is still good is kept.  json:
 * {"cases", "made", "kept", "bytes" on the disk, "plain_bytes" that they would be uncompressed,
 * "path"}. */
ATT_API att_status att_pack(att_context *context, const char *dataset, const char *output,
    const att_settings *settings, char **json);
/* Settings of `att_train` searched within a budget, or, with `repeat`, compared: docs/tuning.md.
 * `output` is a folder; where a search was begun in it, it goes on, and dataset may be NULL.
 * Options of `train` hold what is searched: "1e-4..1e-1:log", "dice+ce,gdice".  json: what
 * OUT/tune.json holds, the trials among it, or with repeat OUT/compare.json.  ATT_INTERRUPTED:
 * everything is saved. */
ATT_API att_status att_tune(att_context *context, const char *dataset, const char *output,
    const att_settings *settings, char **json);
/* A run that was stopped goes on as if it had not been, bit for bit; with steps ("+500") or time a
 * finished one becomes longer.  Folds 0, 1, ... that were trained apart, each into run/fold_K,
 * become one.  run: its folder; settings: of "resume".  ATT_INTERRUPTED: stopped, and everything is
 * saved. */
ATT_API att_status att_resume(att_context *context, const char *run, const att_settings *settings);
/* A model of hard attention also writes which tiles it looked at. model: as for att_model_load.
 * inputs: image files, folders, or CSV files that list images (docs/prediction.md); masks (and
 * maps, overlays, probabilities as set) go to the folder `output`. json: a row per image that was
 * predicted, also when the call fails because of others; NULL without any: {"case", "file",
 * "windows", "passes", "seconds", "size": [d, h, w], "classes": {NAME: {"voxels", "volume_mm3"}}},
 * of one slice without a thickness "area_mm2", and neither where the file does not say how large
 * voxels are; with post-processing "dropped": {NAME: voxels}, of hard attention "tiles", of images
 * of other voxels than those that trained "brought_to": [d, h, w] in mm. */
ATT_API att_status att_predict(att_context *context, const char *model, const char *const *inputs,
    int count, const char *output, const att_settings *settings, char **json);
/* Masks against true ones, or with the setting policies a run of hard attention against other
 * choices of tiles on the labelled cases of a data set: then `predictions` is the run and `labels`
 * the data set, NULL for the run's own.  Both are folders or single files; a label without a mask
 * is ATT_DATA.  json: {"cases": [{"case", "unit" ("mm3", "mm2" of planes, "um3", "um2" where voxels
 * are below 0.01 mm, "voxels" or "pixels" where files have no spacing), "distance_unit", "classes":
 * [{"class": value in files ("1+2" of a region), "name", "dice", "iou", "precision", "recall",
 * "hd95", "assd", "nsd", "volume_predicted", "volume_true"}, ...]}, ...], "mean": {the same numbers
 * but the volumes over cases and then classes, "classes": [{the same, "cases",
 * "cases_with_distance"}, ...]}, "without_foreground": [CASE,
 * ...], "definitions": {NAME: TEXT}, "tolerance" of nsd, with choose_postprocess "postprocess":
 * what was tried and kept}; a number that a case does not have is null and left out of means.
 * docs/metrics.md defines them.  With policies: {"cases": [{"case", "tiles", "multiply_adds",
 * "seconds", "none", "all", "own", "methods": [{"method", "scores": [{"tiles", "share" of a dense
 * prediction, "dice", "outside"}, ... one for each of "k"]}, ...]}, ...], "mean": {the same over
 * cases}, "k": [NUMBER, ...]}; docs/hard.md defines them. */
ATT_API att_status att_evaluate(att_context *context, const char *predictions, const char *labels,
    const att_settings *settings, char **json);
/* The report of a run, finished or not, as one page of HTML that asks for nothing outside of
 * itself: docs/report.md.  output: the file; NULL: that of the settings, else report.html in the
 * run's folder.  att_train writes it too, and att_evaluate with the setting report. */
ATT_API att_status att_report(
    att_context *context, const char *run, const char *output, const att_settings *settings);
/* What the gates of a run's network attend to, on labelled cases of a data set (those that the run
 * validates on, where it is its own): mean inside and outside of the true foreground, area under
 * the ROC, entropy and percentiles of every gate's map, the same for random weights, for the
 * image's intensity and for a centre prior, and the Dice with places blanked; docs/attention.md
 * defines all of it.  json:
 * {"cases", "mean", "blank", "seed"}, and of a run with snapshots "growth".  dataset: NULL for what
 * the run was trained on.  A network without gates is ATT_USAGE. */
ATT_API att_status att_attend(att_context *context, const char *run, const char *dataset,
    const att_settings *settings, char **json);
/* Arms of an experiment against the first of them, over the same cases.  arms:
 * "NAME=FILE[,FILE...]", the files as att_evaluate's JSON or nnU-Net's summary.json, one for each
 * seed.  One arm is ATT_USAGE, arms of different cases are ATT_DATA.  json: {"metric", "class"
 * (null: the mean over classes), "test": "wilcoxon" or "permutation", "cases", "groups" (where
 * these count), "left_out": [CASE, ...], "arms":
 * [{"arm", "files", "seeds", "mean", "spread" (null with one seed), and of all but the first
 * "difference", "low" and "high" (its interval of 95 %), "p", "p_holm"}, ...], "definitions"}. */
ATT_API att_status att_compare(att_context *context, const char *const *arms, int count,
    const att_settings *settings, char **json);
/* What three simple methods without a network reach on the labelled images of the data set
 * `unseen`, fitted to the data set `dataset`: a threshold, a threshold on smoothed images that
 * keeps the largest component, and the mean mask.  json: [{"method", "dice" (the mean)},
 * ...]. */
ATT_API att_status att_baselines(
    att_context *context, const char *dataset, const char *unseen, char **json);
/* What a data set, an image, a model, a plan or a run's folder is: json begins with "what" ("data
 * set", "image", ...) and "path"; the rest is what the command prints with --json, of a data set
 * also "problems", each {"kind", "level", "file", "text"}, with "errors" of them that would stop a
 * training: that is no failure of this call. */
ATT_API att_status att_info(
    att_context *context, const char *path, const att_settings *settings, char **json);
/* Time and memory of a network given by its spec (settings: spec, shape, batch, train, ...), whose
 * weights and images are random.  json:
 * {"spec", "what" ("prediction" or "training step"), "shape": [d, h, w], "batch", "isa", "threads",
 * "storage", "repeat", "parameters", "multiply_adds", "seconds_median", "seconds_least",
 * "seconds_most", "gflop", "gflop_per_second", "extra_operations" of a memory limit, "bytes":
 * {NAME: NUMBER}, and with the setting layers "steps": a row per step of the network}. */
ATT_API att_status att_bench(att_context *context, const att_settings *settings, char **json);
/* Weights of another program, in safetensors or as torch.save writes them, named and shaped as the
 * network `spec` of the settings, or of nnU-Net with the setting `plans`, become a model file;
 * without either `model` is a model file or a run, written again, with the setting `aliases` under
 * all names that other programs look for, with `part` a network of a model of hard attention alone.
 * "COARSE,FINE" with a spec of arch=hard joins two models to one.  Of a folder where nnU-Net has
 * trained, with plans.json, all folds become models: output/fold_0/model.safetensors and so on,
 * which att_model_load takes together as `output`. */
ATT_API att_status att_convert(
    att_context *context, const char *model, const char *output, const att_settings *settings);
/* Writes the built-in data set "ultrasound" (2D), "organs" (3D), "field" (large, 2D) or "signpost"
 * (two looks, 2D): images and labels for training, and an unseen set from other ranges.
 * ATT_INTERRUPTED: the files that are there are whole, but too few. */
ATT_API att_status att_phantom(
    att_context *context, const char *kind, const char *folder, const att_settings *settings);

/* ---- models in memory
 *
 *     att_context *c;
 *     att_model *m;
 *     if (att_context_create(0, NULL, NULL, &c) == ATT_OK && att_model_load(c, "run", &m) ==
 * ATT_OK) { const int size[3] = {1, 256, 256}; att_status status = att_model_predict(c, m, image,
 * 1, size, labels, NULL); if (status != ATT_OK) fprintf(stderr, "%s\n", att_context_error(c));
 *         att_model_free(m);
 *     }
 *     att_context_destroy(c);
 *
 * and, with the networks of a cross-validation together, voxels of 3 x 0.8 x 0.8 mm and mirroring:
 *
 *     att_settings *s;
 *     const att_image image = {sizeof image, data, 1, {40, 320, 320}, {3, .8f, .8f}};
 *     att_model_load(c, "run", &m);                        (run/fold_0, run/fold_1, ...)
 *     att_settings_create(c, "predict", &s);
 *     att_settings_set(c, s, "mirror", "yes");
 *     att_model_predict_image(c, m, &image, s, labels, NULL); */

/* path: a model file, a run's folder, or a folder whose folders fold_0, fold_1, ... are runs.
 * Several of these with commas between them (where no file has that name), and folds, predict
 * together: their logits are averaged.  They must have the same labels, image channels and target
 * grid, else ATT_MODEL says which differ. */
ATT_API att_status att_model_load(att_context *context, const char *path, att_model **model);
/* The same for a list of paths. */
ATT_API att_status att_model_load_list(
    att_context *context, const char *const *paths, int count, att_model **model);
ATT_API void att_model_free(att_model *model); /* the handle is the caller's no more, though a
                                                  context may keep the weights; NULL is fine */
/* Channels of the images the model takes and of the probabilities it gives; in and out may be NULL.
 */
ATT_API void att_model_channels(const att_model *model, int *in, int *out);
ATT_API int att_model_networks(const att_model *model); /* how many predict together */
/* What the model is; of several, what the first one is, and `paths`, where each came from. */
ATT_API att_status att_model_json(att_context *context, const att_model *model, char **json);
/* image: [channels][d][h][w] as loaded from a file (not normalised), 2D with d = 1; labels:
 * [d][h][w] values as in the training labels; probabilities: [channels out][d][h][w] or NULL, 0..1:
 * of classes they add up to 1, of regions and of a single channel each stands for itself.  Another
 * number of channels than the model takes, a side below 1 or too large, and a NaN or infinity are
 * ATT_DATA, and the sentence names the voxel; what overflows inside the network is ATT_MODEL.
 * Volumes have to lie along the axes that the model learnt from (att_model_json:
 * preparation.orientation, such as "LPS", where w, h and d run to): images in memory are not
 * turned, as those in files are.
 *
 * The context keeps the network's plan and memory, and with them the model's weights, for the next
 * image of that model and size: until it predicts with another model or other settings, runs a
 * command (train, predict, bench, ...) or is destroyed. */
ATT_API att_status att_model_predict(att_context *context, const att_model *model,
    const float *image, int channels, const int size[3], uint16_t *labels, float *probabilities);

typedef struct att_image {
    size_t struct_size; /* sizeof(att_image) */
    const float *data;  /* [channels][d][h][w] */
    int channels, size[3];
    float spacing[3]; /* millimetres from voxel to voxel along d, h, w; none is known where an axis
                         with more than one voxel has 0 */
} att_image;

/* The same for an image whose voxels have a size: models that work at a spacing of their own need
 * it, others bring the image to the spacing that they learnt from where its voxels are more than a
 * quarter larger or a fifth smaller along an axis (ten times and more: they leave it). What is
 * unlike training is told as a warning by each call; att_model_run tells it as numbers, too.
 * settings: of the command "predict" (window, overlap, mirror, ...); NULL: defaults. Of those about
 * files dry_run, voxel_size, attention, probabilities and overlay are ATT_USAGE where they ask for
 * anything, and orientation, output and truth change nothing. */
ATT_API att_status att_model_predict_image(att_context *context, const att_model *model,
    const att_image *image, const att_settings *settings, uint16_t *labels, float *probabilities);

/* What may be wrong with a mask: bits of att_result.doubts. */
typedef enum att_doubt {
    ATT_DOUBT_BROUGHT =
        1, /* voxels unlike those of training, to which the image was brought, and its mask back */
    ATT_DOUBT_LEFT = 2,    /* voxels too unlike those of training, so that it was taken as it is: do
                              not trust the mask */
    ATT_DOUBT_UNKNOWN = 4, /* the image has no spacing, and the model learnt from images that had
                              one: it was taken as it is */
    ATT_DOUBT_SLICE =
        8, /* one slice, and a 3D network that learnt from volumes: do not trust the mask */
    ATT_DOUBT_FLAT = 16 /* intensities that differ by so little that normalising leaves next to
                           nothing of them: do not trust the mask */
} att_doubt;

typedef struct att_result {
    size_t struct_size; /* sizeof(att_result) */
    /* What the caller wants, each NULL where it is not wanted.  attention is called once for every
     * gate of the network before the call returns, with its map on the image's grid, [d][h][w] of
     * 0..1, which lasts until it returns; of several models that predict together the mean.  A
     * network without gates has none to call it for; hard attention, and several networks that
     * differ, are ATT_USAGE. */
    uint16_t *labels;
    float *probabilities;
    void (*attention)(void *user, const char *gate, const float *map);
    void *user;
    /* What the call tells, where it is ATT_OK. */
    int doubts;     /* ATT_DOUBT_...; 0: nothing is known against the mask */
    int windows;    /* that were computed */
    int64_t passes; /* of a network over a window: of every model and mirror image */
    double seconds;
} att_result;

/* As att_model_predict_image does it, with all that can be had of it. */
ATT_API att_status att_model_run(att_context *context, const att_model *model,
    const att_image *image, const att_settings *settings, att_result *result);

#ifdef __cplusplus
}
#endif

#endif
