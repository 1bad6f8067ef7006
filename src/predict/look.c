/* SPDX-License-Identifier: Apache-2.0 */
/* Networks of a runner; look_tiles.c computes the policy's inputs. */
#include "predict/look.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "image/shrink.h"
#include "predict/look_tiles.h"
#include "predict/predict_decode.h"
#include "predict/predict_network.h"
#include "predict/predict_window.h"

/* Planning a small window takes longer than running it, so networks are kept: one per shape of up
 * to four tiles along two axes, and a few more. */
enum { SIZES = 20 };

struct hard_runner {
    const struct model *model;
    struct hard hard;
    const struct kernels *kernels;
    struct pool *pool;
    char conv[32];
    struct network coarse, policy, fine[SIZES];
    struct buffer room; /* shared: one network runs at a time */
    int last, next;     /* indices in `fine`: last window, next to replace */
    int origin[3];      /* of the last window */
};

static att_status build_network(
    struct hard_runner *l, struct network *n, enum arch_part part, const int size[3], struct err *e)
{
    return network_build_part(
        n, l->model, (int)part, size, l->kernels, l->pool, *l->conv ? l->conv : NULL, e);
}

static att_status build_fine(struct hard_runner *l, const int size[3], struct err *e)
{
    int at = -1;
    for (int i = 0; i < SIZES && at < 0; i++)
        if (l->fine[i].model && memcmp(l->fine[i].window, size, sizeof l->fine[i].window) == 0)
            at = i;
    if (at < 0) {
        at = l->next;
        l->next = (at + 1) % SIZES;
    }
    l->last = at;
    return build_network(l, &l->fine[at], PART_FINE, size, e);
}

att_status hard_runner_create(const struct model *m, const struct kernels *k, struct pool *pool,
    const char *conv, struct hard_runner **l, struct err *e)
{
    *l = NULL;
    if (!hard_is(&m->spec))
        return err_model(e, "arch=%s chooses no tiles; give a model of arch=hard or arch=glimpse",
            spec_get(&m->spec, "arch", "attunet"));
    struct hard_runner *one;
    TRY(MEM_NEW(one, "the networks of hard attention", e));
    one->model = m;
    one->kernels = k;
    one->pool = pool;
    one->coarse.room = one->policy.room = &one->room;
    for (int i = 0; i < SIZES; i++) one->fine[i].room = &one->room;
    snprintf(one->conv, sizeof one->conv, "%s", conv ? conv : "");
    att_status status = hard_read(&m->spec, &one->hard, e);
    if (status == ATT_OK)
        *l = one;
    else
        hard_runner_free(one);
    return status;
}

void hard_runner_free(struct hard_runner *l)
{
    if (!l) return;
    network_drop(&l->coarse);
    network_drop(&l->policy);
    for (int i = 0; i < SIZES; i++) network_drop(&l->fine[i]);
    buffer_destroy(&l->room);
    mem_free(l);
}

void look_free(struct look *look)
{
    mem_free(look->logits);
    mem_free(look->inputs);
    mem_free(look->entropy);
    mem_free(look->foreground);
    mem_free(look->labelled);
    memset(look, 0, sizeof *look);
}

static att_status look_make_room(
    const struct hard_runner *l, const int size[3], struct look *look, struct err *e)
{
    const struct hard *h = &l->hard;
    struct tiling t;
    TRY(tiling_make(size, h->tile, h->halo, &t, e));
    bool fits = look->logits && !memcmp(&look->tiling, &t, sizeof t) &&
        !memcmp(&look->in, &h->input, sizeof h->input) &&
        !memcmp(look->scale, h->scale, sizeof h->scale) &&
        !memcmp(look->cluster, h->cluster, sizeof h->cluster) &&
        !memcmp(look->multiple, h->part[PART_FINE].multiple, sizeof look->multiple);
    if (fits) return ATT_OK;
    look_free(look);
    *look = (struct look){.tiling = t,
        .dims = h->dims,
        .classes = h->classes,
        .in = h->input,
        .features = h->features,
        .detail = h->detail};
    look->regions = decode_by_region(l->model, h->classes);
    memcpy(look->scale, h->scale, sizeof look->scale);
    memcpy(look->cluster, h->cluster, sizeof look->cluster);
    memcpy(look->multiple, h->part[PART_FINE].multiple, sizeof look->multiple);
    for (int i = 0; i < 3; i++) look->coarse_size[i] = shrink_length(size[i], h->scale[i]);
    size_t voxels = image_voxels(look->coarse_size), tiles = (size_t)t.count;
    look->logits = mem_array(voxels, (size_t)h->classes * sizeof *look->logits);
    look->inputs = mem_array(tiles, (size_t)h->input.count * sizeof *look->inputs);
    look->entropy = mem_array(tiles, sizeof *look->entropy);
    look->foreground = mem_array(tiles, sizeof *look->foreground);
    look->labelled = mem_array(tiles, sizeof *look->labelled);
    if (look->logits && look->inputs && look->entropy && look->foreground && look->labelled)
        return ATT_OK;
    look_free(look);
    return err_memory(
        e, voxels * (size_t)h->classes * sizeof *look->logits, "what the coarse network sees");
}

/* Windows over the padded coarse image, at multiples of the network's stride, so that their inner
 * parts equal those of a single pass. Each keeps what is nearer to its middle than to a
 * neighbour's. */
struct lay {
    int padded[3], before[3], window[3], count[3];
};

enum { FLAT_SIDE = 576, DEEP_SIDE = 72, FLAT_MARGIN = 32, DEEP_MARGIN = 16 };

static void look_lay_windows(const struct hard *h, const int size[3], struct lay *w)
{
    const int *m = h->part[PART_COARSE].multiple;
    int side = h->dims == 2 ? FLAT_SIDE : DEEP_SIDE,
        margin = h->dims == 2 ? FLAT_MARGIN : DEEP_MARGIN;
    double voxels = 1, max = h->dims == 2 ? (double)side * side : (double)side * side * side;
    for (int i = 0; i < 3; i++) {
        w->padded[i] = w->window[i] = i == 0 && h->dims == 2 ? 1 : round_up(size[i], m[i]);
        w->count[i] = 1;
        voxels *= w->padded[i];
    }
    if (h->dims == 2) w->padded[0] = w->count[0] = size[0]; /* slice by slice */
    for (int i = 0; i < 3; i++) w->before[i] = window_before(size[i], w->padded[i]);
    for (int i = 3 - h->dims; i < 3 && voxels > max; i++)
        while (w->window[i] > side && w->count[i] < w->padded[i] / m[i]) {
            int n = ++w->count[i];
            w->window[i] = round_up(divide_up(w->padded[i] + (n - 1) * 2 * margin, n), m[i]);
        }
}

static int window_origin(const struct lay *w, const int *multiple, int axis, int index)
{
    int64_t travel = w->padded[axis] - w->window[axis];
    if (w->count[axis] == 1) return 0;
    return (int)(travel / multiple[axis] * index / (w->count[axis] - 1)) * multiple[axis];
}

/* In the padded image. */
static int part_begin(const struct lay *w, const int *multiple, int axis, int index)
{
    if (index == 0) return 0;
    if (index == w->count[axis]) return w->padded[axis];
    return (window_origin(w, multiple, axis, index - 1) + w->window[axis] +
               window_origin(w, multiple, axis, index)) /
        2;
}

static att_status look_window_at(struct hard_runner *l, const struct image *coarse,
    const struct lay *w, const int index[3], struct look_gather *g, struct err *e)
{
    static const bool straight[3];
    const int *m = l->hard.part[PART_COARSE].multiple;
    struct network *n = &l->coarse;
    for (int i = 0; i < 3; i++) {
        g->origin[i] = window_origin(w, m, i, index[i]) - w->before[i];
        int from = part_begin(w, m, i, index[i]) - w->before[i],
            to = part_begin(w, m, i, index[i] + 1) - w->before[i];
        g->from[i] = from > 0 ? from : 0;
        g->to[i] = to < coarse->size[i] ? to : coarse->size[i];
        if (g->from[i] >= g->to[i]) return ATT_OK;
    }
    TRY(build_network(l, n, PART_COARSE, w->window, e));
    network_load(n, coarse, g->origin, straight);
    run_forward(&n->run);
    g->logits = run_tensor(&n->run, n->logits);
    g->features = run_tensor(&n->run, n->features);
    TRY(run_check(&n->run, e));
    look_gather(g, l->pool);
    g->look->macs += graph_macs(&n->graph);
    return ATT_OK;
}

static att_status run_windows(struct hard_runner *l, const struct image *coarse, struct look *look,
    double *sums, struct err *e)
{
    struct lay w;
    struct look_gather g = {.look = look, .sums = sums};
    look_lay_windows(&l->hard, coarse->size, &w);
    look->macs = 0;
    for (int d = 0; d < w.count[0]; d++)
        for (int h = 0; h < w.count[1]; h++)
            for (int v = 0; v < w.count[2]; v++)
                TRY(look_window_at(l, coarse, &w, (int[3]){d, h, v}, &g, e));
    bool large = w.count[1] > 1 || w.count[2] > 1 || (l->hard.dims == 3 && w.count[0] > 1);
    if (large) buffer_destroy(&l->room); /* a large image needs this memory elsewhere */
    look_finish(look, sums, l->pool);
    return ATT_OK;
}

att_status look_coarse(
    struct hard_runner *l, const struct image *x, struct look *look, struct err *e)
{
    struct image coarse = {.channels = x->channels};
    TRY(look_make_room(l, x->size, look, e));
    memcpy(coarse.size, look->coarse_size, sizeof coarse.size);
    size_t samples = image_voxels(coarse.size) * (size_t)x->channels,
           tiles = (size_t)look->tiling.count;
    coarse.data = mem_array(samples, sizeof *coarse.data);
    double *sums = mem_array(tiles, (size_t)look->features * sizeof *sums);
    att_status status = coarse.data && sums
        ? ATT_OK
        : err_memory(e, samples * sizeof *coarse.data, "the image at the coarse scale");
    if (status == ATT_OK) {
        shrink_image(x->data, x->channels, x->size, look->scale, coarse.data, l->pool);
        look_begin(look);
        if (look->detail) look_detail(look, x->data, coarse.data, l->pool);
        status = run_windows(l, &coarse, look, sums, e);
    }
    mem_free(coarse.data);
    mem_free(sums);
    return status;
}

static double mean(const real *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)x[i];
    return sum / (double)count;
}

att_status look_scores(struct hard_runner *l, const struct look *look, double *score, double *stop,
    double *value, struct err *e)
{
    struct network *n = &l->policy;
    TRY(build_network(l, n, PART_POLICY, look->tiling.grid, e));
    const struct tensor in = run_tensor(&n->run, n->input);
    size_t tiles = (size_t)look->tiling.count;
    run_load(&in, look->inputs);
    run_forward(&n->run);
    const struct tensor out = run_tensor(&n->run, n->logits);
    TRY(run_check(&n->run, e));
    for (size_t i = 0; i < tiles; i++) score[i] = (double)tensor_channel(&out, 0, POLICY_SCORE)[i];
    *stop = mean(tensor_channel(&out, 0, POLICY_STOP), tiles);
    *value = mean(tensor_channel(&out, 0, POLICY_VALUE), tiles);
    bool finite = isfinite(*stop);
    for (size_t i = 0; i < tiles; i++) finite = finite && isfinite(score[i]);
    return finite
        ? ATT_OK
        : err_model(e, "the policy gave a score that is not finite; train the model again");
}

att_status look_cluster(struct hard_runner *l, const struct image *x, const struct look *look,
    const struct cluster *c, struct err *e)
{
    static const bool straight[3];
    int extent[3];
    cluster_window(&look->tiling, c, look->multiple, l->origin, extent);
    TRY(build_fine(l, extent, e));
    struct network *n = &l->fine[l->last];
    network_load(n, x, l->origin, straight);
    run_forward(&n->run);
    return run_check(&n->run, e);
}

void look_cluster_tile(
    const struct hard_runner *l, const struct look *look, int tile, float *logits)
{
    const struct network *n = &l->fine[l->last];
    const struct tensor t = run_tensor(&n->run, n->logits);
    int first[3], extent[3];
    tiling_part(&look->tiling, tile, first, extent);
    for (int c = 0; c < look->classes; c++)
        for (int d = 0; d < extent[0]; d++)
            for (int h = 0; h < extent[1]; h++, logits += extent[2]) {
                size_t row = (size_t)(first[0] - l->origin[0] + d) * (size_t)t.s.h +
                    (size_t)(first[1] - l->origin[1] + h);
                const real *from = tensor_channel(&t, 0, c) +
                    (row * (size_t)t.s.w + (size_t)(first[2] - l->origin[2])) * (size_t)t.lanes;
                for (int w = 0; w < extent[2]; w++)
                    logits[w] = (float)from[(size_t)w * (size_t)t.lanes];
            }
}

att_status look_tile(struct hard_runner *l, const struct image *x, const struct look *look,
    int tile, float *logits, struct err *e)
{
    const struct cluster one = cluster_single(&look->tiling, tile);
    TRY(look_cluster(l, x, look, &one, e));
    look_cluster_tile(l, look, tile, logits);
    return ATT_OK;
}

att_status look_clusters(
    const struct look *look, const int *chosen, int n, struct clusters *c, struct err *e)
{
    return clusters_make(&look->tiling, chosen, n, look->cluster, look->multiple, c, e);
}

static double window_voxels(const struct look *look)
{
    int window[3];
    for (int a = 0; a < 3; a++) window[a] = look->tiling.tile[a] + 2 * look->tiling.halo[a];
    return (double)image_voxels(window);
}

double look_clusters_macs(const struct look *look, const struct clusters *c, double tile)
{
    return tile * (clusters_voxels(&look->tiling, c, look->multiple) / window_voxels(look));
}

double look_min_macs(const struct look *look, double tile)
{
    return tile * (clusters_min(&look->tiling, look->cluster) / window_voxels(look));
}

/* Margin of background over the largest foreground logit, and the largest absolute logit. fmin and
 * fmax crash gcc 12 for aarch64. */
static void gauge(
    const struct look *look, const float *x, size_t stride, double *min, double *large)
{
    const double floor = look->regions ? 0 : (double)x[0];
    for (int c = 0; c < look->classes; c++) {
        const double v = (double)x[(size_t)c * stride];
        if ((c || look->regions) && floor - v < *min) *min = floor - v;
        if (fabs(v) > *large) *large = fabs(v);
    }
}

bool look_is_background(const struct look *look, int tile)
{
    static const double roundings =
        1e-5; /* relative to the largest logit; ten times the error of interpolation */
    int first[3], extent[3], from[3], to[3];
    const int *size = look->coarse_size;
    const size_t blocks = image_voxels(size);
    double min = HUGE_VAL, large = 0;
    tiling_part(&look->tiling, tile, first, extent);
    for (int a = 0; a < 3; a++)
        shrink_needs(look->tiling.size[a], look->scale[a], first[a], extent[a], &from[a], &to[a]);
    for (int d = from[0]; d < to[0] && min > 0; d++)
        for (int h = from[1]; h < to[1]; h++)
            for (int w = from[2]; w < to[2]; w++)
                gauge(look,
                    look->logits + ((size_t)d * (size_t)size[1] + (size_t)h) * (size_t)size[2] +
                        (size_t)w,
                    blocks, &min, &large);
    return min > roundings * large;
}

void look_coarse_tile(const struct look *look, int tile, float *logits)
{
    struct box part;
    tiling_part(&look->tiling, tile, part.from, part.size);
    shrink_back(look->logits, look->classes, look->tiling.size, look->scale, &part, logits, NULL);
}

att_status look_cost(
    struct hard_runner *l, const struct look *look, struct look_cost *cost, struct err *e)
{
    TRY(build_fine(l, l->hard.window, e));
    TRY(build_network(l, &l->policy, PART_POLICY, look->tiling.grid, e));
    cost->tile = graph_macs(&l->fine[l->last].graph);
    cost->policy = graph_macs(&l->policy.graph);
    cost->dense =
        cost->tile / (double)image_voxels(l->hard.window) * (double)image_voxels(look->tiling.size);
    return ATT_OK;
}
