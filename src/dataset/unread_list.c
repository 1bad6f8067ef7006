/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/unread_list.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"

enum { HEAD = 16 << 10, CELL = 512, ROWS_LEAST = 2 };

/* Whether a cell is the path of a file below the folder. */
static bool unread_is_file(const char *root, const char *cell, size_t length)
{
    char name[CELL];
    if (!length || length >= sizeof name) return false;
    for (size_t i = 0; i <= length; i++)
        name[i] = i == length ? 0 : cell[i] == '\\' ? '/' : cell[i];
    char *path = *name == '/' ? mem_text("%s", name) : file_join(root, name);
    const bool is = path && file_exists(path) && !file_is_folder(path);
    mem_free(path);
    return is;
}

/* Whether a row has two files, such as an image and its mask. */
static bool unread_pairs(const char *root, const char *row, size_t length)
{
    int files = 0;
    for (size_t at = 0; at < length; at++) {
        const size_t cell = at;
        while (at < length && !strchr(",;\t\"\r", row[at])) at++;
        files += unread_is_file(root, row + cell, at - cell);
    }
    return files > 1;
}

static bool unread_lists(const char *root, const char *path)
{
    char head[HEAD];
    int fd, rows = 0;
    struct stat info;
    struct err unread = {0};
    if (file_open(path, false, &fd, &info, &unread) != ATT_OK) return false;
    const ssize_t read_bytes = pread(fd, head, sizeof head, 0);
    const size_t got = read_bytes > 0 ? (size_t)read_bytes : 0;
    close(fd);
    for (size_t at = 0; at < got && rows < ROWS_LEAST; at++) {
        const char *end = memchr(head + at, '\n', got - at);
        const size_t length = end ? (size_t)(end - head) - at : got - at;
        rows += unread_pairs(root, head + at, length);
        at += length;
    }
    return rows >= ROWS_LEAST;
}

att_status unread_list_warn(const char *root, struct host *host, struct err *e)
{
    struct file_list l;
    TRY(file_list(root, &l, e));
    for (int i = 0; i < l.count; i++) {
        const char *name = l.names[i];
        const size_t length = strlen(name);
        if (length < 5 || !text_equals(name + length - 4, ".csv")) continue;
        if (strcmp(name, "dataset.csv") == 0 || strcmp(name, "groups.csv") == 0) continue;
        char *path = file_join(root, name);
        if (path && unread_lists(root, path))
            host_warn(host, WARN_LAYOUT_AMBIGUOUS,
                "%s lists files, but attunet pairs them by their names; to follow the list, name "
                "its columns image and label, and give it in place of the folder",
                path);
        mem_free(path);
    }
    file_list_free(&l);
    return ATT_OK;
}
