/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd closes a connection that is silent; one that sends a byte now and then would hold
 * its thread for ever.  So each connection has a deadline, and a thread that shuts it down.  If
 * there are too many connections, those that are idle give way to new ones.  A server that rests
 * gives its memory back, which malloc keeps so that a busy one is faster. */
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "server.h"

enum { LOOK_MS = 200, REST = 1 }; /* seconds without a request */

struct link {
    int fd;
    double deadline; /* 0: none */
    bool idle;       /* the head of a request has not come */
    struct link *next;
};

struct watch {
    pthread_mutex_t lock;
    pthread_t thread;
    struct link *links;
    int count, most;
    double worked; /* when a request was last seen; 0: memory was given back since */
    bool ending;
};

static void link_close(struct link *l)
{
    shutdown(l->fd, SHUT_RDWR);
    l->deadline = 0;
    l->idle = false;
}

static void *watch_run(void *user)
{
    const struct timespec pause = {0, LOOK_MS * 1000000L};
    struct watch *w = user;
    pthread_mutex_lock(&w->lock);
    while (!w->ending) {
        const double now = queue_clock();
        for (struct link *l = w->links; l; l = l->next) {
            if (!l->idle) w->worked = now;
            if (l->deadline > 0 && now > l->deadline) link_close(l);
        }
        const bool rests = w->worked > 0 && now > w->worked + REST;
        if (rests) w->worked = 0;
        pthread_mutex_unlock(&w->lock);
        if (rests) malloc_trim(0);
        nanosleep(&pause, NULL);
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct watch *watch_create(int most)
{
    struct watch *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    w->most = most;
    pthread_mutex_init(&w->lock, NULL);
    if (pthread_create(&w->thread, NULL, watch_run, w) == 0) return w;
    pthread_mutex_destroy(&w->lock);
    free(w);
    return NULL;
}

void watch_destroy(struct watch *w)
{
    if (!w) return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

/* Closes the connection that has been idle longest, and returns how many there are too many. */
static int watch_make_room(struct watch *w)
{
    struct link *oldest = NULL;
    if (w->count <= w->most) return 0;
    for (struct link *l = w->links; l; l = l->next)
        if (l->idle && (!oldest || l->deadline < oldest->deadline)) oldest = l;
    if (oldest) link_close(oldest);
    return oldest ? w->count - w->most : 0;
}

static void link_add(struct server *s, struct link *l, int fd)
{
    struct watch *w = s->watch;
    l->fd = fd;
    l->deadline = queue_clock() + s->patience;
    pthread_mutex_lock(&w->lock);
    w->count++;
    const int over = watch_make_room(w);
    l->idle = true;
    l->next = w->links;
    w->links = l;
    pthread_mutex_unlock(&w->lock);
    /* On the thread that accepts connections: those that were closed end meanwhile. */
    if (over > 0) nanosleep(&(struct timespec){0, over * 1000000L}, NULL);
}

static void link_remove(struct watch *w, struct link *l)
{
    pthread_mutex_lock(&w->lock);
    for (struct link **at = &w->links; *at; at = &(*at)->next)
        if (*at == l) {
            *at = l->next;
            w->count--;
            break;
        }
    pthread_mutex_unlock(&w->lock);
    free(l);
}

void watch_connection(void *user, struct MHD_Connection *connection, void **link,
    enum MHD_ConnectionNotificationCode code)
{
    struct server *s = user;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        struct link *l = *link = calloc(1, sizeof *l);
        if (l)
            link_add(s, l,
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
    } else {
        link_remove(s->watch, *link);
        *link = NULL;
    }
}

static void link_set(
    struct server *s, struct MHD_Connection *connection, double deadline, bool idle)
{
    struct link *l =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    if (!l) return;
    pthread_mutex_lock(&s->watch->lock);
    l->deadline = deadline;
    l->idle = idle;
    if (idle) s->watch->worked = queue_clock();
    pthread_mutex_unlock(&s->watch->lock);
}

void watch_allow(struct server *s, struct MHD_Connection *connection, double from, double seconds)
{
    link_set(s, connection, seconds > 0 ? from + seconds : 0, false);
}

void watch_idle(struct server *s, struct MHD_Connection *connection)
{
    link_set(s, connection, queue_clock() + s->patience, true);
}
