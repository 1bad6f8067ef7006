/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that share the work of a command: ranks from 0 on, each with its own threads and
 * memory. A launcher such as mpirun starts them; a plug-in carries messages, and nobody else
 * computes with what they hold. NULL is a team of one. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "base/host.h"
#include "base/real.h"
#include "base/team_wire.h"

enum { TEAM_HOST = 64, TEAM_PLACE = 176, TEAM_VERSION = 24, TEAM_TEXT = 480 };

/* What ranks say about themselves. */
struct team_peer {
    char host[TEAM_HOST];   /* of the machine */
    char place[TEAM_PLACE]; /* where its process number counts: machine and namespace */
    char version[TEAM_VERSION];
    int64_t pid;
    uint32_t kernels; /* bits: what it can run */
};

struct team {
    int rank, size;
    const struct team_wire *wire;
    struct team_peer *peers;
    struct team_message *messages; /* two for each rank */
    bool lost;                     /* a rank does not answer: nothing is sent any more */
    bool met;                      /* team_meet_all */
    bool speaks;                   /* rank 0; after its end, the lowest that is left; who fails */
};

static inline int team_size(const struct team *t) { return t ? t->size : 1; }
static inline int team_rank(const struct team *t) { return t ? t->rank : 0; }

/* How many processes the launcher in the environment has started together; 1: none. */
int team_launched(void);
/* Whether it has told this process how to reach the others; plain srun does not. */
bool team_connected(void);
att_status team_refuse(int launched, struct err *e); /* ATT_USAGE: they do not see each other */
/* Opens the plug-in of MPI. ATT_USAGE says what to install. */
att_status team_find_wire(const struct team_wire **wire, struct err *e);
/* Joins the other ranks. ATT_USAGE: `launched` processes do not see each other, or their programs
 * differ. */
att_status team_join(
    struct team *t, const struct team_wire *wire, int launched, uint32_t kernels, struct err *e);
void team_free(struct team *t);
/* This rank cannot go on, and says so; when its process ends, the others shall, too. Returns
 * `status`. */
att_status team_fail(struct team *t, att_status status);
uint32_t team_kernels(const struct team *t); /* the bits that all have */

/* All ranks call each of these together, with equal sizes. They wait without a limit, but notice a
 * process of this machine that has ended: ATT_IO. */
/* all[size][bytes], from each rank's `own`. */
att_status team_gather(struct team *t, const void *own, void *all, size_t bytes, struct err *e);
/* From rank 0 to all. */
att_status team_share(struct team *t, void *data, size_t bytes, struct err *e);
/* The failure of the lowest rank that has one, with its sentence; a rank that shall stop stops rank
 * 0; ATT_FAILED if the hashes differ. */
att_status team_agree(
    struct team *t, struct host *host, att_status own, uint64_t hash, struct err *e);

/* team_agree of ranks that share cases: whether all are ready for their parts. ATT_DATA if the
 * hashes of the cases differ. */
att_status team_meet_all(
    struct team *t, struct host *host, att_status own, uint64_t cases, struct err *e);
/* A value of each rank, in an array of all ranks. */
att_status team_gather_json(struct team *t, const json_t *own, json_t **all, struct err *e);

/* Slice `rank` of n numbers begins here; that of rank `size` is the end. A number has `width`
 * bytes. */
size_t team_slice(const struct team *t, size_t n, int rank);
/* This rank's slice of the other ranks' numbers, one behind the other in the order of ranks. */
att_status team_scatter(
    struct team *t, const void *numbers, size_t n, size_t width, void *received, struct err *e);
/* Each rank's own slice becomes that of all. */
att_status team_collect(struct team *t, void *numbers, size_t n, size_t width, struct err *e);
