/* SPDX-License-Identifier: Apache-2.0 */
/* Words in lists, and how far apart words are. */
#include "base/text.h"

#include "unit/expect.h"

#include <stdlib.h>
#include <string.h>

static void words_are_found_in_arrays(void **state)
{
    (void)state;
    static const char *const list[] = {"sgd", "adamw", "", NULL};
    assert_int_equal(text_index(list, "sgd"), 0);
    assert_int_equal(text_index(list, "adamw"), 1);
    assert_int_equal(text_index(list, "adam"), -1);
    assert_int_equal(text_index(list, ""), 2);
    assert_int_equal(text_index(list + 3, "sgd"), -1);
}

static void words_are_found_in_texts(void **state)
{
    (void)state;
    static const char list[] = "train  plan-all info";
    assert_true(text_has_word(list, "train") && text_has_word(list, "plan-all") &&
        text_has_word(list, "info"));
    assert_false(text_has_word(list, "plan"));
    assert_false(text_has_word(list, "all"));
    assert_false(text_has_word(list, "information"));
    assert_false(text_has_word(list, "train  plan-all"));
    assert_false(text_has_word(list, ""));
    assert_false(text_has_word("", "train"));
    assert_true(text_has_word(" x", "x"));
}

static void distances_count_single_changes(void **state)
{
    (void)state;
    assert_int_equal(text_distance("train", "train"), 0);
    assert_int_equal(text_distance("train", "trian"), 1);
    assert_int_equal(text_distance("train", "rain"), 1);
    assert_int_equal(text_distance("weight_decay", "weight-decay"), 0);
    assert_int_equal(text_distance("", "abc"), 3);
    assert_true(text_too_far("lr") < text_too_far("validate-every"));
}

static void words_for_a_shell(void **state)
{
    (void)state;
    char text[12];
    assert_string_equal(TEXT_WORD("runs/a-1.nii"), "runs/a-1.nii");
    assert_string_equal(TEXT_WORD(""), "''");
    assert_string_equal(TEXT_WORD("my data"), "'my data'");
    assert_string_equal(TEXT_WORD("it's $x"), "'it'\\''s $x'");
    assert_string_equal(TEXT_WORD("`a`"), "''\\`'a'\\`''");
    assert_string_equal(TEXT_WORD("-1"), "-1");
    assert_string_equal(TEXT_PATH("-1"), "./-1");
    assert_string_equal(TEXT_PATH("-a b"), "./'-a b'");
    assert_string_equal(TEXT_PATH("a-b"), "a-b");
    assert_string_equal(text_quote("a bcdefghijklmn", text, sizeof text), "'a bcde'");
    assert_string_equal(text_quote("''''''", text, sizeof text), "''\\'''\\'''");
}

static void letters_of_either_case(void **state)
{
    (void)state;
    assert_true(text_equals("SLICE.TIF", "slice.tif"));
    assert_false(text_equals("SLICE.TIF", "slice.tiff"));
    assert_false(text_equals("slice.tiff", "slice.tif"));
    assert_false(
        text_equals("[", "{")); /* neighbours of letters that differ as letters' cases do */
    assert_false(text_equals("@", "`"));
    assert_false(text_equals("\xc4", "\xe4")); /* one letter in Latin 1, no letter of ASCII */
    assert_true(text_begins("IMAGE_2", "image_"));
    assert_true(text_begins("a", ""));
    assert_false(text_begins("im", "image_"));
}

/* The same word for a reader, and another name for a file system. */
static void names_of_two_forms(void **state)
{
    (void)state;
    assert_non_null(strstr(text_two_forms("\xc3\x9c 1"), "NFC and NFD"));
    assert_non_null(strstr(text_two_forms("a U\xcc\x88"), "NFC and NFD"));
    assert_string_equal(text_two_forms("case_0001"), "");
}

/* Letters stay, those of other encodings, too; what a terminal obeys goes. */
static void control_characters_are_tamed(void **state)
{
    (void)state;
    char text[] = "a\033]0;b\007\n\tc\x7f\xc3\xbc\xc2\x9b"
                  "2J\xc2\xb5\xfc";
    text_tame(text);
    assert_string_equal(text, "a?]0;b???c?\xc3\xbc?2J\xc2\xb5\xfc");
}

static void texts_are_sorted_by_bytes(void **state)
{
    (void)state;
    const char *text[] = {"b", "a\xc3\xbc", "B", "a", ""};
    qsort(text, 5, sizeof *text, text_order);
    assert_string_equal(text[0], "");
    assert_string_equal(text[1], "B");
    assert_string_equal(text[2], "a");
    assert_string_equal(text[3], "a\xc3\xbc");
    assert_string_equal(text[4], "b");
}

static void texts_are_appended_until_full(void **state)
{
    (void)state;
    char text[8] = "";
    assert_true(text_append(text, sizeof text, "%s%d", "a", 12));
    assert_true(text_append(text, sizeof text, "%s", ", 34"));
    assert_string_equal(text, "a12, 34");
    assert_true(text_append(text, sizeof text, "%s", ""));
    assert_false(text_append(text, sizeof text, "%s", "5"));
    assert_string_equal(text, "a12, 34");
    text[3] = 0;
    assert_false(text_append(text, sizeof text, "%s", "bcdef"));
    assert_string_equal(text, "a12bcde");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_found_in_arrays),
        cmocka_unit_test(words_are_found_in_texts),
        cmocka_unit_test(distances_count_single_changes),
        cmocka_unit_test(words_for_a_shell),
        cmocka_unit_test(letters_of_either_case),
        cmocka_unit_test(names_of_two_forms),
        cmocka_unit_test(control_characters_are_tamed),
        cmocka_unit_test(texts_are_sorted_by_bytes),
        cmocka_unit_test(texts_are_appended_until_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
