/* SPDX-License-Identifier: Apache-2.0 */
/* attunet version */
#include <stdio.h>

#include "cli/cli.h"

static att_status run(struct cli *c)
{
    const bool matrix = att_context_matrix(c->context) != 0;
    if (c->json)
        printf("{\"version\": \"%s\", \"isa\": \"%s\", \"matrix_unit\": %s, \"threads\": %d}\n",
            att_version(), att_context_isa(c->context), matrix ? "true" : "false",
            att_context_threads(c->context));
    else
        printf("attunet %s (%s%s, %d thread%s)\n", att_version(), att_context_isa(c->context),
            matrix ? " and AMX" : "", att_context_threads(c->context),
            TEXT_S(att_context_threads(c->context)));
    return ATT_OK;
}

static const char *const examples[] = {"attunet version", "attunet version --json", NULL};

const struct command cmd_version = {.name = "version",
    .arguments = "",
    .summary = "print the version, and what it uses of this machine",
    .examples = examples,
    .run = run};
