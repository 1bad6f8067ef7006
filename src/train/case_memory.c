/* SPDX-License-Identifier: Apache-2.0 */
/* Counts the blocks that grow with a case, where most of them exist at once. */
#include "train/case_memory.h"

#include <math.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "dataset/pack.h"
#include "files/file_at.h"
#include "model/prepare.h"

static const double SMALL = 64 << 20; /* scans below this pass even above the limit */
static const double ZSTD =
    8 << 20; /* tables per thread at the highest level, for chunks of some 100 KiB */

/* Bytes of a case: during the scan, during loading, and afterwards. */
struct case_need {
    double scan, load, keep;
    bool valid;
};

/* A reader may keep the whole file until it closes it. */
static double largest_file(const struct data_case *c)
{
    struct file_facts f;
    char room[PATH_MAX];
    double max = 0;
    for (int k = 0; k < pack_source_count(c); k++)
        if (file_facts(pack_source_path(c, k, room), &f)) max = fmax(max, (double)f.size);
    return max;
}

/* Bytes per voxel: a label as loaded; its classes; a mask and its components. */
static const double LABEL = 2, CLASS = 1, PARTS = 5;

/* Joining the channels of several files needs a second block. */
static double case_memory_image(const struct data_case *c, double sample, double size)
{
    return sample * size * (c->nimages > 1 ? 2 : 1);
}

/* Bytes of prepare_image, then prepare_labels, for an image of `loaded` bytes. */
static void estimate_on_grid(const struct preparation *prep, const struct placed *w, int channels,
    double loaded, int threads, struct case_need *n)
{
    double whole = image_voxels_double(w->whole), crop = image_voxels_double(w->crop.size),
           grid = image_voxels_double(w->grid), size = image_voxels_double(w->size), max, grown;
    prepare_bytes(prep, w, channels, threads, &max, &grown);
    const double image = loaded + grown;
    n->load = loaded + CLASS * whole + max;
    n->load = fmax(n->load, image + CLASS * (whole + crop + grid + size)); /* labels */
    n->load = fmax(n->load, image + (CLASS + PARTS) * size);
    n->keep = image + CLASS * size;
}

enum {
    PLACES = 3 * 4096 * sizeof(uint32_t)
}; /* max per class: places, places by component, starts */

/* prep NULL: scan only. A preparation that crops needs `box`; without it, only reading counts. */
static att_status estimate_case(const struct dataset *d, int index, const struct preparation *prep,
    const int box[3], int threads, int classes, struct case_need *n, struct err *e)
{
    const struct data_case *c = &d->cases[index];
    struct image m;
    double sample = (double)sizeof(float) * d->channels;
    struct box crop;
    struct placed where;
    struct err ignored = {0};
    *n = (struct case_need){.valid = true};
    TRY(dataset_peek_image(d, index, &m, e));
    double whole = image_voxels_double(m.size), file = largest_file(c);
    double load =
        fmax(case_memory_image(c, sample, whole), (sample + LABEL + CLASS) * whole) + file;
    if (turn_any(&m.geometry.turned))
        load = fmax(load, (sample + sizeof(float) + CLASS) * whole); /* turning copies a channel */
    n->scan = fmax(load, (sample + CLASS + PARTS) * whole);
    if (!prep) return ATT_OK;
    crop = box_whole(m.size);
    n->load = load;
    n->valid = box || !prepare_crops(prep);
    if (!n->valid) return ATT_OK;
    if (box && prepare_crops(prep)) memcpy(crop.size, box, sizeof crop.size);
    n->valid = prepare_place_box(prep, &m, &crop, &where, &ignored) ==
        ATT_OK; /* loading reports the error */
    if (!n->valid) return ATT_OK;
    estimate_on_grid(prep, &where, d->channels, sample * whole, threads, n);
    n->load = fmax(n->load, load);
    n->keep += fmin((double)(classes - 1) * PLACES, n->keep);
    return ATT_OK;
}

/* ---- scanning cases */

/* The scan of a packed case is stored in a file. */
static att_status estimate_scan_of(const struct dataset *d, int index, double *bytes, struct err *e)
{
    struct case_need n;
    struct file_facts f;
    if (d->pack && !d->pack->making) {
        char *path = d->pack->cases[index].packed
            ? pack_path(d->pack, PACK_PRINT, d->pack->cases[index].print)
            : NULL;
        *bytes = path && file_facts(path, &f) ? 2 * (double)f.size : 0;
        mem_free(path);
        return ATT_OK;
    }
    TRY(estimate_case(d, index, NULL, NULL, 1, 1, &n, e));
    *bytes = n.scan;
    return ATT_OK;
}

att_status case_memory_check_scan(
    const struct dataset *d, const int *list, int count, double limit, double *peak, struct err *e)
{
    double max = 1;
    int which = 0;
    if (!(limit > 0)) return ATT_OK;
    for (int i = 0; i < count; i++) {
        double bytes;
        TRY(estimate_scan_of(d, list[i], &bytes, e));
        if (bytes <= max) continue;
        max = bytes;
        which = list[i];
    }
    double now = resident_estimate();
    *peak = fmax(*peak, now + max);
    if (now + max <= limit || (now - LIMIT_UNCOUNTED > limit && max <= SMALL)) return ATT_OK;
    char text[2][BYTES_TEXT], enough[LIMIT_TEXT];
    return err_set(e, ATT_MEMORY,
        "`max-memory` %s is too small: reading case %s takes the process to %s; give %s plus the "
        "network's memory",
        bytes_text(limit, text[0]), d->cases[which].id, bytes_text(now + max, text[1]),
        limit_text(now + max, enough));
}

/* ---- loading cases */

att_status case_memory_estimate(const struct train_context *c, const struct dataset *d,
    const int *list, int count, const struct fingerprint_case *found, const struct model *m,
    struct case_memory *l, struct err *e)
{
    *l = (struct case_memory){.valid = true};
    for (int i = 0; i < count; i++) {
        struct case_need n;
        TRY(estimate_case(d, list[i], &m->prep, found ? found[i].box : NULL,
            pool_threads(c->host->pool), m->labels.count, &n, e));
        l->peak = fmax(l->peak, l->loaded + n.load);
        l->loaded += n.keep;
        l->valid = l->valid && n.valid;
    }
    return ATT_OK;
}

att_status case_memory_check(const struct train_context *c, const struct dataset *d, int index,
    const struct model *m, double limit, struct err *e)
{
    struct case_need n;
    char text[2][BYTES_TEXT];
    if (!(limit > 0) || (d->pack && !d->pack->making)) return ATT_OK;
    TRY(estimate_case(
        d, index, &m->prep, NULL, pool_threads(c->host->pool), m->labels.count, &n, e));
    if ((double)resident_now() + LIMIT_UNCOUNTED + n.load <= limit) return ATT_OK;
    double bytes = resident_estimate() + n.load;
    if (bytes <= limit) return ATT_OK;
    return err_set(e, ATT_MEMORY,
        "`max-memory` %s is too small: loading case %s takes the process to %s, and more cases "
        "follow; raise the limit or train on a packed set (attunet pack)",
        bytes_text(limit, text[0]), d->cases[index].id, bytes_text(bytes, text[1]));
}

att_status case_memory_check_pack(const struct train_context *c, const struct dataset *d, int index,
    const struct fingerprint_case *found, const struct model *m, size_t chunk, double limit,
    struct err *e)
{
    struct case_need n;
    char text[2][BYTES_TEXT], enough[LIMIT_TEXT];
    if (!(limit > 0)) return ATT_OK;
    TRY(estimate_case(d, index, &m->prep, found ? found->box : NULL, pool_threads(c->host->pool),
        m->labels.count, &n, e));
    double writing = 2 * n.keep + pool_threads(c->host->pool) * ((double)chunk + ZSTD),
           bytes = resident_estimate() + fmax(n.load, writing);
    if (bytes <= limit) return ATT_OK;
    return err_set(e, ATT_MEMORY,
        "`max-memory` %s is too small: packing case %s takes the process to %s; give %s or more",
        bytes_text(limit, text[0]), d->cases[index].id, bytes_text(bytes, text[1]),
        limit_text(bytes, enough));
}
