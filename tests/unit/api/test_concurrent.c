/* SPDX-License-Identifier: Apache-2.0 */
/* One model, several contexts: each in a thread of its own, all at once, with the same bits as
 * alone. */
#include "unit/predict/predict_test.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>

#include "attunet.h"
#include "files/file.h"

enum { WORKERS = 3, H = 32, W = 24, VOXELS = H * W };

static const int size[3] = {1, H, W};

struct worker {
    const att_model *model;
    const char *isa;
    int threads;
    float image[VOXELS], probabilities[2 * VOXELS];
    uint16_t labels[VOXELS];
    att_status status; /* cmocka's assertions belong to the main thread */
};

static void *predict(void *arg)
{
    struct worker *w = arg;
    att_context *c;
    w->status = att_context_create(w->threads, w->isa, NULL, &c);
    for (int i = 0; i < 2 && w->status == ATT_OK; i++)
        w->status = att_model_predict(c, w->model, w->image, 1, size, w->labels, w->probabilities);
    att_context_destroy(c);
    return NULL;
}

static void fill(struct worker *w, const att_model *model, const char *isa, int threads)
{
    struct rng r = rng_stream(5, RNG_TEST, 0, 0);
    memset(w, 0, sizeof *w);
    w->model = model;
    w->isa = isa;
    w->threads = threads;
    for (int i = 0; i < VOXELS; i++) w->image[i] = (float)rng_normal(&r);
}

static att_model *load_net(att_context *c, const char *spec)
{
    struct model m;
    att_model *model;
    make_model(&m, spec, plain_preparation(1, 1, 16, 16), plain_labels(2));
    OK(model_save(&m, "model.safetensors", &e));
    model_free(&m);
    assert_int_equal(att_model_load(c, "model.safetensors", &model), ATT_OK);
    return model;
}

static att_model *load(att_context *c)
{
    return load_net(c, "arch=attunet dims=2 in=1 classes=2 widths=4,8,8");
}

static void share(const char *spec, const char *isa)
{
    static struct worker alone, workers[WORKERS];
    pthread_t threads[WORKERS];
    att_context *c;
    assert_int_equal(att_context_create(1, isa, NULL, &c), ATT_OK);
    att_model *model = load_net(c, spec);
    fill(&alone, model, isa, 1);
    predict(&alone);
    assert_int_equal(alone.status, ATT_OK);
    for (int i = 0; i < WORKERS; i++) {
        fill(&workers[i], model, isa, i + 1);
        assert_int_equal(pthread_create(&threads[i], NULL, predict, &workers[i]), 0);
    }
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].status, ATT_OK);
        assert_memory_equal(workers[i].labels, alone.labels, sizeof alone.labels);
        assert_memory_equal(
            workers[i].probabilities, alone.probabilities, sizeof alone.probabilities);
    }
    att_model_free(model);
    att_context_destroy(c);
}

static void test_shared_model(void **state)
{
    (void)state;
    share("arch=attunet dims=2 in=1 classes=2 widths=4,8,8", "ref");
}

/* The machine's best kernels: Winograd, and a gate in one pass. */
static void test_shared_model_at_full_speed(void **state)
{
    (void)state;
    share(
        "arch=attunet dims=2 in=1 classes=2 widths=16,32 gate=same signal=up gated=all up=nearest",
        NULL);
}

/* What a context keeps between predictions changes nothing, and outlives the caller's handle. */
static void test_a_context_keeps_its_network(void **state)
{
    (void)state;
    static struct worker first, again, other;
    static const int half[3] = {1, H / 2, W};
    att_context *c, *fresh;
    assert_int_equal(att_context_create(1, "ref", NULL, &c), ATT_OK);
    assert_int_equal(att_context_create(1, "ref", NULL, &fresh), ATT_OK);
    att_model *model = load(c), *second = load_net(c, "arch=unet dims=2 in=1 classes=2 widths=4,6");
    fill(&first, model, "ref", 1);
    fill(&again, model, "ref", 1);
    fill(&other, second, "ref", 1);
    assert_int_equal(
        att_model_predict(c, model, first.image, 1, size, first.labels, first.probabilities),
        ATT_OK);
    assert_int_equal(att_model_predict(c, model, again.image, 1, half, again.labels, NULL),
        ATT_OK); /* another size, no probabilities */
    assert_int_equal(
        att_model_predict(c, model, again.image, 1, size, again.labels, again.probabilities),
        ATT_OK);
    assert_memory_equal(first.labels, again.labels, sizeof first.labels);
    assert_memory_equal(first.probabilities, again.probabilities, sizeof first.probabilities);
    assert_int_equal(
        att_model_predict(fresh, second, other.image, 1, size, other.labels, other.probabilities),
        ATT_OK);
    att_model_free(model); /* c keeps its weights */
    memset(again.labels, 0, sizeof again.labels);
    assert_int_equal(
        att_model_predict(c, second, again.image, 1, size, again.labels, again.probabilities),
        ATT_OK);
    assert_memory_equal(other.labels, again.labels, sizeof other.labels);
    assert_memory_equal(other.probabilities, again.probabilities, sizeof other.probabilities);
    att_model_free(second);
    att_context_destroy(c); /* while it keeps one whose handle is gone */
    att_context_destroy(fresh);
}

static void test_model_in_memory(void **state)
{
    (void)state;
    static struct worker w;
    att_context *c;
    char *text;
    assert_int_equal(att_context_create(1, "ref", NULL, &c), ATT_OK);
    att_model *model = load(c);
    fill(&w, model, "ref", 1);
    assert_int_equal(
        att_model_predict(c, model, w.image, 1, size, w.labels, w.probabilities), ATT_OK);
    for (int i = 0; i < VOXELS;
         i++) { /* values of the labelling, the likelier class; probabilities sum to 1 */
        float p = w.probabilities[i], q = w.probabilities[VOXELS + i];
        assert_int_equal(w.labels[i], q > p ? 10 : 0);
        assert_true(p + q > 0.99999f && p + q < 1.00001f);
    }
    assert_int_equal(att_model_json(c, model, &text), ATT_OK);
    assert_non_null(strstr(text, "\"spec\": \"arch=attunet dims=2 in=1 classes=2 widths=4,8,8\""));
    att_text_free(text);
    assert_int_equal(
        att_model_predict(c, model, w.image, 2, (int[]){1, H / 2, W}, w.labels, NULL), ATT_DATA);
    assert_non_null(strstr(att_context_error(c), "2 channels"));
    static const struct {
        int size[3];
        const char *sentence;
    } wrong[] = {{{1, 0, W},
                     "an image of 1x0x24 voxels cannot be predicted; give one with sides from 1 "
                     "to 16777216"},
        {{INT_MAX, 2, 2},
            "an image of 2147483647x2x2 voxels cannot be predicted; give one with sides from 1 "
            "to 16777216"},
        {{1 << 24, 1 << 24, (1 << 16) + 1},
            "an image of 16777216x16777216x65537 voxels is larger than any memory; crop or "
            "resample it"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) { /* before a sample is read */
        assert_int_equal(
            att_model_predict(c, model, w.image, 1, wrong[i].size, w.labels, NULL), ATT_DATA);
        assert_string_equal(att_context_error(c), wrong[i].sentence);
    }
    int in, out;
    att_model_channels(model, &in, &out);
    assert_int_equal(in, 1);
    assert_int_equal(out, 2);
    w.image[5 * W + 3] = NAN;
    assert_int_equal(att_model_predict(c, model, w.image, 1, size, w.labels, NULL), ATT_DATA);
    assert_non_null(strstr(att_context_error(c),
        "the image: 1 of 768 samples are NaN or infinite in float32, the first at voxel (3,5,0) "
        "of channel 0"));
    w.image[5 * W + 3] = 0;
    att_context_stop(c);
    assert_int_equal(
        att_model_predict(c, model, w.image, 1, size, w.labels, NULL), ATT_INTERRUPTED);
    att_model_free(model);
    assert_int_equal(att_model_load(c, "missing.safetensors", &model), ATT_IO);
    assert_null(model);
    att_context_destroy(c);
}

struct heard {
    int calls;
    int64_t last, total;
};

static void hear(void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct heard *h = user;
    (void)detail;
    assert_string_equal(what, "windows");
    assert_true(done > h->last);
    *h = (struct heard){h->calls + 1, done, total};
}

static void test_progress_is_told(void **state)
{
    (void)state;
    static struct worker w;
    struct heard h = {0};
    const att_callbacks callbacks = {.struct_size = sizeof callbacks, .user = &h, .progress = hear};
    att_context *c;
    assert_int_equal(att_context_create(1, "ref", &callbacks, &c), ATT_OK);
    att_model *model = load(c);
    fill(&w, model, "ref", 1);
    assert_int_equal(att_model_predict(c, model, w.image, 1, size, w.labels, NULL), ATT_OK);
    assert_true(h.calls > 1 && h.last == h.calls && h.total == h.calls);
    att_model_free(model);
    att_context_destroy(c);
}

static void save_seeded(const char *path, uint64_t seed)
{
    struct model m;
    make_seeded(&m, "arch=attunet dims=2 in=1 classes=2 widths=4,8,8",
        plain_preparation(1, 1, 16, 16), plain_labels(2), seed);
    m.post.smallest[1] = seed == 9 ? VOXELS + 1 : 0;
    OK(model_save(&m, path, &e));
    model_free(&m);
}

/* Models that predict together are shared like one. */
static void test_shared_ensemble(void **state)
{
    (void)state;
    static struct worker alone, single, workers[WORKERS];
    pthread_t threads[WORKERS];
    att_context *c;
    att_model *model, *first;
    char *text;
    assert_int_equal(att_context_create(1, "ref", NULL, &c), ATT_OK);
    save_seeded("a", 1);
    save_seeded("b", 2);
    assert_int_equal(att_model_load(c, "a,b", &model), ATT_OK);
    assert_int_equal(att_model_networks(model), 2);
    assert_int_equal(att_model_json(c, model, &text), ATT_OK);
    assert_non_null(strstr(text, "\"paths\": [\n    \"a\",\n    \"b\"\n  ]"));
    att_text_free(text);
    assert_int_equal(att_model_load(c, "a", &first), ATT_OK);
    assert_int_equal(att_model_networks(first), 1);
    fill(&alone, model, "ref", 1);
    fill(&single, first, "ref", 1);
    predict(&alone);
    predict(&single);
    assert_memory_not_equal(alone.probabilities, single.probabilities, sizeof alone.probabilities);
    for (int i = 0; i < WORKERS; i++) {
        fill(&workers[i], model, "ref", i + 1);
        assert_int_equal(pthread_create(&threads[i], NULL, predict, &workers[i]), 0);
    }
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].status, ATT_OK);
        assert_memory_equal(
            workers[i].probabilities, alone.probabilities, sizeof alone.probabilities);
    }
    att_model_free(model);
    assert_int_equal(att_model_load_list(c, (const char *[]){"a", "a"}, 2, &model), ATT_OK);
    alone.model = model;
    predict(&alone);
    assert_memory_equal(alone.probabilities, single.probabilities, sizeof alone.probabilities);
    assert_int_equal(att_model_load_list(c, (const char *[]){"a", NULL}, 2, &model), ATT_USAGE);
    assert_string_equal(att_context_error(c), "the argument 'paths' is missing");
    assert_null(model);
    assert_int_equal(att_model_load_list(c, (const char *[]){"a"}, 0, &model), ATT_USAGE);
    att_model_free((att_model *)(uintptr_t)alone.model);
    att_model_free(first);
    att_context_destroy(c);
}

/* Settings of the command count, and what the context keeps is not kept for others. */
static void test_settings_of_a_prediction(void **state)
{
    (void)state;
    static struct worker plain, other;
    static uint16_t none[VOXELS];
    att_context *c;
    att_settings *s, *wrong;
    assert_int_equal(att_context_create(1, "ref", NULL, &c), ATT_OK);
    save_seeded("a", 9);
    att_model *model;
    assert_int_equal(att_model_load(c, "a", &model), ATT_OK);
    fill(&plain, model, "ref", 1);
    fill(&other, model, "ref", 1);
    att_image image = {sizeof image, plain.image, 1, {1, H, W}, {0, 0, 0}, NULL};
    assert_int_equal(
        att_model_predict(c, model, plain.image, 1, size, plain.labels, plain.probabilities),
        ATT_OK);
    assert_memory_equal(plain.labels, none, sizeof none); /* its post-processing */
    assert_int_equal(
        att_model_predict_image(c, model, &image, NULL, other.labels, other.probabilities), ATT_OK);
    assert_memory_equal(plain.probabilities, other.probabilities, sizeof plain.probabilities);
    assert_memory_equal(plain.labels, other.labels, sizeof plain.labels);
    assert_int_equal(att_settings_create(c, "predict", &s), ATT_OK);
    assert_int_equal(att_settings_set(c, s, "postprocess", "no"), ATT_OK);
    assert_int_equal(
        att_model_predict_image(c, model, &image, s, other.labels, other.probabilities), ATT_OK);
    assert_memory_equal(plain.probabilities, other.probabilities, sizeof plain.probabilities);
    for (int i = 0; i < VOXELS; i++)
        assert_int_equal(
            other.labels[i], plain.probabilities[VOXELS + i] > plain.probabilities[i] ? 10 : 0);
    static const char rules[] =
        "{\"classes\": [{\"class\": 10, \"smallest\": 1}]}"; /* in the place of the model's: nothing
                                                                goes */
    OK(file_write_all("post.json", rules, strlen(rules), &e));
    assert_int_equal(att_settings_set(c, s, "postprocess", "post.json"), ATT_OK);
    assert_int_equal(att_model_predict_image(c, model, &image, s, plain.labels, NULL), ATT_OK);
    assert_memory_not_equal(plain.labels, none, sizeof none);
    assert_memory_equal(plain.labels, other.labels, sizeof other.labels);
    assert_int_equal(att_settings_set(c, s, "conv", "direct"), ATT_OK);
    assert_int_equal(att_settings_set(c, s, "mirror", "yes"), ATT_OK);
    assert_int_equal(
        att_model_predict_image(c, model, &image, s, other.labels, other.probabilities), ATT_OK);
    assert_memory_not_equal(plain.probabilities, other.probabilities, sizeof plain.probabilities);
    att_settings_destroy(s); /* nothing of it is kept */
    assert_int_equal(
        att_model_predict(c, model, plain.image, 1, size, other.labels, other.probabilities),
        ATT_OK);
    assert_memory_equal(plain.probabilities, other.probabilities, sizeof plain.probabilities);
    image.struct_size = 0;
    assert_int_equal(
        att_model_predict_image(c, model, &image, NULL, other.labels, NULL), ATT_USAGE);
    assert_string_equal(att_context_error(c),
        "att_image.struct_size is 0; set it to the sizeof of its structure, 56");
    image.struct_size = sizeof image;
    image.spacing[0] = -1;
    assert_int_equal(
        att_model_predict_image(c, model, &image, NULL, other.labels, NULL), ATT_USAGE);
    assert_string_equal(att_context_error(c),
        "voxels of -1x0x0 mm are impossible; give distances of 0 or more along d, h and w");
    image.data = NULL;
    assert_int_equal(
        att_model_predict_image(c, model, &image, NULL, other.labels, NULL), ATT_USAGE);
    assert_string_equal(att_context_error(c), "the argument 'image' is missing");
    assert_int_equal(att_settings_create(c, "train", &wrong), ATT_OK);
    assert_int_equal(
        att_model_predict_image(c, model, &image, wrong, other.labels, NULL), ATT_USAGE);
    assert_string_equal(att_context_error(c),
        "settings of the command 'train' were given instead of those of 'predict'");
    att_settings_destroy(wrong);
    att_model_free(model);
    att_context_destroy(c);
}

/* A model at a spacing of its own needs to know the image's. */
static void test_voxels_have_a_size(void **state)
{
    (void)state;
    static struct worker w;
    struct model m;
    struct preparation p = plain_preparation(1, 1, 16, 16);
    att_context *c;
    att_model *model;
    p.spacing[1] = p.spacing[2] = 2;
    make_model(&m, "arch=unet dims=2 in=1 classes=2 widths=4,4", p, plain_labels(2));
    OK(model_save(&m, "spaced", &e));
    assert_int_equal(att_context_create(1, "ref", NULL, &c), ATT_OK);
    assert_int_equal(att_model_load(c, "spaced", &model), ATT_OK);
    fill(&w, model, "ref", 1);
    assert_int_equal(att_model_predict(c, model, w.image, 1, size, w.labels, NULL), ATT_DATA);
    assert_string_equal(att_context_error(c),
        "the model needs a voxel size but the image has none; give its `spacing`");
    const att_image image = {sizeof image, w.image, 1, {1, H, W}, {1, 1.5f, 1}, NULL};
    assert_int_equal(
        att_model_predict_image(c, model, &image, NULL, w.labels, w.probabilities), ATT_OK);
    struct image x = make_image(1, 1, H, W);
    struct prediction out;
    memcpy(x.data, w.image, sizeof w.image);
    x.geometry.valid = true;
    x.geometry.spacing[1] = 1.5f;
    struct predictor *one;
    OK(predictor_create(&m, kernels_for(ISA_REF), NULL,
        &(struct predict_options){.overlap = .5, .probabilities = true}, &one, &e));
    OK(predict_image(one, &x, &out, NULL, &e));
    assert_memory_equal(out.probability, w.probabilities, sizeof w.probabilities);
    prediction_free(&out);
    predictor_free(one);
    image_free(&x);
    model_free(&m);
    att_model_free(model);
    att_context_destroy(c);
}

static void count_warning(void *user, int level, const char *text)
{
    *(int *)user += level == 2 && strstr(text, "the models have different post-processing") != NULL;
}

static void count_kind(void *user, const char *kind, const char *text)
{
    ((int *)user)[1] += strcmp(kind, "postprocessing-skipped") == 0 && *text;
}

/* Models that do not agree what to take away: said once for a series of images, and not where
 * nothing is to be taken away. */
static void hear_of_differing(bool old)
{
    static struct worker w;
    int warnings[2] = {0}; /* as messages and with their kind */
    const att_callbacks callbacks = {
        .struct_size = old ? offsetof(att_callbacks, warning) : sizeof callbacks,
        .user = warnings,
        .message = count_warning,
        .warning = count_kind};
    att_context *c;
    att_model *model;
    att_settings *s;
    assert_int_equal(att_context_create(1, "ref", &callbacks, &c), ATT_OK);
    save_seeded("a", 1);
    save_seeded("b", 9);
    assert_int_equal(att_model_load(c, "a,b", &model), ATT_OK);
    fill(&w, model, "ref", 1);
    const att_image image = {
        .struct_size = sizeof image, .data = w.image, .channels = 1, .size = {1, H, W}};
    assert_int_equal(att_settings_create(c, "predict", &s), ATT_OK);
    assert_int_equal(att_settings_set(c, s, "postprocess", "no"), ATT_OK);
    assert_int_equal(att_model_predict_image(c, model, &image, s, w.labels, NULL), ATT_OK);
    assert_int_equal(warnings[0] + warnings[1], 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(att_model_predict(c, model, w.image, 1, size, w.labels, NULL), ATT_OK);
    assert_int_equal(warnings[0], old);
    assert_int_equal(warnings[1], !old);
    att_settings_destroy(s);
    att_model_free(model);
    att_context_destroy(c);
}

/* A program that was compiled before warnings had kinds gets them as messages. */
static void test_differing_post_processing_is_said(void **state)
{
    (void)state;
    hear_of_differing(false);
    hear_of_differing(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shared_model),
        cmocka_unit_test(test_shared_model_at_full_speed),
        cmocka_unit_test(test_a_context_keeps_its_network), cmocka_unit_test(test_model_in_memory),
        cmocka_unit_test(test_progress_is_told), cmocka_unit_test(test_shared_ensemble),
        cmocka_unit_test(test_settings_of_a_prediction), cmocka_unit_test(test_voxels_have_a_size),
        cmocka_unit_test(test_differing_post_processing_is_said)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
