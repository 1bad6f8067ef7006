/* SPDX-License-Identifier: Apache-2.0 */
/* Folds equal scikit-learn's (fixture of tools/make_split_fixture.py); lists of names. */
#include "dataset_test.h"

enum { CASES_MAX = 1000 };

/* One line of the fixture: N FOLDS SEED CRC [DIGITS] */
static void check_line(const char *line)
{
    int n, folds;
    unsigned seed, crc;
    char digits[CASES_MAX] = "";
    uint8_t of[CASES_MAX];
    int out[CASES_MAX];
    assert_true(sscanf(line, "%d %d %u %x %999s", &n, &folds, &seed, &crc, digits) >= 4);
    memset(of, 255, sizeof of);
    for (int fold = 0; fold < folds; fold++) {
        int count = split_kfold(n, folds, seed, fold, out);
        assert_int_equal(count, n / folds + (fold < n % folds));
        for (int i = 0; i < count; i++) {
            assert_true(i == 0 || out[i - 1] < out[i]);
            assert_int_equal(of[out[i]], 255);
            of[out[i]] = (uint8_t)fold;
        }
    }
    for (int i = 0; digits[i]; i++) assert_int_equal(of[i], digits[i] - '0');
    if (file_crc(0, of, (size_t)n) != crc) fail_msg("other folds than scikit-learn's for %s", line);
}

static void folds_are_scikit_learns(void **state)
{
    char *text;
    size_t size;
    int lines = 0;
    (void)state;
    OK(file_read(TEST_SOURCE_DIR "/tests/fixtures/split/kfold.txt", 1 << 20, &text, &size, &e));
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++) check_line(line);
    assert_int_equal(lines, 296 + 27);
    mem_free(text);
}

/* A data set of cases case_00, case_01, ... in the folder "set". */
static void make_cases(struct dataset *d, int count)
{
    *d = (struct dataset){.root = mem_text("set"), .count = count, .cases = mem_array((size_t)count, sizeof *d->cases)};
    for (int i = 0; i < count; i++) d->cases[i].id = mem_text("case_%02d", i);
    OK(file_make_folders("set", &e));
}

static void assert_split(struct split *s, int ntrain, const int *train, int nval, const int *val)
{
    assert_int_equal(s->ntrain, ntrain);
    assert_int_equal(s->nval, nval);
    assert_memory_equal(s->train, train, (size_t)ntrain * sizeof *train);
    assert_memory_equal(s->val, val, (size_t)nval * sizeof *val);
    split_free(s);
}
#define INTS(...)                                                                                                                          \
    COUNT(((int[]){__VA_ARGS__})), (int[]) { __VA_ARGS__ }

static void without_a_file_the_rule_counts(void **state)
{
    struct dataset d;
    struct split s;
    (void)state;
    make_cases(&d, 10);
    OK(split_fold(&d, 0, &s, &e)); /* 0341242031 */
    assert_split(&s, INTS(1, 2, 3, 4, 5, 6, 8, 9), INTS(0, 7));
    OK(split_fold(&d, 4, &s, &e));
    assert_split(&s, INTS(0, 1, 3, 4, 6, 7, 8, 9), INTS(2, 5));
    REFUSED(split_fold(&d, 5, &s, &e), ATT_USAGE, "no fold 5; give one from 0 to 4");
    REFUSED(split_fold(&d, -1, &s, &e), ATT_USAGE, "no fold -1");
    OK(split_all(&d, &s, &e));
    assert_split(&s, INTS(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), 0, (int[]){0});
    dataset_free(&d);
    make_cases(&d, 4);
    REFUSED(split_fold(&d, 0, &s, &e), ATT_DATA, "set has 4 cases, too few for 5 folds");
    dataset_free(&d);
}

static void splits_final_counts_where_there_is_one(void **state)
{
    struct dataset d;
    struct split s;
    (void)state;
    make_cases(&d, 3);
    put_text("set/splits_final.json", "[{\"train\": [\"case_02\", \"case_00\"], \"val\": [\"case_01\"]},"
                                      " {\"train\": [\"case_01\"], \"val\": [\"case_00\", \"case_02\"]}]");
    OK(split_fold(&d, 0, &s, &e));
    assert_split(&s, INTS(0, 2), INTS(1));
    OK(split_fold(&d, 1, &s, &e));
    assert_split(&s, INTS(1), INTS(0, 2));
    int count;
    OK(split_count(&d, &count, &e));
    assert_int_equal(count, 2);
    REFUSED(split_fold(&d, 2, &s, &e), ATT_USAGE, "no fold 2 in set/splits_final.json, which holds 2");
    put_text("set/splits_final.json", "[{\"train\": [\"case_02\"], \"val\": [\"case_3\"]}]");
    REFUSED(split_fold(&d, 0, &s, &e), ATT_DATA,
            "splits_final.json, \"val\" of fold 0: there is no case 'case_3' in set; did you mean case_0");
    put_text("set/splits_final.json", "[{\"train\": [\"case_02\"], \"val\": [\"case_02\"]}]");
    REFUSED(split_fold(&d, 0, &s, &e), ATT_DATA, "case case_02 is to train (set/splits_final.json, \"train\" of fold 0) and to validate");
    put_text("set/splits_final.json", "[{\"train\": [\"case_02\"]}]");
    REFUSED(split_fold(&d, 0, &s, &e), ATT_DATA, "\"val\" of fold 0: there is no list of cases");
    put_text("set/splits_final.json", "[{\"train\": [2]}]");
    REFUSED(split_fold(&d, 0, &s, &e), ATT_DATA, "entry 0 is no name");
    put_text("set/splits_final.json", "{}");
    REFUSED(split_fold(&d, 0, &s, &e), ATT_USAGE, "which holds 0");
    put_text("set/splits_final.json", "[\n{\"train\": ]");
    REFUSED(split_fold(&d, 0, &s, &e), ATT_DATA, "splits_final.json: line 2 is not valid JSON");
    dataset_free(&d);
}

static void lists_take_names_in_any_dress(void **state)
{
    struct dataset d;
    struct split s;
    (void)state;
    make_cases(&d, 8);
    put_text("train.txt", "\xef\xbb\xbf"
                          "case_05\r\n\r\n  imagesTr/case_01_0000.nii.gz \ncase_01\n\tcase_00.PNG");
    put_text("val.txt", "/elsewhere/case_07.nii\ncase_03_0000\n");
    OK(split_lists(&d, "train.txt", "val.txt", &s, &e));
    assert_split(&s, INTS(0, 1, 5), INTS(3, 7));
    OK(split_lists(&d, "val.txt", NULL, &s, &e));
    assert_split(&s, INTS(3, 7), 0, (int[]){0});
    dataset_free(&d);
}

static void names_with_dots_and_tails_stay_whole(void **state)
{
    struct dataset d;
    struct split s;
    (void)state;
    make_cases(&d, 2);
    mem_free(d.cases[0].id);
    mem_free(d.cases[1].id);
    d.cases[0].id = mem_text("1.3.6");
    d.cases[1].id = mem_text("1.3.6_0001");
    put_text("train.txt", "1.3.6_0001.png\n");
    put_text("val.txt", "x/1.3.6\n");
    OK(split_lists(&d, "train.txt", "val.txt", &s, &e));
    assert_split(&s, INTS(1), INTS(0));
    put_text("val.txt", "1.3.6.7\n");
    REFUSED(split_lists(&d, "train.txt", "val.txt", &s, &e), ATT_DATA, "'1.3.6.7' in set; did you mean 1.3.6?");
    dataset_free(&d);
}

static void wrong_lists_are_refused(void **state)
{
    struct dataset d;
    struct split s;
    (void)state;
    make_cases(&d, 8);
    put_text("train.txt", "case_00\ncase_01\n");
    put_text("val.txt", "case_02\ncse_06\ncase_99\n");
    REFUSED(split_lists(&d, "train.txt", "val.txt", &s, &e), ATT_DATA, "val.txt: there is no case 'cse_06' in set; did you mean case_06?");
    assert_null(s.train);
    put_text("val.txt", "case_02\ncase_01\n");
    REFUSED(split_lists(&d, "train.txt", "val.txt", &s, &e), ATT_DATA, "case case_01 is to train (train.txt) and to validate (val.txt)");
    put_text("val.txt", " \r\n\n");
    REFUSED(split_lists(&d, "train.txt", "val.txt", &s, &e), ATT_DATA, "val.txt names no case");
    REFUSED(split_lists(&d, "nowhere.txt", NULL, &s, &e), ATT_IO, "nowhere.txt");
    char longest[400];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    put_text("train.txt", longest);
    REFUSED(split_lists(&d, "train.txt", NULL, &s, &e), ATT_DATA, "give names of its cases, such as case_00");
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_are_scikit_learns),
        cmocka_unit_test_setup(without_a_file_the_rule_counts, clear_set),
        cmocka_unit_test_setup(splits_final_counts_where_there_is_one, clear_set),
        cmocka_unit_test_setup(lists_take_names_in_any_dress, clear_set),
        cmocka_unit_test_setup(names_with_dots_and_tails_stay_whole, clear_set),
        cmocka_unit_test_setup(wrong_lists_are_refused, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
