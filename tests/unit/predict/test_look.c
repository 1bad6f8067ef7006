/* SPDX-License-Identifier: Apache-2.0 */
/* Looking as a hard model does gives what its networks give, each by itself; the policy sees what
 * it is said to see. */
#include "predict/look.h"

#include <math.h>

#include "image/shrink.h"
#include "model/join.h"
#include "unit/predict/predict_test.h"

#define FLAT                                                                                       \
    "arch=hard dims=2 in=2 classes=3 scale=4 tile=16 halo=8 tiles=3 coarse=4,6 fine=5,6 policy=7 " \
    "gate=none"
#define GLIMPSE                                                                                    \
    "arch=glimpse dims=3 in=1 classes=2 scale=2 tile=8 halo=4 tiles=2 coarse=3,5 fine=4,6 "        \
    "policy=5 gated=all"

static void make_look(struct hard_runner **l, const struct model *m, struct pool *pool)
{
    OK(hard_runner_create(m, best_kernels(), pool, NULL, l, &e));
}

static struct image noise(int channels, int d, int h, int w, uint64_t seed)
{
    struct image x = make_image(channels, d, h, w);
    struct rng r = rng_stream(seed, RNG_TEST, 0, 0);
    for (size_t i = 0; i < image_voxels(x.size) * (size_t)channels; i++)
        x.data[i] = (float)rng_range(&r, -1, 1);
    return x;
}

/* A model, and what it sees coarsely of an image. */
struct seen {
    struct model m;
    struct hard_runner *l;
    struct look look;
    struct image x;
};

static void begin(struct seen *s, const char *text, struct preparation prep,
    struct labelling labels, struct image x)
{
    *s = (struct seen){.x = x};
    make_model(&s->m, text, prep, labels);
    make_look(&s->l, &s->m, NULL);
    OK(look_coarse(s->l, &s->x, &s->look, &e));
}

static void end(struct seen *s)
{
    look_free(&s->look);
    hard_runner_free(s->l);
    image_free(&s->x);
    model_free(&s->m);
}

/* What a run that has its input makes of it: planar. */
static float *run_to_the_end(struct run *run, struct graph *g, const struct tensor *out)
{
    real *made = mem_array(tensor_size(out), sizeof *made);
    float *planar = mem_array(tensor_size(out), sizeof *planar);
    run_forward(run);
    run_store(out, made);
    for (size_t i = 0; i < tensor_size(out); i++) planar[i] = (float)made[i];
    mem_free(made);
    run_free(run);
    graph_free(g);
    return planar;
}

/* What an ordinary network makes of the part of an image at `origin`, 0 beyond it: planar, all of
 * the window. */
static float *run_network(
    const struct model *m, const struct image *x, const int origin[3], const int window[3])
{
    struct graph g;
    struct run run;
    int input;
    graph_init(&g, (struct params *)(uintptr_t)&m->params, false);
    OK(model_build(m, &g, 1, window, &input, &e));
    OK(run_create(&g, best_kernels(), NULL, NULL, &run, &e));
    struct tensor in = run_tensor(&run, input),
                  out = run_tensor(&run, graph_find_output(&g, "logits"));
    for (int c = 0; c < in.s.c; c++)
        for (int d = 0; d < window[0]; d++)
            for (int h = 0; h < window[1]; h++)
                for (int w = 0; w < window[2]; w++) {
                    int at[3] = {origin[0] + d, origin[1] + h, origin[2] + w};
                    bool inside = true;
                    for (int i = 0; i < 3; i++) inside = inside && at[i] >= 0 && at[i] < x->size[i];
                    size_t voxel =
                        (((size_t)c * (size_t)x->size[0] + (size_t)at[0]) * (size_t)x->size[1] +
                            (size_t)at[1]) *
                            (size_t)x->size[2] +
                        (size_t)at[2];
                    tensor_channel(&in, 0, c)[(d * window[1] + h) * window[2] + w] =
                        inside ? (real)x->data[voxel] : 0;
                }
    return run_to_the_end(&run, &g, &out);
}

/* Every tile of an image of 70x41: at its corners the window is moved into the image, the last
 * tiles are cut. */
static void tiles_are_the_fine_network_s(void **state)
{
    (void)state;
    struct model fine;
    struct seen s;
    begin(&s, FLAT, plain_preparation(2, 1, 8, 8), plain_labels(3), noise(2, 1, 70, 41, 3));
    OK(join_part(&s.m, PART_FINE, &fine, &e));
    assert_memory_equal(s.m.prep.patch, ((int[]){1, 32, 32}), sizeof s.m.prep.patch);
    assert_true(
        s.look.tiling.count == 15 && s.look.tiling.grid[1] == 5 && s.look.tiling.grid[2] == 3);
    for (int tile = 0; tile < s.look.tiling.count; tile++) {
        int first[3], extent[3], origin[3], size[3], th = tile / 3 * 16, tw = tile % 3 * 16;
        float logits[3 * 256];
        tiling_part(&s.look.tiling, tile, first, extent);
        const struct cluster one = cluster_single(&s.look.tiling, tile);
        cluster_window(&s.look.tiling, &one, s.look.multiple, origin, size);
        assert_true(origin[0] == 0 && origin[1] == (th < 8 ? 0 : th - 8 > 38 ? 38 : th - 8));
        assert_true(origin[2] == (tw < 8 ? 0 : tw - 8 > 9 ? 9 : tw - 8));
        OK(look_tile(s.l, &s.x, &s.look, tile, logits, &e));
        float *whole = run_network(&fine, &s.x, origin, (int[]){1, 32, 32});
        for (int c = 0; c < 3; c++)
            for (int h = 0; h < extent[1]; h++)
                for (int w = 0; w < extent[2]; w++)
                    assert_true(logits[(c * extent[1] + h) * extent[2] + w] ==
                        whole[(c * 32 + first[1] - origin[1] + h) * 32 + first[2] - origin[2] + w]);
        mem_free(whole);
    }
    struct look_cost cost;
    OK(look_cost(s.l, &s.look, &cost, &e));
    assert_true(fabs(cost.dense - cost.tile / 1024 * 70 * 41) < 1e-6 * cost.dense &&
        cost.policy > 0 && s.look.macs > 0);
    end(&s);
    model_free(&fine);
}

/* Tiles 0, 1 and 3 (16 x 16, halo 8) share a window of 48 x 48, of which the image has 41 along w;
 * 14 has its own. */
static void clusters_are_the_fine_network_s(void **state)
{
    (void)state;
    struct model fine;
    struct seen s;
    struct clusters c;
    const int chosen[] = {14, 1, 0, 3}, window[][3] = {{1, 32, 32}, {1, 48, 42}};
    begin(&s, FLAT " cluster=2", plain_preparation(2, 1, 8, 8), plain_labels(3),
        noise(2, 1, 70, 41, 3));
    OK(join_part(&s.m, PART_FINE, &fine, &e));
    OK(look_clusters(&s.look, chosen, 4, &c, &e));
    assert_int_equal(c.count, 2);
    assert_true(fabs(look_clusters_macs(&s.look, &c, 1024) - 1024 - 48 * 42) < 1e-9);
    assert_memory_equal(c.tile, ((int[]){14, 0, 1, 3}), sizeof chosen);
    for (int i = 0; i < 4; i++) {
        int first[3], extent[3], origin[3], size[3];
        float logits[3 * 256];
        const struct cluster *of = &c.list[i >= c.begin[1]];
        cluster_window(&s.look.tiling, of, s.look.multiple, origin, size);
        assert_memory_equal(size, window[i >= c.begin[1]], sizeof size);
        tiling_part(&s.look.tiling, c.tile[i], first, extent);
        OK(look_cluster(s.l, &s.x, &s.look, of, &e));
        look_cluster_tile(s.l, &s.look, c.tile[i], logits);
        float *whole = run_network(&fine, &s.x, origin, size);
        for (int k = 0; k < 3; k++)
            for (int h = 0; h < extent[1]; h++)
                for (int w = 0; w < extent[2]; w++)
                    assert_true(logits[(k * extent[1] + h) * extent[2] + w] ==
                        whole[(k * size[1] + first[1] - origin[1] + h) * size[2] + first[2] -
                            origin[2] + w]);
        mem_free(whole);
    }
    clusters_free(&c);
    end(&s);
    model_free(&fine);
}

/* Networks for windows of more sizes than stay: again, in another order, each gives what it gave.
 */
static void windows_take_turns(void **state)
{
    (void)state;
    enum { MOST = 5, BOXES = MOST * MOST };
    struct seen s;
    float first[BOXES][3 * 256], logits[3 * 256];
    begin(&s, FLAT " cluster=5", plain_preparation(2, 1, 8, 8), plain_labels(3),
        noise(2, 1, 112, 112, 5));
    for (int turn = 0; turn < 3; turn++)
        for (int i = 0; i < BOXES; i++) {
            const int k = turn == 1 ? BOXES - 1 - i : i;
            const struct cluster c = {{0, 1, 1}, {1, 1 + k / MOST, 1 + k % MOST}};
            OK(look_cluster(s.l, &s.x, &s.look, &c, &e));
            look_cluster_tile(s.l, &s.look, 1 * 7 + 1, turn ? logits : first[k]);
            if (turn) assert_memory_equal(logits, first[k], sizeof logits);
        }
    assert_memory_not_equal(first[0], first[1], sizeof logits); /* windows matter */
    end(&s);
}

/* The coarse network sees blocks; its logits come back to voxels the same way tile by tile as all
 * at once. */
static void the_rest_is_the_coarse_network_s(void **state)
{
    (void)state;
    struct model coarse;
    struct seen s;
    struct image blocks = make_image(2, 1, 18, 11);
    begin(&s, FLAT, plain_preparation(2, 1, 8, 8), plain_labels(3), noise(2, 1, 70, 41, 4));
    OK(join_part(&s.m, PART_COARSE, &coarse, &e));
    assert_memory_equal(coarse.prep.shrink, ((int[]){1, 4, 4}), sizeof coarse.prep.shrink);
    shrink_image(s.x.data, 2, s.x.size, s.look.scale, blocks.data, NULL);
    assert_memory_equal(s.look.coarse_size, blocks.size, sizeof blocks.size);
    float *wanted = run_network(&coarse, &blocks, (int[]){0, 0, 0}, (int[]){1, 18, 12});
    for (int i = 0; i < 3 * 18; i++)
        assert_memory_equal(s.look.logits + i * 11, wanted + i * 12, 11 * sizeof *wanted);
    float *all = mem_array((size_t)3 * 70 * 41, sizeof *all);
    shrink_back(
        s.look.logits, 3, s.x.size, s.look.scale, &(struct box){{0, 0, 0}, {1, 70, 41}}, all, NULL);
    for (int tile = 0; tile < s.look.tiling.count; tile++) {
        int first[3], extent[3];
        float logits[3 * 256];
        tiling_part(&s.look.tiling, tile, first, extent);
        look_coarse_tile(&s.look, tile, logits);
        for (int i = 0; i < 3 * extent[1]; i++)
            assert_memory_equal(logits + i * extent[2],
                all + (i / extent[1] * 70 + first[1] + i % extent[1]) * 41 + first[2],
                (size_t)extent[2] * sizeof *all);
    }
    mem_free(all);
    mem_free(wanted);
    image_free(&blocks);
    end(&s);
    model_free(&coarse);
}

/* The probabilities, entropies and sums of tile `tile`, from the coarse logits themselves; 2D,
 * tiles of 4x4 blocks. */
static void check_tile(const struct look *l, int tile)
{
    double p[3] = {0}, entropy = 0, max = 0, foreground = 0, foreground_max = 0, labelled = 0,
           count = 0;
    int h0 = tile / l->tiling.grid[2] * 4, w0 = tile % l->tiling.grid[2] * 4,
        tiles = l->tiling.count;
    for (int h = h0; h < h0 + 4 && h < l->coarse_size[1]; h++)
        for (int w = w0; w < w0 + 4 && w < l->coarse_size[2]; w++, count++) {
            double x[3], sum = 0, own = 0;
            for (int c = 0; c < 3; c++)
                sum += x[c] =
                    exp((double)l->logits[(c * l->coarse_size[1] + h) * l->coarse_size[2] + w]);
            for (int c = 0; c < 3; c++) {
                p[c] += x[c] / sum;
                own -= x[c] / sum * log(x[c] / sum);
            }
            entropy += own;
            max = fmax(max, own);
            foreground += 1 - x[0] / sum;
            foreground_max = fmax(foreground_max, 1 - x[0] / sum);
            labelled += x[0] < fmax(x[1], x[2]);
        }
    const float *in = l->inputs + 8 * tiles + tile;
    for (int c = 0; c < 3; c++) assert_true(fabs((double)in[c * tiles] - p[c] / count) < 1e-5);
    assert_true(fabs((double)in[3 * tiles] - foreground_max) < 1e-5 &&
        fabs((double)in[4 * tiles] - entropy / count) < 1e-5);
    assert_true(fabs((double)in[5 * tiles] - max) < 1e-5);
    double share = tiling_voxels(&l->tiling, tile) / count;
    assert_true(fabs(l->entropy[tile] - entropy * share) < 1e-4 &&
        fabs(l->foreground[tile] - foreground * share) < 1e-4);
    assert_true(fabs(l->labelled[tile] - labelled * share) < 1e-9);
    assert_true(in[6 * tiles] == (float)(2. * (tile / 3) / 4 - 1) &&
        in[7 * tiles] == (float)(tile % 3 - 1));
}

/* The coarse network's features in one pass over an image of blocks that needs no more rows and
 * columns than `padded`: planar. */
static float *run_features(const struct model *m, const struct image *blocks, const int padded[3])
{
    struct graph g;
    struct run run;
    int input;
    graph_init(&g, (struct params *)(uintptr_t)&m->params, false);
    OK(model_build_part(m, PART_COARSE, &g, 1, padded, &input, &e));
    OK(run_create(&g, best_kernels(), NULL, NULL, &run, &e));
    struct tensor in = run_tensor(&run, input),
                  out = run_tensor(&run, graph_find_output(&g, "features"));
    memset(in.p, 0, tensor_size(&in) * sizeof *in.p);
    for (int c = 0; c < blocks->channels; c++)
        for (int h = 0; h < blocks->size[1]; h++)
            for (int w = 0; w < blocks->size[2]; w++)
                tensor_channel(&in, 0, c)[h * padded[2] + w] =
                    (real)blocks->data[(c * blocks->size[1] + h) * blocks->size[2] + w];
    return run_to_the_end(&run, &g, &out);
}

/* Mean and maximum of every feature in every tile; 2D, tiles of side x side blocks. */
static void check_features(
    const struct look *l, const float *features, const int padded[3], int side)
{
    for (int tile = 0; tile < l->tiling.count; tile++)
        for (int f = 0; f < l->features; f++) {
            int h0 = tile / l->tiling.grid[2] * side, w0 = tile % l->tiling.grid[2] * side;
            double sum = 0, max = -HUGE_VAL, count = 0;
            for (int h = h0; h < h0 + side && h < l->coarse_size[1]; h++)
                for (int w = w0; w < w0 + side && w < l->coarse_size[2]; w++, count++) {
                    double x = (double)features[(f * padded[1] + h) * padded[2] + w];
                    sum += x;
                    max = fmax(max, x);
                }
            assert_true(fabs((double)l->inputs[f * l->tiling.count + tile] - sum / count) < 1e-5);
            assert_true(
                fabs((double)l->inputs[(l->features + f) * l->tiling.count + tile] - max) < 1e-5);
        }
}

static void the_policy_sees_tiles(void **state)
{
    (void)state;
    struct seen s;
    begin(&s, FLAT, plain_preparation(2, 1, 8, 8), plain_labels(3), noise(2, 1, 70, 41, 5));
    assert_true(s.look.in.count == 16 && s.look.features == 4 && !s.look.regions);
    for (int tile = 0; tile < 15; tile++) check_tile(&s.look, tile);
    struct image blocks = make_image(2, 1, 18, 11);
    shrink_image(s.x.data, 2, s.x.size, s.look.scale, blocks.data, NULL);
    float *features = run_features(&s.m, &blocks, (int[]){1, 18, 12});
    check_features(&s.look, features, (int[]){1, 18, 12}, 4);
    mem_free(features);
    image_free(&blocks);
    end(&s);
}

/* What means of blocks hide: deviations within blocks of 4 x 4 pixels, fewer at the image's end,
 * over tiles of 4 x 4 blocks. */
static void the_policy_sees_detail(void **state)
{
    (void)state;
    struct seen s, plain;
    enum { H = 70, W = 41, BLOCK = 4, TILE = 16, FIRST = 2 * 4 + 3 + 1 + 2 };
    begin(&s, FLAT " detail=yes", plain_preparation(2, 1, 8, 8), plain_labels(3),
        noise(2, 1, H, W, 5));
    begin(&plain, FLAT, plain_preparation(2, 1, 8, 8), plain_labels(3), noise(2, 1, H, W, 5));
    assert_true(s.look.in.count == 20 && s.look.detail == 2);
    for (int tile = 0; tile < 15; tile++)
        for (int c = 0; c < 2; c++) {
            double sum = 0, max = 0, blocks = 0;
            for (int h0 = tile / 3 * TILE; h0 < tile / 3 * TILE + TILE && h0 < H; h0 += BLOCK)
                for (int w0 = tile % 3 * TILE; w0 < tile % 3 * TILE + TILE && w0 < W;
                     w0 += BLOCK, blocks++) {
                    double x[2] = {0}, n = 0;
                    for (int h = h0; h < h0 + BLOCK && h < H; h++)
                        for (int w = w0; w < w0 + BLOCK && w < W; w++, n++) {
                            const double v = (double)s.x.data[(c * H + h) * W + w];
                            x[0] += v;
                            x[1] += v * v;
                        }
                    const double one = sqrt(fmax(x[1] / n - x[0] / n * (x[0] / n), 0));
                    sum += one;
                    max = fmax(max, one);
                }
            assert_true(fabs((double)s.look.inputs[(FIRST + c) * 15 + tile] - sum / blocks) < 1e-5);
            assert_true(fabs((double)s.look.inputs[(FIRST + 2 + c) * 15 + tile] - max) < 1e-5);
        }
    for (int i = 0; i < 2 * 15; i++)
        assert_true(
            s.look.inputs[(FIRST + 4) * 15 + i] == plain.look.inputs[FIRST * 15 + i]); /* places */
    end(&s);
    end(&plain);
}

/* Tiles that blocks alone show to be background are so in every voxel; those with a block of
 * foreground in or beside them are not. */
static void blocks_tell_background(void **state)
{
    (void)state;
    struct seen s;
    int found = 0;
    begin(&s, FLAT, plain_preparation(2, 1, 8, 8), plain_labels(3), noise(2, 1, 70, 41, 5));
    const size_t blocks = 18 * 11;
    struct rng r = rng_stream(7, RNG_TEST, 0, 0);
    for (size_t i = 0; i < blocks; i++)
        for (size_t c = 0; c < 3; c++)
            s.look.logits[c * blocks + i] = (float)(rng_normal(&r) - 20 * (c > 0));
    s.look.logits[2 * blocks + 5 * 11 + 4] = 100; /* in tile 4, and seen from tile 3 */
    s.look.logits[blocks + 17 * 11 + 10] =
        s.look.logits[17 * 11 + 10]; /* as much as background: said to be unknown */
    for (int tile = 0; tile < s.look.tiling.count; tile++) {
        static float logits[3 * 16 * 16];
        int first[3], extent[3];
        tiling_part(&s.look.tiling, tile, first, extent);
        const size_t voxels = image_voxels(extent);
        look_coarse_tile(&s.look, tile, logits);
        bool background = true;
        for (size_t i = 0; i < voxels; i++)
            background =
                background && logits[i] > logits[voxels + i] && logits[i] > logits[2 * voxels + i];
        if (tile == 4 || tile == 3) assert_true(!background);
        if (look_is_background(&s.look, tile)) assert_true(background);
        if (tile == 14) assert_true(!look_is_background(&s.look, tile));
        found += look_is_background(&s.look, tile);
    }
    assert_true(found >= 8);
    end(&s);
}

/* The policy's third layer alone: what comes out is its bias. */
static void scores_are_the_policy_s(void **state)
{
    (void)state;
    struct seen s;
    double score[15], other[15], stop, value;
    begin(&s, FLAT, plain_preparation(2, 1, 8, 8), plain_labels(3), noise(2, 1, 70, 41, 6));
    OK(look_scores(s.l, &s.look, score, &stop, &value, &e));
    s.look.inputs[11 * 15 + 13] += 1; /* the largest foreground probability of a tile */
    OK(look_scores(s.l, &s.look, other, &stop, &value, &e));
    assert_true(score[13] != other[13] &&
        score[0] == other[0]); /* two 3x3 convolutions do not reach as far */
    int weight = params_find(&s.m.params, "policy.out.weight");
    memset(params_at(&s.m.params, weight), 0, s.m.params.list[weight].size * sizeof(real));
    for (int i = 0; i < 3; i++) put_number(&s.m, "policy.out.bias", (size_t)i, i + .25);
    OK(look_scores(s.l, &s.look, score, &stop, &value, &e));
    for (int i = 0; i < 15; i++) assert_true(score[i] == .25);
    assert_true(stop == 1.25 && value == 2.25);
    end(&s);
}

/* A look leaves nothing behind in the next one; any number of threads gives the same bits. */
static void looks_do_not_depend_on_threads(void **state)
{
    (void)state;
    struct model m;
    struct pool *pool = pool_create(3);
    struct hard_runner *a, *b;
    struct look one = {.dims = 0}, two = {.dims = 0};
    struct image x = noise(1, 13, 21, 34, 7), before = noise(1, 13, 21, 34, 8);
    make_model(&m, GLIMPSE, plain_preparation(1, 8, 8, 8), plain_labels(2));
    make_look(&a, &m, NULL);
    make_look(&b, &m, pool);
    OK(look_coarse(a, &x, &one, &e));
    OK(look_coarse(b, &before, &two, &e));
    look_seen(&two, 3, (float[2 * 512]){1});
    OK(look_coarse(b, &x, &two, &e));
    assert_true(one.tiling.count == 2 * 3 * 5 && one.in.count == 2 * 3 + 2 + 3 + 3 + 1);
    assert_memory_equal(
        one.logits, two.logits, 2 * image_voxels(one.coarse_size) * sizeof *one.logits);
    assert_memory_equal(one.inputs, two.inputs, (size_t)one.in.count * 30 * sizeof *one.inputs);
    assert_memory_equal(one.entropy, two.entropy, 30 * sizeof *one.entropy);
    float p[2 * 512], q[2 * 512];
    OK(look_tile(a, &x, &one, 29, p, &e));
    OK(look_tile(b, &x, &two, 29, q, &e));
    assert_memory_equal(p, q, 2 * 5 * 5 * 2 * sizeof *p);
    look_free(&one);
    look_free(&two);
    hard_runner_free(a);
    hard_runner_free(b);
    pool_destroy(pool);
    image_free(&x);
    image_free(&before);
    model_free(&m);
}

/* Of the two voxels of logits (0, 0) and (0, -log 3): probabilities 1/2 and 1/4 of class 1. */
static void a_tile_that_was_seen(void **state)
{
    (void)state;
    struct seen s;
    begin(&s, GLIMPSE, plain_preparation(1, 8, 8, 8), plain_labels(2),
        noise(1, 1, 1, 10,
            9)); /* smaller than a window along every axis; the second tile has 2 voxels */
    assert_int_equal(s.look.tiling.count, 2);
    const struct cluster second = cluster_single(&s.look.tiling, 1);
    int origin[3], extent[3];
    cluster_window(&s.look.tiling, &second, s.look.multiple, origin, extent);
    assert_memory_equal(origin, ((int[]){-7, -7, -3}), sizeof origin);
    const float *in = s.look.inputs + 1;
    assert_true(in[2 * 14] == s.look.inputs[2 * 14 + 1] && in[14 * 2] == 0);
    float first = s.look.inputs[6 * 2];
    look_seen(&s.look, 1, (float[]){0, 0, 0, (float)-log(3)});
    double h = log(2), g = log(4) - .75 * log(3);
    assert_true(fabs((double)in[6 * 2] - .625) < 1e-6 && fabs((double)in[7 * 2] - .375) < 1e-6 &&
        fabs((double)in[8 * 2] - .5) < 1e-6);
    assert_true(
        fabs((double)in[9 * 2] - (h + g) / 2) < 1e-6 && fabs((double)in[10 * 2] - h) < 1e-6);
    assert_true(in[14 * 2] == 1 && s.look.inputs[14 * 2] == 0 && s.look.inputs[6 * 2] == first);
    end(&s);
}

/* Regions are there or not, each by itself: logits 0 and -log 3 are probabilities of 1/2 and 1/4,
 * log 3 is 3/4. */
static void regions_that_were_seen(void **state)
{
    (void)state;
    struct seen s;
    struct labelling labels = plain_labels(3);
    labels.regions = 2;
    for (int k = 0; k < 2; k++) {
        labels.region[k] = class_set_bits(k ? 4 : 6);
        labels.region_value[k] = k ? 20 : 10;
        snprintf(labels.region_name[k], LABELLING_NAME, "r%d", k);
    }
    begin(&s, GLIMPSE, plain_preparation(1, 8, 8, 8), labels,
        noise(1, 1, 1, 10, 11)); /* the second tile has 2 voxels */
    assert_true(s.look.tiling.count == 2 && s.look.regions);
    const float *in = s.look.inputs + 1, t = (float)log(3);
    look_seen(&s.look, 1, (float[]){0, -t, t, -t});
    const double h = log(2), g = log(4) - .75 * log(3); /* entropies of 1/2, and of 1/4 or 3/4 */
    const double wanted[5] = {.375, .5, .75, (h + g + g + g) / 2, h + g};
    for (int i = 0; i < 5; i++) assert_true(fabs((double)in[(6 + i) * 2] - wanted[i]) < 1e-6);
    end(&s);
}

/* A coarse image too large for one pass is seen by windows, whose margins are wider than this
 * network looks. */
static void large_images_are_seen_by_windows(void **state)
{
    (void)state;
    struct model coarse;
    struct seen s;
    begin(&s,
        "arch=hard dims=2 in=1 classes=2 scale=1 tile=64 halo=0 tiles=1 coarse=2,3 fine=2,3 "
        "policy=2 gate=none",
        plain_preparation(1, 1, 8, 8), plain_labels(2), noise(1, 1, 601, 598, 10));
    OK(join_part(&s.m, PART_COARSE, &coarse, &e));
    float *wanted = run_network(&coarse, &s.x, (int[]){0, 0, 0}, (int[]){1, 602, 598});
    double worst = 0;
    for (int c = 0; c < 2; c++)
        for (int i = 0; i < 601 * 598; i++)
            worst = fmax(worst,
                fabs((double)s.look.logits[c * 601 * 598 + i] - (double)wanted[c * 602 * 598 + i]));
    assert_true(worst < 1e-5);
    float before[2 * 4096],
        after[2 *
            4096]; /* of a fine window, before and after the coarse network's memory went back */
    OK(look_tile(s.l, &s.x, &s.look, 5, before, &e));
    OK(look_coarse(s.l, &s.x, &s.look, &e));
    OK(look_tile(s.l, &s.x, &s.look, 5, after, &e));
    assert_memory_equal(before, after, sizeof before);
    float *features = run_features(&s.m, &s.x, (int[]){1, 602, 598});
    check_features(&s.look, features, (int[]){1, 602, 598}, 64);
    mem_free(features);
    mem_free(wanted);
    end(&s);
    model_free(&coarse);
}

static void other_models_are_refused(void **state)
{
    (void)state;
    struct model m;
    struct hard_runner *l;
    make_model(&m, "arch=unet dims=2 in=1 classes=2 widths=2,3", plain_preparation(1, 1, 8, 8),
        plain_labels(2));
    REFUSED(hard_runner_create(&m, best_kernels(), NULL, NULL, &l, &e), ATT_MODEL,
        "arch=unet chooses no tiles; give a model of arch=hard or arch=glimpse");
    model_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_are_the_fine_network_s),
        cmocka_unit_test(clusters_are_the_fine_network_s),
        cmocka_unit_test(windows_take_turns),
        cmocka_unit_test(the_rest_is_the_coarse_network_s),
        cmocka_unit_test(the_policy_sees_tiles),
        cmocka_unit_test(the_policy_sees_detail),
        cmocka_unit_test(blocks_tell_background),
        cmocka_unit_test(scores_are_the_policy_s),
        cmocka_unit_test(looks_do_not_depend_on_threads),
        cmocka_unit_test(a_tile_that_was_seen),
        cmocka_unit_test(regions_that_were_seen),
        cmocka_unit_test(large_images_are_seen_by_windows),
        cmocka_unit_test(other_models_are_refused),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
