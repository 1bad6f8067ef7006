/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_tiles.h"

#include "unit/predict/predict_test.h"

static struct chosen_tile list[] = {
    {5, {{0, 2, 3}, {1, 2, 3}}, .75}, {2, {{0, 3, 0}, {1, 3, 4}}, -1.5}};
static struct tile_report report = {.tiling = {.size = {1, 6, 7},
                                        .tile = {1, 2, 3},
                                        .halo = {0, 1, 1},
                                        .grid = {1, 3, 3},
                                        .count = 9},
    .count = 2,
    .list = list,
    .macs = 30,
    .dense = 120,
    .peak = 12345678901};
static const struct prediction result = {
    .labels = {.size = {1, 6, 7}}, .tiles = &report, .seconds = .12345};

/* Where boxes overlap the first choice stays visible. */
static void mask_has_the_order(void **state)
{
    (void)state;
    struct labelmap m;
    static const uint16_t wanted[6][7] = {{0}, {0}, {0, 0, 0, 1, 1, 1, 0}, {2, 2, 2, 1, 1, 1, 0},
        {2, 2, 2, 2, 0, 0, 0}, {2, 2, 2, 2, 0, 0, 0}};
    OK(tiles_mask(&result, &m, &e));
    assert_memory_equal(m.data, wanted, sizeof wanted);
    assert_memory_equal(m.size, result.labels.size, sizeof m.size);
    mem_free(m.data);
}

static void document(void **state)
{
    (void)state;
    json_t *j = tiles_document(&result, "field"),
           *tile = json_array_get(json_object_get(j, "tiles"), 1);
    char *text = json_dumps(tile, JSON_COMPACT);
    assert_string_equal(
        text, "{\"order\":2,\"tile\":2,\"from\":[0,3,0],\"size\":[1,3,4],\"score\":-1.5}");
    free(text); /* jansson's */
    assert_int_equal(json_array_size(json_object_get(j, "tiles")), 2);
    assert_true(json_real_value(json_object_get(j, "share_of_dense")) == .25);
    assert_int_equal(json_integer_value(json_object_get(j, "of")), 9);
    assert_int_equal(json_integer_value(json_object_get(j, "count")), 2);
    assert_string_equal(json_string_value(json_object_get(j, "case")), "field");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(j, "halo"), 2)), 1);
    assert_true(json_integer_value(json_object_get(j, "peak_bytes")) == 12345678901);
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mask_has_the_order), cmocka_unit_test(document)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
