/* SPDX-License-Identifier: Apache-2.0 */
/* PNM files (PBM, PGM, PPM of Netpbm, as text or bytes, and PAM), as images of depth 1. Samples are
 * the stored numbers, whatever the maximum; of PBM, white is 255, and 1 in labels. Netpbm's own
 * library ends the process on damaged files, so this reader is attunet's own. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format/raster.h"
#include "format/source.h"

enum { WORD = 32, LINE = 256, TEXT = 8192, DEPTH_LIMIT = 4096 };
enum { BITS_TEXT = '1', BITS = '4', RGB_TEXT = '3', RGB = '6', PAM = '7' };

struct pnm {
    struct source s;
    int kind; /* the digit behind P */
    long width, height, depth, maximum;
    bool colours, alpha; /* red, green and blue; the last channel is opacity */
    bool only_alpha;     /* pass that channel alone */
    size_t row_bytes;    /* of bytes */
    unsigned char text[TEXT];
    size_t at, have; /* in `text` */
};

static bool sniff(const unsigned char *head, size_t size)
{
    return size >= 3 && head[0] == 'P' && head[1] >= BITS_TEXT && head[1] <= PAM &&
        strchr(head[1] == PAM ? "\n" : " \t\r\n#", head[2]) && head[2];
}

static bool pnm_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* The next byte of the header, with comments as line ends. */
static att_status pnm_byte(struct pnm *p, unsigned char *c, struct err *e)
{
    TRY(source_need(&p->s, c, 1, "its header", e));
    while (*c == '#') do
            TRY(source_need(&p->s, c, 1, "its header", e));
        while (*c != '\n' && *c != '\r');
    return ATT_OK;
}

/* A word and one byte after it. */
static att_status pnm_word(struct pnm *p, char word[WORD], unsigned char *after, struct err *e)
{
    int length = 0;
    do TRY(pnm_byte(p, after, e));
    while (pnm_space(*after));
    for (; !pnm_space(*after); length++) {
        if (length == WORD - 1)
            return err_data(e, "%s: its PNM header has no size; get a good copy", p->s.path);
        word[length] = (char)*after;
        TRY(pnm_byte(p, after, e));
    }
    word[length] = 0;
    return ATT_OK;
}

static att_status pnm_count(struct pnm *p, long *n, struct err *e)
{
    char word[WORD], *end;
    unsigned char after;
    TRY(pnm_word(p, word, &after, e));
    *n = strtol(word, &end, 10);
    if (*word >= '0' && *word <= '9' && !*end && *n > 0) return ATT_OK;
    return err_data(
        e, "%s: its PNM header has %s in the place of a number; get a good copy", p->s.path, word);
}

static att_status pnm_skip_line(struct pnm *p, struct err *e)
{
    unsigned char c;
    do TRY(source_need(&p->s, &c, 1, "its header", e));
    while (c != '\n');
    return ATT_OK;
}

static att_status pnm_read_pam(struct pnm *p, struct err *e)
{
    char word[WORD];
    unsigned char after;
    for (int lines = 0; lines < LINE; lines++) {
        TRY(pnm_word(p, word, &after, e));
        if (strcmp(word, "ENDHDR") == 0) return after == '\n' ? ATT_OK : pnm_skip_line(p, e);
        long *to = strcmp(word, "WIDTH") == 0 ? &p->width
            : strcmp(word, "HEIGHT") == 0     ? &p->height
            : strcmp(word, "DEPTH") == 0      ? &p->depth
            : strcmp(word, "MAXVAL") == 0     ? &p->maximum
                                              : NULL;
        if (to) {
            TRY(pnm_count(p, to, e));
        } else if (strcmp(word, "TUPLTYPE") == 0 && after != '\n') {
            TRY(pnm_word(p, word, &after, e));
            p->colours = strncmp(word, "RGB", 3) == 0;
            p->alpha = strstr(word, "_ALPHA");
        } else if (after != '\n') {
            TRY(pnm_skip_line(p, e));
        }
    }
    return err_data(e, "%s: its PAM header has no end; get a good copy", p->s.path);
}

static bool pnm_is_bits(const struct pnm *p) { return p->kind == BITS_TEXT || p->kind == BITS; }

static bool pnm_is_text(const struct pnm *p) { return p->kind <= RGB_TEXT; }

static att_status pnm_read_head(struct pnm *p, struct err *e)
{
    unsigned char magic[2];
    TRY(source_need(&p->s, magic, sizeof magic, "its header", e));
    p->kind = magic[1];
    p->colours = p->kind == RGB_TEXT || p->kind == RGB;
    p->depth = p->colours ? 3 : 1;
    p->maximum = 1;
    if (p->kind == PAM) {
        TRY(pnm_read_pam(p, e));
    } else {
        TRY(pnm_count(p, &p->width, e));
        TRY(pnm_count(p, &p->height, e));
        if (!pnm_is_bits(p)) TRY(pnm_count(p, &p->maximum, e));
    }
    p->colours = p->colours && p->depth == 3 + p->alpha;
    p->alpha = p->alpha && p->depth > 1;
    if (p->maximum > UINT16_MAX || p->depth > DEPTH_LIMIT)
        return err_data(e,
            "%s: its samples go up to %ld in %ld channels, but %d in %d are the limit; convert it",
            p->s.path, p->maximum, p->depth, UINT16_MAX, DEPTH_LIMIT);
    const uint64_t width = (uint64_t)p->width, samples = width * (uint64_t)p->depth;
    TRY(raster_check_size(p->s.path, width, (uint64_t)p->height, 0, 1, 0, e));
    p->row_bytes = (size_t)(p->kind == BITS             ? (width + 7) / 8
            : !pnm_is_text(p) && p->maximum > UINT8_MAX ? 2 * samples
                                                        : samples);
    return raster_check_size(p->s.path, width, (uint64_t)p->height,
        (uint64_t)p->row_bytes * (uint64_t)p->height, 1, p->s.file.size, e);
}

static att_status pnm_open(const char *path, struct pnm *p, struct err *e)
{
    TRY(source_open_whole(path, 0, false, &p->s, e));
    att_status status = pnm_read_head(p, e);
    if (status != ATT_OK) source_close(&p->s);
    return status;
}

/* ---- samples as text */

/* The next byte, or -1 at the end. */
static att_status pnm_letter(struct pnm *p, int *c, struct err *e)
{
    if (p->at == p->have) {
        p->at = 0;
        TRY(source_read(&p->s, p->text, TEXT, &p->have, e));
    }
    *c = p->at < p->have ? p->text[p->at++] : -1;
    return ATT_OK;
}

static att_status pnm_number(struct pnm *p, uint16_t *v, struct err *e)
{
    int c;
    long n = 0;
    do {
        TRY(pnm_letter(p, &c, e));
        while (c == '#') do
                TRY(pnm_letter(p, &c, e));
            while (c >= 0 && c != '\n' && c != '\r');
    } while (pnm_space(c));
    const bool digit = c >= '0' && c <= '9';
    while (c >= '0' && c <= '9' && n <= UINT16_MAX) {
        n = 10 * n + c - '0';
        if (p->kind == BITS_TEXT) break;
        TRY(pnm_letter(p, &c, e));
    }
    if (!digit || n > p->maximum)
        return err_data(e,
            "%s: its samples end early or are no numbers up to %ld; get a complete copy", p->s.path,
            p->maximum);
    *v = (uint16_t)n;
    return ATT_OK;
}

/* ---- rows */

static att_status pnm_read_row(
    struct pnm *p, unsigned char *room, size_t samples, uint16_t *to, struct err *e)
{
    const unsigned char *row;
    for (size_t i = 0; i < samples && pnm_is_text(p); i++) TRY(pnm_number(p, &to[i], e));
    if (pnm_is_text(p)) return ATT_OK;
    TRY(source_view(&p->s, room, p->row_bytes, &row, "its samples", e));
    const bool wide = p->maximum > UINT8_MAX, bits = p->kind == BITS;
    for (size_t i = 0; i < samples && bits; i++) to[i] = row[i / 8] >> (7 - i % 8) & 1;
    for (size_t i = 0; i < samples && wide; i++)
        to[i] = (uint16_t)(row[2 * i] << 8 | row[2 * i + 1]);
    for (size_t i = 0; i < samples && !bits && !wide; i++) to[i] = row[i];
    return ATT_OK;
}

static att_status pnm_give(
    struct pnm *p, bool labels, uint16_t *row, samples_fn *take, void *user, struct err *e)
{
    const size_t width = (size_t)p->width, depth = (size_t)p->depth,
                 kept = p->only_alpha ? 1 : depth - p->alpha, from = p->only_alpha ? depth - 1 : 0;
    const uint16_t white = labels ? 1 : UINT8_MAX;
    for (int y = 0; y < p->height; y++) {
        const unsigned char *bytes;
        if (p->kind > BITS && p->maximum <= UINT8_MAX && !p->alpha) { /* as they are */
            TRY(source_view(&p->s, row, p->row_bytes, &bytes, "its samples", e));
            TRY(raster_give_row(bytes, 1, (int)kept, (int)width, y, take, user, e));
            continue;
        }
        TRY(pnm_read_row(p, (unsigned char *)(row + width * depth), width * depth, row, e));
        for (size_t i = 0; i < width && pnm_is_bits(p); i++) row[i] = row[i] ? 0 : white;
        for (size_t i = 0; i < width && p->alpha; i++)
            memmove(row + i * kept, row + i * depth + from, kept * sizeof *row);
        TRY(raster_give_row(row, sizeof *row, (int)kept, (int)width, y, take, user, e));
    }
    return ATT_OK;
}

static att_status pnm_decode(
    const char *path, bool labels, bool alpha, samples_fn *take, void *user, struct err *e)
{
    struct pnm *p;
    uint16_t *row = NULL;
    TRY(MEM_NEW(p, path, e));
    att_status status = pnm_open(path, p, e);
    if (status == ATT_OK) {
        p->only_alpha = alpha;
        if (!alpha || p->alpha)
            status =
                MEM_BYTES(row, (size_t)(p->width * p->depth) * sizeof *row + p->row_bytes, path, e);
        if (row) status = pnm_give(p, labels, row, take, user, e);
        source_close(&p->s);
    }
    mem_free(row);
    mem_free(p);
    return status;
}

static att_status decode(const char *path, bool labels, samples_fn *take, void *user, struct err *e)
{
    return pnm_decode(path, labels, false, take, user, e);
}

static att_status pnm_decode_alpha(const char *path, samples_fn *take, void *user, struct err *e)
{
    return pnm_decode(path, false, true, take, user, e);
}

static att_status survey(const char *path, struct image *m, double *bytes, struct err *e)
{
    struct pnm p = {.kind = 0};
    TRY(pnm_open(path, &p, e));
    *m = raster_grid((int)p.depth - p.alpha, (int)p.height, (int)p.width);
    m->geometry.colours = p.colours;
    m->geometry.alpha = p.alpha;
    *bytes = (double)p.width * (double)p.depth * sizeof(uint16_t) + (double)p.row_bytes +
        (double)sizeof p;
    source_close(&p.s);
    return ATT_OK;
}

static const char *const endings[] = {".pnm", ".ppm", ".pgm", ".pbm", ".pam", NULL};

const struct format format_pnm = {
    .name = "PNM",
    .endings = endings,
    .results = ".png",
    .sniff = sniff,
    .survey = survey,
    .decode = decode,
    .alpha = pnm_decode_alpha,
};
