/* SPDX-License-Identifier: Apache-2.0 */
/* Reads results of evaluation: of `attunet evaluate --json` and nnU-Net's summary.json. */
#include <math.h>

#include "fuzz.h"
#include "measure/scores.h"

static void read_metric(const char *path, const char *metric, const char *class)
{
    struct err e = {0};
    struct scores s;
    att_status status = scores_read(path, metric, class, &s, &e);
    fuzz_check(status, &e);
    if (status != ATT_OK) return;
    for (int i = 0; i < s.count; i++) {
        if (isinf(s.value[i]) || (i > 0 && strcmp(s.id[i - 1], s.id[i]) >= 0)) abort();
    }
    scores_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file f = fuzz_open(data, size);
    read_metric(f.path, "dice", NULL);
    read_metric(f.path, "iou", "1");
    read_metric(f.path, "hd95", "tumour");
    fuzz_close(f);
    return 0;
}
