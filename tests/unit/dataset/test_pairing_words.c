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
    assert_true(words_is_split(span_of("fold_1")) && words_is_split(span_of("Fold2")));
    assert_false(words_is_split(span_of("folder_1")));
}

static void results_of_programs_are_known(void **state)
{
    static const char *const results[] = {"inferTs/1", "predsTs/1", "1_fake_B", "p1_attention",
        "gradcam/1", "BrainSegmentationPosteriors01", "brain_pve_0"};
    (void)state;
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (words_of_text(span_of(results[i])).rank != WORDS_RESULT) fail_msg("%s", results[i]);
    assert_int_equal(words_of_text(span_of("p1_inferior")).rank, 0);
    assert_int_equal(words_of_text(span_of("p1_posterior")).rank, 0);
}

static bool are_versions(const char *a, const char *b, int more)
{
    int its;
    return words_are_versions(span_of(a), span_of(b), &its) && its == more;
}

/* A channel is not: "t1ce" is no "t1". */
static void processing_makes_versions(void **state)
{
    (void)state;
    assert_true(are_versions("p1/t1", "p1/t1_n4", 1));
    assert_true(are_versions("p1/T1_N4_norm", "p1/t1", -2));
    assert_true(are_versions("p1/t1_n4", "p1/t1_raw", 0));
    assert_true(are_versions("sub-1/sub-1_T2w", "sub-1/sub-1_desc-restore_T2w", 2));
    assert_false(are_versions("p1/t1", "p1/t1_gd_n4", 2));
    assert_false(are_versions("p1/t1", "p1/t1ce", 0));
    assert_false(are_versions("p1/t1_n4", "p1/t1_n4_map", 0));
    assert_false(are_versions("a/imageofalongnamea", "a/imageofalongnameb", 0));
}

static bool count_channels(const char *a, const char *b)
{
    return words_count_channels(span_of(a), span_of(b));
}

static void numbers_of_channels_are_known(void **state)
{
    (void)state;
    assert_true(count_channels("d/C1-exp01", "d/C2-exp01"));
    assert_true(count_channels("exp1_ch09", "exp1_ch10"));
    assert_true(count_channels("test/A/1", "test/B/1"));
    assert_true(count_channels("B/1", "A/1"));
    assert_false(count_channels("d/z1", "d/z2"));
    assert_false(count_channels("abc1", "abc2"));
    assert_false(count_channels("C1-exp01", "C2-exp02"));
    assert_false(count_channels("C1-exp01", "C1-exp01"));
    assert_false(count_channels("A/1", "C/1"));
    assert_false(count_channels("xA/1", "xB/1"));
    assert_false(count_channels("d/@/1", "d/C/1"));
    assert_false(count_channels("A/1", "B/2"));
    assert_false(count_channels("A", "B"));
    assert_false(count_channels("A/1", "B"));
    assert_false(count_channels("", ""));
}

/* 0: no formats, 1: formats, 2: of labels */
static int find_formats(const char *a, const char *b)
{
    const struct pattern p = {.piece = {{.var = -1, .text = span_of(a)}}, .count = 1},
                         q = {.piece = {{.var = -1, .text = span_of(b)}}, .count = 1};
    bool labels;
    return words_are_formats(&p, &q, &labels) ? 1 + labels : 0;
}

static void words_of_formats_are_known(void **state)
{
    (void)state;
    assert_int_equal(find_formats("jpeg_masks/", "png_masks/"), 2);
    assert_int_equal(find_formats("a_mask.jpg", "a_mask.png"), 2);
    assert_int_equal(find_formats("masks/jpg/", "masks/"), 1);
    assert_int_equal(find_formats("masks/a.jpg", "masks/a.png"), 1);
    assert_int_equal(find_formats("masks/", "masks/"), 0);
    assert_int_equal(find_formats("jpeg_images/", "png_masks/"), 0);
}

static void words_of_organs_are_known(void **state)
{
    (void)state;
    assert_true(words_name_organ(span_of("abdominal_wall")));
    assert_true(words_name_organ(span_of("Inferior mesenteric artery")));
    assert_true(words_name_organ(span_of("spleen")));
    assert_false(words_name_organ(span_of("robin_1")));
    assert_false(words_name_organ(span_of("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_of_people_are_not_by_hand),
        cmocka_unit_test(folders_of_nnunet_are_splits),
        cmocka_unit_test(results_of_programs_are_known),
        cmocka_unit_test(processing_makes_versions), cmocka_unit_test(words_of_organs_are_known),
        cmocka_unit_test(numbers_of_channels_are_known),
        cmocka_unit_test(words_of_formats_are_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
