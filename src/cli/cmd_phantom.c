/* SPDX-License-Identifier: Apache-2.0 */
/* attunet phantom ultrasound|organs|field|signpost -o FOLDER */
#include "cli/cli.h"

static att_status run(struct cli *c)
{
    return cli_wrote(
        c, att_phantom(c->context, c->arguments[0], c->output, c->settings), c->output);
}

static const char *const examples[] = {"attunet phantom ultrasound -o lesions",
    "attunet phantom organs -o organs --count 20 --seed 7",
    "attunet phantom field -o fields --size 2048x2048", NULL};

const struct command cmd_phantom = {.name = "phantom",
    .arguments = "ultrasound|organs|field|signpost -o FOLDER",
    .summary = "write a built-in data set of synthetic images with known labels",
    .about = "'ultrasound' is 2D PNG, lesions in a speckle image like that of a breast. 'organs' "
             "is 3D NIfTI, two touching organs. 'field' is 2D PNG of 4096x4096, with few lesions "
             "among other shapes of equal brightness. 'signpost' is 2D NIfTI of 96x96, where one "
             "tile shows which tile to compute next (docs/hard.md). FOLDER/images and "
             "FOLDER/labels are for training. FOLDER/unseen has test cases with other sizes, "
             "positions, contrasts or noise.",
    .examples = examples,
    .min = 1,
    .max = 1,
    .no_output = "name a folder",
    .run = run};
