/* SPDX-License-Identifier: Apache-2.0 */
#include "model/run_files.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/order.h"
#include "base/text.h"
#include "files/file.h"

bool run_is_mask_companion(
    const char *stem, bool (*is_mask)(const void *arg, const char *name), const void *arg)
{
    static const char *const tails[] = {
        "_overlay", "_attention_", "_probability_", "_tiles", "_uncertainty"};
    bool found = false;
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
        for (const char *tail = stem; !found && (tail = strstr(tail, tails[i]));
             tail++) { /* a case's name may contain one, too */
            char *mask = mem_text("%.*s", (int)(tail - stem), stem);
            found = mask && is_mask(arg, mask);
            mem_free(mask);
        }
    return found;
}

char *run_fold_path(const char *run, int fold) { return mem_text("%s/" RUN_FOLD "%d", run, fold); }

char *run_part_path(const char *run, int folds, int k)
{
    return folds ? run_fold_path(run, k) : mem_text("%s", run);
}

/* The number of a folder named fold_NUMBER, or -1. */
static int fold_number(const char *folder, const char *name)
{
    const size_t n = sizeof RUN_FOLD - 1;
    if (strncmp(name, RUN_FOLD, n) != 0 || !isdigit((unsigned char)name[n])) return -1;
    char *end, *path = file_join(folder, name);
    const long number = strtol(name + n, &end, 10);
    const bool plain = !*end && number <= 1 << 20 && (name[n] != '0' || !name[n + 1]) && path &&
        file_is_folder(path);
    mem_free(path);
    return plain ? (int)number : -1;
}

att_status run_list_folds(const char *folder, struct run_folds *folds, struct err *e)
{
    struct file_list l;
    folds->count = 0;
    TRY(file_list(folder, &l, e));
    for (int i = 0; i < l.count && folds->count < FOLDS_MAX; i++) {
        const int number = fold_number(folder, l.names[i]);
        if (number >= 0) folds->number[folds->count++] = number;
    }
    file_list_free(&l);
    qsort(folds->number, (size_t)folds->count, sizeof *folds->number, order_ints);
    return ATT_OK;
}

att_status run_count_folds(const char *run, int *count, struct err *e)
{
    *count = 0;
    for (bool there = true; there && *count < FOLDS_MAX; *count += there) {
        char *path = run_fold_path(run, *count);
        if (!path) return err_path(e);
        there = file_is_folder(path);
        mem_free(path);
    }
    return ATT_OK;
}

att_status run_refuse_search(const char *folder, att_status status, struct err *e)
{
    char *journal = file_join(folder, JOURNAL_FILE), *trials = file_join(folder, TUNE_TRIALS),
         *best = file_join(folder, TUNE_BEST);
    if (!journal || !trials || !best)
        status = err_path(e);
    else if (!file_exists(journal) || !file_is_folder(trials))
        status = ATT_OK;
    else if (file_exists(best))
        status =
            err_set(e, status, "%s is the folder of a search; use its best run, %s", folder, best);
    else
        status = err_set(e, status,
            "%s is a search without a final run; use a run in %s, or finish it with: attunet tune "
            "-o %s",
            folder, trials, TEXT_PATH(folder));
    mem_free(best);
    mem_free(trials);
    mem_free(journal);
    return status;
}
