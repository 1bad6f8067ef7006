/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of options.def and the list of commands. */
#include <string.h>

#include "base/options.h"

const char *const option_commands[] = {"demo", "info", "plan", "pack", "train", "tune", "resume",
    "predict", "attend", "evaluate", "report", "compare", "convert", "bench", "phantom", "serve",
    "view", "help", "version", "generate", NULL};

static const char *const alternatives[] = {
    "time steps epochs", "fold holdout val-list", "folds holdout", "resize spacing", NULL};

const struct option_row option_table[] = {
#define WORD(command, id) " " #command
#define OPTION(of, id, ...) OPTION_ROW(of(WORD, ), __VA_ARGS__)
#define OPTION_ROW(of, title, kind, takes, usual, from, to, words, heading, text)                  \
    {.name = title,                                                                                \
        .arg = takes,                                                                              \
        .value = usual,                                                                            \
        .help = text,                                                                              \
        .type = OPTION_##kind,                                                                     \
        .lo = from,                                                                                \
        .hi = to,                                                                                  \
        .choices = words,                                                                          \
        .commands = of,                                                                            \
        .group = heading},
#include "base/options.def"
};

const int option_table_rows = sizeof option_table / sizeof *option_table;

const char *option_base_command(const char *command)
{
    return strcmp(command, "tune") ? NULL : "train";
}

att_status options_init_command(struct options *o, const char *command, struct err *e)
{
    const char *base = option_base_command(command);
    TRY(base ? options_init_over(o, option_table, option_table_rows, command, base, e)
             : options_init(o, option_table, option_table_rows, command, e));
    o->alternatives = alternatives;
    return ATT_OK;
}
