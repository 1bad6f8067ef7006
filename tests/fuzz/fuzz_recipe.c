/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the recipe in a checkpoint: a good one, in which the input's settings take the place of its
 * own. What could be read can be written and read again. */
#include "files/json_file.h"
#include "fuzz.h"
#include "plan/recipe.h"

/* A fresh good recipe with changes. */
static json_t *changed(const json_t *input)
{
    struct recipe r = {.dataset = "d",
        .dataset_path = "/d",
        .spec = "arch=unet dims=2 in=1 classes=2 widths=4,8",
        .loss = "dice+ce",
        .patch = {1, 48, 48},
        .batch = 2,
        .steps = 7,
        .lr = 1e-3};
    struct recipe back;
    struct err e = {0};
    json_t *j = recipe_to_json(&r), *settings = json_object_get(input, "settings");
    if (!j || recipe_from_json(j, &back, &e) != ATT_OK) abort();
    if (settings) json_object_update(json_object_get(j, "settings"), settings);
    if (json_object_get(input, "dataset"))
        json_object_set(j, "dataset", json_object_get(input, "dataset"));
    return j;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file f = fuzz_open(data, size);
    struct err e = {0};
    struct recipe r, back;
    json_t *input;
    att_status status = json_file_read(f.path, &input, &e);
    fuzz_check(status, &e);
    fuzz_close(f);
    if (status != ATT_OK) return 0;
    json_t *j = changed(input);
    status = recipe_from_json(j, &r, &e);
    fuzz_check(status, &e);
    json_decref(j);
    if (status == ATT_OK) {
        j = recipe_to_json(&r);
        if (!j || recipe_from_json(j, &back, &e) != ATT_OK || strcmp(back.spec, r.spec) != 0)
            abort();
        json_decref(j);
    }
    json_decref(input);
    return 0;
}
