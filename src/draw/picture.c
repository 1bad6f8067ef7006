/* SPDX-License-Identifier: Apache-2.0 */
/* Draws lines and letters, anti-aliased by the distance to the pixel's centre. */
#include "draw/picture.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "draw/picture_font.h"

enum { SIDE_MAX = 1 << 15 };

att_status picture_create(
    int width, int height, struct color background, struct picture *p, struct err *e)
{
    *p = (struct picture){0};
    if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX)
        return err_usage(e, "a picture of %dx%d pixels cannot be drawn; use sides of 1 to %d",
            height, width, SIDE_MAX);
    size_t bytes = (size_t)width * (size_t)height * 3;
    unsigned char *rgb;
    TRY(MEM_BYTES(rgb, bytes, "a picture", e));
    *p = (struct picture){width, height, rgb};
    picture_fill(p, 0, 0, width, height, background);
    return ATT_OK;
}

void picture_free(struct picture *p)
{
    mem_free(p->rgb);
    *p = (struct picture){0};
}

/* To the nearest number, as lround, which takes longer. */
static unsigned char picture_mix(unsigned char from, unsigned char to, double share)
{
    const double x = (double)from + ((double)to - (double)from) * share;
    const int down = (int)x;
    return (unsigned char)(x - down < .5 ? down : down + 1);
}

struct color color_mix(struct color from, struct color to, double share)
{
    return (struct color){picture_mix(from.r, to.r, share), picture_mix(from.g, to.g, share),
        picture_mix(from.b, to.b, share)};
}

struct color color_of_class(int k)
{
    static const struct color colors[] = {{230, 75, 53}, {47, 126, 216}, {44, 160, 90},
        {240, 160, 32}, {142, 86, 190}, {23, 178, 184}, {226, 98, 168}, {140, 104, 74}};
    const int count = sizeof colors / sizeof *colors;
    return colors[(k % count + count) % count];
}

static unsigned char *picture_at(const struct picture *p, int x, int y)
{
    return p->rgb + ((size_t)y * (size_t)p->width + (size_t)x) * 3;
}

void picture_dot(struct picture *p, int x, int y, struct color c, double alpha)
{
    if (x < 0 || y < 0 || x >= p->width || y >= p->height || !(alpha > 0)) return;
    unsigned char *q = picture_at(p, x, y);
    if (alpha > 1) alpha = 1;
    struct color mixed = color_mix((struct color){q[0], q[1], q[2]}, c, alpha);
    q[0] = mixed.r;
    q[1] = mixed.g;
    q[2] = mixed.b;
}

void picture_fill(struct picture *p, int x, int y, int width, int height, struct color c)
{
    const int left = max_int(x, 0), right = min_int(x + width, p->width),
              bottom = min_int(y + height, p->height);
    for (int i = max_int(y, 0); i < bottom && left < right; i++) {
        unsigned char *q = picture_at(p, left, i);
        for (int j = left; j < right; j++, q += 3) {
            q[0] = c.r;
            q[1] = c.g;
            q[2] = c.b;
        }
    }
}

void picture_blit(struct picture *p, int x, int y, const unsigned char *samples, int channels,
    int width, int height, int factor)
{
    const int left = max_int(x, 0), right = min_int(x + width * factor, p->width);
    for (int i = 0; i < height && left < right; i++) {
        const int top = max_int(y + i * factor, 0),
                  bottom = min_int(y + (i + 1) * factor, p->height);
        for (int j = 0; j < width; j++, samples += channels) {
            struct color c = {samples[0], samples[channels / 3], samples[channels / 3 * 2]};
            if (top < bottom) picture_fill(p, x + j * factor, top, factor, 1, c);
        }
        for (int k = top + 1; k < bottom; k++)
            memcpy(picture_at(p, left, k), picture_at(p, left, top), 3 * (size_t)(right - left));
    }
}

struct stroke {
    double x0, y0, x1, y1;
};

/* Distance of (x, y) from the nearest point of a stroke. */
static double picture_distance(const struct stroke *s, double x, double y)
{
    double dx = s->x1 - s->x0, dy = s->y1 - s->y0, length = dx * dx + dy * dy;
    double t = length > 0 ? ((x - s->x0) * dx + (y - s->y0) * dy) / length : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    dx = s->x0 + t * dx - x;
    dy = s->y0 + t * dy - y;
    return sqrt(dx * dx + dy * dy); /* hypot differs between C libraries */
}

static int clip(double x, int side) { return (int)fmin(fmax(x, 0), side); }

/* Draws all strokes at once, so joints are not drawn twice. */
static void picture_draw(
    struct picture *p, const struct stroke *s, int count, double width, struct color c)
{
    double left = HUGE_VAL, top = HUGE_VAL, right = -HUGE_VAL, bottom = -HUGE_VAL,
           reach = width / 2 + 1;
    for (int i = 0; i < count; i++) {
        left = fmin(left, fmin(s[i].x0, s[i].x1));
        right = fmax(right, fmax(s[i].x0, s[i].x1));
        top = fmin(top, fmin(s[i].y0, s[i].y1));
        bottom = fmax(bottom, fmax(s[i].y0, s[i].y1));
    }
    int x0 = clip(left - reach, p->width), x1 = clip(right + reach, p->width);
    int y0 = clip(top - reach, p->height), y1 = clip(bottom + reach, p->height);
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            double nearest = HUGE_VAL;
            for (int i = 0; i < count; i++)
                nearest = fmin(nearest, picture_distance(s + i, x + 0.5, y + 0.5));
            picture_dot(p, x, y, c, width / 2 + 0.5 - nearest);
        }
}

void picture_line(
    struct picture *p, double x0, double y0, double x1, double y1, double width, struct color c)
{
    if (isfinite(x0) && isfinite(y0) && isfinite(x1) && isfinite(y1))
        picture_draw(p, &(struct stroke){x0, y0, x1, y1}, 1, width, c);
}

struct glyph {
    const unsigned char *rows;
    int left, width; /* columns in use */
    int drop;        /* rows below a capital's top */
};

static struct glyph find_glyph(char letter)
{
    bool drawn = letter >= FONT_FIRST && letter <= FONT_LAST;
    struct glyph g = {.rows = picture_font[(drawn ? letter : '?') - FONT_FIRST]};
    unsigned used = 0;
    for (int i = 0; i < FONT_HEIGHT; i++) used |= g.rows[i];
    if (!used) return (struct glyph){.rows = g.rows, .width = 2};
    while (!(used >> (FONT_WIDTH - 1 - g.left) & 1)) g.left++;
    g.width = FONT_WIDTH - g.left;
    while (!(used >> (FONT_WIDTH - g.left - g.width) & 1)) g.width--;
    g.drop = strchr(picture_font_tails, letter) ? FONT_TAIL : 0;
    return g;
}

static bool lit(const struct glyph *g, int x, int y)
{
    return x >= 0 && x < FONT_WIDTH && y >= 0 && y < FONT_HEIGHT &&
        (g->rows[y] >> (FONT_WIDTH - 1 - x) & 1);
}

/* Joins neighbouring dots along rows and columns, and along diagonals without such a connection. */
static int make_strokes(const struct glyph *g, double x, double y, double size, struct stroke *s)
{
    int count = 0;
    for (int i = 0; i < FONT_HEIGHT; i++)
        for (int j = 0; j < FONT_WIDTH; j++) {
            if (!lit(g, j, i)) continue;
            double cx = x + (j - g->left + 0.5) * size, cy = y + (i + g->drop + 0.5) * size;
            bool right = lit(g, j + 1, i), below = lit(g, j, i + 1);
            s[count++] = (struct stroke){cx, cy, cx, cy};
            if (right) s[count++] = (struct stroke){cx, cy, cx + size, cy};
            if (below) s[count++] = (struct stroke){cx, cy, cx, cy + size};
            if (lit(g, j + 1, i + 1) && !right && !below)
                s[count++] = (struct stroke){cx, cy, cx + size, cy + size};
            if (lit(g, j - 1, i + 1) && !lit(g, j - 1, i) && !below)
                s[count++] = (struct stroke){cx, cy, cx - size, cy + size};
        }
    return count;
}

/* The next letter; a UTF-8 sequence counts as one that is not ASCII. */
static char next_letter(const char **text)
{
    char letter = *(*text)++;
    if (!(letter & 0x80)) return letter;
    while ((**text & 0xc0) == 0x80) (*text)++;
    return 0x7f;
}

void picture_text(struct picture *p, int x, int y, double size, struct color c, const char *text)
{
    struct stroke strokes[FONT_WIDTH * FONT_HEIGHT * 5];
    double pen = x;
    while (*text) {
        struct glyph g = find_glyph(next_letter(&text));
        int count = make_strokes(&g, pen, y, size, strokes);
        picture_draw(p, strokes, count, size * 0.9, c);
        pen += (g.width + 1) * size;
    }
}

int picture_text_width(double size, const char *text)
{
    int columns = 0;
    while (*text) columns += find_glyph(next_letter(&text)).width + 1;
    return columns ? (int)ceil((columns - 1) * size) : 0;
}

void picture_text_cut(char *text, double size, int width)
{
    size_t length = strlen(text);
    if (picture_text_width(size, text) <= width) return;
    while (length > 2 && picture_text_width(size, text) > width) {
        do length--;
        while (length > 2 && (text[length - 2] & 0xc0) == 0x80);
        memcpy(text + length - 2, "..", 3);
    }
}
