/* SPDX-License-Identifier: Apache-2.0 */
#include "format/joined.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "files/file.h"
#include "format/format.h"

/* Between two parts, before the '/' or "./" that the next one begins with. */
static const char between[] = " + .";
enum { SPACE = 3 /* before the '.' */ };

/* The end of the part that begins here. */
static const char *part_end(const char *from)
{
    for (const char *at = strstr(from, between); at; at = strstr(at + 1, between)) {
        const char *next = at + sizeof between - 1;
        if (*next == '/' || strncmp(next, "./", 2) == 0) return at;
    }
    return from + strlen(from);
}

enum { CLASS = JOINED_OBJECT - 1 };

/* Length of a part without "=VALUE", "=VALUE~^" or "=-OBJECT", and the value, or 0. */
static int cut_value(const char *from, const char *end, int *value)
{
    enum { DIGITS = 5 };
    const bool over = end > from && end[-1] == '^',
               object = end - over > from && end[-over - 1] == '~';
    const char *const last = end - over - object, *digit = last;
    *value = 0;
    while (digit > from && digit[-1] >= '0' && digit[-1] <= '9') digit--;
    const char *sign = digit > from && digit[-1] == '-' ? digit - 1 : digit;
    if (digit == last || last - digit > DIGITS || sign - from < 2 || sign[-1] != '=' ||
        ((object || over) && sign < digit))
        return (int)(end - from);
    for (const char *c = digit; c < last; c++) *value = 10 * *value + *c - '0';
    if (sign < digit) *value = -*value;
    if (object) *value |= JOINED_OBJECT;
    if (over) *value |= JOINED_OVER;
    return (int)(sign - 1 - from);
}

bool joined_is(const char *path)
{
    int value;
    const char *end = part_end(path);
    cut_value(path, end, &value);
    return (*end || value) && !file_exists(path);
}

int joined_count(const char *path)
{
    int count = 1;
    if (!joined_is(path)) return 1;
    for (const char *end = part_end(path); *end; end = part_end(end + SPACE)) count++;
    return count;
}

/* Part k, and its value. */
static bool find_part(const char *path, int k, char part[PATH_MAX], int *value)
{
    *value = 0;
    if (!joined_is(path)) return snprintf(part, PATH_MAX, "%s", path) < PATH_MAX;
    const char *from = path, *end = part_end(path);
    for (int i = 0; i < k; i++) {
        if (!*end) return false;
        from = end + SPACE;
        end = part_end(from);
    }
    const int length = cut_value(from, end, value);
    if (from == path) return snprintf(part, PATH_MAX, "%.*s", length, path) < PATH_MAX;
    const char *rest = from, *first = part_end(path), *folder = first;
    while (folder > path && folder[-1] != '/') folder--;
    if (strncmp(rest, "./", 2) == 0) rest += 2;
    for (; strncmp(rest, "../", 3) == 0; rest += 3) {
        if (folder > path) folder--;
        while (folder > path && folder[-1] != '/') folder--;
    }
    return snprintf(part, PATH_MAX, "%.*s%.*s", (int)(folder - path), path,
               (int)(from + length - rest), rest) < PATH_MAX;
}

bool joined_part(const char *path, int k, char part[PATH_MAX])
{
    int value;
    return find_part(path, k, part, &value);
}

bool joined_has_values(const char *path)
{
    char part[PATH_MAX];
    int value;
    return find_part(path, 0, part, &value) && value;
}

static void joined_write_value(int value, char text[16])
{
    *text = 0;
    if (value)
        snprintf(text, 16, "=%d%s%s", value > 0 ? value & CLASS : value,
            value > 0 && value & JOINED_OBJECT ? "~" : "",
            value > 0 && value & JOINED_OVER ? "^" : "");
}

char *joined_add(char *path, const char *more, int value)
{
    char number[16], up[PATH_MAX] = "";
    joined_write_value(value, number);
    if (!path) return mem_text("%s%s", more, number);
    /* the folders that both have */
    const char *end = part_end(path), *own = path, *its = more;
    for (const char *a = path, *b = more; a < end && *a == *b; a++, b++)
        if (*a == '/') {
            own = a + 1;
            its = b + 1;
        }
    size_t used = 0;
    for (const char *a = own; a < end; a++)
        if (*a == '/' && used + 4 < sizeof up) {
            memcpy(up + used, "../", 4);
            used += 3;
        }
    char *longer = mem_text("%s + %s%s%s", path, used ? up : "./", its, number);
    mem_free(path);
    return longer;
}

/* `value` by class; NULL: numbers of objects. */
static char *renumber(char *path, const int *value)
{
    char *longer = mem_text("%s", "");
    int object = 0;
    for (const char *from = path; longer && *from;) {
        const char *end = part_end(from);
        int own;
        const int length = cut_value(from, end, &own);
        char number[16], *before = longer;
        if (!value && own > 0 && own & JOINED_OVER)
            own = ++object | JOINED_OBJECT | JOINED_OVER;
        else if (!value)
            own = -++object;
        else if (own > 0)
            own = value[own & CLASS] | (own & ~CLASS);
        joined_write_value(own, number);
        longer = mem_text("%s%.*s%s%s", before, length, from, number, *end ? " + " : "");
        mem_free(before);
        from = *end ? end + SPACE : end;
    }
    mem_free(path);
    return longer;
}

char *joined_renumber(char *path, const int *value) { return renumber(path, value); }

char *joined_objects(char *path) { return renumber(path, NULL); }

static att_status load_part(const char *part, int value, struct labelmap *m, struct err *e)
{
    TRY(format_load_labels(part, m, e));
    for (size_t i = 0, n = image_voxels(m->size); i < n && value; i++)
        m->data[i] = m->data[i] ? (uint16_t)(abs(value) & CLASS) : 0;
    return ATT_OK;
}

/* Part k of `path` gives voxel `at` of m, the first of `count`, another value than an earlier one.
 */
static att_status contradict(const char *path, int k, const char *part, const struct labelmap *m,
    size_t at, size_t count, int own, struct err *e)
{
    char place[IMAGE_PLACE_TEXT], other[PATH_MAX] = "";
    int value = 0;
    for (int i = k - 1; i >= 0 && (value & CLASS) != m->data[at]; i--)
        find_part(path, i, other, &value);
    image_place(m->size, at, place);
    if (!value)
        return err_data(e,
            "%.300s: voxel %s is %d, but %d in %.300s, another mask of the same image; correct one "
            "of them",
            part, place, own, m->data[at], other);
    return err_data(e,
        "%.300s overlaps %.300s, a mask of another class, in %zu voxel%s, such as %s (%d, not %d); "
        "in `labels`, give each class a pattern, with > in place of ; before that of the class "
        "that covers the other, or give `mask-values` one, or correct the masks",
        part, other, count, TEXT_S(count), place, own, m->data[at]);
}

/* Adds the voxels of a part with this value. */
static att_status merge_part(const char *path, int k, const char *part, int value,
    const struct labelmap *more, struct labelmap *m, size_t *overlap, struct err *e)
{
    const bool object = value < 0 || value & JOINED_OBJECT, over = value > 0 && value & JOINED_OVER;
    size_t count = 0, at = 0;
    for (size_t i = 0, n = image_voxels(m->size); i < n; i++) {
        if (!more->data[i]) continue;
        const bool differs = m->data[i] && m->data[i] != more->data[i];
        *overlap += m->data[i] && !(differs && over);
        const bool wrong = differs && !object && !over;
        if (wrong && !count) at = i;
        count += wrong && m->data[i] == m->data[at];
        if (!m->data[i] || over) m->data[i] = more->data[i];
    }
    return count ? contradict(path, k, part, m, at, count, more->data[at], e) : ATT_OK;
}

/* Add one part to the union. */
static att_status joined_add_part(const char *path, int k, const char *part, int value,
    const char *first, struct labelmap *m, size_t *overlap, struct err *e)
{
    struct labelmap more;
    TRY(load_part(part, value, &more, e));
    char own[NUMBER_SIZE], its[NUMBER_SIZE];
    const bool same = image_same_triple(more.size, m->size);
    const double distance = same ? geometry_difference(&m->geometry, &more.geometry, m->size) : 0;
    att_status status = ATT_OK;
    if (!same)
        status = err_data(e,
            "%s is %s but %s, another mask of the same image, is %s; resample one to the other's "
            "grid",
            part, number_size(more.size, more.size[0] == 1, own), first,
            number_size(m->size, m->size[0] == 1, its));
    else if (!geometry_meets(&m->geometry, &more.geometry, m->size))
        status = err_data(e,
            "%s: by its header it is %.3g voxels off from %s, another mask of the same image "
            "(tolerance %g voxels); resample one to the other's grid",
            part, distance, first, GEOMETRY_TOLERANCE);
    if (status == ATT_OK) status = merge_part(path, k, part, value, &more, m, overlap, e);
    labelmap_free(&more);
    return status;
}

att_status joined_load(const char *path, struct labelmap *m, size_t *overlap, struct err *e)
{
    char first[PATH_MAX], part[PATH_MAX];
    size_t twice = 0;
    int count = joined_count(path), value;
    *m = (struct labelmap){0};
    att_status status = ATT_OK;
    for (int k = 0; k < count && status == ATT_OK; k++) {
        if (!find_part(path, k, k ? part : first, &value))
            status = err_data(e, "%.200s...: the name is too long; shorten it", path);
        else
            status = k ? joined_add_part(path, k, part, value, first, m, &twice, e)
                       : load_part(first, value, m, e);
    }
    if (overlap) *overlap = status == ATT_OK ? twice : 0;
    if (status != ATT_OK) labelmap_free(m);
    return status;
}
