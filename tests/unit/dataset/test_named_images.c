/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/named_images.h"

#include "dataset/problems.h"
#include "unit/dataset/dataset_test.h"

/* Only names matter. */
static void touch(const char *const *names, int count)
{
    for (int i = 0; i < count; i++) {
        char *folder = mem_text("set/%.*s", (int)(file_base(names[i]) - names[i]), names[i]),
             *path = mem_text("set/%s", names[i]);
        OK(file_make_folders(folder, &e));
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(fclose(f), 0);
        mem_free(folder);
        mem_free(path);
    }
}

static void take(const struct dataset_patterns *p, const char *folder, bool expected,
    struct dataset *d, struct problems *problems)
{
    bool fit;
    *d = (struct dataset){.problems = problems};
    *problems = (struct problems){.count = 0};
    OK(named_images_add(p, false, folder, d, &fit, NULL, &e));
    assert_int_equal(fit, expected);
}

/* "id:file;file id:file", or the problems. */
static void assert_images(
    const struct dataset_patterns *p, const char *folder, const char *expected)
{
    char text[1024] = "";
    size_t used = 0;
    struct dataset d;
    struct problems problems;
    take(p, folder, *expected != 0, &d, &problems);
    for (int i = 0; i < d.count; i++)
        for (int k = 0; k < d.cases[i].nimages; k++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s%s",
                i && !k ? " " : "", k ? ";" : d.cases[i].id, k ? "" : ":", d.cases[i].image[k]);
    for (int i = 0; i < problems.count; i++)
        used += (size_t)snprintf(
            text + used, sizeof text - used, "%s%s", used ? " | " : "", problems.list[i].text);
    assert_string_equal(text, expected);
    dataset_free(&d);
    problems_free(&problems);
}

static void images_of_one_folder_keep_their_names(void **state)
{
    (void)state;
    touch((const char *[]){"img_1.png", "img_2.png", "gt_1.png", "x.png"}, 4);
    const struct dataset_patterns p = {.images = "img_{id}.png", .labels = "gt_{id}.png"};
    assert_images(&p, "set", "img_1:set/img_1.png img_2:set/img_2.png");
    const struct dataset_patterns alone = {.images = "{id}.png"};
    assert_images(&alone, "set",
        "gt_1:set/gt_1.png img_1:set/img_1.png img_2:set/img_2.png "
        "x:set/x.png");
    const struct dataset_patterns others = {.images = "{id}.tif", .labels = "{id}_gt.tif"};
    assert_images(&others, "set", "");
    bool is[3];
    OK(named_images_labels(&p, (const char *[]){"gt_1.png", "img_1.png", "a/gt_1.png"}, 3, is, &e));
    assert_true(is[0] && !is[1] && !is[2]);
}

/* Patterns begin at the folder, or above it. */
static void inner_folders_name_cases(void **state)
{
    (void)state;
    touch((const char *[]){"p1/t1.png", "p1/t2.png", "p1/seg.png", "p2/t1.png", "p2/t2.png",
              "p3/t1.png", "p3/note.txt"},
        7);
    const struct dataset_patterns p = {
        .images = "{id}/t1.png;{id}/t2.png", .labels = "{id}/seg.png"};
    const char *lacks = "set/p3/t1.png: it has no image for the channel t2; add it, or take its "
                        "other files away",
               *one = "p1:set/p1/t1.png;set/p1/t2.png",
               *both = "p1:set/p1/t1.png;set/p1/t2.png p2:set/p2/t1.png;set/p2/t2.png";
    char all[512];
    snprintf(all, sizeof all, "%s | %s", both, lacks);
    assert_images(&p, "set", all);
    assert_images(&p, "set/p1", one);
    assert_images(&p, "set/p3", "p3:set/p3/t1.png"); /* which predict refuses by its channels */
}

static void labels_alone_are_refused(void **state)
{
    (void)state;
    bool fit;
    struct dataset d = {.count = 0};
    touch((const char *[]){"images/1/a.png", "masks/1/a.png"}, 2);
    const struct dataset_patterns p = {
        .images = "images/{part}/{id}.png", .labels = "masks/{part}/{id}.png"};
    assert_images(&p, "set/images/1", "a:set/images/1/a.png");
    REFUSED(named_images_add(&p, false, "set/masks", &d, &fit, NULL, &e), ATT_USAGE,
        "set/masks holds labels, such as 1/a.png, by the pattern of labels "
        "'masks/{part}/{id}.png'; give the folder of their images, or name files to predict them "
        "all the same");
}

/* In the data set of the training, a case has one name, whatever part of it is given. */
static void names_are_those_of_all_cases(void **state)
{
    (void)state;
    touch((const char *[]){"images/1/a.png", "images/2/a.png", "masks/1/a.png", "masks/2/a.png",
              "images/2/b.png"},
        5);
    const struct dataset_patterns p = {
        .images = "images/{part}/{id}.png", .labels = "masks/{part}/{id}.png", .home = "set"};
    assert_images(&p, "set/images/2", "2_a:set/images/2/a.png b:set/images/2/b.png");
    const struct dataset_patterns other = {.images = p.images, .labels = p.labels};
    assert_images(&other, "set/images/2", "a:set/images/2/a.png b:set/images/2/b.png");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(images_of_one_folder_keep_their_names, clear_set),
        cmocka_unit_test_setup(inner_folders_name_cases, clear_set),
        cmocka_unit_test_setup(labels_alone_are_refused, clear_set),
        cmocka_unit_test_setup(names_are_those_of_all_cases, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
