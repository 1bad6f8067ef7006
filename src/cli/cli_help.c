/* SPDX-License-Identifier: Apache-2.0 */
/* Help, from the list of commands and the library's table of options. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

enum { FLAG_WIDTH = 28, LINE = 100 };

static const struct {
    att_status code;
    const char *meaning;
} codes[] = {{ATT_OK, "done"},
             {ATT_FAILED, "an error of attunet itself: please report it"},
             {ATT_USAGE, "unknown command or option, or a value out of range"},
             {ATT_DATA, "an image, label or data set cannot be used as it is"},
             {ATT_MEMORY, "out of memory"},
             {ATT_INTERRUPTED, "stopped by a signal; a training run has saved its state"},
             {ATT_IO, "a file cannot be read or written"},
             {ATT_MODEL, "a model file or network spec cannot be used"}};

void help_all(FILE *to)
{
    fprintf(to, "attunet %s: train Attention U-Nets and run them, in 2D and 3D\n\nusage: attunet COMMAND [ARGUMENTS] [--flag value]\n\n",
            att_version());
    for (const struct command *const *c = commands; *c; c++) fprintf(to, "  %-10s %s\n", (*c)->name, (*c)->summary);
    fprintf(to, "\n'attunet COMMAND --help' lists the options of a command, with examples.\n\nexit codes:\n");
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) fprintf(to, "  %d  %s\n", (int)codes[i].code, codes[i].meaning);
}

/* Breaks text at spaces into lines that begin in column `indent`; the cursor is there already. */
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

static void option(const att_option *row)
{
    char flag[128], text[512];
    bool output = strcmp(row->name, "output") == 0, help = strcmp(row->name, "help") == 0;
    snprintf(flag, sizeof flag, "%s--%s%s%s",
             output ? "-o, "
             : help ? "-h, "
                    : "",
             row->name, row->arg ? " " : "", row->arg ? row->arg : "");
    printf("  %-*s", FLAG_WIDTH, flag);
    if (strlen(flag) >= FLAG_WIDTH) printf("\n  %*s", FLAG_WIDTH, "");
    if (row->value)
        snprintf(text, sizeof text, "%s (default: %s)", row->help, row->value);
    else
        snprintf(text, sizeof text, "%s", row->help);
    wrap(text, FLAG_WIDTH + 2);
}

void help_command(const struct command *c)
{
    att_option row;
    const char *group = "";
    printf("usage: attunet %s%s%s\n\n", c->name, *c->arguments ? " " : "", c->arguments);
    wrap(c->about ? c->about : c->summary, 0);
    for (int i = 0; att_option_row(c->name, i, &row); i++) {
        if (strcmp(group, row.group) != 0) printf("\n%s\n", row.group);
        group = row.group;
        option(&row);
    }
    if (!c->examples) return;
    printf("\nExamples\n");
    for (const char *const *e = c->examples; *e; e++) printf("  %s\n", *e);
}
