/* SPDX-License-Identifier: Apache-2.0 */
/* One model, several contexts: each in a thread of its own, all at once, with the same bits as alone. */
#include "predict_test.h"

#include <math.h>
#include <pthread.h>

#include "attunet.h"

enum { WORKERS = 3, H = 40, W = 24, VOXELS = H * W };

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
    for (int i = 0; i < 3 && w->status == ATT_OK; i++)
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

static att_model *load(att_context *c) { return load_net(c, "arch=attunet dims=2 in=1 classes=2 widths=4,8,8"); }

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
        assert_memory_equal(workers[i].probabilities, alone.probabilities, sizeof alone.probabilities);
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
    share("arch=attunet dims=2 in=1 classes=2 widths=16,32 gate=same signal=up gated=all up=nearest", NULL);
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
    assert_int_equal(att_model_predict(c, model, first.image, 1, size, first.labels, first.probabilities), ATT_OK);
    assert_int_equal(att_model_predict(c, model, again.image, 1, half, again.labels, NULL), ATT_OK); /* another size, no probabilities */
    assert_int_equal(att_model_predict(c, model, again.image, 1, size, again.labels, again.probabilities), ATT_OK);
    assert_memory_equal(first.labels, again.labels, sizeof first.labels);
    assert_memory_equal(first.probabilities, again.probabilities, sizeof first.probabilities);
    assert_int_equal(att_model_predict(fresh, second, other.image, 1, size, other.labels, other.probabilities), ATT_OK);
    att_model_free(model); /* c keeps its weights */
    memset(again.labels, 0, sizeof again.labels);
    assert_int_equal(att_model_predict(c, second, again.image, 1, size, again.labels, again.probabilities), ATT_OK);
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
    assert_int_equal(att_model_predict(c, model, w.image, 1, size, w.labels, w.probabilities), ATT_OK);
    for (int i = 0; i < VOXELS; i++) { /* values of the labelling, the likelier class; probabilities sum to 1 */
        float p = w.probabilities[i], q = w.probabilities[VOXELS + i];
        assert_int_equal(w.labels[i], q > p ? 10 : 0);
        assert_true(p + q > 0.99999f && p + q < 1.00001f);
    }
    assert_int_equal(att_model_json(c, model, &text), ATT_OK);
    assert_non_null(strstr(text, "\"spec\": \"arch=attunet dims=2 in=1 classes=2 widths=4,8,8\""));
    att_text_free(text);
    assert_int_equal(att_model_predict(c, model, w.image, 2, (int[]){1, H / 2, W}, w.labels, NULL), ATT_DATA);
    assert_non_null(strstr(att_context_error(c), "2 channels"));
    assert_int_equal(att_model_predict(c, model, w.image, 1, (int[]){1, 0, W}, w.labels, NULL), ATT_USAGE);
    assert_string_equal(att_context_error(c), "an image of 1x0x24 has no voxels");
    int in, out;
    att_model_channels(model, &in, &out);
    assert_int_equal(in, 1);
    assert_int_equal(out, 2);
    w.image[5 * W + 3] = NAN;
    assert_int_equal(att_model_predict(c, model, w.image, 1, size, w.labels, NULL), ATT_DATA);
    assert_non_null(
        strstr(att_context_error(c), "the image: 1 of 960 samples are NaN or infinite, the first at voxel (3,5,0) of channel 0"));
    w.image[5 * W + 3] = 0;
    att_context_stop(c);
    assert_int_equal(att_model_predict(c, model, w.image, 1, size, w.labels, NULL), ATT_INTERRUPTED);
    att_model_free(model);
    assert_int_equal(att_model_load(c, "missing.safetensors", &model), ATT_IO);
    assert_null(model);
    att_context_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shared_model), cmocka_unit_test(test_shared_model_at_full_speed),
                                       cmocka_unit_test(test_a_context_keeps_its_network), cmocka_unit_test(test_model_in_memory)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
