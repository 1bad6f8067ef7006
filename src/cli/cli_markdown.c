/* SPDX-License-Identifier: Apache-2.0 */
/* docs/options.md; called by cmd_generate.c. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void cli_markdown_option(const att_option *row)
{
    char letter = option_letter(row->name);
    printf("| `");
    if (letter) printf("-%c, ", letter);
    printf("--%s%s", row->name, row->arg ? " " : "");
    print_cell(row->arg ? row->arg : "");
    printf("` | ");
    if (row->value) {
        putchar('`');
        print_cell(row->value);
        putchar('`');
    }
    printf(" | ");
    print_cell(row->help);
    if (row->choices) {
        printf(" (`");
        print_cell(row->choices);
        printf("`)");
    }
    printf(" |\n");
}

/* Those of one group, or of all but that. */
static void table(const att_option *rows, int count, const char *group, bool of)
{
    const char *last = NULL;
    for (int i = 0; i < count; i++) {
        if ((strcmp(rows[i].group, group) == 0) != of) continue;
        if (!last || strcmp(last, rows[i].group) != 0) {
            if (!of) printf("\n**%s**\n", rows[i].group);
            printf("\n| option | default | what |\n|---|---|---|\n");
        }
        last = rows[i].group;
        cli_markdown_option(&rows[i]);
    }
}

/* A sentence a line. */
static void sentences(const char *text)
{
    while (*text) {
        const int length = (int)strcspn(text, " ");
        const bool over = sentence_ends(text, length);
        printf("%.*s", length, text);
        text += length;
        text += strspn(text, " ");
        if (*text) putchar(over ? '\n' : ' ');
    }
    putchar('\n');
}

void print_markdown(void)
{
    att_option rows[OPTION_ROWS];
    printf("# Commands and options\n"
           "\n"
           "`attunet generate markdown` makes this page from `src/base/options.def`.\n"
           "Write an option as `--name value` or `--name=value`; `--no-name` turns a switch "
           "off.\n"
           "[commands.md](commands.md) says what the commands have in common.\n");
    for (const struct command *const *c = commands; *c; c++) {
        if ((*c)->hidden) continue;
        printf("\n## attunet %s%s%s\n\n", (*c)->name, *(*c)->arguments ? " " : "", (*c)->arguments);
        sentences((*c)->about ? (*c)->about : (*c)->summary);
        table(rows, option_rows((*c)->name, rows), "General", false);
        if (!(*c)->examples) continue;
        printf("\n```\n");
        for (const char *const *e = (*c)->examples; *e; e++) printf("%s\n", *e);
        printf("```\n");
    }
    printf("\n## Options of all commands\n");
    table(rows, option_rows("version", rows), "General", true);
    printf("\n## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (const struct exit_code *x = exit_codes; x->meaning; x++)
        printf("| %d | %s |\n", (int)x->code, x->meaning);
}
