/* SPDX-License-Identifier: Apache-2.0 */
/* attunet convert MODEL -o FILE|FOLDER */
#include "cli/cli.h"

static att_status run(struct cli *c)
{
    return cli_wrote(
        c, att_convert(c->context, c->arguments[0], c->output, c->settings), c->output);
}

static const char *const examples[] = {"attunet convert weights.safetensors --spec \"arch=lee "
                                       "in=3 classes=1 width=64\" -o model.safetensors",
    "attunet convert nnUNetTrainer__nnUNetPlans__3d_fullres -o folds",
    "attunet convert fold_0/checkpoint_final.pth --plans nnUNetTrainer__nnUNetPlans__3d_fullres "
    "-o model.safetensors",
    "attunet convert run --aliases -o for_torch.safetensors", "attunet convert run -o model.onnx",
    "attunet convert coarse-run,fine-run --spec \"arch=hard scale=4 tile=64 halo=16 tiles=8\" "
    "-o hard.safetensors",
    NULL};

const struct command cmd_convert = {.name = "convert",
    .arguments = "MODEL|FOLDER|COARSE,FINE -o FILE",
    .summary = "make a model from weights of another program, or write one for other programs",
    .about = "MODEL is a model file or a run. FILE is then a model for attunet and a state dict "
             "for PyTorch. With the ending .onnx it is a network for other programs. With --spec "
             "or --plans, MODEL is a file of weights: safetensors or .pth (torch.save). FOLDER is "
             "a folder of nnU-Net with plans.json; its folds become models in the folder FILE and "
             "predict together. COARSE,FINE are two models that become one model of hard "
             "attention, with an untrained policy; --part takes one of them out again. "
             "docs/networks.md lists the networks.",
    .examples = examples,
    .min = 1,
    .max = 1,
    .no_output = "name the output file",
    .run = run};
