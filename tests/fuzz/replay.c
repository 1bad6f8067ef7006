/* SPDX-License-Identifier: Apache-2.0 */
/* Runs every file of a folder through a fuzz target, so that the normal test run has them without
 * libFuzzer: replay FOLDER */
#include "base/mem.h"
#include "files/file.h"
#include "fuzz.h"

int main(int argc, char **argv)
{
    struct err e = {0};
    struct file_list list;
    if (argc != 2 || file_list(argv[1], &list, &e) != ATT_OK) {
        fprintf(stderr, "usage: replay FOLDER (%s)\n", e.text);
        return 2;
    }
    int failed = list.count == 0;
    for (int i = 0; i < list.count; i++) {
        char *data = NULL, *path = file_join(argv[1], list.names[i]);
        size_t size;
        if (path && file_read(path, 1 << 20, &data, &size, &e) == ATT_OK)
            LLVMFuzzerTestOneInput((const uint8_t *)data, size);
        else
            failed = 1;
        mem_free(data);
        mem_free(path);
    }
    printf("%d files replayed\n", list.count);
    file_list_free(&list);
    return failed;
}
