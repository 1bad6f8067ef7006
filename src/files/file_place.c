/* SPDX-License-Identifier: Apache-2.0 */
/* Whether results can be put where they are to go; called by every command that writes. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "files/file.h"

/* The nearest folder that is there must be one, and take files. */
static att_status file_place_check_folder(const char *path, struct err *e)
{
    char *there = file_nearest(path);
    if (!there) return err_path(e);
    att_status status = ATT_OK;
    if (!file_is_folder(there))
        status = err_set(
            e, ATT_IO, "cannot make the folder %s: %s is a file; choose another", path, there);
    else if (access(there, W_OK | X_OK) != 0 && strcmp(there, path) == 0)
        status = file_error(e, "write into", path, errno);
    else if (access(there, W_OK | X_OK) != 0)
        status = err_set(e, ATT_IO,
            "cannot make the folder %s: nothing can be written into %s; check the permissions "
            "or choose another",
            path, there);
    mem_free(there);
    return status;
}

/* As file_create writes: what is there and no file directly, any other in its folder, which is
 * where a link leads. */
static att_status file_place_check_file(const char *path, struct err *e)
{
    struct stat s;
    char target[PATH_MAX];
    if (stat(path, &s) == 0 && !S_ISREG(s.st_mode) && !S_ISDIR(s.st_mode))
        return access(path, W_OK) == 0 ? ATT_OK : file_error(e, "write", path, errno);
    if (strlen(path) >= PATH_MAX) return ATT_OK; /* writing says it */
    file_follow(path, target);
    const char *place = target;
    const int length = (int)(file_base(place) - place);
    char *parent = length ? mem_text("%.*s", length > 1 ? length - 1 : 1, place) : mem_text(".");
    if (!parent) return err_path(e);
    att_status status = ATT_OK;
    if (file_is_folder(path))
        status = err_set(e, ATT_IO, "cannot write %s: it is a folder; name a file", path);
    else if (!file_is_folder(parent))
        status = err_set(
            e, ATT_IO, "cannot write %s: there is no folder %s; make it first", path, parent);
    else if (access(parent, W_OK | X_OK) != 0)
        status = err_set(e, ATT_IO,
            "cannot write %s: nothing can be written into %s; check the permissions or choose "
            "another folder",
            path, parent);
    mem_free(parent);
    return status;
}

att_status file_check_place(const char *path, bool folder, struct err *e)
{
    return folder ? file_place_check_folder(path, e) : file_place_check_file(path, e);
}
