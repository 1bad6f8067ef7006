/* SPDX-License-Identifier: Apache-2.0 */
/* TensorBoard's files: the bytes of its own writer (tools/fixtures/make_events_fixture.py), and
 * rows that are taken out again. */
#include "train/events.h"

#include <math.h>

#include "unit/format/format_test.h"

static void check_values_of_rfc_3720(void **state)
{
    (void)state;
    unsigned char data[32] = {0};
    assert_int_equal(events_crc(data, 32), 0x8a9136aaU);
    memset(data, 0xff, 32);
    assert_int_equal(events_crc(data, 32), 0x62a8ab43U);
    for (int i = 0; i < 32; i++) data[i] = (unsigned char)i;
    assert_int_equal(events_crc(data, 32), 0x46dd794eU);
    assert_int_equal(events_crc("123456789", 9), 0xe3069283U);
}

static size_t size_of(const char *path)
{
    char *text;
    size_t size;
    OK(file_read(path, 1 << 20, &text, &size, &e));
    mem_free(text);
    return size;
}

static void write_rows(const char *path, int rows)
{
    OK(events_create(path, 1e9, &e));
    for (int i = 1; i <= rows; i++) {
        const struct event_scalar s[] = {
            {"train/loss", 1.0 / i}, {"validation/dice_mean", i % 2 ? (double)NAN : .5 + .01 * i}};
        OK(events_append(path, 1e9 + i, 100 * i, s, 2, &e));
    }
}

/* The fixture was written by TensorBoard's own writer. */
static void as_tensorboard_reads_it(void **state)
{
    (void)state;
    unsigned char bytes[256];
    for (int i = 0; i < 256; i++) bytes[i] = (unsigned char)i;
    write_rows("events", 4);
    const struct event_image images[] = {
        {"validation/a", 200, 3, bytes, 256}, {"validation/b", 200, 3, bytes, 256}};
    OK(events_append_images("events", 1e9 + 5, 500, images, 2, &e));
    OK(events_append_images("events", 1e9 + 6, 600, images, 0, &e)); /* none is no record */
    assert_same_file("events", fixture("events/events.out.tfevents.0.attunet"));
}

static void rows_beyond_a_step_are_taken_out(void **state)
{
    (void)state;
    write_rows("all", 6);
    write_rows("some", 3);
    const struct event_image image = {"validation/a", 1, 1, (const unsigned char *)"png", 3};
    OK(events_append_images("all", 1e9, 400, &image, 1, &e)); /* goes as rows go */
    OK(events_cut("all", 0, 399, &e));
    assert_same_file("all", "some");
    OK(events_cut("all", 0, 300, &e));
    assert_same_file("all", "some");
    OK(events_cut("nothing", 1e9, 300, &e));
    write_rows("begin", 0);
    assert_same_file("nothing", "begin");
    OK(events_append("nothing", 1, 5, (const struct event_scalar[]){{"a", (double)NAN}}, 1, &e));
    assert_same_file("nothing", "begin"); /* a record without values is none */
}

/* Cut off anywhere, or with a wrong byte anywhere, the records before that stay. */
static void damaged_ends_are_taken_out(void **state)
{
    (void)state;
    char *text;
    size_t size;
    write_rows("some", 3);
    write_rows("all", 4);
    size_t good = size_of("some");
    OK(file_read("all", 1 << 20, &text, &size, &e));
    for (size_t n = good; n < size; n++) {
        OK(file_write_all("cut", text, n, &e));
        OK(events_cut("cut", 0, 1000, &e));
        assert_same_file("cut", "some");
        text[n] ^= 4;
        OK(file_write_all("cut", text, size, &e));
        OK(events_cut("cut", 0, 1000, &e));
        assert_same_file("cut", "some");
        text[n] ^= 4;
    }
    OK(file_write_all("cut", "no events at all", 16, &e));
    OK(events_cut("cut", 1e9, 5, &e));
    write_rows("begin", 0);
    assert_same_file("cut", "begin");
    mem_free(text);
}

static void what_cannot_be_written(void **state)
{
    (void)state;
    REFUSED(events_append("nowhere/events", 0, 1, (const struct event_scalar[]){{"a", 1}}, 1, &e),
        ATT_IO, "cannot write nowhere/events");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(check_values_of_rfc_3720),
        cmocka_unit_test(as_tensorboard_reads_it),
        cmocka_unit_test(rows_beyond_a_step_are_taken_out),
        cmocka_unit_test(damaged_ends_are_taken_out), cmocka_unit_test(what_cannot_be_written)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
