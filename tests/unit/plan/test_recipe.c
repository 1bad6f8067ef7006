/* SPDX-License-Identifier: Apache-2.0 */
/* What a run decides by itself, what it takes from its user, and what it refuses. */
#include "plan/recipe.h"

#include <limits.h>
#include <math.h>

#include "base/json.h"
#include "unit/plan/recipe_test.h"

static void assert_size(const int size[3], int d, int h, int w)
{
    if (size[0] != d || size[1] != h || size[2] != w)
        fail_msg("%dx%dx%d is not %dx%dx%d", size[0], size[1], size[2], d, h, w);
}

/* ---- defaults */

static void flat_defaults(void **state)
{
    (void)state;
    struct dataset d = flat_data();
    struct recipe r;
    char here[PATH_MAX];
    decide(&r, &d, &flat_facts, (const char *const[]){NULL});
    assert_string_equal(r.dataset, ".");
    assert_string_equal(r.dataset_path, getcwd(here, sizeof here));
    assert_string_equal(r.spec,
        "arch=attunet dims=2 in=1 classes=2 widths=16,32,64,128,256 norm=batch up=nearest "
        "gate=same signal=up inter=half gated=all gate_norm=batch heads=side");
    assert_string_equal(r.loss, "dice+ce");
    assert_string_equal(r.conv, "");
    assert_string_equal(r.normalise, "zscore");
    assert_true(!r.nonzero && r.spacing[1] == 0);
    assert_size(r.patch, 1, 144, 192);
    assert_size(r.resize, 0, 0, 0);
    assert_true(r.batch == 8 && r.steps == 0 && r.seconds == 900 && r.validate_every == -1 &&
        r.checkpoint_every == 300);
    assert_true(r.optimiser == OPTIMISER_ADAMW && r.schedule == SCHEDULE_POLY);
    assert_true(
        r.lr == .002 && r.decay == .01 && r.clip == 12 && r.warmup == -1 && r.momentum == .99);
    assert_true(r.foreground == .33 && isnan(r.augment.scale) && isnan(r.augment.mirror) &&
        r.augment.intensity && r.seed == 1);
    assert_true(isnan(r.augment.rotate) && r.fold == -1 && !r.train_list[0] && !r.val_list[0]);
    for (int i = 0; i < LABELLING_MAX; i++) assert_true(r.class_weight[i] == 0);
}

/* The nets of hard attention are joined, so they share all words but widths: deep supervision where
 * the deeper one has it. */
static void nets_that_are_joined(void **state)
{
    (void)state;
    struct dataset d = flat_data();
    struct recipe r;
    DECIDE(&r, &d, &flat_facts, "spec=arch=hard coarse=4,8,8,8 fine=4,8,8,8,8");
    assert_non_null(strstr(r.spec, " heads=side"));
    DECIDE(&r, &d, &flat_facts, "spec=arch=hard coarse=4,8,8,8,8");
    assert_non_null(strstr(r.spec, " heads=side"));
    DECIDE(&r, &d, &flat_facts, "spec=arch=hard coarse=4,8,8,8");
    assert_null(strstr(r.spec, "heads"));
    DECIDE(&r, &d, &flat_facts, "spec=arch=hard coarse=4,8 fine=4,8,8,8,8");
    assert_non_null(strstr(r.spec, " gated=all "));
    assert_non_null(strstr(r.spec, " heads=side"));
}

static void volume_defaults(void **state)
{
    (void)state;
    struct dataset d = volume_data();
    struct recipe r;
    decide(&r, &d, &volume_facts, (const char *const[]){NULL});
    assert_string_equal(r.spec,
        "arch=attunet dims=3 in=2 classes=3 widths=16,32,64,128 norm=batch up=transpose "
        "gate=grid sub=2 signal=coarse inter=x gated=inner gating_conv=yes gate_out=yes "
        "heads=side");
    assert_size(r.patch, 40, 56, 40);
    assert_int_equal(r.batch, 2);
}

/* Thick slices: steps and kernels axis by axis, unless the user has levels of his own. */
static void thick_slices(void **state)
{
    (void)state;
    struct dataset v = volume_data();
    struct recipe r;
    DECIDE(&r, &v, &thick_facts, "spec=dims=3");
    assert_non_null(strstr(r.spec,
        " widths=16,32,64,128,256 strides=1x2x2,1x2x2,2x2x2,1x2x2 "
        "kernels=1x3x3,1x3x3,3x3x3,3x3x3,3x3x3 norm="));
    DECIDE(&r, &v, &thick_facts, "spec=dims=3 widths=4,8,8");
    assert_null(strstr(r.spec, "strides"));
    assert_size(r.patch, 12, 192, 208);
    DECIDE(&r, &v, &thick_facts, "spec=arch=nnunet dims=3");
    assert_non_null(strstr(r.spec,
        "arch=nnunet dims=3 in=2 classes=3 widths=32,64,128,256,320 "
        "strides=1x2x2,1x2x2,2x2x2,1x2x2 kernels="));
    DECIDE(&r, &v, &volume_facts, "spec=arch=nnunet");
    assert_string_equal(
        r.spec, "arch=nnunet dims=3 in=2 classes=3 widths=32,64,128,256 heads=side");
    DECIDE(&r, &v, &volume_facts, "spec=widths=4,8"); /* two levels: the finest has the only gate */
    assert_non_null(strstr(r.spec, "gated=all"));
}

/* Slices from 4 and below 8 times as thick as pixels: a plan says that it may be wrong. */
static void doubts_are_stated(void **state)
{
    (void)state;
    static const struct {
        double mm; /* pixels have 0.5 */
        const char *time, *doubt;
    } list[] = {{1.95, "time=3m", NULL}, {2, "time=3m", "2D, slice by slice: slices are 4 times"},
        {2.51, "time=3m", "2D, slice by slice: slices are 5.02 times"},
        {2.6, "time=3m", "2D, slice by slice: slices are 5.2 times"}, {2.6, "time=10h", NULL},
        {3, "time=3m", "so compare with `spec` dims=3; slices=3: it also sees "},
        {3.9, "time=3m", "compare with `spec` dims=3"}, {4, "time=3m", NULL}};
    struct dataset v = volume_data();
    for (int k = 0; k < COUNT(list); k++) {
        struct made facts = thick_facts;
        struct recipe r;
        json_t *why = json_object();
        facts.spacing[0] = list[k].mm;
        struct options o;
        set_options(&o, (const char *const[]){list[k].time, NULL});
        OK(try_decide(&r, &v, &facts, &o, why, &e));
        options_free(&o);
        const char *text = json_str(why, "spec"), *doubt = strstr(text, "in doubt");
        if (!doubt != !list[k].doubt || (doubt && !strstr(text, list[k].doubt)))
            fail_msg("%.3f mm: %s", list[k].mm, text);
        json_decref(why);
    }
}

/* In thick slices, 3D needs 3000 steps, here of 2 patches of 12x256x224 voxels; until then, patches
 * of slices shrink so that a run makes as many. */
static void thick_slices_and_time(void **state)
{
    (void)state;
    static const struct {
        const char *time, *speed;
        int dims, d, h, w;
    } list[] = {
        {"3m", "1.35", 2, 1, 128, 128},
        {"25m", "0.5", 2, 1, 176, 176},
        {"25m", "1.35", 2, 1, 256, 224},
        {"50m", "1.35", 2, 1, 256, 224},
        {"52m", "1.35", 3, 12, 256, 224},
        {"26m", "2.7", 3, 12, 256, 224},
        {"26m", "2.6", 2, 1, 256, 224},
    };
    struct dataset v = volume_data();
    struct recipe r;
    for (int k = 0; k < COUNT(list); k++) {
        char time[16], speed[16], dims[16];
        snprintf(time, sizeof time, "time=%s", list[k].time);
        snprintf(speed, sizeof speed, "speed=%s", list[k].speed);
        snprintf(dims, sizeof dims, " dims=%d ", list[k].dims);
        DECIDE(&r, &v, &thick_facts, time, speed);
        if (!strstr(r.spec, dims)) fail_msg("%s %s: %s", time, speed, r.spec);
        assert_size(r.patch, list[k].d, list[k].h, list[k].w);
        assert_int_equal(r.batch, list[k].dims == 2 ? 8 : 2);
    }
    /* What has three axes is for 3D, a patch of two for 2D; cubes are never cut into slices. */
    static const char *const deep[] = {"patch=8x64x64", "shrink=1x2x2", "mirror=d",
        "spec=strides=1x2x2,2x2x2 widths=4,8,8", "spec=arch=hard"};
    for (int k = 0; k < COUNT(deep); k++) {
        DECIDE(&r, &v, &thick_facts, "time=3m", deep[k]);
        assert_non_null(strstr(r.spec, " dims=3 "));
    }
    DECIDE(&r, &v, &volume_facts, "time=1s");
    assert_non_null(strstr(r.spec, " dims=3 "));
    DECIDE(&r, &v, &volume_facts, "patch=32x48");
    assert_non_null(strstr(r.spec, " dims=2 "));
    assert_size(r.patch, 1, 32, 48);
    struct made thin = thick_facts;
    thin.spacing[0] = 1.95;
    DECIDE(&r, &v, &thin, "time=3m");
    assert_non_null(strstr(r.spec, " dims=3 "));
    thin.spacing[0] = 2;
    DECIDE(&r, &v, &thin, "time=3m");
    assert_non_null(strstr(r.spec, " dims=2 "));
}

/* A 2D network sees the neighbours of a slice, if there are any and nobody says otherwise. */
static void neighbours_of_slices(void **state)
{
    (void)state;
    struct dataset v = volume_data();
    struct recipe r;
    DECIDE(&r, &v, &thick_facts, "spec=dims=2");
    assert_non_null(strstr(r.spec, " in=2 slices=3 "));
    DECIDE(&r, &v, &thick_facts, "spec=dims=2 slices=1");
    assert_non_null(strstr(r.spec, " slices=1 "));
    DECIDE(&r, &v, &thick_facts, "spec=arch=nnunet dims=2");
    assert_null(strstr(r.spec, "slices"));
    DECIDE(&r, &v, &volume_facts, "spec=dims=3");
    assert_null(strstr(r.spec, "slices"));
    struct made few = thick_facts;
    few.size[0] = 2;
    DECIDE(&r, &v, &few, "time=3m");
    assert_true(strstr(r.spec, " dims=2 ") && !strstr(r.spec, "slices"));
}

/* A class for each sentence, and none for what was given. */
static void reasons(void **state)
{
    (void)state;
    struct dataset v = volume_data();
    struct recipe r;
    struct options o;
    json_t *why = json_object();
    SET_OPTIONS(&o, "batch=2", "nonzero=no", "time=2h");
    OK(try_decide(&r, &v, &thick_facts, &o, why, &e));
    static const char *const keys[] = {"spec", "spacing", "normalise", "patch"};
    for (int i = 0; i < COUNT(keys); i++)
        assert_true(json_string_length(json_object_get(why, keys[i])) > 10);
    assert_non_null(strstr(json_string_value(json_object_get(why, "spec")), "less often"));
    assert_null(strstr(json_string_value(json_object_get(why, "spec")), "widths were given"));
    assert_null(json_object_get(why, "batch"));
    assert_null(json_object_get(why, "nonzero"));
    json_decref(why);
    options_free(&o);
    why = json_object();
    SET_OPTIONS(&o, "batch=2", "spec=dims=3 widths=4,8,8");
    OK(try_decide(&r, &v, &thick_facts, &o, why, &e));
    assert_non_null(strstr(json_string_value(json_object_get(why, "spec")),
        "of 3 levels has 3x48x52 voxels per patch; widths without strides"));
    json_decref(why);
    options_free(&o);
}

static void short_runs(void **state)
{
    (void)state;
    static const struct {
        int64_t steps, warmup, every;
    } list[] = {{1, 0, 0}, {19, 0, 0}, {100, 5, 0}, {101, 5, 100}, {500, 25, 100}, {1000, 50, 200},
        {100000, 50, 20000}};
    for (int k = 0; k < COUNT(list); k++) {
        struct recipe r = {.steps = list[k].steps, .warmup = -1, .validate_every = -1};
        recipe_settle(&r);
        assert_int_equal(r.warmup, list[k].warmup);
        assert_int_equal(r.validate_every, list[k].every);
    }
    struct recipe given = {.steps = 10, .warmup = 7, .validate_every = 3};
    recipe_settle(&given);
    assert_true(given.warmup == 7 && given.validate_every == 3);
}

/* A scheme for every channel. */
static void normalising(void **state)
{
    (void)state;
    struct dataset v = volume_data();
    struct made m = volume_facts;
    struct recipe r;
    enum normalise_scheme s[2];
    m.channels[0] = "ct";
    DECIDE(&r, &v, &m, "steps=1");
    assert_string_equal(r.normalise, "ct,zscore");
    m.channels[1] = "CT";
    DECIDE(&r, &v, &m, "normalise=auto");
    assert_string_equal(r.normalise, "ct");
    DECIDE(&r, &v, &m, "normalise=none,rgb");
    OK(recipe_schemes(r.normalise, 2, s, &e));
    assert_true(s[0] == NORMALISE_NONE && s[1] == NORMALISE_RGB);
    OK(recipe_schemes("minmax01", 2, s, &e));
    assert_true(s[0] == NORMALISE_MINMAX01 && s[1] == NORMALISE_MINMAX01);
}

/* Of CT channels their numbers stand in the recipe, and in its text as few digits as say them. */
static void intensities(void **state)
{
    (void)state;
    struct dataset v = volume_data();
    struct made m = volume_facts;
    struct recipe r;
    struct options o;
    struct normalise n[2];
    const enum normalise_scheme both[2] = {NORMALISE_CT, NORMALISE_CT},
                                second[2] = {NORMALISE_ZSCORE, NORMALISE_CT};
    DECIDE(&r, &v, &m, "steps=1");
    assert_string_equal(r.intensities, "");
    DECIDE(&r, &v, &m, "normalise=zscore,ct");
    OK(recipe_intensities(r.intensities, 2, second, n, &e));
    assert_true(
        n[0].scheme == NORMALISE_ZSCORE && n[1].scheme == NORMALISE_CT && n[1].lower <= n[1].upper);
    DECIDE(&r, &v, &m, "normalise=ct", "intensities=-980,310.5,-50,210;0,1,.1,.3");
    OK(recipe_intensities(r.intensities, 2, both, n, &e));
    assert_true(n[0].lower == -980 && n[0].upper == 310.5 && n[0].mean == -50 && n[0].std == 210 &&
        n[1].upper == 1 && n[1].std == .3);
    OK(recipe_intensities("1,2,3,4", 2, both, n, &e));
    assert_true(n[0].upper == 2 && n[1].upper == 2);
    static const char *const wrong[][2] = {
        {"intensities=1,2,3,4",
            "is for channels normalised as CT, but there are none; add `normalise` ct"},
        {"intensities=1,2,3", "is not valid; give four numbers like"},
        {"intensities=3,2,1,1", "is not valid; give four numbers like"},
        {"intensities=1,2,1,1;", "is not valid; give four numbers like"},
        {"intensities=1,2,3,4;1,2,3,4;1,2,3,4", "has values of 3 channels, but 2 are CT"}};
    for (int k = 0; k < COUNT(wrong); k++) {
        SET_OPTIONS(&o, k ? "normalise=ct" : "steps=1", wrong[k][0]);
        REFUSED(try_decide(&r, &v, &m, &o, NULL, &e), ATT_USAGE, wrong[k][1]);
        options_free(&o);
    }
}

static void the_baseline_has_no_gates(void **state)
{
    (void)state;
    struct dataset d = flat_data(), v = volume_data();
    struct recipe r;
    DECIDE(&r, &d, &flat_facts, "spec=arch=unet widths=8,16");
    assert_string_equal(
        r.spec, "arch=unet dims=2 in=1 classes=2 widths=8,16 norm=batch up=nearest gate=none");
    DECIDE(&r, &v, &volume_facts, "spec=arch=unet");
    assert_string_equal(r.spec,
        "arch=unet dims=3 in=2 classes=3 widths=16,32,64,128 norm=batch up=transpose gate=none "
        "heads=side");
    DECIDE(&r, &d, &flat_facts, "spec=arch=lee classes=1 width=4 gates=yes");
    assert_string_equal(r.spec, "arch=lee in=1 classes=1 width=4 gates=yes");
}

/* ---- what the user gives */

static void everything_can_be_given(void **state)
{
    (void)state;
    struct dataset d = flat_data();
    struct recipe r;
    DECIDE(&r, &d, &flat_facts, "optimiser=sgd", "schedule=cosine", "steps=77", "patch=50x64",
        "batch=3", "loss=0.5*ce", "class-weights=1,2.5", "normalise=rgb", "foreground=1",
        "rotate=90", "scale=0", "mirror=no", "intensity=no", "augment=full", "noise=0.5",
        "warmup=0", "clip=0", "seed=9", "conv=ref", "validate-every=0", "checkpoint-every=2m",
        "spec=widths=4,8,8 gate=grid");
    assert_true(r.optimiser == OPTIMISER_SGD && r.schedule == SCHEDULE_COSINE && r.steps == 77 &&
        r.seconds == 0);
    assert_size(r.patch, 1, 52, 64);
    assert_true(r.batch == 3 && r.class_weight[0] == 1 && r.class_weight[1] == 2.5f &&
        r.class_weight[2] == 0);
    assert_string_equal(r.loss, "0.5*ce");
    assert_string_equal(r.normalise, "rgb");
    assert_string_equal(r.conv, "ref");
    assert_true(r.foreground == 1 && r.augment.scale == 0 && r.augment.mirror == 0 &&
        !r.augment.intensity && r.warmup == 0 && r.clip == 0 && r.seed == 9);
    assert_true(r.augment.rotate == 90 && r.augment.noise == .5 &&
        !strcmp(r.augment.name, "full") && r.validate_every == 0 && r.checkpoint_every == 120);
    assert_true(r.lr == .01 && r.decay == 3e-5 && r.momentum == .99); /* nnU-Net's, for sgd */
    assert_non_null(strstr(r.spec, "widths=4,8,8 norm=batch up=nearest gate=grid signal=up"));
}

static void length_in_epochs_or_time(void **state)
{
    (void)state;
    struct dataset d = flat_data();
    struct recipe r;
    DECIDE(&r, &d, &flat_facts, "epochs=10", "batch=16"); /* 40 cases: 3 steps an epoch */
    assert_true(r.steps == 30 && r.seconds == 0);
    DECIDE(&r, &d, &flat_facts, "time=90s");
    assert_true(r.steps == 0 && r.seconds == 90);
}

static void resizing(void **state)
{
    (void)state;
    struct dataset d = flat_data(), v = volume_data();
    struct recipe r;
    DECIDE(&r, &d, &flat_facts, "resize=64x96");
    assert_size(r.resize, 1, 64, 96);
    assert_size(r.patch, 1, 64, 96);
    DECIDE(&r, &v, &volume_facts, "resize=32x32x48");
    assert_size(r.resize, 32, 32, 48);
    assert_size(r.patch, 32, 32, 48);
    DECIDE(&r, &v, &volume_facts, "resize=32x48"); /* slices only: as many as the images have, 36 */
    assert_size(r.resize, 1, 32, 48);
    assert_size(r.patch, 40, 32, 48);
    DECIDE(&r, &v, &volume_facts, "spec=dims=2", "patch=1x20x30"); /* a flat network on volumes */
    assert_size(r.patch, 1, 20, 32);                               /* two levels are left */
}

/* The patch is chosen for the images as they will be. */
static void another_spacing(void **state)
{
    (void)state;
    struct dataset v = volume_data();
    struct recipe r;
    DECIDE(&r, &v, &thick_facts, "spacing=3x1x1", "nonzero=yes");
    assert_true(r.spacing[0] == 3 && r.spacing[1] == 1 && r.spacing[2] == 1 && r.nonzero);
    assert_size(r.patch, 12, 128, 112);
    DECIDE(&r, &v, &thick_facts, "spacing=1.5x0x1");
    assert_true(r.spacing[0] == 1.5 && r.spacing[1] == 0 && !r.nonzero);
    struct recipe back;
    json_t *j = recipe_to_json(&r), *settings = json_object_get(j, "settings");
    assert_string_equal(json_string_value(json_object_get(settings, "spacing")), "1.5x0x1");
    OK(recipe_from_json(j, &back, &e));
    assert_memory_equal(back.spacing, r.spacing, sizeof r.spacing);
    json_decref(j);
    DECIDE(&r, &v, &volume_facts, "spacing=0", "resize=32x32x48");
    assert_true(r.spacing[0] == 0 && r.resize[0] == 32);
}

/* Blocks are what makes the grid coarser, so nothing else does unless it is asked for. */
static void blocks_of_voxels(void **state)
{
    (void)state;
    struct dataset d = flat_data(), v = volume_data();
    struct recipe r, back;
    DECIDE(&r, &d, &flat_facts, "shrink=2");
    assert_size(r.shrink, 1, 2, 2);
    assert_size(r.resize, 0, 0, 0);
    assert_size(r.patch, 1, 80, 96); /* of 65x95 */
    DECIDE(&r, &d, &flat_facts, "shrink=4x2", "resize=64x96");
    assert_size(r.shrink, 1, 4, 2);
    assert_size(r.resize, 1, 64, 96);
    assert_size(r.patch, 1, 16, 48);
    DECIDE(&r, &v, &volume_facts, "shrink=2");
    assert_size(r.shrink, 2, 2, 2);
    DECIDE(&r, &v, &volume_facts, "shrink=1x4x4");
    assert_size(r.shrink, 1, 4, 4);
    json_t *j = recipe_to_json(&r), *settings = json_object_get(j, "settings");
    assert_string_equal(json_string_value(json_object_get(settings, "shrink")), "4x4");
    OK(recipe_from_json(j, &back, &e));
    assert_memory_equal(back.shrink, r.shrink, sizeof r.shrink);
    json_object_del(settings, "shrink"); /* as runs have it that are older than the setting */
    OK(recipe_from_json(j, &back, &e));
    assert_size(back.shrink, 0, 0, 0);
    json_decref(j);
    DECIDE(&r, &v, &volume_facts, "shrink=4x4");
    assert_size(r.shrink, 1, 4, 4);
    DECIDE(&r, &v, &volume_facts, "shrink=1");
    assert_size(r.shrink, 0, 0, 0);
    DECIDE(&r, &v, &volume_facts, "shrink=none");
    assert_size(r.shrink, 0, 0, 0);
}

/* One channel for one foreground class has one weight. */
static void one_channel_has_one_weight(void **state)
{
    (void)state;
    struct dataset d = flat_data();
    struct recipe r;
    DECIDE(&r, &d, &flat_facts, "spec=classes=1", "class-weights=3");
    assert_true(r.class_weight[0] == 3 && r.class_weight[1] == 0);
}

/* ---- what is refused */

static void bad_values(void **state)
{
    (void)state;
    static const struct {
        const char *words[3];
        att_status status;
        const char *sentence;
        bool volume;
    } list[] = {
        {{"patch=x64"}, ATT_USAGE,
            "`patch` x64: give a size like 256x256 (height x width) or 48x64x48 (depth x height "
            "x width), of 1 to 65536 along an axis",
            false},
        {{"patch=64x"}, ATT_USAGE, "`patch` 64x: give a size like", false},
        {{"patch=64x64x"}, ATT_USAGE, "`patch` 64x64x: give a size like", false},
        {{"patch=8x64x64x2"}, ATT_USAGE, "`patch` 8x64x64x2: give a size like", true},
        {{"patch=8x64x64x"}, ATT_USAGE, "`patch` 8x64x64x: give a size like", true},
        {{"patch=64x64 "}, ATT_USAGE, "`patch` 64x64 : give a size like", false},
        {{"patch= 64x64"}, ATT_USAGE, "`patch`  64x64: give a size like", false},
        {{"patch=+64x64"}, ATT_USAGE, "`patch` +64x64: give a size like", false},
        {{"patch=64*64"}, ATT_USAGE, "`patch` 64*64: give a size like", false},
        {{"patch=0x64"}, ATT_USAGE, "`patch` 0x64: give a size like", false},
        {{"patch=64x-64"}, ATT_USAGE, "`patch` 64x-64: give a size like", false},
        {{"patch=64x65537"}, ATT_USAGE, "`patch` 64x65537: give a size like", false},
        {{"patch=64x99999999999999999999"}, ATT_USAGE,
            "`patch` 64x99999999999999999999: give a size like", false},
        {{"patch=8x64x64"}, ATT_USAGE,
            "`patch` 8x64x64 has a depth, but the network is 2D; give HxW", false},
        {{"patch=64x64", "spec=dims=3"}, ATT_USAGE,
            "`patch` 64x64 has two numbers, but the network is 3D; give DxHxW", true},
        {{"resize=8x64x64"}, ATT_USAGE,
            "`resize` 8x64x64 has a depth, but the images are 2D; give HxW", false},
        {{"resize=large"}, ATT_USAGE, "`resize` large: give a size like", false},
        {{"spacing=1x1"}, ATT_USAGE,
            "`spacing` 1x1: give three numbers in mm like 3x0.75x0.75 (depth x height x width), "
            "or 0x0.75x0.75 for planes",
            true},
        {{"spacing=1x1x1x1"}, ATT_USAGE, "`spacing` 1x1x1x1: give three numbers", true},
        {{"spacing=1x1xnan"}, ATT_USAGE, "`spacing` 1x1xnan: give three numbers", true},
        {{"spacing=1x-1x1"}, ATT_USAGE, "`spacing` 1x-1x1: give three numbers", true},
        {{"spacing=1x1x1e999"}, ATT_USAGE, "`spacing` 1x1x1e999: give three numbers", true},
        {{"spacing=1x1x1e7"}, ATT_USAGE, "`spacing` 1x1x1e7 is out of range", true},
        {{"spacing=1x1x1e-7"}, ATT_USAGE, "`spacing` 1x1x1e-7 is out of range", true},
        {{"spacing=1x1x1", "resize=8x8x8"}, ATT_USAGE, "give `resize` or `spacing`, not both",
            true},
        {{"shrink=0"}, ATT_USAGE,
            "`shrink` 0 is not valid; give a number like 2, or a block like 1x4x4 (depth x height "
            "x width), of 1 "
            "to 64 voxels",
            false},
        {{"shrink=65"}, ATT_USAGE, "`shrink` 65 is not valid; give a number like 2", true},
        {{"shrink=2x"}, ATT_USAGE, "`shrink` 2x is not valid; give a number like 2", true},
        {{"shrink=2x2x2x2"}, ATT_USAGE, "`shrink` 2x2x2x2 is not valid; give a number like 2",
            true},
        {{"shrink=-2"}, ATT_USAGE, "`shrink` -2 is not valid; give a number like 2", true},
        {{"shrink=2.5"}, ATT_USAGE, "`shrink` 2.5 is not valid; give a number like 2", true},
        {{"shrink=12345"}, ATT_USAGE, "`shrink` 12345 is not valid; give a number like 2", true},
        {{"shrink=2x4x4"}, ATT_USAGE,
            "`shrink` 2x4x4 has a depth, but the network is 2D; give 1x4x4", false},
        {{"normalise=zscore,ct"}, ATT_USAGE,
            "`normalise` zscore,ct has 2 words; give one for all, or one for each of the 1 channel",
            false},
        {{"normalise=zscore,"}, ATT_USAGE, "`normalise` zscore,", true},
        {{"normalise=z"}, ATT_USAGE,
            "`normalise` z: z is unknown; choose auto, zscore, ct, minmax01, rgb or none", true},
        {{"class-weights=1"}, ATT_USAGE,
            "`class-weights` has 1 number, but the network has 2 output channels", false},
        {{"class-weights=1,2,3"}, ATT_USAGE,
            "`class-weights` 1,2,3 is not valid; give 2 positive numbers separated by commas, one",
            false},
        {{"class-weights=1,"}, ATT_USAGE,
            "`class-weights` 1, is not valid; give 2 positive numbers", false},
        {{"class-weights=1,0"}, ATT_USAGE,
            "`class-weights` 1,0 is not valid; give 2 positive numbers", false},
        {{"class-weights=1,-1"}, ATT_USAGE,
            "`class-weights` 1,-1 is not valid; give 2 positive numbers", false},
        {{"class-weights=1,nan"}, ATT_USAGE,
            "`class-weights` 1,nan is not valid; give 2 positive numbers", false},
        {{"class-weights=1,inf"}, ATT_USAGE,
            "`class-weights` 1,inf is not valid; give 2 positive numbers", false},
        {{"class-weights=1;2"}, ATT_USAGE,
            "`class-weights` 1;2 is not valid; give 2 positive numbers", false},
        {{"class-weights=1,2", "spec=classes=1"}, ATT_USAGE,
            "`class-weights` 1,2 is not valid; give 1 positive number", false},
        {{"spec=classes=255", "class-weights=1,2"}, ATT_MODEL,
            "classes=255 in the network spec: a whole number from 1 to 254 is needed", false},
        {{"patch=65536x65536"}, ATT_USAGE, "`patch` 65536x65536: at most 2^31 voxels are possible",
            false},
        {{"patch=1024x1024", "batch=4096"}, ATT_USAGE, "4096 patches of 1x1024x1024", false},
        {{"lr=0"}, ATT_USAGE, "`lr` must be above 0", false},
        {{"lr=-1"}, ATT_USAGE, "`lr` must be above 0", false},
        {{"steps=5", "epochs=2"}, ATT_USAGE,
            "give one of `time`, `steps` and `epochs`, not several", false},
        {{"steps=5", "time=2m"}, ATT_USAGE, "give one of `time`, `steps` and `epochs`, not several",
            false},
        {{"loss=dise"}, ATT_USAGE, "the loss \"dise\" is unknown; choose from: ce, dice", false},
        {{"loss=dice(smooth=-1)"}, ATT_USAGE, "smooth=-1 in the loss: a number from 0 is needed",
            false},
        {{"spec=arch=vnet"}, ATT_MODEL, "arch=vnet in the network spec is unknown", false},
        {{"spec=widths"}, ATT_MODEL, "the network spec has \"widths\" where key=value is expected",
            false},
        {{"spec=width=16"}, ATT_MODEL, "width", false},
        {{"spec=dims=4"}, ATT_MODEL, "dims", false},
        {{"spec=widths=16"}, ATT_MODEL,
            "widths=16 in the network spec: at least two levels are needed", false},
    };
    for (int k = 0; k < COUNT(list); k++) {
        struct dataset d = list[k].volume ? volume_data() : flat_data();
        struct recipe r;
        struct options o;
        set_options(&o, list[k].words);
        struct err e = {0};
        att_status status =
            try_decide(&r, &d, list[k].volume ? &volume_facts : &flat_facts, &o, NULL, &e);
        if (status != list[k].status || e.status != status || !strstr(e.text, list[k].sentence))
            fail_msg("%s: %d \"%s\"", list[k].words[0], status, e.text);
        options_free(&o);
    }
}

static void a_data_set_must_have_a_path(void **state)
{
    (void)state;
    struct dataset d = flat_data();
    struct recipe r;
    struct options o;
    SET_OPTIONS(&o, "steps=1");
    d.path = (char *)(uintptr_t) "nowhere";
    REFUSED(try_decide(&r, &d, &flat_facts, &o, NULL, &e), ATT_IO,
        "nowhere does not exist; check the path");
    OK(file_make_folders("m\xfcll", &e));
    d.path = (char *)(uintptr_t) "m\xfcll";
    REFUSED(try_decide(&r, &d, &flat_facts, &o, NULL, &e), ATT_USAGE, "is not UTF-8");
    options_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flat_defaults),
        cmocka_unit_test(nets_that_are_joined),
        cmocka_unit_test(volume_defaults),
        cmocka_unit_test(thick_slices),
        cmocka_unit_test(neighbours_of_slices),
        cmocka_unit_test(thick_slices_and_time),
        cmocka_unit_test(doubts_are_stated),
        cmocka_unit_test(reasons),
        cmocka_unit_test(short_runs),
        cmocka_unit_test(normalising),
        cmocka_unit_test(intensities),
        cmocka_unit_test(the_baseline_has_no_gates),
        cmocka_unit_test(everything_can_be_given),
        cmocka_unit_test(length_in_epochs_or_time),
        cmocka_unit_test(resizing),
        cmocka_unit_test(another_spacing),
        cmocka_unit_test(blocks_of_voxels),
        cmocka_unit_test(one_channel_has_one_weight),
        cmocka_unit_test(bad_values),
        cmocka_unit_test(a_data_set_must_have_a_path),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
