/* SPDX-License-Identifier: Apache-2.0 */
/* Carries messages between ranks over MPI: src/base/team_wire.h says what of. The library opens it
 * while it runs, so neither it nor the command links MPI. It sends and receives bytes only; MPI
 * never adds numbers, since it may do so in any order. */
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "base/team_wire.h"

enum { PIECE = 1 << 28, TAG = 7 }; /* bytes of one message of MPI, whose counts are int */

static struct {
    bool lost;
    int code;
    MPI_Request *requests;
    int count, room;
    char why[MPI_MAX_ERROR_STRING];
} state;

static const char *reason(int error)
{
    int length;
    if (error == MPI_SUCCESS) return NULL;
    if (MPI_Error_string(error, state.why, &length) != MPI_SUCCESS) strcpy(state.why, "MPI failed");
    return state.why;
}

/* Where a rank is lost, MPI_Finalize would wait for it. */
static void end(void)
{
    int over;
    MPI_Finalized(&over);
    if (over) return;
    if (state.lost) MPI_Abort(MPI_COMM_WORLD, state.code);
    MPI_Finalize();
}

static const char *start(int *rank, int *size)
{
    int running, over, level;
    MPI_Finalized(&over);
    if (over) return "MPI has ended in this process";
    MPI_Initialized(&running);
    if (!running) {
        const int error = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level);
        if (error != MPI_SUCCESS) return reason(error);
        atexit(end);
    }
    MPI_Query_thread(&level);
    if (level < MPI_THREAD_SERIALIZED) return "it serves one thread only; install another build";
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, rank);
    MPI_Comm_size(MPI_COMM_WORLD, size);
    return NULL;
}

static int pieces(size_t bytes) { return (int)((bytes + PIECE - 1) / PIECE); }

static const char *make_room(const struct team_message *list, int count)
{
    int wanted = 0;
    for (int i = 0; i < count; i++) wanted += pieces(list[i].bytes);
    if (wanted <= state.room) return NULL;
    MPI_Request *more = realloc(state.requests, (size_t)wanted * sizeof *more);
    if (!more) return "out of memory";
    state.requests = more;
    state.room = wanted;
    return NULL;
}

static const char *begin(const struct team_message *list, int count)
{
    const char *why = make_room(list, count);
    state.count = 0;
    for (int i = 0; i < count && !why; i++)
        for (size_t at = 0; at < list[i].bytes && !why; at += PIECE) {
            const struct team_message *m = &list[i];
            const int bytes = (int)(m->bytes - at < PIECE ? m->bytes - at : PIECE);
            char *data = (char *)m->data + at;
            MPI_Request *request = &state.requests[state.count++];
            why = reason(m->sends
                    ? MPI_Isend(data, bytes, MPI_BYTE, m->rank, TAG, MPI_COMM_WORLD, request)
                    : MPI_Irecv(data, bytes, MPI_BYTE, m->rank, TAG, MPI_COMM_WORLD, request));
        }
    return why;
}

static bool done(const char **why)
{
    int all = 0;
    *why = reason(MPI_Testall(state.count, state.requests, &all, MPI_STATUSES_IGNORE));
    return all || *why;
}

static void abandon(int code)
{
    state.lost = true;
    state.code = code;
}

static const struct team_wire wire = {TEAM_WIRE_VERSION, start, begin, done, abandon};

__attribute__((visibility("default"))) const struct team_wire *attunet_team_wire(void);
const struct team_wire *attunet_team_wire(void) { return &wire; }
