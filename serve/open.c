/* SPDX-License-Identifier: Apache-2.0 */
#include "open.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static att_status fails(char error[512], att_status status, const char *words)
{
    snprintf(error, 512, "%s", words);
    return status;
}

/* Files that att_info need not look into. */
static bool is_image(const char *path)
{
    static const char *const others[] = {".safetensors", ".pt", ".pth", ".json", ".csv"};
    struct stat s;
    const char *dot = strrchr(path, '.');
    if (stat(path, &s) != 0 || S_ISDIR(s.st_mode)) return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (dot && strcasecmp(dot, others[i]) == 0) return false;
    return true;
}

/* By the head of the file; what is wrong behind it, the page tells. */
static att_status check_image(att_context *c, const char *path, char error[512])
{
    enum { HEAD = 64 << 10 };
    static const char own[] = "the image"; /* as sentences of att_image_decode begin */
    att_image *image = NULL;
    char *head = malloc(HEAD);
    FILE *file = head ? fopen(path, "re") : NULL;
    const int why = errno;
    const size_t size = file ? fread(head, 1, HEAD, file) : 0;
    att_status status = ATT_OK;
    if (file) fclose(file);
    if (!file) {
        snprintf(error, 512, "cannot read %.300s: %s", path, strerror(why));
        status = ATT_IO;
    } else if (!size) {
        snprintf(error, 512, "%.300s is empty, or no file; give an image file", path);
        status = ATT_DATA;
    } else if (att_image_decode(c, head, size, 1, &image) == ATT_DATA) {
        const char *words = att_context_error(c);
        if (strstr(words, "not an image") || strstr(words, "is DICOM")) {
            const bool begins = strncmp(words, own, sizeof own - 1) == 0;
            snprintf(
                error, 512, "%.200s%s", begins ? path : "", words + (begins ? sizeof own - 1 : 0));
            status = ATT_DATA;
        }
    }
    att_image_free(image);
    free(head);
    return status;
}

static att_status add_image(struct server *s, att_context *c, const char *path, char error[512])
{
    const att_status status = check_image(c, path, error);
    if (status != ATT_OK) return status;
    const char *base = strrchr(path, '/');
    char name[256];
    snprintf(name, sizeof name, "%s", base ? base + 1 : path);
    name[cases_stem(name)] = 0;
    return cases_add(s->cases, name, &path, 1, NULL, NULL, NAN)
        ? ATT_OK
        : fails(error, ATT_MEMORY, "out of memory");
}

/* `json` describes the path. */
static att_status add_described(
    struct server *s, att_context *c, const char *path, const json_t *json, char error[512])
{
    const char *what = json_string_value(json_object_get(json, "what"));
    const bool run = what && (strcmp(what, "run") == 0 || strcmp(what, "folds") == 0);
    if (what && strcmp(what, "data set") == 0)
        return cases_add_listed(s->cases, json_object_get(json, "pairs"))
            ? ATT_OK
            : fails(error, ATT_MEMORY, "out of memory");
    if (!run && what && strcmp(what, "model") != 0) {
        struct stat info;
        if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) return add_image(s, c, path, error);
        snprintf(error, 512,
            "%.200s is DICOM; write its series as NIfTI first, with attunet-dicom volume", path);
        return ATT_DATA;
    }
    const att_status status = models_add_path(&s->models, c, path, error);
    if (status != ATT_OK) return status;
    return !run || cases_add_listed(s->cases, json_object_get(json, "validation_cases"))
        ? ATT_OK
        : fails(error, ATT_MEMORY, "out of memory");
}

att_status open_path(struct server *s, att_context *c, const char *path, char error[512])
{
    char *text = NULL;
    if (is_image(path)) return add_image(s, c, path, error);
    att_status status = att_info(c, path, NULL, &text);
    if (status != ATT_OK) return fails(error, status, att_context_error(c));
    json_t *json = json_loads(text, 0, NULL);
    att_text_free(text);
    status =
        json ? add_described(s, c, path, json, error) : fails(error, ATT_MEMORY, "out of memory");
    json_decref(json);
    return status;
}
