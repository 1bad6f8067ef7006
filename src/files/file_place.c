/* SPDX-License-Identifier: Apache-2.0 */
/* Whether output can be written to a place. */
#include <errno.h>
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

/* stdout, a pipe of the shell, /dev/null; not a file of a file system that is mounted there. */
static bool is_of_kernel(const char *path)
{
    struct stat s;
    return strncmp(path, "/dev/", 5) == 0 && stat(path, &s) == 0 && !S_ISREG(s.st_mode) &&
        !S_ISDIR(s.st_mode);
}

att_status file_target(const char *path, struct file_target *t, struct err *e)
{
    *t = (struct file_target){.direct = is_of_kernel(path)};
    t->there = !t->direct && lstat(path, &t->old) == 0;
    if (!t->there || S_ISREG(t->old.st_mode)) return ATT_OK;
    if (S_ISLNK(t->old.st_mode))
        return err_set(e, ATT_IO,
            "cannot write %s: it is a symbolic link; remove it, or name the file itself", path);
    return S_ISDIR(t->old.st_mode)
        ? err_set(e, ATT_IO, "cannot write %s: it is a folder; name a file", path)
        : file_error(e, "write", path, ENODEV);
}

static att_status file_place_check_file(const char *path, struct err *e)
{
    struct file_target target;
    TRY(file_target(path, &target, e));
    if (target.direct)
        return access(path, W_OK) == 0 ? ATT_OK : file_error(e, "write", path, errno);
    const int length = (int)(file_base(path) - path);
    char *parent = length ? mem_text("%.*s", length > 1 ? length - 1 : 1, path) : mem_text(".");
    if (!parent) return err_path(e);
    att_status status = ATT_OK;
    if (!file_is_folder(parent))
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
