/* SPDX-License-Identifier: Apache-2.0 */
/* Reads patterns of images from the first line and of labels from the second, and fits the other
 * lines as paths. Patterns that were read are the same once printed and read again, and what their
 * variables take makes the path. */
#include <limits.h>

#include "base/mem.h"
#include "dataset/reading.h"
#include "dataset/tree.h"
#include "fuzz.h"

static char *next_line(char **at)
{
    char *line = *at, *end = strchr(line, '\n');
    *at = end ? end + 1 : line + strlen(line);
    if (end) *end = 0;
    return line;
}

static void again(const struct reading *r)
{
    static struct reading same;
    struct err e = {0};
    char *images = reading_text(r, false), *labels = reading_text(r, true);
    if (!images || !labels || reading_parse(images, labels, &same, &e) != ATT_OK) abort();
    char *more = reading_text(&same, false), *others = reading_text(&same, true);
    if (!more || !others || strcmp(images, more) != 0 || strcmp(labels, others) != 0) abort();
    mem_free(images);
    mem_free(labels);
    mem_free(more);
    mem_free(others);
    reading_clear(&same);
}

static void fit(const struct reading *r, const char *path)
{
    const struct tree_file file = tree_file_of(path);
    struct fit f = {.part = 0};
    for (; file.length < PATH_MAX && reading_fits(r, &file, &f); f.part++) {
        const struct reading_part *part = &r->part[f.part];
        const struct place *p = &(f.label ? part->label : part->image)[f.place];
        char made[PATH_MAX];
        if (p->any) continue;
        const int used = pattern_make(&p->pattern, f.got, made, sizeof made);
        if ((used != file.stem && used != file.length) || memcmp(made, path, (size_t)used) != 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct reading r;
    char *text = fuzz_text(data, size), *at = text;
    const char *images = next_line(&at), *labels = next_line(&at);
    struct err e = {0};
    const att_status status = reading_parse(images, labels, &r, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) {
        again(&r);
        while (*at) fit(&r, next_line(&at));
        reading_clear(&r);
    }
    free(text);
    return 0;
}
