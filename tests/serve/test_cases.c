/* SPDX-License-Identifier: Apache-2.0 */
/* Labels are kept: none replaces another unasked, and none is lost when the server is killed. */
#include "unit/train/train_test.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../serve/cases.h"

enum { SIDE = 64, VOXELS = SIDE * SIDE };

static att_context *c;
static att_image *image;
static uint16_t labels[VOXELS];

static struct cases *with_case(const char *folder)
{
    char error[512];
    const char *path = "set/images/case_00.nii";
    struct cases *s = cases_create(folder, error);
    assert_non_null(s);
    assert_true(cases_add(s, "case 00", &path, 1, NULL, NULL, NAN));
    return s;
}

static enum cases_end save(struct cases *s, int value, const char *over, bool backup)
{
    char error[512] = "";
    att_status status;
    struct one_case one;
    for (int i = 0; i < VOXELS; i++) labels[i] = (uint16_t)value;
    assert_true(cases_get(s, 0, &one));
    return cases_save(s, c, 0, image, labels, one.version, over, backup, &status, error);
}

/* The one value of a label, or -1. */
static int value_of(const char *path)
{
    att_image *m;
    if (att_image_load(c, &path, 1, &m) != ATT_OK) return -1;
    const int value = (int)m->data[0];
    for (int i = 0; i < VOXELS; i++)
        if (m->data[i] != (float)value) fail_msg("%s is torn", path);
    att_image_free(m);
    return value;
}

static void a_label_is_replaced_only_if_it_is_named(void **state)
{
    struct cases *s = with_case("kept");
    struct one_case one;
    (void)state;
    assert_int_equal(save(s, 1, NULL, false), CASES_DONE);
    assert_true(cases_get(s, 0, &one));
    assert_string_equal(one.key, "case_00");
    const char *path = one.label;
    assert_int_equal(save(s, 2, NULL, false), CASES_TAKEN);
    assert_int_equal(save(s, 2, "other", false), CASES_TAKEN);
    assert_int_equal(value_of(path), 1);
    assert_int_equal(save(s, 2, one.stamp, false), CASES_DONE);
    assert_int_equal(value_of(path), 2);
    assert_int_equal(save(s, 3, one.stamp, false), CASES_TAKEN); /* of the first version */
    assert_int_equal(save(s, 3, NULL, true), CASES_DONE);        /* the second one is kept */
    assert_int_equal(value_of(path), 3);
    cases_destroy(s);
    s = with_case("kept"); /* another time */
    assert_true(cases_get(s, 0, &one) && *one.stamp);
    assert_int_equal(value_of(one.label), 3);
    assert_int_equal(save(s, 4, NULL, false), CASES_TAKEN);
    cases_destroy(s);
    struct file_list old;
    OK(file_list("kept/replaced", &old, &e));
    assert_int_equal(old.count, 1);
    char *kept = file_join("kept/replaced", old.names[0]);
    assert_int_equal(value_of(kept), 2);
    mem_free(kept);
    file_list_free(&old);
}

/* Of an upload: the label belongs to the image that was loaded for it. */
static void no_label_lies_on_another_image(void **state)
{
    char error[512] = "";
    att_status status;
    struct one_case before, after;
    struct cases *s = cases_create("changing", error);
    (void)state;
    assert_int_equal(cases_upload(s, "one", "old", 3, ".nii"), CASES_DONE);
    assert_true(cases_get(s, 0, &before));
    assert_int_equal(cases_upload(s, "one", "new", 3, ".nii"), CASES_DONE);
    assert_int_equal(cases_save(s, c, 0, image, labels, before.version, NULL, true, &status, error),
        CASES_CHANGED);
    assert_string_equal(error, "the image has changed meanwhile; load it and its label again");
    assert_true(cases_get(s, 0, &after) && !after.label);
    assert_int_equal(
        cases_save(s, c, 0, image, labels, after.version, NULL, true, &status, error), CASES_DONE);
    cases_destroy(s);
}

static void the_datastore_is_a_data_set(void **state)
{
    char *text;
    (void)state;
    if (att_info(c, "kept", NULL, &text) != ATT_OK) fail_msg("%s", att_context_error(c));
    json_t *j = json_loads(text, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(j, "labelled")), 1);
    assert_int_equal(json_integer_value(json_object_get(j, "errors")), 0);
    json_decref(j);
    att_text_free(text);
}

/* In a list that a person has edited. */
static void a_label_may_lie_elsewhere(void **state)
{
    char *label = file_join(*state, "l.nii"), *own = realpath("set/images/case_00.nii", NULL);
    char *list = mem_text("{\"attunet\": {}, \"dataset\": {\"a\": {\"images\": [\"%s\"], "
                          "\"label\": \"%s\"}}}",
        own, label);
    put_text("edited/dataset.json", list);
    struct cases *s = with_case("edited");
    assert_int_equal(save(s, 5, NULL, false), CASES_DONE);
    cases_destroy(s);
    json_t *j = json_load_file("edited/dataset.json", 0, NULL);
    const json_t *one = json_object_get(json_object_get(j, "dataset"), "a");
    assert_string_equal(json_string_value(json_object_get(one, "label")), label);
    assert_int_equal(value_of(label), 5);
    json_decref(j);
    /* The list is read once, however many cases are added. */
    char error[512];
    const char *path = "set/images/case_00.nii";
    struct one_case added;
    s = cases_create("edited", error);
    assert_non_null(s);
    assert_int_equal(remove("edited/dataset.json"), 0);
    for (int i = 0; i < 2; i++) {
        assert_true(cases_add(s, "case 00", &path, 1, NULL, NULL, NAN));
        assert_true(cases_get(s, i, &added));
        assert_string_equal(added.key, "a");
        assert_string_equal(added.label, label);
    }
    cases_destroy(s);
    mem_free(list);
    mem_free(label);
    free(own);
}

/* Also one that lies in the datastore. */
static void an_upload_replaces_no_image_of_others(void **state)
{
    char error[512];
    const char *path = "own/images/x.nii";
    (void)state;
    put_image(path, 1, 1, SIDE, SIDE);
    struct cases *s = cases_create("own", error);
    assert_non_null(s);
    assert_true(cases_add(s, "x", &path, 1, NULL, NULL, NAN));
    assert_int_equal(cases_upload(s, "x", "bytes", 5, ".nii"), CASES_TAKEN);
    assert_int_equal(cases_upload(s, "y", "bytes", 5, ".nii"), CASES_DONE);
    assert_int_equal(cases_upload(s, "y", "other", 5, ".nii"), CASES_DONE);
    cases_destroy(s);
    att_image *m = NULL;
    assert_int_equal(att_image_load(c, &path, 1, &m), ATT_OK);
    att_image_free(m);
}

static const char *bytes_of_image(struct cases *s, const char *name)
{
    static char bytes[16];
    struct one_case one;
    assert_true(cases_get(s, cases_index(s, name), &one));
    FILE *file = fopen(one.images[0], "rb");
    bytes[file ? fread(bytes, 1, sizeof bytes - 1, file) : 0] = 0;
    if (file) fclose(file);
    return bytes;
}

static void put_upload(struct cases *s, const char *name)
{
    assert_int_equal(cases_upload(s, name, name, strlen(name), ".nii"), CASES_DONE);
    assert_string_equal(bytes_of_image(s, name), name);
}

/* Also after somebody has removed or replaced files of the datastore while it is in use. */
static void no_image_gets_the_file_of_another(void **state)
{
    char error[512];
    (void)state;
    struct cases *s = cases_create("older", error);
    put_upload(s, "c1");
    assert_int_equal(rename("older/dataset.json", "one.json"), 0);
    put_upload(s, "c2"); /* the list is gone: it begins another one */
    put_upload(s, "c3");
    assert_int_equal(rename("one.json", "older/dataset.json"), 0);
    put_upload(s, "c4"); /* the list is older */
    assert_string_equal(bytes_of_image(s, "c1"), "c1");
    assert_string_equal(bytes_of_image(s, "c2"), "c2");
    assert_string_equal(bytes_of_image(s, "c3"), "c3");
    put_upload(s, "c2"); /* which lists it again */
    cases_destroy(s);
    s = cases_create("older", error);
    assert_string_equal(bytes_of_image(s, "c1"), "c1");
    assert_string_equal(bytes_of_image(s, "c2"), "c2");
    assert_string_equal(bytes_of_image(s, "c4"), "c4");
    assert_int_equal(cases_count(s), 3);
    put_text("older/images/image_0005.png", "of somebody");
    put_text("older/labels/image_0006.nii", "of somebody");
    put_upload(s, "c5");
    struct one_case one;
    assert_true(cases_get(s, cases_index(s, "c5"), &one));
    assert_string_equal(one.key, "image_0007");
    assert_int_equal(rename("older", "gone"), 0);
    put_upload(s, "c6");
    assert_string_equal(bytes_of_image(s, "c1"), "");
    put_upload(s, "c1"); /* and it comes back */
    assert_string_equal(bytes_of_image(s, "c6"), "c6");
    cases_destroy(s);
}

static void a_datastore_is_held(void **state)
{
    char error[512];
    int one, two;
    (void)state;
    assert_int_equal(cases_hold("held", false, &one, error), ATT_OK);
    for (int together = 0; together < 2; together++) {
        assert_int_equal(cases_hold("held", together, &two, error), ATT_IO);
        assert_string_equal(
            error, "another attunet serve or view uses --datastore held; stop it, or give another");
        close(two);
    }
    close(one);
    assert_int_equal(cases_hold("held", true, &one, error), ATT_OK);
    assert_int_equal(cases_hold("held", true, &two, error), ATT_OK);
    close(two);
    assert_int_equal(cases_hold("held", false, &two, error), ATT_IO);
    close(two);
    close(one);
    put_text("a_file", "x");
    assert_int_equal(cases_hold("a_file", false, &one, error), ATT_USAGE);
    assert_string_equal(error, "--datastore a_file is no folder; give another");
    assert_int_equal(cases_hold("none/held", false, &one, error), ATT_IO);
    assert_string_equal(
        error, "cannot make --datastore none/held: No such file or directory; give another");
    assert_int_equal(cases_hold("set", false, &one, error), ATT_USAGE);
    assert_string_equal(
        error, "--datastore set has files, but no list of this program; give another");
}

static void masks_are_found_by_name(void **state)
{
    char error[512] = "";
    const char *paths[] = {"set/images/case_00.nii", "set/images/case_01.nii"};
    struct one_case one;
    (void)state;
    struct cases *s = cases_create(NULL, error);
    assert_true(cases_add(s, "case_00", &paths[0], 1, NULL, NULL, NAN));
    put_text("masks/case_00.nii.gz", "x");
    put_text("truths/other.nii", "x");
    assert_int_equal(cases_pair(s, "masks", NULL, false, error), ATT_OK);
    assert_int_equal(cases_pair(s, "masks", "masks", false, error), ATT_OK);
    assert_int_equal(cases_pair(s, "labels", "truths", true, error), ATT_USAGE);
    assert_string_equal(
        error, "no file in --labels truths has the name of a case, such as case_00");
    assert_int_equal(cases_pair(s, "labels", "nowhere", true, error), ATT_IO);
    assert_int_equal(cases_pair(s, "labels", "truths/other.nii", true, error), ATT_OK);
    assert_true(cases_get(s, 0, &one));
    assert_non_null(strstr(one.mask, "masks/case_00.nii.gz"));
    assert_non_null(strstr(one.truth, "truths/other.nii"));
    assert_true(cases_add(s, "case_01", &paths[1], 1, NULL, NULL, NAN));
    assert_int_equal(cases_pair(s, "masks", "truths/other.nii", false, error), ATT_USAGE);
    assert_string_equal(
        error, "--masks truths/other.nii is one file, but there are 2 cases; give a folder");
    cases_destroy(s);
}

static void leftovers_of_a_kill_go(void **state)
{
    static const char *const left[] = {"left/dataset.json.next", "left/images/image_0002.nii.next",
        "left/images/image_0002.nii", "left/images/series_12.nii.gz.next",
        "left/labels/image_0001.nii.tmp-12-0123456789ab-1"};
    static const char *const stay[] = {
        "left/images/image_0001.nii", "left/labels/image_0001.nii", "left/other.next.txt"};
    char error[512];
    int lock;
    (void)state;
    struct cases *s = cases_create("left", error);
    put_upload(s, "one");
    cases_destroy(s);
    for (size_t i = 0; i < sizeof stay / sizeof *stay; i++) put_text(stay[i], "x");
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        put_text(left[i], strstr(left[i], "image_0002.nii") && !strstr(left[i], "next") ? "" : "x");
    assert_int_equal(cases_hold("left", false, &lock, error), ATT_OK);
    close(lock);
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (file_exists(left[i])) fail_msg("%s stays", left[i]);
    for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
        if (!file_exists(stay[i])) fail_msg("%s goes", stay[i]);
}

/* Such as one that is saved while the series is read again. */
static void a_volume_stays_under_its_label(void **state)
{
    char error[512], bytes[6] = "";
    struct one_case one;
    (void)state;
    struct cases *s = cases_create("volumes", error);
    assert_non_null(s);
    assert_true(cases_series(s, "1.2", "series_1"));
    assert_int_equal(cases_volume(s, 0, "first", 5), CASES_DONE);
    assert_int_equal(save(s, 1, NULL, false), CASES_DONE);
    assert_int_equal(cases_volume(s, 0, "other", 5), CASES_TAKEN);
    assert_true(cases_get(s, 0, &one));
    FILE *file = fopen(one.images[0], "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, 5, file), 5);
    fclose(file);
    assert_string_equal(bytes, "first");
    assert_int_equal(remove(one.label), 0);
    assert_int_equal(cases_volume(s, 0, "other", 5), CASES_DONE);
    cases_destroy(s);
}

static void a_path_that_is_no_utf8_gets_no_label(void **state)
{
    char error[512];
    const char *path = "set/images/\377.nii";
    struct one_case one;
    (void)state;
    struct cases *s = cases_create("latin", error);
    assert_non_null(s);
    assert_true(cases_add(s, "\377", &path, 1, NULL, NULL, NAN));
    assert_true(cases_get(s, 0, &one));
    assert_string_equal(one.name, "?"); /* the page lists it */
    assert_int_equal(save(s, 1, NULL, false), CASES_FAILED);
    assert_false(file_exists("latin/labels/_.nii"));
    assert_false(file_exists("latin/dataset.json"));
    cases_destroy(s);
}

static void a_list_of_others_is_not_touched(void **state)
{
    char error[512];
    (void)state;
    put_text("other/dataset.json", "{\"labels\": {}}");
    assert_null(cases_create("other", error));
    assert_string_equal(
        error, "other/dataset.json is not a list of this program; give another --datastore");
}

/* A server is killed while it saves 1, 2, 3, ...: the label is whole, and none that it has
 * answered for is lost. */
static void kills_lose_no_label(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        int said[2], last = 0, value;
        assert_int_equal(pipe(said), 0);
        const pid_t child = fork();
        if (child == 0) {
            struct cases *s = with_case("killed");
            struct one_case one;
            for (value = 1;; value++) {
                cases_get(s, 0, &one);
                if (save(s, value, one.stamp, false) != CASES_DONE) _exit(1);
                if (write(said[1], &value, sizeof value) != sizeof value) _exit(2);
            }
        }
        close(said[1]);
        for (int i = 0; i <= round % 4; i++)
            assert_int_equal(read(said[0], &last, sizeof last), sizeof last);
        usleep((useconds_t)(round * 137));
        kill(child, SIGKILL);
        int how;
        waitpid(child, &how, 0);
        assert_true(WIFSIGNALED(how));
        while (read(said[0], &value, sizeof value) == sizeof value) last = value;
        close(said[0]);
        const int kept = value_of("killed/labels/case_00.nii");
        assert_true(kept == last || kept == last + 1); /* it may have been about to answer */
        json_t *list = json_load_file("killed/dataset.json", 0, NULL);
        assert_int_equal(json_integer_value(json_object_get(list, "numTraining")), 1);
        json_decref(list);
    }
}

static int start(void **state)
{
    const char *path = "set/images/case_00.nii";
    if (make_scratch(state) || att_context_create(1, "ref", NULL, &c) != ATT_OK) return 1;
    put_boxes("set", 1, 1, SIDE, SIDE);
    return att_image_load(c, &path, 1, &image) != ATT_OK;
}

static int stop(void **state)
{
    att_image_free(image);
    att_context_destroy(c);
    return remove_scratch(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_label_is_replaced_only_if_it_is_named),
        cmocka_unit_test(no_label_lies_on_another_image),
        cmocka_unit_test(the_datastore_is_a_data_set), cmocka_unit_test(a_label_may_lie_elsewhere),
        cmocka_unit_test(an_upload_replaces_no_image_of_others),
        cmocka_unit_test(no_image_gets_the_file_of_another), cmocka_unit_test(a_datastore_is_held),
        cmocka_unit_test(masks_are_found_by_name), cmocka_unit_test(leftovers_of_a_kill_go),
        cmocka_unit_test(a_volume_stays_under_its_label),
        cmocka_unit_test(a_path_that_is_no_utf8_gets_no_label),
        cmocka_unit_test(a_list_of_others_is_not_touched), cmocka_unit_test(kills_lose_no_label)};
    return cmocka_run_group_tests(tests, start, stop);
}
