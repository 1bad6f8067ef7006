/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/problems.h"

#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "files/file.h"
#include "format/format.h"
#include "format/joined.h"

bool problem_of_file(att_status status, const char *file)
{
    char part[PATH_MAX];
    bool own = status == ATT_DATA;
    for (int k = 0; status == ATT_IO && k < joined_count(file) && !own; k++) {
        struct err unread = {0};
        char *other = NULL;
        if (!joined_part(file, k, part)) continue;
        own = !file_can_be_read(part);
        if (!own && format_companion(part, &other, &unread) == ATT_OK && other)
            own = !file_can_be_read(other);
        mem_free(other);
    }
    return own;
}

const char *problem_word(enum problem_kind kind)
{
    static const char *const words[PROBLEMS] = {
        [PROBLEM_UNREADABLE] = "unreadable",
        [PROBLEM_PARTNER] = "partner",
        [PROBLEM_SIZE] = "size",
        [PROBLEM_CHANNELS] = "channels",
        [PROBLEM_GEOMETRY] = "geometry",
        [PROBLEM_SAMPLES] = "samples",
        [PROBLEM_VALUE] = "value",
        [PROBLEM_SPLIT] = "split",
        [PROBLEM_NAME] = "name",
        [PROBLEM_EMPTY] = "empty",
        [PROBLEM_UNLABELLED] = "unlabelled",
        [PROBLEM_LOOK] = "look",
        [PROBLEM_CONSTANT] = "constant",
        [PROBLEM_FAINT] = "faint",
        [PROBLEM_SPACING] = "spacing",
        [PROBLEM_OVERLAP] = "overlap",
        [PROBLEM_ORIENTATION] = "orientation",
        [PROBLEM_CLASS] = "class",
        [PROBLEM_ASIDE] = "aside",
        [PROBLEM_SAME] = "same",
        [PROBLEM_DUPLICATE] = "alike",
    };
    return words[kind];
}

struct problem *problems_add(struct problems *p, enum problem_kind kind, const char *file,
    int index, struct err *e, const char *format, ...)
{
    va_list args;
    if (MEM_ROOM(p->list, p->count, "the list of problems", e) != ATT_OK) return NULL;
    struct problem *new = &p->list[p->count];
    *new =
        (struct problem){.kind = kind, .file = file ? mem_text("%s", file) : NULL, .index = index};
    va_start(args, format);
    new->text = mem_text_list(format, args);
    va_end(args);
    if ((file && !new->file) || !new->text) {
        mem_free(new->file);
        mem_free(new->text);
        err_memory(e, strlen(format), "the list of problems");
        return NULL;
    }
    p->count++;
    p->errors += problem_is_error(kind);
    return new;
}

void problems_free(struct problems *p)
{
    for (int i = 0; i < p->count; i++) {
        mem_free(p->list[i].file);
        mem_free(p->list[i].text);
    }
    mem_free(p->list);
    *p = (struct problems){0};
}
