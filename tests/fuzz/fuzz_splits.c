/* SPDX-License-Identifier: Apache-2.0 */
/* Reads nnU-Net's splits_final.json. */
#include "fuzz_cases.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_cases c;
    struct err e = {0};
    int count;
    fuzz_cases_open(&c, "splits_final.json", data, size);
    fuzz_check(split_count(&c.d, NULL, NULL, &count, &e), &e);
    for (int fold = 0; fold < 3; fold++) {
        struct split s;
        e = (struct err){0};
        att_status status = split_fold(&c.d, NULL, NULL, fold, &s, &e);
        fuzz_check(status, &e);
        if (status == ATT_OK) fuzz_check_split(&s);
    }
    fuzz_cases_close(&c);
    return 0;
}
