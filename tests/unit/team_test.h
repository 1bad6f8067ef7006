/* SPDX-License-Identifier: Apache-2.0 */
/* Teams of forked processes whose wire is a socket between each two. Include it after cmocka. */
#ifndef TEAM_TEST_H
#define TEAM_TEST_H

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/team.h"

enum { RANKS = 3 };

static struct {
    int size, rank, socket[RANKS][RANKS], count, abandoned;
    struct team_message list[2 * RANKS];
    size_t at[2 * RANKS]; /* bytes that went */
} wire;

static const char *wire_start(int *rank, int *size)
{
    *rank = wire.rank;
    *size = wire.size;
    return NULL;
}

static const char *wire_begin(const struct team_message *list, int count)
{
    wire.count = count;
    for (int i = 0; i < count; i++) {
        wire.list[i] = list[i];
        wire.at[i] = 0;
    }
    return NULL;
}

/* As much as the sockets take and have: messages may be larger than they are. */
static bool wire_done(const char **why)
{
    bool all = true;
    *why = NULL;
    for (int i = 0; i < wire.count; i++) {
        const struct team_message *m = &wire.list[i];
        const int with = wire.socket[wire.rank][m->rank];
        unsigned char *data = (unsigned char *)m->data + wire.at[i];
        const size_t left = m->bytes - wire.at[i];
        const ssize_t went = !left ? 0
            : m->sends             ? send(with, data, left, MSG_DONTWAIT | MSG_NOSIGNAL)
                                   : recv(with, data, left, MSG_DONTWAIT);
        if (went > 0) wire.at[i] += (size_t)went;
        all &= wire.at[i] == m->bytes;
    }
    return all;
}

static void wire_abandon(int code) { wire.abandoned = code; }

static const struct team_wire sockets = {
    TEAM_WIRE_VERSION, wire_start, wire_begin, wire_done, wire_abandon};

/* Every rank runs `one` in a process of its own; an exit code other than 0 fails. */
static inline void run_ranks(int size, int (*one)(struct team *t))
{
    memset(&wire, 0, sizeof wire);
    wire.size = size;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < i; j++) {
            int pair[2];
            assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
            wire.socket[i][j] = pair[0];
            wire.socket[j][i] = pair[1];
        }
    for (int i = 0; i < size; i++) {
        const pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid) continue;
        struct team t;
        struct err e = {0};
        wire.rank = i;
        alarm(60);
        const bool joined = team_join(&t, &sockets, size, 6u | 1u << (8 + i), &e) == ATT_OK;
        const int code = joined && team_kernels(&t) == 6u ? one(&t) : 99;
        team_free(&t);
        _exit(code);
    }
    for (int i = 0; i < size; i++) {
        int status;
        assert_true(waitpid(-1, &status, 0) > 0); /* who ends first, so that all see it */
        assert_true(WIFEXITED(status) || WTERMSIG(status) == SIGKILL);
        if (WIFEXITED(status)) assert_int_equal(0, WEXITSTATUS(status));
    }
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++)
            if (i != j) close(wire.socket[i][j]);
}

#define DEMAND(claim)                                                                              \
    if (!(claim)) return __LINE__ % 90 + 1

#endif
