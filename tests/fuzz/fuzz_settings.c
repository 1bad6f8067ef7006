/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a file of settings, or a plan, for `train`; what could be read can be printed and read
 * again. */
#include "attunet.h"
#include "fuzz.h"

static att_context *context;

static void check(att_status status)
{
    if ((status == ATT_OK) != (att_context_error(context)[0] == 0)) abort();
}

/* The settings as text; NULL when the file was refused. */
static char *read_settings(const char *path)
{
    att_settings *s;
    char *text = NULL;
    if (att_settings_create(context, "train", &s) != ATT_OK) abort();
    att_status status = att_settings_load(context, s, path);
    check(status);
    if (status == ATT_OK && att_settings_json(context, s, &text) != ATT_OK) abort();
    att_settings_destroy(s);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!context && att_context_create(1, "ref", NULL, &context) != ATT_OK) abort();
    struct fuzz_file f = fuzz_open(data, size);
    char *text = read_settings(f.path);
    fuzz_close(f);
    if (text) {
        f = fuzz_open((const uint8_t *)text, strlen(text));
        char *again = read_settings(f.path);
        if (!again || strcmp(again, text) != 0) abort();
        att_text_free(again);
        fuzz_close(f);
    }
    att_text_free(text);
    return 0;
}
