/* SPDX-License-Identifier: Apache-2.0 */
/* attunet pack DATASET -o FOLDER */
#include <stdio.h>

#include "cli/cli.h"

static void print_pack(struct cli *c, const json_t *j)
{
    char stored[WORD], plain[WORD];
    long long cases = json_whole(j, "cases"), kept = json_whole(j, "kept");
    printf("%lld case%s in %s, %s of %s", cases, TEXT_S(cases), c->output,
        word_bytes(json_object_get(j, "bytes"), stored),
        word_bytes(json_object_get(j, "plain_bytes"), plain));
    if (kept) printf("; %lld were already packed", kept);
    printf("\n");
    print_next(j);
}

static att_status run(struct cli *c)
{
    return cli_result(
        c, att_pack(c->context, c->arguments[0], c->output, c->settings, &c->text), print_pack);
}

static const char *const examples[] = {"attunet pack mydata -o packed --time 2h",
    "attunet pack mydata -o packed --spacing 1.5x1.5x1.5 --fold 0",
    "attunet train packed -o run --fold 0 --time 2h", NULL};

const struct command cmd_pack = {.name = "pack",
    .arguments = "DATASET -o FOLDER",
    .summary = "prepare a data set that is larger than memory for training",
    .about = "Writes every training case as the network gets it: normalised, and on the grid of "
             "the network. 'attunet train FOLDER' then reads patches from these files: it needs "
             "memory for patches only, and gives the same bits as with DATASET. The same command "
             "continues an unfinished pack, and updates cases whose files changed. It takes all "
             "options of train, except --fold all, but only those that choose cases or prepare "
             "images have an effect. Give the --time of the later run, because the grid depends "
             "on it. docs/pack.md has the format.",
    .examples = examples,
    .min = 1,
    .max = 1,
    .no_output = "name the output folder",
    .run = run};
