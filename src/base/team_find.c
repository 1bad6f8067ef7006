/* SPDX-License-Identifier: Apache-2.0 */
/* Finds launchers of MPI by their variables, and the plug-in that speaks to them. */
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/team.h"

/* A static program has no dlopen that works: these names alone do not bring one in. */
#pragma weak dlopen
#pragma weak dlsym
#pragma weak dlerror
#pragma weak dladdr

#define PLUGIN "libattunet/mpi.so"

/* Of mpirun of Open MPI, of MPICH and others, and of a step of srun. */
int team_launched(void)
{
    static const char *const sizes[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};
    int most = 1;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const char *text = getenv(sizes[i]);
        const long size = text ? strtol(text, NULL, 10) : 1;
        if (size > most) most = size > INT_MAX ? INT_MAX : (int)size;
    }
    return most;
}

bool team_connected(void)
{
    return getenv("PMIX_RANK") || getenv("PMI_RANK") || getenv("OMPI_COMM_WORLD_RANK");
}

/* In a folder beside this library and nowhere else, as what is there runs. Its symbols are global,
 * since parts of older Open MPI look for those of libmpi. */
static void *team_open_plugin(void)
{
    Dl_info own;
    char path[PATH_MAX];
    if (!dladdr((void *)(uintptr_t)team_launched, &own) || !own.dli_fname) return NULL;
    const char *slash = strrchr(own.dli_fname, '/');
    const int length = slash ? (int)(slash - own.dli_fname) : 0;
    if (!slash ||
        snprintf(path, sizeof path, "%.*s/" PLUGIN, length, own.dli_fname) >= (int)sizeof path)
        return NULL;
    return dlopen(path, RTLD_NOW | RTLD_GLOBAL);
}

att_status team_find_wire(const struct team_wire **wire, struct err *e)
{
    static const char remedy[] = "install the package attunet-mpi, or set `ranks` 1";
    if (!dlopen || !dlsym || !dlerror || !dladdr)
        return err_usage(e,
            "several ranks need '" PLUGIN "', which a static program cannot open; use the attunet "
            "of the package, or set `ranks` 1");
    void *library = team_open_plugin();
    if (!library) {
        const char *why = dlerror();
        return err_usage(e, "several ranks need '" PLUGIN "', which cannot be opened: %.300s; %s",
            why ? why : "its folder is unknown", remedy);
    }
    team_wire_fn *get;
    void *symbol = dlsym(library, TEAM_WIRE_SYMBOL);
    memcpy(&get, &symbol, sizeof get);
    *wire = get ? get() : NULL;
    return *wire && (*wire)->version == TEAM_WIRE_VERSION
        ? ATT_OK
        : err_usage(e, "'" PLUGIN "' is of another version of attunet; %s", remedy);
}
