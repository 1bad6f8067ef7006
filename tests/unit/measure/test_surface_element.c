/* SPDX-License-Identifier: Apache-2.0 */
/* All surface elements against the table that surface-distance has. */
#include "measure/surface_element.h"

#include <math.h>

#include "files/json_file.h"
#include "unit/dataset/dataset_test.h"

static void areas_are_those_of_the_table(void **state)
{
    (void)state;
    json_t *j;
    OK(json_file_read(TEST_SOURCE_DIR "/tests/fixtures/measure/surface_areas.json", &j, &e));
    const json_t *expected = json_object_get(j, "areas");
    double spacing[3], area[SURFACE_CODES];
    for (size_t a = 0; a < 3; a++)
        spacing[a] = json_number_value(json_array_get(json_object_get(j, "spacing"), a));
    surface_element_areas(spacing, area);
    assert_int_equal(json_array_size(expected), SURFACE_CODES);
    for (size_t i = 0; i < SURFACE_CODES; i++)
        if (!(fabs(area[i] - json_number_value(json_array_get(expected, i))) < 1e-11))
            fail_msg("code %zu: %.12f, not %.12f", i, area[i],
                json_number_value(json_array_get(expected, i)));
    json_decref(j);
}

static void contours_are_half_way(void **state)
{
    (void)state;
    const double cut = 2.5; /* half the diagonal of 3 x 4 */
    const double expected[CONTOUR_CODES] = {
        0, cut, cut, 4, cut, 3, 2 * cut, cut, cut, 2 * cut, 3, cut, 4, cut, cut, 0};
    double length[CONTOUR_CODES];
    contour_element_lengths((const double[2]){3, 4}, length);
    for (int i = 0; i < CONTOUR_CODES; i++) assert_true(length[i] == expected[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas_are_those_of_the_table),
        cmocka_unit_test(contours_are_half_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
