/* SPDX-License-Identifier: Apache-2.0 */
/* attunet-serve [--NAME=VALUE...] MODEL...: the command `attunet serve` starts it.  Loads the
 * models, listens, and ends when a signal asks for it and the predictions under way are done.
 * attunet-serve --view [--NAME=VALUE...] RUN|MODEL|IMAGE...: the same for `attunet view`, which
 * opens the page. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "open.h"
#include "server.h"

/* STACK: of a connection's thread, on which jansson reads arrays up to 2048 deep.  OTHERS:
 * connections beside those with a request that --queue counts; SPARE: those that end. */
enum { STACK = 1 << 20, OTHERS = 192, SPARE = 64, POOL = 128 << 10 };

struct program {
    struct server server;
    att_context *context; /* of settings and for loading */
    att_settings *settings;
    json_t *values;
    double drain;   /* seconds */
    int lock;       /* of the datastore, or -1 */
    bool usual;     /* the datastore is the one that nobody chose */
    bool made;      /* the datastore, of which nothing may stay if it is empty */
    char page[256]; /* a file that leads the browser to the page; "": none */
};

static int fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int fail(int status, const char *format, ...)
{
    va_list list;
    fputs("attunet-serve: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    return status;
}

/* ---- settings */

static int read_option(struct program *p, const char *word)
{
    char name[64];
    const char *equals = strchr(word, '=');
    const size_t length = equals ? (size_t)(equals - word) : strlen(word);
    if (length >= sizeof name) return fail(ATT_USAGE, "there is no option --%s", word);
    memcpy(name, word, length);
    name[length] = 0;
    const att_status status =
        att_settings_set(p->context, p->settings, name, equals ? equals + 1 : NULL);
    return status == ATT_OK ? 0 : fail((int)status, "%s", att_context_error(p->context));
}

static int read_values(struct program *p, json_t **values)
{
    char *json = NULL;
    const att_status status = att_settings_json(p->context, p->settings, &json);
    if (status != ATT_OK) return fail((int)status, "%s", att_context_error(p->context));
    *values = json_loads(json, 0, NULL);
    att_text_free(json);
    return *values ? 0 : fail(ATT_MEMORY, "out of memory");
}

static int read_settings(struct program *p, int argc, char **argv)
{
    json_t *usual = NULL;
    att_status status = att_context_create(1, "ref", NULL, &p->context);
    const char *command = p->server.view ? "view" : "serve";
    if (status == ATT_OK) status = att_settings_create(p->context, command, &p->settings);
    if (status != ATT_OK) return fail((int)status, "%s", att_context_error(p->context));
    int bad = read_values(p, &usual);
    for (int i = 1 + p->server.view; i < argc && !bad; i++)
        if (strncmp(argv[i], "--", 2) == 0) bad = read_option(p, argv[i] + 2);
    if (!bad) bad = read_values(p, &p->values);
    if (!bad)
        p->usual = json_equal(
            json_object_get(usual, "datastore"), json_object_get(p->values, "datastore"));
    json_decref(usual);
    return bad;
}

static const char *setting(const struct program *p, const char *name)
{
    return json_string_value(json_object_get(p->values, name));
}

static double number(const struct program *p, const char *name)
{
    return json_number_value(json_object_get(p->values, name));
}

/* The first line of a file. */
static int read_token(struct server *s, const char *path)
{
    enum { SHORTEST = 16 };
    struct stat info;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const ssize_t length = fd < 0 ? -1 : read(fd, s->token, sizeof s->token - 1);
    const int error = errno;
    const bool others = fd >= 0 && fstat(fd, &info) == 0 && (info.st_mode & S_IROTH);
    if (fd >= 0) close(fd);
    if (length < 0) return fail(ATT_IO, "cannot read the token file %s: %s", path, strerror(error));
    s->token[length] = 0;
    s->token[strcspn(s->token, "\r\n")] = 0;
    if (strlen(s->token) == sizeof s->token - 1) /* the rest of the line was not read */
        return fail(ATT_USAGE,
            "the first line of the token file %s has more than %zu letters; make a shorter token "
            "with 'openssl rand -hex 32'",
            path, sizeof s->token - 2);
    for (const char *c = s->token; *c; c++)
        if (*c <= ' ' || *c > '~')
            return fail(ATT_USAGE,
                "the first line of the token file %s has a space or a letter outside ASCII; make a "
                "token with 'openssl rand -hex 32'",
                path);
    if (strlen(s->token) < SHORTEST)
        return fail(ATT_USAGE,
            "the first line of the token file %s has less than %d letters; make a token with "
            "'openssl rand -hex 32'",
            path, SHORTEST);
    if (others)
        fprintf(stderr,
            "attunet-serve: every user of this machine can read the token file %s; run 'chmod "
            "o-r' on it\n",
            path);
    return 0;
}

/* Other users of this machine reach its ports, too. */
static int make_token(struct server *s)
{
    unsigned char random[16];
    if (getrandom(random, sizeof random, 0) != sizeof random)
        return fail(ATT_IO, "cannot make a secret address: %s", strerror(errno));
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(s->token + 2 * i, sizeof s->token - 2 * i, "%02x", random[i]);
    return 0;
}

/* As browsers write it: no path, no capitals. */
static int read_origin(struct server *s, const char *origin)
{
    const char *name = !origin ? NULL : strstr(origin, "://");
    if (!origin) return 0;
    const bool good = name && name[3] && strlen(origin) < sizeof s->origin &&
        (strncmp(origin, "http:", 5) == 0 || strncmp(origin, "https:", 6) == 0) &&
        strspn(name + 3, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]") == strlen(name + 3);
    if (!good)
        return fail(ATT_USAGE,
            "--allow-origin '%s' is no site; give one as browsers do, such as "
            "http://localhost:3000",
            origin);
    snprintf(s->origin, sizeof s->origin, "%s", origin);
    return 0;
}

/* Who may reach this address. */
static int read_address(struct program *p, struct sockaddr_storage *to)
{
    struct server *s = &p->server;
    const char *host = s->view ? "127.0.0.1" : setting(p, "host"),
               *token = setting(p, "token_file");
    struct sockaddr_in *four = (struct sockaddr_in *)to;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
    const in_port_t port = htons((uint16_t)number(p, "port"));
    memset(to, 0, sizeof *to);
    snprintf(s->host, sizeof s->host, strchr(host, ':') ? "[%s]" : "%s", host);
    if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = port;
        s->loopback = ntohl(four->sin_addr.s_addr) >> 24 == 127;
    } else if (inet_pton(AF_INET6, host, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = port;
        s->loopback = IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
    } else {
        return fail(ATT_USAGE,
            "--host '%s' is no address; give one such as 127.0.0.1, ::1 or 0.0.0.0", host);
    }
    if (s->view) return make_token(s);
    const int bad = read_origin(s, setting(p, "allow_origin"));
    if (bad) return bad;
    if (token) return read_token(s, token);
    if (s->loopback) return 0;
    return fail(ATT_USAGE,
        "other machines reach --host %s; give --token-file FILE, or leave --host out", host);
}

/* ---- start and end */

/* Whether a path, which need not exist, is a folder or lies in it. */
static bool lies_in(const char *path, const struct stat *folder)
{
    char at[PATH_MAX + 3];
    struct stat here, above;
    snprintf(at, PATH_MAX, "%s", path);
    while (stat(at, &here) != 0) {
        char *slash = strrchr(at, '/');
        if (slash && slash > at)
            *slash = 0;
        else
            strcpy(at, slash ? "/" : ".");
    }
    while (here.st_dev != folder->st_dev || here.st_ino != folder->st_ino) {
        if (strlen(at) + 3 >= PATH_MAX) return false;
        strcat(at, "/..");
        if (stat(at, &above) != 0 || (above.st_dev == here.st_dev && above.st_ino == here.st_ino))
            return false;
        here = above;
    }
    return true;
}

/* Before anything is written. */
static int check_folders(struct program *p)
{
    const char *dicom = p->server.view ? NULL : setting(p, "dicom"),
               *datastore = setting(p, "datastore");
    struct stat info;
    if (!dicom) return 0;
    if (!datastore)
        return fail(ATT_USAGE,
            "--dicom needs --datastore FOLDER for volumes and labels of the series; add it");
    if (stat(dicom, &info) != 0)
        return fail(ATT_IO, "cannot read --dicom %s: %s", dicom, strerror(errno));
    if (!S_ISDIR(info.st_mode)) return fail(ATT_USAGE, "--dicom %s is no folder", dicom);
    if (!lies_in(datastore, &info)) return 0;
    return fail(ATT_USAGE,
        "--datastore %s lies in the archive --dicom %s, which the server must not change; give "
        "another",
        datastore, dicom);
}

static int load_models(struct program *p, int argc, char **argv)
{
    struct server *s = &p->server;
    char error[512];
    const char *datastore = setting(p, "datastore");
    struct stat info;
    p->made = datastore && s->view && stat(datastore, &info) != 0;
    const att_status held = datastore ? cases_hold(datastore, s->view, &p->lock, error) : ATT_OK;
    if (held == ATT_IO && p->usual) { /* who only looks needs none */
        fprintf(stderr, "attunet-serve: %s; this page saves no masks\n", error);
        datastore = NULL;
    } else if (held != ATT_OK) {
        return fail((int)held, "%s", error);
    }
    s->cases = cases_create(datastore, error);
    if (!s->cases) return fail(ATT_USAGE, "%s", error);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) continue;
        const att_status status = s->view ? open_path(s, p->context, argv[i], error)
                                          : models_add(&s->models, p->context, argv[i], error);
        if (status != ATT_OK) return fail((int)status, "%s", error);
    }
    att_status status = cases_pair(s->cases, "masks", setting(p, "masks"), false, error);
    if (status == ATT_OK)
        status = cases_pair(s->cases, "labels", setting(p, "labels"), true, error);
    if (status != ATT_OK) return fail((int)status, "%s", error);
    for (int i = 0; i < models_count(&s->models); i++)
        cases_labels(s->cases, s->models.list[i].labels);
    return models_count(&s->models) || cases_count(s->cases)
        ? 0
        : fail(ATT_USAGE, "no model is given; name one or more");
}

/* After the models, since it may take long. */
static int list_series(struct program *p)
{
    struct server *s = &p->server;
    char error[512];
    const char *folder = s->view ? NULL : setting(p, "dicom");
    if (!folder) return 0;
    const int before = cases_count(s->cases);
    s->series = series_create(folder, s->cases, error);
    if (s->series && cases_count(s->cases) == before)
        fprintf(stderr, "attunet-serve: --dicom %s has no series yet\n", folder);
    return s->series ? 0 : fail(ATT_IO, "%s", error);
}

static int start_workers(struct program *p)
{
    struct server *s = &p->server;
    const char *device = setting(p, "device");
    const int workers = (int)number(p, "workers");
    s->threads = (int)number(p, "threads");
    s->device = device && strcmp(device, "cpu") != 0;
    s->isa = s->device ? device : setting(p, "isa");
    if (s->threads <= 0) {
        att_context *all = NULL; /* counts what affinity and cgroup allow */
        const att_status status = att_context_create(0, s->isa, NULL, &all);
        if (status != ATT_OK) fail((int)status, "%s", att_context_error(all));
        s->threads = att_context_threads(all);
        att_context_destroy(all);
        if (status != ATT_OK) return (int)status;
    }
    s->queue = queue_create(workers, s->threads > workers ? s->threads / workers : 1, s->isa);
    s->metrics = metrics_create();
    s->watch = watch_create(s->max_requests + OTHERS);
    s->store = store_create(s->max_body);
    s->train = train_create(s);
    return s->train && s->queue && s->metrics && s->watch && s->store
        ? 0
        : fail(ATT_MEMORY, "out of memory");
}

static int listen_at(struct program *p, const struct sockaddr_storage *at)
{
    struct server *s = &p->server;
    const unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION |
        MHD_USE_ITC | (at->ss_family == AF_INET6 ? MHD_USE_IPv6 : 0u);
    const unsigned connections = (unsigned)s->max_requests + OTHERS + SPARE;
    s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, http_handle, s, MHD_OPTION_SOCK_ADDR, at,
        MHD_OPTION_NOTIFY_COMPLETED, http_completed, s, MHD_OPTION_NOTIFY_CONNECTION,
        watch_connection, s, MHD_OPTION_CONNECTION_LIMIT, connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL, MHD_OPTION_THREAD_STACK_SIZE,
        (size_t)STACK, MHD_OPTION_END);
    if (!s->daemon)
        return fail(ATT_IO, "cannot listen on %s port %d: %s; choose another --port", s->host,
            (int)number(p, "port"), strerror(errno));
    s->port = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    return 0;
}

/* In the browser of a desktop. Everyone can read the words of a process, but not this file. */
static void open_browser(struct program *p, const char *address)
{
    extern char **environ;
    char program[] = "xdg-open";
    char *const words[] = {program, p->page, NULL};
    const char *folder = getenv("XDG_RUNTIME_DIR");
    pid_t child;
    const bool desktop = getenv("DISPLAY") || getenv("WAYLAND_DISPLAY");
    if (!desktop || json_is_true(json_object_get(p->values, "address_only"))) return;
    if (!folder) folder = getenv("TMPDIR");
    snprintf(p->page, sizeof p->page, "%s/attunet-XXXXXX.html", folder ? folder : "/tmp");
    const int file = mkstemps(p->page, 5);
    if (file < 0) {
        *p->page = 0;
        return;
    }
    dprintf(file, "<!doctype html><meta http-equiv=refresh content=\"0;url=%s\">\n", address);
    close(file);
    /* Nobody waits for it; with SIGCHLD ignored, nobody could wait for a training either. */
    posix_spawnp(&child, program, NULL, NULL, words, environ);
}

/* Predictions under way end, unless a second signal comes or it takes too long. */
static void drain(struct program *p, const sigset_t *signals)
{
    const struct timespec moment = {0, 20 * 1000 * 1000};
    struct server *s = &p->server;
    const double until = queue_clock() + p->drain;
    atomic_store(&s->draining, true);
    const MHD_socket listening = MHD_quiesce_daemon(s->daemon);
    if (listening != MHD_INVALID_SOCKET) close(listening);
    while (atomic_load(&s->open) && queue_clock() < until)
        if (sigtimedwait(signals, NULL, &moment) > 0) break;
    train_stop(s->train);
    queue_close(s->queue);
    while (atomic_load(&s->open) && queue_clock() < until + 1) nanosleep(&moment, NULL);
    MHD_stop_daemon(s->daemon);
}

static int serve(struct program *p, int argc, char **argv)
{
    struct server *s = &p->server;
    struct sockaddr_storage at;
    sigset_t signals;
    int bad = read_settings(p, argc, argv), number_of_signal;
    if (!bad && s->view && !page_there())
        bad = fail(ATT_IO, "this attunet-serve has no page; build it with -DATTUNET_VIEWER=ON");
    if (!bad) bad = read_address(p, &at);
    if (!bad) bad = check_folders(p);
    if (!bad) bad = load_models(p, argc, argv);
    if (!bad) bad = list_series(p);
    if (bad) return bad;
    s->max_body = (size_t)(number(p, "max_body") * (1 << 20));
    s->max_datastore = (uint64_t)(number(p, "max_datastore") * (1 << 20));
    s->max_samples = (size_t)number(p, "max_voxels");
    s->max_requests = (int)number(p, "queue");
    s->timeout = number(p, "timeout");
    s->patience = number(p, "client_timeout");
    p->drain = number(p, "drain");
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    bad = start_workers(p);
    if (!bad) bad = listen_at(p, &at);
    if (bad) return bad;
    char address[384]; /* browsers do not send what follows the # */
    snprintf(address, sizeof address, "http://%s:%d%s%s", s->host, s->port, s->view ? "/#" : "",
        s->view ? s->token : "");
    puts(address);
    fflush(stdout);
    if (s->view) open_browser(p, address);
    sigwait(&signals, &number_of_signal);
    drain(p, &signals);
    return 0;
}

int main(int argc, char **argv)
{
    if (child_asked(argc, argv)) return child_become(argv);
    struct program p = {.lock = -1, .server.view = argc > 1 && strcmp(argv[1], "--view") == 0};
    mallopt(M_ARENA_MAX, 1); /* malloc_trim returns the end of the first arena only */
    const int status = serve(&p, argc, argv);
    if (*p.page) unlink(p.page);
    if (p.server.queue) queue_close(p.server.queue);
    queue_destroy(p.server.queue);
    watch_destroy(p.server.watch);
    store_destroy(p.server.store);
    train_destroy(p.server.train);
    series_destroy(p.server.series);
    if (p.made && p.server.cases) rmdir(cases_folder(p.server.cases));
    if (p.lock >= 0) close(p.lock);
    cases_destroy(p.server.cases);
    metrics_free(p.server.metrics);
    models_free(&p.server.models);
    json_decref(p.values);
    att_settings_destroy(p.settings);
    att_context_destroy(p.context);
    return status;
}
