/* SPDX-License-Identifier: Apache-2.0 */
/* attunet train DATASET -o RUN */
#include <stdio.h>

#include "cli/cli.h"

static att_status run(struct cli *c)
{
    att_status status = cli_done(c, att_train(c->context, c->arguments[0], c->output, c->settings));
    return status == ATT_OK && !c->dry && !att_context_rank(c->context) ? print_run(c, c->output)
                                                                        : status;
}

static const char *const examples[] = {"attunet train mydata -o run --time 30m --fold 0",
    "attunet train Dataset004_Hippocampus -o run --fold 0 --time 15m --patch 32x32x32",
    "attunet train mydata -o plain --spec \"arch=unet\" --loss \"dice(batch=yes)+ce\" --steps 2000",
    "attunet train mydata -o run --train-list train.txt --val-list val.txt --resize 256x256", NULL};

const struct command cmd_train = {.name = "train",
    .arguments = "DATASET -o RUN",
    .summary = "train a network on a folder of images and labels",
    .about = "DATASET is a folder with images/ and labels/. An image and its mask have the same "
             "name. Folders of nnU-Net, Medical Segmentation Decathlon and BIDS, CSV lists, "
             "packed sets and most public data sets work too (docs/data.md). 'attunet info "
             "DATASET' prints how attunet reads it. RUN is the new folder for the model, its "
             "logs, the settings and a checkpoint. Ctrl-C saves and stops; 'attunet resume RUN' "
             "continues.",
    .examples = examples,
    .min = 1,
    .max = 1,
    .no_output = "name a folder for the run",
    .run = run};
