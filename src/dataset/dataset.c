/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets: finds the layout of a folder and opens it; called by training, evaluation and info. */
#include "dataset/dataset.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "dataset/layout.h"
#include "dataset/pack.h"

static const struct layout *const layouts[] = {&layout_pack, &layout_nnunet, &layout_plain};
enum { LAYOUTS = sizeof layouts / sizeof *layouts };

static const struct layout *find_layout(const char *root)
{
    for (int i = 0; i < LAYOUTS; i++)
        if (layouts[i]->claims(root)) return layouts[i];
    return NULL;
}

/* The folders right below that are data sets, as "mr, trus". */
static att_status list_inner(const char *root, char *text, size_t size, struct err *e)
{
    struct file_list names;
    TRY(file_list(root, &names, e));
    att_status status = ATT_OK;
    size_t used = 0;
    *text = 0;
    for (int i = 0; i < names.count && status == ATT_OK && used < size; i++) {
        char *path = file_join(root, names.names[i]);
        if (!path)
            status = err_memory(e, strlen(root), "a file name");
        else if (file_is_folder(path) && find_layout(path))
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", names.names[i]);
        mem_free(path);
    }
    file_list_free(&names);
    return status;
}

static att_status no_layout(const char *root, struct err *e)
{
    char inner[256], looks[256];
    size_t used = 0;
    if (!file_exists(root)) return err_set(e, ATT_IO, "cannot open %s: no such folder; check the path", root);
    if (!file_is_folder(root)) return err_set(e, ATT_DATA, "%s is a file; give the folder of a data set", root);
    TRY(list_inner(root, inner, sizeof inner, e));
    if (*inner) return err_set(e, ATT_DATA, "%s is no data set itself but holds some (%s); give one of them", root, inner);
    for (int i = 0; i < LAYOUTS; i++)
        if (layouts[i]->looks) used += (size_t)snprintf(looks + used, sizeof looks - used, "%s%s", used ? ", or " : "", layouts[i]->looks);
    return err_set(e, ATT_DATA, "%s is no data set; give a folder with %s", root, looks);
}

att_status dataset_open(const char *path, struct dataset *d, struct log *log, struct err *e)
{
    *d = (struct dataset){.labels.ignore = -1};
    const struct layout *layout = find_layout(path);
    if (!layout) return no_layout(path, e);
    d->layout = layout->name;
    d->root = mem_text("%s", path);
    att_status status = d->root ? layout->open(d, log, e) : err_memory(e, strlen(path), "a file name");
    if (status != ATT_OK) dataset_free(d);
    return status;
}

void dataset_free(struct dataset *d)
{
    for (int i = 0; i < d->count; i++) {
        mem_free(d->cases[i].id);
        mem_free(d->cases[i].label);
        for (int c = 0; c < DATASET_CHANNELS; c++) mem_free(d->cases[i].image[c]);
    }
    for (int c = 0; c < DATASET_CHANNELS; c++) mem_free(d->channel_name[c]);
    pack_free(d->pack);
    mem_free(d->cases);
    mem_free(d->root);
    *d = (struct dataset){0};
}

int dataset_find(const struct dataset *d, const char *id)
{
    int low = 0, high = d->count;
    while (low < high) {
        int middle = low + (high - low) / 2, order = strcmp(d->cases[middle].id, id);
        if (order == 0) return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}
