/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/outputs.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/order.h"
#include "base/text.h"
#include "dataset/dataset.h"
#include "files/claims.h"
#include "files/file.h"
#include "format/format.h"

/* A user's folder may hold a file "lock", too. */
static bool is_training(const char *folder)
{
    static const char *const others[] = {RUN_SETTINGS, RUN_FOLDS, RUN_HARD, JOURNAL_FILE};
    bool is = false;
    for (size_t i = 0; i < sizeof others / sizeof *others && !is; i++)
        is = file_has(folder, RUN_LOCK) && file_has(folder, others[i]);
    return is;
}

att_status outputs_refuse_run(const char *folder, struct err *e)
{
    if (!is_training(folder)) return ATT_OK;
    if (file_has(folder, JOURNAL_FILE))
        return err_data(
            e, "%s is the folder of a search, not a data set; give the data set", folder);
    return err_data(e,
        "%s is the folder of a training, not a data set; give the data set; to continue the "
        "training: attunet resume %s; to begin another one with its weights: attunet train DATASET "
        "-o RUN --init %s",
        folder, TEXT_PATH(folder), TEXT_PATH(folder));
}

/* As RUN/validation. */
static att_status refuse_part(const char *folder, struct err *e)
{
    char *above = mem_text("%s/..", folder);
    if (!above) return err_path(e);
    const bool is = is_training(above);
    mem_free(above);
    return is ? err_data(e,
                    "%s is a part of a run, not a data set; give the folder with the images and "
                    "their masks",
                    folder)
              : ATT_OK;
}

static int names_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool may_be_data(const char *folder, const char *name, bool image)
{
    char *path = file_join(folder, name);
    const bool may = image || !path || strcmp(name, "dataset.csv") == 0 ||
        strcmp(name, "dataset.json") == 0 || file_is_folder(path) || format_is_dicom(path);
    mem_free(path);
    return may;
}

/* Counts files of the list, images among them, and others that may be data. The sentence about SEG
 * and RTSTRUCT without their series says more. */
static att_status count_own(const char *folder, const struct file_list *own, int *files,
    int *images, int *others, struct err *e)
{
    struct file_list names;
    size_t ending;
    TRY(file_list(folder, &names, e));
    for (int i = 0; i < names.count; i++) {
        const bool image = format_by_name(names.names[i], &ending) != NULL;
        const bool mine = own->count &&
            bsearch(
                &names.names[i], own->names, (size_t)own->count, sizeof *own->names, names_order);
        *files += mine;
        *images += mine && image;
        *others +=
            mine ? file_ends(names.names[i], ".dcm") : may_be_data(folder, names.names[i], image);
    }
    file_list_free(&names);
    return ATT_OK;
}

/* *holds: the folder holds only what the command wrote. */
static att_status find_own(
    const char *folder, bool any, bool *holds, char command[CLAIMS_COMMAND + 1], struct err *e)
{
    struct file_list own;
    int files = 0, images = 0, others = 0;
    *holds = false;
    if (!file_has(folder, CLAIMS_LIST)) return ATT_OK;
    TRY(claims_read(folder, &own, command, e));
    qsort(own.names, (size_t)own.count, sizeof *own.names, names_order);
    const att_status status = count_own(folder, &own, &files, &images, &others, e);
    file_list_free(&own);
    *holds = !others && (any ? files : images);
    return status;
}

att_status outputs_refuse(const char *folder, bool any, struct err *e)
{
    char command[CLAIMS_COMMAND + 1];
    bool holds;
    if (!file_is_folder(folder)) return ATT_OK;
    TRY(outputs_refuse_run(folder, e));
    if (any) TRY(refuse_part(folder, e));
    TRY(find_own(folder, any, &holds, command, e));
    if (!holds) return ATT_OK;
    return err_data(e,
        "%s holds only what 'attunet %s' wrote, which is no data set; give the folder with the "
        "images and their masks",
        folder, command);
}

att_status outputs_refuse_predicted(const char *folder, struct err *e)
{
    char command[CLAIMS_COMMAND + 1];
    bool holds;
    TRY(find_own(folder, false, &holds, command, e));
    if (!holds || strcmp(command, "predict")) return ATT_OK;
    return err_data(e,
        "%s holds only what 'attunet predict' wrote; give the folder that holds the images, or "
        "name files of this one",
        folder);
}
