/* SPDX-License-Identifier: Apache-2.0 */
/* Reads nnU-Net's plans.json beside a dataset.json of two channels and three classes. */
#include <stdlib.h>
#include <unistd.h>

#include "files/file.h"
#include "fuzz.h"
#include "model/nnunet_plans.h"

static void check(const struct model *m, const int order[3])
{
    int seen = 0;
    for (int a = 0; a < 3; a++) {
        seen |= 1 << order[a];
        if (m->prep.patch[a] < 1 || !(m->prep.spacing[a] >= 0)) abort();
    }
    if (seen != 7 || m->prep.channels != 2 || m->labels.count != 3 || !*m->spec.text) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char dataset[] = "{\"channel_names\": {\"0\": \"CT\", \"1\": \"PET\"}, "
                                  "\"labels\": {\"background\": 0, \"a\": 1, \"b\": 2}}";
    static const char *const names[] = {NULL, "2d"};
    char folder[] = "/tmp/attunet-fuzz-XXXXXX", plans[60], beside[60];
    struct fuzz_file input = fuzz_open(data, size);
    struct err e = {0};
    if (!mkdtemp(folder)) abort();
    snprintf(plans, sizeof plans, "%s/plans.json", folder);
    snprintf(beside, sizeof beside, "%s/dataset.json", folder);
    if (symlink(input.path, plans) ||
        file_write_all(beside, dataset, sizeof dataset - 1, &e) != ATT_OK)
        abort();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct model m = {.history = NULL};
        int order[3];
        err_clear(&e);
        att_status status = nnunet_plans_read(folder, names[i], &m, order, &e);
        fuzz_check(status, &e);
        if (status == ATT_OK) check(&m, order);
    }
    if (unlink(plans) || unlink(beside) || rmdir(folder)) abort();
    fuzz_close(input);
    return 0;
}
