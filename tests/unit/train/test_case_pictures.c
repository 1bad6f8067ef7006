/* SPDX-License-Identifier: Apache-2.0 */
#include "train/case_pictures.h"

#include "app/run_pages.h"
#include "format/format.h"
#include "model/run_files.h"
#include "unit/format/format_test.h"

static float samples[16 * 16];
static uint8_t classes[16 * 16], predicted[16 * 16];

static struct sample make(void)
{
    for (int i = 0; i < 256; i++) samples[i] = (float)i;
    memset(classes + 80, 1, 40);
    memset(predicted + 90, 1, 40);
    return (struct sample){
        .image = {.channels = 1, .size = {1, 16, 16}, .data = samples}, .classes = classes};
}

static void they_are_due_more_and_more_rarely(void **state)
{
    (void)state;
    int64_t due[] = {1, 2, 4, 8, 16, 32};
    int n = 0;
    for (int64_t i = -1; i <= 40; i++)
        if (case_pictures_due(i)) assert_int_equal(i, due[n++]);
    assert_int_equal(n, 6);
}

static void cases_are_shown_side_by_side(void **state)
{
    (void)state;
    struct case_pictures p = {.pages = &run_pages};
    const struct validation_show show = case_pictures_show(&p);
    const struct sample s = make();
    assert_int_equal(show.cases, CASE_PICTURES);
    for (int i = 0; i < CASE_PICTURES + 1; i++)
        show.show(show.user, i ? "other" : "one", &s, predicted);
    assert_int_equal(p.count, CASE_PICTURES); /* no more than there is room for */
    assert_string_equal(p.list[0].tag, "validation/one");
    assert_int_equal(p.list[0].width, 4 * 192 + 3 * 8);
    OK(file_write_all("picture.png", p.list[0].png, p.list[0].size, &e));
    struct image m;
    OK(format_load_image("picture.png", &m, &e));
    assert_int_equal(m.size[2], p.list[0].width);
    assert_int_equal(m.size[1], p.list[0].height);
    assert_int_equal(m.channels, 3);
    image_free(&m);
    OK(events_create(RUN_EVENTS, 1, &e));
    OK(case_pictures_end(&p, ".", 7, true, &e));
    char *text;
    size_t size;
    OK(file_read(RUN_EVENTS, 1 << 24, &text, &size, &e));
    assert_true(size > 1000);
    mem_free(text);
    OK(events_cut(RUN_EVENTS, 1, 6, &e));
    OK(file_read(RUN_EVENTS, 1 << 24, &text, &size, &e));
    assert_true(size < 100);
    mem_free(text);
}

static void those_of_a_validation_that_failed_are_dropped(void **state)
{
    (void)state;
    struct case_pictures p = {.pages = &run_pages};
    const struct validation_show show = case_pictures_show(&p);
    const struct sample s = make();
    show.show(show.user, "one", &s, predicted);
    OK(case_pictures_end(&p, "nowhere", 7, false, &e));
    assert_int_equal(p.count, 0);
    err_set(&p.error, ATT_MEMORY, "no room");
    REFUSED(case_pictures_end(&p, ".", 7, true, &e), ATT_MEMORY, "no room");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(they_are_due_more_and_more_rarely),
        cmocka_unit_test(cases_are_shown_side_by_side),
        cmocka_unit_test(those_of_a_validation_that_failed_are_dropped)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
