/* SPDX-License-Identifier: Apache-2.0 */
/* attunet version */
#include <stdio.h>

#include "cli/cli.h"

static void version_devices(struct cli *c, const json_t *result)
{
    const json_t *d, *measured, *list = json_object_get(result, "devices");
    const json_t *note = json_object_get(result, "note");
    char memory[WORD];
    size_t i;
    (void)c;
    if (json_is_string(note)) printf("none: %s\n", json_string_value(note));
    json_array_foreach(list, i, d)
    {
        printf("%-10s %s, %s, %s%s\n", json_word(d, "device"), json_word(d, "name"),
            word_bytes(json_object_get(d, "memory"), memory), json_word(d, "driver"),
            json_yes(d, "usable") ? "" : "; cannot be used: no full profile, or small work-groups");
        measured = json_object_get(d, "measured");
        if (measured)
            printf("%-10s a convolution takes %.3g ms there and %.3g ms on the processor\n", "",
                1e3 * json_decimal(measured, "seconds"),
                1e3 * json_decimal(measured, "seconds_cpu"));
    }
    if (!json_is_string(note) && json_array_size(list) == 0)
        printf("none: OpenCL finds no devices\n");
}

static att_status run(struct cli *c)
{
    if (json_yes(c->config, "devices"))
        return cli_result(c, att_devices(c->context, &c->text), version_devices);
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

static const char *const examples[] = {
    "attunet version", "attunet version --devices", "attunet version --json", NULL};

const struct command cmd_version = {.name = "version",
    .arguments = "",
    .summary = "print the version, and what it uses of this machine",
    .examples = examples,
    .run = run};
