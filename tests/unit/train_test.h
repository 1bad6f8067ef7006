/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of training share: the options of the command `train`, and a small data set that a tiny network learns in a moment. */
#ifndef TRAIN_TEST_H
#define TRAIN_TEST_H

#include "dataset_test.h"

#include "api/api.h"
#include "base/rng.h"
#include "train/train.h"

enum { OPTION_ROWS = 128 };

/* The command's own table, without its limits on what only tests want to go beyond. */
static inline const struct option_row *test_rows(void)
{
    static struct option_row rows[OPTION_ROWS];
    assert_true(api_option_count <= OPTION_ROWS);
    for (int i = 0; i < api_option_count; i++) {
        rows[i] = api_options[i];
        bool free = !strcmp(rows[i].name, "checkpoint-every") || !strcmp(rows[i].name, "lr");
        if (free) rows[i].lo = rows[i].hi = 0;
    }
    return rows;
}

/* "steps=20", "lr=0.1", ... up to NULL. */
static inline void set_options(struct options *o, const char *const *words)
{
    OK(options_init(o, test_rows(), api_option_count, "train", &e));
    for (; *words; words++) {
        char name[64];
        const char *equals = strchr(*words, '=');
        snprintf(name, sizeof name, "%.*s", (int)(equals - *words), *words);
        OK(options_set(o, name, equals + 1, &e));
    }
}
#define SET_OPTIONS(o, ...) set_options(o, (const char *const[]){__VA_ARGS__, NULL})

/* `count` volumes (or slices, d = 1) in FOLDER/images and FOLDER/labels: noise, with a bright box (value 1) somewhere. */
static inline void put_boxes(const char *folder, int count, int d, int h, int w)
{
    for (int k = 0; k < count; k++) {
        struct image m = {.channels = 1, .size = {d, h, w}};
        struct labelmap l = {.size = {d, h, w}};
        struct rng r = rng_stream(1, RNG_TEST, (uint32_t)k, 0);
        size_t voxels = image_voxels(m.size);
        int low[3];
        m.data = mem_array(voxels, sizeof *m.data);
        l.data = mem_array(voxels, sizeof *l.data);
        for (int i = 0; i < 3; i++) low[i] = m.size[i] == 1 ? 0 : m.size[i] / 8 + (int)rng_below(&r, (uint32_t)m.size[i] / 4);
        for (int i = 0; i < (int)voxels; i++) {
            int at[3] = {i / w / h, i / w % h, i % w};
            bool inside = true;
            for (int a = 0; a < 3; a++) inside &= at[a] >= low[a] && at[a] <= low[a] + m.size[a] / 3;
            m.data[i] = (float)(rng_range(&r, 0, 40) + (inside ? 60 : 0));
            l.data[i] = inside;
        }
        for (int part = 0; part < 2; part++) {
            char *path = mem_text("%s/%s/case_%02d.nii", folder, part ? "labels" : "images", k);
            make_parent(path);
            if (part)
                OK(format_save_labels(path, &l, &e));
            else
                OK(format_save_image(path, &m, &e));
            mem_free(path);
        }
        mem_free(m.data);
        mem_free(l.data);
    }
}

#endif
