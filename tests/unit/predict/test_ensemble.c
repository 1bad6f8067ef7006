/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/ensemble.h"

#include "unit/predict/predict_test.h"

static const char spec[] = "arch=unet dims=2 in=1 classes=2 widths=4,4";

static void save(struct model *m, const char *path)
{
    OK(model_save(m, path, &e));
    model_free(m);
}

static void save_plain(const char *path)
{
    struct model m;
    make_model(&m, spec, plain_preparation(1, 1, 16, 16), plain_labels(2));
    save(&m, path);
}

static void save_run(const char *folder)
{
    char path[80];
    OK(file_make_folders(folder, &e));
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    save_plain(path);
}

/* The paths of what `text` names, with spaces between. */
static void assert_paths(const char *text, const char *expected)
{
    char paths[1024] = "";
    struct ensemble s;
    OK(ensemble_load(&text, 1, &s, &e));
    for (int i = 0; i < s.count; i++) {
        assert_int_equal(s.models[i].facts.dims, 2);
        snprintf(
            paths + strlen(paths), sizeof paths - strlen(paths), "%s%s", i ? " " : "", s.paths[i]);
    }
    assert_string_equal(paths, expected);
    ensemble_free(&s);
}

static void refused(const char *text, att_status status, const char *words)
{
    struct ensemble s;
    REFUSED(ensemble_load(&text, 1, &s, &e), status, words);
    assert_null(s.models);
    assert_int_equal(s.count, 0);
}

static void files_runs_and_folds(void **state)
{
    (void)state;
    save_plain("a.safetensors");
    save_plain("b,c");
    save_run("run");
    save_run("cv/fold_2");
    save_run("cv/fold_10");
    save_run("cv/fold_0");
    save_run("cv/folded");
    save_run("cv/fold_01");
    assert_paths("a.safetensors", "a.safetensors");
    assert_paths("run", "run");
    assert_paths("cv", "cv/fold_0 cv/fold_2 cv/fold_10");
    assert_paths("cv/", "cv/fold_0 cv/fold_2 cv/fold_10");
    assert_paths("b,c", "b,c"); /* a file of that name */
    assert_paths("run,cv/fold_2,run/model.safetensors", "run cv/fold_2 run/model.safetensors");
    assert_paths("cv,a.safetensors", "cv/fold_0 cv/fold_2 cv/fold_10 a.safetensors");
    save_run("run/fold_0"); /* a run with a model of its own is that model */
    assert_paths("run", "run");
}

static void a_list_of_paths(void **state)
{
    (void)state;
    struct ensemble s;
    save_plain("a.safetensors");
    save_plain("b.safetensors");
    OK(ensemble_load(
        (const char *[]){"b.safetensors", "a.safetensors", "b.safetensors"}, 3, &s, &e));
    assert_int_equal(s.count, 3);
    assert_string_equal(s.paths[0], "b.safetensors");
    assert_string_equal(s.paths[1], "a.safetensors");
    ensemble_free(&s);
    REFUSED(ensemble_load(NULL, 0, &s, &e), ATT_USAGE, "no model");
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    save_plain("a.safetensors");
    OK(file_make_folders("empty", &e));
    OK(file_make_folders("cv/fold_1", &e));
    save_run("cv/fold_0");
    refused("nowhere", ATT_IO, "nowhere");
    refused("empty", ATT_MODEL, "empty has no model.safetensors");
    refused("cv", ATT_MODEL, "cv/fold_1 has no model yet");
    refused("a.safetensors,", ATT_USAGE, "has a comma too many");
    refused("a.safetensors,,a.safetensors", ATT_USAGE, "has a comma too many");
    refused("a.safetensors,b.safetensors", ATT_IO, "b.safetensors");
    char *many = mem_text("%s", "a.safetensors");
    for (int i = 0; i < ENSEMBLE_MAX; i++) {
        char *more = mem_text("%s,a.safetensors", many);
        mem_free(many);
        many = more;
    }
    refused(many, ATT_USAGE, "more than 64 models");
    mem_free(many);
}

static void what_differs_is_named(void **state)
{
    (void)state;
    struct model m;
    struct preparation p = plain_preparation(1, 1, 16, 16);
    struct labelling l = plain_labels(2);
    save_plain("a.safetensors");
    snprintf(l.name[1], LABELLING_NAME, "liver");
    make_model(&m, spec, p, l);
    save(&m, "labels.safetensors");
    refused("a.safetensors,labels.safetensors", ATT_MODEL,
        "a.safetensors and labels.safetensors cannot predict together: the labels of the first "
        "are c0 0, c1 10, and those of the second c0 0, liver 10; predict with each alone");
    l = plain_labels(2);
    l.ignore = 255;
    l.regions = 2;
    l.region[0] = class_set_bits(3);
    l.region[1] = class_set_bits(2);
    l.region_value[1] = 10;
    snprintf(l.region_name[0], LABELLING_NAME, "whole");
    snprintf(l.region_name[1], LABELLING_NAME, "core");
    make_model(&m, spec, p, l);
    save(&m, "regions.safetensors");
    refused("a.safetensors,regions.safetensors", ATT_MODEL,
        "those of the second c0 0, c1 10 and 255 (ignored), with the regions whole of 0 10 "
        "written as 0, core of 10 written as 10; ");
    l = plain_labels(2);
    l.nonzero = true;
    memset(l.name[1], 'x', LABELLING_NAME - 1);
    make_model(&m, spec, p, l);
    save(&m, "nonzero.safetensors");
    refused("a.safetensors,nonzero.safetensors", ATT_MODEL, "x 10 (all that is not 0); predict");
    snprintf(p.channel_name[0], LABELLING_NAME, "T1");
    make_model(&m, spec, p, plain_labels(2));
    save(&m, "channels.safetensors");
    refused("a.safetensors,a.safetensors,channels.safetensors", ATT_MODEL,
        "images' channels are [\"channel 0\"] in the first and [\"T1\"] in the second");
    make_model(&m, "arch=unet dims=2 in=1 classes=1 widths=4,4", plain_preparation(1, 1, 16, 16),
        plain_labels(2));
    save(&m, "outputs.safetensors");
    refused("a.safetensors,outputs.safetensors", ATT_MODEL, "their networks have 2 and 1 outputs");
    p = plain_preparation(1, 1, 16, 16);
    p.resize[0] = 1;
    p.resize[1] = p.resize[2] = 32;
    make_model(&m, spec, p, plain_labels(2));
    save(&m, "grid.safetensors");
    refused("a.safetensors,grid.safetensors", ATT_MODEL,
        "different grids, resize is [0,0,0] in the first and [1,32,32] in the second");
    p = plain_preparation(1, 1, 16, 16);
    p.spacing[1] = p.spacing[2] = .8f;
    make_model(&m, spec, p, plain_labels(2));
    save(&m, "fold.safetensors");
    p.spacing[1] = .86f;
    make_model(&m, spec, p, plain_labels(2));
    save(&m, "far.safetensors");
    refused("fold.safetensors,far.safetensors", ATT_MODEL,
        "spacing is [0.0,0.8,0.8] in the first and [0.0,0.86,0.8] in the second; train both "
        "with the same `plan`");
    p.spacing[1] = .83f; /* as folds of one set may have it */
    make_model(&m, spec, p, plain_labels(2));
    save(&m, "near.safetensors");
    assert_paths("fold.safetensors,near.safetensors", "fold.safetensors near.safetensors");
    /* Patches, intensities and networks may differ. */
    p = plain_preparation(1, 1, 32, 16);
    p.normalise[0].scheme = NORMALISE_ZSCORE;
    make_model(&m, "arch=attunet dims=2 in=1 classes=2 widths=4,8 gated=all", p, plain_labels(2));
    save(&m, "other.safetensors");
    assert_paths("a.safetensors,other.safetensors", "a.safetensors other.safetensors");
}

static void save_trained(const char *path, const char *history, int dims)
{
    struct model m;
    make_model(&m, dims == 2 ? spec : "arch=unet dims=3 in=1 classes=2 widths=4,4",
        plain_preparation(1, dims == 2 ? 1 : 16, 16, 16), plain_labels(2));
    m.history = history ? json_loads(history, 0, NULL) : NULL;
    save(&m, path);
}

static void assert_axes(const char *text, bool d)
{
    struct ensemble s;
    bool axes[3] = {false};
    OK(ensemble_load(&text, 1, &s, &e));
    OK(ensemble_mirror_axes(&s, axes, &e));
    assert_true(axes[0] == d && axes[1] && axes[2]);
    ensemble_free(&s);
}

static void assert_usual_axes(const char *text, bool d, bool h, bool w)
{
    struct ensemble s;
    bool axes[3];
    OK(ensemble_load(&text, 1, &s, &e));
    ensemble_usual_axes(&s, axes);
    assert_true(axes[0] == d && axes[1] == h && axes[2] == w);
    ensemble_free(&s);
}

static void axes_are_those_of_training(void **state)
{
    (void)state;
    struct ensemble s;
    bool axes[3];
    save_trained("flat", NULL, 2);
    save_trained("deep", "{\"settings\": {\"mirror\": true}}", 3);
    save_trained("often", "{\"settings\": {\"mirror\": null, \"augment\": \"full\"}}", 3);
    save_trained("anyway", "{\"settings\": {\"mirror\": true, \"augment\": \"none\"}}", 3);
    save_trained("no", "{\"settings\": {\"mirror\": false}}", 3);
    save_trained("never", "{\"settings\": {\"mirror\": null, \"augment\": \"none\"}}", 3);
    assert_axes("flat", false);
    assert_axes("deep,often,anyway", true);
    assert_axes("deep,flat", false);
    save_trained("sides", "{\"settings\": {\"mirror\": \"dh\"}}", 3);
    save_trained("imported", "{\"mirror\": \"hw\"}", 3);
    assert_usual_axes("flat", false, false, false); /* nothing is known of it */
    assert_usual_axes("deep,flat", false, false, false);
    assert_usual_axes("deep,often,anyway", true, true, true);
    assert_usual_axes("deep,sides", true, true, false);
    assert_usual_axes("imported,sides", false, true, false);
    assert_usual_axes("deep,no", false, false, false);
    assert_usual_axes("never", false, false, false);
    /* what the trainings measured counts by cases */
    save_trained("worse",
        "{\"settings\": {\"mirror\": true}, \"mirroring\": {\"cases\": 10, \"once\": 0.75, "
        "\"mirrored\": 0.5}}",
        3);
    save_trained("better",
        "{\"settings\": {\"mirror\": true}, \"mirroring\": {\"cases\": 30, \"once\": 0.5, "
        "\"mirrored\": 0.625}}",
        3);
    save_trained("equal",
        "{\"settings\": {\"mirror\": true}, \"mirroring\": {\"cases\": 4, \"once\": 0.5, "
        "\"mirrored\": 0.5}}",
        3);
    assert_usual_axes("worse", false, false, false);
    assert_usual_axes("equal", false, false, false);
    assert_usual_axes("better", true, true, true);
    assert_usual_axes("worse,better", true, true, true);
    assert_usual_axes("worse,deep", false, false, false);
    assert_usual_axes("better,sides", true, true, false);
    for (int i = 0; i < 2; i++) {
        const char *text = i ? "deep,never" : "deep,no";
        OK(ensemble_load(&text, 1, &s, &e));
        REFUSED(ensemble_mirror_axes(&s, axes, &e), ATT_USAGE, "was trained without mirroring");
        ensemble_free(&s);
    }
}

static void save_post(const char *path, int64_t smallest)
{
    struct model m;
    make_model(&m, spec, plain_preparation(1, 1, 16, 16), plain_labels(2));
    m.post.smallest[1] = smallest;
    save(&m, path);
}

/* smallest[1] of what is read, or -1 where the models differ. */
static void assert_post(const char *text, int64_t expected)
{
    struct ensemble s;
    OK(ensemble_load(&text, 1, &s, &e));
    assert_int_equal(s.post_differs ? -1 : s.post.smallest[1], expected);
    assert_int_equal(postprocess_any(&s.post), expected > 0);
    ensemble_free(&s);
}

static void post_processing_is_the_run_s_or_common(void **state)
{
    (void)state;
    static const char json[] = "{\"classes\": [{\"class\": 10, \"smallest\": 30}]}";
    OK(file_make_folders("cv/fold_0", &e));
    OK(file_make_folders("cv/fold_1", &e));
    save_post("cv/fold_0/model.safetensors", 5);
    save_post("cv/fold_1/model.safetensors", 5);
    save_post("six", 6);
    save_post("none", 0);
    assert_post("six", 6);
    assert_post("six,six", 6);
    assert_post("none,none", 0);
    assert_post("six,none", -1);
    assert_post("cv", 5);
    write_scratch("cv/postprocess.json", json, sizeof json - 1);
    assert_post("cv", 30);
    assert_post("cv/fold_0", 5);
    assert_post("cv/fold_0,cv/fold_1", 5);
    write_scratch("cv/postprocess.json", "{", 1);
    refused("cv", ATT_MODEL, "cv/postprocess.json: line 1 is not valid JSON");
    write_scratch("cv/postprocess.json", "[]", 2);
    refused("cv", ATT_MODEL, "cv/postprocess.json: the post-processing is damaged");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_runs_and_folds),
        TEST(a_list_of_paths),
        TEST(what_is_missing_is_named),
        TEST(what_differs_is_named),
        TEST(axes_are_those_of_training),
        TEST(post_processing_is_the_run_s_or_common),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
