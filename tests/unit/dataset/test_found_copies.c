/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of equal names below two words: copies of the images, or parts of one set. */
#include <string.h>

#include "unit/dataset/dataset_test.h"

enum { IMAGES = 6 };

/* Images and labels in A/in, A/gt, B/in and B/gt; `shift`: labels of B mark other voxels. */
static void put_folders(const char *a, const char *b, bool copied, bool shift)
{
    for (int i = 0; i < 2 * IMAGES; i++) {
        const char *folder = i % 2 ? b : a;
        char path[64];
        snprintf(path, sizeof path, "set/%0*d.png", 3 + (copied ? i / 2 : i), 0);
        put_photo(path, 8, 9);
        char name[64];
        snprintf(name, sizeof name, "set/%s/in/%d.png", folder, i / 2);
        make_parent(name);
        assert_int_equal(rename(path, name), 0);
        snprintf(name, sizeof name, "set/%s/gt/%d.png", folder, i / 2);
        if (shift && i % 2)
            put_labels(name, 1, 8, 9, 0, 0, 0, 255, 255);
        else
            put_labels(name, 1, 8, 9, 255, 255, 0);
    }
}

static void copies_with_other_labels_are_asked_about(void **state)
{
    struct dataset d;
    struct heard h;
    (void)state;
    put_folders("EX", "MA", true, true);
    hear(&h);
    REFUSED(dataset_open("set", &d, &h.host, &e), ATT_DATA,
        "mark other places; if they are classes, give `images` 'EX/in/{id}.png' `labels` "
        "'EX/gt/{id}.png;MA/gt/{id}.png'; to read one folder, give `images` 'EX/in/{id}.png' "
        "`labels` 'EX/gt/{id}.png'; to read each as an image of its own, give `images` "
        "'{part}/in/{id}.png' `labels` '{part}/gt/{id}.png'");
}

/* Copies with the same labels are one group; other images are parts of one set, which is said if
 * folders may name what labels mark. */
static void folders_of_other_images_are_parts(void **state)
{
    static const struct {
        const char *a, *b;
        bool copied, says;
    } sets[] = {{"liver", "spleen", false, true}, {"train", "test", false, false},
        {"1. cracks", "2. scars", false, true}, {"01_site", "02_site", false, false},
        {"ct", "mr", false, false}, {"p1", "p2", false, false}, {"old", "now", true, true}};
    for (size_t k = 0; k < COUNT(sets); k++) {
        struct dataset d;
        struct heard h;
        clear_set(state);
        put_folders(sets[k].a, sets[k].b, sets[k].copied, false);
        hear(&h);
        OK(dataset_open("set", &d, &h.host, &e));
        assert_int_equal(d.count, 2 * IMAGES);
        if (sets[k].says) assert_int_equal(d.has_groups, sets[k].copied);
        if (!strstr(h.text, "parts of one set, so their labels mean the same") == sets[k].says)
            fail_msg("%s: %s", sets[k].a, h.text);
        dataset_free(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(copies_with_other_labels_are_asked_about, clear_set),
        cmocka_unit_test_setup(folders_of_other_images_are_parts, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
