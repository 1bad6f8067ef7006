/* SPDX-License-Identifier: Apache-2.0 */
/* Replaced files have a new identity (files/file.h), so an unchanged one was not written. */
#include "predict/predict_stale.h"

#include <string.h>

#include "base/mem.h"
#include "files/claims.h"
#include "files/json_file.h"
#include "format/format.h"
#include "model/run_files.h"

static bool is_case(const void *d, const char *name) { return dataset_find(d, name) >= 0; }

/* CASE_overlay.png, CASE_attention_..., unless it is another case's mask. */
static bool goes_with_a_mask(const struct dataset *d, const char *name)
{
    char *stem = file_ends(name, ".json") ? mem_text("%s", name) : format_stem(name);
    const bool found = stem && !is_case(d, stem) && run_is_mask_companion(stem, is_case, d);
    mem_free(stem);
    return found;
}

static bool is_other_mask(const struct dataset *d, const char *name)
{
    size_t ending;
    char *stem = format_by_name(name, &ending) ? format_stem(name) : NULL;
    const bool other = stem && !is_case(d, stem) && !run_is_mask_companion(stem, is_case, d);
    mem_free(stem);
    return other;
}

bool stale_has_others(const char *folder, const struct dataset *d, const json_t *own)
{
    struct file_list names = {NULL, 0};
    struct err ignored = {0};
    json_t *old = NULL;
    bool others = false;
    const att_status status = json_file_read_in(folder, MASK_LABELS, &old, &ignored);
    if (status != ATT_OK || (old && !json_equal(old, own))) /* of a damaged one nothing is known */
        (void)file_list(folder, &names, &ignored);
    for (int i = 0; i < names.count && !others; i++) others = is_other_mask(d, names.names[i]);
    file_list_free(&names);
    json_decref(old);
    return others;
}

/* Masks in DICOM. Other DICOM with such a name may be a slice. */
static bool is_dicom_mask(
    const struct dataset *d, const char *folder, const char *name, const struct host *host)
{
    static const char *const endings[] = {"_probability.dcm", "_rtstruct.dcm", ".dcm"};
    struct host strict = *host;
    struct err ignored = {0};
    bool found = false;
    strict.overwrite = NULL;
    for (size_t i = 0; i < sizeof endings / sizeof *endings && !found; i++) {
        if (!file_ends(name, endings[i])) continue;
        char *stem = mem_text("%.*s", (int)(strlen(name) - strlen(endings[i])), name);
        char *path = file_join(folder, name);
        found = stem && path && is_case(d, stem) && claims_check(&strict, path, &ignored) == ATT_OK;
        mem_free(path);
        mem_free(stem);
    }
    return found;
}

static bool stale_identify(const char *folder, const char *name, struct file_id *id)
{
    char *path = file_join(folder, name);
    bool there = path && file_identify(path, id);
    mem_free(path);
    return there;
}

att_status stale_begin(const char *folder, const struct dataset *d, struct stale *s,
    const struct host *host, struct err *e)
{
    *s = (struct stale){{NULL, 0}, NULL};
    TRY(file_list(folder, &s->names, e));
    const att_status status = MEM_ARRAY(s->id, s->names.count + 1, "the list of files", e);
    if (status != ATT_OK) stale_free(s);
    TRY(status);
    for (int i = 0; i < s->names.count; i++)
        if (goes_with_a_mask(d, s->names.names[i]) ||
            is_dicom_mask(d, folder, s->names.names[i], host))
            stale_identify(folder, s->names.names[i], &s->id[i]);
    return ATT_OK;
}

void stale_warn(const struct stale *s, const char *folder, struct host *host)
{
    int count = 0;
    const char *first = NULL;
    for (int i = 0; i < s->names.count; i++) {
        struct file_id now;
        if (!s->id[i].number || !stale_identify(folder, s->names.names[i], &now) ||
            file_id_order(&s->id[i], &now) != 0)
            continue;
        if (count++ == 0) first = s->names.names[i];
    }
    if (count == 1)
        host_warn(host, WARN_STALE_RESULTS,
            "%s/%s is from an earlier prediction and does not belong to the new mask; remove it",
            folder, first);
    if (count > 1)
        host_warn(host, WARN_STALE_RESULTS,
            "%s: %d files, such as %s, are from an earlier prediction and do not belong to the "
            "new masks; remove them",
            folder, count, first);
}

void stale_free(struct stale *s)
{
    file_list_free(&s->names);
    mem_free(s->id);
}
