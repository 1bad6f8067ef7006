/* SPDX-License-Identifier: Apache-2.0 */
/* Whether output can be written to a place. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "files/file.h"

/* The nearest existing folder must be writable. */
static att_status file_place_check_folder(const char *path, struct err *e)
{
    char *there = file_nearest(path);
    if (!there) return err_path(e);
    att_status status = ATT_OK;
    if (!file_is_folder(there))
        status = err_set(e, ATT_IO,
            "cannot make the folder %s because %s is a file; choose another", path, there);
    else if (access(there, W_OK | X_OK) != 0 && strcmp(there, path) == 0)
        status = file_error(e, "write into", path, errno);
    else if (access(there, W_OK | X_OK) != 0)
        status = err_set(e, ATT_IO,
            "cannot make the folder %s because %s is not writable; check the permissions or "
            "choose another",
            path, there);
    mem_free(there);
    return status;
}

/* As file_create: pipes and devices directly, files through links in their folder. */
static att_status file_place_check_file(const char *path, struct err *e)
{
    struct stat s;
    char target[PATH_MAX];
    if (stat(path, &s) == 0 && !S_ISREG(s.st_mode) && !S_ISDIR(s.st_mode))
        return access(path, W_OK) == 0 ? ATT_OK : file_error(e, "write", path, errno);
    if (strlen(path) >= PATH_MAX) return ATT_OK; /* writing reports it */
    file_follow(path, target);
    const char *place = target;
    const int length = (int)(file_base(place) - place);
    char *parent = length ? mem_text("%.*s", length > 1 ? length - 1 : 1, place) : mem_text(".");
    if (!parent) return err_path(e);
    att_status status = ATT_OK;
    if (file_is_folder(path))
        status = err_set(e, ATT_IO, "cannot write %s: it is a folder; name a file", path);
    else if (!file_is_folder(parent))
        status = err_set(e, ATT_IO, "cannot write %s because there is no folder %s; make it first",
            path, parent);
    else if (access(parent, W_OK | X_OK) != 0)
        status = err_set(e, ATT_IO,
            "cannot write %s because %s is not writable; check the permissions or choose "
            "another folder",
            path, parent);
    mem_free(parent);
    return status;
}

att_status file_check_place(const char *path, bool folder, struct err *e)
{
    return folder ? file_place_check_folder(path, e) : file_place_check_file(path, e);
}
