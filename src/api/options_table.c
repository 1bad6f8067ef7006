/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of options.def and the list of commands. */
#include <stddef.h>

#include "api/api.h"

const char *const api_commands[] = {"demo", "info", "plan", "pack", "train", "tune", "resume",
    "predict", "attend", "evaluate", "report", "compare", "convert", "bench", "phantom", "help",
    "version", "generate", NULL};

const char *const api_alternatives[] = {
    "time steps epochs", "fold holdout val-list", "folds holdout", "resize spacing", NULL};

const struct option_row api_options[] = {
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

const int api_option_count = sizeof api_options / sizeof *api_options;
