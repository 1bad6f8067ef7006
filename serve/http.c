/* SPDX-License-Identifier: Apache-2.0 */
/* From a connection to a handler and back: who may ask, which route it is, the body within its
 * limits, the answer, the log. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "infer.h"
#include "server.h"

/* Seconds for a body or an answer at this rate, beside the patience for its first byte; the largest
 * body of a request without an image; the largest that is read although it is refused; the most
 * bytes of outputs that are copied behind their JSON. */
enum { SLOWEST = 32 << 10, SMALL_MAX = 1 << 20, DRAIN_MAX = 64 << 20, JOINED_MAX = 64 << 10 };

void answer_error(struct answer *a, int status, const char *format, ...)
{
    char words[1200];
    va_list list;
    va_start(list, format);
    vsnprintf(words, sizeof words, format, list);
    va_end(list);
    json_t *j = json_pack("{s:s}", "error", words);
    char *text = j ? bytes_json(j) : NULL;
    json_decref(j);
    a->status = status;
    a->type = "application/json";
    free(a->text.data);
    a->text = (struct text){0};
    bytes_add(&a->text, "%s", text ? text : "{\"error\":\"the answer is not UTF-8\"}");
    free(text);
}

/* Why the server could not write, as the C library says it. */
static void answer_io(struct answer *a, const char *sentence)
{
    static const int reasons[] = {ENOSPC, EDQUOT, EROFS, EACCES};
    fprintf(stderr, "attunet-serve: %s\n", sentence); /* may name files of this host */
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strstr(sentence, strerror(reasons[i]))) {
            answer_error(a, i < 2 ? 507 : 500, "the server failed: %s; its log says more",
                strerror(reasons[i]));
            return;
        }
    answer_error(a, 500, "the server failed; its log says why");
}

void answer_failure(struct answer *a, att_status status, const char *sentence)
{
    const bool theirs = status == ATT_USAGE || status == ATT_DATA;
    const bool large = status == ATT_MEMORY && strstr(sentence, "are allowed");
    if (theirs || large) {
        answer_error(a, large ? 413 : 400, "%s", sentence);
    } else if (status == ATT_INTERRUPTED) {
        answer_error(a, 503, "the prediction was stopped; try again later");
    } else if (status == ATT_MEMORY) {
        answer_error(a, 503, "out of memory; try again later, or send a smaller image");
    } else if (status == ATT_MODEL) {
        answer_error(a, 422, "%s", sentence);
    } else {
        answer_io(a, sentence);
    }
}

void answer_file_failure(struct request *r, att_status status, const char *sentence)
{
    const bool named = status == ATT_USAGE || status == ATT_DATA || status == ATT_MODEL;
    answer_failure(&r->answer, named && !r->server->view ? ATT_IO : status, sentence);
}

/* ---- short answers */

static void answer_json(struct request *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void answer_json(struct request *r, const char *format, ...)
{
    char words[4096];
    va_list list;
    va_start(list, format);
    vsnprintf(words, sizeof words, format, list);
    va_end(list);
    r->answer.status = 200;
    r->answer.type = "application/json";
    bytes_add(&r->answer.text, "%s", words);
}

bool answer_take(struct request *r, json_t *json)
{
    char *text = json ? bytes_json(json) : NULL;
    json_decref(json);
    if (text) bytes_add(&r->answer.text, "%s", text);
    free(text);
    r->answer.status = 200;
    r->answer.type = "application/json";
    if (!r->answer.text.used) answer_error(&r->answer, 503, "out of memory; try again later");
    return true;
}

const char *request_argument(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
}

static bool live(struct request *r)
{
    answer_json(r, "{\"live\":true}");
    return true;
}

static bool ready(struct request *r)
{
    const bool closing = atomic_load(&r->server->draining);
    answer_json(r, "{\"%s\":%s}", r->model ? "ready" : "live", closing ? "false" : "true");
    if (closing) r->answer.status = 503;
    return true;
}

static bool about_server(struct request *r)
{
    answer_json(r,
        "{\"name\":\"attunet\",\"version\":\"%s\",\"extensions\":[\"binary_tensor_data\","
        "\"model_repository\",\"model_configuration\"]}",
        att_version());
    return true;
}

static bool about_model(struct request *r)
{
    const struct served *m = r->model;
    struct text *t = &r->answer.text;
    answer_json(r, "{\"name\":\"%s\",\"versions\":[", m->name);
    const char *comma = "";
    for (int i = 0; i < models_count(&r->server->models); i++) {
        const struct served *s = &r->server->models.list[i];
        if (strcmp(s->name, m->name)) continue;
        bytes_add(t, "%s\"%s\"", comma, s->version);
        comma = ",";
    }
    bytes_add(t,
        "],\"platform\":\"attunet\","
        "\"inputs\":[{\"name\":\"image\",\"datatype\":\"FP32\",\"shape\":[%d,-1,-1,-1]}],"
        "\"outputs\":[{\"name\":\"labels\",\"datatype\":\"UINT16\",\"shape\":[-1,-1,-1]},"
        "{\"name\":\"probabilities\",\"datatype\":\"FP32\",\"shape\":[%d,-1,-1,-1]}],"
        "\"parameters\":%s}",
        m->in, m->out, m->about);
    return true;
}

static bool config(struct request *r)
{
    const struct served *m = r->model;
    answer_json(r,
        "{\"name\":\"%s\",\"platform\":\"attunet\",\"backend\":\"attunet\",\"max_batch_size\":0,"
        "\"input\":[{\"name\":\"image\",\"data_type\":\"TYPE_FP32\",\"dims\":[%d,-1,-1,-1]}],"
        "\"output\":[{\"name\":\"labels\",\"data_type\":\"TYPE_UINT16\",\"dims\":[-1,-1,-1]},"
        "{\"name\":\"probabilities\",\"data_type\":\"TYPE_FP32\",\"dims\":[%d,-1,-1,-1]}]}",
        m->name, m->in, m->out);
    return true;
}

static bool repository(struct request *r)
{
    answer_json(r, "[");
    for (int i = 0; i < models_count(&r->server->models); i++) {
        const struct served *s = &r->server->models.list[i];
        bytes_add(&r->answer.text,
            "%s{\"name\":\"%s\",\"version\":\"%s\",\"state\":\"READY\",\"reason\":\"\"}",
            i ? "," : "", s->name, s->version);
    }
    bytes_add(&r->answer.text, "]");
    return true;
}

static bool metrics(struct request *r)
{
    int waiting, running;
    queue_counts(r->server->queue, &waiting, &running);
    r->answer.status = 200;
    r->answer.type = "text/plain; version=0.0.4";
    metrics_write(r->server->metrics, waiting, running, &r->answer.text);
    return true;
}

/* ---- routes */

enum {
    FREE = 1, /* without a token */
    BODY = 2,
    LARGE = 4,   /* the body may be an image; without BODY, the answer */
    DRAINED = 8, /* while the server stops, too */
    PACKED = 16  /* the body may be compressed */
};
struct route {
    const char *path;    /* M, V and ID stand for names */
    const char *methods; /* as Allow lists them */
    int flags;
    bool (*handle)(struct request *r);
};
#define READ "GET, HEAD"
#define IMAGE (BODY | LARGE | PACKED)
static const struct route routes[] = {
    {"v2/health/live", READ, FREE | DRAINED, live},
    {"v2/health/ready", READ, FREE | DRAINED, ready},
    {"v2", READ, 0, about_server},
    {"v2/repository/index", "POST", BODY, repository},
    {"v2/models/M", READ, 0, about_model},
    {"v2/models/M/ready", READ, DRAINED, ready},
    {"v2/models/M/config", READ, 0, config},
    {"v2/models/M/infer", "POST", IMAGE, predict_infer},
    {"v2/models/M/versions/V", READ, 0, about_model},
    {"v2/models/M/versions/V/ready", READ, DRAINED, ready},
    {"v2/models/M/versions/V/config", READ, 0, config},
    {"v2/models/M/versions/V/infer", "POST", IMAGE, predict_infer},
    {"predict", "POST, PUT", IMAGE, predict_request},
    {"predict/M", "POST, PUT", IMAGE, predict_request},
    {"progress/ID", READ, DRAINED, predict_progress},
    {"info", READ, 0, monai_info},
    {"session", "PUT", BODY | LARGE, monai_session_put},
    {"session/ID", READ, 0, monai_session},
    {"session/ID", "DELETE", 0, monai_session_delete},
    {"datastore", READ, 0, datastore_get},
    {"datastore", "PUT", BODY | LARGE, monai_image_put},
    {"datastore/image", READ, LARGE, datastore_image},
    {"datastore/image", "PUT", BODY | LARGE, monai_image_put},
    {"datastore/label", READ, LARGE, datastore_label},
    {"datastore/label", "PUT", BODY | LARGE, datastore_put_label},
    {"activelearning/ID", "POST", BODY, datastore_next},
    {"train", READ, 0, train_get},
    {"train", "POST", BODY, train_post},
    {"train", "DELETE", 0, train_delete},
    {"train/M", "POST", BODY, train_post},
    {"logs", READ, 0, train_log},
    {"infer/M", "POST", IMAGE, monai_infer},
    {"cases", READ, 0, view_cases},
    {"case/ID/image", READ, LARGE, view_image},
    {"case/ID/mask", READ, LARGE, view_mask},
    {"case/ID/truth", READ, LARGE, view_truth},
    {"case/ID/label", READ, LARGE, view_label},
    {"case/ID/label", "PUT", BODY | LARGE, view_save},
    {"case/ID/file", "POST", BODY | LARGE, view_file},
    {"case/ID/predict/M", "POST", BODY, view_predict},
    {"", READ, FREE, page_get},
    {"page.css", READ, FREE, page_get},
    {"page.js", READ, FREE, page_get},
    {"volume.js", READ, FREE, page_get},
    {"niivue.js", READ, FREE, page_get},
    {"metrics", READ, DRAINED, metrics},
};
static const struct route unknown = {"unknown", "", 0, NULL};

const char *page_path(const struct request *r) { return r->route->path; }

/* Compares part by part; names of the path are copied. */
static bool route_fits(const char *path, const char *url, char m[64], char v[64], char id[64])
{
    while (*url == '/') url++;
    *m = *v = *id = 0;
    for (;;) {
        const size_t a = strcspn(path, "/"), b = strcspn(url, "/");
        char *to = a == 1 && *path == 'M' ? m
            : a == 1 && *path == 'V'      ? v
            : a == 2 && *path == 'I'      ? id
                                          : NULL;
        if (!a && !b) return !*path && !*url;
        if (to && (!b || b >= 64)) return false;
        if (to) memcpy(to, url, b), to[b] = 0;
        if (!to && (a != b || memcmp(path, url, a) != 0)) return false;
        path += a + (path[a] == '/');
        url += b;
        while (*url == '/') url++;
    }
}

static bool listed(const char *methods, const char *method)
{
    const char *at = strstr(methods, method);
    const size_t length = strlen(method);
    return at && (at == methods || at[-1] == ' ') && (at[length] == ',' || !at[length]);
}

static void find_route(struct request *r, const char *url, const char *method)
{
    char word[3][64], name[64] = "", version[64] = "", *allow = r->answer.allow;
    bool taken = false;
    r->route = &unknown;
    for (size_t i = 0; i < sizeof routes / sizeof *routes && !taken; i++)
        if (route_fits(routes[i].path, url, word[0], word[1], word[2])) {
            const size_t used = strlen(allow);
            taken = listed(routes[i].methods, method); /* else perhaps the next one */
            snprintf(allow + used, sizeof r->answer.allow - used, "%s%s", used ? ", " : "",
                routes[i].methods);
            if (!taken && r->route != &unknown) continue;
            memcpy(name, word[0], sizeof name);
            memcpy(version, word[1], sizeof version);
            memcpy(r->word, word[2], sizeof r->word);
            r->route = &routes[i];
        }
    if (!taken && *allow) {
        answer_error(&r->answer, 405, "this path takes %s", allow);
        return;
    }
    *allow = 0;
    if (!taken) {
        answer_error(&r->answer, 404, "there is nothing at this path; docs/serve.md lists all");
        return;
    }
    if (!strstr(r->route->path, "/M") && r->route->handle != predict_request) return;
    r->model = models_find(&r->server->models, *name ? name : NULL, *version ? version : NULL);
    if (r->model) return;
    answer_error(&r->answer, 404,
        *name ? "the server has no such model or version"
              : "the server has several models; name one, as in /predict/NAME");
}

/* ---- who may ask */

static const char *header(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

/* Every byte is compared, so that time tells nothing. */
static bool same_secret(const char *a, const char *b)
{
    const size_t n = strlen(a), m = strlen(b);
    unsigned differ = n != m;
    for (size_t i = 0; i < m; i++)
        differ |= (unsigned char)(i < n ? a[i] : 0) ^ (unsigned char)b[i];
    return !differ;
}

/* A page elsewhere may let its own name point to this machine; then the browser sends that name. */
static bool own_name(const struct server *s, const char *host)
{
    const char *const names[] = {"localhost", "127.0.0.1", "[::1]", s->host};
    const char *colon = host ? strrchr(host, ':') : NULL;
    size_t length = host ? strlen(host) : 0;
    if (colon && !strchr(colon, ']')) length = (size_t)(colon - host);
    for (size_t i = 0; host && i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length && strncasecmp(names[i], host, length) == 0) return true;
    return false;
}

/* Whether a page asks whose site --allow-origin names. */
static bool allowed_page(const struct request *r)
{
    const char *origin = header(r, "Origin");
    return *r->server->origin && origin && strcmp(origin, r->server->origin) == 0;
}

static bool check_site(struct request *r)
{
    const struct server *s = r->server;
    const char *host = header(r, "Host"), *origin = header(r, "Origin"),
               *site = header(r, "Sec-Fetch-Site");
    if (s->loopback && !own_name(s, host)) {
        answer_error(&r->answer, 421,
            "the request names another host than this server; use http://%s:%d", s->host, s->port);
        return false;
    }
    if (allowed_page(r)) return true;
    if ((origin &&
            (strncmp(origin, "http://", 7) != 0 || !host || strcasecmp(origin + 7, host) != 0)) ||
        (site && strcmp(site, "cross-site") == 0 && r->route->handle != page_get)) {
        answer_error(&r->answer, 403, "pages of other sites may not use this server");
        return false;
    }
    return true;
}

static bool check_token(struct request *r)
{
    const struct server *s = r->server;
    const char *given = header(r, "Authorization");
    if (!*s->token || (r->route->flags & FREE)) return true;
    if (given && strncasecmp(given, "Bearer ", 7) == 0 && same_secret(given + 7, s->token))
        return true;
    answer_error(
        &r->answer, 401, "a token is needed; send it in the header Authorization: Bearer TOKEN");
    return false;
}

/* ---- the body */

static bool whole_number(const char *text, size_t *value)
{
    char *end;
    if (!text || !isdigit((unsigned char)*text)) return false;
    const unsigned long long x = strtoull(text, &end, 10);
    *value = (size_t)x;
    return !*end && x < SIZE_MAX / 4;
}

static bool admit(struct request *r)
{
    struct server *s = r->server;
    r->admitted = atomic_fetch_add(&s->admitted, 1) < s->max_requests;
    if (r->admitted) return true;
    atomic_fetch_sub(&s->admitted, 1); /* its body may yet take long to come */
    answer_error(&r->answer, 429, "the queue of %d request%s is full; try again later",
        s->max_requests, s->max_requests == 1 ? "" : "s");
    return false;
}

static void refuse_size(struct request *r)
{
    answer_error(
        &r->answer, 413, "the body is larger than %zu bytes; send a smaller one", r->limit);
}

static void expect_body(struct request *r)
{
    const struct server *s = r->server;
    const char *length = header(r, "Content-Length"), *coding = header(r, "Content-Encoding"),
               *json = header(r, "Inference-Header-Content-Length");
    size_t size = 0;
    if (r->route->handle != predict_infer) json = NULL; /* values of a mask lie on even addresses */
    r->limit = r->route->flags & LARGE ? s->max_body : SMALL_MAX;
    if (coding && strcmp(coding, "identity")) {
        const bool may = r->route->flags & PACKED;
        r->packed = may && (!strcmp(coding, "gzip") || !strcmp(coding, "deflate"));
        if (!r->packed) {
            answer_error(&r->answer, 415, "send the body as it is%s",
                may ? ", or with gzip or deflate" : "; its path takes none that is compressed");
            return;
        }
    }
    if (json && !whole_number(json, &r->json)) {
        answer_error(&r->answer, 400, "Inference-Header-Content-Length is no number");
        return;
    }
    if (length && (!whole_number(length, &size) || size > r->limit)) {
        refuse_size(r);
        return;
    }
    if (!admit(r)) return;
    /* Samples behind the JSON are read where they lie if they lie on whole floats. */
    const size_t pad = (16 - r->json % 16) % 16;
    r->room = size;
    r->block = malloc(size + pad + 1);
    r->body = r->block ? r->block + pad : NULL;
    if (!r->block) answer_error(&r->answer, 503, "out of memory; try again later");
}

/* Without a Content-Length the block grows. */
static void take_body(struct request *r, const char *data, size_t size)
{
    const size_t pad = (size_t)(r->body - r->block);
    if (size > r->limit - r->size) {
        refuse_size(r);
        return;
    }
    if (size > r->room - r->size) {
        const size_t room = r->size + size + r->size / 2;
        char *block = realloc(r->block, room + pad + 1);
        if (!block) {
            answer_error(&r->answer, 503, "out of memory; try again later");
            return;
        }
        r->block = block;
        r->body = block + pad;
        r->room = room;
    }
    memcpy(r->body + r->size, data, size);
    r->size += size;
}

/* ---- the answer */

struct sent {
    struct text text;
    struct infer *tensors;
};

static void sent_free(void *user)
{
    struct sent *s = user;
    if (s->tensors) infer_free(s->tensors);
    free(s->tensors);
    free(s->text.data);
    free(s);
}

/* The binary outputs. */
static unsigned tensor_parts(const struct infer *tensors, struct MHD_IoVec *parts, uint64_t *bytes)
{
    unsigned count = 0;
    for (int i = 0; tensors && i < tensors->count; i++) {
        const struct infer_output *o = &tensors->outputs[i];
        if (!o->binary) continue;
        parts[count++] = (struct MHD_IoVec){infer_data(o), infer_bytes(o)};
        *bytes += infer_bytes(o);
    }
    return count;
}

static struct MHD_Response *make_response(struct request *r)
{
    struct MHD_IoVec parts[INFER_OUTPUTS + 1];
    struct answer *a = &r->answer;
    uint64_t bytes = 0;
    const unsigned count = tensor_parts(a->tensors, parts + 1, &bytes);
    r->sent = a->text.used + bytes;
    if (bytes <= JOINED_MAX && bytes_room(&a->text, (size_t)bytes)) { /* then one call sends all */
        for (unsigned i = 1; i <= count; i++) {
            memcpy(a->text.data + a->text.used, parts[i].iov_base, parts[i].iov_len);
            a->text.used += parts[i].iov_len;
        }
        struct MHD_Response *response =
            MHD_create_response_from_buffer(a->text.used, a->text.data, MHD_RESPMEM_MUST_FREE);
        if (response) a->text = (struct text){0};
        return response;
    }
    struct sent *s = a->text.lost ? NULL : malloc(sizeof *s);
    if (!s) return NULL;
    *s = (struct sent){a->text, a->tensors};
    a->text = (struct text){0};
    a->tensors = NULL;
    parts[0] = (struct MHD_IoVec){s->text.data, s->text.used};
    struct MHD_Response *response = MHD_create_response_from_iovec(parts, count + 1, sent_free, s);
    if (!response) sent_free(s);
    return response;
}

static void add_page_headers(const struct request *r, struct MHD_Response *response)
{
    if (!*r->server->origin) return;
    MHD_add_response_header(response, "Vary", "Origin");
    if (!allowed_page(r)) return;
    MHD_add_response_header(response, "Access-Control-Allow-Origin", r->server->origin);
    if (r->answer.status != 204) return;
    MHD_add_response_header(response, "Access-Control-Allow-Methods", "GET, POST, PUT, DELETE");
    MHD_add_response_header(
        response, "Access-Control-Allow-Headers", "Authorization, Content-Type");
    MHD_add_response_header(response, "Access-Control-Max-Age", "600");
}

static void add_headers(const struct answer *a, size_t json, struct MHD_Response *response)
{
    char words[80];
    MHD_add_response_header(response, "Content-Type", a->type);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    if (strncmp(a->type, "text/html", 9) == 0)
        MHD_add_response_header(response, "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data: blob:; connect-src 'self' blob: data:; worker-src blob:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    snprintf(words, sizeof words, "%zu", json);
    if (json) MHD_add_response_header(response, "Inference-Header-Content-Length", words);
    if (*a->allow) MHD_add_response_header(response, "Allow", a->allow);
    if (a->status == 429 || a->status == 503) MHD_add_response_header(response, "Retry-After", "1");
    if (a->status == 401) MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
    if (*a->doubts) MHD_add_response_header(response, "Attunet-Doubts", a->doubts);
    snprintf(words, sizeof words, "attachment; filename=\"%s\"", a->file);
    if (*a->file) MHD_add_response_header(response, "Content-Disposition", words);
}

static enum MHD_Result send_answer(struct request *r)
{
    const size_t json = r->answer.json;
    free(r->block); /* a client may take long to read the answer */
    r->block = r->body = NULL;
    struct MHD_Response *response = make_response(r);
    if (!response) return MHD_NO;
    add_headers(&r->answer, json, response);
    add_page_headers(r, response);
    if (atomic_load(&r->server->draining)) MHD_add_response_header(response, "Connection", "close");
    watch_allow(
        r->server, r->connection, queue_clock(), r->server->patience + (double)r->sent / SLOWEST);
    const enum MHD_Result done =
        MHD_queue_response(r->connection, (unsigned)r->answer.status, response);
    MHD_destroy_response(response);
    return done;
}

/* ---- a request from its head to its end */

static void name_client(struct request *r)
{
    const struct sockaddr *a =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    const void *from = a->sa_family == AF_INET6
        ? (const void *)&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr
        : (const void *)&((const struct sockaddr_in *)(const void *)a)->sin_addr;
    if (!inet_ntop(a->sa_family, from, r->client, sizeof r->client)) *r->client = 0;
}

static enum MHD_Result begin(struct server *s, struct MHD_Connection *connection, const char *url,
    const char *method, void **request)
{
    struct request *r = *request = calloc(1, sizeof *r);
    if (!r) return MHD_NO;
    r->server = s;
    r->connection = connection;
    r->begun = queue_clock();
    r->queued = -1;
    r->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    atomic_fetch_add(&s->open, 1);
    name_client(r);
    find_route(r, url, method);
    struct answer found = r->answer; /* who may not ask learns nothing about routes */
    r->answer = (struct answer){0};
    if (check_site(r) && strcmp(method, "OPTIONS") == 0 && allowed_page(r)) {
        free(found.text.data); /* its browser asks what the page may do, without a token */
        r->answer.status = 204;
        r->answer.type = "text/plain";
    } else if (!r->answer.status && check_token(r)) {
        r->answer = found;
        if (!found.status && atomic_load(&s->draining) && !(r->route->flags & DRAINED))
            answer_error(&r->answer, 503, "the server stops; try again later");
        if (!r->answer.status && (r->route->flags & BODY))
            expect_body(r);
        else if (!r->answer.status && (r->route->flags & LARGE))
            admit(r); /* its answer takes as much memory as a body */
    } else {
        free(found.text.data);
    }
    /* Many clients read an answer only after they have sent their body, so it is read. Some ask
     * before. */
    size_t length = 0;
    const char *words = header(r, "Content-Length");
    const bool sent =
        !header(r, "Expect") && (!words || (whole_number(words, &length) && length <= DRAIN_MAX));
    watch_allow(s, connection, queue_clock(), s->patience);
    return r->answer.status && !sent ? send_answer(r) : MHD_YES;
}

enum MHD_Result http_handle(void *server, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *size, void **request)
{
    struct request *r = *request;
    (void)version;
    if (!r) return begin(server, connection, url, method, request);
    if (*size) {
        if (!r->answer.status && r->block)
            take_body(r, data, *size);
        else
            r->size += *size;
        *size = 0;
        watch_allow(
            r->server, connection, r->begun, r->server->patience + (double)r->size / SLOWEST);
        return r->size > r->server->max_body + DRAIN_MAX ? MHD_NO : MHD_YES;
    }
    watch_allow(r->server, connection, 0, 0);
    if (!r->answer.status && !r->route->handle(r)) return MHD_NO;
    return send_answer(r);
}

/* One line of JSON: no query, no name that a client chose, no header. */
static void write_log(const struct request *r, double seconds)
{
    char when[32];
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    fprintf(stderr,
        "{\"time\":\"%s\",\"client\":\"%s\",\"route\":\"%s\",\"model\":\"%s\","
        "\"doubts\":\"%s\",\"status\":%d,\"received\":%zu,\"sent\":%llu,\"voxels\":%llu,"
        "\"waited\":%.4f,\"seconds\":%.4f}\n",
        when, r->client, r->route->path, r->model ? r->model->name : "", r->answer.doubts,
        r->answer.status, r->size, (unsigned long long)r->sent, (unsigned long long)r->voxels,
        r->queued > 0 ? r->queued : 0, seconds);
}

void http_completed(void *server, struct MHD_Connection *connection, void **request,
    enum MHD_RequestTerminationCode code)
{
    struct server *s = server;
    struct request *r = *request;
    if (!r) return;
    const double seconds = queue_clock() - r->begun;
    if (!r->answer.status) r->answer.status = 499; /* it left inside its body */
    if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK && r->answer.status == 200)
        r->answer.status = 499;
    metrics_count(s->metrics,
        &(struct metrics_request){
            r->route->path, r->answer.status, seconds, r->queued, r->size, r->sent, r->voxels});
    if (!s->view) write_log(r, seconds);
    watch_idle(s, connection);
    if (r->answer.tensors) infer_free(r->answer.tensors);
    free(r->answer.tensors);
    free(r->answer.text.data);
    free(r->block);
    if (r->admitted) atomic_fetch_sub(&s->admitted, 1);
    atomic_fetch_sub(&s->open, 1);
    free(r);
    *request = NULL;
}
