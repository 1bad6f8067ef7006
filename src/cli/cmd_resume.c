/* SPDX-License-Identifier: Apache-2.0 */
/* attunet resume RUN */
#include "cli/cli.h"

static att_status run(struct cli *c)
{
    att_status status = cli_done(c, att_resume(c->context, c->arguments[0], c->settings));
    return status == ATT_OK && !c->dry && !att_context_rank(c->context)
        ? print_run(c, c->arguments[0])
        : status;
}

static const char *const examples[] = {
    "attunet resume run", "attunet resume run --steps +1000", NULL};

const struct command cmd_resume = {
    .name = "resume",
    .arguments = "RUN",
    .summary = "continue a stopped run, or extend a finished one",
    .about = "Continues from the checkpoint of the run; the result has the same bits as an "
             "uninterrupted run. If you trained the folds one by one into RUN/fold_K, it joins "
             "them when all are finished.",
    .examples = examples,
    .min = 1,
    .max = 1,
    .run = run,
};
