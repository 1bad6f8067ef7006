/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of tiles: labels that the networks themselves gave are right everywhere, whichever way
 * they were counted. */
#include "predict/look_count.h"

#include "unit/predict/predict_test.h"

#define SPEC                                                                                       \
    "arch=hard dims=2 in=1 classes=3 scale=4 tile=16 halo=8 tiles=3 coarse=4,6 fine=5,6 policy=7 " \
    "gate=none"
enum { H = 45, W = 38, CLASSES = 2, TILES = 9 };

static struct model model;
static struct hard_runner *runner;
static struct look look;
static struct look_count count;
static struct host talk;
static struct image image;

static int look_at_noise(void **state)
{
    if (make_scratch(state)) return -1;
    struct rng r = rng_stream(3, RNG_TEST, 0, 0);
    make_model(&model, SPEC, plain_preparation(1, 1, 32, 32), plain_labels(3));
    image = make_image(1, 1, H, W);
    for (int i = 0; i < H * W; i++) image.data[i] = (float)rng_range(&r, -1, 1);
    OK(hard_runner_create(&model, best_kernels(), NULL, NULL, &runner, &e));
    OK(look_coarse(runner, &image, &look, &e));
    OK(look_count_create(&count, &model, runner, &talk, &e));
    assert_int_equal(look.tiling.count, TILES);
    return 0;
}

static int drop(void **state)
{
    look_count_free(&count);
    look_free(&look);
    hard_runner_free(runner);
    image_free(&image);
    model_free(&model);
    return remove_scratch(state);
}

/* The classes of the largest logits, tile by tile. */
static void labels_of(bool fine, uint8_t *classes)
{
    static float logits[3 * 256];
    for (int t = 0; t < TILES; t++) {
        int first[3], extent[3];
        tiling_part(&look.tiling, t, first, extent);
        int n = extent[1] * extent[2];
        if (fine)
            OK(look_tile(runner, &image, &look, t, logits, &e));
        else
            look_coarse_tile(&look, t, logits);
        for (int i = 0; i < n; i++) {
            int best = logits[n + i] > logits[i];
            if (logits[2 * n + i] > logits[best * n + i]) best = 2;
            classes[(first[1] + i / extent[2]) * W + first[2] + i % extent[2]] = (uint8_t)best;
        }
    }
}

static void count_all(const uint8_t *truth, bool fine, struct tile_sums *s)
{
    OK(tile_sums_create(s, TILES, CLASSES, &e));
    for (int t = 0; t < TILES; t++)
        OK(look_count_tile(&count, &image, truth, &look, t, fine, s, &e));
    tile_sums_total(s);
}

static const int all[TILES] = {0, 1, 2, 3, 4, 5, 6, 7, 8};

static void labels_of_the_fine_network_are_right(void **state)
{
    (void)state;
    static uint8_t truth[H * W];
    struct tile_sums s;
    labels_of(true, truth);
    count_all(truth, true, &s);
    assert_true(tile_sums_dice(&s, all, TILES, NULL) == 1);
    assert_true(tile_sums_dice(&s, NULL, 0, NULL) < 1);
    tile_sums_free(&s);
}

static void labels_of_the_coarse_network_are_right(void **state)
{
    (void)state;
    static uint8_t truth[H * W];
    struct tile_sums s;
    labels_of(false, truth);
    count_all(truth, true, &s);
    assert_true(tile_sums_dice(&s, NULL, 0, NULL) == 1);
    assert_true(tile_sums_dice(&s, all, TILES, NULL) < 1);
    tile_sums_free(&s);
}

/* Fine labels that come later give the same sums as those that were there from the first; ignored
 * voxels do not count. */
static void fine_labels_may_come_later(void **state)
{
    (void)state;
    static uint8_t truth[H * W];
    struct tile_sums s, later;
    double wanted = 0, found = 0;
    for (int i = 0; i < H * W; i++) {
        truth[i] = (uint8_t)(i % 7 == 0 ? LABELLING_IGNORE : i / 5 % 3);
        wanted += truth[i] == 1;
    }
    count_all(truth, true, &s);
    count_all(truth, false, &later);
    assert_memory_equal(s.coarse, later.coarse, TILES * CLASSES * 2 * sizeof *s.coarse);
    assert_memory_equal(later.coarse, later.fine, TILES * CLASSES * 2 * sizeof *s.fine);
    OK(look_count_shared(
        &count, &image, truth, &look, (const int[]){8, 2, 4}, 3, NULL, &later, &e));
    OK(look_count_fine(&count, &image, truth, &look, 6, &later, &e));
    OK(look_count_fine(&count, &image, truth, &look, 0, &later, &e));
    for (int t = 0; t < TILES; t++)
        for (int i = 4 * t; i < 4 * t + 4; i++)
            assert_true(later.coarse[i] == s.coarse[i] &&
                later.fine[i] == (t % 2 == 0 ? s.fine : s.coarse)[i]);
    assert_memory_equal(s.truth, later.truth, TILES * CLASSES * sizeof *s.truth);
    for (int t = 0; t < TILES; t++) found += s.truth[CLASSES * t];
    assert_true(found == wanted);
    tile_sums_free(&s);
    tile_sums_free(&later);
}

/* All tiles at once, each in a window of its own as this model has it; counted before or not. */
static void all_tiles_are_counted(void **state)
{
    (void)state;
    static uint8_t truth[H * W], fine[H * W], wanted[H * W];
    struct tile_sums s, every;
    for (int i = 0; i < H * W; i++) truth[i] = (uint8_t)(i / 5 % 3);
    count_all(truth, true, &s);
    count_all(truth, false, &every);
    OK(look_count_all(&count, &image, truth, &look, fine, &every, &e));
    assert_memory_equal(s.coarse, every.coarse, TILES * CLASSES * 2 * sizeof *s.coarse);
    assert_memory_equal(s.fine, every.fine, TILES * CLASSES * 2 * sizeof *s.fine);
    assert_memory_equal(s.truth, every.truth, TILES * CLASSES * sizeof *s.truth);
    labels_of(true, wanted);
    assert_memory_equal(fine, wanted, sizeof fine);
    tile_sums_free(&s);
    tile_sums_free(&every);
}

/* All tiles of a large image can take longer than schedulers wait. What no network is run for goes
 * on. */
static void a_stop_is_heard_between_two_windows(void **state)
{
    (void)state;
    static const uint8_t truth[H * W];
    struct tile_sums s;
    OK(tile_sums_create(&s, TILES, CLASSES, &e));
    atomic_store(&talk.stop, 1);
    OK(look_count_tile(&count, &image, truth, &look, 0, false, &s, &e));
    REFUSED(look_count_tile(&count, &image, truth, &look, 0, true, &s, &e), ATT_INTERRUPTED,
        "stopped while computing tiles");
    REFUSED(look_count_all(&count, &image, truth, &look, NULL, &s, &e), ATT_INTERRUPTED,
        "stopped while computing tiles");
    atomic_store(&talk.stop, 0);
    tile_sums_free(&s);
}

/* Fine labels that were kept count as they did when the network had just given them. */
static void fine_labels_may_be_known(void **state)
{
    (void)state;
    static uint8_t truth[H * W], fine[H * W], wanted[H * W];
    struct tile_sums s, known;
    for (int i = 0; i < H * W; i++) truth[i] = (uint8_t)(i % 7 == 0 ? LABELLING_IGNORE : i / 5 % 3);
    OK(tile_sums_create(&s, TILES, CLASSES, &e));
    OK(tile_sums_create(&known, TILES, CLASSES, &e));
    for (int t = 0; t < TILES; t++) {
        OK(look_count_tile(&count, &image, truth, &look, t, true, &s, &e));
        look_count_put(&count, &look, t, fine);
    }
    labels_of(true, wanted);
    assert_memory_equal(fine, wanted, sizeof fine);
    for (int t = 0; t < TILES; t++) look_count_labelled(&count, truth, fine, &look, t, &known);
    assert_memory_equal(s.coarse, known.coarse, TILES * CLASSES * 2 * sizeof *s.coarse);
    assert_memory_equal(s.fine, known.fine, TILES * CLASSES * 2 * sizeof *s.fine);
    assert_memory_equal(s.truth, known.truth, TILES * CLASSES * sizeof *s.truth);
    tile_sums_free(&s);
    tile_sums_free(&known);
}

/* Of regions, in the order in which they are written: the last of those above 1/2 gives the label,
 * which then counts for all that hold it.
 */
static void regions_count_by_their_labels(void **state)
{
    (void)state;
    struct model m;
    struct hard_runner *l;
    struct look seen = {.dims = 0};
    struct look_count c;
    struct tile_sums s;
    struct labelling labels = plain_labels(3);
    static uint8_t truth[H * W];
    labels.regions = 2;
    for (int k = 0; k < 2; k++) {
        labels.region[k] = class_set_bits(k ? 4 : 6); /* labels 1 and 2; label 2 */
        labels.region_value[k] = k ? 20 : 10;
        snprintf(labels.region_name[k], LABELLING_NAME, "r%d", k);
    }
    make_model(&m,
        "arch=hard dims=2 in=1 classes=2 scale=4 tile=16 halo=8 tiles=3 coarse=4,6 fine=5,6 "
        "policy=7 gate=none",
        plain_preparation(1, 1, 32, 32), labels);
    OK(hard_runner_create(&m, best_kernels(), NULL, NULL, &l, &e));
    OK(look_coarse(l, &image, &seen, &e));
    OK(look_count_create(&c, &m, l, NULL, &e));
    OK(tile_sums_create(&s, TILES, 2, &e));
    const size_t blocks = image_voxels(seen.coarse_size);
    for (int k = 0; k < 3; k++) { /* the first region alone, the second alone, both */
        for (size_t i = 0; i < 2 * blocks; i++)
            seen.logits[i] = (k == 2 || (int)(i / blocks) == k) ? 1 : -1;
        OK(look_count_tile(&c, &image, truth, &seen, k, false, &s, &e));
        assert_true(s.coarse[4 * k + 1] == tiling_voxels(&seen.tiling, k));
        assert_true(s.coarse[4 * k + 3] == (k > 0 ? tiling_voxels(&seen.tiling, k) : 0));
    }
    tile_sums_free(&s);
    look_count_free(&c);
    look_free(&seen);
    hard_runner_free(l);
    model_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_of_the_fine_network_are_right),
        cmocka_unit_test(labels_of_the_coarse_network_are_right),
        cmocka_unit_test(fine_labels_may_come_later),
        cmocka_unit_test(fine_labels_may_be_known),
        cmocka_unit_test(all_tiles_are_counted),
        cmocka_unit_test(a_stop_is_heard_between_two_windows),
        cmocka_unit_test(regions_count_by_their_labels),
    };
    return cmocka_run_group_tests(tests, look_at_noise, drop);
}
