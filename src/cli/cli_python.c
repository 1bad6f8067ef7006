/* SPDX-License-Identifier: Apache-2.0 */
/* python/attunet/_options.pyi: the keywords of the Python package with their types, for type
 * checkers and editors; called by cmd_generate.c. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

enum { PYTHON_WIDTH = 97 };

/* What an option takes, by the name of its argument: one of the words in `args`. */
static const struct {
    const char *args, *type;
} python_types[] = {{"N K +N", "int"}, {"X P S SHARE NORM DECAY DEGREES MM LAMBDA DICE", "float"},
    {"FILE FOLDER PATH RUN OUT DATASET MODEL", "Path"}, {"TIME SIZE", "float | str"},
    {"K|all K|groups", "int | str"}, {"yes|no", "bool"}, {"yes|no|FILE", "bool | Path"},
    {"DxHxW [Dx]HxW HxW", "float | str | Sequence[float]"},
    {"A,B,C A,B,MEAN,STD C,F,P,J K,K,...", "str | Sequence[float] | Sequence[str]"},
    {"LIST NAMES", "str | Sequence[str]"}};

static bool python_has_word(const char *words, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = words; *at; at += strspn(at, " ")) {
        const size_t size = strcspn(at, " ");
        if (size == length && strncmp(at, word, length) == 0) return true;
        at += size;
    }
    return false;
}

/* "yes|no|w" as Literal['w'] | bool, "no|w" as Literal['w', False]. */
static void python_choices(const char *choices)
{
    bool yes = false, no = false, any = false;
    for (const char *at = choices; *at; at += strspn(at, "|")) {
        const int size = (int)strcspn(at, "|");
        const bool is_yes = strncmp(at, "yes", 3) == 0, is_no = strncmp(at, "no|", 3) == 0,
                   word = !is_yes && !is_no;
        if (word) printf("%s'%.*s'", any ? ", " : "Literal[", size, at);
        yes = yes || is_yes;
        no = no || is_no;
        any = any || word;
        at += size;
    }
    if (any && no && !yes) printf(", False");
    if (any) putchar(']');
    if (yes) printf("%sbool", any ? " | " : "");
}

/* searched: a search takes ranges and lists of its values. */
static void python_type(const att_option *row, bool searched)
{
    const char *type = row->arg ? "str" : "bool";
    if (row->choices && !searched) {
        python_choices(row->choices);
        return;
    }
    for (size_t i = 0; row->arg && i < sizeof python_types / sizeof *python_types; i++)
        if (python_has_word(python_types[i].args, row->arg)) type = python_types[i].type;
    if (strcmp(row->name, "spec") == 0) type = "str | Mapping[str, object]";
    printf("%s", type);
    if (searched && row->arg && !strstr(type, "Path"))
        printf("%s | Sequence[object]", strstr(type, "str") ? "" : " | str");
}

/* A word; its flag as a keyword: `max_memory`. */
static void python_word(const char *word, int size)
{
    const char *flag = strstr(word, "--"), *end = word + size;
    if (!flag || flag >= end || !islower((unsigned char)flag[2])) flag = end;
    printf("%.*s", (int)(flag - word), word);
    if (flag == end) return;
    putchar('`');
    for (flag += 2; flag < end && (isalnum((unsigned char)*flag) || *flag == '-'); flag++)
        putchar(*flag == '-' ? '_' : *flag);
    printf("`%.*s", (int)(end - flag), flag);
}

/* A docstring in lines. */
static void python_text(const char *text)
{
    int column = printf("    \"\"\"");
    for (const char *at = text; *at;) {
        const int size = (int)strcspn(at, " ");
        if (column + 1 + size > PYTHON_WIDTH)
            column = printf("\n    ") - 1;
        else if (at != text)
            column += printf(" ");
        python_word(at, size);
        column += size;
        at += size;
        at += strspn(at, " ");
        if (!*at && at[-1] == '"') putchar(' '); /* apart from the quotes of the end */
    }
    printf("\"\"\"\n");
}

static void python_option(const att_option *row, bool searched)
{
    char about[OPTION_ABOUT];
    printf("    ");
    for (const char *at = row->name; *at; at++) putchar(*at == '-' ? '_' : *at);
    printf("%s: ", strcmp(row->name, "class") == 0 ? "_" : ""); /* a word of Python */
    python_type(row, searched);
    option_about(row, about, sizeof about);
    printf("\n");
    python_text(about);
}

/* Of the general options those that a call of the library takes. */
static bool python_takes(const struct command *c, const att_option *row)
{
    if (strcmp(row->name, "output") == 0) return !c->no_output;
    return strcmp(row->group, "General") != 0 || python_has_word("config dry-run", row->name);
}

static void python_command(const struct command *c)
{
    att_option rows[OPTION_ROWS];
    const int count = option_rows(c->name, rows);
    printf("\nclass %c%sOptions(TypedDict, total=False):\n", toupper((unsigned char)*c->name),
        c->name + 1);
    for (int i = 0; i < count; i++)
        if (python_takes(c, &rows[i])) python_option(&rows[i], strcmp(c->name, "tune") == 0);
}

void print_python(void)
{
    static const char without[] = "demo generate help version";
    printf("# SPDX-License-Identifier: Apache-2.0\n"
           "# `attunet generate python` makes this file from src/base/options.def.\n"
           "from collections.abc import Mapping, Sequence\n"
           "from os import PathLike\n"
           "from typing import Literal, TypedDict\n"
           "\n"
           "Path = str | PathLike[str]\n");
    for (const struct command *const *c = commands; *c; c++)
        if (!python_has_word(without, (*c)->name)) python_command(*c);
}
