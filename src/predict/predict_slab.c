/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_slab.h"

#include <string.h>

#include "base/mem.h"
#include "image/box_spool.h"

enum { CHUNK = 1 << 20 }; /* voxels resampled at a time */

static void planes_for(const struct slab *s, int axis, int from, int count, int *first, int *end)
{
    *first = from;
    *end = from + count;
    if (prepare_resamples(s->where)) prepare_back_needs(s->where, axis, from, count, first, end);
}

void slab_needs(const struct slab *s, struct box *needs)
{
    for (int i = 0; i < 3; i++) {
        int end;
        planes_for(s, i, s->column.from[i], s->column.size[i], &needs->from[i], &end);
        needs->size[i] = end - needs->from[i];
    }
}

static int last_plane(const struct slab *s) { return s->where->crop.size[0]; }

/* First plane that layer `index` still needs after `done` planes. */
static int keep_from(const struct slab *s, int index, int done)
{
    int first = s->layers[index].first, back, unused;
    if (done == last_plane(s)) return first;
    planes_for(s, 0, done, 1, &back, &unused);
    return back < first ? back : first;
}

/* Planes of the image that are final after layer `index`. */
static int slab_final(const struct slab *s, int index, int done)
{
    int final = index + 1 < s->count ? s->layers[index + 1].first : s->where->size[0], unused, end;
    for (; done < last_plane(s); done++) {
        planes_for(s, 0, done, 1, &unused, &end);
        if (end > final) break;
    }
    return done;
}

static int slab_depth(const struct slab *s)
{
    int max = 1, end = 0, done = 0;
    for (int i = 0; i < s->count; i++) {
        int keep = keep_from(s, i, done);
        end = s->layers[i].end > end ? s->layers[i].end : end;
        max = end - keep > max ? end - keep : max;
        done = slab_final(s, i, done);
    }
    return max;
}

static size_t column_area(const struct slab *s)
{
    return (size_t)s->column.size[1] * (size_t)s->column.size[2];
}

static int chunk_planes(const struct slab *s)
{
    size_t planes = CHUNK / column_area(s);
    return planes < 1 ? 1 : planes < (size_t)last_plane(s) ? (int)planes : last_plane(s);
}

/* Two chunks here, and up to four parts of the larger grid in prepare_back_part. */
static double back_bytes(const struct slab *s)
{
    int chunk = chunk_planes(s), max = 0;
    struct box needs;
    if (!prepare_resamples(s->where)) return 0;
    slab_needs(s, &needs);
    for (int from = 0; from < last_plane(s); from += chunk) {
        int count = chunk < last_plane(s) - from ? chunk : last_plane(s) - from, first, end;
        planes_for(s, 0, from, count, &first, &end);
        max = end - first > max ? end - first : max;
    }
    double here = (double)chunk * (double)column_area(s),
           there = (double)needs.size[1] * needs.size[2] * max;
    for (int i = 0; i < 3; i++)
        there *= s->where->shrink[i]; /* averaged data first returns to the finer grid */
    return (double)sizeof(float) * (2 * here + 4 * (here > there ? here : there));
}

double slab_bytes(const struct slab *s)
{
    struct box needs;
    slab_needs(s, &needs);
    double classes = s->filed ? (double)chunk_planes(s) * (double)column_area(s) : 0;
    return (double)sizeof(float) * s->channels * slab_depth(s) * needs.size[1] * needs.size[2] +
        back_bytes(s) + classes;
}

void slab_free(struct slab *s)
{
    mem_free(s->sum);
    mem_free(s->back);
    mem_free(s->classes);
    s->sum = s->back = NULL;
    s->classes = NULL;
}

static att_status room_for_back(struct slab *s, struct err *e)
{
    s->chunk = !prepare_resamples(s->where) && !s->filed ? last_plane(s) : chunk_planes(s);
    size_t part = (size_t)s->chunk * column_area(s),
           voxels = prepare_resamples(s->where) ? part : 0;
    s->back = mem_array(voxels, 2 * sizeof *s->back);
    s->classes = mem_array(s->filed ? part : 0, sizeof *s->classes);
    return s->back && s->classes
        ? ATT_OK
        : err_memory(e, voxels * 2 * sizeof *s->back + part, "logits on the image's grid");
}

att_status slab_begin(struct slab *s, struct err *e)
{
    size_t count = (size_t)s->channels;
    bool fits = true;
    slab_needs(s, &s->buffered);
    s->buffered.from[0] = 0;
    s->buffered.size[0] = slab_depth(s);
    s->done = 0;
    for (int i = 0; i < 3; i++)
        fits = fits && !__builtin_mul_overflow(count, (size_t)s->buffered.size[i], &count);
    s->sum = fits ? mem_array(count, sizeof *s->sum) : NULL;
    if (!s->sum)
        return err_memory(e,
            fits && count <= SIZE_MAX / sizeof *s->sum ? count * sizeof *s->sum : SIZE_MAX,
            "the logits of the planes in flight");
    return room_for_back(s, e);
}

struct shift {
    const struct slab *s;
    size_t by; /* planes */
};

static void shift_channel(void *arg, int channel, int worker)
{
    const struct shift *h = arg;
    const struct box *buffered = &h->s->buffered;
    size_t plane = (size_t)buffered->size[1] * (size_t)buffered->size[2],
           planes = (size_t)buffered->size[0];
    size_t by = h->by < planes ? h->by : planes;
    float *sum = h->s->sum + (size_t)channel * planes * plane;
    (void)worker;
    memmove(sum, sum + by * plane, (planes - by) * plane * sizeof *sum);
    memset(sum + (planes - by) * plane, 0, by * plane * sizeof *sum);
}

void slab_enter(struct slab *s, int index)
{
    int keep = keep_from(s, index, s->done);
    struct shift h = {s, (size_t)(keep - s->buffered.from[0])};
    if (h.by == 0) return;
    pool_run(s->pool, s->channels, shift_channel, &h);
    s->buffered.from[0] = keep;
}

static void slab_keep_logits(const struct slab *s, int channel, const struct decode_part *p)
{
    const int *whole = s->where->whole;
    float *to = s->probability + (size_t)channel * image_voxels(whole);
    for (int d = 0; d < p->box.size[0]; d++)
        for (int h = 0; h < p->box.size[1]; h++)
            memcpy(to + box_row(&p->box, whole, d, h),
                p->data + (size_t)d * p->plane + (size_t)h * p->row,
                (size_t)p->box.size[2] * sizeof *to);
}

/* Crop to image coordinates. */
static struct box of_image(const struct slab *s, const struct box *want)
{
    struct box b = *want;
    for (int i = 0; i < 3; i++) b.from[i] += s->where->crop.from[i];
    return b;
}

static uint8_t *begin_classes(const struct slab *s, const struct box *want)
{
    if (!s->filed) return NULL;
    memset(s->classes, 0, box_voxels(want));
    return s->classes;
}

static att_status keep_classes(const struct slab *s, const struct box *b, struct err *e)
{
    return s->filed ? box_write(s->mask, 0, s->where->whole, 1, b, s->classes, e) : ATT_OK;
}

static att_status decide_in_place(const struct slab *s, const struct box *want, struct err *e)
{
    const struct box *buffered = &s->buffered;
    struct decode_part p = {.box = of_image(s, want),
        .row = (size_t)buffered->size[2],
        .classes = begin_classes(s, want)};
    p.plane = p.row * (size_t)buffered->size[1];
    p.stride = p.plane * (size_t)buffered->size[0];
    const float *first = s->sum + (size_t)(want->from[0] - buffered->from[0]) * p.plane +
        (size_t)(want->from[1] - buffered->from[1]) * p.row +
        (size_t)(want->from[2] - buffered->from[2]);
    for (int c = 0; c < s->channels; c++) {
        p.data = first + (size_t)c * p.stride;
        decode_channel(s->decoder, c, &p);
        if (s->probability) slab_keep_logits(s, c, &p);
    }
    return keep_classes(s, &p.box, e);
}

static att_status decide_elsewhere(const struct slab *s, const struct box *want, struct err *e)
{
    struct decode_part p = {.box = of_image(s, want),
        .data = s->back,
        .best = s->back + box_voxels(want),
        .classes = begin_classes(s, want)};
    p.row = (size_t)want->size[2];
    p.plane = p.row * (size_t)want->size[1];
    for (int c = 0; c < s->channels; c++) {
        const float *sum = s->sum + (size_t)c * box_voxels(&s->buffered);
        TRY(prepare_back_part(s->where, sum, &s->buffered, s->back, want, s->pool, e));
        decode_channel(s->decoder, c, &p);
        if (s->probability) slab_keep_logits(s, c, &p);
    }
    return keep_classes(s, &p.box, e);
}

static att_status decide_until(struct slab *s, int end, struct err *e)
{
    struct box want = s->column;
    for (; s->done < end; s->done += want.size[0]) {
        want.from[0] = s->done;
        want.size[0] = s->chunk < end - s->done ? s->chunk : end - s->done;
        TRY(prepare_resamples(s->where) ? decide_elsewhere(s, &want, e)
                                        : decide_in_place(s, &want, e));
    }
    return ATT_OK;
}

att_status slab_leave(struct slab *s, int index, struct err *e)
{
    return decide_until(s, slab_final(s, index, s->done), e);
}

att_status slab_decide(struct slab *s, float *logits, struct err *e)
{
    s->column = box_whole(s->where->crop.size);
    s->buffered = box_whole(s->where->size);
    s->sum = logits;
    s->done = 0;
    att_status status = room_for_back(s, e);
    if (status == ATT_OK) status = decide_until(s, last_plane(s), e);
    s->sum = NULL;
    slab_free(s);
    return status;
}
