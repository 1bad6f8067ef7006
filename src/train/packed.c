/* SPDX-License-Identifier: Apache-2.0 */
#include "train/packed.h"

#include <string.h>

#include "base/mem.h"
#include "dataset/orientation.h"
#include "feed/pack_case.h"
#include "feed/prefetch.h"

json_t *packed_preparation_json(const struct preparation *p)
{
    struct preparation any = *p;
    for (int i = 0; i < 3; i++) any.patch[i] = 1;
    return preparation_to_json(&any);
}

att_status packed_preparation(const struct dataset *d, struct preparation *p, struct err *e)
{
    struct err why = {0};
    memset(p, 0, sizeof *p);
    if (preparation_from_json(d->pack->preparation, "", p, &why) == ATT_OK &&
        p->channels == d->channels)
        return ATT_OK;
    return err_data(e,
        "%s/" PACK_INDEX " is damaged (its preparation); run attunet pack again, which keeps "
        "packed cases",
        d->root);
}

att_status packed_axes(struct dataset *d, const char *wanted, const char *trained, struct err *e)
{
    struct preparation packed;
    char axes[ORIENT_TEXT];
    TRY(packed_preparation(d, &packed, e));
    memcpy(axes, packed.axes, sizeof axes);
    memcpy(d->axes, packed.axes, sizeof d->axes);
    TRY(orientation_read(wanted, axes, e));
    const char *has = *packed.axes ? packed.axes : "none";
    if (strcmp(axes, packed.axes) != 0 && d->dims == 3)
        return err_usage(e,
            "%s was packed with `orientation` %s; leave out `orientation`, or pack again with %s",
            d->root, has, wanted);
    if (trained && *trained && *packed.axes && strcmp(trained, packed.axes) != 0)
        return err_usage(e,
            "%s was packed with `orientation` %s, but the model of `init` has %s; pack again with "
            "`orientation` %s",
            d->root, has, trained, trained);
    return ATT_OK;
}

static att_status packed_compare(const struct dataset *d, const struct model *m, struct err *e)
{
    static const struct {
        const char *key, *name;
    } keys[] = {{"resize", "resize"}, {"spacing", "spacing"}, {"shrink", "shrink"},
        {"nonzero", "nonzero"}, {"crop", "init"}, {"channels", "normalise"},
        {"orientation", "orientation"}};
    struct preparation packed;
    att_status status = packed_preparation(d, &packed, e);
    TRY(status);
    json_t *a = packed_preparation_json(&packed), *b = packed_preparation_json(&m->prep);
    if (!a || !b) status = err_memory(e, 4096, "the preparation of a packed set");
    for (size_t i = 0; i < sizeof keys / sizeof *keys && status == ATT_OK; i++) {
        json_t *x = json_object_get(a, keys[i].key), *y = json_object_get(b, keys[i].key);
        if ((x && y) ? json_equal(x, y) : x == y) continue;
        status = err_usage(e,
            "%s was packed with another `%s` than this run has; leave it out, or pack again with "
            "it",
            d->root, keys[i].name);
    }
    json_decref(a);
    json_decref(b);
    return status;
}

att_status packed_check(
    const struct dataset *d, const int *list, int count, const struct model *m, struct err *e)
{
    if (d->pack->making) return ATT_OK;
    for (int i = 0; i < count; i++)
        if (!d->pack->cases[list[i]].packed)
            return err_data(e,
                "case %s is not in %s, which was packed to train other cases; pack again for "
                "the cases of this run",
                d->cases[list[i]].id, d->root);
    return packed_compare(d, m, e);
}

/* Classes as if each had one place: the sampler only needs to know which are present. */
static void open_case(const struct pack_case *c, int channels, struct prepared *p)
{
    p->channels = channels;
    memcpy(p->size, c->size, sizeof p->size);
    memcpy(p->spacing, c->spacing, sizeof p->spacing);
    for (int k = 0; k < LABELLING_MAX; k++)
        p->first[k + 1] = p->first[k] + class_set_has(c->present, k);
}

att_status packed_open(const struct dataset *d, const int *list, int count, const struct model *m,
    struct prepared **cases, struct err *e)
{
    TRY(packed_check(d, list, count, m, e));
    TRY(MEM_ARRAY(*cases, count, "the list of training cases", e));
    for (int i = 0; i < count; i++) open_case(&d->pack->cases[list[i]], d->channels, &(*cases)[i]);
    return ATT_OK;
}

/* ---- a whole case */

static void *packed_copy(const void *from, size_t bytes)
{
    void *to = mem_alloc(bytes);
    if (to && bytes) memcpy(to, from, bytes);
    return to;
}

static att_status packed_take(struct pack_reader *r, struct prepared *p, struct err *e)
{
    const struct box all = {{0, 0, 0}, {r->p.size[0], r->p.size[1], r->p.size[2]}};
    size_t voxels = image_voxels(r->p.size), places = (size_t)r->p.first[LABELLING_MAX],
           parts = (size_t)r->p.parts[LABELLING_MAX];
    *p = r->p;
    p->image = mem_array(voxels, (size_t)p->channels * sizeof *p->image);
    p->classes = mem_alloc(voxels);
    p->places = packed_copy(r->p.places, places * sizeof *p->places);
    p->part_first =
        parts ? packed_copy(r->p.part_first, (parts + 1) * sizeof *p->part_first) : NULL;
    p->part_places = parts
        ? packed_copy(r->p.part_places, (size_t)r->p.part_first[parts] * sizeof *p->part_places)
        : NULL;
    bool good =
        p->image && p->classes && p->places && (!parts || (p->part_first && p->part_places));
    return good ? pack_reader_box(r, &all, p->image, p->classes, e)
                : err_memory(e, pack_chunk_bytes(voxels, p->channels), "a packed case");
}

att_status packed_load(const struct dataset *d, int index, struct prepared *p, struct err *e)
{
    const struct pack_case *c = &d->pack->cases[index];
    struct pack_reader r;
    memset(p, 0, sizeof *p);
    char *path = pack_path(d->pack, PACK_CASE, c->file);
    if (!path) return err_path(e);
    att_status status = pack_reader_create(&r, c->head, d->pack->chunk, d->channels, e);
    if (status == ATT_OK) {
        status = pack_reader_open(&r, path, e);
        if (status == ATT_OK) status = packed_take(&r, p, e);
        if (status != ATT_OK) prepared_free(p);
        pack_reader_free(&r);
    }
    mem_free(path);
    return status;
}

/* ---- report */

void packed_log(struct host *host, const struct sampler *s, double seconds)
{
    struct prefetch_report r;
    if (!s->ahead || !(seconds > 0)) return;
    prefetch_report_fill(s->ahead, &r);
    host_say(host, LOG_INFO,
        "read %lld patches ahead: %.3g patches and %.3g MiB of packed data per second; steps "
        "waited %.1f %% of their time",
        (long long)r.patches, (double)r.patches / seconds, (double)r.bytes / 0x1p20 / seconds,
        100 * r.waited / seconds);
}
