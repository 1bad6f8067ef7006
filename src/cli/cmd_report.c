/* SPDX-License-Identifier: Apache-2.0 */
/* attunet report RUN [-o FILE] */
#include <stdio.h>

#include "cli/cli.h"

static att_status run(struct cli *c)
{
    char usual[4096];
    snprintf(usual, sizeof usual, "%s/report.html", c->arguments[0]);
    return cli_wrote(c, att_report(c->context, c->arguments[0], c->output, c->settings),
        c->output ? c->output : usual);
}

static const char *const examples[] = {"attunet report run",
    "attunet report run -o page.html --failure 0.7",
    "attunet report run --data /new/place/of/mydata", NULL};

const struct command cmd_report = {.name = "report",
    .arguments = "RUN [-o FILE]",
    .summary = "write the HTML page of a run: failures first, scores, pictures, curves, attention",
    .about = "Writes one HTML file that loads nothing else. It shows the settings, the curves, "
             "Dice and surface distances with intervals, predicted against true volumes, the "
             "attention gates, time and memory. Pictures show the worst, the median and the best "
             "cases. 'train' writes this page at its end and when it is stopped. This command "
             "writes it again from the masks in RUN/validation. docs/report.md says how to read "
             "it.",
    .examples = examples,
    .min = 1,
    .max = 1,
    .run = run};
