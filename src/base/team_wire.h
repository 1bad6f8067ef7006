/* SPDX-License-Identifier: Apache-2.0 */
/* What a plug-in that carries messages between processes offers; mpi/ has one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { TEAM_WIRE_VERSION = 1 };

/* A part of an exchange with another rank. */
struct team_message {
    int rank;
    bool sends;
    void *data;
    size_t bytes;
};

/* Texts are reasons in English, or NULL: it worked. */
struct team_wire {
    int version;
    const char *(*start)(int *rank, int *size); /* once a process; later calls only answer */
    /* Begins an exchange. Memory of its messages stays until it is done; messages between two ranks
     * arrive in order. */
    const char *(*begin)(const struct team_message *list, int count);
    bool (*done)(const char **why); /* whether all have arrived, or failed */
    /* A rank is lost: when this process ends, the others shall, too, with this exit code. */
    void (*abandon)(int code);
};

/* The plug-in's only symbol. */
#define TEAM_WIRE_SYMBOL "attunet_team_wire"
typedef const struct team_wire *team_wire_fn(void);
