/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/converted.h"

#include "base/mem.h"
#include "base/text.h"
#include "dataset/layout.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "files/scratch.h"
#include "format/dicom.h"

static const char *const image_folders[] = {"images", "imagesTr"};

att_status converted_has_series(const char *path, bool *has, bool *dicom, struct err *e)
{
    *has = *dicom = false;
    for (size_t i = 0; i < sizeof image_folders / sizeof *image_folders && !*has; i++) {
        char *images = file_join(path, image_folders[i]);
        if (!images) return err_path(e);
        *has = file_is_folder(images);
        *dicom = *has && dicom_any(images);
        mem_free(images);
    }
    return ATT_OK;
}

/* *dicom: also for any file where there is no folder of images, unless *several data sets are
 * below. */
static att_status converted_look(
    const char *path, bool *has, bool *dicom, bool *several, struct err *e)
{
    *several = false;
    TRY(converted_has_series(path, has, dicom, e));
    if (*has || dataset_is(path) || !dicom_any(path)) return ATT_OK;
    TRY(dataset_holds_sets(path, several, e));
    *dicom = !*several;
    return ATT_OK;
}

static att_status converted_update(
    const char *path, const char *to, struct host *host, struct err *e)
{
    char *scratch;
    if (is_dry_run(host)) /* a set that was refused leaves the folder, but no list */
        return file_has(to, ".attunet-dicom")
            ? ATT_OK
            : err_data(e,
                  "%s holds DICOM, whose series a dry run does not convert; first run: attunet "
                  "info %s",
                  path, TEXT_PATH(path));
    TRY(scratch_folder(&scratch, e));
    host_progress(host, "reading DICOM", 0, 1, path);
    const att_status status = dicom_set(path, to, scratch, host, e);
    scratch_remove_folder(scratch);
    mem_free(scratch);
    return status;
}

att_status converted_open(const char *path, struct host *host, char **to, struct err *e)
{
    bool has, dicom, several;
    *to = NULL;
    if (!file_is_folder(path)) return ATT_OK;
    TRY(converted_look(path, &has, &dicom, &several, e));
    if (!dicom) return ATT_OK;
    if (!(*to = file_join(path, CONVERTED))) return err_path(e);
    const att_status status = converted_update(path, *to, host, e);
    if (status == ATT_OK) return ATT_OK;
    mem_free(*to);
    *to = NULL;
    return status;
}

att_status converted_is(const char *path, struct host *host, bool *is, struct err *e)
{
    struct err why = {0};
    char *made = NULL;
    bool has, dicom, several;
    *is = layout_has_folder(path, CONVERTED);
    if (*is) return ATT_OK;
    TRY(converted_look(path, &has, &dicom, &several, e));
    *is = several || (has && dicom); /* several sets are refused by name, not read as a series */
    if (has || !dicom) return ATT_OK;
    const bool muted = host->muted; /* who opens the data set says what there is to say */
    host->muted = true;
    const att_status status = converted_open(path, host, &made, &why);
    host->muted = muted;
    if (made) host_say(host, LOG_INFO, "the series of %s are NIfTI files in %s/", path, made);
    mem_free(made);
    *is = status == ATT_OK || layout_has_folder(path, CONVERTED);
    if (status == ATT_OK || status == ATT_DATA || status == ATT_USAGE) return ATT_OK;
    return err_set(e, status, "%s", why.text);
}
