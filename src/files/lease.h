/* SPDX-License-Identifier: Apache-2.0 */
/* Work that processes share, on any machines with a common folder: who has the lease on a name does
 * it. A lease has terms, FOLDER/.NAME.1, FOLDER/.NAME.2, ...; whoever makes the file of the next
 * term (O_EXCL, which NFS knows, too) has the work, and counts on in that file while it lives. The
 * next term can begin when the work is given back, when the process of this machine has ended, or
 * when one of another machine has not counted for LEASE_SECONDS. Numbers begin again when no file
 * is left, so whoever has made one looks whether the others are still those that it saw. */
#pragma once

#include "base/host.h"

enum { LEASE_SECONDS = 60, LEASE_BEAT = 10 };

struct lease;
/* What terms of other machines said when they last changed; zero at first. */
struct lease_watch {
    uint64_t text;
    double since;
};

/* *lease is NULL if another process has it. If that happens later, because this process did not
 * count for too long, `host` (may be NULL) is stopped until lease_drop. */
att_status lease_take(const char *folder, const char *name, struct lease_watch *w,
    struct host *host, struct lease **lease, struct err *e);
/* Waits for it. ATT_INTERRUPTED if the host stops. */
att_status lease_wait(
    const char *folder, const char *name, struct host *host, struct lease **lease, struct err *e);
/* Between two looks at work of others. ATT_INTERRUPTED if the host stops. */
att_status lease_pause(const char *folder, struct host *host, struct err *e);
bool lease_lost(const struct lease *l); /* another process has taken it; reads the file */
void lease_drop(struct lease *l);       /* gives the work back; may be NULL */
