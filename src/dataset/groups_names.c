/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of cases by their names: what is left of a name without words for visits, sides, channels
 * and slices, or what stands before the last of its parts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/groups.h"
#include "dataset/groups_option.h"
#include "dataset/groups_units.h"
#include "files/file.h"

enum { NAMED_LEAST = 5 };

/* ---- count */

struct tally {
    int groups, shared, largest;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    const int order = units_compare(x->key, y->key);
    return order ? order : x->index - y->index;
}

/* The end of the keys from i on that are equal. */
static int end_of_key(const struct keyed *list, int count, int i)
{
    int end = i + 1;
    while (end < count && units_compare(list[i].key, list[end].key) == 0) end++;
    return end;
}

static struct tally tally_keys(struct keyed *list, int count)
{
    struct tally t = {.groups = 0};
    if (count) qsort(list, (size_t)count, sizeof *list, by_key);
    for (int i = 0, end; i < count; i = end) {
        end = end_of_key(list, count, i);
        t.groups++;
        t.shared += end - i > 1 ? end - i : 0;
        if (end - i > t.largest) t.largest = end - i;
    }
    return t;
}

static bool are_groups(const struct tally *t, int cases)
{
    return t->groups >= NAMED_LEAST && t->shared > 0 && 2 * t->largest <= cases;
}

static void forget_keys(struct keyed *list, int count)
{
    for (int i = 0; i < count; i++) {
        mem_free(list[i].key);
        list[i].key = NULL;
    }
}

/* Few names have others beside them. Their keys must be as those that stand alone, "P03" beside
 * "P04", or be pairs: "ISPY1" beside "DUKE_001" is a part of the set. The first number of a name
 * may be any, unless it is a patient's. */
static bool are_few_groups(const struct keyed *list, int count, enum lead how, int largest)
{
    int alone = 0, same = 0, shared = -1;
    for (int i = 0, end; i < count; i = end) {
        const char *key = list[i].key;
        end = end_of_key(list, count, i);
        if (end - i == 1) continue;
        shared = i;
        if (how == LEAD_FIRST && !units_end_with_patient(key, (int)strlen(key))) return false;
    }
    for (int i = 0, end; i < count; i = end) {
        end = end_of_key(list, count, i);
        const bool form = units_same_form(list[i].key, list[shared].key);
        if (end - i > 1 && !form) return largest < 3;
        alone += end - i == 1;
        same += end - i == 1 && form;
    }
    return largest < 3 || 2 * same > alone;
}

/* A word before a number names a patient, in all names. */
static bool name_patients(const struct dataset *d)
{
    for (int i = 0; i < d->count; i++) {
        struct unit unit[UNITS];
        bool patient = false;
        for (int k = units_split(d->cases[i].id, unit) - 1; k >= 0; k--)
            patient |= units_is_patient(&unit[k]);
        if (!patient) return false;
    }
    return true;
}

/* The rests of all names. Train and test stay where numbers begin anew in each, but not patients.
 */
static att_status list_rests(
    const struct dataset *d, struct units_rule *rule, struct keyed *list, struct err *e)
{
    const int count = d->count;
    for (rule->splits = true;; rule->splits = false) {
        for (int i = 0; i < count; i++) {
            list[i] = (struct keyed){units_rest(rule, d->cases[i].id), i};
            if (!list[i].key) return err_path(e);
        }
        if (!rule->splits || !tally_keys(list, count).shared || name_patients(d)) return ATT_OK;
        forget_keys(list, count);
    }
}

/* What stands before the last parts of the rests. */
static att_status list_leading(
    const struct keyed *rest, int count, enum lead how, struct keyed *list, struct err *e)
{
    forget_keys(list, count);
    for (int i = 0; i < count; i++) {
        const int length = units_lead(rest[i].key, how);
        list[i].index = rest[i].index;
        list[i].key = length ? mem_text("%.*s", length, rest[i].key) : mem_text("%s", rest[i].key);
        if (!list[i].key) return err_path(e);
    }
    return ATT_OK;
}

static att_status give_groups(struct dataset *d, const struct keyed *list, struct err *e)
{
    for (int i = 0, end; i < d->count; i = end) {
        end = end_of_key(list, d->count, i);
        for (int k = i; k < end; k++) {
            char **group = &d->cases[list[k].index].group;
            mem_free(*group);
            if (!(*group = mem_text("%s", list[i].key))) return err_path(e);
        }
    }
    d->has_groups = d->name_groups = true;
    return ATT_OK;
}

/* The fewest groups that the names show. */
static att_status take_groups(
    struct dataset *d, const struct keyed *rest, struct keyed *list, struct err *e)
{
    int least = d->count + 1;
    for (enum lead how = LEAD_FIRST; how <= LEAD_EYE; how++) {
        TRY(list_leading(rest, d->count, how, list, e));
        const struct tally t = tally_keys(list, d->count);
        if (t.groups >= least || !are_groups(&t, d->count)) continue;
        if (2 * t.shared < d->count && !are_few_groups(list, d->count, how, t.largest)) continue;
        least = t.groups;
        TRY(give_groups(d, list, e));
    }
    return ATT_OK;
}

/* ---- warnings */

/* What may be a patient is asked once. */
struct asker {
    struct dataset *d;
    const struct keyed *rest; /* sorted */
    struct keyed *list;       /* of the question */
    struct host *host;
};

/* Two neighbours of one key that no group joins. */
static void warn_of_patients(struct asker *a)
{
    const struct dataset *d = a->d;
    const struct keyed *list = a->list;
    for (int i = 1; i < d->count; i++) {
        const struct data_case *x = &d->cases[list[i - 1].index], *y = &d->cases[list[i].index];
        if (units_compare(list[i].key, list[i - 1].key) != 0 ||
            (x->group && y->group && strcmp(x->group, y->group) == 0))
            continue;
        char *option = groups_option(d, list);
        host_warn(a->host, WARN_GROUPS_UNKNOWN,
            "%s: if \"%.100s\" is one patient, its cases may be in both training and validation, "
            "such as %.100s and %.100s; to keep them together, %s",
            d->root, list[i].key, x->id, y->id, option ? option : "list them in a groups.csv");
        mem_free(option);
        a->d->groups_asked = true;
        return;
    }
}

/* The letters that begin a rest and may be a patient, or a class; 0: none. A folder is none. */
static int letters_of(const struct data_case *c, const char *rest)
{
    const size_t number = strcspn(rest, "0123456789");
    if (!strstr(file_base(c->image[0]), c->id)) return 0;
    const int lead = units_lead(rest, LEAD_LETTERS);
    const int length = lead || rest[number] ? lead : (int)number;
    return units_are_long(rest, length) ? length : 0;
}

static att_status ask_for_words(struct asker *a, struct err *e)
{
    const struct dataset *d = a->d;
    const struct keyed *rest = a->rest;
    struct keyed *list = a->list;
    forget_keys(list, d->count);
    for (int i = 0; i < d->count; i++) {
        const int length = letters_of(&d->cases[rest[i].index], rest[i].key);
        if (!length) return ATT_OK;
        list[i] = (struct keyed){mem_text("%.*s", length, rest[i].key), rest[i].index};
        if (!list[i].key) return err_path(e);
    }
    const struct tally t = tally_keys(list, d->count);
    if (are_groups(&t, d->count)) warn_of_patients(a);
    return ATT_OK;
}

/* "Pat-1", "P1", or the first of two numbers in a name without other words. */
static bool may_be_patient(const char *key, const char *rest, const char *name)
{
    struct unit unit[UNITS];
    const int count = units_split(name, unit), length = (int)strlen(key);
    int numbers = 0;
    bool others = false;
    for (int i = 0; i < count; i++) {
        const enum word_kind kind = unit[i].kind;
        numbers += kind == WORD_NUMBER || (kind == WORD_SLICE && unit[i].named);
        others |= kind == WORD_OTHER || kind == WORD_PLACE || kind == WORD_SPLIT;
    }
    return units_end_with_patient(key, length) ||
        (!others && !words_is_time(unit->text) && !words_is_cut(unit->text) &&
            !units_may_be_date(key) && text_is_digit(key[length - 1]) && numbers > 1 &&
            rest[length]);
}

/* Too few for folds, but one patient may have many. */
static att_status ask_for_few(struct asker *a, struct err *e)
{
    const struct dataset *d = a->d;
    const struct keyed *rest = a->rest;
    struct keyed *list = a->list;
    for (enum lead how = LEAD_FIRST; how < LEAD_EYE; how++) {
        TRY(list_leading(rest, d->count, how, list, e));
        bool patients = true;
        for (int i = 0; i < d->count && patients; i++)
            patients = may_be_patient(list[i].key, rest[i].key, d->cases[rest[i].index].id);
        const struct tally t = tally_keys(list, d->count);
        if (!patients || t.groups < 2 || t.groups >= NAMED_LEAST || 2 * t.shared < d->count)
            continue;
        warn_of_patients(a);
        return ATT_OK;
    }
    return ATT_OK;
}

/* The last word of a name, if it may be a patient below a visit or another part: "crop_P01", or a
 * number below a date or a slice; its length, or 0. `before`: the length of what stands before. */
static int last_patient(const char *name, int *before)
{
    struct unit unit[UNITS];
    const int count = units_split(name, unit);
    if (count < 2) return 0;
    const bool time = words_is_time(unit->text), cut = words_is_cut(unit->text);
    bool days = true;
    for (int i = 0; i + 1 < count; i++) days &= time || cut || unit[i].kind == WORD_SESSION;
    const struct unit *last = &unit[count - 1];
    if (time && count == 3 && last->kind == WORD_NUMBER) last--; /* a slice */
    *before = (int)(last->text.text - name);
    if (words_is_split((struct span){name, *before})) return 0;
    const bool may = last->kind == WORD_PATIENT || (last->kind == WORD_OTHER && last->named) ||
        (last->kind == WORD_NUMBER && days);
    return may && (time || !name[*before + last->text.length]) ? last->text.length : 0;
}

/* Fewer visits than patients, who have most cases together; or slices before patients. */
static att_status ask_for_patients(struct asker *a, struct err *e)
{
    const struct dataset *d = a->d;
    const struct keyed *rest = a->rest;
    struct keyed *list = a->list;
    int visits = 0, before = 0;
    bool cut = true;
    const char *last = "";
    forget_keys(list, d->count);
    for (int i = 0; i < d->count; i++) { /* the rests are sorted */
        const char *name = rest[i].key;
        const int length = last_patient(name, &before);
        if (!length) return ATT_OK;
        visits += strncmp(last, name, (size_t)before) != 0;
        cut &= words_is_cut((struct span){name, (int)strcspn(name, "_-. ")});
        last = name;
        list[i] = (struct keyed){mem_text("%.*s", length, name + before), rest[i].index};
        if (!list[i].key) return err_path(e);
    }
    const struct tally t = tally_keys(list, d->count);
    if ((cut || visits < t.groups) && 2 * t.shared >= d->count && t.groups > 1 &&
        (cut || are_groups(&t, d->count)))
        warn_of_patients(a);
    return ATT_OK;
}

/* The number at the end of a name, below words or dates such as "postop"; its length, or 0. A
 * folder is none, and train and test count anew. */
static int number_below(const struct data_case *c, const char *rest)
{
    struct unit unit[UNITS];
    const int length = (int)strlen(rest);
    int at = length;
    while (at > 0 && text_is_digit(rest[at - 1])) at--;
    if (!at || at == length || !strstr(file_base(c->image[0]), c->id)) return 0;
    const bool glued = at > 1 && !units_is_separator(rest[at - 1]);
    bool letters = false;
    for (int i = 0; i < at; i++) letters |= !text_is_digit(rest[i]) && !units_is_separator(rest[i]);
    for (int i = units_split(rest, unit) - 1; i >= 0; i--)
        if (unit[i].kind == WORD_PLACE || unit[i].kind == WORD_SPLIT ||
            unit[i].kind == WORD_PATIENT || words_is_condition(unit[i].text))
            return 0;
    const bool word = letters && !glued && !text_is_digit(*rest);
    return word || units_may_be_date(rest) ? length - at : 0;
}

/* Each number stands below each of a few words: phases of patients, rather than classes. */
static att_status ask_for_crossed(struct asker *a, struct err *e)
{
    const struct dataset *d = a->d;
    const struct keyed *rest = a->rest;
    struct keyed *list = a->list;
    enum { WORDS_MOST = 4 };
    int words = 0, before = 0;
    const char *last = "";
    forget_keys(list, d->count);
    for (int i = 0; i < d->count; i++) { /* the rests are sorted */
        const char *name = rest[i].key;
        const int length = number_below(&d->cases[rest[i].index], name);
        if (!length) return ATT_OK;
        const int word = (int)strlen(name) - length;
        words += word != before || strncmp(last, name, (size_t)word) != 0;
        before = word;
        last = name;
        list[i] = (struct keyed){mem_text("%s", name + word), rest[i].index};
        if (!list[i].key) return err_path(e);
    }
    const struct tally t = tally_keys(list, d->count);
    if (words > 1 && words <= WORDS_MOST && words < t.groups && 10 * t.shared >= 9 * d->count &&
        9 * words * t.groups <= 10 * d->count && are_groups(&t, d->count))
        warn_of_patients(a);
    return ATT_OK;
}

static void find_everywhere(const struct dataset *d, struct units_rule *rule)
{
    for (int k = 0; k < WORD_KINDS; k++) rule->everywhere[k] = true;
    for (int i = 0; i < d->count; i++) {
        struct unit unit[UNITS];
        bool has[WORD_KINDS] = {false};
        for (int k = units_split(d->cases[i].id, unit) - 1; k >= 0; k--) has[unit[k].kind] = true;
        for (int k = 0; k < WORD_KINDS; k++) rule->everywhere[k] &= has[k];
    }
}

static att_status name_groups(
    struct dataset *d, struct keyed *rest, struct keyed *list, struct host *host, struct err *e)
{
    struct units_rule rule;
    find_everywhere(d, &rule);
    TRY(list_rests(d, &rule, rest, e));
    tally_keys(rest, d->count);
    TRY(take_groups(d, rest, list, e));
    struct asker a = {d, rest, list, host};
    TRY(ask_for_words(&a, e));
    if (!d->groups_asked) TRY(ask_for_few(&a, e));
    if (!d->groups_asked) TRY(ask_for_patients(&a, e));
    return d->groups_asked || d->has_groups ? ATT_OK : ask_for_crossed(&a, e);
}

att_status groups_by_names(struct dataset *d, struct host *host, struct err *e)
{
    struct keyed *rest, *list;
    if (d->has_groups || file_has(d->root, "groups.csv")) return ATT_OK;
    TRY(MEM_ARRAY(rest, d->count + 1, "the groups", e));
    att_status status = MEM_ARRAY(list, d->count + 1, "the groups", e);
    if (status == ATT_OK) {
        status = name_groups(d, rest, list, host, e);
        forget_keys(list, d->count);
        mem_free(list);
    }
    forget_keys(rest, d->count);
    mem_free(rest);
    return status;
}
