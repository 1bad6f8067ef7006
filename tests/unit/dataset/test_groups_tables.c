/* SPDX-License-Identifier: Apache-2.0 */
/* Tables beside the images that name patients. */
#include <string.h>

#include "unit/dataset/dataset_test.h"

static const char *const names[] = {"qa", "rb", "sc", "td", "ue", "vf"};

/* Opens the set with this table; what it says goes to h. */
static bool opened_asks(const char *path, const char *table, struct heard *h)
{
    struct dataset d;
    void *state = NULL;
    clear_set(&state);
    put_named("images", "labels", names, COUNT(names));
    put_text(path, table);
    hear(h);
    OK(dataset_open("set", &d, &h->host, &e));
    const bool asked = d.groups_asked;
    assert_false(d.has_groups);
    dataset_free(&d);
    return asked;
}

static void a_column_that_repeats_is_asked_for(void **state)
{
    struct heard h;
    (void)state;
    assert_true(opened_asks("set/meta.csv",
        "lesion_id,file,age\nL1,qa.png,3\nL1,rb.png,3\nL2,sc.png,4\nL3,td.png,5\nL3,ue.png,5\n"
        "L4,vf.png,6\n",
        &h));
    assert_non_null(strstr(h.text,
        "set/meta.csv: if the column lesion_id names patients, cases of \"L1\" may be in both "
        "training and validation, such as qa and rb; to keep them together: awk -F',' 'NR == 1 { "
        "print \"image,group\" } NR > 1 { print $2 \",\" $1 }' set/meta.csv >set/groups.csv"));
    assert_true(opened_asks(
        "set/meta.tsv", "Patient\timage\n1\tqa\n1\trb\n2\tsc\n2\ttd\n3\tue\n3\tvf\n", &h));
    assert_non_null(strstr(h.text, "awk -F'\\t' "));
}

/* groups.csv may list the cases of the set alone. */
static void a_table_that_awk_cannot_turn_gets_no_command(void **state)
{
    static const char *const tables[] = {
        "image,patient\nqa,1\nrb,1\nsc,2\ntd,2\nue,3\nvf,3\nother,3\n",
        "image,patient\nqa,1\nrb,1\nsc,2\ntd,2\nue,3\nvf,\"3\"\n",
        "image,patient\nqa,1\nrb,1\nsc,2\ntd,2\nue,3\nvf,\n",
        "image;size;patient\nqa;1,5;1\nrb;2,5;1\nsc;3,5;2\ntd;4,5;2\nue;5,5;3\nvf;6,5;3\n"};
    struct heard h;
    (void)state;
    for (int i = 0; i < COUNT(tables); i++) {
        assert_true(opened_asks("set/list.csv", tables[i], &h));
        assert_non_null(strstr(h.text,
            "to keep them together, write the columns image and patient into a groups.csv"));
    }
}

static void other_tables_say_nothing(void **state)
{
    static const char *const tables[] = {
        "image,patient\nqa,1\nrb,2\nsc,3\ntd,4\nue,5\nvf,6\n", /* each its own */
        "image,patient\nqa,1\nrb,1\nsc,1\ntd,1\nue,1\nvf,1\n", /* all the same */
        "image,age\nqa,1\nrb,1\nsc,2\ntd,2\nue,3\nvf,3\n",     /* no word for patients */
        "image,patient\nqa,1\nrb,1\nx,2\ny,2\nz,3\n",          /* few cases */
        "image,patient\nqa,1,2\nrb,1\n", "image,patient\n\"qa,1\n", "image,patient", "", "\n\n"};
    struct heard h;
    (void)state;
    for (int i = 0; i < COUNT(tables); i++)
        if (opened_asks("set/list.csv", tables[i], &h)) fail_msg("%s: %s", tables[i], h.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_that_repeats_is_asked_for),
        cmocka_unit_test(a_table_that_awk_cannot_turn_gets_no_command),
        cmocka_unit_test(other_tables_say_nothing),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
