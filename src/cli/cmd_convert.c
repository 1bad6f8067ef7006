/* SPDX-License-Identifier: Apache-2.0 */
/* attunet convert MODEL -o FILE|FOLDER */
#include "cli/cli.h"

static att_status run(struct cli *c)
{
    const char *output = cli_text(c, "output");
    if (!output)
        return cli_fail(
            c, ATT_USAGE, "a file is missing: attunet convert %s -o FILE", c->arguments[0]);
    return cli_wrote(c, att_convert(c->context, c->arguments[0], output, c->settings), output);
}

static const char *const examples[] = {"attunet convert weights.safetensors --spec \"arch=lee in=3 "
                                       "classes=1 width=64\" -o model.safetensors",
    "attunet convert nnUNetTrainer__nnUNetPlans__3d_fullres -o folds",
    "attunet convert fold_0/checkpoint_final.pth --plans nnUNetTrainer__nnUNetPlans__3d_fullres -o "
    "model.safetensors",
    "attunet convert run --aliases -o for_torch.safetensors",
    "attunet convert coarse-run,fine-run --spec \"arch=hard scale=4 tile=64 halo=16 tiles=8\" -o "
    "hard.safetensors",
    NULL};

const struct command cmd_convert = {.name = "convert",
    .arguments = "MODEL|FOLDER|COARSE,FINE -o FILE",
    .summary = "a model from the weights of another program, and back",
    .about = "MODEL is a model file, a run, or, with --spec or --plans, a safetensors file or an "
             "archive of torch.save (.pth) with weights "
             "under the names that such networks "
             "circulate with. "
             "What FILE holds is a model for the other commands and a state dict for torch. "
             "docs/networks.md lists the networks. FOLDER is "
             "one in which nnU-Net has trained a network, with plans.json: all folds are taken, "
             "FILE is a folder for them, and they predict "
             "together. COARSE,FINE, two "
             "models with a comma between them, become one of hard attention, whose policy is not "
             "trained yet; --part takes one out again.",
    .examples = examples,
    .min = 1,
    .max = 1,
    .run = run};
