/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/segments.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "format/header_text.h"

/* The next field "Segment2_Name:=liver" with this ending, and its number. */
static bool next_field(
    const char *header, const char **at, const char *ending, struct header_field *f, int *segment)
{
    struct header_line line;
    while (header_next(header, at, &line)) {
        int end = 0;
        if (!header_split(line, ':', f) || sscanf(f->key, "Segment%d_%n", segment, &end) != 1)
            continue;
        if (end && strcmp(f->key + end, ending) == 0 && *f->value == '=') return true;
    }
    return false;
}

static void add_segment(struct segments *s, const struct segment *x)
{
    for (int i = 0; i < s->count; i++) {
        if (s->by[i].value != x->value) continue;
        if (!*s->other.name && !text_equals(s->by[i].name, x->name)) {
            s->same = s->by[i];
            s->other = *x;
        }
        return;
    }
    if (s->count < LABELLING_MAX) s->by[s->count++] = *x;
}

att_status segments_add(
    struct segments *s, const char *header, const struct values *v, int file, struct err *e)
{
    struct header_field f;
    int segment, named;
    for (const char *at = NULL; header && next_field(header, &at, "LabelValue", &f, &segment);) {
        struct segment x = {.file = file};
        if (sscanf(f.value, "=%u", &x.value) != 1 || !x.value || x.value >= VALUES ||
            !values_have(v, x.value))
            continue;
        for (const char *from = NULL; next_field(header, &from, "Name", &f, &named);)
            if (named == segment) TRY(layout_tidy_name(f.value + 1, x.name, e));
        if (*x.name) add_segment(s, &x);
    }
    return ATT_OK;
}

const char *segments_name(const struct segments *s, unsigned value)
{
    const char *name = NULL;
    for (int i = 0; i < s->count && !name; i++)
        if (s->by[i].value == value) name = s->by[i].name;
    for (int i = 0; i < s->count && name; i++)
        if (s->by[i].value != value && text_equals(s->by[i].name, name)) return NULL;
    return *s->other.name || !name || text_equals(name, "background") || text_equals(name, "ignore")
        ? NULL
        : name;
}

const char *segments_differ(
    const struct segments *s, const struct dataset *d, char *text, size_t size)
{
    if (!*s->other.name) return NULL;
    snprintf(text, size, "the value %u is the segment \"%s\" in %.200s, but \"%s\" in %.200s",
        s->same.value, s->same.name, d->cases[s->same.file].label, s->other.name,
        d->cases[s->other.file].label);
    return "if the names count, give each name the same value in all files, as 3D Slicer does if "
           "it exports with a color table";
}
