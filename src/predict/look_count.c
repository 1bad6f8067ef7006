/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/look_count.h"

#include <string.h>

#include "base/clock.h"
#include "base/host.h"
#include "base/mem.h"

att_status look_count_create(struct look_count *c, const struct model *m,
    struct hard_runner *runner, struct host *host, struct err *e)
{
    struct hard h;
    TRY(hard_read(&m->spec, &h, e));
    size_t voxels = image_voxels(h.tile);
    c->labels = &m->labels;
    c->runner = runner;
    c->host = host;
    c->logits = mem_array(voxels, (size_t)h.classes * sizeof *c->logits);
    c->coarse = mem_alloc(voxels);
    c->fine = mem_alloc(voxels);
    c->truth = mem_alloc(voxels);
    if (c->logits && c->coarse && c->fine && c->truth) return ATT_OK;
    look_count_free(c);
    return err_memory(e, voxels * ((size_t)h.classes * sizeof *c->logits + 3), "a tile");
}

void look_count_free(struct look_count *c)
{
    mem_free(c->logits);
    mem_free(c->coarse);
    mem_free(c->fine);
    mem_free(c->truth);
    *c = (struct look_count){.labels = NULL};
}

att_status look_count_stopped(const struct look_count *c, struct err *e)
{
    return host_stopped(c->host) ? err_set(e, ATT_INTERRUPTED, "stopped while computing tiles")
                                 : ATT_OK;
}

/* Arg-max, or the class of the last region above 1/2. */
static void look_count_decide(
    const struct look_count *c, const struct look *look, size_t voxels, uint8_t *class)
{
    const struct labelling *l = c->labels;
    for (size_t i = 0; i < voxels; i++) {
        int best = 0;
        for (int k = 0; k < look->classes; k++) {
            float v = c->logits[(size_t)k * voxels + i];
            if (look->regions ? v > 0 : k > 0 && v > c->logits[(size_t)best * voxels + i])
                best = look->regions ? k + 1 : k;
        }
        class[i] =
            (uint8_t)(l->regions > 0 && best > 0 ? labelling_class(l, l->region_value[best - 1])
                                                 : best);
    }
}

static void look_count_add(
    const struct look_count *c, const uint8_t *fine, size_t voxels, int tile, struct tile_sums *s)
{
    tile_sums_count(s, tile, c->coarse, fine, c->truth, voxels,
        c->labels->regions > 0 ? c->labels->region : NULL, LABELLING_IGNORE);
}

/* Sets coarse and true labels of a tile; returns its voxels. */
static size_t begin_tile(
    struct look_count *c, const uint8_t *truth, const struct look *look, struct box *part, int tile)
{
    tiling_part(&look->tiling, tile, part->from, part->size);
    const size_t voxels = box_voxels(part);
    look_coarse_tile(look, tile, c->logits);
    look_count_decide(c, look, voxels, c->coarse);
    box_take(truth, look->tiling.size, 1, part, c->truth);
    return voxels;
}

att_status look_count_tile(struct look_count *c, const struct image *x, const uint8_t *truth,
    const struct look *look, int tile, bool fine, struct tile_sums *s, struct err *e)
{
    struct box part;
    const size_t voxels = begin_tile(c, truth, look, &part, tile);
    if (fine) {
        TRY(look_count_stopped(c, e));
        double begin = clock_now();
        TRY(look_tile(c->runner, x, look, tile, c->logits, e));
        c->seconds += clock_now() - begin;
        c->work++;
        look_count_decide(c, look, voxels, c->fine);
    }
    look_count_add(c, fine ? c->fine : c->coarse, voxels, tile, s);
    return ATT_OK;
}

void look_count_labelled(struct look_count *c, const uint8_t *truth, const uint8_t *fine,
    const struct look *look, int tile, struct tile_sums *s)
{
    struct box part;
    const size_t voxels = begin_tile(c, truth, look, &part, tile);
    box_take(fine, look->tiling.size, 1, &part, c->fine);
    look_count_add(c, c->fine, voxels, tile, s);
}

void look_count_put(const struct look_count *c, const struct look *look, int tile, uint8_t *fine)
{
    struct box part;
    tiling_part(&look->tiling, tile, part.from, part.size);
    box_put(fine, look->tiling.size, 1, &part, c->fine);
}

static void look_count_forget(struct tile_sums *s, int tile)
{
    size_t classes = (size_t)s->classes, at = (size_t)tile * classes;
    memset(s->coarse + 2 * at, 0, 2 * classes * sizeof *s->coarse);
    memset(s->fine + 2 * at, 0, 2 * classes * sizeof *s->fine);
    memset(s->truth + at, 0, classes * sizeof *s->truth);
}

att_status look_count_fine(struct look_count *c, const struct image *x, const uint8_t *truth,
    const struct look *look, int tile, struct tile_sums *s, struct err *e)
{
    look_count_forget(s, tile);
    return look_count_tile(c, x, truth, look, tile, true, s, e);
}

/* Uses the window that the runner computed last. */
static void count_anew(struct look_count *c, const uint8_t *truth, const struct look *look,
    int tile, struct tile_sums *s)
{
    struct box part;
    const size_t voxels = begin_tile(c, truth, look, &part, tile);
    look_count_forget(s, tile);
    look_cluster_tile(c->runner, look, tile, c->logits);
    look_count_decide(c, look, voxels, c->fine);
    look_count_add(c, c->fine, voxels, tile, s);
}

static att_status count_clusters(struct look_count *c, const struct image *x, const uint8_t *truth,
    const struct look *look, const struct clusters *k, uint8_t *fine, struct tile_sums *s,
    struct err *e)
{
    for (int i = 0; i < k->count; i++) {
        TRY(look_count_stopped(c, e));
        double begin = clock_now();
        TRY(look_cluster(c->runner, x, look, &k->list[i], e));
        c->seconds += clock_now() - begin;
        for (int t = k->begin[i]; t < k->begin[i + 1]; t++) {
            count_anew(c, truth, look, k->tile[t], s);
            if (fine) look_count_put(c, look, k->tile[t], fine);
        }
    }
    return ATT_OK;
}

att_status look_count_shared(struct look_count *c, const struct image *x, const uint8_t *truth,
    const struct look *look, const int *item, int n, uint8_t *fine, struct tile_sums *s,
    struct err *e)
{
    struct clusters k;
    TRY(look_clusters(look, item, n, &k, e));
    c->work += look_clusters_macs(look, &k, 1);
    att_status status = count_clusters(c, x, truth, look, &k, fine, s, e);
    clusters_free(&k);
    return status;
}

att_status look_count_all(struct look_count *c, const struct image *x, const uint8_t *truth,
    const struct look *look, uint8_t *fine, struct tile_sums *s, struct err *e)
{
    const int tiles = look->tiling.count;
    int *item;
    TRY(MEM_ARRAY(item, tiles, "all tiles of an image", e));
    for (int t = 0; t < tiles; t++) item[t] = t;
    att_status status = look_count_shared(c, x, truth, look, item, tiles, fine, s, e);
    mem_free(item);
    return status;
}
