/* SPDX-License-Identifier: Apache-2.0 */
/* What words in file names say. */
#include "dataset/pairing_words.h"

#include "unit/expect.h"

/* As in CIHP, whose "Human_ids" are beside "Category_ids". */
static void numbers_of_people_are_not_by_hand(void **state)
{
    (void)state;
    assert_false(words_of_text(span_of("Human_ids/1.png")).hand);
    assert_false(words_of_text(span_of("HumanIds/1.png")).hand);
    assert_false(words_of_text(span_of("hand-instances/1.png")).hand);
    assert_true(words_of_text(span_of("labels/human/1.png")).hand);
    assert_true(words_of_text(span_of("masks_by_hand/1.png")).hand);
    assert_true(words_of_text(span_of("manual_ids/1.png")).hand);
    assert_true(words_of_text(span_of("human_expert/ids/1.png")).hand);
}

/* As of nnU-Net: the letters are words of their own. */
static void folders_of_nnunet_are_splits(void **state)
{
    (void)state;
    assert_int_equal(words_of_text(span_of("imagesTr/1.png")).split, WORDS_TRAIN);
    assert_int_equal(words_of_text(span_of("imagesTs/1.png")).split, WORDS_TEST);
    assert_int_equal(words_of_text(span_of("masts/1.png")).split, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_of_people_are_not_by_hand),
        cmocka_unit_test(folders_of_nnunet_are_splits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
