/* SPDX-License-Identifier: Apache-2.0 */
/* Files that Python's libraries wrote, against what they read from them: expected.txt in
 * tests/fixtures/raster (tools/fixtures/make_raster.py) and pictures (make_pictures.py). */
#ifndef RASTER_TEST_H
#define RASTER_TEST_H

#include <math.h>

#include "format/format.h"
#include "unit/format/format_test.h"

struct expectation {
    char name[64];
    bool labels;
    int channels, size[3];
    float spacing[3];
    const char *values;
};

static inline float next_value(const char **text)
{
    char *end;
    float v = strtof(*text, &end);
    assert_ptr_not_equal(end, *text);
    *text = end;
    return v;
}

static inline void check_image(const struct expectation *x, const char *path)
{
    struct image m;
    int channels, size[3];
    float spacing[3];
    const char *text = x->values;
    OK(format_load_image(path, &m, &e));
    if (m.channels != x->channels || memcmp(m.size, x->size, sizeof m.size) != 0)
        fail_msg(
            "%s: %d channels of %dx%dx%d", x->name, m.channels, m.size[0], m.size[1], m.size[2]);
    for (size_t i = 0, n = image_voxels(m.size) * (size_t)m.channels; i < n; i++) {
        float wanted = next_value(&text);
        if (m.data[i] != wanted)
            fail_msg(
                "%s: sample %zu is %.9g, not %.9g", x->name, i, (double)m.data[i], (double)wanted);
    }
    assert_int_equal(m.geometry.valid, x->spacing[0] > 0);
    OK(format_peek(path, &channels, size, spacing, &e));
    assert_int_equal(channels, m.channels);
    assert_memory_equal(size, m.size, sizeof size);
    for (int a = 0; a < 3; a++) {
        float wanted = x->spacing[a], got = m.geometry.valid ? m.geometry.spacing[a] : 0;
        if (fabsf(got - wanted) > 1e-6f * wanted || spacing[a] != got)
            fail_msg("%s: spacing %d is %.9g, peeked %.9g, not %.9g", x->name, a, (double)got,
                (double)spacing[a], (double)wanted);
        assert_true(m.geometry.affine[2 - a][a] == 0 || a == 1);
        if (got > 0)
            assert_true(fabs(m.geometry.affine[2 - a][2 - a] - (double)got) < 1e-6 * (double)got);
    }
    image_free(&m);
}

static inline void check_labels(const struct expectation *x, const char *path)
{
    struct labelmap m;
    const char *text = x->values;
    OK(format_load_labels(path, &m, &e));
    assert_memory_equal(m.size, x->size, sizeof m.size);
    for (size_t i = 0, n = image_voxels(m.size); i < n; i++) {
        float wanted = next_value(&text);
        if ((float)m.data[i] != wanted)
            fail_msg("%s: label %zu is %d, not %.9g", x->name, i, m.data[i], (double)wanted);
    }
    labelmap_free(&m);
}

struct transparency {
    float x[256];
    size_t count;
};

static inline att_status take_transparency(
    void *user, int channel, size_t start, const float *x, size_t count, struct err *err)
{
    struct transparency *t = user;
    (void)channel, (void)err;
    assert_true(start + count <= COUNT(t->x));
    memcpy(t->x + start, x, count * sizeof *x);
    t->count += count;
    return ATT_OK;
}

static inline void check_alpha(const struct expectation *x, const char *path)
{
    struct transparency t = {.count = 0};
    const struct format *f;
    struct image m;
    bool varies;
    const char *text = x->values;
    OK(format_by_content(path, &f, &e));
    OK(f->alpha(path, take_transparency, &t, &e));
    assert_true(t.count == image_voxels(x->size));
    for (size_t i = 0; i < t.count; i++) {
        const float wanted = next_value(&text);
        if (t.x[i] != wanted)
            fail_msg("%s: transparency %zu is %.9g, not %.9g", x->name, i, (double)t.x[i],
                (double)wanted);
    }
    OK(format_peek_image(path, &m, &e));
    assert_true(m.geometry.alpha);
    OK(format_alpha_varies(path, &varies, &e));
    assert_true(varies);
}

/* Checks every file of a folder of fixtures with that ending; returns how many there were. */
static inline int read_as_expected(const char *folder, const char *ending)
{
    char path[80];
    size_t size;
    int count = 0;
    snprintf(path, sizeof path, "%s/expected.txt", folder);
    char *all = (char *)read_fixture(path, &size), *rest = all;
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        struct expectation x = {.labels = false};
        char kind[8];
        int used = 0;
        assert_int_equal(
            sscanf(line, "%63s %7s %d %d %d %d %f %f %f %n", x.name, kind, &x.channels, &x.size[0],
                &x.size[1], &x.size[2], &x.spacing[0], &x.spacing[1], &x.spacing[2], &used),
            9);
        x.values = line + used;
        if (!file_ends(x.name, ending)) continue;
        snprintf(path, sizeof path, "%s/%s", folder, x.name);
        if (strcmp(kind, "labels") == 0)
            check_labels(&x, fixture(path));
        else if (strcmp(kind, "alpha") == 0)
            check_alpha(&x, fixture(path));
        else
            check_image(&x, fixture(path));
        count++;
    }
    mem_free(all);
    return count;
}

/* Checks that images are refused with those words. */
struct refusal {
    const char *name, *words;
};
static inline void refuse_images(const struct refusal *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct image m;
        struct err e = {0};
        att_status status = format_load_image(fixture(list[i].name), &m, &e);
        if (status != ATT_DATA || !strstr(e.text, list[i].words))
            fail_msg("%s: %d %s", list[i].name, status, e.text);
        assert_null(m.data);
    }
}

/* Checks that a file cut off anywhere from a byte on is refused, but for `spare` bytes at its
 * end. */
static inline void refuse_parts(const char *name, size_t from, size_t spare)
{
    size_t size;
    unsigned char *file = read_fixture(name, &size);
    for (size_t cut = from; cut < size - spare; cut++) {
        struct image m;
        struct err e = {0};
        write_scratch("cut", file, cut);
        if (format_load_image("cut", &m, &e) != ATT_DATA) fail_msg("%s: %zu", name, cut);
        assert_null(m.data);
    }
    mem_free(file);
}

static inline void refuse_writing(const char *path, const char *words)
{
    struct labelmap l = {.size = {1, 1, 1}, .data = (uint16_t[]){0}};
    REFUSED(format_save_labels(path, &l, &e), ATT_USAGE, words);
    assert_string_equal(format_result_ending(path), ".png");
}

#endif
