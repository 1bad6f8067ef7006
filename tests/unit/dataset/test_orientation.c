/* SPDX-License-Identifier: Apache-2.0 */
/* To which axes the volumes of a set are turned, and which of them are. */
#include "dataset/orientation.h"

#include <math.h>

#include "unit/dataset/dataset_test.h"

enum { D = 2, H = 3, W = 4 };

/* Samples 0, 1, 2, ...; voxels of 1 x 2 x 3 mm (w, h, d), turned by an angle about z. */
static void put_case(const char *name, const double sign[3], double degrees)
{
    const double c = cos(degrees * acos(-1) / 180), s = sin(degrees * acos(-1) / 180);
    struct image m = {
        .channels = 1, .size = {D, H, W}, .geometry = {.valid = true, .spacing = {3, 2, 1}}};
    const double affine[3][4] = {{sign[0] * c, -2 * sign[1] * s, 0, 5},
        {sign[0] * s, 2 * sign[1] * c, 0, 6}, {0, 0, 3 * sign[2], 7}};
    char *image = mem_text("set/images/%s.nii", name), *label = mem_text("set/labels/%s.nii", name);
    float data[D * H * W];
    for (int i = 0; i < D * H * W; i++) data[i] = (float)i;
    memcpy(m.geometry.affine, affine, sizeof affine);
    m.data = data;
    make_parent(image);
    make_parent(label);
    OK(format_save_image(image, &m, &e));
    put_labels_at(label, D, H, W, (const int[]){1, 2, -1}, &m.geometry);
    mem_free(image);
    mem_free(label);
}

static const double lps[3] = {-1, -1, 1}, ras[3] = {1, 1, 1};

/* Two along LPS, one along RAS, one so oblique that it stays. */
static void open_mixed(struct dataset *d)
{
    put_case("a", ras, 0);
    put_case("b", lps, 10);
    put_case("c", lps, 0);
    put_case("d", ras, 40);
    OK(dataset_open("set", d, NULL, &e));
    assert_string_equal(d->axes, "");
}

static void most_of_the_set_decides(void **state)
{
    struct dataset d;
    (void)state;
    open_mixed(&d);
    OK(orientation_choose(NULL, NULL, &d, NULL, &e)); /* as many along either: the first */
    assert_string_equal(d.axes, "RAS");
    OK(orientation_choose(NULL, "", &d, NULL, &e));
    assert_string_equal(d.axes, "RAS");
    OK(orientation_choose(NULL, "PIR", &d, NULL, &e));
    assert_string_equal(d.axes, "PIR");
    OK(orientation_choose("SLP", "PIR", &d, NULL, &e));
    assert_string_equal(d.axes, "SLP");
    OK(orientation_choose("none", "PIR", &d, NULL, &e));
    assert_string_equal(d.axes, "");
    dataset_free(&d);
}

static void what_is_no_orientation_is_refused(void **state)
{
    static const char *const wrong[] = {"", "LP", "LPSS", "LPX", "LRS", "lps", "NONE"};
    struct dataset d;
    (void)state;
    open_mixed(&d);
    for (int i = 0; i < COUNT(wrong); i++)
        REFUSED(orientation_choose(wrong[i], NULL, &d, NULL, &e), ATT_USAGE,
            " is not valid; give three letters, one each of L or R, P or A, I or S, such as LPS, "
            "or qform, or none");
    dataset_free(&d);
}

static void a_case_is_turned_with_its_label(void **state)
{
    struct dataset d;
    struct sample s;
    struct image m;
    (void)state;
    open_mixed(&d);
    OK(orientation_choose("LPS", NULL, &d, NULL, &e));
    OK(dataset_load(&d, 0, &s, &e)); /* along RAS: w and h from their other ends */
    for (int k = 0; k < D * H * W; k++) {
        const int z = k / (H * W), y = H - 1 - k / W % H, x = W - 1 - k % W,
                  stored = (z * H + y) * W + x;
        assert_true(s.image.data[k] == (float)stored);
        assert_int_equal(s.classes[k], stored == 0 ? 1 : stored == 1 ? 2 : 0);
    }
    OK(dataset_peek_image(&d, 0, &m, &e));
    assert_memory_equal(m.geometry.affine, s.image.geometry.affine, sizeof m.geometry.affine);
    sample_free(&s);
    for (int i = 1; i < 4; i++) { /* two lie so, and one is oblique */
        OK(dataset_load_image(&d, i, &m, &e));
        assert_false(turn_any(&m.geometry.turned));
        assert_true(m.data[1] == 1);
        image_free(&m);
    }
    dataset_free(&d);
}

static void sizes_and_lengths_are_turned(void **state)
{
    struct dataset d;
    struct image m;
    (void)state;
    open_mixed(&d);
    OK(orientation_choose("SLP", NULL, &d, NULL, &e));
    d.voxel[0] = 30, d.voxel[1] = 20, d.voxel[2] = 10; /* d, h, w of the files */
    OK(dataset_peek_image(&d, 2, &m, &e));             /* LPS: d, h, w become w, d, h */
    assert_memory_equal(m.size, ((int[3]){H, W, D}), sizeof m.size);
    assert_memory_equal(m.geometry.spacing, ((float[3]){2, 1, 3}), sizeof m.geometry.spacing);
    assert_memory_equal(
        m.geometry.user_spacing, ((float[3]){20, 10, 30}), sizeof m.geometry.user_spacing);
    int stored[3];
    turn_triple_back(&m.geometry.turned, m.size, stored);
    assert_memory_equal(stored, ((int[3]){D, H, W}), sizeof stored);
    dataset_free(&d);
}

static void planes_stay(void **state)
{
    struct dataset d;
    struct geometry g = {
        .valid = true, .spacing = {1, 1, 1}, .affine = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}};
    float data[12] = {0};
    (void)state;
    make_parent("set/images/a.nii");
    OK(format_save_image("set/images/a.nii",
        &(struct image){.channels = 1, .size = {1, 3, 4}, .data = data, .geometry = g}, &e));
    put_labels_at("set/labels/a.nii", 1, 3, 4, (const int[]){1, -1}, &g);
    OK(dataset_open("set", &d, NULL, &e));
    OK(orientation_choose("LPS", NULL, &d, NULL, &e));
    assert_string_equal(d.axes, "");
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(most_of_the_set_decides, clear_set),
        cmocka_unit_test_setup(what_is_no_orientation_is_refused, clear_set),
        cmocka_unit_test_setup(a_case_is_turned_with_its_label, clear_set),
        cmocka_unit_test_setup(sizes_and_lengths_are_turned, clear_set),
        cmocka_unit_test_setup(planes_stay, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
