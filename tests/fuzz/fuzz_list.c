/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a list of cases: those that train, those that validate, and those that folds are cut from.
 */
#include "fuzz_cases.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_cases c;
    struct split s;
    struct err e = {0};
    fuzz_cases_open(&c, "list.txt", data, size);
    att_status status = split_lists(&c.d, c.file, NULL, &s, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) fuzz_check_split(&s);
    e = (struct err){0};
    if (split_lists(&c.d, c.file, c.file, &s, &e) == ATT_OK)
        abort(); /* it names a case to train and to validate, or none */
    e = (struct err){0};
    status = split_fold(&c.d, NULL, c.file, 1, &s, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) fuzz_check_split(&s);
    fuzz_cases_close(&c);
    return 0;
}
