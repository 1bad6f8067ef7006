/* SPDX-License-Identifier: Apache-2.0 */
#include "app/series.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"

static att_status series_folder(struct series_list *s, struct err *e)
{
    const char *base = getenv("TMPDIR");
    if (s->folder) return ATT_OK;
    s->folder = mem_text("%s/attunet-XXXXXX", base && *base ? base : "/tmp");
    if (!s->folder) return err_path(e);
    if (mkdtemp(s->folder)) return ATT_OK;
    const att_status status = file_error(e, "make a temporary folder such as", s->folder, errno);
    mem_free(s->folder);
    s->folder = NULL;
    return status;
}

/* Named after the folder or file; its case has that name. */
static att_status series_name(struct series_list *s, int i, const char *input, struct err *e)
{
    char *title = file_title(input);
    const size_t length = title && !file_is_folder(input) && file_ends(title, ".dcm") ? 4 : 0;
    s->made[i] =
        title ? mem_text("%s/%.*s.nii.gz", s->folder, (int)(strlen(title) - length), title) : NULL;
    mem_free(title);
    if (!s->made[i]) return err_path(e);
    for (int k = 0; k < i; k++)
        if (s->made[k] && text_equals(s->made[k], s->made[i]))
            return err_set(e, ATT_USAGE,
                "two series are named %s, so their results would be one file; rename a folder",
                file_base(s->made[i]));
    return ATT_OK;
}

static att_status series_fill(const char *const *inputs, const struct dicom_choice *choice,
    struct host *host, struct series_list *s, struct err *e)
{
    for (int i = 0; i < s->count; i++) {
        s->path[i] = inputs[i];
        if (!dicom_is(inputs[i])) continue;
        TRY(series_folder(s, e));
        TRY(series_name(s, i, inputs[i], e));
        host_progress(host, "reading DICOM", i, s->count, inputs[i]);
        TRY(dicom_volume(inputs[i], s->made[i], choice, s->folder, host, e));
        s->path[i] = s->made[i];
    }
    return ATT_OK;
}

att_status series_open(const char *const *inputs, int count, const struct dicom_choice *choice,
    struct host *host, struct series_list *s, struct err *e)
{
    *s = (struct series_list){.count = count};
    att_status status = MEM_ARRAY(s->path, count, "the list of images", e);
    if (status == ATT_OK) status = MEM_ARRAY(s->made, count, "the list of series", e);
    if (status == ATT_OK) status = series_fill(inputs, choice, host, s, e);
    if (status != ATT_OK) series_close(s);
    return status;
}

void series_close(struct series_list *s)
{
    for (int i = 0; s->made && i < s->count; i++) {
        if (s->made[i]) file_remove(s->made[i]);
        mem_free(s->made[i]);
    }
    if (s->folder) file_remove_folder(s->folder);
    mem_free(s->folder);
    mem_free(s->path);
    mem_free(s->made);
    *s = (struct series_list){.count = 0};
}
