/* SPDX-License-Identifier: Apache-2.0 */
/* att_model_run: maps and doubts of images in memory; what callbacks may do, stops, and the
 * caller's floating-point environment. */
#include "unit/predict/predict_test.h"

#include <fenv.h>
#include <pthread.h>
#include <unistd.h>

#include "attunet.h"
#include "base/cpu.h"

enum { H = 40, W = 24, VOXELS = H * W, MAPS = 4 };

struct heard {
    att_context *c;
    const att_model *model;
    int maps, warnings, refused, choices; /* choices: of `precision` */
    int64_t stop_at, total;
    useconds_t delay; /* of a stop */
    char gate[MAPS][48];
    float map[MAPS][VOXELS];
};

static void take_map(void *user, const char *gate, const float *map)
{
    struct heard *h = user;
    assert_true(h->maps < MAPS);
    snprintf(h->gate[h->maps], sizeof *h->gate, "%s", gate);
    memcpy(h->map[h->maps++], map, sizeof *h->map);
}

static void take_message(void *user, int level, const char *text)
{
    struct heard *h = user;
    h->warnings += level == 2;
    h->choices += strstr(text, " auto takes ") != NULL;
}

/* Calls again, and stops. */
static void take_progress(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct heard *h = user;
    char *json;
    (void)what;
    (void)detail;
    h->total = total;
    if (done == h->stop_at) att_context_stop(h->c);
    if (att_model_json(h->c, h->model, &json) != ATT_USAGE || json) return;
    h->refused += !strcmp(att_context_error(h->c),
        "a callback used the context of its own call; there it can only stop the call");
}

static void save_net(const char *spec, const char *name, const double trained[3])
{
    struct model m;
    struct preparation p = plain_preparation(1, strstr(spec, "dims=3") ? 16 : 1, 16, 16);
    memcpy(p.trained, trained, sizeof p.trained);
    make_model(&m, spec, p, plain_labels(2));
    OK(model_save(&m, name, &e));
    model_free(&m);
}

static void begin(struct heard *h, const char *name, att_model **model)
{
    const att_callbacks callbacks = {.struct_size = sizeof callbacks,
        .user = h,
        .message = take_message,
        .progress = take_progress};
    memset(h, 0, sizeof *h);
    assert_int_equal(att_context_create(1, NULL, &callbacks, &h->c), ATT_OK);
    assert_int_equal(att_model_load(h->c, name, model), ATT_OK);
    h->model = *model;
}

static void end(struct heard *h, att_model *model)
{
    att_model_free(model);
    att_context_destroy(h->c);
}

static const double one_mm[3] = {1, 1, 1}, unknown[3] = {0, 0, 0};

/* With mirror images. */
static void check_variance(struct heard *h, const att_model *model, const struct model *m,
    const struct image *x, att_result r)
{
    struct prediction wanted;
    att_settings *s;
    const att_image image = {sizeof image, x->data, 1, {1, H, W}, {0, 0, 0}, NULL};
    r.attention = NULL;
    predict_with(m,
        (struct predict_options){.overlap = .5, .variance = true, .mirror = {false, true, true}},
        NULL, x, &wanted);
    assert_int_equal(att_settings_create(h->c, "predict", &s), ATT_OK);
    assert_int_equal(att_settings_set(h->c, s, "mirror", "yes"), ATT_OK);
    assert_int_equal(att_model_run(h->c, model, &image, s, &r), ATT_OK);
    assert_memory_equal(r.variance, wanted.variance, VOXELS * sizeof *r.variance);
    assert_int_equal(r.passes, 4 * r.windows);
    att_settings_destroy(s);
    prediction_free(&wanted);
}

static void maps_of_every_gate(void **state)
{
    (void)state;
    static struct heard h;
    static uint16_t labels[VOXELS], plain[VOXELS];
    struct model m;
    att_model *model;
    struct prediction wanted;
    struct image x = make_image(1, 1, H, W);
    fill_image(&x, 5, 3);
    save_net("arch=attunet dims=2 in=1 classes=2 widths=4,8,8", "net", unknown);
    begin(&h, "net", &model);
    OK(model_load("net", &m, &e));
    predict_with(&m, (struct predict_options){.overlap = .5, .attention = true}, NULL, &x, &wanted);
    const att_image image = {sizeof image, x.data, 1, {1, H, W}, {0, 0, 0}, NULL};
    att_result r = {.struct_size = sizeof r, .labels = labels, .attention = take_map, .user = &h};
    assert_int_equal(att_model_run(h.c, model, &image, NULL, &r), ATT_OK);
    assert_int_equal(h.maps, wanted.nmaps);
    assert_true(h.maps > 0 && r.windows == wanted.windows && r.passes == wanted.passes &&
        r.seconds > 0 && r.doubts == 0);
    for (int i = 0; i < h.maps; i++) {
        assert_string_equal(h.gate[i], wanted.maps[i].name);
        assert_memory_equal(h.map[i], wanted.maps[i].data, sizeof h.map[i]);
    }
    assert_int_equal(att_model_predict(h.c, model, x.data, 1, image.size, plain, NULL), ATT_OK);
    assert_memory_equal(labels, plain, sizeof plain);
    static float variance[VOXELS];
    r.variance = variance; /* the model does not know whether it learnt mirror images */
    assert_int_equal(att_model_run(h.c, model, &image, NULL, &r), ATT_USAGE);
    assert_non_null(strstr(att_context_error(h.c), "one model predicts without mirror images"));
    check_variance(&h, model, &m, &x, r);
    r.struct_size = 0;
    assert_int_equal(att_model_run(h.c, model, &image, NULL, &r), ATT_USAGE);
    assert_non_null(strstr(att_context_error(h.c),
        "att_result.struct_size is 0; set it to the sizeof of its structure"));
    assert_int_equal(att_model_run(h.c, model, &image, NULL, NULL), ATT_USAGE);
    assert_string_equal(att_context_error(h.c), "the argument 'result' is missing");
    prediction_free(&wanted);
    model_free(&m);
    image_free(&x);
    end(&h, model);
}

/* Each image by itself: an earlier, lesser doubt does not hide a later one. */
static void doubts(void **state)
{
    (void)state;
    static struct heard h;
    static uint16_t labels[VOXELS];
    static const struct {
        float mm;
        int doubts;
    } list[] = {{1, 0}, {3, ATT_DOUBT_BROUGHT}, {20, ATT_DOUBT_LEFT}, {3, ATT_DOUBT_BROUGHT},
        {0, ATT_DOUBT_UNKNOWN}, {20, ATT_DOUBT_LEFT}};
    att_model *model;
    struct image x = make_image(1, 1, H, W);
    fill_image(&x, 5, 3);
    save_net("arch=unet dims=2 in=1 classes=2 widths=4,4", "flat", one_mm);
    save_net("arch=unet dims=3 in=1 classes=2 widths=4,4", "deep", one_mm);
    att_result r = {.struct_size = sizeof r, .labels = labels};
    begin(&h, "flat", &model);
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        const att_image image = {
            sizeof image, x.data, 1, {1, H, W}, {list[k].mm, list[k].mm, list[k].mm}, NULL};
        h.warnings = 0;
        assert_int_equal(att_model_run(h.c, model, &image, NULL, &r), ATT_OK);
        assert_int_equal(r.doubts, list[k].doubts);
        assert_int_equal(h.warnings, list[k].doubts != 0);
    }
    end(&h, model);
    begin(&h, "deep", &model);
    const att_image slice = {sizeof slice, x.data, 1, {1, H, W}, {1, 1, 1}, NULL},
                    volume = {sizeof volume, x.data, 1, {4, H / 4, W}, {1, 1, 1}, NULL};
    assert_int_equal(att_model_run(h.c, model, &slice, NULL, &r), ATT_OK);
    assert_int_equal(r.doubts, ATT_DOUBT_SLICE);
    assert_int_equal(att_model_run(h.c, model, &volume, NULL, &r), ATT_OK);
    assert_int_equal(r.doubts, 0);
    assert_int_equal(h.warnings, 1);
    end(&h, model);
    image_free(&x);
}

/* An image of two files, as its files lie. */
static void images_of_files(void **state)
{
    (void)state;
    static struct heard h;
    static const char *const paths[] = {"ct.nii", "flat.png"};
    att_image *image;
    struct image x = make_image(1, 3, 4, 5), p = make_image(1, 1, 6, 7);
    fill_image(&x, 5, 3);
    x.geometry = geometry_none();
    x.geometry.valid = x.geometry.oriented = true;
    memcpy(x.geometry.affine, (double[3][4]){{0, 2, 0, 5}, {1, 0, 0, -7}, {0, 0, -3, 100}},
        sizeof x.geometry.affine);
    memcpy(x.geometry.spacing, (float[]){3, 2, 1}, sizeof x.geometry.spacing);
    OK(format_save_image(paths[0], &x, &e));
    p.geometry = geometry_none();
    OK(format_save_image(paths[1], &p, &e));
    memset(&h, 0, sizeof h);
    assert_int_equal(att_context_create(1, NULL, NULL, &h.c), ATT_OK);
    const char *const twice[] = {paths[0], paths[0]};
    assert_int_equal(att_image_load(h.c, twice, 2, &image), ATT_OK);
    assert_int_equal(image->channels, 2);
    assert_memory_equal(image->size, ((int[]){3, 4, 5}), sizeof image->size);
    assert_memory_equal(image->spacing, ((float[]){3, 2, 1}), sizeof image->spacing);
    assert_memory_equal(image->affine, x.geometry.affine, sizeof x.geometry.affine);
    for (int i = 0; i < 2; i++)
        assert_memory_equal(image->data + 60 * i, x.data, 60 * sizeof *x.data);
    att_image_free(image);
    assert_int_equal(att_image_load(h.c, &paths[1], 1, &image), ATT_OK);
    assert_true(image->channels == 1 && image->size[2] == 7 && !image->affine);
    assert_memory_equal(image->spacing, ((float[]){0, 0, 0}), sizeof image->spacing);
    att_image_free(image);
    assert_int_equal(att_image_load(h.c, paths, 2, &image), ATT_DATA);
    assert_null(image);
    assert_int_equal(att_image_load(h.c, paths, 0, &image), ATT_USAGE);
    assert_string_equal(att_context_error(h.c),
        "0 files are no image; give one file, or one for each channel, at most 16");
    att_image_free(NULL);
    att_context_destroy(h.c);
    image_free(&x);
    image_free(&p);
}

enum { DEEP = 16 * 12 * 8 };
struct answer {
    uint16_t labels[DEEP];
    float probabilities[2 * DEEP], map[DEEP];
};

static void take_first_map(void *user, const char *gate, const float *map)
{
    (void)gate;
    memcpy(((struct answer *)user)->map, map, sizeof(((struct answer *)user)->map));
}

/* Along w, h and d: to the front, to the right and down; the model learnt left, back and up. */
static const double ari[3][4] = {{0, 2, 0, 5}, {1, 0, 0, -7}, {0, 0, -3, 100}};

/* What one axis of a volume is in the other: of voxel (d, h, w) along LPS, where it lies. */
static size_t place_of_turned(size_t i)
{
    const size_t w = i % 8, h = i / 8 % 12, d = i / 96; /* LPS: 16 x 12 x 8 */
    return ((15 - d) * 8 + (7 - w)) * 12 + (11 - h);    /* 16 x 8 x 12 */
}

static void volumes_along_other_axes(void **state)
{
    (void)state;
    static struct heard h;
    static struct answer plain, turned;
    static float along[DEEP], other[DEEP];
    att_model *model;
    att_settings *s;
    struct model m;
    struct preparation p = plain_preparation(1, 16, 16, 16);
    make_model(&m, "arch=attunet dims=3 in=1 classes=2 widths=4,4 gated=all", p, plain_labels(2));
    strcpy(m.prep.axes, "LPS");
    OK(model_save(&m, "lps", &e));
    model_free(&m);
    struct image x = make_image(1, 16, 12, 8);
    fill_image(&x, 5, 3);
    memcpy(along, x.data, sizeof along);
    for (size_t i = 0; i < DEEP; i++) other[place_of_turned(i)] = along[i];
    begin(&h, "lps", &model);
    att_image image = {sizeof image, along, 1, {16, 12, 8}, {3, 1, 2}, NULL};
    att_result r = {.struct_size = sizeof r,
        .labels = plain.labels,
        .probabilities = plain.probabilities,
        .attention = take_first_map,
        .user = &plain};
    assert_int_equal(att_model_run(h.c, model, &image, NULL, &r), ATT_OK);
    image = (att_image){sizeof image, other, 1, {16, 8, 12}, {0, 0, 0}, ari[0]};
    r.labels = turned.labels;
    r.probabilities = turned.probabilities;
    r.user = &turned;
    assert_int_equal(att_model_run(h.c, model, &image, NULL, &r), ATT_OK);
    assert_int_equal(r.doubts, 0);
    assert_int_equal(h.warnings, 0);
    for (size_t i = 0; i < DEEP; i++) {
        const size_t j = place_of_turned(i);
        assert_int_equal(plain.labels[i], turned.labels[j]);
        assert_true(plain.map[i] == turned.map[j]);
        for (size_t c = 0; c < 2; c++)
            assert_true(plain.probabilities[c * DEEP + i] == turned.probabilities[c * DEEP + j]);
    }
    /* As stored, if the setting says so; an oblique volume is not turned, either. */
    assert_int_equal(att_settings_create(h.c, "predict", &s), ATT_OK);
    assert_int_equal(att_settings_set(h.c, s, "orientation", "none"), ATT_OK);
    assert_int_equal(att_model_run(h.c, model, &image, s, &r), ATT_OK);
    assert_memory_not_equal(plain.map, turned.map, sizeof plain.map);
    att_settings_destroy(s);
    assert_int_equal(r.doubts, 0);
    image.affine = (const double[]){.82, -.57, 0, 0, .57, .82, 0, 0, 0, 0, 3, 0};
    assert_int_equal(att_model_run(h.c, model, &image, NULL, &r), ATT_OK);
    assert_int_equal(r.doubts, ATT_DOUBT_OBLIQUE);
    assert_int_equal(h.warnings, 1);
    image.affine = (const double[]){0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0};
    assert_int_equal(att_model_run(h.c, model, &image, NULL, &r), ATT_USAGE);
    assert_non_null(strstr(att_context_error(h.c), "axis w has a length of 0 mm; give the matrix"));
    image.affine = (const double[]){1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    assert_int_equal(att_model_run(h.c, model, &image, NULL, &r), ATT_USAGE);
    assert_non_null(strstr(att_context_error(h.c), "its axes lie in one plane; give the matrix"));
    image_free(&x);
    end(&h, model);
}

static void save_mirrored(const char *spec, const char *name)
{
    struct model m;
    make_model(&m, spec, plain_preparation(1, 8, 16, 16), plain_labels(2));
    m.history = json_loads("{\"settings\": {\"augment\": \"usual\"}}", 0, NULL);
    m.post.all_foreground = true;
    OK(model_save(&m, name, &e));
    model_free(&m);
}

static void answer_with(struct heard *h, const att_image *image, const att_settings *s, bool maps,
    struct answer *a, att_result *r)
{
    memset(a, 0, sizeof *a);
    *r = (att_result){.struct_size = sizeof *r,
        .labels = a->labels,
        .probabilities = a->probabilities,
        .attention = maps ? take_first_map : NULL,
        .user = a};
    assert_int_equal(att_model_run(h->c, h->model, image, s, r), ATT_OK);
}

/* Mirror images, post-processing and tiles included. Each image has DEEP voxels. */
static void no_settings_are_the_defaults(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        int size[3], passes; /* passes: of a window */
    } list[] = {{"arch=attunet dims=2 in=1 classes=2 widths=4,8,8", {1, 48, 32}, 4},
        {"arch=attunet dims=3 in=1 classes=2 widths=4,4 gated=all", {16, 12, 8}, 8},
        {"arch=hard tiles=6 dims=2 in=1 classes=2 scale=2 tile=8 halo=4 coarse=3,5 fine=4,6 "
         "policy=5 gate=none",
            {1, 48, 32}, 0}};
    static struct heard h;
    static struct answer plain, asked;
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        const int *size = list[k].size;
        struct image x = make_image(1, size[0], size[1], size[2]);
        att_model *model;
        att_settings *s;
        att_result none, usual;
        fill_image(&x, 5, 3);
        save_mirrored(list[k].spec, "mirrored");
        begin(&h, "mirrored", &model);
        assert_int_equal(att_settings_create(h.c, "predict", &s), ATT_OK);
        const att_image image = {sizeof image, x.data, 1, {size[0], size[1], size[2]}, {0, 0, 0},
            size[0] > 1 ? ari[0] : NULL};
        answer_with(&h, &image, NULL, list[k].passes, &plain, &none);
        answer_with(&h, &image, s, list[k].passes, &asked, &usual);
        assert_memory_equal(&plain, &asked, sizeof plain);
        assert_true(none.windows == usual.windows && none.passes == usual.passes &&
            none.doubts == usual.doubts);
        if (list[k].passes) {
            assert_int_equal(none.passes, list[k].passes * none.windows);
            assert_true(none.windows > 1);
            assert_int_equal(att_settings_set(h.c, s, "mirror", "no"), ATT_OK);
            answer_with(&h, &image, s, true, &asked, &usual);
            assert_memory_not_equal(
                plain.probabilities, asked.probabilities, sizeof plain.probabilities);
        }
        att_settings_destroy(s);
        image_free(&x);
        end(&h, model);
    }
}

/* A flat model, an image for it, and settings. */
struct flat {
    struct heard h;
    struct image x;
    att_image image;
    att_model *model;
    att_settings *s;
};

static void begin_flat(struct flat *f, const char *spec, int height, int width)
{
    f->x = make_image(1, 1, height, width);
    fill_image(&f->x, 5, 3);
    save_net(spec, "flat", unknown);
    begin(&f->h, "flat", &f->model);
    f->image = (att_image){sizeof f->image, f->x.data, 1, {1, height, width}, {0, 0, 0}, NULL};
    assert_int_equal(att_settings_create(f->h.c, "predict", &f->s), ATT_OK);
}

static void end_flat(struct flat *f)
{
    att_settings_destroy(f->s);
    image_free(&f->x);
    end(&f->h, f->model);
}

static void set_flat(struct flat *f, const char *name, const char *value)
{
    assert_int_equal(att_settings_set(f->h.c, f->s, name, value), ATT_OK);
}

static att_status predict_flat(struct flat *f, uint16_t *labels)
{
    return att_model_predict_image(f->h.c, f->model, &f->image, f->s, labels, NULL);
}

static void settings_of_files(void **state)
{
    (void)state;
    static struct flat f;
    static const char *const list[][2] = {{"dry_run", NULL}, {"voxel_size", "3x3x3"},
        {"attention", NULL}, {"probabilities", NULL}, {"overlay", NULL}};
    static uint16_t labels[VOXELS];
    begin_flat(&f, "arch=unet dims=2 in=1 classes=2 widths=4,4", H, W);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        set_flat(&f, list[i][0], list[i][1]);
        assert_int_equal(predict_flat(&f, labels), ATT_USAGE);
        assert_non_null(
            strstr(att_context_error(f.h.c), "is for predictions into files; leave it out"));
        set_flat(&f, list[i][0], i == 1 ? "none" : "no"); /* asks for nothing */
        assert_int_equal(predict_flat(&f, labels), ATT_OK);
    }
    end_flat(&f);
}

/* From within: a callback may stop its call, and nothing else. */
static void callbacks_call_again(void **state)
{
    (void)state;
    static struct flat f;
    static uint16_t labels[VOXELS];
    begin_flat(&f, "arch=unet dims=2 in=1 classes=2 widths=4,4", H, W);
    set_flat(&f, "window", "16x16");
    assert_int_equal(predict_flat(&f, labels), ATT_OK);
    assert_true(f.h.refused > 1);
    assert_string_equal(att_context_error(f.h.c), "");
    f.h.stop_at = 2;
    assert_int_equal(predict_flat(&f, labels), ATT_INTERRUPTED);
    assert_non_null(strstr(att_context_error(f.h.c), "stopped after 2 of "));
    f.h.stop_at = f.h.total;
    assert_int_equal(predict_flat(&f, labels), ATT_INTERRUPTED);
    assert_string_equal(att_context_error(f.h.c), "stopped during the last pass");
    f.h.stop_at = 0;
    att_context_stop(f.h.c);
    att_context_clear_stop(f.h.c);
    assert_int_equal(predict_flat(&f, labels), ATT_OK);
    end_flat(&f);
}

static void *stop_soon(void *user)
{
    struct heard *h = user;
    usleep(h->delay);
    att_context_stop(h->c);
    return NULL;
}

/* A prediction of one pass ends, too, and the next one goes on. */
static void stop_in_the_last_pass(void **state)
{
    (void)state;
    enum { SIDE = 768 };
    static struct flat f;
    static uint16_t labels[SIDE * SIDE];
    pthread_t thread;
    begin_flat(&f, "arch=unet dims=2 in=1 classes=2 widths=16,16", SIDE, SIDE);
    set_flat(&f, "window", "768x768");
    f.h.delay = 1000;
    for (int tries = 0; tries < 1000; tries++) { /* until the stop comes within the pass */
        att_context_clear_stop(f.h.c);
        assert_int_equal(pthread_create(&thread, NULL, stop_soon, &f.h), 0);
        att_status status = predict_flat(&f, labels);
        pthread_join(thread, NULL);
        assert_true(status == ATT_OK || status == ATT_INTERRUPTED);
        if (strstr(att_context_error(f.h.c), "during the last pass")) break;
        f.h.delay = status == ATT_OK ? f.h.delay / 2 + 500 : f.h.delay / 2 * 3; /* late or early */
    }
    assert_string_equal(att_context_error(f.h.c), "stopped during the last pass");
    att_context_clear_stop(f.h.c);
    assert_int_equal(predict_flat(&f, labels), ATT_OK);
    end_flat(&f);
}

static void roundings_of_the_caller(void **state)
{
    (void)state;
    static struct flat f;
    static float nearest[2 * VOXELS], upward[2 * VOXELS];
    static uint16_t labels[VOXELS];
    begin_flat(&f, "arch=unet dims=2 in=1 classes=2 widths=4,4", H, W);
    const int *size = f.image.size;
    assert_int_equal(att_model_predict(f.h.c, f.model, f.x.data, 1, size, labels, nearest), ATT_OK);
    assert_int_equal(fesetround(FE_UPWARD), 0);
    att_status status = att_model_predict(f.h.c, f.model, f.x.data, 1, size, labels, upward);
    int mode = fegetround();
    fesetround(FE_TONEAREST);
    assert_int_equal(status, ATT_OK);
    assert_int_equal(mode, FE_UPWARD);
    assert_memory_equal(nearest, upward, sizeof nearest);
    end_flat(&f);
}

/* One measurement serves all images of a model, and no other setting takes its answer. */
static void precision_is_measured_once(void **state)
{
    (void)state;
    static struct flat f;
    static uint16_t labels[VOXELS];
    begin_flat(&f, "arch=unet dims=2 in=1 classes=2 widths=16,16", H, W);
    for (int i = 0; i < 6; i++) {
        static const char *const asked[] = {"f32", "auto", "auto", "bf16", "auto", "auto"};
        const int before = f.h.choices;
        set_flat(&f, "precision", asked[i]);
        assert_int_equal(predict_flat(&f, labels), ATT_OK);
        if (i == 1) assert_int_equal(f.h.choices, cpu_matrix());
        if (i != 1 && i != 4) assert_int_equal(f.h.choices, before);
    }
    end_flat(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_of_every_gate),
        cmocka_unit_test(doubts),
        cmocka_unit_test(images_of_files),
        cmocka_unit_test(volumes_along_other_axes),
        cmocka_unit_test(no_settings_are_the_defaults),
        cmocka_unit_test(settings_of_files),
        cmocka_unit_test(callbacks_call_again),
        cmocka_unit_test(stop_in_the_last_pass),
        cmocka_unit_test(roundings_of_the_caller),
        cmocka_unit_test(precision_is_measured_once),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
