/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of the Open Inference Protocol: the first two bytes say how much of the rest is JSON.
 * What is read has samples to read and an answer that is JSON; what is refused has a sentence. */
#include "../../serve/infer.h"
#include "fuzz.h"

enum { MOST = 4096 };

static void answer(struct infer *r)
{
    att_result result;
    struct text t = {0};
    if (!infer_prepare(r, 2, &result)) abort();
    size_t voxels = (size_t)r->image.size[0] * (size_t)r->image.size[1] * (size_t)r->image.size[2];
    float *map = calloc(voxels, sizeof *map), sum = 0;
    if (!map) abort();
    for (size_t i = 0; i < voxels; i++) sum += r->image.data[i];
    map[0] = sum;
    for (int i = 0; i < r->count; i++) {
        if (r->outputs[i].labels) memset(r->outputs[i].labels, 7, infer_bytes(&r->outputs[i]));
        if (r->outputs[i].values) memset(r->outputs[i].values, 0, infer_bytes(&r->outputs[i]));
    }
    map[0] = 0;
    if (result.attention) result.attention(result.user, "dec.0", map);
    if (!infer_missing(r)) {
        if (!infer_write(r, "m", "1", &result, &t)) abort();
        json_t *j = json_loadb(t.data, t.used, 0, NULL);
        if (!j) abort();
        json_decref(j);
    }
    free(t.data);
    free(map);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct infer r;
    struct text plain = {0};
    char error[INFER_ERROR] = "";
    if (size < 2) return 0;
    char *body = fuzz_text(data + 2, size - 2);
    const size_t json = (size_t)data[0] << 8 | data[1];
    const bool good = infer_read(&r, body, size - 2, json, 1, MOST, error);
    if (good == (*error != 0)) abort();
    if (good) answer(&r);
    infer_free(&r);
    bytes_unpack(body, size - 2, MOST, &plain);
    free(plain.data);
    free(body);
    return 0;
}
