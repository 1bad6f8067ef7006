/* SPDX-License-Identifier: Apache-2.0 */
/* attunet generate WHAT [COMMAND]: files to install, and docs/options.md, from the table of
 * options. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static att_status print_names(struct cli *c)
{
    (void)c;
    for (const struct command *const *k = commands; *k; k++)
        if (!(*k)->hidden) puts((*k)->name);
    return ATT_OK;
}

static att_status manual(struct cli *c)
{
    const struct command *of = c->count > 1 ? command_find(c->arguments[1]) : NULL;
    att_settings *none;
    if (c->count > 1 && !of)
        return cli_check(c, att_settings_create(c->context, c->arguments[1], &none));
    print_manual(of);
    return ATT_OK;
}

static att_status run(struct cli *c)
{
    static const struct {
        const char *what;
        void (*print)(void);
        att_status (*run)(struct cli *c);
    } kinds[] = {{"man", NULL, manual}, {"commands", NULL, print_names}, {"bash", print_bash, NULL},
        {"zsh", print_zsh, NULL}, {"fish", print_fish, NULL}, {"markdown", print_markdown, NULL},
        {"python", print_python, NULL}};
    const char *what = c->arguments[0];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].what, what) != 0) continue;
        if (kinds[i].run) return kinds[i].run(c);
        kinds[i].print();
        return ATT_OK;
    }
    return cli_fail(c, ATT_USAGE,
        "'%s' cannot be generated: choose man, bash, zsh, fish, markdown, python or commands",
        what);
}

static const char *const examples[] = {
    "attunet generate bash > ~/.local/share/bash-completion/completions/attunet",
    "attunet generate man train | man -l -", NULL};

const struct command cmd_generate = {.name = "generate",
    .arguments = "man|bash|zsh|fish|markdown|python|commands [COMMAND]",
    .summary = "manual pages and shell completion, made from the table of options",
    .about = "Prints a manual page (of attunet, or of a command), the completion of a shell, "
             "docs/options.md, types of the Python package, or the names of all commands. An "
             "installed attunet already has "
             "the pages and completions.",
    .examples = examples,
    .min = 1,
    .max = 2,
    .hidden = true,
    .run = run};
