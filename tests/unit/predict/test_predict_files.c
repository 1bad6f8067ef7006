/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_files.h"

#include <math.h>

#include "format/format.h"
#include "unit/predict/predict_test.h"

static void assert_mask(const char *path, int seed)
{
    struct labelmap m;
    OK(format_load_labels(path, &m, &e));
    assert_true(m.size[0] == 1 && m.size[1] == 10 && m.size[2] == 12);
    for (int i = 0; i < 120; i++) assert_int_equal(m.data[i], 10 * pixel(i, seed));
    labelmap_free(&m);
}

static const double slopes[] = {0, 2, 4}, biases[] = {0, -1, -4};

static void png_model(struct model *m, int channels, int used)
{
    char spec[80];
    snprintf(spec, sizeof spec, "arch=attunet dims=2 in=%d classes=3 widths=4,4,4", channels);
    make_model(m, spec, plain_preparation(channels, 1, 8, 8), plain_labels(3));
    make_line(m, used, slopes, biases);
}

static att_status run_job(
    struct predict_job j, const char *const *inputs, int count, json_t **rows, struct err *e)
{
    if (!j.nmodels) j.nmodels = 1;
    j.inputs = inputs;
    j.count = count;
    struct host own = {0};
    if (!j.host) j.host = &own;
    j.host->kernels = kernels_for(kernels_best());
    j.options.overlap = 0.5;
    if (!j.folder) j.folder = "out";
    return predict_files(&j, rows, e);
}

static void assert_names(const char *folder, const char *const *names, int count)
{
    struct file_list l;
    OK(file_list(folder, &l, &e));
    for (int i = 0; i < l.count && i < count; i++) assert_string_equal(l.names[i], names[i]);
    assert_int_equal(l.count, count);
    file_list_free(&l);
}

static void a_folder_of_pictures(void **state)
{
    (void)state;
    struct model m;
    json_t *rows;
    png_model(&m, 1, 0);
    OK(file_make_folders("in", &e));
    write_png("in/b.png", 1);
    write_png("in/a.PNG", 0);
    write_scratch("in/notes.txt", "x", 1);
    for (int again = 0; again < 2; again++) { /* what is there is replaced */
        OK(run_job((struct predict_job){.models = &m, .folder = "new/out"}, (const char *[]){"in"},
            1, &rows, &e));
        assert_names("new/out", (const char *[]){"a.PNG", "b.png"}, 2);
        assert_mask("new/out/a.PNG", 0);
        assert_mask("new/out/b.png", 1);
        assert_int_equal(json_array_size(rows), 2);
        json_t *row = json_array_get(rows, 1), *classes = json_object_get(row, "classes");
        assert_string_equal(json_string_value(json_object_get(row, "case")), "b");
        assert_string_equal(json_string_value(json_object_get(row, "file")), "new/out/b.png");
        assert_int_equal(json_integer_value(json_object_get(row, "windows")), 4);
        assert_true(json_is_real(json_object_get(row, "seconds")));
        assert_int_equal(json_integer_value(json_array_get(json_object_get(row, "size"), 2)), 12);
        for (int k = 0; k < 3; k++) {
            char name[] = "c0";
            name[1] = (char)('0' + k);
            json_t *one = json_object_get(classes, name);
            assert_int_equal(json_integer_value(json_object_get(one, "voxels")), 40);
            assert_null(
                json_object_get(one, "volume_mm3")); /* a PNG does not say how large pixels are */
        }
        json_decref(rows);
    }
    model_free(&m);
}

static const double oblique[3][4] = {
    {0.75, -0.25, 0.5, -12.5}, {0.25, 0.5, -1.25, 30}, {-0.125, 0.25, 2.5, 100.25}};

static void write_nifti(const char *path, int d)
{
    struct image x = make_image(1, d, 10, 12);
    memcpy(x.geometry.affine, oblique, sizeof oblique);
    x.geometry.valid = true;
    for (int i = 0; i < 3; i++) x.geometry.spacing[i] = (float[]){3, 0.5f, 0.75f}[i];
    fill_image(&x, 3, 1);
    OK(format_save_image(path, &x, &e));
    image_free(&x);
}

static void volumes_keep_their_header(void **state)
{
    (void)state;
    struct model m;
    struct image x;
    struct labelmap y;
    json_t *rows;
    make_model(&m, "arch=attunet dims=3 in=1 classes=3 widths=4,4,4", plain_preparation(1, 8, 8, 8),
        plain_labels(3));
    make_line(&m, 0, slopes, biases);
    write_nifti("scan_0000.nii.gz", 9);
    OK(run_job(
        (struct predict_job){.models = &m}, (const char *[]){"scan_0000.nii.gz"}, 1, &rows, &e));
    assert_names("out", (const char *[]){"scan.nii.gz"}, 1);
    OK(format_load_image("scan_0000.nii.gz", &x, &e));
    OK(format_load_labels("out/scan.nii.gz", &y, &e));
    assert_memory_equal(y.size, x.size, sizeof x.size);
    assert_memory_equal(y.geometry.affine, oblique, sizeof oblique);
    assert_memory_equal(y.geometry.spacing, x.geometry.spacing, sizeof x.geometry.spacing);
    int64_t count = 0;
    for (size_t i = 0; i < image_voxels(x.size); i++) {
        assert_int_equal(y.data[i], 10 * (int)x.data[i]);
        count += x.data[i] > 1;
    }
    json_t *one = json_object_get(json_object_get(json_array_get(rows, 0), "classes"), "c2");
    assert_true(fabs(json_real_value(json_object_get(one, "volume_mm3")) -
                    (double)count * 3 * 0.5 * 0.75) < 1e-9);
    json_decref(rows);
    image_free(&x);
    labelmap_free(&y);
    model_free(&m);
}

/* Where voxel (w, h, d) lies. */
static void place(const struct geometry *g, const double voxel[3], double mm[3])
{
    for (int i = 0; i < 3; i++)
        mm[i] = g->affine[i][3] + g->affine[i][0] * voxel[0] + g->affine[i][1] * voxel[1] +
            g->affine[i][2] * voxel[2];
}

static void assert_same_place(
    const struct geometry *a, const double x[3], const struct geometry *b, const double y[3])
{
    double p[3], q[3];
    place(a, x, p);
    place(b, y, q);
    for (int i = 0; i < 3; i++) assert_true(fabs(p[i] - q[i]) < 1e-4);
}

/* 9 x 10 x 12 voxels: d is 9 of 12, padded by one slice before and two behind; h by one row on
 * either side. */
static void maps_and_probabilities_of_volumes(void **state)
{
    (void)state;
    struct model m;
    struct image x, map, own;
    json_t *rows;
    make_model(&m, "arch=attunet dims=3 in=1 classes=2 widths=4,4,4",
        plain_preparation(1, 16, 16, 16), plain_labels(2));
    snprintf(m.labels.name[1], LABELLING_NAME, "left/right lung");
    clear_model(&m);
    put_number(&m, "gate.1.psi.bias", 0, 1);
    write_nifti("v.nii", 9);
    struct predict_job j = {.models = &m, .options = {.attention = true}, .probabilities = true};
    OK(run_job(j, (const char *[]){"v.nii"}, 1, &rows, &e));
    json_decref(rows);
    assert_names("out",
        (const char *[]){"v.nii", "v_attention_gate.1.nii", "v_attention_gate.1_own.nii",
            "v_probability_0_c0.nii", "v_probability_1_left_right_lung.nii"},
        5);
    OK(format_load_image("v.nii", &x, &e));
    OK(format_load_image("out/v_attention_gate.1.nii", &map, &e));
    assert_memory_equal(map.size, x.size, sizeof x.size);
    assert_memory_equal(map.geometry.affine, oblique, sizeof oblique);
    for (size_t i = 0; i < image_voxels(map.size); i++)
        assert_true(fabs((double)map.data[i] - 1 / (1 + exp(-1))) < 1e-5);
    OK(format_load_image("out/v_attention_gate.1_own.nii", &own, &e));
    assert_true(own.size[0] == 6 && own.size[1] == 6 && own.size[2] == 6);
    for (int i = 0; i < 3; i++) assert_true(own.geometry.spacing[i] == 2 * x.geometry.spacing[i]);
    assert_same_place(&own.geometry, (double[]){0, 0, 0}, &x.geometry, (double[]){0.5, -0.5, -0.5});
    assert_same_place(&own.geometry, (double[]){5, 4, 3}, &x.geometry, (double[]){10.5, 7.5, 5.5});
    image_free(&map);
    OK(format_load_image("out/v_probability_1_left_right_lung.nii", &map, &e));
    for (size_t i = 0; i < image_voxels(map.size); i++) assert_true(map.data[i] == 0.5f);
    image_free(&map);
    image_free(&own);
    image_free(&x);
    model_free(&m);
}

static void maps_of_pictures(void **state)
{
    (void)state;
    struct model m;
    struct image map;
    json_t *rows;
    png_model(&m, 1, 0);
    put_number(&m, "gate.1.psi.bias", 0, -100);
    write_png("p.png", 0);
    struct predict_job j = {.models = &m, .options = {.attention = true}, .probabilities = true};
    OK(run_job(j, (const char *[]){"p.png"}, 1, &rows, &e));
    json_decref(rows);
    assert_names("out",
        (const char *[]){"p.png", "p_attention_gate.1.png", "p_attention_gate.1_own.png",
            "p_probability_0_c0.png", "p_probability_1_c1.png", "p_probability_2_c2.png"},
        6);
    OK(format_load_image("out/p_attention_gate.1.png", &map, &e));
    for (int i = 0; i < 120; i++) assert_true(map.data[i] == 0);
    int size[3] = {map.size[0], map.size[1], map.size[2]};
    image_free(&map);
    OK(format_load_image("out/p_attention_gate.1_own.png", &map, &e));
    assert_true(map.size[0] == 1 && map.size[1] < size[1] && map.size[2] < size[2]);
    image_free(&map);
    OK(format_load_image("out/p_probability_1_c1.png", &map, &e));
    double sum = 1 + exp(1) + exp(0); /* of value 1 */
    assert_true(fabs((double)map.data[1] - 65535 * exp(1) / sum) < 2);
    image_free(&map);
    model_free(&m);
}

static void channels_in_files_of_their_own(void **state)
{
    (void)state;
    struct model m;
    json_t *rows;
    png_model(&m, 2, 1);
    OK(file_make_folders("in", &e));
    write_png("in/k_1_0000.png", 0);
    write_png("in/k_1_0001.png", 1);
    write_png("in/k_2_0000.png", 2);
    write_png("in/k_2_0001.png", 0);
    OK(run_job((struct predict_job){.models = &m}, (const char *[]){"in"}, 1, &rows, &e));
    assert_int_equal(json_array_size(rows), 2);
    json_decref(rows);
    assert_names("out", (const char *[]){"k_1.png", "k_2.png"}, 2);
    assert_mask("out/k_1.png", 1);
    assert_mask("out/k_2.png", 0);
    REFUSED(run_job((struct predict_job){.models = &m}, (const char *[]){"in/k_1_0000.png"}, 1,
                &rows, &e),
        ATT_DATA, "k_1_0000 to _0001");
    assert_null(rows);
    write_png("lone.png", 0);
    REFUSED(run_job((struct predict_job){.models = &m}, (const char *[]){"lone.png"}, 1, &rows, &e),
        ATT_DATA, "lone.png: the image has 1 channel ");
    OK(file_make_folders("mixed", &e));
    assert_int_equal(rename("in/k_1_0000.png", "mixed/k_0000.png"), 0);
    write_nifti("mixed/k_0001.nii", 2);
    REFUSED(run_job((struct predict_job){.models = &m}, (const char *[]){"mixed"}, 1, &rows, &e),
        ATT_DATA, "mixed/k_0001.nii is ");
    REFUSED(run_job((struct predict_job){.models = &m, .folder = "rest"}, (const char *[]){"in"}, 1,
                &rows, &e),
        ATT_DATA,
        "but only 1 file was given; give all of them; the other 1 image is predicted into rest");
    assert_int_equal(json_array_size(rows), 1);
    json_decref(rows);
    assert_mask("rest/k_2.png", 0);
    model_free(&m);
}

static void inputs_are_never_overwritten(void **state)
{
    (void)state;
    struct model m;
    json_t *rows;
    png_model(&m, 1, 0);
    OK(file_make_folders("in", &e));
    write_png("in/a.png", 0);
    write_png("in/b.png", 1);
    write_png("before.png", 1);
    struct predict_job j = {.models = &m, .folder = "in/../in/"};
    REFUSED(
        run_job(j, (const char *[]){"in/b.png"}, 1, &rows, &e), ATT_USAGE, "choose another folder");
    assert_same_file("in/b.png", "before.png");
    assert_int_equal(rename("in/a.png", "a.png"), 0);
    REFUSED(run_job(j, (const char *[]){"a.png", "in/b.png"}, 2, &rows, &e), ATT_USAGE,
        "in/b.png is an input");
    assert_false(file_exists("in/a.png")); /* refused before anything is written */
    /* A map of a_attention_gate.1 would be refused too, when it is its turn. */
    assert_int_equal(rename("in/b.png", "in/a_attention_gate.1.png"), 0);
    j.options.attention = true;
    REFUSED(run_job(j, (const char *[]){"a.png", "in/a_attention_gate.1.png"}, 2, &rows, &e),
        ATT_USAGE, "a_attention_gate.1.png is an input");
    assert_same_file("in/a_attention_gate.1.png", "before.png");
    assert_int_equal(symlink("in", "link"), 0);
    j.folder = "link";
    REFUSED(run_job(j, (const char *[]){"in"}, 1, &rows, &e), ATT_USAGE, "choose another folder");
    model_free(&m);
}

static void failures_name_the_image(void **state)
{
    (void)state;
    struct model m;
    json_t *rows = NULL;
    png_model(&m, 1, 0);
    OK(file_make_folders("in", &e));
    OK(file_make_folders("empty", &e));
    write_png("in/a.png", 0);
    write_scratch("in/b.png", "nonsense", 8);
    REFUSED(run_job((struct predict_job){.models = &m}, (const char *[]){"in"}, 1, &rows, &e),
        ATT_DATA, "in/b.png");
    assert_int_equal(json_array_size(rows), 1); /* what was done stays, and is told */
    json_decref(rows);
    assert_mask("out/a.png", 0);
    REFUSED(run_job((struct predict_job){.models = &m}, (const char *[]){"empty"}, 1, &rows, &e),
        ATT_DATA, "empty holds no image");
    REFUSED(
        run_job((struct predict_job){.models = &m}, (const char *[]){"nowhere.png"}, 1, &rows, &e),
        ATT_IO, "nowhere.png");
    REFUSED(run_job((struct predict_job){.models = &m}, NULL, 0, &rows, &e), ATT_USAGE, "no image");
    REFUSED(run_job((struct predict_job){.models = &m}, (const char *[]){"in/a.png", "./in/a.png"},
                2, &rows, &e),
        ATT_DATA, "two images");
    model_free(&m);
}

static void names_without_an_ending(void **state)
{
    (void)state;
    struct model m;
    json_t *rows;
    png_model(&m, 1, 0);
    write_png("x.png", 1);
    assert_int_equal(rename("x.png", "picture"), 0);
    write_nifti("x.nii", 2);
    assert_int_equal(rename("x.nii", "volume"), 0);
    OK(run_job(
        (struct predict_job){.models = &m}, (const char *[]){"volume", "picture"}, 2, &rows, &e));
    json_decref(rows);
    assert_names("out", (const char *[]){"picture.png", "volume.nii.gz"}, 2);
    assert_mask("out/picture.png", 1);
    model_free(&m);
}

struct visitor {
    int calls;
    att_status answer;
};

static att_status visit(void *user, const struct predicted *p, struct err *e)
{
    struct visitor *v = user;
    assert_string_equal(p->folder, "out");
    assert_string_equal(p->name, v->calls ? "b" : "a");
    assert_string_equal(p->ending, ".png");
    assert_true(file_exists(v->calls ? "out/b.png" : "out/a.png"));
    assert_int_equal(p->result->labels.data[1], 10 * (unsigned)p->image->data[1]);
    v->calls++;
    return v->answer == ATT_OK ? ATT_OK : err_set(e, v->answer, "no picture");
}

static void the_caller_may_write_more(void **state)
{
    (void)state;
    struct model m;
    struct visitor v = {0};
    json_t *rows;
    png_model(&m, 1, 0);
    write_png("a.png", 0);
    write_png("b.png", 1);
    struct predict_job j = {.models = &m, .more = visit, .user = &v};
    OK(run_job(j, (const char *[]){"b.png", "a.png"}, 2, &rows, &e));
    json_decref(rows);
    assert_int_equal(v.calls, 2);
    v = (struct visitor){.answer = ATT_IO};
    REFUSED(
        run_job(j, (const char *[]){"b.png", "a.png"}, 2, &rows, &e), ATT_IO, "a.png: no picture");
    assert_int_equal(v.calls, 1);
    model_free(&m);
}

struct listener {
    struct host host;
    int64_t images, last; /* so many have begun; the one that is stopped */
    char text[4096];
};

static void stop_at_the_last(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct listener *l = user;
    if (strcmp(what, "images") != 0) return;
    assert_int_equal(total, 3);
    assert_int_equal(done, l->images++);
    assert_int_equal(detail[0], "abc"[done]);
    if (done == l->last) atomic_store(&l->host.stop, 1);
}

static void listen(void *user, int level, const char *text)
{
    struct listener *l = user;
    size_t used = strlen(l->text);
    snprintf(l->text + used, sizeof l->text - used, "%d %s\n", level, text);
}

static void put_three(void)
{
    OK(file_make_folders("in", &e));
    write_png("in/a.png", 0);
    write_png("in/b.png", 1);
    write_png("in/c.png", 2);
}

static void stopping_keeps_what_is_done(void **state)
{
    (void)state;
    struct model m;
    json_t *rows;
    struct listener l = {.host = {.log = {.progress = stop_at_the_last}}, .last = 1};
    l.host.log.user = &l;
    png_model(&m, 1, 0);
    put_three();
    struct predict_job j = {.models = &m, .host = &l.host};
    REFUSED(run_job(j, (const char *[]){"in"}, 1, &rows, &e), ATT_INTERRUPTED,
        "in/b.png: stopped after 0 of 4 windows");
    assert_names("out", (const char *[]){"a.png"}, 1);
    assert_int_equal(json_array_size(rows), 1);
    json_decref(rows);
    model_free(&m);
}

static void of_the_first_image_there_are_no_results(void **state)
{
    (void)state;
    struct model m;
    json_t *rows;
    struct listener l = {.host = {.log = {.progress = stop_at_the_last}}, .last = 0};
    l.host.log.user = &l;
    png_model(&m, 1, 0);
    put_three();
    struct predict_job j = {.models = &m, .host = &l.host};
    REFUSED(run_job(j, (const char *[]){"in"}, 1, &rows, &e), ATT_INTERRUPTED,
        "in/a.png: stopped after 0 of 4 windows; no image was predicted");
    assert_null(rows);
    assert_false(file_exists("out"));
    model_free(&m);
}

static void stopping_names_what_failed_before(void **state)
{
    (void)state;
    struct model m;
    json_t *rows;
    struct listener l = {
        .host = {.log = {.progress = stop_at_the_last, .message = listen}}, .last = 2};
    l.host.log.user = &l;
    png_model(&m, 1, 0);
    put_three();
    int cut = truncate("in/b.png", 60);
    assert_int_equal(cut, 0);
    struct predict_job j = {.models = &m, .host = &l.host};
    REFUSED(run_job(j, (const char *[]){"in"}, 1, &rows, &e), ATT_INTERRUPTED,
        "the results of 1 image before it are in out");
    assert_non_null(strstr(l.text, "3 in/b.png"));
    json_decref(rows);
    model_free(&m);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_folder_of_pictures),
        TEST(volumes_keep_their_header),
        TEST(maps_and_probabilities_of_volumes),
        TEST(maps_of_pictures),
        TEST(channels_in_files_of_their_own),
        TEST(inputs_are_never_overwritten),
        TEST(failures_name_the_image),
        TEST(names_without_an_ending),
        TEST(the_caller_may_write_more),
        TEST(stopping_keeps_what_is_done),
        TEST(of_the_first_image_there_are_no_results),
        TEST(stopping_names_what_failed_before),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
