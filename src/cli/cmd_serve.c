/* SPDX-License-Identifier: Apache-2.0 */
/* attunet serve MODEL... and attunet view PATH...: become the program attunet-serve, which links an
 * HTTP server. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

#define PROGRAM "attunet-serve"

/* Beside this program, or NULL. */
static const char *serve_beside(char path[PATH_MAX])
{
    const ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - sizeof PROGRAM);
    if (length <= 0) return NULL;
    path[length] = 0;
    strcpy(strrchr(path, '/') + 1, PROGRAM);
    return access(path, X_OK) == 0 ? path : NULL;
}

/* *word: --NAME=VALUE of a setting, for free(), or NULL: nothing to say. False: no memory. */
static bool serve_word(const char *key, const json_t *value, char **word)
{
    char number[64] = "";
    const char *text = json_string_value(value);
    *word = NULL;
    if (json_is_number(value)) {
        json_dumpb(value, number, sizeof number - 1, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        text = number;
    }
    if (json_is_true(value)) return asprintf(word, "--%s", key) >= 0;
    return !text || asprintf(word, "--%s=%s", key, text) >= 0;
}

static att_status run(struct cli *c)
{
    enum { OTHERS = 3 };
    char path[PATH_MAX];
    char *words[OPTION_ROWS + CLI_ARGUMENTS + OTHERS] = {PROGRAM, "--view"};
    const int first = 1 + (c->command == &cmd_view);
    const char *beside = serve_beside(path), *key;
    json_t *value;
    int n = first, kept;
    json_object_del(c->config, "config"); /* what it says is in the settings */
    json_object_foreach(c->config, key, value)
    {
        if (!serve_word(key, value, &words[n])) return cli_fail(c, ATT_MEMORY, "out of memory");
        n += words[n] != NULL;
    }
    kept = n;
    for (int i = 0; i < c->count; i++) words[n++] = (char *)(uintptr_t)c->arguments[i];
    if (beside)
        execv(beside, words);
    else
        execvp(PROGRAM, words);
    const int error = errno;
    for (int i = first; i < kept; i++) free(words[i]);
    if (error == ENOENT)
        return cli_fail(c, ATT_IO,
            "the program " PROGRAM " is not there; install the package " PROGRAM
            ", or build it with libmicrohttpd (docs/serve.md)");
    return cli_fail(c, ATT_IO, "cannot start " PROGRAM ": %s; install it again", strerror(error));
}

static const char *const examples[] = {"attunet serve run",
    "attunet serve liver=runs/liver lungs=runs/lungs.safetensors --port 9000",
    "attunet serve run --host 0.0.0.0 --token-file token", NULL};

const struct command cmd_serve = {.name = "serve",
    .arguments = "[NAME=]MODEL...",
    .summary = "predict over HTTP: tensors, or one image file in and one mask file out",
    .about = "Listens on this machine only, unless you give --host and --token-file. It takes "
             "image files at /predict: 'curl -T image.nii.gz localhost:8080/predict -o "
             "mask.nii.gz'. It also serves the Open Inference Protocol (KServe v2) and clients of "
             "MONAI Label. A model is a run, a model file, or a folder of folds; if you give a "
             "name twice, it has two versions. SIGTERM ends the server when the running "
             "predictions are done. docs/serve.md lists the paths and the limits.",
    .examples = examples,
    .min = 1,
    .max = -1,
    .run = run};

static const char *const view_examples[] = {"attunet view run",
    "attunet view run.safetensors image.nii.gz", "attunet view images/*.png --masks masks", NULL};

const struct command cmd_view = {.name = "view",
    .arguments = "RUN|MODEL|IMAGE...",
    .summary = "look at images, masks and attention maps in the browser, and correct masks",
    .about = "Prints the address of a page on this machine, and opens it in the browser. For a "
             "run it lists the validation cases, the worst first. With a run or a model it "
             "predicts images and shows attention maps. Corrected masks are saved as labels in "
             "--datastore, a data set on which you can train further (attunet train --init). "
             "Ctrl-C ends it. docs/view.md describes the page.",
    .examples = view_examples,
    .min = 1,
    .max = -1,
    .run = run};
