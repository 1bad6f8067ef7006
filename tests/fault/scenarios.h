/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that test_faults.c tries, and the calls of the C library that it makes fail. */
#ifndef TEST_SCENARIOS_H
#define TEST_SCENARIOS_H

#include <errno.h>
#include <stddef.h>

#include "attunet.h"

#define NET "--spec", "widths=3,5 gated=all", "--patch", "16x16", "--batch", "2"
#define LISTS "--train-list", "../train.txt", "--val-list", "../val.txt"
#define HARD                                                                                       \
    "--spec", "arch=hard scale=2 tile=8 halo=4 tiles=1 coarse=2,3 fine=2,3 policy=3", "--steps",   \
        "1", "--batch", "1", "--joint-steps", "1", "--policy-views", "1"
#define ONE "--threads", "1"

enum result {
    FILES,
    RUN,
    SEARCH
}; /* what is compared: all files, or what a run, or the best of a search, has learnt */
/* stdout holds times; what a failure leaves has to be removed before it can be tried again; images
 * are read by parts, within `limit` */
/* `before` trains a hard model, and its stages behind the two nets are done anew */
enum { SAYS = 0, TIMED = 1, ANEW = 2, LIMITED = 4, STAGES = 8 };

struct scenario {
    const char *name;
    const char *const *before; /* words; done once, without faults; NULL: nothing */
    const char *const *words;  /* what is tried; relative to a folder in which `out` appears */
    enum result result;
    int flags;
};
#define W(...) ((const char *const[]){__VA_ARGS__, NULL})

#define NNUNET TEST_SOURCE_DIR "/tests/fixtures/nnunet/slices"
static char limit[32] = "1MiB"; /* the smallest that does, found before (find_limit) */

static const struct scenario scenarios[] = {
    {"train", NULL,
        W("train", "../data", "-o", "out", LISTS, NET, "--steps", "3", "--validate-every", "2",
            "--checkpoint-every", "1", ONE),
        RUN, TIMED},
    {"resume", W("train", "../data", "-o", "out", LISTS, NET, "--steps", "2", "--ema", "0.9", ONE),
        W("resume", "out", "--steps", "+2", ONE), RUN, TIMED},
    {"train_packed", NULL,
        W("train", "../packed", "-o", "out", LISTS, NET, "--steps", "2", "--validate-every", "2",
            ONE),
        RUN, TIMED},
    {"train_threads", NULL,
        W("train", "../data", "-o", "out", LISTS, NET, "--steps", "2", "--threads", "3"), RUN,
        TIMED},
    {"train_memory", NULL,
        W("train", "../data", "-o", "out", LISTS, NET, "--steps", "2", "--max-memory", "1GiB",
            "--micro-batch", "1", ONE),
        RUN, TIMED},
    {"train_folds", NULL,
        W("train", "../two", "-o", "out", "--fold", "all", NET, "--steps", "1", ONE), RUN, TIMED},
    {"train_hard", NULL,
        W("train", "../data", "-o", "out", LISTS, HARD, "--policy-steps", "2", ONE), RUN, TIMED},
    {"train_looks",
        W("train", "../six", "-o", "out", "--fold", "0", "--folds", "6", HARD, "--policy-steps",
            "10", ONE),
        W("resume", "out", ONE), RUN, TIMED | STAGES},
    {"tune", NULL,
        W("tune", "../four", "-o", "out", "--fold", "0", "--folds", "2", NET, "--lr", "0.001,0.01",
            "--rung-steps", "1", "--trials", "2", "--final-steps", "1", ONE),
        SEARCH, TIMED},
    {"attend", NULL, W("attend", "../model", "../data", "-o", "out", "--cases", "../val.txt", ONE),
        FILES, TIMED},
    {"pack", NULL, W("pack", "../data", "-o", "out", "--speed", "1", ONE), FILES, TIMED},
    {"plan", NULL, W("plan", "../data", "-o", "out/plan.json", "--steps", "5", ONE), FILES, TIMED},
    {"predict_png", NULL,
        W("predict", "../model", "../png", "-o", "out", "--overlay", "--probabilities", ONE), FILES,
        TIMED},
    {"predict_nifti", NULL,
        W("predict", "../model", "../nifti", "-o", "out", "--attention", "--max-memory", "1GiB",
            ONE),
        FILES, TIMED},
    {"predict_tiff", NULL, W("predict", "../model", "../tiff", "-o", "out", "--probabilities", ONE),
        FILES, TIMED},
    {"predict_parts",
        W("train", "../data", "-o", "model", LISTS, NET, "--spacing", "0x1.1x0.9", "--nonzero",
            "yes", "--steps", "1", ONE),
        W("predict", "model", "../large", "-o", "out", "--window", "128x128", "--overlap", "0",
            "--no-mirror", "--max-memory", limit, ONE),
        FILES, TIMED | LIMITED},
    {"predict_over_pair", W("predict", "../model", "../pair", "-o", "out", ONE),
        W("predict", "../model", "../other", "-o", "out", ONE), FILES, TIMED},
    {"evaluate", NULL,
        W("evaluate", "../data/labels", "../data/labels", "--summary", "out/summary.json", "--json",
            "--report", "out/report.html", ONE),
        FILES, SAYS},
    {"report", NULL, W("report", "../model", "-o", "out/report.html", "--failure", "0.9", ONE),
        FILES, SAYS},
    {"info_data", NULL, W("info", "../data", "--json", ONE), FILES, SAYS},
    {"info_named", NULL, W("info", "../four", "--quick", "--json", ONE), FILES, SAYS},
    {"info_fix", NULL,
        W("info", "../data", "--fix", "out/mended", "--groups-out", "groups.csv", "--json", ONE),
        FILES, ANEW},
    {"info_run", NULL, W("info", "../model", ONE), FILES, SAYS},
    {"info_packed", NULL, W("info", "../packed", ONE), FILES, SAYS},
    {"convert", NULL, W("convert", "../model", "-o", "out/model.safetensors", ONE), FILES, SAYS},
    {"convert_torch", NULL,
        W("convert", NNUNET "/fold_0/checkpoint_final.pth", "--plans", NNUNET, "-o",
            "out/model.safetensors", ONE),
        FILES, SAYS},
    {"phantom", NULL, W("phantom", "organs", "-o", "out", "--count", "1", "--unseen", "1", ONE),
        FILES, ANEW},
};

struct call {
    const char *name;
    int errors[3]; /* one after the other */
    int codes[3];  /* with which a command may end, beside 0 */
};
static const struct call calls[] = {
    {"alloc", {ENOMEM, ENOMEM, ENOMEM},
        {ATT_MEMORY, ATT_MEMORY, ATT_IO}}, /* opening a log takes memory of the C library's own */
    {"map", {ENOMEM, ENOMEM, ENOMEM}, {ATT_MEMORY, ATT_IO, ATT_IO}},
    {"open", {EIO, EMFILE, ENOSPC}, {ATT_IO, ATT_IO, ATT_IO}},
    {"read", {EIO, EIO, EIO}, {ATT_IO, ATT_IO, ATT_IO}},
    {"write", {ENOSPC, EIO, EDQUOT}, {ATT_IO, ATT_IO, ATT_IO}},
    {"sync", {EIO, ENOSPC, EDQUOT}, {ATT_IO, ATT_IO, ATT_IO}},
    {"close", {EIO, ENOSPC, EIO}, {ATT_IO, ATT_IO, ATT_IO}},
    {"rename", {EIO, ENOSPC, EROFS}, {ATT_IO, ATT_IO, ATT_IO}},
    {"unlink", {EIO, EROFS, EACCES}, {ATT_IO, ATT_IO, ATT_IO}},
    {"mkdir", {ENOSPC, EROFS, EACCES}, {ATT_IO, ATT_IO, ATT_IO}},
    {"list", {EIO, EIO, EIO}, {ATT_IO, ATT_IO, ATT_IO}},
    {"stat", {EIO, EIO, EIO}, {ATT_IO, ATT_IO, ATT_IO}},
    {"lock", {ENOLCK, ENOLCK, ENOLCK}, {ATT_IO, ATT_IO, ATT_IO}},
    {"thread", {EAGAIN, EAGAIN, EAGAIN}, {ATT_MEMORY, ATT_MEMORY, ATT_MEMORY}},
};

#endif
