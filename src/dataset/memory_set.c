/* SPDX-License-Identifier: Apache-2.0 */
/* The seam: a case in memory has paths that no file has, so whoever reads a case's samples does it
 * through the functions at the end. */
#include "dataset/memory_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dataset/layout.h"
#include "files/file.h"
#include "format/format.h"

enum { SIDE_MAX = 1 << 24 }; /* as of image files */

bool memory_named(const char *path)
{
    return strncmp(path, MEMORY_PREFIX, sizeof MEMORY_PREFIX - 1) == 0;
}

bool memory_or_file(const char *path) { return memory_named(path) || file_exists(path); }

char *memory_full_path(const char *path, char full[PATH_MAX])
{
    if (!memory_named(path)) return realpath(path, full);
    const size_t length = strlen(path);
    return length < PATH_MAX ? memcpy(full, path, length + 1) : NULL;
}

const struct memory_set *memory_find(const struct host *host, const char *path)
{
    const struct memory_set *s = host ? host->memory : NULL;
    while (s && strcmp(s->path, path) != 0) s = s->next;
    return s;
}

/* ---- making a set */

att_status memory_create(
    const char *path, const char *about, int count, struct memory_set **s, struct err *e)
{
    TRY(MEM_NEW(*s, "a data set", e));
    TRY(MEM_ARRAY((*s)->cases, (size_t)count + 1, "a data set", e));
    (*s)->path = mem_text("%s", path);
    if (about) (*s)->about = mem_text("%s", about);
    return (*s)->path && (!about || (*s)->about) ? ATT_OK : err_path(e);
}

/* The affine of files that state a spacing alone. */
static void memory_lay_straight(struct geometry *g)
{
    if (g->oriented) return;
    memset(g->affine, 0, sizeof g->affine);
    for (int i = 0; i < 3; i++) g->affine[i][i] = (double)g->spacing[2 - i];
}

att_status memory_add(struct memory_set *s, const char *id, const struct image *m,
    const uint16_t *labels, const char *group, struct err *e)
{
    struct memory_case *c = &s->cases[s->count];
    if (id && !layout_id_good(id)) return err_usage(e, LAYOUT_ID_BAD, id);
    if (m->channels < 1 || m->channels > DATASET_CHANNELS)
        return err_usage(
            e, "case %d has %d channels; give 1 to %d", s->count, m->channels, DATASET_CHANNELS);
    for (int i = 0; i < 3; i++)
        if (m->size[i] < 1 || m->size[i] > SIDE_MAX)
            return err_usage(e, "case %d has the size %dx%dx%d; give sides of 1 to %d", s->count,
                m->size[0], m->size[1], m->size[2], SIDE_MAX);
    s->count++;
    c->image = *m;
    memory_lay_straight(&c->image.geometry);
    c->labels = labels;
    c->id = id ? mem_text("%s", id) : mem_text("case_%04d", s->count - 1);
    if (group && *group) c->group = mem_text("%s", group);
    return c->id && (!group || !*group || c->group) ? ATT_OK : err_path(e);
}

void memory_free(struct memory_set *s)
{
    for (int i = 0; s && i < s->count; i++) {
        mem_free(s->cases[i].id);
        mem_free(s->cases[i].group);
    }
    if (s) mem_free(s->cases);
    if (s) mem_free(s->about);
    if (s) mem_free(s->path);
    mem_free(s);
}

void memory_put(struct memory_set *s, struct host *host)
{
    for (struct memory_set **at = &host->memory; *at; at = &(*at)->next)
        if (strcmp((*at)->path, s->path) == 0) {
            struct memory_set *old = *at;
            *at = old->next;
            memory_free(old);
            break;
        }
    if (!s->count) {
        memory_free(s);
        return;
    }
    s->next = host->memory;
    host->memory = s;
}

void memory_free_all(struct host *host)
{
    while (host->memory) {
        struct memory_set *s = host->memory;
        host->memory = s->next;
        memory_free(s);
    }
}

/* ---- opening it */

static att_status memory_fill_case(
    const struct memory_set *s, const struct memory_case *from, struct data_case *c, struct err *e)
{
    /* Names of results follow it, such as validation masks; only some formats have a spacing. */
    const char *ending = from->image.geometry.valid ? ".nii.gz" : ".npy";
    c->memory = from;
    c->image[0] = mem_text("%s/images/%s%s", s->path, from->id, ending);
    c->nimages = 1;
    if (from->labels) c->label = mem_text("%s/labels/%s%s", s->path, from->id, ending);
    if (from->group) c->group = mem_text("%s", from->group);
    return c->image[0] && (!from->labels || c->label) && (!from->group || c->group) ? ATT_OK
                                                                                    : err_path(e);
}

att_status memory_open(
    const struct memory_set *s, struct dataset *d, struct host *host, struct err *e)
{
    d->layout = "images in memory";
    d->path = mem_text("%s", s->path);
    d->root = mem_text("%s", s->path);
    if (!d->path || !d->root) return err_path(e);
    for (int i = 0; i < s->count; i++) {
        struct data_case *c = layout_add(d, s->cases[i].id, e);
        if (!c) return ATT_MEMORY;
        TRY(memory_fill_case(s, &s->cases[i], c, e));
        d->has_groups |= c->group != NULL;
    }
    TRY(layout_sort(d, e));
    TRY(layout_check(d, host, e));
    return layout_describe_as(d, s->about, host, e);
}

/* ---- reading its cases */

static void memory_peek(const struct memory_case *c, struct image *m)
{
    *m = c->image;
    m->data = NULL;
}

att_status case_load_samples(
    const struct data_case *c, int k, struct image *m, bool *finite, struct err *e)
{
    if (!c->memory) return format_load_samples(c->image[k], m, finite, e);
    *finite = false;
    const size_t samples = image_voxels(c->memory->image.size) * (size_t)c->memory->image.channels;
    memory_peek(c->memory, m);
    TRY(MEM_ARRAY(m->data, samples, c->image[k], e));
    memcpy(m->data, c->memory->image.data, samples * sizeof *m->data);
    return ATT_OK;
}

att_status case_load_image(const struct data_case *c, int k, struct image *m, struct err *e)
{
    bool finite;
    TRY(case_load_samples(c, k, m, &finite, e));
    att_status status = finite ? ATT_OK : format_check_finite(c->image[k], m, e);
    if (status != ATT_OK) image_free(m);
    return status;
}

att_status case_peek_image(const struct data_case *c, int k, struct image *m, struct err *e)
{
    if (!c->memory) return format_peek_image(c->image[k], m, e);
    memory_peek(c->memory, m);
    return ATT_OK;
}

att_status memory_load_labels(
    const struct memory_case *c, const char *path, struct labelmap *m, struct err *e)
{
    if (!c) return format_load_labels(path, m, e);
    const size_t voxels = image_voxels(c->image.size);
    *m = (struct labelmap){.geometry = c->image.geometry};
    memcpy(m->size, c->image.size, sizeof m->size);
    TRY(MEM_ARRAY(m->data, voxels, path, e));
    memcpy(m->data, c->labels, voxels * sizeof *m->data);
    return ATT_OK;
}

att_status memory_peek_labels(
    const struct memory_case *c, const char *path, struct image *m, struct err *e)
{
    if (!c) return format_peek_image(path, m, e);
    memory_peek(c, m);
    m->channels = 1;
    return ATT_OK;
}

att_status case_load_labels(const struct data_case *c, struct labelmap *m, struct err *e)
{
    return memory_load_labels(c->memory, c->label, m, e);
}

att_status case_peek_labels(const struct data_case *c, struct image *m, struct err *e)
{
    return memory_peek_labels(c->memory, c->label, m, e);
}
