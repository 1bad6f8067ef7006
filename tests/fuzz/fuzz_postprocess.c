/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a run's postprocess.json; what could be read says the same when it is written and read
 * again. */
#include "files/json_file.h"
#include "fuzz.h"
#include "model/postprocess.h"

static const struct labelling labels = {
    .count = 3, .value = {0, 1, 300}, .name = {"background", "liver", "tumour"}, .ignore = -1};

static void again(const struct postprocess *p)
{
    struct postprocess back;
    struct err e = {0};
    json_t *j = postprocess_to_json(p, &labels);
    if (!j || postprocess_from_json(j, &labels, "again", &back, &e) != ATT_OK) abort();
    if (back.all_foreground != p->all_foreground || !class_set_equal(back.largest, p->largest))
        abort();
    for (int i = 0; i < labels.count; i++)
        if (back.smallest[i] != p->smallest[i]) abort();
    json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file f = fuzz_open(data, size);
    struct err e = {0};
    struct postprocess p;
    json_t *j;
    att_status status = json_file_read(f.path, &j, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) {
        status = postprocess_from_json(j, &labels, "post.json", &p, &e);
        fuzz_check(status, &e);
        if (status == ATT_OK) again(&p);
    }
    json_decref(j);
    fuzz_close(f);
    return 0;
}
