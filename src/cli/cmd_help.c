/* SPDX-License-Identifier: Apache-2.0 */
/* attunet help [COMMAND] */
#include <stdio.h>

#include "cli/cli.h"

static att_status run(struct cli *c)
{
    if (c->count == 0) {
        help_all(stdout);
        return ATT_OK;
    }
    const struct command *command = command_find(c->arguments[0]);
    if (!command) { /* the library suggests the nearest name */
        att_settings *none;
        return cli_check(c, att_settings_create(c->context, c->arguments[0], &none));
    }
    help_command(command);
    return ATT_OK;
}

static const char *const examples[] = {"attunet help", "attunet help train", NULL};

const struct command cmd_help = {.name = "help",
    .arguments = "[COMMAND]",
    .summary = "list the commands",
    .examples = examples,
    .max = 1,
    .run = run};
