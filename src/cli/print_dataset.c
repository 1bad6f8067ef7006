/* SPDX-License-Identifier: Apache-2.0 */
/* What attunet info prints of a data set. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

const char *json_word(const json_t *j, const char *key)
{
    const char *text = json_string_value(json_object_get(j, key));
    return text ? text : "-";
}

long long json_whole(const json_t *j, const char *key) { return (long long)json_decimal(j, key); }

double json_decimal(const json_t *j, const char *key)
{
    return json_number_value(json_object_get(j, key));
}

bool json_yes(const json_t *j, const char *key) { return json_is_true(json_object_get(j, key)); }

void print_few(double units, const char *unit, double fewest)
{
    enum { LEAST = 10 };
    if (units < LEAST)
        printf("caution: with fewer than %d %s, intervals are too narrow\n", LEAST, unit);
    if (units < fewest)
        printf("caution: with fewer than %.0f %s, no difference can reach p (Holm) < 0.05\n",
            fewest, unit);
}

void print_labels(const json_t *labels)
{
    size_t i;
    json_t *v;
    printf("labels     ");
    if (!json_is_object(labels)) printf("unknown: no mask could be read");
    json_array_foreach(json_object_get(labels, "classes"), i, v)
        printf("%s%lld %s", i ? ", " : "", json_whole(v, "value"), json_word(v, "name"));
    if (json_object_get(labels, "ignore"))
        printf("; %lld is ignored", json_whole(labels, "ignore"));
    if (json_yes(labels, "nonzero")) printf(" (every value except 0 is class 1)");
    json_array_foreach(json_object_get(labels, "regions"), i, v)
        printf("%s%s", i ? ", " : "; regions ", json_word(v, "name"));
    printf("\n");
}

const char turned_volumes[] = "volumes with another orientation are reoriented";

void print_orientation(const json_t *j, const char *what)
{
    if (json_object_get(j, "orientation"))
        printf("%-10s %s (%s)\n", "axes", json_word(j, "orientation"), what);
}

/* ---- data sets */

const char *word_order(bool flat) { return flat ? "height x width" : "depth x height x width"; }

/* without: number of cases that have no such value */
static void print_range(const json_t *j, const char *name,
    const char *(*word)(const json_t *, char[WORD]), long long without)
{
    const json_t *range = json_object_get(j, name);
    static const char *const keys[] = {"least", "median", "most"};
    char words[3][WORD];
    for (int i = 0; i < 3; i++) word(json_object_get(range, keys[i]), words[i]);
    if (strcmp(words[0], words[2]) == 0)
        printf("%-10s %s", name, words[0]);
    else
        printf("%-10s %s to %s, median %s", name, words[0], words[2], words[1]);
    printf(" (%s)", word_order(json_whole(j, "dims") == 2));
    if (without) printf("; %lld case%s none", without, without == 1 ? " has" : "s have");
    printf("\n");
}

/* ---- what is wrong */

enum { MOST = 20 }; /* warnings of a kind that are printed; --json has all */

static void print_problem(const char *what, const json_t *problem, const char *more)
{
    printf("  %s ", what);
    cli_say(json_word(problem, "text"), stdout);
    printf("%s\n", more);
}

/* Errors first, then warnings, of which there may be hundreds that are alike. */
static void print_problems(const json_t *j)
{
    size_t i, left = 0;
    json_t *v;
    const json_t *list = json_object_get(j, "problems");
    long long errors = json_whole(j, "errors"), warnings = json_whole(j, "warnings");
    if (json_yes(j, "checked") || errors + warnings > 0)
        printf("problems   %lld that stop a training, %lld warning%s\n", errors, warnings,
            TEXT_S(warnings));
    json_array_foreach(list, i, v)
    {
        if (strcmp(json_word(v, "level"), "error") == 0)
            print_problem("error   ", v,
                json_object_get(v, "mended")         ? " (fixed)"
                    : json_object_get(v, "mendable") ? " (--fix OUT fixes it)"
                                                     : "");
    }
    const char *last = "";
    int of_kind = 0;
    json_array_foreach(list, i, v)
    {
        const char *kind = json_word(v, "kind");
        if (strcmp(json_word(v, "level"), "error") == 0) continue;
        of_kind = strcmp(kind, last) == 0 ? of_kind + 1 : 1;
        last = kind;
        if (of_kind <= MOST)
            print_problem("warning ", v, "");
        else
            left++;
    }
    if (left) printf("  and %zu more warning%s (--json lists all)\n", left, TEXT_S(left));
}

/* How to undo groups by names, or to answer that there are none. */
static void print_no_groups(const json_t *j, const char *to)
{
    const json_t *command = json_object_get(j, "no_groups");
    if (json_is_string(command))
        printf("           %s: %s\n", to, json_string_value(command));
    else if (command)
        printf("           %s, write a groups.csv with the line image,group into its folder\n", to);
}

/* With the largest as an example. */
static void print_groups(const json_t *j)
{
    const char *example = NULL;
    json_int_t most = 1;
    size_t i;
    const json_t *pair;
    json_t *cases = json_object(); /* by group */
    json_array_foreach(json_object_get(j, "pairs"), i, pair)
    {
        const char *group = json_string_value(json_object_get(pair, "group"));
        const json_int_t count = group ? json_integer_value(json_object_get(cases, group)) + 1 : 0;
        if (group) json_object_set_new(cases, group, json_integer(count));
        if (count <= most) continue;
        most = count;
        example = group;
    }
    json_decref(cases);
    printf("groups     %lld%s", json_whole(j, "groups"),
        json_is_true(json_object_get(j, "groups_by_name")) ? " by the names of cases" : "");
    if (example) printf(", such as %s with %lld cases", example, (long long)most);
    printf(", each on one side of every split\n");
    print_no_groups(j, "to make each case a group of its own");
}

static void print_duplicates(const json_t *j)
{
    const size_t pairs = json_array_size(json_object_get(j, "alike"));
    const long long apart = json_whole(j, "alike_apart"),
                    groups = json_whole(j, "groups_with_alike");
    if (!pairs) return;
    printf("duplicates %zu pair%s of similar images, ", pairs, TEXT_S(pairs));
    if (apart > 0)
        printf("%lld of them on both sides of a split: Dice will be too high; --groups-out FILE "
               "writes a groups.csv that keeps them together (%lld group%s)\n",
            apart, groups, TEXT_S(groups));
    else
        printf("none on both sides of a split\n");
}

static void print_fixed(const json_t *j)
{
    size_t i;
    json_t *v;
    const json_t *done = json_object_get(j, "fixed");
    if (!done) return;
    printf("fixed      %zu file%s changed in the copy\n", json_array_size(done),
        TEXT_S(json_array_size(done)));
    json_array_foreach(done, i, v) if (i < MOST)
        printf("  fixed    %s: %s\n", json_word(v, "file"), json_word(v, "what"));
    if (json_array_size(done) > MOST)
        printf("  and %zu more (--json lists all)\n", json_array_size(done) - MOST);
    json_array_foreach(json_object_get(j, "problems"), i, v)
    {
        if (strcmp(json_word(v, "level"), "error") == 0 && !json_object_get(v, "mended"))
            print_problem("left    ", v, "");
    }
}

/* Channels, classes and parts on lines of their own. */
static void print_patterns(const char *what, const char *text)
{
    printf("%-10s ", what);
    for (; *text; text++) {
        putchar(*text);
        if (*text == '\\' && text[1])
            putchar(*++text);
        else if (*text == ';' || *text == '>' || *text == '|')
            printf("\n           ");
    }
    printf("\n");
}

/* How a search of names found the cases. */
static void print_pairs(const json_t *j)
{
    size_t i;
    json_t *v;
    const json_t *patterns = json_object_get(j, "patterns");
    if (!patterns) return;
    print_patterns("images", json_word(patterns, "images"));
    print_patterns("labels", json_word(patterns, "labels"));
    json_array_foreach(json_object_get(j, "left_aside"), i, v)
        printf("left aside %lld %s, such as %s\n", json_whole(v, "count"), json_word(v, "what"),
            json_word(v, "first"));
}

void print_dataset(const json_t *j)
{
    size_t i;
    json_t *fold;
    printf("%s: data set, %s, %lldD\n", json_word(j, "path"), json_word(j, "layout"),
        json_whole(j, "dims"));
    printf(
        "cases      %lld, %lld with labels\n", json_whole(j, "cases"), json_whole(j, "labelled"));
    print_pairs(j);
    printf("channels   ");
    const json_t *channels = json_object_get(j, "channels");
    print_list(channels);
    printf("%s\n", json_string_length(json_array_get(channels, 0)) ? "" : "unknown");
    print_labels(json_object_get(j, "labels"));
    if (json_is_object(json_object_get(j, "size")))
        print_range(j, "size", word_size, 0);
    else
        printf("size       unknown\n");
    if (json_is_object(json_object_get(j, "spacing")))
        print_range(j, "spacing", word_spacing, json_whole(j, "cases_without_spacing"));
    else
        printf("spacing    unknown: lengths are in %s\n",
            json_whole(j, "dims") == 3 ? "voxels" : "pixels");
    print_orientation(j, turned_volumes);
    if (json_is_integer(json_object_get(j, "groups")))
        print_groups(j);
    else if (json_yes(j, "groups_asked")) {
        printf("groups     unknown; if there are patients, do what the warning says\n");
        print_no_groups(j, "if there are none");
    }
    json_array_foreach(json_object_get(j, "folds"), i, fold)
        printf("fold %zu     %lld train, %lld validate\n", i, json_whole(fold, "train"),
            json_whole(fold, "validate"));
    print_duplicates(j);
    print_problems(j);
    print_fixed(j);
    if (!json_yes(j, "checked"))
        printf("only headers were read; without --quick attunet reads every voxel\n");
}
