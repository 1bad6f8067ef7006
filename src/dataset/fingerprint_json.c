/* SPDX-License-Identifier: Apache-2.0 */
/* A fingerprint as JSON, for people and plan files. */
#include "base/json.h"
#include "base/number.h"
#include "dataset/fingerprint.h"

/* "36x50x35", as in options. */
static json_t *fingerprint_json_three(const double v[3])
{
    char text[96];
    number_write(text, sizeof text, "%.4gx%.4gx%.4g", v[0], v[1], v[2]);
    return json_string(text);
}

static json_t *range_of(const struct fingerprint *f, enum fingerprint_measure what)
{
    double v[3][3];
    for (int k = 0; k < 3; k++)
        for (int a = 0; a < 3; a++) v[k][a] = fingerprint_of_cases(f, what, a, .5 * k);
    return json_pack("{s:o, s:o, s:o}", "least", fingerprint_json_three(v[0]), "median",
        fingerprint_json_three(v[1]), "most", fingerprint_json_three(v[2]));
}

static json_t *intensities(const struct fingerprint_range *r)
{
    if (!(r->count > 0)) return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "least", json_rounded(r->min),
        "percentile_0_5", json_rounded(r->low), "median", json_rounded(r->median),
        "percentile_99_5", json_rounded(r->high), "most", json_rounded(r->max), "mean",
        json_rounded(r->mean), "std", json_rounded(r->std));
}

static json_t *channels(const struct fingerprint *f)
{
    json_t *list = json_array();
    for (int c = 0; c < f->channels; c++)
        json_array_append_new(list,
            json_pack("{s:o, s:o, s:o}", "name", json_utf8(f->channel_name[c]), "all",
                intensities(&f->all[c]), "foreground", intensities(&f->foreground[c])));
    return list;
}

static json_t *fingerprint_json_class_row(const struct fingerprint *f, int c, double voxels)
{
    const struct fingerprint_class *k = &f->class[c];
    json_t *j = json_pack("{s:o, s:I, s:o, s:i, s:o}", "name", json_utf8(f->class_name[c]),
        "voxels", (json_int_t)k->voxels, "share",
        json_rounded(voxels > 0 ? (double)k->voxels / voxels : 0), "cases", k->cases, "thickness",
        fingerprint_json_three(k->thickness));
    if (j && c > 0)
        json_object_set_new(j, "components",
            json_pack("{s:I, s:o, s:I}", "count", (json_int_t)k->components, "median_voxels",
                json_rounded(k->median), "smallest_voxels", (json_int_t)k->smallest));
    return j;
}

static json_t *classes(const struct fingerprint *f)
{
    json_t *list = json_array();
    double voxels = 0;
    for (int c = 0; c < f->classes; c++) voxels += (double)f->class[c].voxels;
    for (int c = 0; c < f->classes; c++)
        json_array_append_new(list, fingerprint_json_class_row(f, c, voxels));
    return list;
}

json_t *fingerprint_to_json(const struct fingerprint *f)
{
    int with_spacing = 0;
    for (int i = 0; i < f->count; i++) with_spacing += f->cases[i].has_spacing;
    json_t *j = json_pack("{s:i, s:i, s:o, s:i, s:o, s:o}", "dims", f->dims, "cases", f->count,
        "groups", f->groups ? json_integer(f->groups) : json_null(), "cases_without_foreground",
        f->empty, "size", range_of(f, FINGERPRINT_SIZE), "spacing",
        with_spacing ? range_of(f, FINGERPRINT_SPACING) : json_null());
    if (!j) return NULL;
    json_set_int(j, "cases_with_known_spacing", with_spacing);
    json_object_set_new(j, "nonzero_box", range_of(f, FINGERPRINT_BOX));
    json_object_set_new(
        j, "nonzero_share", json_rounded(fingerprint_of_cases(f, FINGERPRINT_SHARE, 0, .5)));
    json_object_set_new(j, "channels", channels(f));
    json_object_set_new(j, "classes", classes(f));
    return j;
}
