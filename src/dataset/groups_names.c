/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of cases by their names. Names without words for visits, sides, channels and copies are
 * rows of a table. What begins names is a patient if it has a number and repeats. A later column is
 * one if the first one counts its images, or never repeats. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/groups.h"
#include "dataset/groups_columns.h"
#include "dataset/groups_option.h"
#include "dataset/groups_tables.h"
#include "dataset/groups_twins.h"
#include "dataset/groups_units.h"
#include "dataset/layout_found.h"
#include "dataset/shares.h"
#include "files/file.h"

struct namer {
    struct dataset *d;
    struct host *host;
    struct columns c;
    struct keyed *rest, *list; /* sorted; the list of a candidate */
    bool folder;               /* names begin with folders */
    bool parted;               /* several of train, test, ... */
    bool asked;
};

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

static void find_everywhere(const struct dataset *d, struct units_rule *rule, bool *parted)
{
    struct span part = {NULL, 0};
    for (int k = 0; k < WORD_KINDS; k++) rule->everywhere[k] = true;
    for (int i = 0; i < d->count; i++) {
        struct unit unit[UNITS];
        bool has[WORD_KINDS] = {false};
        for (int k = units_split(d->cases[i].id, unit) - 1; k >= 0; k--) {
            has[unit[k].kind] = true;
            if (unit[k].kind != WORD_SPLIT) continue;
            *parted |= part.text && span_order(part, unit[k].text) != 0;
            part = unit[k].text;
        }
        for (int k = 0; k < WORD_KINDS; k++) rule->everywhere[k] &= has[k];
    }
}

static bool has_word_kind(const char *name, enum word_kind kind)
{
    struct unit unit[UNITS];
    int k = units_split(name, unit) - 1;
    while (k >= 0 && unit[k].kind != kind) k--;
    return k >= 0;
}

/* Names may lack a word that others have, as 01 beside 01L and 01R. Most that do must be what
 * others are without it. */
static att_status find_somewhere(
    const struct dataset *d, struct units_rule *rule, struct keyed *list, struct err *e)
{
    const int count = d->count;
    for (enum word_kind kind = WORD_SIDE; kind <= WORD_CHANNEL; kind++) {
        int lacking = 0, alone = 0;
        if (rule->everywhere[kind] || kind == WORD_COPY) continue;
        rule->everywhere[kind] = true;
        for (int i = 0; i < count; i++) {
            list[i] = (struct keyed){units_rest(rule, d->cases[i].id), i};
            if (!list[i].key) return err_path(e);
        }
        keyed_tally(list, count);
        for (int i = 0, end; i < count; i = end) {
            int whole = 0;
            end = keyed_end(list, count, i);
            for (int k = i; k < end; k++) whole += !has_word_kind(d->cases[list[k].index].id, kind);
            lacking += whole;
            alone += whole == end - i ? whole : 0;
        }
        rule->everywhere[kind] = lacking < count && 2 * alone <= lacking;
        keyed_forget(list, count);
    }
    return ATT_OK;
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

/* ---- groups and questions */

/* The indices of a list of columns_list become those of cases. */
static void to_cases(struct namer *m)
{
    for (int i = 0; i < m->d->count; i++) m->list[i].index = m->rest[m->list[i].index].index;
}

static att_status give_groups(struct namer *m, struct err *e)
{
    struct dataset *d = m->d;
    to_cases(m);
    for (int i = 0, end; i < d->count; i = end) {
        end = keyed_end(m->list, d->count, i);
        for (int k = i; k < end; k++)
            if (!(d->cases[m->list[k].index].group = mem_text("%s", m->list[i].key)))
                return err_path(e);
    }
    d->has_groups = d->name_groups = true;
    return ATT_OK;
}

/* Asks whether keys are patients; not if groups join their cases already. *option: what it says to
 * do. */
static void ask_keys(struct namer *m, const struct keyed *list, const char *option)
{
    const struct dataset *d = m->d;
    int i = 1;
    for (; i < d->count; i++) {
        const struct data_case *x = &d->cases[list[i - 1].index], *y = &d->cases[list[i].index];
        if (units_compare(list[i].key, list[i - 1].key) == 0 &&
            !(x->group && y->group && strcmp(x->group, y->group) == 0))
            break;
    }
    if (i >= d->count) return;
    host_warn(m->host, WARN_GROUPS_UNKNOWN,
        "%s: if \"%.100s\" is one patient, its cases may be in both training and validation, "
        "such as %.100s and %.100s; to keep them together, %s",
        d->root, list[i].key, d->cases[list[i - 1].index].id, d->cases[list[i].index].id,
        option ? option : "list them in a groups.csv");
    m->d->groups_asked = m->asked = true;
}

/* Asks whether the text of the columns from `from` to `to` is a patient, or of the last one alone
 * if patterns can name that only. */
static att_status ask_patient(struct namer *m, int from, int to, struct err *e)
{
    struct tally t, last;
    TRY(columns_list(&m->c, to, to, m->list, &last, e));
    TRY(columns_list(&m->c, from, to, m->list, &t, e));
    to_cases(m);
    char *option = groups_option(m->d, m->list);
    const bool shorter =
        option && !strstr(option, "`labels`") && from < to && last.groups == t.groups;
    if (!shorter) ask_keys(m, m->list, option);
    mem_free(option);
    return shorter ? ask_patient(m, to, to, e) : ATT_OK;
}

/* ---- what begins names */

/* Nearly each text of a column stands behind each text before it. */
static att_status find_crossed(struct namer *m, int k, bool *is, struct err *e)
{
    struct tally before, with;
    TRY(columns_list(&m->c, 0, k - 1, m->list, &before, e));
    TRY(columns_list(&m->c, 0, k, m->list, &with, e));
    *is = nine_tenths(with.groups, before.groups * m->c.column[k].groups);
    return ATT_OK;
}

/* Column k and all behind it count from 0, each text of one with each of the others: rows and
 * columns of tiles. */
static att_status is_grid(struct namer *m, int k, bool *is, struct err *e)
{
    const struct columns *c = &m->c;
    *is = k > 0 && k + 1 < c->count;
    for (int o = k; o < c->count && *is; o++) {
        const struct column *x = &c->column[o];
        *is = x->digits && x->zero && (!x->small || x->groups == c->column[k].groups);
        if (*is) TRY(find_crossed(m, o, is, e));
    }
    return ATT_OK;
}

/* Few names have others beside them. Most keys that stand alone must be like theirs, as P03 beside
 * P04. */
static bool are_few_groups(const struct keyed *list, int count)
{
    int alone = 0, same = 0, shared = 0;
    for (int i = 0, end; i < count; i = end) {
        end = keyed_end(list, count, i);
        if (end - i > 1) shared = i;
    }
    for (int i = 0, end; i < count; i = end) {
        end = keyed_end(list, count, i);
        if (end - i > 1) continue;
        alone++;
        same += units_same_form(list[i].key, list[shared].key);
    }
    return 2 * same > alone;
}

/* A number that a patient may have. */
static bool may_be_patient(const struct column *x) { return x->numbered && !x->place && !x->cut; }

/* The column behind organs that begin names, of which a patient has several, if images follow what
 * column k ends; else -1. */
static int behind_organs(const struct columns *c, int k)
{
    int from = 0;
    while (from < k && c->column[from].organ) from++;
    return from && k + 1 < c->count ? from : -1;
}

/* Groups by the columns behind `from` up to k; behind organs, others are asked about. */
static att_status try_beginning(struct namer *m, int from, int k, struct err *e)
{
    struct tally t;
    const int cases = m->c.cases;
    TRY(columns_list(&m->c, from, k, m->list, &t, e));
    if (tally_are_groups(&t, cases) && (2 * t.shared >= cases || are_few_groups(m->list, cases)))
        return give_groups(m, e);
    return from >= 0 ? ask_patient(m, from, k, e) : ATT_OK;
}

/* The shortest beginning that makes groups. */
static att_status give_beginning(struct namer *m, struct err *e)
{
    const struct columns *c = &m->c;
    bool numbers = false;                                      /* or no name */
    for (int k = 0; k <= c->count && !m->d->has_groups; k++) { /* the last ones are whole names */
        bool grid;
        if (k < c->count ? !may_be_patient(&c->column[k]) : numbers) continue;
        TRY(is_grid(m, k, &grid, e));
        if (grid) break;
        numbers = true;
        const int patient = behind_organs(c, k);
        if (patient >= 0) TRY(try_beginning(m, patient, k, e));
        if (!m->d->has_groups) TRY(try_beginning(m, -1, k, e));
    }
    return ATT_OK;
}

/* A folder is no patient, unless it has a name or a number of one, or frames. */
static bool is_folder(const struct namer *m, int k)
{
    const struct columns *c = &m->c;
    const char *key = m->list[0].key,
               *file = file_base(m->d->cases[m->rest[m->list[0].index].index].image[0]);
    bool frames = false;
    for (int o = k + 1; o < c->count; o++) frames |= c->column[o].picture || c->column[o].cut;
    return m->folder && !frames && !c->column[k].patient && !strstr(file, key) &&
        !text_is_digit(*c->rest->key);
}

/* The same of a short number. */
static att_status is_crossed(struct namer *m, int k, bool *is, struct err *e)
{
    const struct columns *c = &m->c;
    *is = k < c->count && c->column[k].small && !c->column[k].letters;
    return *is ? find_crossed(m, k, is, e) : ATT_OK;
}

/* Too few for folds, or too many cases of one, but one patient may have many. */
static att_status ask_beginning(struct namer *m, bool later, bool days, struct err *e)
{
    const struct columns *c = &m->c;
    for (int k = 0; k < c->count; k++) {
        const struct column *x = &c->column[k];
        struct tally t;
        const bool visits = k + 1 < c->count && (x[1].day || (x[1].glued && x[1].letters));
        bool crossed;
        if (!may_be_patient(x) || (x->day && !days && !visits)) continue;
        TRY(is_crossed(m, k + 1, &crossed, e));
        crossed &= !x->digits; /* "4" may be a class */
        TRY(columns_list(c, 0, k, m->list, &t, e));
        if (t.groups < 2 || 2 * t.shared < c->cases ||
            (tally_are_groups(&t, c->cases) && !later && c->joining != JOINING_ANYWHERE) ||
            (!x->patient && (m->parted || (m->d->has_groups && x->width < 2 && !crossed))))
            continue;
        TRY(columns_list(c, k, k, m->list, &t, e));
        if (is_folder(m, k)) continue;
        TRY(ask_patient(m, 0, k, e));
        if (m->asked) return ATT_OK;
    }
    return ATT_OK;
}

/* Whether words may be people: many are; of a few, images count anew, or are neighbours in a
 * running number. Days and letters count, too. */
static att_status may_be_people(
    struct namer *m, int word, int number, const struct tally *t, bool *may, struct err *e)
{
    const struct columns *c = &m->c;
    const struct column *x = &c->column[word], *y = &c->column[number];
    struct counts n;
    *may = false;
    if (!x->letters || x->apart || x->day || x->cut || m->folder) return ATT_OK;
    *may = tally_are_groups(t, c->cases);
    if (*may || t->groups < 2 || 2 * t->shared < c->cases || word == number) return ATT_OK;
    TRY(columns_count(c, m->list, number, &n, e));
    const bool listed =
        t->groups > 2 && (x->width > 2 || (x->width > 1 && x->capitals) || !n.dense);
    *may = y->day || (n.numbers ? !y->unique || (n.runs && listed) : y->small);
    return ATT_OK;
}

static att_status ask_people(struct namer *m, bool few, struct err *e)
{
    const struct columns *c = &m->c;
    struct tally t;
    bool may;
    TRY(columns_list(c, 0, 0, m->list, &t, e));
    TRY(may_be_people(m, 0, c->count - 1, &t, &may, e));
    return may && few == !tally_are_groups(&t, c->cases) ? ask_patient(m, 0, 0, e) : ATT_OK;
}

/* What a group has before its last word. */
static int group_head(const char *group)
{
    int length = (int)strlen(group) - 1;
    while (length > 0 && !units_is_separator(group[length])) length--;
    return length > 0 ? length : (int)strlen(group);
}

/* Groups with this head, from i on, all stand alone, or none does: town_1, town_2 beside flight_17,
 * flight_18, ... *end: the next head; *alone: cases of groups that do. */
static bool are_one_kind(const struct keyed *list, int count, int i, int *end, int *alone)
{
    const struct span head = {list[i].key, group_head(list[i].key)};
    int next;
    *alone = 0;
    for (*end = i; *end < count; *end = next) {
        const char *key = list[*end].key;
        if (span_order(head, (struct span){key, group_head(key)})) break;
        next = keyed_end(list, count, *end);
        *alone += next == *end + 1;
    }
    return !*alone || *alone == *end - i;
}

/* Names of one kind have groups, those of another have none, but begin alike. */
static att_status ask_heads(struct namer *m, struct err *e)
{
    enum { SEVERAL = 3 };
    const struct dataset *d = m->d;
    bool some = false;
    keyed_forget(m->list, d->count);
    for (int i = 0; i < d->count; i++) {
        m->list[i] = (struct keyed){mem_text("%s", d->cases[i].group), i};
        if (!m->list[i].key) return err_path(e);
    }
    keyed_tally(m->list, d->count);
    for (int i = 0, end, alone; i < d->count; i = end) {
        if (!are_one_kind(m->list, d->count, i, &end, &alone)) return ATT_OK;
        some |= alone >= SEVERAL;
    }
    if (!some) return ATT_OK;
    for (int i = 0; i < d->count; i++) m->list[i].key[group_head(m->list[i].key)] = 0;
    keyed_tally(m->list, d->count);
    char *option = groups_option(d, m->list);
    ask_keys(m, m->list, option);
    mem_free(option);
    return ATT_OK;
}

/* ---- a later column */

/* Whether it is asked: where nothing else is found; after others; before; or makes groups. */
enum later { LATER_NONE, LATER_ALONE, LATER_TOO, LATER_FIRST, LATER_SURE };

static bool nearly_all(int some, int all) { return all > 0 && 20 * some >= 19 * all; }

/* How likely a column names patients; 0: not at all. */
static int likely(const struct column *x, const struct tally *t, int cases)
{
    enum { CODE = 5 }; /* bytes: no "2CH" */
    if (x->unique || x->apart || x->cut || x->day || x->picture || t->groups < 2 ||
        2 * t->shared < cases)
        return 0;
    if (x->patient || x->named) return 4 * t->largest > 3 * cases ? 0 : 3;
    if (x->digits) return x->width > 1 ? 2 : !x->zero;
    if (x->numbered) return x->width > CODE ? 2 : 0;
    return x->letters && (x->width > 2 || x->capitals);
}

static att_status find_later(struct namer *m, int *later, struct tally *t, struct err *e)
{
    int best = 0;
    for (int k = 1; k < m->c.count; k++) {
        struct tally now;
        TRY(columns_list(&m->c, k, k, m->list, &now, e));
        const int is = likely(&m->c.column[k], &now, m->c.cases);
        if (is <= best) continue;
        best = is;
        *later = k;
        *t = now;
    }
    return *later ? columns_list(&m->c, *later, *later, m->list, t, e) : ATT_OK;
}

/* The first column is a running number, a date or a hash. What has at most two digits may be a
 * grade or an age, unless its images are neighbours. */
static att_status judge_behind(
    struct namer *m, int k, const struct tally *t, enum later *is, struct err *e)
{
    const struct columns *c = &m->c;
    const struct column *y = &c->column[k];
    struct counts n;
    bool people = false;
    TRY(columns_count(c, m->list, 0, &n, e));
    TRY(may_be_people(m, k, 0, t, &people, e));
    if (y->letters ? people : y->patient || y->named || (!y->small && !y->zero) || n.runs)
        *is = LATER_FIRST;
    return ATT_OK;
}

/* The first column is of words: a later part is a patient if images of it count anew, or if nearly
 * each of its texts stands beside each word. The list is of column k. */
static att_status judge_behind_words(
    struct namer *m, int k, const struct tally *t, bool named, enum later *is, struct err *e)
{
    const struct columns *c = &m->c;
    const struct column *x = c->column;
    struct counts n;
    const bool crossed = c->count == 2 && !x->apart && (named || !m->folder) &&
        nine_tenths(t->shared, c->cases) && 9 * x->groups * t->groups <= 10 * c->cases;
    *is = named && c->count > 2 ? LATER_FIRST : crossed ? LATER_TOO : LATER_NONE;
    for (int o = 1; o < c->count; o++) {
        if (o == k) continue;
        TRY(columns_count(c, m->list, o, &n, e));
        if (n.numbers && nearly_all(n.anew, n.groups)) *is = LATER_FIRST;
    }
    return ATT_OK;
}

/* Images are what counts without gaps within the texts of the other column, from 0 or 1 on. Where
 * both do, either may be the patient; but if all occur with each other, patients have the longer
 * numbers. */
static att_status judge_later(
    struct namer *m, int k, const struct tally *t, enum later *is, struct err *e)
{
    const struct columns *c = &m->c;
    const struct column *x = c->column, *y = &c->column[k];
    const bool named = y->patient || (y->named && !y->glued),
               own = x->named && !x->picture && !x->day && !y->patient;
    struct counts head, behind;
    struct tally first;
    if (x->unique) return judge_behind(m, k, t, is, e);
    TRY(columns_list(c, -1, k, m->list, &first, e));
    if (first.groups == t->groups || x->place || x->patient || own) return ATT_OK;
    TRY(columns_list(c, k, k, m->list, &first, e));
    if (x->letters) return judge_behind_words(m, k, t, named, is, e);
    *is = LATER_ALONE;
    if (x->cut || x->day) return ATT_OK;
    TRY(columns_count(c, m->list, 0, &head, e));
    TRY(columns_list(c, -1, 0, m->list, &first, e));
    TRY(columns_count(c, m->list, k, &behind, e));
    const bool crossed = head.least == head.largest && behind.least == behind.largest,
               counts = nearly_all(head.on, head.groups), anew = nearly_all(head.anew, head.groups),
               counted = nearly_all(behind.anew, behind.groups),
               shorter = !y->letters && y->width < x->width;
    *is = LATER_NONE;
    if (c->count > 2)
        *is = named && !counted ? LATER_TOO : LATER_NONE;
    else if (y->letters && y->glued && y->width < 2)
        *is = LATER_ALONE; /* A in 001A, 001B */
    else if (counts && !crossed && 2 * behind.on <= behind.groups)
        *is = anew && !y->letters && tally_are_groups(t, c->cases) ? LATER_SURE : LATER_FIRST;
    else if (crossed && counted && !y->patient && shorter)
        *is = LATER_NONE;
    else if (named && (counts || !counted))
        *is = anew ? LATER_FIRST : LATER_TOO;
    else if (counts && !m->folder && !y->glued && (crossed ? !shorter : counted))
        *is = y->letters && x->groups < GROUPS_LEAST ? LATER_FIRST : LATER_TOO;
    return ATT_OK;
}

static att_status name_groups(struct namer *m, struct err *e)
{
    struct units_rule rule = {.splits = false};
    struct tally t;
    int later = 0;
    enum later is = LATER_NONE;
    find_everywhere(m->d, &rule, &m->parted);
    TRY(find_somewhere(m->d, &rule, m->rest, e));
    TRY(list_rests(m->d, &rule, m->rest, e));
    keyed_tally(m->rest, m->d->count);
    TRY(columns_read(&m->c, m->rest, m->d->count, e));
    TRY(find_later(m, &later, &t, e));
    if (later) TRY(judge_later(m, later, &t, &is, e));
    if (is >= LATER_FIRST) {
        TRY(columns_list(&m->c, later, later, m->list, &t, e));
        if (is == LATER_SURE) return give_groups(m, e);
        TRY(ask_patient(m, later, later, e));
        m->asked = false;
        return m->c.column->unique ? ATT_OK : ask_beginning(m, true, false, e);
    }
    if (m->c.joining != JOINING_ANYWHERE) TRY(give_beginning(m, e));
    if (!m->c.count) return ATT_OK;
    TRY(ask_people(m, false, e));
    if (!m->asked) TRY(ask_beginning(m, false, false, e));
    if (!m->asked && !m->d->has_groups) TRY(ask_people(m, true, e));
    if (!m->asked && m->d->has_groups) TRY(ask_heads(m, e));
    if (is == LATER_TOO || (is && !m->asked && !m->d->has_groups))
        TRY(ask_patient(m, later, later, e));
    return m->asked || m->d->has_groups ? ATT_OK : ask_beginning(m, false, true, e);
}

static att_status find_groups(struct dataset *d, struct host *host, struct err *e)
{
    struct namer m = {.d = d, .host = host};
    m.folder = !strstr(file_base(d->cases[0].image[0]), d->cases[0].id);
    TRY(MEM_ARRAY(m.rest, d->count + 1, "the groups", e));
    att_status status = MEM_ARRAY(m.list, d->count + 1, "the groups", e);
    if (status == ATT_OK) {
        status = name_groups(&m, e);
        keyed_forget(m.list, d->count);
        mem_free(m.list);
    }
    columns_clear(&m.c);
    keyed_forget(m.rest, d->count);
    mem_free(m.rest);
    return status;
}

/* ---- cases of one name in several folders */

/* The groups of the names of cases, each of which counts once, else each name; `apart`: only if
 * some names join. */
static att_status group_keys(struct dataset *d, struct keyed *own, const struct tally *t,
    bool apart, struct host *host, struct err *e)
{
    struct dataset names = *d;
    TRY(MEM_ARRAY(names.cases, t->groups, "the groups", e));
    names.count = 0;
    names.has_groups = false;
    for (int i = 0; i < d->count; i = keyed_end(own, d->count, i)) {
        names.cases[names.count] = d->cases[own[i].index];
        names.cases[names.count].group = NULL;
        names.cases[names.count++].id = own[i].key;
    }
    att_status status = find_groups(&names, host, e);
    const bool whole = !apart && !names.has_groups && tally_are_groups(t, d->count);
    for (int i = 0, n = 0, end; i < d->count; i = end, n++) {
        const char *group = whole ? own[i].key : names.cases[n].group;
        end = keyed_end(own, d->count, i);
        for (int k = i; k < end && group && status == ATT_OK; k++) {
            char **const its = &d->cases[own[k].index].group;
            mem_free(*its);
            if (!(*its = mem_text("%s", group))) status = err_path(e);
        }
        mem_free(names.cases[n].group);
    }
    mem_free(names.cases);
    if (apart && !names.has_groups) return status;
    d->has_groups = d->name_groups = whole || names.has_groups;
    d->groups_asked = names.groups_asked;
    return status;
}

static void ask_twins(struct dataset *d, const struct keyed *own, struct host *host)
{
    struct namer m = {.d = d, .host = host};
    char *option = groups_option(d, own);
    ask_keys(&m, own, option);
    mem_free(option);
}

/* ---- folders that are groups */

/* Few folders without a number may be classes: then some folds validate on one of them alone. */
static att_status ask_folders(const struct dataset *d, struct host *host, struct err *e)
{
    struct keyed *list;
    bool numbers = false; /* or no name */
    TRY(MEM_ARRAY(list, d->count + 1, "the groups", e));
    for (int i = 0; i < d->count; i++) {
        list[i] = (struct keyed){d->cases[i].group, i};
        numbers |= !list[i].key || span_has_digit(span_of(list[i].key));
    }
    if (!numbers && keyed_tally(list, d->count).groups < 2 * GROUPS_LEAST) {
        char *option = groups_option_apart(d);
        if (option)
            host_warn(host, WARN_GROUPS_DOUBTFUL,
                "%s: %s is one group, so no fold trains and validates on it; if it is a class, not "
                "a patient or a video, %s",
                d->root, list->key, option);
        mem_free(option);
    }
    mem_free(list);
    return ATT_OK;
}

/* Folders that are groups may be of fewer patients, as 001L and 001R. */
static att_status join_folders(struct dataset *d, struct host *host, struct err *e)
{
    struct keyed *own;
    att_status status = ATT_OK;
    for (int i = 0; i < d->count; i++)
        if (!d->cases[i].group) return ATT_OK;
    TRY(MEM_ARRAY(own, d->count + 1, "the groups", e));
    for (int i = 0; i < d->count && status == ATT_OK; i++) {
        own[i] = (struct keyed){mem_text("%s", d->cases[i].group), i};
        if (!own[i].key) status = err_path(e);
    }
    if (status == ATT_OK) {
        const struct tally t = keyed_tally(own, d->count);
        status = group_keys(d, own, &t, true, host, e);
    }
    keyed_forget(own, d->count);
    mem_free(own);
    return status;
}

att_status groups_by_names(struct dataset *d, struct host *host, struct err *e)
{
    struct keyed *own;
    enum twins are;
    if (d->counting) return ATT_OK;
    if (d->has_groups && d->reading && !d->reading->given) {
        TRY(join_folders(d, host, e));
        return ask_folders(d, host, e);
    }
    if (d->has_groups || file_has(d->root, "groups.csv")) return ATT_OK;
    TRY(MEM_ARRAY(own, d->count + 1, "the groups", e));
    att_status status = twins_find(d, own, &are, e);
    const struct tally t = are ? keyed_tally(own, d->count) : (struct tally){.groups = 0};
    if (status == ATT_OK && are == TWINS_SURE) status = group_keys(d, own, &t, false, host, e);
    if (status == ATT_OK && are && !d->has_groups) ask_twins(d, own, host);
    if (status == ATT_OK && are != TWINS_SURE) status = find_groups(d, host, e);
    keyed_forget(own, d->count);
    mem_free(own);
    if (status == ATT_OK && !d->has_groups) status = tables_ask(d, host, e);
    return status;
}
