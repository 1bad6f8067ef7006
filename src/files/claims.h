/* SPDX-License-Identifier: Apache-2.0 */
/* Commands replace only files that they wrote themselves and that nobody has changed since. A
 * hidden list in each folder of results, CLAIMS_LIST, holds size and time of those files, and the
 * command that wrote them. file_commit keeps it: it lists the new file before that replaces the old
 * one, so after a crash either is known. */
#pragma once

#include "base/host.h"
#include "base/status.h"

#define CLAIMS_LIST ".attunet-files"
enum { CLAIMS_COMMAND = 8 }; /* letters of a command that it keeps */

struct file_list;

/* Before any computation, also in dry runs: file_check_place, and ATT_USAGE if the file is there
 * and neither this command's own (host->command) nor in host->overwrite. */
att_status claims_check(struct host *host, const char *path, struct err *e);
/* The same once more; then lists the name as this command's. Call right before the file is
 * written. */
att_status claims_add(struct host *host, const char *path, struct err *e);
/* Removes what killed processes left of listed files (file_sweep). */
void claims_sweep(const char *folder);
/* claims_sweep of its folder, then claims_add. */
att_status claims_take(struct host *host, const char *path, struct err *e);
/* claims_check and claims_take for files in a folder; `names` ends with NULL. The first also takes
 * a missing folder. */
att_status claims_check_all(
    struct host *host, const char *folder, const char *const *names, struct err *e);
att_status claims_take_all(
    struct host *host, const char *folder, const char *const *names, struct err *e);
/* Before `temporary` replaces `path`: if the name is listed, lists what it will be. */
att_status claims_update(const char *path, const char *temporary, struct err *e);
/* The listed names of a folder with a list, for file_list_free, and the command of the first. */
att_status claims_read(
    const char *folder, struct file_list *names, char command[CLAIMS_COMMAND + 1], struct err *e);
/* Removes a list without files beside it. */
void claims_undo(const char *folder);
