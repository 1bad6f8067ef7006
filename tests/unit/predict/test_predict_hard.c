/* SPDX-License-Identifier: Apache-2.0 */
/* A hard model's labels are its fine network's in the chosen tiles and its coarse network's
 * elsewhere, on whatever grid they are made. */
#include "predict/predict_hard.h"

#include <math.h>

#include "unit/predict/predict_test.h"

#define WORDS " dims=2 in=1 classes=3 scale=2 tile=8 halo=4 coarse=3,5 fine=4,6 policy=5 gate=none"
enum { H = 37, W = 30, TILES = 5 * 4 };

/* Random networks, and a policy whose scores go their own ways: with small weights they would not
 * differ. */
static void make_hard(
    struct model *m, const char *text, struct preparation prep, struct labelling labels)
{
    make_seeded(m, text, prep, labels, 11);
    int weight = params_find(&m->params, "policy.out.weight");
    real *x = params_at(&m->params, weight);
    for (size_t i = 0; i < m->params.list[weight].size; i++) x[i] *= 3;
}

/* The policy says these numbers of every tile. */
static void say(struct model *m, double score, double stop)
{
    int weight = params_find(&m->params, "policy.out.weight");
    memset(params_at(&m->params, weight), 0, m->params.list[weight].size * sizeof(real));
    put_number(m, "policy.out.bias", POLICY_SCORE, score);
    put_number(m, "policy.out.bias", POLICY_STOP, stop);
}

static struct image field(void)
{
    struct image x = make_image(1, 1, H, W);
    fill_image(&x, 5, 21);
    return x;
}

static int largest(const float *x, size_t stride, int classes)
{
    int best = 0;
    for (int c = 1; c < classes; c++)
        if (x[(size_t)c * stride] > x[(size_t)best * stride]) best = c;
    return best;
}

/* Merged by hand, tile by tile, each from its cluster's window. */
static void check_labels(const struct model *m, const struct image *x, const struct prediction *out)
{
    struct hard_runner *l;
    struct look look = {.dims = 0};
    struct clusters c;
    int item[TILES], of[TILES];
    OK(hard_runner_create(m, best_kernels(), NULL, NULL, &l, &e));
    OK(look_coarse(l, x, &look, &e));
    for (int i = 0; i < TILES; i++) of[i] = -1;
    for (int i = 0; i < out->tiles->count; i++) item[i] = out->tiles->list[i].tile;
    OK(look_clusters(&look, item, out->tiles->count, &c, &e));
    for (int k = 0; k < c.count; k++)
        for (int i = c.begin[k]; i < c.begin[k + 1]; i++) {
            assert_int_equal(of[c.tile[i]], -1);
            of[c.tile[i]] = k;
        }
    for (int i = 0; i < out->tiles->count; i++) assert_true(of[item[i]] >= 0);
    assert_int_equal(out->windows, c.count);
    for (int tile = 0; tile < TILES; tile++) {
        struct box b;
        float logits[3 * 64];
        tiling_part(&look.tiling, tile, b.from, b.size);
        if (of[tile] >= 0) {
            OK(look_cluster(l, x, &look, &c.list[of[tile]], &e));
            look_cluster_tile(l, &look, tile, logits);
        } else {
            look_coarse_tile(&look, tile, logits);
        }
        for (size_t i = 0; i < box_voxels(&b); i++) {
            int class = largest(logits + i, box_voxels(&b), 3);
            assert_int_equal(out->classes[box_voxel(&b, x->size, i)], class);
            assert_int_equal(out->labels.data[box_voxel(&b, x->size, i)], 10 * class);
        }
    }
    clusters_free(&c);
    look_free(&look);
    hard_runner_free(l);
}

/* Fewer voxels go through the fine network than with a window for each, and some labels are others:
 * tiles see more of what is around. */
static void tiles_share_windows(void **state)
{
    (void)state;
    struct model m, alone;
    struct prediction one, two, wide, single;
    struct image x = field();
    struct pool *pool = pool_create(3);
    make_hard(
        &m, "arch=hard tiles=12 cluster=3" WORDS, plain_preparation(1, 1, 8, 8), plain_labels(3));
    make_hard(&alone, "arch=hard tiles=12" WORDS, plain_preparation(1, 1, 8, 8), plain_labels(3));
    predict_with(&m, (struct predict_options){.overlap = .5}, NULL, &x, &one);
    predict_with(&m, (struct predict_options){.overlap = .5}, pool, &x, &two);
    predict_with(
        &m, (struct predict_options){.overlap = .5, .probabilities = true}, pool, &x, &wide);
    predict_with(&alone, (struct predict_options){.overlap = .5}, NULL, &x, &single);
    check_labels(&m, &x, &one);
    assert_memory_equal(one.classes, two.classes, H * W);
    assert_memory_equal(one.classes, wide.classes, H * W);
    assert_true(one.windows < 12 && one.passes == one.windows && single.windows == 12);
    assert_true(one.tiles->macs < single.tiles->macs && one.tiles->macs == two.tiles->macs &&
        one.tiles->dense == single.tiles->dense);
    for (int i = 0; i < 12; i++)
        assert_int_equal(one.tiles->list[i].tile, single.tiles->list[i].tile);
    assert_memory_not_equal(one.classes, single.classes, H * W);
    prediction_free(&one);
    prediction_free(&two);
    prediction_free(&wide);
    prediction_free(&single);
    pool_destroy(pool);
    image_free(&x);
    model_free(&m);
    model_free(&alone);
}

/* As many tiles as a share of the multiply-adds has room for, and what that many tiles give. */
static void a_share_is_kept(void **state)
{
    (void)state;
    static const char *const specs[] = {"arch=hard tiles=2 cluster=3" WORDS,
        "arch=hard tiles=0" WORDS, "arch=glimpse tiles=2" WORDS};
    static const double shares[] = {.3, .6, 1, 1.7, 50};
    struct image x = field();
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++) {
        struct model m;
        make_hard(&m, specs[k], plain_preparation(1, 1, 8, 8), plain_labels(3));
        for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
            struct prediction out, same, more;
            struct predict_options o = {.overlap = .5, .share = shares[i]};
            predict_with(&m, o, NULL, &x, &out);
            const int count = out.tiles->count;
            assert_true(out.tiles->macs <= shares[i] * out.tiles->dense);
            assert_true(shares[i] < 50 ? count < TILES : count == TILES);
            predict_with(&m,
                (struct predict_options){.overlap = .5, .has_tiles = true, .tiles = count}, NULL,
                &x, &same);
            assert_memory_equal(out.classes, same.classes, H * W);
            assert_true(out.tiles->macs == same.tiles->macs ||
                count == 0); /* without tiles the policy is not asked */
            if (count < TILES) {
                predict_with(&m,
                    (struct predict_options){.overlap = .5, .has_tiles = true, .tiles = count + 1},
                    NULL, &x, &more);
                assert_true(more.tiles->macs > shares[i] * more.tiles->dense);
                prediction_free(&more);
            }
            prediction_free(&same);
            prediction_free(&out);
        }
        model_free(&m);
    }
    image_free(&x);
}

/* What is brought to the voxels of training is looked at there, as by a model that brings all
 * images there. */
static void strays_are_looked_at_where_they_go(void **state)
{
    (void)state;
    struct model m, all;
    struct prediction one, two;
    struct image x = field();
    struct preparation strays = plain_preparation(1, 1, 8, 8), every = strays;
    strays.trained[1] = strays.trained[2] = every.spacing[1] = every.spacing[2] = 1;
    x.geometry.valid = true;
    x.geometry.spacing[1] = x.geometry.spacing[2] = 2;
    x.data[0] = x.data[H * W - 1] = 1; /* nothing can be cut off */
    make_hard(&m, "arch=hard tiles=6" WORDS, strays, plain_labels(3));
    make_hard(&all, "arch=hard tiles=6" WORDS, every, plain_labels(3));
    predict_with(&m, (struct predict_options){.overlap = .5}, NULL, &x, &one);
    predict_with(&all, (struct predict_options){.overlap = .5}, NULL, &x, &two);
    assert_int_equal(one.spacing, SPACING_RESAMPLED);
    assert_int_equal(two.spacing, SPACING_FITS);
    assert_true(one.tiles->tiling.size[1] == 2 * H && one.tiles->tiling.size[2] == 2 * W &&
        one.tiles->count == 6);
    assert_memory_equal(one.labels.size, x.size, sizeof x.size);
    assert_memory_equal(one.labels.data, two.labels.data, H * W * sizeof *one.labels.data);
    for (int i = 0; i < 6; i++)
        assert_memory_equal(&one.tiles->list[i].box, &two.tiles->list[i].box, sizeof(struct box));
    prediction_free(&one);
    prediction_free(&two);
    image_free(&x);
    model_free(&m);
    model_free(&all);
}

static void labels_are_merged_tile_by_tile(void **state)
{
    (void)state;
    struct model m;
    struct prediction one, two, wide;
    struct image x = field();
    struct pool *pool = pool_create(3);
    make_hard(&m, "arch=hard tiles=6" WORDS, plain_preparation(1, 1, 8, 8), plain_labels(3));
    predict_with(&m, (struct predict_options){.overlap = .5}, NULL, &x, &one);
    assert_true(one.tiles->count == 6 && one.windows == 6 && one.passes == 6);
    check_labels(&m, &x, &one);
    for (int i = 1; i < 6; i++)
        assert_true(one.tiles->list[i - 1].score >= one.tiles->list[i].score);
    assert_true(one.tiles->list[0].score > one.tiles->list[5].score);
    predict_with(&m, (struct predict_options){.overlap = .5}, pool, &x, &two);
    predict_with(
        &m, (struct predict_options){.overlap = .5, .probabilities = true}, pool, &x, &wide);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(two.tiles->list[i].tile, one.tiles->list[i].tile);
        assert_int_equal(wide.tiles->list[i].tile, one.tiles->list[i].tile);
    }
    assert_memory_equal(one.classes, two.classes, H * W);
    assert_memory_equal(one.classes, wide.classes, H * W);
    assert_memory_equal(one.voxels, two.voxels, sizeof one.voxels);
    assert_memory_equal(one.voxels, wide.voxels, sizeof one.voxels);
    assert_true(one.voxels[0] + one.voxels[1] + one.voxels[2] == H * W && one.voxels[1] > 0);
    for (int i = 0; i < H * W; i++)
        assert_int_equal(largest(wide.probability + i, H * W, 3), one.classes[i]);
    assert_true(one.tiles->macs == two.tiles->macs && one.tiles->macs == wide.tiles->macs);
    prediction_free(&two); /* a tile costs its window's share of a dense prediction */
    predict_with(&m, (struct predict_options){.has_tiles = true, .tiles = 2}, NULL, &x, &two);
    assert_true(fabs(one.tiles->macs - two.tiles->macs - 4 * 256. / (H * W) * one.tiles->dense) <
        1e-9 * one.tiles->dense);
    prediction_free(&one);
    prediction_free(&two);
    prediction_free(&wide);
    pool_destroy(pool);
    image_free(&x);
    model_free(&m);
}

static int count_tiles(const struct model *m, const struct image *x, struct predict_options o)
{
    struct prediction out;
    predict_with(m, o, NULL, x, &out);
    check_labels(m, x, &out);
    int count = out.tiles->count;
    prediction_free(&out);
    return count;
}

/* As many as it was trained with, as are asked for, as the stop token lets, or as are worth their
 * cost. */
static void how_many_tiles(void **state)
{
    (void)state;
    struct model m;
    struct image x = field();
    struct predict_options none = {.has_tiles = true}, some = {.has_tiles = true, .tiles = 3},
                           many = {.has_tiles = true, .tiles = 99};
    make_hard(&m, "arch=hard tiles=0" WORDS, plain_preparation(1, 1, 8, 8), plain_labels(3));
    int stopped = count_tiles(&m, &x, (struct predict_options){.overlap = .5});
    assert_in_range(stopped, 0, TILES);
    assert_int_equal(count_tiles(&m, &x, none), 0);
    assert_int_equal(count_tiles(&m, &x, some), 3);
    assert_int_equal(count_tiles(&m, &x, many), TILES);
    int cheap = count_tiles(&m, &x, (struct predict_options){.has_cost = true, .cost = .5});
    int dear = count_tiles(&m, &x, (struct predict_options){.has_cost = true, .cost = 1.2});
    assert_true(cheap > dear && dear > 0);
    assert_int_equal(
        count_tiles(&m, &x,
            (struct predict_options){.has_cost = true, .cost = .5, .has_tiles = true, .tiles = 2}),
        2);
    m.temperature = 1e6; /* all tiles are worth the same */
    assert_int_equal(
        count_tiles(&m, &x, (struct predict_options){.has_cost = true, .cost = .999}), TILES);
    assert_int_equal(
        count_tiles(&m, &x, (struct predict_options){.has_cost = true, .cost = 1.001}), 0);
    m.temperature = 1e-6; /* the best has all there is */
    assert_int_equal(
        count_tiles(&m, &x, (struct predict_options){.has_cost = true, .cost = .001}), 1);
    m.temperature = 0;
    say(&m, 1, .75);
    assert_int_equal(count_tiles(&m, &x, (struct predict_options){.overlap = .5}), TILES);
    assert_int_equal(
        count_tiles(&m, &x, (struct predict_options){.has_cost = true, .cost = 1}), TILES);
    assert_int_equal(
        count_tiles(&m, &x, (struct predict_options){.has_cost = true, .cost = 1.001}), 0);
    say(&m, 1, 1.25);
    assert_int_equal(count_tiles(&m, &x, (struct predict_options){.overlap = .5}), 0);
    assert_int_equal(count_tiles(&m, &x, (struct predict_options){.has_cost = true, .cost = 1}),
        TILES); /* without the stop token */
    model_free(&m);
    make_hard(&m, "arch=hard tiles=99" WORDS, plain_preparation(1, 1, 8, 8), plain_labels(3));
    assert_int_equal(count_tiles(&m, &x, (struct predict_options){.overlap = .5}), TILES);
    model_free(&m);
    image_free(&x);
}

/* One after the other: every choice knows what the tiles before it have shown. */
static void glimpses_follow_each_other(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct hard_runner *l;
    struct look look = {.dims = 0};
    struct image x = field();
    double score[TILES], stop, value;
    make_hard(&m, "arch=glimpse tiles=5" WORDS, plain_preparation(1, 1, 8, 8), plain_labels(3));
    predict_with(&m, (struct predict_options){.overlap = .5}, NULL, &x, &out);
    assert_int_equal(out.tiles->count, 5);
    check_labels(&m, &x, &out);
    OK(hard_runner_create(&m, best_kernels(), NULL, NULL, &l, &e));
    OK(look_coarse(l, &x, &look, &e));
    bool seen[TILES] = {false};
    for (int step = 0; step < 5; step++) {
        float logits[3 * 64];
        int best = -1;
        OK(look_scores(l, &look, score, &stop, &value, &e));
        for (int i = 0; i < TILES; i++)
            if (!seen[i] && (best < 0 || score[i] > score[best])) best = i;
        assert_int_equal(out.tiles->list[step].tile, best);
        assert_true(out.tiles->list[step].score == score[best]);
        seen[best] = true;
        OK(look_tile(l, &x, &look, best, logits, &e));
        look_seen(&look, best, logits);
    }
    look_free(&look);
    hard_runner_free(l);
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

/* Of a cropped image on a coarser grid: labels come back to the image, and so do the tiles' boxes.
 */
static void on_another_grid(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct preparation prep = plain_preparation(1, 1, 8, 8);
    struct image x = make_image(1, 1, 50, 44);
    prep.nonzero = true;
    prep.shrink[0] = 1;
    prep.shrink[1] = prep.shrink[2] = 2;
    fill_image(&x, 5, 22);
    for (int i = 0; i < 50 * 44; i++)
        x.data[i] =
            i / 44 < 11 || i % 44 < 4 ? 0 : x.data[i] + 1; /* a box of 39x40 is left: 20x20 */
    make_hard(&m, "arch=hard tiles=9" WORDS, prep, plain_labels(3));
    predict_with(&m, (struct predict_options){.overlap = .5}, NULL, &x, &out);
    assert_true(out.tiles->tiling.count == 9 && out.tiles->count == 9 &&
        out.tiles->tiling.size[1] == 20 && out.labels.size[1] == 50);
    for (int i = 0; i < 50 * 44; i++)
        if (i / 44 < 11 || i % 44 < 4) assert_int_equal(out.classes[i], 0);
    for (int i = 0; i < 9; i++) {
        const struct chosen_tile *t = &out.tiles->list[i];
        int h = t->tile / 3, w = t->tile % 3;
        assert_memory_equal(t->box.from, ((int[]){0, 11 + 16 * h, 4 + 16 * w}), sizeof t->box.from);
        assert_memory_equal(
            t->box.size, ((int[]){1, h < 2 ? 16 : 7, w < 2 ? 16 : 8}), sizeof t->box.size);
    }
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

/* Regions are decided one by one, and counted whole. */
static void regions_in_tiles(void **state)
{
    (void)state;
    struct model m;
    struct prediction one, wide;
    struct labelling l = plain_labels(3);
    struct image x = field();
    struct pool *pool = pool_create(2);
    l.regions = 2;
    for (int k = 0; k < 2; k++) {
        l.region[k] = class_set_bits(k ? 4 : 6);
        l.region_value[k] = k ? 20 : 10;
        snprintf(l.region_name[k], LABELLING_NAME, "r%d", k);
    }
    make_hard(&m,
        "arch=hard tiles=6 dims=2 in=1 classes=2 scale=2 tile=8 halo=4 coarse=3,5 fine=4,6 "
        "policy=5 gate=none",
        plain_preparation(1, 1, 8, 8), l);
    predict_with(&m, (struct predict_options){.overlap = .5}, pool, &x, &one);
    predict_with(
        &m, (struct predict_options){.overlap = .5, .probabilities = true}, NULL, &x, &wide);
    assert_memory_equal(one.labels.data, wide.labels.data, H * W * sizeof *one.labels.data);
    assert_memory_equal(one.voxels, wide.voxels, sizeof one.voxels);
    assert_true(one.voxels[0] > 0 && one.voxels[0] < H * W);
    prediction_free(&one);
    prediction_free(&wide);
    pool_destroy(pool);
    image_free(&x);
    model_free(&m);
}

/* A program with an image in memory gets the same. */
static void from_c(void **state)
{
    (void)state;
    struct model m;
    struct prediction wanted, few;
    struct image x = field();
    att_context *c;
    att_model *model;
    att_settings *s;
    uint16_t labels[H * W];
    float probabilities[3 * H * W];
    const att_image image = {sizeof image, x.data, 1, {1, H, W}, {0, 0, 0}, NULL};
    make_hard(&m, "arch=hard tiles=6" WORDS, plain_preparation(1, 1, 8, 8), plain_labels(3));
    OK(model_save(&m, "hard.safetensors", &e));
    predict_with(&m, (struct predict_options){.probabilities = true}, NULL, &x, &wanted);
    predict_with(&m, (struct predict_options){.has_tiles = true, .tiles = 1}, NULL, &x, &few);
    assert_int_equal(att_context_create(2, NULL, NULL, &c), ATT_OK);
    assert_int_equal(att_model_load(c, "hard.safetensors", &model), ATT_OK);
    assert_int_equal(
        att_model_predict(c, model, x.data, 1, image.size, labels, probabilities), ATT_OK);
    assert_memory_equal(labels, wanted.labels.data, sizeof labels);
    assert_memory_equal(probabilities, wanted.probability, sizeof probabilities);
    assert_int_equal(att_settings_create(c, "predict", &s), ATT_OK);
    assert_int_equal(att_settings_set(c, s, "tiles", "1"), ATT_OK);
    assert_int_equal(att_model_predict_image(c, model, &image, s, labels, NULL), ATT_OK);
    assert_memory_equal(labels, few.labels.data, sizeof labels);
    assert_memory_not_equal(labels, wanted.labels.data, sizeof labels);
    att_settings_destroy(s);
    /* What is refused is refused whatever the call before has kept. */
    assert_int_equal(att_model_predict(c, model, x.data, 1, image.size, labels, NULL), ATT_OK);
    assert_int_equal(att_settings_create(c, "predict", &s), ATT_OK);
    assert_int_equal(att_settings_set(c, s, "overlap", "0.5"), ATT_OK);
    assert_int_equal(att_model_predict_image(c, model, &image, s, labels, NULL), ATT_USAGE);
    assert_non_null(strstr(att_context_error(c), "leave out `overlap`"));
    att_settings_destroy(s);
    att_model_free(model);
    att_context_destroy(c);
    prediction_free(&wanted);
    prediction_free(&few);
    image_free(&x);
    model_free(&m);
}

static void stop_with_the_last(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct host *host = user;
    (void)what;
    (void)detail;
    if (done == total) atomic_store(&host->stop, true);
}

/* A stop is of the prediction in which it comes, its last tile included. */
static void stopped_with_the_last_tile(void **state)
{
    (void)state;
    struct model m;
    struct predictor *p;
    struct prediction out;
    struct image x = field();
    struct host host = {.log = {.progress = stop_with_the_last, .user = &host}};
    make_hard(&m, "arch=hard tiles=4" WORDS, plain_preparation(1, 1, 8, 8), plain_labels(3));
    OK(predictor_create(&m, best_kernels(), NULL,
        &(struct predict_options){.overlap = .5, .progress = true}, &p, &e));
    REFUSED(predict_image(p, &x, &out, &host, &e), ATT_INTERRUPTED, "stopped after 4 tiles");
    predictor_free(p);
    image_free(&x);
    model_free(&m);
}

static void what_does_not_go_together(void **state)
{
    (void)state;
    struct model m;
    struct predictor *p;
    struct prediction out;
    struct image x = field();
    static const struct {
        struct predict_options o;
        const char *sentence;
    } list[] = {
        {{.mirror = {false, true, true}},
            "a model of hard attention computes every tile once; leave out `mirror`"},
        {{.attention = true}, "leave out `attention`"},
        {{.window = {1, 8, 8}}, "leave out `window`"},
        {{.has_tiles = true, .tiles = -1}, "-1 tiles cannot be computed; give 0 or more"},
        {{.has_cost = true, .cost = -1}, "a cost of -1 is below 0"},
        {{.has_cost = true, .cost = NAN}, "is below 0"},
    };
    make_hard(&m, "arch=hard tiles=4" WORDS, plain_preparation(1, 1, 8, 8), plain_labels(3));
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        REFUSED(predictor_create(&m, best_kernels(), NULL, &list[i].o, &p, &e), ATT_USAGE,
            list[i].sentence);
    struct host host = {.stop = true};
    OK(predictor_create(
        &m, best_kernels(), NULL, &(struct predict_options){.overlap = .5}, &p, &e));
    REFUSED(predict_image(p, &x, &out, &host, &e), ATT_INTERRUPTED, "stopped after 0 tiles");
    put_number(&m, "policy.out.bias", POLICY_SCORE, (double)INFINITY);
    REFUSED(predict_image(p, &x, &out, NULL, &e), ATT_MODEL,
        "the policy gave a score that is not finite");
    put_number(&m, "policy.out.bias", POLICY_SCORE, 0);
    put_number(&m, "policy.out.bias", POLICY_STOP, (double)NAN);
    REFUSED(predict_image(p, &x, &out, NULL, &e), ATT_MODEL,
        "the policy gave a score that is not finite");
    predictor_free(p);
    image_free(&x);
    model_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_merged_tile_by_tile),
        cmocka_unit_test(tiles_share_windows),
        cmocka_unit_test(a_share_is_kept),
        cmocka_unit_test(strays_are_looked_at_where_they_go),
        cmocka_unit_test(how_many_tiles),
        cmocka_unit_test(glimpses_follow_each_other),
        cmocka_unit_test(on_another_grid),
        cmocka_unit_test(regions_in_tiles),
        cmocka_unit_test(from_c),
        cmocka_unit_test(stopped_with_the_last_tile),
        cmocka_unit_test(what_does_not_go_together),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
