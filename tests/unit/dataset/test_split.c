/* SPDX-License-Identifier: Apache-2.0 */
/* Folds equal scikit-learn's (fixture of tools/fixtures/make_split_fixture.py); lists of names. */
#include "dataset/groups.h"
#include "dataset/split.h"
#include "dataset/split_cut.h"
#include "unit/dataset/dataset_test.h"

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
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++)
        check_line(line);
    assert_int_equal(lines, 296 + 27);
    mem_free(text);
}

/* One line of the fixture: N FOLDS A B M CRC [DIGITS] */
static void check_group_line(const char *line)
{
    int n, folds, a, b, m, group[CASES_MAX], of[CASES_MAX];
    unsigned crc;
    char digits[CASES_MAX] = "";
    uint8_t bytes[CASES_MAX];
    assert_true(sscanf(line, "%d %d %d %d %d %x %999s", &n, &folds, &a, &b, &m, &crc, digits) >= 6);
    for (int i = 0; i < n; i++) group[i] = (a * i * i + b * i) % m;
    OK(groups_kfold(group, n, m, folds, of, &e));
    for (int i = 0; i < n; i++) bytes[i] = (uint8_t)of[i];
    for (int i = 0; digits[i]; i++) assert_int_equal(of[i], digits[i] - '0');
    if (file_crc(0, bytes, (size_t)n) != crc)
        fail_msg("other folds than scikit-learn's for %s", line);
}

static void folds_of_groups_are_scikit_learns(void **state)
{
    char *text;
    size_t size;
    int lines = 0;
    (void)state;
    OK(file_read(
        TEST_SOURCE_DIR "/tests/fixtures/split/groupkfold.txt", 1 << 20, &text, &size, &e));
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++)
        check_group_line(line);
    assert_int_equal(lines, 76);
    mem_free(text);
}

/* ---- kinds of cases */

/* The number of a kind in the order in which kinds come. */
static int kind_of(int i, int a, int b, int m, int *seen)
{
    int raw = (a * i * i + b * i) % m;
    if (seen[raw] < 0) {
        int max = -1;
        for (int k = 0; k < m; k++) max = seen[k] > max ? seen[k] : max;
        seen[raw] = max + 1;
    }
    return seen[raw];
}

/* One line of the fixture: WAY N FOLDS A B M C CRC [DIGITS] */
static void check_stratified_line(const char *line)
{
    static struct data_case cases[CASES_MAX];
    static char groups[CASES_MAX][16];
    int n, folds, a, b, m, c, list[CASES_MAX], validates[CASES_MAX], seen[64];
    struct class_set present[CASES_MAX];
    unsigned crc;
    char way[16], digits[CASES_MAX] = "";
    uint8_t of[CASES_MAX];
    assert_true(sscanf(line, "%15s %d %d %d %d %d %d %x %999s", way, &n, &folds, &a, &b, &m, &c,
                    &crc, digits) >= 8);
    memset(seen, -1, sizeof seen);
    memset(of, 1, sizeof of);
    for (int i = 0; i < n; i++) {
        snprintf(groups[i], sizeof groups[i], "%d", (3 * i * i + 7 * i) % c);
        cases[i] = (struct data_case){.group = groups[i]};
        present[i] = class_set_of(kind_of(i, a, b, m, seen));
        list[i] = i;
    }
    bool grouped = strstr(way, "group"), out = strstr(way, "holdout");
    struct dataset d = {.root = (char *)(uintptr_t) "nowhere",
        .cases = cases,
        .count = n,
        .has_groups = grouped,
        .present = present};
    struct split_rule rule = {
        .folds = out ? 0 : folds, .stratify = !out, .holdout = out ? 1. / folds : 0};
    for (int fold = 0; fold < (out ? 1 : folds); fold++) {
        OK(split_cut(&d, &rule, list, n, fold, validates, &e));
        for (int i = 0; i < n; i++)
            if (validates[i]) of[i] = (uint8_t)fold;
    }
    for (int i = 0; digits[i]; i++) assert_int_equal(of[i], digits[i] - '0');
    if (file_crc(0, of, (size_t)n) != crc) fail_msg("other folds than scikit-learn's for %s", line);
}

static void stratified_folds_are_scikit_learns(void **state)
{
    char *text;
    size_t size;
    int lines = 0;
    (void)state;
    OK(file_read(
        TEST_SOURCE_DIR "/tests/fixtures/split/stratified.txt", 1 << 20, &text, &size, &e));
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++)
        check_stratified_line(line);
    assert_int_equal(lines, 152);
    mem_free(text);
}

/* A data set of cases case_00, case_01, ... in the folder "set". */
static void make_cases(struct dataset *d, int count)
{
    *d = (struct dataset){.root = mem_text("set"),
        .count = count,
        .cases = mem_array((size_t)count, sizeof *d->cases)};
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
#define INTS(...)                                                                                  \
    COUNT(((int[]){__VA_ARGS__})), (int[]) { __VA_ARGS__ }

static void without_a_file_the_rule_counts(void **state)
{
    struct dataset d;
    struct split s;
    (void)state;
    make_cases(&d, 10);
    OK(split_fold(&d, NULL, NULL, 0, &s, &e)); /* 0341242031 */
    assert_split(&s, INTS(1, 2, 3, 4, 5, 6, 8, 9), INTS(0, 7));
    OK(split_fold(&d, NULL, NULL, 4, &s, &e));
    assert_split(&s, INTS(0, 1, 3, 4, 6, 7, 8, 9), INTS(2, 5));
    REFUSED(split_fold(&d, NULL, NULL, 5, &s, &e), ATT_USAGE, "no fold 5; give 0 to 4");
    REFUSED(split_fold(&d, NULL, NULL, -1, &s, &e), ATT_USAGE, "no fold -1");
    OK(split_all(&d, &s, &e));
    assert_split(&s, INTS(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), 0, (int[]){0});
    dataset_free(&d);
    make_cases(&d, 4);
    REFUSED(split_fold(&d, NULL, NULL, 0, &s, &e), ATT_DATA,
        "set has 4 cases, too few for 5 folds; give fewer `folds`, train without `fold`");
    REFUSED(split_fold(&d, &(struct split_rule){.cut = 1}, NULL, 0, &s, &e), ATT_DATA,
        "set has 4 cases, too few for 5 folds; give fewer `folds`, or add some; a search splits "
        "twice, so `folds` 2 needs four");
    REFUSED(split_fold(&d, &(struct split_rule){.cut = 2}, NULL, 0, &s, &e), ATT_DATA,
        "set has 4 cases left after the first of two cuts, too few for 5 folds; give fewer "
        "`folds`, or add some");
    dataset_free(&d);
}

static void splits_final_counts_where_there_is_one(void **state)
{
    struct dataset d;
    struct split s;
    (void)state;
    make_cases(&d, 3);
    put_text("set/splits_final.json",
        "[{\"train\": [\"case_02\", \"case_00\"], \"val\": [\"case_01\"]}, {\"train\": "
        "[\"case_01\"], \"val\": [\"case_00\", \"case_02\"]}]");
    OK(split_fold(&d, NULL, NULL, 0, &s, &e));
    assert_split(&s, INTS(0, 2), INTS(1));
    OK(split_fold(&d, NULL, NULL, 1, &s, &e));
    assert_split(&s, INTS(1), INTS(0, 2));
    int count;
    OK(split_count(&d, NULL, NULL, &count, &e));
    assert_int_equal(count, 2);
    REFUSED(split_fold(&d, NULL, NULL, 2, &s, &e), ATT_USAGE,
        "no fold 2 in set/splits_final.json, which has 2");
    put_text("set/splits_final.json", "[{\"train\": [\"case_02\"], \"val\": [\"case_3\"]}]");
    REFUSED(split_fold(&d, NULL, NULL, 0, &s, &e), ATT_DATA,
        "splits_final.json, \"val\" of fold 0: there is no case 'case_3' in set; did you mean "
        "case_0");
    put_text("set/splits_final.json",
        "[{\"train\": [\"case_02\"], \"val\": [\"../../etc/passwd\"]}]"); /* names of cases: no file
                                                                             is opened */
    REFUSED(split_fold(&d, NULL, NULL, 0, &s, &e), ATT_DATA,
        "\"val\" of fold 0: there is no case '../../etc/passwd' in set");
    put_text("set/splits_final.json", "[{\"train\": [\"case_02\"], \"val\": [\"case_02\"]}]");
    REFUSED(split_fold(&d, NULL, NULL, 0, &s, &e), ATT_DATA,
        "case case_02 is in the list to train (set/splits_final.json, \"train\" of fold 0) and in "
        "the list to validate (");
    put_text("set/splits_final.json", "[{\"train\": [\"case_02\"]}]");
    REFUSED(split_fold(&d, NULL, NULL, 0, &s, &e), ATT_DATA,
        "\"val\" of fold 0: there is no list of cases");
    put_text("set/splits_final.json", "[{\"train\": [\"case_02\"], \"val\": []}]");
    REFUSED(split_fold(&d, NULL, NULL, 0, &s, &e), ATT_DATA,
        "\"val\" of fold 0: the list is empty; name at least one case there");
    put_text("set/splits_final.json", "[{\"train\": [2]}]");
    REFUSED(split_fold(&d, NULL, NULL, 0, &s, &e), ATT_DATA,
        "entry 0 is not a case name; write it as text");
    put_text("set/splits_final.json", "{}");
    REFUSED(split_fold(&d, NULL, NULL, 0, &s, &e), ATT_DATA, " has no folds; write");
    put_text("set/splits_final.json", "[\n{\"train\": ]");
    REFUSED(split_fold(&d, NULL, NULL, 0, &s, &e), ATT_DATA,
        "splits_final.json: line 2 is not valid JSON");
    dataset_free(&d);
}

static void lists_take_names_in_any_dress(void **state)
{
    struct dataset d;
    struct split s;
    (void)state;
    make_cases(&d, 8);
    put_text("train.txt",
        "\xef\xbb\xbf"
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
    REFUSED(split_lists(&d, "train.txt", "val.txt", &s, &e), ATT_DATA,
        "'1.3.6.7' in set; did you mean 1.3.6?");
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
    REFUSED(split_lists(&d, "train.txt", "val.txt", &s, &e), ATT_DATA,
        "val.txt: there is no case 'cse_06' in set; did you mean case_06?");
    assert_null(s.train);
    put_text("val.txt", "case_02\ncase_01\n");
    REFUSED(split_lists(&d, "train.txt", "val.txt", &s, &e), ATT_DATA,
        "case case_01 is in the list to train (train.txt) and in the list to validate (val.txt)");
    put_text("val.txt", " \r\n\n");
    REFUSED(split_lists(&d, "train.txt", "val.txt", &s, &e), ATT_DATA, "val.txt names no case");
    REFUSED(split_lists(&d, "nowhere.txt", NULL, &s, &e), ATT_IO, "nowhere.txt");
    char longest[400];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    put_text("train.txt", longest);
    REFUSED(split_lists(&d, "train.txt", NULL, &s, &e), ATT_DATA,
        "give names of its cases, such as case_00");
    dataset_free(&d);
}

/* ---- groups */

static void assert_groups(const struct dataset *d, int count, const int *wanted)
{
    int group[16], n;
    OK(groups_read(d, group, &n, &e));
    assert_int_equal(n, count);
    assert_memory_equal(group, wanted, (size_t)d->count * sizeof *group);
}

static void groups_are_ranked(void **state)
{
    struct dataset d;
    int group[6], n;
    (void)state;
    make_cases(&d, 6);
    OK(groups_read(&d, group, &n, &e));
    assert_int_equal(n, 0);
    /* Numbers by value; case_01 and case_05 are not listed. */
    put_text("set/groups.csv",
        "\xef\xbb\xbfimage,group\r\ncase_00,10\r\nimages/case_02.png , "
        "9\r\ncase_04,009\n\ncase_03,-1\ncase_00,10");
    assert_groups(&d, 5, (int[]){2, 3, 1, 0, 1, 4});
    /* One that is no number makes all of them text. */
    put_text("set/groups.csv",
        "Image, Group\n"
        "\"case_00\",10\n"
        "case_02,9\n"
        "case_04,\"Miller, J. \"\"Jo\"\"\"\n"
        "case_03,9\n"
        "case_01,Miller\n");
    assert_groups(&d, 5, (int[]){0, 2, 1, 1, 3, 4});
    dataset_free(&d);
}

static void wrong_groups_are_refused(void **state)
{
    static const struct {
        const char *text, *sentence;
    } list[] = {
        {"", "set/groups.csv is empty; write the line \"image,group\""},
        {"\n\r\n", "set/groups.csv is empty"},
        {"\ncase_00,1\n", "set/groups.csv begins with \"case_00,1\""},
        {"\n\nimage,group\ncase_0,1\n", "set/groups.csv, line 4: there is no case 'case_0'"},
        {"case_00,1\n",
            "set/groups.csv begins with \"case_00,1\", not with the line \"image,group\"; "
            "write that line first"},
        {"case,group\ncase_00,1\n", "\"image,group\"; put that line in its place"},
        {"image;group\ncase_00;1\n",
            "set/groups.csv, line 1: semicolons separate the name and its group; use commas "
            "instead"},
        {"image,group\ncase_00\t1\n", "line 2: tabs separate the name"},
        {"image,group\ncase_00\n",
            "set/groups.csv, line 2: the line must be NAME,GROUP, such as case_00,7"},
        {"image,group\ncase_00,\n", "line 2: the line must be NAME,GROUP, such as "},
        {"image,group\n,3\n", "line 2: the line must be NAME,GROUP, such as "},
        {"image,group\ncase_00,1,2\n", "line 2: the line must be NAME,GROUP, such as "},
        {"image,group\ncase_00,\"1\ncase_01,2\n", "line 2: the line must be NAME,GROUP, such as "},
        {"image,group\n\"case_00,1\n", "line 2: the line must be NAME,GROUP, such as "},
        {"image,group\ncase_00,\"1\"2\n", "line 2: the line must be NAME,GROUP, such as "},
        {"image,group\n\"case_00\"x,1\n", "line 2: the line must be NAME,GROUP, such as "},
        {"image,group\n\"case_00\" , \"1\" \r\ncase_0,1\n",
            "line 3: there is no case 'case_0' in set"},
        {"image,group\n\ncase_0,1\n",
            "set/groups.csv, line 3: there is no case 'case_0' in set; did you mean case_00?"},
        {"image,group\ncase_01,1\ncase_01.png,2\n",
            "line 3: case case_01 is already in group 1, but this line says 2; keep one of the "
            "lines"},
    };
    struct dataset d;
    int group[6], n;
    (void)state;
    make_cases(&d, 6);
    for (int k = 0; k < COUNT(list); k++) {
        put_text("set/groups.csv", list[k].text);
        REFUSED(groups_read(&d, group, &n, &e), ATT_DATA, list[k].sentence);
    }
    dataset_free(&d);
}

/* Twelve cases in six groups of two, as the fixture's first line: 043210043210. */
static const char pairs[] = "image,group\n"
                            "case_00,0\n"
                            "case_01,1\n"
                            "case_02,2\n"
                            "case_03,3\n"
                            "case_04,4\n"
                            "case_05,5\n"
                            "case_06,0\n"
                            "case_07,1\n"
                            "case_08,2\n"
                            "case_09,3\n"
                            "case_10,4\n"
                            "case_11,5\n";

static void groups_stay_whole(void **state)
{
    struct dataset d;
    struct split s;
    int count;
    (void)state;
    make_cases(&d, 12);
    put_text("set/groups.csv", pairs);
    OK(split_count(&d, NULL, NULL, &count, &e));
    assert_int_equal(count, 5);
    OK(split_fold(&d, NULL, NULL, 0, &s, &e));
    assert_split(&s, INTS(1, 2, 3, 4, 7, 8, 9, 10), INTS(0, 5, 6, 11));
    OK(split_fold(&d, NULL, NULL, 4, &s, &e));
    assert_split(&s, INTS(0, 2, 3, 4, 5, 6, 8, 9, 10, 11), INTS(1, 7));
    put_text("train.txt", "case_00\ncase_01\ncase_07\n");
    put_text("val.txt", "case_02\ncase_06\n");
    REFUSED(split_lists(&d, "train.txt", "val.txt", &s, &e), ATT_DATA,
        "set/groups.csv puts cases case_00 and case_06 into one group, but the first trains and "
        "the second validates; give both the same role, or different");
    put_text("val.txt", "case_02\n");
    OK(split_lists(&d, "train.txt", "val.txt", &s, &e));
    assert_split(&s, INTS(0, 1, 7), INTS(2));
    REFUSED(split_lists(&d, NULL, "val.txt", &s, &e), ATT_DATA,
        " into one group, but the first validates and the second trains");
    put_text("set/splits_final.json",
        "[{\"train\": [\"case_02\", \"case_00\"], \"val\": [\"case_08\"]}]");
    REFUSED(split_fold(&d, NULL, NULL, 0, &s, &e), ATT_DATA,
        "groups.csv puts cases case_02 and case_08 into one group, but the first ");
    assert_int_equal(unlink("set/splits_final.json"), 0);
    put_text("set/groups.csv",
        "image,group\n"
        "case_00,0\n"
        "case_01,0\n"
        "case_02,0\n"
        "case_03,0\n"
        "case_04,0\n"
        "case_05,0\n"
        "case_06,1\n"
        "case_07,1\n"
        "case_08,1\n"
        "case_09,2\n"
        "case_10,2\n"
        "case_11,3\n");
    REFUSED(split_fold(&d, NULL, NULL, 0, &s, &e), ATT_DATA,
        "groups.csv has 4 groups, too few for 5 folds");
    REFUSED(split_fold(&d, &(struct split_rule){.cut = 2}, NULL, 0, &s, &e), ATT_DATA,
        "groups.csv has 4 groups left after the first of two cuts, too few for 5 folds; give fewer "
        "`folds`, or add some");
    OK(split_count(&d, NULL, NULL, &count, &e));
    assert_int_equal(count, 0);
    put_text("set/groups.csv",
        "image,group\n"
        "case_00,0\n"
        "case_01,0\n"
        "case_02,0\n"
        "case_03,0\n"
        "case_04,0\n"
        "case_05,0\n"
        "case_06,0\n"
        "case_07,0\n"
        "case_08,0\n"
        "case_09,0\n"
        "case_10,0\n"
        "case_11,0\n");
    REFUSED(split_fold(&d, NULL, NULL, 0, &s, &e), ATT_DATA,
        "groups.csv has 1 group, and a split keeps groups whole, so no case is left to validate; "
        "correct the groups, remove the file, or");
    REFUSED(split_fold(&d, &(struct split_rule){.holdout = .2}, NULL, 0, &s, &e), ATT_DATA,
        "groups.csv has 1 group, and a split keeps groups whole, so no case is left to validate; "
        "correct the groups");
    dataset_free(&d);
}

/* ---- folds of some of the cases: the others are kept apart */

static void folds_of_a_list(void **state)
{
    struct dataset d;
    struct split s;
    (void)state;
    make_cases(&d, 14);
    /* Ten cases: the fifth as if the data set had no others (0341242031). */
    put_text("some.txt",
        "case_13\n"
        "case_01\n"
        "case_02\n"
        "case_03\n"
        "case_04\n"
        "case_06\n"
        "case_07\n"
        "case_09\n"
        "case_10\n"
        "case_12\n");
    OK(split_fold(&d, NULL, "some.txt", 0, &s, &e));
    assert_split(&s, INTS(2, 3, 4, 6, 7, 9, 12, 13), INTS(1, 10));
    put_text("set/groups.csv",
        "image,group\ncase_00,1\ncase_01,1\ncase_02,1\ncase_03,2\ncase_04,3\ncase_06,3\n");
    /* Groups of 2 (3), 2 (1) and, last first, of 1: 13 12 10 09 07 03. */
    OK(split_fold(&d, NULL, "some.txt", 0, &s, &e));
    assert_split(&s, INTS(1, 2, 3, 7, 9, 10, 12, 13), INTS(4, 6));
    OK(split_fold(&d, NULL, "some.txt", 2, &s, &e));
    assert_split(&s, INTS(1, 2, 3, 4, 6, 7, 10, 12), INTS(9, 13));
    put_text("set/splits_final.json",
        "[{\"train\": [\"case_02\", \"case_00\", \"case_03\"], \"val\": [\"case_08\", "
        "\"case_04\"]}]");
    OK(split_fold(&d, NULL, "some.txt", 0, &s, &e));
    assert_split(&s, INTS(2, 3), INTS(4));
    put_text("some.txt", "case_00\ncase_03\n");
    REFUSED(split_fold(&d, NULL, "some.txt", 0, &s, &e), ATT_DATA,
        "some.txt: it leaves no case of fold 0 in set/splits_final.json to validate");
    assert_int_equal(unlink("set/splits_final.json"), 0);
    REFUSED(split_fold(&d, NULL, "some.txt", 0, &s, &e), ATT_DATA, "too few for 5 folds");
    dataset_free(&d);
}

/* ---- rules */

static void rules_win_over_what_the_set_says(void **state)
{
    struct dataset d;
    struct split s;
    int count;
    (void)state;
    make_cases(&d, 12);
    put_text("set/splits_final.json", "[{\"train\": [\"case_02\"], \"val\": [\"case_01\"]}]");
    const struct split_rule two = {.folds = 2}, groups = {.by_group = true},
                            part = {.holdout = .25}, kinds = {.stratify = true, .holdout = .3};
    OK(split_count(&d, NULL, NULL, &count, &e));
    assert_int_equal(count, 1);
    OK(split_count(&d, &two, NULL, &count, &e));
    assert_int_equal(count, 2);
    OK(split_fold(&d, &two, NULL, 1, &s, &e));
    assert_int_equal(s.nval, 6);
    split_free(&s);
    REFUSED(split_fold(&d, &two, NULL, 2, &s, &e), ATT_USAGE, "there is no fold 2; give 0 to 1");
    REFUSED(split_fold(&d, &groups, NULL, 0, &s, &e), ATT_DATA,
        "set has no groups to leave out one by one; write a groups.csv");
    OK(split_count(&d, &part, NULL, &count, &e));
    assert_int_equal(count, 1);
    OK(split_fold(&d, &part, NULL, 0, &s, &e));
    assert_int_equal(s.nval, 3);
    split_free(&s);
    REFUSED(split_fold(&d, &kinds, NULL, 0, &s, &e), ATT_USAGE,
        "`stratify` needs parts of equal size; give `holdout` 0.5, 0.333, 0.25, 0.2 or 0.1");
    const struct split_rule max = {.holdout = .99}, all = {.folds = 12}, more = {.folds = 13};
    REFUSED(split_fold(&d, &max, NULL, 0, &s, &e), ATT_DATA,
        "`holdout` 0.99 of 12 cases leaves none to train");
    d.count = 1;
    REFUSED(split_fold(&d, &part, NULL, 0, &s, &e), ATT_DATA,
        "set has 1 case, too few to hold some out; leave out `holdout`");
    d.count = 12;
    OK(split_fold(&d, &all, NULL, 11, &s, &e)); /* one case each */
    assert_int_equal(s.nval, 1);
    split_free(&s);
    REFUSED(
        split_fold(&d, &more, NULL, 0, &s, &e), ATT_DATA, "set has 12 cases, too few for 13 folds");
    dataset_free(&d);
}

static void one_group_after_the_other_is_left_out(void **state)
{
    struct dataset d;
    struct split s;
    int count;
    const struct split_rule groups = {.by_group = true};
    (void)state;
    make_cases(&d, 5);
    put_text("set/groups.csv",
        "image,group\ncase_00,10\ncase_01,9\ncase_02,10\ncase_03,11\ncase_04,9\n");
    OK(split_count(&d, &groups, NULL, &count, &e));
    assert_int_equal(count, 3);
    OK(split_fold(&d, &groups, NULL, 0, &s, &e)); /* 9 comes before 10 */
    assert_split(&s, INTS(0, 2, 3), INTS(1, 4));
    OK(split_fold(&d, &groups, NULL, 2, &s, &e));
    assert_split(&s, INTS(0, 1, 2, 4), INTS(3));
    put_text("some.txt", "case_00\ncase_01\ncase_04\n"); /* of two groups */
    OK(split_count(&d, &groups, "some.txt", &count, &e));
    assert_int_equal(count, 2);
    OK(split_fold(&d, &groups, "some.txt", 1, &s, &e));
    assert_split(&s, INTS(1, 4), INTS(0));
    REFUSED(split_count(&d, &groups, "none.txt", &count, &e), ATT_IO, "none.txt");
    d.has_groups = true;
    d.path = mem_text("set/x.csv");
    REFUSED(split_fold(&d, &groups, NULL, 0, &s, &e), ATT_DATA,
        "set/groups.csv exists, but set/x.csv defines groups, too; keep one");
    file_remove("set/groups.csv");
    for (int i = 0; i < 5; i++) d.cases[i].group = mem_text("%d", i / 2);
    put_text("some.txt", "case_00\ncase_02\n");
    put_text("val.txt", "case_01\n");
    REFUSED(split_lists(&d, "some.txt", "val.txt", &s, &e), ATT_DATA,
        "set/x.csv puts cases case_00 and case_01 into one group, but the first ");
    dataset_free(&d);
}

static void a_column_names_folds(void **state)
{
    struct dataset d;
    struct split s;
    int count;
    static const int folds[] = {0, 1, FOLD_TRAIN, FOLD_OUT, 1, 3};
    (void)state;
    make_cases(&d, 6);
    d.path = mem_text("set/x.csv");
    d.has_folds = true;
    for (int i = 0; i < 6; i++) d.cases[i].fold = folds[i];
    OK(split_count(&d, NULL, NULL, &count, &e));
    assert_int_equal(count, 4);
    OK(split_fold(&d, NULL, NULL, 1, &s, &e));
    assert_split(&s, INTS(0, 2, 5), INTS(1, 4));
    REFUSED(split_fold(&d, NULL, NULL, 2, &s, &e), ATT_DATA,
        "set/x.csv: fold 2 leaves no case to validate");
    REFUSED(split_fold(&d, NULL, NULL, 4, &s, &e), ATT_USAGE,
        "there is no fold 4 in set/x.csv, which names 4");
    /* nor may what is kept for a test be of a group that trains or validates, whoever cuts the
     * folds */
    put_text("set/groups.csv", "image,group\ncase_02,p\ncase_03,p\n");
    REFUSED(split_fold(&d, NULL, NULL, 1, &s, &e), ATT_DATA,
        "set/groups.csv puts cases case_02 and case_03 into one group, but the first trains and "
        "the second is a test case");
    REFUSED(split_fold(&d, &(struct split_rule){.folds = 2}, NULL, 0, &s, &e), ATT_DATA,
        "the second is a test case");
    REFUSED(split_all(&d, &s, &e), ATT_DATA, "the second is a test case");
    put_text("set/groups.csv", "image,group\ncase_03,p\ncase_04,p\n");
    REFUSED(split_fold(&d, NULL, NULL, 1, &s, &e), ATT_DATA,
        " into one group, but the first is a test case and the second validates");
    put_text("set/groups.csv", "image,group\ncase_00,p\ncase_02,p\n");
    OK(split_fold(&d, NULL, NULL, 1, &s, &e));
    split_free(&s);
    put_text("set/splits_final.json", "[]");
    REFUSED(split_fold(&d, NULL, NULL, 0, &s, &e), ATT_DATA,
        "both set/splits_final.json and the column fold of set/x.csv state folds; keep one of "
        "them, or give `folds`");
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_are_scikit_learns),
        cmocka_unit_test(folds_of_groups_are_scikit_learns),
        cmocka_unit_test(stratified_folds_are_scikit_learns),
        cmocka_unit_test_setup(rules_win_over_what_the_set_says, clear_set),
        cmocka_unit_test_setup(one_group_after_the_other_is_left_out, clear_set),
        cmocka_unit_test_setup(a_column_names_folds, clear_set),
        cmocka_unit_test_setup(without_a_file_the_rule_counts, clear_set),
        cmocka_unit_test_setup(splits_final_counts_where_there_is_one, clear_set),
        cmocka_unit_test_setup(lists_take_names_in_any_dress, clear_set),
        cmocka_unit_test_setup(names_with_dots_and_tails_stay_whole, clear_set),
        cmocka_unit_test_setup(wrong_lists_are_refused, clear_set),
        cmocka_unit_test_setup(groups_are_ranked, clear_set),
        cmocka_unit_test_setup(wrong_groups_are_refused, clear_set),
        cmocka_unit_test_setup(groups_stay_whole, clear_set),
        cmocka_unit_test_setup(folds_of_a_list, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
