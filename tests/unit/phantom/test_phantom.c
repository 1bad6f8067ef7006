/* SPDX-License-Identifier: Apache-2.0 */
/* Phantoms: the same everywhere and in any order, within their ranges, and as files a data set. */
#include "phantom/phantom.h"

#include <math.h>

#include "attunet.h"
#include "unit/dataset/dataset_test.h"

static struct phantom_case made_in(
    const struct phantom *p, int index, bool unseen, uint64_t seed, int h, int w)
{
    struct phantom_wish wish = {
        .index = index, .unseen = unseen, .seed = seed, .size = {h ? 1 : 0, h, w}};
    struct phantom_case c;
    OK(phantom_make(p, &wish, &c, &e));
    return c;
}

static struct phantom_case made(const struct phantom *p, int index, bool unseen, uint64_t seed)
{
    bool large = p == &phantom_field;
    return made_in(p, index, unseen, seed, large ? 320 : 0, large ? 256 : 0);
}

static bool same(const struct phantom_case *a, const struct phantom_case *b)
{
    size_t n = image_voxels(a->image.size);
    return memcmp(a->image.size, b->image.size, sizeof a->image.size) == 0 &&
        memcmp(a->image.data, b->image.data, n * sizeof *a->image.data) == 0 &&
        memcmp(a->labels.data, b->labels.data, n * sizeof *a->labels.data) == 0;
}

static void a_case_is_a_function_of_its_number(void **state)
{
    (void)state;
    const struct phantom *const all[] = {
        &phantom_ultrasound, &phantom_organs, &phantom_field, &phantom_signpost};
    for (int k = 0; k < COUNT(all); k++) {
        struct phantom_case c[] = {made(all[k], 3, false, 1), made(all[k], 4, false, 1),
            made(all[k], 3, true, 1), made(all[k], 3, false, 2), made(all[k], 3, false, 1)};
        assert_true(same(&c[0], &c[4]));
        for (int i = 1; i < 4; i++) assert_false(same(&c[0], &c[i]));
        for (int i = 0; i < COUNT(c); i++) phantom_case_free(&c[i]);
        assert_null(c[0].image.data);
    }
}

/* How many voxels have each class; samples must be whole numbers from 0 to `most`. */
static void count(const struct phantom_case *c, double max, size_t voxels[3])
{
    memset(voxels, 0, 3 * sizeof *voxels);
    assert_memory_equal(c->image.size, c->labels.size, sizeof c->image.size);
    for (size_t i = 0; i < image_voxels(c->image.size); i++) {
        double v = (double)c->image.data[i];
        assert_true(v >= 0 && v <= max && v == floor(v));
        assert_true(c->labels.data[i] < 3);
        voxels[c->labels.data[i]]++;
    }
}

struct bounds {
    double low, high;
};

static void check_lesion(
    int index, bool unseen, struct bounds radius, struct bounds place, struct bounds size)
{
    struct phantom_case c = made(&phantom_ultrasound, index, unseen, 5);
    size_t voxels[3], x = 0;
    int h = c.image.size[IMAGE_H], w = c.image.size[IMAGE_W];
    count(&c, 255, voxels);
    for (int i = 0; i < h * w; i++) x += c.labels.data[i] ? (size_t)(i % w) : 0;
    double mean_radius = sqrt((double)voxels[1] / acos(-1)),
           mean_place = (double)x / (double)voxels[1] / w;
    assert_int_equal(c.image.size[IMAGE_D], 1);
    assert_true(h >= size.low && h <= size.high && w >= size.low && w <= size.high);
    assert_int_equal(voxels[2], 0);
    assert_true(mean_radius > 0.93 * radius.low);
    if (!unseen) radius.high *= sqrt(2); /* there may be two */
    assert_true(mean_radius < 1.07 * radius.high);
    assert_true(mean_place > place.low - 0.03 && mean_place < place.high + 0.03);
    phantom_case_free(&c);
}

static void lesions_keep_to_their_ranges(void **state)
{
    (void)state;
    for (int i = 0; i < 16; i++) {
        check_lesion(i, false, (struct bounds){16, 22}, (struct bounds){0.28, 0.72},
            (struct bounds){128, 151});
        if (i % 2)
            check_lesion(i, true, (struct bounds){23, 27}, (struct bounds){0.73, 0.81},
                (struct bounds){153, 159});
        else
            check_lesion(i, true, (struct bounds){14, 15.5}, (struct bounds){0.19, 0.27},
                (struct bounds){153, 159});
    }
}

/* Outside of the lesion there is more of the lesion's mean grey value than inside. */
static void grey_values_do_not_find_lesions(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        struct phantom_case c = made(&phantom_ultrasound, i, i >= 6, 6);
        double sum = 0;
        size_t voxels[3], duplicates[2] = {0};
        count(&c, 255, voxels);
        for (size_t k = 0; k < image_voxels(c.image.size); k++)
            sum += c.labels.data[k] ? (double)c.image.data[k] : 0;
        for (size_t k = 0; k < image_voxels(c.image.size); k++)
            duplicates[c.labels.data[k]] +=
                fabs((double)c.image.data[k] - sum / (double)voxels[1]) < 10;
        assert_true(duplicates[0] > duplicates[1]);
        phantom_case_free(&c);
    }
}

static void organs_are_there_and_scale(void **state)
{
    (void)state;
    double volume[3] = {0}; /* of the first organ: training, even, odd */
    for (int i = 0; i < 6; i++)
        for (int unseen = 0; unseen < 2; unseen++) {
            struct phantom_case c = made(&phantom_organs, i, unseen, 7);
            size_t voxels[3];
            count(&c, 600, voxels);
            assert_true(voxels[1] > 500 && voxels[2] > 250);
            volume[unseen ? 1 + i % 2 : 0] += (double)voxels[1] / (unseen ? 3 : 6);
            phantom_case_free(&c);
        }
    assert_true(volume[1] < volume[0] && volume[0] < volume[2]);
}

static void organs_lie_on_an_oblique_grid(void **state)
{
    (void)state;
    struct phantom_case c = made(&phantom_organs, 0, false, 1);
    const struct geometry *g = &c.image.geometry;
    const double length[3] = {1, 1, 1.5};
    assert_true(g->valid && g->spacing[IMAGE_D] == 1.5f && g->spacing[IMAGE_H] == 1 &&
        g->spacing[IMAGE_W] == 1);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j <= i; j++) {
            double product = 0;
            for (int k = 0; k < 3; k++) product += g->affine[k][i] * g->affine[k][j];
            assert_true(fabs(product - (i == j ? length[i] * length[i] : 0)) < 1e-12);
        }
    assert_true(fabs(g->affine[1][0]) > 0.001 && g->affine[0][0] < 0);
    assert_memory_equal(g->affine, c.labels.geometry.affine, sizeof g->affine);
    phantom_case_free(&c);
}

/* Blocks of 8 x 8 of a field, as an image reduced 8 times would show them: all lesion, or without
 * any. */
struct block {
    double mean, variance;
    int lesion; /* pixels of 64 */
};

static struct block block_at(const struct phantom_case *c, int y, int x)
{
    struct block b = {0};
    for (int i = 0; i < 64; i++) {
        size_t at =
            (size_t)(8 * y + i / 8) * (size_t)c->image.size[IMAGE_W] + (size_t)(8 * x + i % 8);
        double v = (double)c->image.data[at];
        b.mean += v / 64;
        b.variance += v * v / 64;
        b.lesion += c->labels.data[at];
    }
    b.variance -= b.mean * b.mean;
    return b;
}

enum { FIELD = 2048 };

static void check_field(const struct phantom_case *c)
{
    int inside = 0, duplicates = 0, tiles = 0;
    bool touched[FIELD / 256][FIELD / 256] = {{false}};
    double bright = 0, grain = 0, plain = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int y = 0; y < FIELD / 8; y++)
            for (int x = 0; x < FIELD / 8; x++) {
                struct block b = block_at(c, y, x);
                if (pass == 0 && b.lesion == 64) {
                    inside++;
                    bright += b.mean;
                    grain += b.variance;
                } else if (pass == 1 && b.lesion == 0 && fabs(b.mean - bright / inside) < 6) {
                    duplicates++;
                    plain += b.variance;
                }
                if (b.lesion) touched[y / 32][x / 32] = true;
            }
    for (int i = 0; i < 64; i++) tiles += touched[i / 8][i % 8];
    assert_true(inside > 200);
    assert_true(duplicates > 1.5 * inside);
    assert_true(grain / inside > 1.3 * plain / duplicates);
    assert_true(tiles <= 14);
}

/* Lesions fill a hundredth of few tiles; reduced, more of the clutter is as bright; at full
 * resolution the grain tells them apart. */
static void fields_hide_little_among_much(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct phantom_case c = made_in(&phantom_field, i, i > 0, 3, FIELD, FIELD);
        size_t voxels[3];
        count(&c, 255, voxels);
        assert_int_equal(voxels[2], 0);
        assert_true((double)voxels[1] > 0.0096 * FIELD * FIELD &&
            (double)voxels[1] < 0.0101 * FIELD * FIELD);
        check_field(&c);
        phantom_case_free(&c);
    }
}

static void fields_come_in_any_size(void **state)
{
    (void)state;
    struct phantom_case c = made_in(&phantom_field, 0, false, 1, 300, 700);
    struct phantom_wish wish = {.size = {1, 300, 255}};
    size_t voxels[3];
    count(&c, 255, voxels);
    assert_int_equal(c.image.size[IMAGE_D], 1);
    assert_int_equal(c.image.size[IMAGE_H], 300);
    assert_int_equal(c.image.size[IMAGE_W], 700);
    assert_true(voxels[1] > 1900 && voxels[1] < 2200);
    phantom_case_free(&c);
    REFUSED(phantom_make(&phantom_field, &wish, &c, &e), ATT_USAGE,
        "a field phantom cannot be 300x255; use sides from 256 to 16384");
    REFUSED(phantom_make(&phantom_organs, &wish, &c, &e), ATT_USAGE, "organs have fixed sizes");
    REFUSED(phantom_write("field", "set", &wish, 1, NULL, &e), ATT_USAGE, "use sides from 256");
    assert_false(file_exists("set"));
}

/* A tile of 16 x 16 of a signpost's image: sums over its pixels. */
struct signpost_tile {
    double mean;
    int labels[3];
};

static struct signpost_tile tile_of(const struct phantom_case *c, int row, int column)
{
    struct signpost_tile t = {0};
    for (int i = 0; i < 256; i++) {
        size_t at = (size_t)(16 * row + i / 16) * 96 + (size_t)(16 * column + i % 16);
        t.mean += (double)c->image.data[at] / 256;
        t.labels[c->labels.data[at]]++;
    }
    return t;
}

/* Blocks of 4 x 4. */
static const int told[4][2] = {{6, 3}, {3, 6}, {0, 3}, {3, 0}};

static void check_signpost(const struct phantom_case *c)
{
    struct signpost_tile t[6][6];
    static const int down[4] = {-1, 0, 1, 0}, right[4] = {0, 1, 0, -1};
    int row = 0, column = 0, bright = 0, held = 0, way = 0;
    double small = 0;
    for (int i = 0; i < 36; i++) {
        t[i / 6][i % 6] = tile_of(c, i / 6, i % 6);
        bright += t[i / 6][i % 6].mean > 110;
        held += t[i / 6][i % 6].labels[0] < 256;
        if (t[i / 6][i % 6].mean < t[row][column].mean) continue;
        row = i / 6;
        column = i % 6;
    }
    assert_true(row > 0 && row < 5 && column > 0 && column < 5);
    assert_int_equal(bright, 5);
    assert_int_equal(held, 2);
    while (way < 4 &&
        (t[row][column].labels[1] != 16 * told[way][0] ||
            t[row][column].labels[2] != 16 * told[way][1]))
        way++;
    assert_true(way < 4);
    for (int w = 0; w < 4; w++) {
        const struct signpost_tile *d = &t[row + down[w]][column + right[w]];
        assert_true(d->mean > 110);
        if (w > 0) assert_true(fabs(d->mean - small) < 4);
        small = d->mean;
        assert_int_equal(d->labels[1], w == way ? 64 : 0);
        assert_int_equal(d->labels[2], w == way ? 80 : 0);
    }
}

/* The large square tells which of the small ones it is; these are equally bright. */
static void signposts_tell_the_way(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        struct phantom_case c = made(&phantom_signpost, i, i >= 20, 4);
        size_t voxels[3];
        count(&c, 255, voxels);
        check_signpost(&c);
        phantom_case_free(&c);
    }
}

static void pngs_are_a_data_set(void **state)
{
    (void)state;
    struct dataset d;
    struct sample s;
    OK(phantom_write(
        "ultrasound", "set", &(struct phantom_wish){.index = 8, .seed = 1}, 3, NULL, &e));
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 3);
    assert_string_equal(d.cases[0].id, "case_0008");
    assert_int_equal(d.dims, 2);
    assert_true(d.labels.nonzero);
    assert_int_equal(d.labels.value[1], 255);
    for (int i = 0; i < 3; i++) {
        struct phantom_case c = made(&phantom_ultrasound, 8 + i, false, 1);
        OK(dataset_load(&d, i, &s, &e));
        assert_memory_equal(s.image.size, c.image.size, sizeof s.image.size);
        for (size_t k = 0; k < image_voxels(s.image.size); k++)
            assert_true(s.image.data[k] == c.image.data[k] && s.classes[k] == c.labels.data[k]);
        sample_free(&s);
        phantom_case_free(&c);
    }
    dataset_free(&d);
}

static void niftis_are_a_data_set(void **state)
{
    (void)state;
    struct dataset d;
    struct sample s;
    OK(phantom_write(
        "organs", "set", &(struct phantom_wish){.unseen = true, .seed = 1}, 2, NULL, &e));
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 2);
    assert_string_equal(d.cases[1].id, "unseen_0001");
    assert_int_equal(d.dims, 3);
    assert_int_equal(d.labels.count, 3);
    struct phantom_case c = made(&phantom_organs, 1, true, 1);
    OK(dataset_load(&d, 1, &s, &e));
    assert_memory_equal(s.image.data, c.image.data, image_voxels(s.image.size) * sizeof(float));
    for (size_t k = 0; k < image_voxels(s.image.size); k++)
        assert_int_equal(s.classes[k], c.labels.data[k]);
    assert_true(geometry_difference(&s.image.geometry, &c.image.geometry, s.image.size) <
        1e-4); /* files hold floats */
    sample_free(&s);
    phantom_case_free(&c);
    dataset_free(&d);
}

static void assert_same_files(const char *a, const char *b)
{
    struct file_list l;
    OK(file_list(a, &l, &e));
    assert_int_equal(l.count, 4);
    for (int i = 0; i < l.count; i++) {
        char *x = file_join(a, l.names[i]), *y = file_join(b, l.names[i]), *left, *right;
        size_t n, m;
        OK(file_read(x, 1 << 24, &left, &n, &e));
        OK(file_read(y, 1 << 24, &right, &m, &e));
        assert_int_equal(n, m);
        assert_memory_equal(left, right, n);
        mem_free(x);
        mem_free(y);
        mem_free(left);
        mem_free(right);
    }
    file_list_free(&l);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    const struct phantom_wish first = {.seed = 9};
    struct pool *pool = pool_create(3);
    OK(phantom_write("ultrasound", "set/one", &first, 4, NULL, &e));
    OK(phantom_write("ultrasound", "set/two", &first, 4, pool, &e));
    assert_same_files("set/one/images", "set/two/images");
    assert_same_files("set/one/labels", "set/two/labels");
    pool_destroy(pool);
}

static void wrong_wishes_are_refused(void **state)
{
    (void)state;
    const struct phantom_wish first = {.seed = 1}, beyond = {.index = 1000000};
    REFUSED(phantom_write("heart", "set", &first, 1, NULL, &e), ATT_USAGE,
        "of phantom: heart; use ultrasound, organs, field or signpost");
    REFUSED(phantom_write("organs", "set", &first, -1, NULL, &e), ATT_USAGE, "number them from 0");
    REFUSED(phantom_write("organs", "set", &beyond, 1, NULL, &e), ATT_USAGE, "number them from 0");
    assert_false(file_exists("set"));
    put_text("set", "a file");
    REFUSED(phantom_write("organs", "set", &first, 1, NULL, &e), ATT_IO, "set");
}

struct stopping {
    struct host *host;
    int calls;
    int64_t at; /* done, when it is to end */
};

static void stop(void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct stopping *s = user;
    (void)detail;
    assert_string_equal(what, "making phantoms");
    assert_int_equal(total, 4);
    s->calls++;
    if (done == s->at) atomic_store(&s->host->stop, 1);
}

static int files_in(const char *folder)
{
    struct file_list l;
    OK(file_list(folder, &l, &e));
    const int count = l.count;
    file_list_free(&l);
    return count;
}

static void a_stop_leaves_whole_cases(void **state)
{
    (void)state;
    struct host host = {.log = {.progress = stop}};
    const struct phantom_wish first = {.seed = 9, .host = &host};
    struct stopping s = {.host = &host, .at = 2};
    host.log.user = &s;
    REFUSED(phantom_write("signpost", "set/some", &first, 4, NULL, &e), ATT_INTERRUPTED,
        "stopped while making phantoms");
    assert_int_equal(files_in("set/some/images"), 2);
    assert_int_equal(files_in("set/some/labels"), 2);
    REFUSED(phantom_write("signpost", "set/none", &first, 4, NULL, &e), ATT_INTERRUPTED,
        "stopped before writing set/none");
    assert_false(file_exists("set/none"));
    s = (struct stopping){.host = &host, .at = -1};
    atomic_store(&host.stop, 0);
    OK(phantom_write("signpost", "set/all", &first, 4, NULL, &e));
    assert_int_equal(s.calls, 5); /* before each, and at the end */
    assert_int_equal(files_in("set/all/images"), 4);
}

static void stop_context(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    att_context **c = user;
    (void)what;
    (void)detail;
    if (done == 1 && total == 2) att_context_stop(*c); /* the unseen ones */
}

static void a_stopped_set_says_how_to_go_on(void **state)
{
    (void)state;
    att_context *c;
    att_settings *s;
    const att_callbacks callbacks = {
        .struct_size = sizeof callbacks, .user = &c, .progress = stop_context};
    assert_int_equal(att_context_create(1, "ref", &callbacks, &c), ATT_OK);
    assert_int_equal(att_settings_create(c, "phantom", &s), ATT_OK);
    assert_int_equal(att_settings_set(c, s, "count", "3"), ATT_OK);
    assert_int_equal(att_settings_set(c, s, "unseen", "2"), ATT_OK);
    att_context_stop(c);
    assert_int_equal(att_phantom(c, "signpost", "set/signs", s), ATT_INTERRUPTED);
    assert_string_equal(att_context_error(c), "stopped before writing set/signs");
    assert_false(file_exists("set/signs"));
    assert_int_equal(att_phantom(c, "signpost", "set/signs", s), ATT_INTERRUPTED);
    assert_string_equal(att_context_error(c),
        "stopped while making phantoms: set/signs is incomplete; remove it, or choose a new "
        "folder");
    assert_int_equal(files_in("set/signs/images"), 3);
    assert_int_equal(att_phantom(c, "signpost", "set/others", s),
        ATT_INTERRUPTED); /* the next call hears nothing of the last one's stop */
    assert_int_equal(files_in("set/others/unseen/images"), 1);
    att_settings_destroy(s);
    att_context_destroy(c);
}

/* A field takes long: within one, too. */
static void a_field_is_stopped(void **state)
{
    (void)state;
    struct host host = {.stop = 1};
    struct phantom_case c;
    REFUSED(phantom_make(&phantom_field,
                &(struct phantom_wish){.size = {1, 256, 300}, .host = &host}, &c, &e),
        ATT_INTERRUPTED, "stopped while making phantoms");
    assert_null(c.image.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_is_a_function_of_its_number),
        cmocka_unit_test(lesions_keep_to_their_ranges),
        cmocka_unit_test(grey_values_do_not_find_lesions),
        cmocka_unit_test(organs_are_there_and_scale),
        cmocka_unit_test(organs_lie_on_an_oblique_grid),
        cmocka_unit_test(fields_hide_little_among_much),
        cmocka_unit_test_setup(fields_come_in_any_size, clear_set),
        cmocka_unit_test(signposts_tell_the_way),
        cmocka_unit_test_setup(pngs_are_a_data_set, clear_set),
        cmocka_unit_test_setup(niftis_are_a_data_set, clear_set),
        cmocka_unit_test_setup(threads_change_nothing, clear_set),
        cmocka_unit_test_setup(a_stop_leaves_whole_cases, clear_set),
        cmocka_unit_test_setup(a_stopped_set_says_how_to_go_on, clear_set),
        cmocka_unit_test(a_field_is_stopped),
        cmocka_unit_test_setup(wrong_wishes_are_refused, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
