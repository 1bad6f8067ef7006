/* SPDX-License-Identifier: Apache-2.0 */
/* Runs every file of a folder through a fuzz target, so that the normal test run has them without
 * libFuzzer: replay TARGET FOLDER.  The build compiles fuzz_NAME.c with fuzz_target_NAME for
 * LLVMFuzzerTestOneInput.
 */
#include "base/mem.h"
#include "files/file.h"
#include "fuzz.h"

#define PART(name) int fuzz_target_##name(const uint8_t *data, size_t size);
#include "parts.h" /* made by tests/CMakeLists.txt */
#undef PART

#define PART(name) {#name, fuzz_target_##name},
static const struct {
    const char *name;
    int (*run)(const uint8_t *data, size_t size);
} targets[] = {
#include "parts.h"
};

int main(int argc, char **argv)
{
    struct err e = {0};
    struct file_list list;
    int (*run)(const uint8_t *data, size_t size) = NULL;
    for (size_t i = 0; argc == 3 && i < sizeof targets / sizeof *targets; i++)
        if (strcmp(targets[i].name, argv[1]) == 0) run = targets[i].run;
    if (!run || file_list(argv[2], &list, &e) != ATT_OK) {
        fprintf(stderr, "usage: replay TARGET FOLDER (%s)\n", e.text);
        return 2;
    }
    int failed = list.count == 0;
    for (int i = 0; i < list.count; i++) {
        char *data = NULL, *path = file_join(argv[2], list.names[i]);
        size_t size;
        if (path && file_read(path, 1 << 20, &data, &size, &e) == ATT_OK)
            run((const uint8_t *)data, size);
        else
            failed = 1;
        mem_free(data);
        mem_free(path);
    }
    printf("%d files replayed\n", list.count);
    file_list_free(&list);
    return failed;
}
