/* SPDX-License-Identifier: Apache-2.0 */
/* Reads groups.csv and cuts folds that keep its groups whole. */
#include "dataset/groups.h"
#include "fuzz_cases.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_cases c;
    struct split s;
    struct err e = {0};
    int group[FUZZ_CASES], count, folds;
    fuzz_cases_open(&c, "groups.csv", data, size);
    att_status status = groups_read(&c.d, group, &count, &e);
    fuzz_check(status, &e);
    for (int i = 0; status == ATT_OK && i < FUZZ_CASES; i++)
        if (group[i] < 0 || group[i] >= count) abort();
    e = (struct err){0};
    status = split_fold(&c.d, NULL, NULL, 0, &s, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) {
        for (int t = 0; t < s.ntrain; t++)
            for (int v = 0; v < s.nval; v++)
                if (group[s.train[t]] == group[s.val[v]]) abort();
        fuzz_check_split(&s);
    }
    e = (struct err){0};
    fuzz_check(split_count(&c.d, NULL, NULL, &folds, &e), &e);
    fuzz_cases_close(&c);
    return 0;
}
