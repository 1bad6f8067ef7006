/* SPDX-License-Identifier: Apache-2.0 */
/* Help texts, from the list of commands and the table of options. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

enum { FLAG_WIDTH = 28, LINE = 100 };

const struct exit_code exit_codes[] = {{ATT_OK, "done"},
    {ATT_FAILED, "an error of attunet itself: please report it"},
    {ATT_USAGE,
        "a wrong command, option or value, or settings that contradict each other; also a "
        "training that diverged, a folder where another process works, or a file that the "
        "command may not replace"},
    {ATT_DATA, "an image, label or data set cannot be used as it is"},
    {ATT_MEMORY, "out of memory, or more memory is needed than --max-memory allows"},
    {ATT_INTERRUPTED,
        "stopped by a signal; a training has saved its state, unless it had not begun"},
    {ATT_IO, "a file cannot be read or written"},
    {ATT_MODEL, "a model file or network spec cannot be used"}, {ATT_OK, NULL}};

void help_all(FILE *to)
{
    fprintf(to,
        "attunet %s: train Attention U-Nets and run them, in 2D and 3D\n"
        "\n"
        "usage: attunet COMMAND [ARGUMENTS] [--flag value]\n"
        "\n",
        att_version());
    for (const struct command *const *c = commands; *c; c++)
        if (!(*c)->hidden) fprintf(to, "  %-10s %s\n", (*c)->name, (*c)->summary);
    fprintf(
        to, "\n'attunet COMMAND --help' shows a command's options and examples.\n\nexit codes:\n");
    for (const struct exit_code *x = exit_codes; x->meaning; x++)
        fprintf(to, "  %d  %s\n", (int)x->code, x->meaning);
}

/* Print text in lines that start at column `indent`; the cursor is already there. */
static void wrap(const char *text, int indent)
{
    int at = indent;
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (at > indent && at + 1 + length > LINE) {
            printf("\n%*s", indent, "");
            at = indent;
        } else if (at > indent) {
            putchar(' ');
            at++;
        }
        printf("%.*s", length, text);
        at += length;
        text += length;
        while (*text == ' ') text++;
    }
    putchar('\n');
}

int option_rows(const char *command, att_option rows[OPTION_ROWS])
{
    att_option row = {.struct_size = sizeof row};
    int count = 0;
    for (int i = 0; count < OPTION_ROWS && att_option_row(command, i, &row); i++) {
        if (row.refused) continue;
        int at = count; /* behind the last of its group */
        while (at > 0 && strcmp(rows[at - 1].group, row.group) != 0) at--;
        if (at == 0) at = count;
        memmove(&rows[at + 1], &rows[at], (size_t)(count++ - at) * sizeof row);
        rows[at] = row;
    }
    return count;
}

char option_letter(const char *name)
{
    static const char *const names[] = {"output", "help", "quiet"};
    for (int i = 0; i < 3; i++)
        if (strcmp(names[i], name) == 0) return name[0];
    return 0;
}

enum option_value option_value(const att_option *row, const char **words)
{
    static const char *const paths[] = {"FILE", "FOLDER", "PATH", "MODEL", "RUN"};
    *words = row->choices;
    if (!row->arg) return VALUE_NONE;
    if (!*words && strcmp(row->arg, "yes|no") == 0) *words = row->arg;
    if (*words) return VALUE_WORDS;
    const char *bar = strrchr(row->arg, '|'), *kind = bar ? bar + 1 : row->arg; /* "yes|no|FILE" */
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (strcmp(kind, paths[i]) == 0) return VALUE_PATH;
    return VALUE_TEXT;
}

/* Whether a sentence names all words of "a|b|c". */
static bool names_all(const char *sentence, const char *words)
{
    for (size_t n; *words; words += n + (words[n] == '|')) {
        char word[64];
        n = strcspn(words, "|");
        snprintf(word, sizeof word, "%.*s", (int)n, words);
        if (!strstr(sentence, word)) return false;
    }
    return true;
}

void option_about(const att_option *row, char *text, size_t size)
{
    const char *words = row->choices && !names_all(row->help, row->choices) ? row->choices : NULL;
    snprintf(text, size, "%s%s%s%s%s%s", row->help, words ? ": " : "", words ? words : "",
        row->value ? " (default: " : "", row->value ? row->value : "", row->value ? ")" : "");
}

static void cli_help_option(const att_option *row)
{
    char flag[128], text[OPTION_ABOUT], letter = option_letter(row->name), before[8] = "";
    if (letter) snprintf(before, sizeof before, "-%c, ", letter);
    snprintf(flag, sizeof flag, "%s--%s%s%s", before, row->name, row->arg ? " " : "",
        row->arg ? row->arg : "");
    printf("  %-*s", FLAG_WIDTH, flag);
    if (strlen(flag) >= FLAG_WIDTH) printf("\n  %*s", FLAG_WIDTH, "");
    option_about(row, text, sizeof text);
    wrap(text, FLAG_WIDTH + 2);
}

void help_command(const struct command *c)
{
    att_option rows[OPTION_ROWS];
    int count = option_rows(c->name, rows);
    printf("usage: attunet %s%s%s\n\n", c->name, *c->arguments ? " " : "", c->arguments);
    wrap(c->about ? c->about : c->summary, 0);
    for (int i = 0; i < count; i++) {
        if (i == 0 || strcmp(rows[i - 1].group, rows[i].group) != 0)
            printf("\n%s\n", rows[i].group);
        cli_help_option(&rows[i]);
    }
    if (!c->examples) return;
    printf("\nExamples\n");
    for (const char *const *e = c->examples; *e; e++) printf("  %s\n", *e);
}
