/* SPDX-License-Identifier: Apache-2.0 */
/* A packed case's part of the fingerprint, so that a run starts without reading images: 16 bytes (a
 * mark, the size, a checksum), then the members in order. */
#include <string.h>

#include "base/mem.h"
#include "dataset/pack.h"
#include "files/file.h"

static const char mark[8] = "attprnt1";
enum { HEAD = 16, MAX_BYTES = 1 << 28 };

/* One walk over the members counts, writes or reads. */
struct walk {
    unsigned char *at, *end; /* NULL: only count */
    size_t bytes;
    bool reads, bad;
};

static void pack_print_field(struct walk *w, void *data, size_t size)
{
    w->bytes += size;
    if (!w->at || w->bad || !size) return;
    if ((size_t)(w->end - w->at) < size) {
        w->bad = true;
        return;
    }
    if (w->reads)
        memcpy(data, w->at, size);
    else
        memcpy(w->at, data, size);
    w->at += size;
}

static void walk_range(struct walk *w, struct case_range *r, int room)
{
    double *const numbers[] = {&r->count, &r->min, &r->max, &r->sum, &r->mean, &r->squares};
    for (int i = 0; i < 6; i++) pack_print_field(w, numbers[i], sizeof(double));
    pack_print_field(w, &r->samples, sizeof r->samples);
    if (w->reads && (r->samples < 0 || r->samples > room)) w->bad = true;
    if (!w->bad) pack_print_field(w, r->sample, (size_t)r->samples * sizeof *r->sample);
}

static void walk_class(struct walk *w, struct case_class *c)
{
    pack_print_field(w, &c->voxels, sizeof c->voxels);
    pack_print_field(w, c->thickness, sizeof c->thickness);
    pack_print_field(w, &c->components, sizeof c->components);
    if (w->reads && !w->bad &&
        (c->components < 0 ||
            (size_t)(w->end - w->at) / sizeof *c->component < (size_t)c->components))
        w->bad = true;
    if (w->bad || !c->components) return;
    if (w->reads && !(c->component = mem_array((size_t)c->components, sizeof *c->component))) {
        w->bad = true;
        return;
    }
    pack_print_field(w, c->component, (size_t)c->components * sizeof *c->component);
}

static void walk_print(struct walk *w, struct case_print *p, int channels, int classes, int room)
{
    uint8_t has_spacing = p->facts.has_spacing, foreground = p->facts.foreground;
    pack_print_field(w, p->facts.size, sizeof p->facts.size);
    pack_print_field(w, p->facts.box, sizeof p->facts.box);
    pack_print_field(w, p->facts.spacing, sizeof p->facts.spacing);
    pack_print_field(w, &has_spacing, 1);
    pack_print_field(w, &foreground, 1);
    p->facts.has_spacing = has_spacing != 0;
    p->facts.foreground = foreground != 0;
    for (int c = 0; c < channels; c++) {
        walk_range(w, &p->all[c], room);
        walk_range(w, &p->foreground[c], room);
    }
    for (int c = 0; c < classes; c++) walk_class(w, &p->class[c]);
}

att_status pack_print_save(
    const char *path, int channels, int classes, const struct case_print *print, struct err *e)
{
    struct case_print copy = *print;
    struct walk count = {.bytes = 0};
    walk_print(&count, &copy, channels, classes, 0);
    size_t total = HEAD + count.bytes;
    unsigned char *data;
    TRY(MEM_BYTES(data, total, "the fingerprint of a case", e));
    struct walk w = {.at = data + HEAD, .end = data + total};
    walk_print(&w, &copy, channels, classes, 0);
    uint32_t size = (uint32_t)total, crc = file_crc(0, data + HEAD, total - HEAD);
    memcpy(data, mark, sizeof mark);
    memcpy(data + 8, &size, sizeof size);
    memcpy(data + 12, &crc, sizeof crc);
    att_status status = file_write_all(path, data, total, e);
    mem_free(data);
    return status;
}

static bool read_print(
    char *data, size_t total, int channels, int classes, int room, struct case_print *p)
{
    uint32_t size, crc;
    if (total < HEAD || memcmp(data, mark, sizeof mark) != 0) return false;
    memcpy(&size, data + 8, sizeof size);
    memcpy(&crc, data + 12, sizeof crc);
    if (size != total || file_crc(0, data + HEAD, total - HEAD) != crc) return false;
    struct walk w = {
        .at = (unsigned char *)data + HEAD, .end = (unsigned char *)data + total, .reads = true};
    walk_print(&w, p, channels, classes, room);
    return !w.bad && w.at == w.end;
}

att_status pack_print_load(
    const char *path, int channels, int classes, int room, struct case_print *print, struct err *e)
{
    char *data;
    size_t size;
    TRY(file_read(path, MAX_BYTES, &data, &size, e));
    bool good = read_print(data, size, channels, classes, room, print);
    mem_free(data);
    if (good) return ATT_OK;
    case_print_free(print);
    float *sample[2][DATASET_CHANNELS];
    for (int c = 0; c < DATASET_CHANNELS; c++) {
        sample[0][c] = print->all[c].sample;
        sample[1][c] = print->foreground[c].sample;
    }
    memset(print, 0, sizeof *print);
    for (int c = 0; c < DATASET_CHANNELS; c++) {
        print->all[c].sample = sample[0][c];
        print->foreground[c].sample = sample[1][c];
    }
    return err_data(e, "%s is damaged; remove it and run attunet pack again", path);
}
