/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding the settings of a run; called by train.c. */
#include "train/recipe.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "image/resample.h"
#include "train/init.h"

static int round_up(int x, int multiple) { return (x + multiple - 1) / multiple * multiple; }

/* Halvings such that the coarsest map keeps at least 4 voxels on every axis; 1 to 4. */
static int levels_for(const int size[3], int dims)
{
    int smallest = size[1] < size[2] ? size[1] : size[2], levels = 1;
    if (dims == 3 && size[0] < smallest) smallest = size[0];
    while (levels < 4 && smallest >> (levels + 1) >= 4) levels++;
    return levels;
}

/* ---- the network */

static const char *gates_of(int dims)
{
    return dims == 2 ? "norm=batch up=nearest gate=same signal=up inter=half gated=all gate_norm=batch"
                     : "norm=batch up=transpose gate=grid sub=2 signal=coarse inter=x gated=inner gating_conv=yes gate_out=yes";
}

/* The user's words over the defaults for the data; arch=lee and arch=oktay have shapes of their own. */
static att_status decide_spec(const char *wanted, const struct dataset *d, const int median[3], struct recipe *r, struct arch_facts *f,
                              struct err *e)
{
    struct spec user = {.count = 0}, s;
    if (wanted) TRY(spec_parse(&user, wanted, e));
    const char *arch = spec_get(&user, "arch", "attunet");
    int classes = labelling_channels(&d->labels), dims;
    TRY(spec_int(&user, "dims", d->dims, 2, 3, &dims, e));
    char text[SPEC_TEXT];
    if (!strcmp(arch, "attunet") || !strcmp(arch, "unet")) {
        static const char *const widths[] = {"16,32", "16,32,64", "16,32,64,128", "16,32,64,128,256"};
        bool gated = !strcmp(arch, "attunet");
        snprintf(text, sizeof text, "arch=%s dims=%d in=%d classes=%d widths=%s %s", arch, dims, d->channels, classes,
                 widths[levels_for(median, dims) - 1],
                 gated       ? gates_of(dims)
                 : dims == 2 ? "norm=batch up=nearest gate=none"
                             : "norm=batch up=transpose gate=none");
    } else {
        snprintf(text, sizeof text, "arch=%s in=%d classes=%d", arch, d->channels, classes);
    }
    TRY(spec_parse(&s, text, e));
    for (int i = 0; i < user.count; i++) TRY(spec_set(&s, user.key[i], user.value[i], e));
    snprintf(r->spec, sizeof r->spec, "%s", s.text);
    TRY(arch_describe(&s, f, e));
    if (f->classes <= LABELLING_MAX) return ATT_OK;
    return err_set(e, ATT_USAGE, "classes=%d in the network spec: training takes at most %d", f->classes, LABELLING_MAX);
}

/* ---- the patch */

enum { MOST_2D = 256 * 256, MOST_3D = 96 * 96 * 96 };

/* Median size rounded up to what the network takes; shorter along its longest axis while it holds more than is practical on a CPU. */
static void default_patch(const int median[3], const struct arch_facts *f, int patch[3])
{
    for (int i = 0; i < 3; i++) patch[i] = i == 0 && f->dims == 2 ? 1 : round_up(median[i], f->multiple[i]);
    int64_t most = f->dims == 2 ? MOST_2D : MOST_3D;
    while ((int64_t)patch[0] * patch[1] * patch[2] > most) {
        int longest = 0;
        for (int i = 1; i < 3; i++)
            if (patch[i] > patch[longest]) longest = i;
        if (patch[longest] <= f->multiple[longest]) return;
        patch[longest] -= f->multiple[longest];
    }
}

bool recipe_batch_fits(const struct recipe *r, int channels)
{
    const int factors[] = {r->patch[0], r->patch[1], r->patch[2], r->batch, channels};
    int64_t n = 1;
    for (int i = 0; i < 5; i++)
        if (__builtin_mul_overflow(n, (int64_t)factors[i], &n)) return false;
    return n <= (int64_t)1 << 31;
}

static att_status decide_patch(const struct options *o, const int median[3], const struct arch_facts *f, struct recipe *r, struct err *e)
{
    if (!options_text(o, "patch")) {
        default_patch(median, f, r->patch);
        return ATT_OK;
    }
    TRY(options_size3(o, "patch", &(struct size_rule){f->dims, "the network is", 1}, r->patch, e));
    for (int i = f->dims == 3 ? 0 : 1; i < 3; i++) r->patch[i] = round_up(r->patch[i], f->multiple[i]);
    return ATT_OK;
}

/* In a volume two numbers mean its slices, which stay as many as they are. */
static att_status decide_resize(const struct options *o, const struct dataset *d, int median[3], struct recipe *r, struct err *e)
{
    const struct size_rule rule = {d->dims == 2 ? 2 : 0, "the images are", 1};
    TRY(options_size3(o, "resize", &rule, r->resize, e));
    if (!r->resize[0]) return ATT_OK;
    for (int i = r->resize[0] == 1; i < 3; i++) median[i] = r->resize[i];
    return ATT_OK;
}

static att_status decide_spacing(const struct options *o, const struct recipe_facts *f, int median[3], struct recipe *r, struct err *e)
{
    const char *text = options_text(o, "spacing");
    r->nonzero = options_bool(o, "nonzero");
    if (text && !number_read3(text, r->spacing))
        return err_set(e, ATT_USAGE,
                       "--spacing %s: three numbers in mm like 3x0.75x0.75 (depth x height x width) are needed; 0 keeps an axis", text);
    for (int i = 0; i < 3; i++) {
        if (!(r->spacing[i] > 0)) continue;
        if (r->resize[0]) return err_set(e, ATT_USAGE, "give --resize or --spacing, not both");
        if (r->spacing[i] < 1e-6 || r->spacing[i] > 1e6)
            return err_set(e, ATT_USAGE, "--spacing %s is out of range: 0.000001 to 1000000 mm make sense", text);
        if (f->spacing[i] > 0) median[i] = resample_length(median[i], (double)f->spacing[i], r->spacing[i]);
    }
    return ATT_OK;
}

/* ---- the rest */

static att_status copy_path(const char *text, const char *name, char to[RECIPE_PATH], struct err *e)
{
    if (!text) return ATT_OK;
    json_t *word = json_string(text); /* settings are JSON */
    bool good = word && strlen(text) < RECIPE_PATH;
    json_decref(word);
    if (!good) return err_set(e, ATT_USAGE, "the path of --%s is not UTF-8, or longer than %d bytes: move the file", name, RECIPE_PATH - 1);
    memcpy(to, text, strlen(text) + 1);
    return ATT_OK;
}

bool recipe_fold(const char *text, int *fold)
{
    char *end;
    *fold = 0;
    if (strcmp(text, "all") == 0) return true;
    long n = strtol(text, &end, 10);
    *fold = n >= 0 && n <= INT_MAX ? (int)n : -1;
    return end != text && !*end && *fold >= 0;
}

/* Which cases train was chosen before; here it is kept for whoever repeats the run. */
static att_status decide_cases(const struct options *o, struct recipe *r, struct err *e)
{
    const char *fold = options_text(o, "fold");
    int k = -1;
    if (fold) recipe_fold(fold, &k);
    r->fold = k;
    TRY(copy_path(options_text(o, "train-list"), "train-list", r->train_list, e));
    return copy_path(options_text(o, "val-list"), "val-list", r->val_list, e);
}

static att_status decide_start(const struct options *o, struct recipe *r, struct err *e)
{
    const char *freeze = options_text(o, "freeze");
    if (freeze && strlen(freeze) >= sizeof r->freeze) return err_set(e, ATT_USAGE, "--freeze %.40s... is too long", freeze);
    snprintf(r->freeze, sizeof r->freeze, "%s", freeze ? freeze : "");
    return copy_path(options_text(o, "init"), "init", r->init, e);
}

static double number(const struct options *o, const char *name, double otherwise)
{
    return options_text(o, name) ? options_real(o, name) : otherwise;
}

static att_status class_weights(const char *text, int channels, struct recipe *r, struct err *e)
{
    memset(r->class_weight, 0, sizeof r->class_weight);
    if (!text) return ATT_OK;
    int n = 0;
    for (const char *at = text;; n++) {
        char *end;
        float w = (float)number_read(at, &end);
        if (end == at || !(w > 0) || isinf(w) || n >= channels || n >= LABELLING_MAX || (*end && *end != ','))
            return err_set(e, ATT_USAGE,
                           "--class-weights %s: %d positive numbers separated by commas are needed, one per class (or region)", text,
                           channels);
        r->class_weight[n] = w;
        if (!*end) break;
        at = end + 1;
    }
    if (n + 1 != channels)
        return err_set(e, ATT_USAGE, "--class-weights has %d numbers, and there are %d classes (or regions)", n + 1, channels);
    return ATT_OK;
}

static att_status decide_optimiser(const struct options *o, struct recipe *r, struct err *e)
{
    const char *kind = options_text(o, "optimiser"), *schedule = options_text(o, "schedule");
    r->optimiser = kind && !strcmp(kind, "sgd") ? OPTIMISER_SGD : OPTIMISER_ADAMW;
    r->schedule = !schedule || !strcmp(schedule, "poly") ? SCHEDULE_POLY
                  : !strcmp(schedule, "cosine")          ? SCHEDULE_COSINE
                                                         : SCHEDULE_CONSTANT;
    bool sgd = r->optimiser == OPTIMISER_SGD;
    r->lr = number(o, "lr", sgd ? 1e-2 : 2e-3);
    r->momentum = number(o, "momentum", .99);
    r->decay = number(o, "weight-decay", sgd ? 3e-5 : 1e-2);
    r->clip = number(o, "clip", 12);
    r->ema = number(o, "ema", 0);
    r->warmup = (int64_t)number(o, "warmup", 50);
    if (!(r->lr > 0)) return err_set(e, ATT_USAGE, "--lr must be above 0");
    return ATT_OK;
}

static att_status decide_length(const struct options *o, const struct recipe_facts *f, struct recipe *r, struct err *e)
{
    int given = options_given(o, "time") + options_given(o, "steps") + options_given(o, "epochs");
    if (given > 1) return err_set(e, ATT_USAGE, "give one of --time, --steps and --epochs, not several");
    r->steps = options_given(o, "steps") ? options_int(o, "steps") : 0;
    if (options_given(o, "epochs")) r->steps = options_int(o, "epochs") * ((f->cases + r->batch - 1) / r->batch);
    r->seconds = r->steps ? 0 : options_text(o, "time") ? options_seconds(o, "time") : 900;
    r->validate_every = options_text(o, "validate-every") ? options_int(o, "validate-every") : -1;
    r->checkpoint_every = options_text(o, "checkpoint-every") ? options_seconds(o, "checkpoint-every") : 300;
    return ATT_OK;
}

/* A run may be resumed from another folder; its settings are JSON. */
att_status recipe_set_dataset(const char *root, struct recipe *r, struct err *e)
{
    char full[PATH_MAX];
    if (!realpath(root, full)) return err_set(e, ATT_IO, "cannot open %s: %s; check the path", root, strerror(errno));
    json_t *text = json_pack("[s, s]", root, full);
    bool good = text && strlen(root) < sizeof r->dataset && strlen(full) < sizeof r->dataset_path;
    json_decref(text);
    if (!good)
        return err_set(e, ATT_USAGE, "the path %.200s is not UTF-8, or longer than %d bytes: move the data set", root, RECIPE_PATH - 1);
    memcpy(r->dataset, root, strlen(root) + 1);
    memcpy(r->dataset_path, full, strlen(full) + 1);
    return ATT_OK;
}

att_status recipe_decide(const struct options *o, const struct dataset *d, const struct recipe_facts *f, struct recipe *r, struct err *e)
{
    return recipe_decide_from(NULL, o, d, f, r, e);
}

att_status recipe_decide_from(const struct model *init, const struct options *o, const struct dataset *d, const struct recipe_facts *f,
                              struct recipe *r, struct err *e)
{
    memset(r, 0, sizeof *r);
    TRY(decide_cases(o, r, e));
    TRY(decide_start(o, r, e));
    const char *loss = options_text(o, "loss"), *conv = options_choice(o, "conv"), *normalise = options_text(o, "normalise");
    TRY(recipe_set_dataset(d->root, r, e));
    snprintf(r->loss, sizeof r->loss, "%s", loss ? loss : "dice+ce");
    snprintf(r->conv, sizeof r->conv, "%s", conv ? conv : "");
    snprintf(r->normalise, sizeof r->normalise, "%s", normalise ? normalise : "auto");
    TRY(objective_check(r->loss, e));
    int median[3];
    memcpy(median, f->median, sizeof median);
    struct arch_facts facts;
    TRY(decide_resize(o, d, median, r, e));
    TRY(decide_spacing(o, f, median, r, e));
    TRY(init ? init_spec(init, options_text(o, "spec"), d, r, &facts, e) : decide_spec(options_text(o, "spec"), d, median, r, &facts, e));
    TRY(decide_patch(o, median, &facts, r, e));
    if (init) init_grid(init, o, r);
    r->batch = options_text(o, "batch") ? (int)options_int(o, "batch") : facts.dims == 2 ? 8 : 2;
    if (!recipe_batch_fits(r, facts.in))
        return err_set(e, ATT_USAGE,
                       "%d patches of %dx%dx%d with %d channels are too many numbers for one step: use a smaller --patch or --batch",
                       r->batch, r->patch[0], r->patch[1], r->patch[2], facts.in);
    TRY(class_weights(options_text(o, "class-weights"), facts.classes, r, e));
    TRY(decide_optimiser(o, r, e));
    TRY(decide_length(o, f, r, e));
    r->foreground = number(o, "foreground", .33);
    strength_read(o, &r->augment);
    r->seed = (uint64_t)options_int(o, "seed");
    return ATT_OK;
}
