/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of options: a row feeds the flag of the command line, the key of configuration
 * files and --help. A row without a default either needs to be given, or its value is chosen from
 * the data; its help says so. */
#include <stddef.h>

#include "api/api.h"

const char *const api_commands[] = {"demo", "info", "plan", "pack", "train", "tune", "resume",
    "predict", "attend", "evaluate", "report", "compare", "convert", "bench", "phantom", "help",
    "version", "generate", NULL};

const char *const api_alternatives[] = {
    "time steps epochs", "fold holdout val-list", "folds holdout", "resize spacing", NULL};

const struct option_row api_options[] = {
    /* ---- what goes where */
    {"output", "RUN", NULL, "the new folder of this run: model, logs, settings, checkpoint",
        OPTION_TEXT, .commands = "train", .group = "Files"},
    {"output", "FILE", NULL, "write the plan to this file", OPTION_TEXT, .commands = "plan",
        .group = "Files"},
    {"show-augmentation", NULL, NULL,
        "also draw how patches of five cases would be changed, beside the plan; alone, when "
        "--output is a .png file",
        OPTION_BOOL, .commands = "plan", .group = "Files"},
    {"plan", "FILE", NULL,
        "follow this plan (of 'attunet plan', edited or not) or the settings.json of another run; "
        "flags win over it",
        OPTION_TEXT, .commands = "train plan pack", .group = "Files"},
    {"output", "FOLDER", NULL, "where the packed set goes; begun before, it goes on", OPTION_TEXT,
        .commands = "pack", .group = "Files"},
    {"compression", "N", "3", "how hard to pack, a level of zstd from 1 to 19; 0: not at all",
        OPTION_INT, 0, 19, NULL, "pack", "Files"},
    {"output", "FOLDER", NULL, "where the results go", OPTION_TEXT, .commands = "predict phantom",
        .group = "Files"},
    {"output", "FOLDER", NULL,
        "where everything goes (default: attunet-demo, or the next free name)", OPTION_TEXT,
        .commands = "demo", .group = "Files"},

    /* ---- train: which cases */
    {"fold", "K|all", NULL,
        "validate on fold K, from 0: of the CSV's column fold or splits_final.json, else of "
        "scikit-learn's GroupKFold(5) where there are "
        "groups, else of its KFold(5, shuffle, 12345); all: train every fold, one after another, "
        "each for the whole --time (default: all "
        "cases "
        "train)",
        OPTION_TEXT, .commands = "train plan", .group = "Cases"},
    {"fold", "K", NULL,
        "pack the cases that train when fold K validates, from 0, as train cuts it (default: all "
        "cases)",
        OPTION_TEXT, .commands = "pack", .group = "Cases"},
    {"fold", "K", NULL,
        "set aside fold K, from 0, as train cuts it: the best run is measured on it (default: 0)",
        OPTION_TEXT, .commands = "tune", .group = "Cases"},
    {"folds", "K|groups", NULL,
        "cut so many folds, whatever a column fold or splits_final.json says; groups: one for each "
        "group, which it validates on (default: 5)",
        OPTION_TEXT, .commands = "train plan pack info tune", .group = "Cases"},
    {"holdout", "SHARE", NULL,
        "validate on this share of the cases, such as 0.2, or of the groups where there are some",
        OPTION_REAL, 0.001, 0.999, NULL, "train plan pack info tune", "Cases"},
    {"stratify", NULL, NULL,
        "cut folds that have their share of every set of classes that cases show; groups stay "
        "whole",
        OPTION_BOOL, .commands = "train plan pack info tune", .group = "Cases"},
    {"train-list", "FILE", NULL,
        "train on the cases named in this file, one a line; with --fold: cut the folds from them "
        "alone",
        OPTION_TEXT, .commands = "train plan pack tune", .group = "Cases"},
    {"val-list", "FILE", NULL,
        "validate on the cases named in this file; without --train-list all others train",
        OPTION_TEXT, .commands = "train plan pack tune", .group = "Cases"},

    /* ---- train: how long */
    {"time", "TIME", NULL,
        "train for about this long (15m, 2h): fixes the number of steps from the time of the first "
        "ones (default: 15m)",
        OPTION_TIME, 1, 1e8, NULL, "train plan pack", "Length"},
    {"steps", "N", NULL, "train for this many steps", OPTION_INT, 1, 1e9, NULL, "train plan pack",
        "Length"},
    {"epochs", "N", NULL, "train for this many passes over the cases", OPTION_INT, 1, 1e7, NULL,
        "train plan pack", "Length"},
    {"steps", "+N", NULL,
        "train for N steps more than the run was to have (with the plus sign); the learning rate "
        "goes over to the new length without a jump",
        OPTION_INT, 1, 1e9, NULL, "resume", "Length"},
    {"time", "TIME", NULL,
        "train for about this long from now on, whether the run is finished or not", OPTION_TIME, 1,
        1e8, NULL, "resume", "Length"},
    {"data", "PATH", NULL, "where the data set is now, if it was moved", OPTION_TEXT,
        .commands = "resume", .group = "Files"},
    {"max-memory", "SIZE", NULL,
        "another limit on the whole process from now on, such as 2GiB: the same bits", OPTION_BYTES,
        .commands = "resume", .group = "Engine"},
    {"validate-every", "N", NULL,
        "steps between two validations on whole cases (default: five times a run, at least 100 "
        "steps apart; 0: only at its end)",
        OPTION_INT, 0, 1e9, NULL, "train plan pack", "Length"},
    {"checkpoint-every", "TIME", "5m", "time between two checkpoints", OPTION_TIME, 1, 1e7, NULL,
        "train plan pack", "Length"},
    {"snapshots", "N", "0",
        "keep so many models of the way in RUN/snapshots: that of the beginning, and more and more "
        "rarely up to the end; 'attunet attend' "
        "shows "
        "how their maps grow",
        OPTION_INT, 0, 100, NULL, "train plan pack", "Length"},
    {"seed", "N", "1", "random numbers of this run; the same seed gives the same bits", OPTION_INT,
        0, 9e15, NULL, "train plan pack tune", "Length"},

    /* ---- train: the network */
    {"spec", "TEXT", NULL,
        "the network, such as \"arch=attunet widths=16,32,64,128\" (default: an Attention U-Net "
        "chosen from the data)",
        OPTION_TEXT, .commands = "train plan pack", .group = "Network"},

    {"init", "MODEL", NULL,
        "begin with this model's weights (a file or a run), taken by name; network and preparation "
        "are the model's, and a head for another "
        "number of classes, or for regions in the place of classes, is new",
        OPTION_TEXT, .commands = "train plan pack", .group = "Network"},
    {"freeze", "NAMES", NULL,
        "parts that keep their weights: encoder, or beginnings of parameters' names, separated by "
        "commas",
        OPTION_TEXT, .commands = "train plan pack", .group = "Network"},

    /* ---- train: from images to patches */
    {"patch", "DxHxW", NULL, "size of a training patch (default: chosen from the data)",
        OPTION_TEXT, .commands = "train plan pack", .group = "Patches"},
    {"batch", "N", NULL, "patches per step (default: chosen from the data)", OPTION_INT, 1, 4096,
        NULL, "train plan pack", "Patches"},
    {"max-memory", "SIZE", NULL,
        "keep the whole process within so much memory, such as 2GiB, by computing maps again in "
        "the backward pass: the same bits, more time",
        OPTION_BYTES, .commands = "train plan", .group = "Patches"},
    {"max-memory", "SIZE", NULL,
        "keep the whole process within so much memory, such as 2GiB; the packed set is the same",
        OPTION_BYTES, .commands = "pack", .group = "Patches"},
    {"storage", "TYPE", "f32",
        "how maps and their gradients are kept while training: bf16 halves their memory and rounds "
        "them, sums and weights stay f32",
        OPTION_CHOICE, .choices = "f32|bf16", .commands = "train plan pack", .group = "Patches"},
    {"micro-batch", "N", NULL,
        "compute a batch in passes of N patches and add their gradients: less memory, but batch "
        "norm and losses over a batch see N patches at "
        "a "
        "time",
        OPTION_INT, 1, 4096, NULL, "train plan pack", "Patches"},
    {"resize", "[Dx]HxW", NULL,
        "bring every image, or every slice, to this size first; none: images keep their grid "
        "(default: chosen from the data)",
        OPTION_TEXT, .commands = "train plan pack", .group = "Patches"},
    {"spacing", "DxHxW", NULL,
        "bring every image to voxels of this size in mm first, such as 3x0.75x0.75; 0 keeps an "
        "axis, none all of them (default: chosen from "
        "the data)",
        OPTION_TEXT, .commands = "train plan pack", .group = "Patches"},
    {"voxel-size", "DxHxW", NULL,
        "mm that voxels of all files have, whatever their headers say, such as 3x0.75x0.75, of "
        "planes 0.1x0.1; files are never changed",
        OPTION_TEXT, .commands = "train plan pack info predict evaluate attend", .group = "Voxels"},
    {"orientation", "AXES", NULL,
        "turn volumes to these axes when they are read, such as LPS (where x, y and z run to, as "
        "nibabel names them); none: they stay as they "
        "are stored (default: as most of the set is stored); the model remembers it, and masks lie "
        "as their images' files do",
        OPTION_TEXT, .commands = "train plan pack", .group = "Voxels"},
    {"orientation", "AXES", NULL,
        "turn volumes to these axes, such as LPS, and their masks back; none: headers are not "
        "believed, and volumes stay as they are stored "
        "(default: to those that the model learnt from)",
        OPTION_TEXT, .commands = "predict", .group = "Voxels"},
    {"shrink", "DxHxW", NULL,
        "average blocks of so many voxels after that, 2 (along every axis) or 1x4x4: images then "
        "keep their grid otherwise, unless --resize "
        "or "
        "--spacing is given (default: none)",
        OPTION_TEXT, .commands = "train plan pack", .group = "Patches"},
    {"normalise", "HOW", "auto",
        "intensities: zscore, ct, minmax01, rgb or none, for all channels or one for each "
        "(ct,zscore); auto chooses by the channels' names",
        OPTION_TEXT, .commands = "train plan pack", .group = "Patches"},
    {"intensities", "A,B,MEAN,STD", "auto",
        "of channels that are normalised as ct: they are cut to A and B, then less MEAN over STD; "
        "one for all or one for each, with ';' "
        "between; auto: percentiles 0.5 and 99.5 of the foreground of the cases that train, its "
        "mean and deviation",
        OPTION_TEXT, .commands = "train plan pack", .group = "Patches"},
    {"nonzero", "yes|no", NULL,
        "cut images to the box around what is not zero; zscore takes its statistics inside, the "
        "rest stays zero, and outside of the box masks "
        "are background (default: yes when that box is below 75 % of the median image)",
        OPTION_BOOL, .commands = "train plan pack", .group = "Patches"},
    {"foreground", "SHARE", "0.33",
        "share of patches that are centred on a voxel of a foreground class", OPTION_REAL, 0, 1,
        NULL, "train plan pack", "Patches"},

    /* ---- train: how patches are changed (docs/augmentation.md); defaults are light's, then full's
     */
    {"augment", "HOW", "light",
        "how strongly patches are changed at random: none, light (for short runs) or full "
        "(nnU-Net's); the flags below win, P is a share of "
        "patches",
        OPTION_CHOICE, .choices = "none|light|full", .commands = "train plan pack",
        .group = "Augmentation"},
    {"mirror", "AXES", NULL,
        "mirror patches along each axis, half of the time, or along these of d, h and w alone "
        "(default: yes; no with --augment none; where "
        "classes are called left and right, all but the axis between them)",
        OPTION_CHOICE, .choices = "yes|no|w|h|hw|d|dw|dh", .commands = "train plan pack",
        .group = "Augmentation"},
    {"rotate", "DEGREES", NULL,
        "turn patches by up to this angle; 0: never (default: 20; full 30, in a plane 180, oblong "
        "images 15)",
        OPTION_REAL, 0, 180, NULL, "train plan pack", "Augmentation"},
    {"rotate-probability", "P", NULL, "share of patches that are turned (default: 0.5; full 0.2)",
        OPTION_REAL, 0, 1, NULL, "train plan pack", "Augmentation"},
    {"scale", "SHARE", NULL,
        "scale patches by up to this much more or less; 0: never (default: 0.25; full 0.4)",
        OPTION_REAL, 0, 4, NULL, "train plan pack", "Augmentation"},
    {"scale-probability", "P", NULL, "share of patches that are scaled (default: 0.5; full 0.2)",
        OPTION_REAL, 0, 1, NULL, "train plan pack", "Augmentation"},
    {"scale-axes", "P", NULL,
        "share of the scaled patches whose axes have a factor each (default: 0)", OPTION_REAL, 0, 1,
        NULL, "train plan pack", "Augmentation"},
    {"elastic", "P", NULL, "share of patches that are bent smoothly (default: 0)", OPTION_REAL, 0,
        1, NULL, "train plan pack", "Augmentation"},
    {"intensity", "yes|no", "yes", "no: the flags from --jitter to --gamma do nothing", OPTION_BOOL,
        .commands = "train plan pack", .group = "Augmentation"},
    {"jitter", "P", NULL,
        "gain of 0.8..1.25, offset of deviation 0.1 and noise of up to 0.1, all at once (default: "
        "1; full 0)",
        OPTION_REAL, 0, 1, NULL, "train plan pack", "Augmentation"},
    {"noise", "P", NULL, "noise of a deviation up to 0.1 (default: 0; full 0.1)", OPTION_REAL, 0, 1,
        NULL, "train plan pack", "Augmentation"},
    {"blur", "P", NULL,
        "Gaussian blur of 0.5..1 voxels, half of the channels (default: 0; full 0.2)", OPTION_REAL,
        0, 1, NULL, "train plan pack", "Augmentation"},
    {"brightness", "P", NULL, "times 0.75..1.25 (default: 0; full 0.15)", OPTION_REAL, 0, 1, NULL,
        "train plan pack", "Augmentation"},
    {"contrast", "P", NULL, "away from or towards the mean, by 0.75..1.25 (default: 0; full 0.15)",
        OPTION_REAL, 0, 1, NULL, "train plan pack", "Augmentation"},
    {"low-resolution", "P", NULL,
        "as if taken at 0.5..1 of the resolution, half of the channels (default: 0; full 0.25)",
        OPTION_REAL, 0, 1, NULL, "train plan pack", "Augmentation"},
    {"gamma", "P", NULL,
        "to the power of 0.7..1.5, mean and deviation kept; with a third of it the inverted image "
        "(default: 0; full 0.3)",
        OPTION_REAL, 0, 1, NULL, "train plan pack", "Augmentation"},
    {"cutout", "P", NULL,
        "one to three boxes become the mean, each 0.1..0.4 of the sides (default: 0)", OPTION_REAL,
        0, 1, NULL, "train plan pack", "Augmentation"},

    /* ---- train: what is minimised, and how */
    {"loss", "TEXT", "dice+ce",
        "a sum of ce, dice, tversky, focal-tversky, gdice, focal, topk, boundary and cldice, with "
        "weights and settings: "
        "\"0.5*tversky(alpha=.3,beta=.7)+ce\"; docs/losses.md has the settings of each",
        OPTION_TEXT, .commands = "train plan pack", .group = "Optimiser"},
    {"class-weights", "A,B,C", NULL,
        "weight of every class in ce, focal and topk, the background first (default: all 1)",
        OPTION_TEXT, .commands = "train plan pack", .group = "Optimiser"},
    {"optimiser", "NAME", "adamw", "adamw, or sgd with Nesterov momentum", OPTION_CHOICE,
        .choices = "adamw|sgd", .commands = "train plan pack", .group = "Optimiser"},
    {"lr", "X", NULL, "learning rate at its highest (default: adamw 0.002, sgd 0.01)", OPTION_REAL,
        0, 100, NULL, "train plan pack", "Optimiser"},
    {"momentum", "X", "0.99", "momentum of sgd", OPTION_REAL, 0, 0.99999, NULL, "train plan pack",
        "Optimiser"},
    {"weight-decay", "X", NULL, "weight decay (default: adamw 0.01, sgd 0.00003)", OPTION_REAL, 0,
        100, NULL, "train plan pack", "Optimiser"},
    {"schedule", "NAME", "poly", "learning rate over the run: poly (power 0.9), cosine or constant",
        OPTION_CHOICE, .choices = "poly|cosine|constant", .commands = "train plan pack",
        .group = "Optimiser"},
    {"warmup", "N", NULL,
        "steps over which the learning rate rises from 0 (default: 50, or a twentieth of a short "
        "run)",
        OPTION_INT, 0, 1e9, NULL, "train plan pack", "Optimiser"},
    {"clip", "NORM", "12", "gradients are scaled down to this norm; 0: never", OPTION_REAL, 0, 1e9,
        NULL, "train plan pack", "Optimiser"},
    {"ema", "DECAY", "0",
        "validate with, and write, an average of the weights over the last 1/(1 - DECAY) steps or "
        "so; 0: none",
        OPTION_REAL, 0, 0.999999, NULL, "train plan pack", "Optimiser"},

    /* ---- tune (docs/tuning.md) */
    {"output", "OUT", NULL,
        "the folder of the search: its journal, its trials, OUT/best, the report; begun before, it "
        "goes on",
        OPTION_TEXT, .commands = "tune", .group = "Search"},
    {"budget", "TIME", NULL, "how long all of it may take, the last run included", OPTION_TIME, 10,
        1e8, NULL, "tune", "Search"},
    {"space", "FILE", NULL,
        "what is searched, as JSON; flags win over it.  As flags: any option of train as "
        "LOW..HIGH, LOW..HIGH:log or A,B,C, and so the words "
        "of "
        "--spec, with A|B (default: learning rate, loss, weight decay, augmentation and the gates' "
        "settings)",
        OPTION_TEXT, .commands = "tune", .group = "Search"},
    {"repeat", "N", NULL,
        "no search: train every combination of the values N times, equally long, and test each "
        "against the first over cases; --loss all names "
        "every loss",
        OPTION_INT, 1, 100, NULL, "tune", "Search"},
    {"trials", "N", NULL, "try so many settings at most", OPTION_INT, 1, 1e5, NULL, "tune",
        "Search"},
    {"rung", "TIME", NULL,
        "how long a trial trains before it is compared for the first time; with --repeat how long "
        "a run trains (default: a 40th of the "
        "search's time, from 10s to 2m)",
        OPTION_TIME, 1, 1e7, NULL, "tune", "Search"},
    {"rung-steps", "N", NULL,
        "the same in steps, in place of --budget: with --trials, a search that can be repeated bit "
        "for bit",
        OPTION_INT, 1, 1e9, NULL, "tune", "Search"},
    {"rungs", "N", NULL,
        "how often a trial can be compared; 1: every trial trains equally long (default: 3 of "
        "steps; as many as a quarter of "
        "the search's time allows)",
        OPTION_INT, 1, 8, NULL, "tune", "Search"},
    {"eta", "N", "3", "from rung to rung the best N-th goes on, to N times the length", OPTION_INT,
        2, 10, NULL, "tune", "Search"},
    {"proposals", "NAME", "tpe",
        "how settings are proposed after the first ten: by a tree-structured Parzen estimator, or "
        "at random",
        OPTION_CHOICE, .choices = "tpe|random", .commands = "tune", .group = "Search"},
    {"final", "SHARE", "0.3", "of the budget for the last run, on all cases that train",
        OPTION_REAL, 0.05, 0.9, NULL, "tune", "Search"},
    {"final-steps", "N", NULL,
        "with --rung-steps: how long the last run is (default: eta times the last rung)",
        OPTION_INT, 1, 1e9, NULL, "tune", "Search"},

    /* ---- train: hard attention (docs/hard.md) */
    {"shares", "C,F,P,J", "35,35,10,20",
        "of arch=hard: how --time is shared among the coarse net, the fine net, the policy alone, "
        "and all three jointly",
        OPTION_TEXT, .commands = "train plan pack", .group = "Hard attention"},
    {"coarse-steps", "N", NULL,
        "steps of the coarse net (default: as many as fit into its share of --time; with --steps "
        "or --epochs those of the fine net)",
        OPTION_INT, 1, 1e9, NULL, "train plan pack", "Hard attention"},
    {"policy-steps", "N", NULL,
        "steps of the policy alone (default: as many as fit into its share of --time; with --steps "
        "or --epochs twice the fine net's)",
        OPTION_INT, 1, 1e9, NULL, "train plan pack", "Hard attention"},
    {"joint-steps", "N", NULL,
        "steps of all three jointly (default: as many as fit into their share of --time; with "
        "--steps or --epochs half the fine net's)",
        OPTION_INT, 1, 1e9, NULL, "train plan pack", "Hard attention"},
    {"policy-samples", "N", "16",
        "choices of tiles that are drawn in an image at every step (jointly 2 to 4, whose tiles "
        "are computed)",
        OPTION_INT, 1, 1024, NULL, "train plan pack", "Hard attention"},
    {"policy-batch", "N", "8", "images in a step of the policy alone", OPTION_INT, 1, 1024, NULL,
        "train plan pack", "Hard attention"},
    {"policy-views", "N", "8",
        "mirror images and cut-outs of every case that the policy learns from, as far as memory "
        "and its share of the time allow",
        OPTION_INT, 1, 4096, NULL, "train plan pack", "Hard attention"},
    {"policy-baseline", "NAME", "local",
        "how a choice's reward tells which tiles were good: by what each changes alone (local; loo "
        "for arch=glimpse and in the joint "
        "stage), or less a baseline: nothing (raw), the reward of the likeliest choice (greedy), "
        "the mean of the other samples (loo), or a "
        "value that the policy learns (learned)",
        OPTION_CHOICE, .choices = "local|raw|greedy|loo|learned", .commands = "train plan pack",
        .group = "Hard attention"},
    {"policy-entropy", "X", "0.001",
        "weight of the choices' entropy, divided by the most tiles they may have, in what the "
        "policy maximises; it falls to a tenth of this "
        "in the policy's own stage",
        OPTION_REAL, 0, 1e6, NULL, "train plan pack", "Hard attention"},
    {"policy-cost", "X", "0",
        "what looking at all tiles costs, in Dice: the reward is Dice less this times the share of "
        "tiles looked at",
        OPTION_REAL, 0, 1e6, NULL, "train plan pack", "Hard attention"},
    {"policy-lr", "X", "0.003", "learning rate of the policy at its highest", OPTION_REAL, 0, 100,
        NULL, "train plan pack", "Hard attention"},
    {"joint-rate", "X", "0.1",
        "learning rate of the nets in the joint stage, as a share of --lr; the policy has a tenth "
        "of that share of --policy-lr",
        OPTION_REAL, 0, 10, NULL, "train plan pack", "Hard attention"},

    /* ---- predict */
    {"attention", NULL, NULL,
        "also write the attention maps: CASE_attention_GATE on the image's grid, "
        "CASE_attention_GATE_own on the gate's own coarser one (PNG: "
        "0 to 65535 stand for 0 to 1); a network without gates has none and is refused",
        OPTION_BOOL, .commands = "predict", .group = "Results"},
    {"probabilities", NULL, NULL, "also write the probability of every class", OPTION_BOOL,
        .commands = "predict", .group = "Results"},
    {"overlay", NULL, NULL, "also write PNG pictures with the mask drawn over the image",
        OPTION_BOOL, .commands = "predict", .group = "Results"},
    {"truth", "FOLDER", NULL,
        "with --overlay: outline in white what the true masks in this folder say", OPTION_TEXT,
        .commands = "predict", .group = "Results"},
    {"postprocess", "yes|no|FILE", "yes",
        "take away from the masks what the model's post-processing says, such as all but the "
        "largest component, or what a FILE of "
        "'evaluate --choose-postprocess' says",
        OPTION_TEXT, .commands = "predict", .group = "Results"},
    {"window", "DxHxW", NULL, "size of the sliding window (default: the model's patch)",
        OPTION_TEXT, .commands = "predict attend", .group = "Window"},
    {"overlap", "SHARE", "0.5", "how much neighbouring windows overlap", OPTION_REAL, 0, 0.9, NULL,
        "predict attend", "Window"},
    {"mirror", NULL, NULL,
        "average over every window's mirror images, too: 4 times the work in 2D, 8 times in 3D",
        OPTION_BOOL, .commands = "predict", .group = "Window"},
    {"max-memory", "SIZE", NULL,
        "keep the whole process within this, such as 2GiB: labels stay the same, bit for bit; "
        "where logits in flight are too many, the image "
        "is cut and windows at the cuts are computed twice",
        OPTION_BYTES, .commands = "predict", .group = "Engine"},
    {"tiles", "K", NULL,
        "of a model of hard attention: look at so many tiles; 0: only the coarse network (default: "
        "as it was trained)",
        OPTION_INT, 0, 1e9, NULL, "predict", "Tiles"},
    {"cost", "LAMBDA", NULL,
        "of a model of hard attention: look at every tile that promises at least LAMBDA times as "
        "much Dice as the image's tiles in the mean; "
        "with --tiles, at most K",
        OPTION_REAL, 0, 1e9, NULL, "predict", "Tiles"},
    {"share", "S", NULL,
        "of a model of hard attention: look at as many tiles as keep an image's multiply-adds "
        "within S times those of a dense prediction, "
        "such as "
        "0.25; with --tiles, at most K",
        OPTION_REAL, 1e-6, 1e3, NULL, "predict", "Tiles"},

    /* ---- attend */
    {"output", "FOLDER", NULL,
        "also write attention.json and attention.csv there, and attention.png of a run with "
        "snapshots",
        OPTION_TEXT, .commands = "attend", .group = "Files"},
    {"blank", "SHARE", "0.1",
        "the share of an image that is blanked to see what becomes of the Dice; 0: nothing is",
        OPTION_REAL, 0, 0.9, NULL, "attend", "Controls"},
    {"seed", "N", "1", "of the random weights, and of what is blanked elsewhere", OPTION_INT, 0,
        9e15, NULL, "attend", "Controls"},
    {"conv", "NAME", "auto", "use this implementation of convolutions wherever it fits",
        OPTION_CHOICE, .choices = "auto|ref|direct|winograd", .commands = "attend",
        .group = "Engine"},

    /* ---- evaluate */
    {"metrics", "LIST", NULL,
        "which of dice,iou,precision,recall,hd95,assd,nsd,volume (default: all)", OPTION_TEXT,
        .commands = "evaluate", .group = "Metrics"},
    {"tolerance", "MM", "1",
        "of NSD, the surface Dice: parts of surfaces up to so far apart agree; um for voxels below "
        "0.01 mm, pixels where files have no "
        "spacing",
        OPTION_REAL, 0, 1e6, NULL, "evaluate", "Metrics"},
    {"cases", "FILE", NULL, "only the cases named in this text file, one a line", OPTION_TEXT,
        .commands = "evaluate attend", .group = "Cases"},
    {"only-with-foreground", NULL, NULL, "leave out cases whose label is background alone",
        OPTION_BOOL, .commands = "evaluate", .group = "Cases"},
    {"choose-postprocess", "FILE", NULL,
        "find out whether keeping the largest component, or dropping small ones, raises Dice on "
        "these cases (those of all folds, which no "
        "network has trained on); write what helps",
        OPTION_TEXT, .commands = "evaluate", .group = "Files"},
    {"report", "FILE", NULL,
        "also write a page of HTML to look at: failures first, scores with intervals, volumes, "
        "pictures",
        OPTION_TEXT, .commands = "evaluate", .group = "Files"},
    {"output", "FILE", NULL, "the page to write (default: RUN/report.html)", OPTION_TEXT,
        .commands = "report", .group = "Files"},
    {"data", "PATH", NULL, "where the data set is now, if it was moved", OPTION_TEXT,
        .commands = "report", .group = "Files"},
    {"failure", "DICE", "0.5",
        "of a report: cases with a class whose Dice is below are listed first", OPTION_REAL, 0, 1,
        NULL, "report evaluate", "Report"},
    {"summary", "FILE", NULL, "also write nnU-Net's summary.json", OPTION_TEXT,
        .commands = "evaluate", .group = "Files"},
    {"policies", NULL, NULL,
        "of a run of hard attention and a labelled data set: its policy against other choices of "
        "as many tiles, the coarse network alone, and "
        "all tiles",
        OPTION_BOOL, .commands = "evaluate", .group = "Policies"},
    {"tiles", "K,K,...", NULL,
        "with --policies: these numbers of tiles (default: 1, 2, 4, ... and the model's own)",
        OPTION_TEXT, .commands = "evaluate", .group = "Policies"},
    {"data", "PATH", NULL,
        "with --policies: where the data set that the run was trained on is now, if it was moved "
        "(for the location prior)",
        OPTION_TEXT, .commands = "evaluate", .group = "Policies"},
    {"output", "FOLDER", NULL,
        "with --policies: write policies.json, policies.csv and policies.svg there", OPTION_TEXT,
        .commands = "evaluate", .group = "Policies"},
    {"conv", "NAME", "auto",
        "with --policies: use this implementation of convolutions wherever it fits", OPTION_CHOICE,
        .choices = "auto|ref|direct|winograd", .commands = "evaluate", .group = "Policies"},
    {"seed", "N", "1", "with --policies: of random choices", OPTION_INT, 0, 9e15, NULL, "evaluate",
        "Policies"},
    {"ignore", "VALUE", NULL,
        "voxels with this value in the labels do not count (default: what dataset.json, the run's "
        "model or the data set calls ignore)",
        OPTION_INT, 0, 65535, NULL, "evaluate", "Labels"},

    /* ---- compare */
    {"metric", "NAME", "dice", "what is compared", OPTION_CHOICE,
        .choices = "dice|iou|precision|recall|hd95|assd|nsd", .commands = "compare",
        .group = "Comparison"},
    {"class", "NAME", NULL,
        "of this class, by its name or its value in files (default: the mean over classes)",
        OPTION_TEXT, .commands = "compare", .group = "Comparison"},
    {"groups", "DATASET", NULL,
        "test and interval count groups of this data set (groups.csv, patients) instead of their "
        "cases, which are not independent",
        OPTION_TEXT, .commands = "compare", .group = "Comparison"},
    {"test", "NAME", "wilcoxon", "signed ranks, or the mean under random signs", OPTION_CHOICE,
        .choices = "wilcoxon|permutation", .commands = "compare", .group = "Comparison"},
    {"markdown", NULL, NULL, "the table in Markdown", OPTION_BOOL, .commands = "compare",
        .group = "Results"},

    /* ---- info */
    {"quick", NULL, NULL, "of a data set: read headers only", OPTION_BOOL, .commands = "info",
        .group = "Data set"},
    {"fix", "FOLDER", NULL,
        "of a data set: write a copy in which what can safely be mended is: headers of labels less "
        "than half a voxel off, masks of 0 and 255, "
        "several masks of one image; a groups.csv holds together what looks alike",
        OPTION_TEXT, .commands = "info", .group = "Data set"},
    {"groups-out", "FILE", NULL,
        "of a data set: write a groups.csv that holds together what looks alike, for the data "
        "set's folder",
        OPTION_TEXT, .commands = "info", .group = "Data set"},
    {"shape", "DxHxW", NULL,
        "of a model: list the layers, multiply-adds and memory for an input of this size",
        OPTION_TEXT, .commands = "info", .group = "Model"},

    /* ---- convert */
    {"output", "FILE", NULL, "the model file to write; of nnU-Net's folds the folder for them",
        OPTION_TEXT, .commands = "convert", .group = "Files"},
    {"aliases", NULL, NULL,
        "write every parameter under all names that a strict reader looks for (nnU-Net's doubled "
        "ones)",
        OPTION_BOOL, .commands = "convert", .group = "Files"},
    {"spec", "TEXT", NULL,
        "the network that bare weights belong to, such as \"arch=lee in=3 classes=1 width=64\"; of "
        "two models: how they are joined",
        OPTION_TEXT, .commands = "convert", .group = "Bare weights"},
    {"part", "NAME", NULL, "of a model of hard attention: only its coarse or its fine network",
        OPTION_CHOICE, .choices = "coarse|fine", .commands = "convert", .group = "Files"},
    {"plans", "FILE", NULL,
        "nnU-Net's plans.json, or its folder, with dataset.json beside it: they say of nnU-Net's "
        "checkpoint what network they belong to, how "
        "images come to it and what the labels are",
        OPTION_TEXT, .commands = "convert", .group = "Bare weights"},
    {"configuration", "NAME", NULL,
        "of --plans: 2d, 3d_fullres, ... (default: the one that its folder is named after)",
        OPTION_TEXT, .commands = "convert", .group = "Bare weights"},
    {"prefix", "TEXT", NULL, "take the tensors whose names begin so, and leave that out",
        OPTION_TEXT, .commands = "convert", .group = "Bare weights"},
    {"normalise", "HOW", "zscore",
        "intensities as the network was trained on: zscore, ct (with --intensities), minmax01, rgb "
        "or none",
        OPTION_CHOICE, .choices = "zscore|ct|minmax01|rgb|none", .commands = "convert",
        .group = "Bare weights"},
    {"intensities", "A,B,MEAN,STD", NULL,
        "for --normalise ct: percentiles 0.5 and 99.5 of the foreground that the network was "
        "trained on, its mean and deviation",
        OPTION_TEXT, .commands = "convert", .group = "Bare weights"},
    {"spacing", "DxHxW", NULL,
        "mm of the voxels that the network was trained on, to which images are brought; 0 keeps an "
        "axis",
        OPTION_TEXT, .commands = "convert", .group = "Bare weights"},
    {"patch", "DxHxW", NULL, "window of prediction (default: 256x256, in 3D 96x96x96)", OPTION_TEXT,
        .commands = "convert", .group = "Bare weights"},
    {"labels", "A,B,C", NULL, "names of the classes, the background first", OPTION_TEXT,
        .commands = "convert", .group = "Bare weights"},

    /* ---- bench */
    {"spec", "TEXT", "arch=lee in=1 classes=1 width=64 gates=yes", "the network", OPTION_TEXT,
        .commands = "bench", .group = "Network"},
    {"shape", "DxHxW", NULL, "size of the input (default: 256x256, in 3D 96x96x96)", OPTION_TEXT,
        .commands = "bench", .group = "Network"},
    {"batch", "N", "1", "images at a time", OPTION_INT, 1, 4096, NULL, "bench", "Network"},
    {"train", NULL, NULL,
        "time a training step (forward, backward, optimiser) instead of a prediction", OPTION_BOOL,
        .commands = "bench", .group = "Timing"},
    {"loss", "TEXT", NULL, "what the training step minimises (default: dice+ce, of one class ce)",
        OPTION_TEXT, .commands = "bench", .group = "Timing"},
    {"max-memory", "SIZE", NULL,
        "with --train: keep the whole process within so much memory, such as 2GiB, by computing "
        "maps again",
        OPTION_BYTES, .commands = "bench", .group = "Network"},
    {"storage", "TYPE", "f32",
        "with --train: how maps and their gradients are kept; bf16 takes half the memory",
        OPTION_CHOICE, .choices = "f32|bf16", .commands = "bench", .group = "Network"},
    {"layers", NULL, NULL, "also list the time of every step of the network", OPTION_BOOL,
        .commands = "bench", .group = "Timing"},
    {"repeat", "N", "10", "how many times, after two warm-up runs", OPTION_INT, 1, 100000, NULL,
        "bench", "Timing"},

    /* ---- phantom, demo */
    {"count", "N", NULL,
        "cases to train on (default: ultrasound 40, organs 12, field 8, signpost 400)", OPTION_INT,
        1, 100000, NULL, "phantom", "Phantom"},
    {"unseen", "N", NULL,
        "cases drawn from other ranges, to test on (default: ultrasound 20, organs 6, field 4, "
        "signpost 200)",
        OPTION_INT, 0, 100000, NULL, "phantom", "Phantom"},
    {"size", "HxW", NULL, "of a field (default: 4096x4096)", OPTION_TEXT, .commands = "phantom",
        .group = "Phantom"},
    {"seed", "N", "1", "the same seed gives the same files", OPTION_INT, 0, 9e15, NULL, "phantom",
        "Phantom"},
    {"count", "N", NULL, "cases to train on (default: 120 in 2D, 24 in 3D)", OPTION_INT, 2, 100000,
        NULL, "demo", "Length"},
    {"steps", "N", NULL, "training steps of every network (default: 400 in 2D, 300 in 3D)",
        OPTION_INT, 1, 1e6, NULL, "demo", "Length"},

    {"conv", "NAME", "auto",
        "use this implementation of convolutions wherever it fits: ref, direct or winograd; auto "
        "takes the fastest",
        OPTION_CHOICE, .choices = "auto|ref|direct|winograd",
        .commands = "train plan pack predict bench", .group = "Engine"},

    /* ---- of the command line itself: a context is created with its threads and instruction set */
    {"threads", "N", NULL, "threads to use (default: as many as affinity and cgroup allow)",
        OPTION_INT, 1, POOL_MOST, NULL, NULL, "General"},
    {"isa", "NAME", NULL,
        "instruction set: ref, avx2 or avx512 (default: $ATTUNET_ISA, else the best)",
        OPTION_CHOICE, .choices = "auto|ref|avx2|avx512", .group = "General"},
    {"config", "FILE", NULL, "take settings from a JSON file; flags win over it", OPTION_TEXT,
        .group = "General"},
    {"print-config", NULL, NULL,
        "print the settings that are not the defaults as JSON, ready for --config, and stop",
        OPTION_BOOL, .group = "General"},
    {"dry-run", NULL, NULL,
        "check everything, say what would be done and which files would be written, and write none",
        OPTION_BOOL,
        .commands = "train plan pack tune resume predict evaluate info convert phantom",
        .group = "Dry run"},
    {"json", NULL, NULL, "results as JSON on stdout", OPTION_BOOL, .group = "General"},
    {"quiet", NULL, NULL, "no messages but errors", OPTION_BOOL, .group = "General"},
    {"help", NULL, NULL, "this text", OPTION_BOOL, .group = "General"},
};

const int api_option_count = sizeof api_options / sizeof *api_options;
