/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in the names of images and labels that count different things, as visits and readers; and
 * folders of sessions. */
#include "unit/dataset/found_test.h"

/* Visits 1 and 2 of each patient, and as many readers' labels. */
static void add_visits(struct list *l, const char *visit, const char *reader, int readers)
{
    for (int i = 11; i < 18; i++) {
        for (int k = 1; k <= 2; k++) add(l, "%03d/%s%d_flair.nii", i, visit, k);
        for (int k = 1; k <= readers; k++) add(l, "%03d/%s%d.nii", i, reader, k);
    }
}

static void add_common(struct list *l, const char *name)
{
    for (int i = 11; i < 18; i++) add(l, "%03d/%s.nii", i, name);
}

/* The images of a patient are channels where there are more readers than images. */
static void more_readers_than_images_are_no_pairs(void **state)
{
    static const char BOTH[] = "{id}/time1_flair.nii;{id}/time2_flair.nii",
                      ZEROS[] = "{id}/time01_flair.nii;{id}/time02_flair.nii";
    const struct told same = {.labels = {"truth", "expert", "rater"}, .both = 90},
                      partly = {.labels = {"truth", "expert", "rater"}, .both = 40};
    struct list l = {NULL, 0};
    (void)state;
    for (int differ = 0; differ < 2; differ++) {
        add_visits(&l, "time", "ground_truth_expert", 4);
        add_common(&l, "ground_truth");
        expect(&l, differ ? partly : same, BOTH, "{id}/ground_truth.nii");
        add_visits(&l, "time0", "rater", 3);
        add_common(&l, "truth");
        expect(&l, differ ? partly : same, ZEROS, "{id}/truth.nii");
    }
    add_visits(&l, "time", "expert", 3);
    expect(&l, same, BOTH, "{id}/expert1.nii");
}

/* As many labels as images may be theirs, unless these have one in common. */
static void as_many_readers_as_images_are_asked_about(void **state)
{
    const struct told t = {.labels = {"truth", "expert"}, .both = 90};
    struct list l = {NULL, 0};
    (void)state;
    add_visits(&l, "time", "expert", 2);
    expect(&l, t, "{group}/time{id}_flair.nii", "{group}/expert{id}.nii");
    add_visits(&l, "time", "expert", 2);
    add_common(&l, "truth");
    refuse(&l, t,
        "; if the images of a group are channels of one case with one label, give `images` "
        "'{id}/time1_flair.nii;{id}/time2_flair.nii' `labels` '{id}/truth.nii'");
    for (int k = 1; k <= 2; k++) /* and one for some images only is not in common */
        for (int i = 11; i < 18; i++) {
            add(&l, "%03d/time%d_flair.nii", i, k);
            add(&l, "%03d/expert%d.nii", i, k);
            if (k == 1 && i < 15) add(&l, "%03d/expert%d_second.nii", i, k);
        }
    expect(&l, t, "{group}/time{id}_flair.nii", "{group}/expert{id}.nii");
}

/* A session is none of the patients whose folders hold it. */
static void sessions_in_folders_of_their_own_are_no_groups(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 0; i < 6; i++) {
        add(&l, "sub-%d/ses-%dmo/anat/sub-%d_ses-%dmo_T2w.nii", 31 + i, i % 5, 31 + i, i % 5);
        add(&l, "sub-%d/ses-%dmo/anat/sub-%d_ses-%dmo_dseg.nii", 31 + i, i % 5, 31 + i, i % 5);
    }
    expect(&l, (struct told){.labels = {"dseg"}}, "{part}/{part2}/anat/{id}_T2w.nii",
        "{part}/{part2}/anat/{id}_dseg.nii");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_readers_than_images_are_no_pairs),
        cmocka_unit_test(as_many_readers_as_images_are_asked_about),
        cmocka_unit_test(sessions_in_folders_of_their_own_are_no_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
