/* SPDX-License-Identifier: Apache-2.0 */
/* Build the nodes of a tree and find them by name or word. */
#include "dataset/pairing_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/names_tokens.h"

static bool span_same(struct span a, const char *text, int length)
{
    return a.length == length && memcmp(a.text, text, (size_t)length) == 0;
}

static size_t table_size(int count)
{
    size_t size = 64;
    while (size < 3 * (size_t)count) size *= 2;
    return size;
}

static att_status table_make(int **table, size_t size, struct err *e)
{
    TRY(MEM_ARRAY(*table, size, "the names of files", e));
    memset(*table, 0xff, size * sizeof **table);
    return ATT_OK;
}

/* The place of a name in the table, or of the hole where it belongs. */
static size_t name_place(
    const int *table, size_t size, const struct node *nodes, const char *name, int length)
{
    const uint64_t h = fnv_bytes(FNV_START, name, length);
    size_t at = (h ^ h >> 29) & (size - 1);
    while (table[at] >= 0 && !span_same(nodes[table[at]].name, name, length))
        at = (at + 1) & (size - 1);
    return at;
}

int index_find(const struct index *x, const struct pairing *p, const char *name, int length)
{
    return x->by_name[name_place(x->by_name, x->names, p->node, name, length)];
}

/* ---- nodes */

static int folder_length(const struct tree_file *f)
{
    int length = f->length;
    while (length > 0 && f->path[length - 1] != '/') length--;
    return length;
}

static bool is_below(const struct tree_file *f, const char *folder, int length)
{
    return f->length > length && memcmp(f->path, folder, (size_t)length) == 0;
}

/* Files from `i` on that alone are in one folder; 0: others are below it, or it is the root. */
static int folder_run(const struct tree *t, int i)
{
    const int length = folder_length(&t->file[i]);
    const char *folder = t->file[i].path;
    int end = i + 1;
    if (!length || (i > 0 && is_below(&t->file[i - 1], folder, length))) return 0;
    for (; end < t->count && is_below(&t->file[end], folder, length); end++)
        if (folder_length(&t->file[end]) != length) return 0;
    return end - i;
}

/* Names are stems; files that only differ in their endings keep these. */
static att_status add_nodes(struct pairing *p, struct index *x, struct err *e)
{
    const struct tree *t = p->tree;
    int folders = 0;
    for (int i = 0; i < t->count; i++) folders += folder_run(t, i) > 1;
    TRY(MEM_ARRAY(p->node, t->count + folders + 1, "the names of files", e));
    x->names = table_size(t->count + folders);
    TRY(table_make(&x->by_name, x->names, e));
    for (int i = 0; i < t->count; i++) {
        p->node[i] = (struct node){{t->file[i].path, t->file[i].stem}, i, 1};
        const size_t at =
            name_place(x->by_name, x->names, p->node, t->file[i].path, t->file[i].stem);
        if (x->by_name[at] < 0)
            x->by_name[at] = i;
        else
            p->node[i].count = p->node[x->by_name[at]].count = 2; /* a mark */
    }
    memset(x->by_name, 0xff, x->names * sizeof *x->by_name);
    for (int i = 0; i < t->count; i++)
        if (p->node[i].count == 2)
            p->node[i] = (struct node){{t->file[i].path, t->file[i].length}, i, 1};
    p->count = t->count;
    for (int i = 0, run; i < t->count; i++)
        if ((run = folder_run(t, i)) > 1)
            p->node[p->count++] =
                (struct node){{t->file[i].path, folder_length(&t->file[i])}, i, run};
    for (int i = 0; i < p->count; i++)
        x->by_name[name_place(
            x->by_name, x->names, p->node, p->node[i].name.text, p->node[i].name.length)] = i;
    return ATT_OK;
}

/* ---- words */

/* Where the number of a word stands, or the hole where it belongs. */
static int *word_place(const struct index *x, const char *text, int length, uint32_t hash)
{
    size_t at = (hash * 2654435761u) & (x->texts - 1);
    while (x->by_text[at] >= 0 && !span_same(x->word[x->by_text[at]].text, text, length))
        at = (at + 1) & (x->texts - 1);
    return &x->by_text[at];
}

static int word_number(struct index *x, const char *text, int length, uint32_t hash)
{
    int *place = word_place(x, text, length, hash);
    if (*place >= 0) return *place;
    x->word[x->words] = (struct word){.text = {text, length}};
    return *place = x->words++;
}

static att_status add_words(struct pairing *p, struct index *x, struct err *e)
{
    struct token token[TOKENS];
    int total = 0;
    for (int i = 0; i < p->count; i++) total += tokens_split(p->node[i].name, token);
    x->texts = table_size(total);
    TRY(table_make(&x->by_text, x->texts, e));
    TRY(MEM_ARRAY(x->word, total + 1, "the words in names", e));
    TRY(MEM_ARRAY(x->ids, total + 1, "the words in names", e));
    TRY(MEM_ARRAY(x->begin, p->count + 1, "the words in names", e));
    int used = 0;
    for (int i = 0; i < p->count; i++) {
        const char *name = p->node[i].name.text;
        const int count = tokens_split(p->node[i].name, token);
        x->begin[i] = used;
        for (int k = 0; k < count; k++) {
            if (!token[k].word) continue;
            const int id = word_number(x, name + token[k].from, token[k].length, token[k].hash);
            bool again = false;
            for (int j = x->begin[i]; j < used && !again; j++) again = x->ids[j] == id;
            if (again) continue;
            x->ids[used++] = id;
            x->word[id].count++;
        }
    }
    x->begin[p->count] = used;
    return ATT_OK;
}

static att_status add_places(struct pairing *p, struct index *x, struct err *e)
{
    int first = 0;
    TRY(MEM_ARRAY(x->places, x->begin[p->count] + 1, "the words in names", e));
    for (int w = 0; w < x->words; w++) {
        x->word[w].first = first;
        first += x->word[w].count;
        x->word[w].count = 0;
    }
    for (int i = 0; i < p->count; i++)
        for (int k = x->begin[i]; k < x->begin[i + 1]; k++) {
            struct word *w = &x->word[x->ids[k]];
            x->places[w->first + w->count++] = i;
        }
    return ATT_OK;
}

int index_count(const struct index *x, const char *text, const struct token *t)
{
    const int id = *word_place(x, text, t->length, t->hash);
    return id < 0 ? 0 : x->word[id].count;
}

/* ---- numbers that one file has alone */

static const char HEX[] = "0123456789abcdefABCDEF";

/* Where a long number or hash of a token begins; -1: it is none. */
static int number_in(const char *text, int length)
{
    enum { DIGITS = 5, HASH = 32 };
    int digits = 0, hex = 0;
    for (int i = length; i-- > 0 && digits == length - 1 - i; digits++)
        if (!text_is_digit(text[i])) break;
    if (digits == length && length >= DIGITS) return 0;
    for (int i = length; i-- > 0 && hex == length - 1 - i && strchr(HEX, text[i]);) hex++;
    return hex >= HASH ? length - HASH : -1;
}

/* The first UUID of a name, which may stand behind letters or digits; its length is 0: none. */
static struct span find_uuid(struct span name)
{
    int at = 0, length = 0;
    while (at < name.length && !(length = names_uuid_length(name.text + at, name.length - at)))
        at++;
    return (struct span){name.text + at, length};
}

/* Of a folder whose files share one long number, such as the date of a visit, that no other file
 * has: this word. -1: there is none. */
static int shared_number(const struct index *x, const struct node *folder)
{
    int shared = -1, files = 0;
    for (int k = x->begin[folder->first]; k < x->begin[folder->first + folder->count]; k++) {
        const struct word *w = &x->word[x->ids[k]];
        if (w->count == 1 || number_in(w->text.text, w->text.length) < 0) continue;
        if (shared >= 0 && shared != x->ids[k]) return -1;
        shared = x->ids[k];
        files++;
    }
    return shared >= 0 && files == x->word[shared].count ? shared : -1;
}

/* Numbers that count for nothing then have the count of those in one file. */
static void free_shared_numbers(const struct pairing *p, struct index *x)
{
    for (int i = p->tree->count; i < p->count; i++) {
        const int shared = shared_number(x, &p->node[i]);
        if (shared >= 0) x->word[shared].count = 1;
    }
}

static int mask_name(const struct index *x, struct span name, char *to)
{
    struct token token[TOKENS];
    const struct span uuid = find_uuid(name);
    int length = 0;
    if (uuid.length) {
        length = mask_name(x, (struct span){name.text, (int)(uuid.text - name.text)}, to);
        to[length++] = PATTERN_MARK;
        const char *rest = uuid.text + uuid.length;
        const struct span after = {rest, (int)(name.text + name.length - rest)};
        return length + mask_name(x, after, to + length);
    }
    const int count = tokens_split(name, token);
    for (int k = 0; k < count; k++) {
        const char *text = name.text + token[k].from;
        const int at = token[k].word && index_count(x, text, &token[k]) == 1
            ? number_in(text, token[k].length)
            : -1;
        memcpy(to + length, text, (size_t)(at < 0 ? token[k].length : at));
        length += at < 0 ? token[k].length : at;
        if (at >= 0) to[length++] = PATTERN_MARK;
    }
    return length;
}

/* Give nodes new names if most change, or some lose zeros or a UUID, and the names still differ. */
static att_status rename_all(
    struct pairing *p, enum pairing_way way, struct index *x, bool *renamed, struct err *e)
{
    enum { LEAST = 7 }; /* of fewer files, one pair may be all (pairing_choose.c) */
    const bool zeros = way == WAY_ZEROS;
    size_t room = 1;
    int changed = 0;
    bool twice = false, uuids = false; /* these are no names of cases */
    for (int i = 0; i < p->count; i++) room += (size_t)p->node[i].name.length;
    if (!zeros) free_shared_numbers(p, x);
    TRY(MEM_BYTES(p->masked, room, "the names of files", e));
    char *to = p->masked;
    struct span *name;
    TRY(MEM_ARRAY(name, p->count, "the names of files", e));
    for (int i = 0; i < p->count; i++) {
        name[i] = p->node[i].name;
        if (!zeros && i >= p->tree->count) continue; /* folders */
        p->node[i].name = (struct span){
            to, zeros ? names_drop_zeros(name[i], to, NULL) : mask_name(x, name[i], to)};
        to += p->node[i].name.length;
        changed += p->node[i].name.length != name[i].length;
        uuids |= !zeros && find_uuid(name[i]).length > 0;
    }
    memset(x->by_name, 0xff, x->names * sizeof *x->by_name);
    for (int i = 0; i < p->count; i++) {
        int *at = &x->by_name[name_place(
            x->by_name, x->names, p->node, p->node[i].name.text, p->node[i].name.length)];
        twice |= *at >= 0;
        *at = i;
    }
    *renamed = !twice && p->tree->count >= LEAST &&
        (zeros ? changed > 0 : uuids || 2 * changed >= p->tree->count);
    mem_free(name);
    return ATT_OK;
}

att_status index_build(struct pairing *p, enum pairing_way way, struct index *x, struct err *e)
{
    bool renamed;
    TRY(add_nodes(p, x, e));
    TRY(add_words(p, x, e));
    if (way == WAY_ZEROS || way == WAY_MASKED) {
        TRY(rename_all(p, way, x, &renamed, e));
        mem_free(x->by_text);
        mem_free(x->word);
        mem_free(x->ids);
        mem_free(x->begin);
        *x = (struct index){.by_name = x->by_name, .names = x->names};
        if (!renamed) p->count = 0;
        TRY(add_words(p, x, e));
    }
    return add_places(p, x, e);
}

void index_free(struct index *x)
{
    mem_free(x->by_name);
    mem_free(x->by_text);
    mem_free(x->word);
    mem_free(x->ids);
    mem_free(x->begin);
    mem_free(x->places);
    *x = (struct index){.words = 0};
}

/* A token beside a variable may be part of a longer word of the name. */
int index_rarest(const struct index *x, const struct pattern *a)
{
    struct token token[TOKENS];
    int rarest = -1;
    for (int i = 0; i < a->count; i++) {
        if (a->piece[i].var >= 0) continue;
        const struct span *s = &a->piece[i].text;
        const int count = tokens_split(*s, token);
        for (int k = 0; k < count; k++) {
            const struct token *t = &token[k];
            if (!t->word || (i > 0 && t->from == 0) ||
                (i + 1 < a->count && t->from + t->length == s->length))
                continue;
            const int id = *word_place(x, s->text + t->from, t->length, t->hash);
            if (id >= 0 && (rarest < 0 || x->word[id].count < x->word[rarest].count)) rarest = id;
        }
    }
    return rarest;
}
