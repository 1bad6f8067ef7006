/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd closes a connection that is silent; one that sends a byte now and then would hold
 * its thread for ever.  So each connection has a deadline, and a thread that shuts it down. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "server.h"

enum { LOOK_MS = 200 };

struct link {
    int fd;
    double deadline; /* 0: none */
    struct link *next;
};

struct watch {
    pthread_mutex_t lock;
    pthread_t thread;
    struct link *links;
    bool ending;
};

static void *watch_run(void *user)
{
    const struct timespec pause = {0, LOOK_MS * 1000000L};
    struct watch *w = user;
    pthread_mutex_lock(&w->lock);
    while (!w->ending) {
        const double now = queue_clock();
        for (struct link *l = w->links; l; l = l->next)
            if (l->deadline > 0 && now > l->deadline) {
                shutdown(l->fd, SHUT_RDWR);
                l->deadline = 0;
            }
        pthread_mutex_unlock(&w->lock);
        nanosleep(&pause, NULL);
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct watch *watch_create(void)
{
    struct watch *w = calloc(1, sizeof *w);
    if (!w) return NULL;
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

void watch_connection(void *user, struct MHD_Connection *connection, void **link,
    enum MHD_ConnectionNotificationCode code)
{
    struct server *s = user;
    struct watch *w = s->watch;
    pthread_mutex_lock(&w->lock);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        struct link *l = *link = calloc(1, sizeof *l);
        if (l) {
            l->fd =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
            l->deadline = queue_clock() + s->patience;
            l->next = w->links;
            w->links = l;
        }
    } else {
        for (struct link **at = &w->links; *at; at = &(*at)->next)
            if (*at == *link) {
                *at = (*at)->next;
                break;
            }
        free(*link);
        *link = NULL;
    }
    pthread_mutex_unlock(&w->lock);
}

void watch_allow(struct server *s, struct MHD_Connection *connection, double from, double seconds)
{
    struct link *l =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    if (!l) return;
    pthread_mutex_lock(&s->watch->lock);
    l->deadline = seconds > 0 ? from + seconds : 0;
    pthread_mutex_unlock(&s->watch->lock);
}
