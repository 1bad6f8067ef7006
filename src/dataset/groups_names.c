/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of cases by their names: what is left of a name without words for visits, sides, channels
 * and slices, or what stands before the last of its parts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/groups.h"
#include "dataset/groups_columns.h"
#include "dataset/groups_option.h"
#include "dataset/groups_units.h"
#include "files/file.h"

/* Few names have others beside them. Their keys must be as those that stand alone, "P03" beside
 * "P04", or be pairs: "ISPY1" beside "DUKE_001" is a part of the set. The first number of a name
 * may be any, unless it is a patient's. */
static bool are_few_groups(const struct keyed *list, int count, enum lead how, int largest)
{
    int alone = 0, same = 0, shared = -1;
    for (int i = 0, end; i < count; i = end) {
        const char *key = list[i].key;
        end = keyed_end(list, count, i);
        if (end - i == 1) continue;
        shared = i;
        if (how == LEAD_FIRST && !units_end_with_patient(key, (int)strlen(key))) return false;
    }
    for (int i = 0, end; i < count; i = end) {
        end = keyed_end(list, count, i);
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
        if (!rule->splits || !keyed_tally(list, count).shared || name_patients(d)) return ATT_OK;
        keyed_forget(list, count);
    }
}

/* What stands before the last parts of the rests; *all: nine of ten names have such a part, or a
 * word that their rests lost. */
static att_status list_leading(const struct dataset *d, const struct keyed *rest, enum lead how,
    struct keyed *list, bool *all, struct err *e)
{
    keyed_forget(list, d->count);
    int with = 0;
    for (int i = 0; i < d->count; i++) {
        const int length = units_lead(rest[i].key, how);
        with += length > 0 || strcmp(rest[i].key, d->cases[rest[i].index].id) != 0;
        list[i].index = rest[i].index;
        list[i].key = length ? mem_text("%.*s", length, rest[i].key) : mem_text("%s", rest[i].key);
        if (!list[i].key) return err_path(e);
    }
    *all = 10 * with >= 9 * d->count;
    return ATT_OK;
}

static att_status give_groups(struct dataset *d, const struct keyed *list, struct err *e)
{
    for (int i = 0, end; i < d->count; i = end) {
        end = keyed_end(list, d->count, i);
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
    for (enum lead how = LEAD_FIRST; how <= LEAD_PART; how++) {
        bool all;
        TRY(list_leading(d, rest, how, list, &all, e));
        const struct tally t = keyed_tally(list, d->count);
        if (t.groups >= least || !tally_are_groups(&t, d->count) || (how == LEAD_PART && !all))
            continue;
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
    bool times; /* "v1" may be a patient, for nothing else may be one */
    bool both;  /* it may be what begins a name, or the number at its end */
    bool later; /* a later part is asked first, so that what begins names is no group */
};

/* Two neighbours of one key that no group joins. */
static bool warn_of_patients(struct asker *a)
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
        return true;
    }
    return false;
}

struct range {
    long long low, high;
};

static int by_low(const void *a, const void *b)
{
    const struct range *x = a, *y = b;
    return (x->low > y->low) - (x->low < y->low);
}

/* Whether the numbers at the ends of names continue across keys, as in A01, A02, B03, B04: one
 * list of cases, of which some may be missing. The keys are sorted. */
static att_status numbers_continue(
    const struct dataset *d, const struct keyed *list, bool *on, struct err *e)
{
    enum { DIGITS = 18 };
    struct range *range;
    int ranges = 0;
    *on = true;
    TRY(MEM_ARRAY(range, d->count + 1, "the numbers of cases", e));
    for (int i = 0; i < d->count && *on; i++) {
        const char *name = d->cases[list[i].index].id, *end = name + strlen(name), *at = end;
        while (at > name && text_is_digit(at[-1])) at--;
        *on = at < end && end - at <= DIGITS;
        const long long number = strtoll(at, NULL, 10);
        if (!i || units_compare(list[i].key, list[i - 1].key) != 0)
            range[ranges++] = (struct range){number, number};
        struct range *r = &range[ranges - 1];
        if (number < r->low) r->low = number;
        if (number > r->high) r->high = number;
    }
    qsort(range, (size_t)ranges, sizeof *range, by_low);
    for (int i = 1; i < ranges; i++) *on &= range[i - 1].high < range[i].low;
    *on = *on && (range[ranges - 1].high - range->low) / 2 < d->count;
    mem_free(range);
    return ATT_OK;
}

enum { SHORT = 2 }; /* letters */

/* The first word if it is of letters and says nothing else, as in "AB_slice_001"; 0: it is not. */
static int first_word(const char *rest)
{
    struct unit unit[UNITS];
    const int count = units_split(rest, unit);
    const struct span s = unit->text;
    const bool says = count < 2 || unit->kind != WORD_OTHER || words_is_condition(s) ||
        words_of_text(s).split || words_of_text(s).image;
    return says || strcspn(s.text, "0123456789") < (size_t)s.length ||
            !units_is_separator(s.text[s.length])
        ? 0
        : (int)(s.text - rest) + s.length;
}

/* The letters that begin a rest and may be a patient, or a class; 0: none. A folder is none. */
static int letters_of(const struct data_case *c, const char *rest)
{
    const size_t number = strcspn(rest, "0123456789"), digits = strspn(rest + number, "0123456789");
    if (!strstr(file_base(c->image[0]), c->id)) return 0;
    size_t capitals = 0; /* "ABa" and "ABx1" */
    while (rest[capitals] >= 'A' && rest[capitals] <= 'Z') capitals++;
    const char *tail = rest + capitals;
    if (capitals == SHORT && *tail >= 'a' && *tail <= 'z' &&
        !tail[1 + strspn(tail + 1, "0123456789")])
        return SHORT;
    const bool glued = number <= SHORT && digits && !rest[number + digits]; /* "A001" */
    int length = units_lead(rest, LEAD_LETTERS);
    if (!length && (!rest[number] || glued || (number > SHORT && !rest[number + digits])))
        length = (int)number;
    return length && units_are_long(rest, length) ? length : first_word(rest);
}

/* What letters_of finds; *all: in each name; *brief: initials. */
static att_status list_letters(struct asker *a, bool *all, bool *brief, struct err *e)
{
    const struct dataset *d = a->d;
    *all = *brief = true;
    keyed_forget(a->list, d->count);
    for (int i = 0; i < d->count && *all; i++) {
        const struct keyed *rest = &a->rest[i];
        const int length = letters_of(&d->cases[rest->index], rest->key);
        *all = length > 0;
        *brief &= length <= SHORT && rest->key[length];
        a->list[i] = (struct keyed){mem_text("%.*s", length, rest->key), rest->index};
        if (!a->list[i].key) return err_path(e);
    }
    return ATT_OK;
}

static att_status ask_for_words(struct asker *a, struct err *e)
{
    bool all, brief, on;
    TRY(list_letters(a, &all, &brief, e));
    if (!all) return ATT_OK;
    const struct tally t = keyed_tally(a->list, a->d->count);
    TRY(numbers_continue(a->d, a->list, &on, e));
    a->both = brief && !on;
    if (tally_are_groups(&t, a->d->count) ||
        (a->both && t.shared > t.largest && 2 * t.shared >= a->d->count))
        warn_of_patients(a);
    return ATT_OK;
}

static bool holds(const char *text, struct span word)
{
    for (; *text; text++)
        if (strncmp(text, word.text, (size_t)word.length) == 0) return true;
    return false;
}

enum doubt { NO_PATIENT, MAY_BE_PATIENT, NAMED_PATIENT, LIKE_PATIENT };
static enum doubt doubt_of(const char *key, const char *rest, const struct data_case *c, bool times)
{
    enum { COUNTERS = 2 };
    struct unit unit[UNITS];
    const int length = (int)strlen(key);
    struct unit last = {WORD_OTHER, {key, length}, false};
    int numbers = 0, within = 0, behind = 0;
    bool others = !text_is_digit(key[length - 1]), numbered = false, places = false, frames = false;
    for (int i = units_split(c->id, unit) - 1; i >= 0; i--) {
        const enum word_kind kind = unit[i].kind;
        numbers += kind == WORD_NUMBER || (kind == WORD_SLICE && unit[i].named);
        others |= kind == WORD_OTHER;
        places |= kind == WORD_PLACE || kind == WORD_SPLIT;
    }
    if (units_end_with_patient(key, length)) return LIKE_PATIENT;
    if (places || (!times && words_is_time(unit->text)) || words_is_cut(unit->text) ||
        units_may_be_date(key))
        return NO_PATIENT;
    if (!others && numbers > 1 && rest[length]) return LIKE_PATIENT;
    for (int i = 0, count = units_split(rest, unit); i < count; i++) {
        const char *at = unit[i].text.text;
        const bool digits = strcspn(at, "0123456789") < (size_t)unit[i].text.length;
        if (at < rest + length) numbered = digits;
        if (at < rest + length) last = unit[i];
        within += at < rest + length && digits; /* the name of a DICOM series has many */
        behind += at >= rest + length && digits;
        frames |= at >= rest + length && unit[i].kind == WORD_SLICE;
    }
    const bool more = rest[length] || strcmp(rest, c->id) != 0;
    if (!numbered || within > COUNTERS || behind > COUNTERS || !more ||
        (!frames && !holds(file_base(c->image[0]), last.text)))
        return NO_PATIENT;
    const char *digits = last.text.text + last.text.length - (last.text.length > 1 ? 2 : 0);
    return last.kind == WORD_OTHER && last.named && text_is_digit(*digits) ? NAMED_PATIENT
                                                                           : MAY_BE_PATIENT;
}

/* Too few for folds, or too many cases of one, but one patient may have many. */
static att_status ask_for_few(struct asker *a, struct err *e)
{
    const struct dataset *d = a->d;
    const struct keyed *rest = a->rest;
    struct keyed *list = a->list;
    for (enum lead how = LEAD_FIRST; how < LEAD_LETTERS; how++) {
        bool all, on;
        TRY(list_leading(d, rest, how, list, &all, e));
        enum doubt doubt = how > LEAD_NUMBER && !all ? NO_PATIENT : LIKE_PATIENT;
        for (int i = 0; i < d->count && doubt; i++) {
            const enum doubt of =
                doubt_of(list[i].key, rest[i].key, &d->cases[rest[i].index], a->times);
            if (of < doubt) doubt = of;
        }
        const struct tally t = keyed_tally(list, d->count);
        const bool taken = tally_are_groups(&t, d->count) && !a->later;
        if (!doubt || t.groups < 2 || taken || 2 * t.shared < d->count) continue;
        TRY(numbers_continue(d, list, &on, e));
        if (doubt < NAMED_PATIENT && on) continue;
        if (warn_of_patients(a)) {
            a->both = doubt < LIKE_PATIENT;
            return ATT_OK;
        }
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
        (last->kind == WORD_NUMBER && days) || (last->kind == WORD_OTHER && cut);
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
    keyed_forget(list, d->count);
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
    const struct tally t = keyed_tally(list, d->count);
    if ((cut || visits < t.groups) && 2 * t.shared >= d->count && t.groups > 1 &&
        (cut || tally_are_groups(&t, d->count)))
        warn_of_patients(a);
    return ATT_OK;
}

/* Length of the number, or of the last of two words, at the end of a name, below words or dates
 * such as "postop"; or 0. A folder is none, and train and test count anew. */
static int number_below(const struct data_case *c, const char *rest)
{
    struct unit unit[UNITS];
    const int length = (int)strlen(rest);
    int at = length;
    while (at > 0 && text_is_digit(rest[at - 1])) at--;
    if (at == length && strcspn(rest, "0123456789") == (size_t)length) /* "a_AB" */
        while (at > 0 && !units_is_separator(rest[at - 1])) at--;
    if (!at || at == length || !strstr(file_base(c->image[0]), c->id)) return 0;
    int from = at;
    while (from > 0 && !units_is_separator(rest[from - 1])) from--;
    const bool glued = at - from > SHORT;
    bool letters = false;
    for (int i = 0; i < at; i++) letters |= !text_is_digit(rest[i]) && !units_is_separator(rest[i]);
    for (int i = units_split(rest, unit) - 1; i >= 0; i--)
        if (unit[i].kind == WORD_PLACE || unit[i].kind == WORD_SPLIT ||
            unit[i].kind == WORD_PATIENT || words_is_condition(unit[i].text))
            return 0;
    const bool word = letters && !glued && !text_is_digit(*rest);
    return word || units_may_be_date(rest) ? length - at : 0;
}

/* The words may be patients, too. */
static att_status ask_for_crossing(struct asker *a, struct err *e)
{
    bool all, brief;
    TRY(list_letters(a, &all, &brief, e));
    if (!all || a->both) return ATT_OK;
    keyed_tally(a->list, a->d->count);
    warn_of_patients(a);
    return ATT_OK;
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
    keyed_forget(list, d->count);
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
    const struct tally t = keyed_tally(list, d->count);
    if (words > 1 && words <= WORDS_MOST && words < t.groups && 10 * t.shared >= 9 * d->count &&
        9 * words * t.groups <= 10 * d->count && tally_are_groups(&t, d->count)) {
        warn_of_patients(a);
        return ask_for_crossing(a, e);
    }
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

/* Digits that are a patient and an image. */
static att_status group_joined(struct asker *a, bool *done, struct err *e)
{
    bool clear;
    TRY(columns_joined(a->d, a->rest, a->list, done, &clear, e));
    if (!*done) return ATT_OK;
    if (clear) return give_groups(a->d, a->list, e);
    warn_of_patients(a);
    return ask_for_words(a, e);
}

/* A later part, if it is likelier than what begins names. */
static att_status group_by_tail(struct asker *a, struct columns_tail *t, bool *done, struct err *e)
{
    TRY(columns_tail(a->d, a->rest, a->list, t, e));
    *done = t->first;
    if (!t->first) return ATT_OK;
    if (t->clear) return give_groups(a->d, a->list, e);
    warn_of_patients(a);
    a->later = true;
    return t->count ? ATT_OK : ask_for_few(a, e);
}

static att_status name_groups(
    struct dataset *d, struct keyed *rest, struct keyed *list, struct host *host, struct err *e)
{
    struct units_rule rule;
    find_everywhere(d, &rule);
    TRY(list_rests(d, &rule, rest, e));
    keyed_tally(rest, d->count);
    struct asker a = {.d = d, .rest = rest, .list = list, .host = host};
    struct columns_tail tail;
    bool done;
    TRY(group_joined(&a, &done, e));
    if (!done) TRY(group_by_tail(&a, &tail, &done, e));
    if (done) return ATT_OK;
    TRY(take_groups(d, rest, list, e));
    TRY(ask_for_words(&a, e));
    if (!d->groups_asked) TRY(ask_for_few(&a, e));
    if (!d->groups_asked) TRY(ask_for_patients(&a, e));
    if ((!d->groups_asked || a.both) && !d->has_groups) TRY(ask_for_crossed(&a, e));
    a.times = true;
    if (!d->groups_asked && !d->has_groups) TRY(ask_for_few(&a, e));
    if (!tail.found || (tail.alone && (d->groups_asked || d->has_groups))) return ATT_OK;
    TRY(columns_tail(d, rest, list, &tail, e));
    warn_of_patients(&a);
    return ATT_OK;
}

att_status groups_by_names(struct dataset *d, struct host *host, struct err *e)
{
    struct keyed *rest, *list;
    if (d->has_groups || file_has(d->root, "groups.csv")) return ATT_OK;
    TRY(MEM_ARRAY(rest, d->count + 1, "the groups", e));
    att_status status = MEM_ARRAY(list, d->count + 1, "the groups", e);
    if (status == ATT_OK) {
        status = name_groups(d, rest, list, host, e);
        keyed_forget(list, d->count);
        mem_free(list);
    }
    keyed_forget(rest, d->count);
    mem_free(rest);
    return status;
}
