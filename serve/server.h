/* SPDX-License-Identifier: Apache-2.0 */
/* The server: its options, what it holds, and one request. */
#pragma once

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "bytes.h"
#include "cases.h"
#include "metrics.h"
#include "models.h"
#include "multipart.h"
#include "queue.h"
#include "series.h"
#include "store.h"

struct server {
    struct models models;
    struct queue *queue;
    struct metrics *metrics;
    struct watch *watch;
    struct store *store;
    struct cases *cases;
    struct train *train;
    struct series *series; /* of --dicom, or NULL */
    struct MHD_Daemon *daemon;
    size_t max_body, max_samples; /* bytes of a body; samples of an image */
    uint64_t max_datastore;       /* bytes of its files; 0: any */
    int max_requests;             /* with a body, or an image as the answer, at a time */
    double timeout, patience;     /* seconds: of a prediction with its wait; of a silent client */
    int threads;                  /* of all workers, and of a training */
    const char *isa;              /* of contexts; NULL: the best */
    char host[64], token[256];    /* token "": none is asked */
    char origin[128];             /* whose pages may ask; "": none but its own */
    _Atomic int port;             /* which answers; 0 until it listens */
    bool loopback, view, device;  /* view: for the person at this machine; isa is a device */
    atomic_bool draining;
    atomic_int admitted, open; /* of max_requests; all */
};

struct request;

/* What a handler answers. */
struct answer {
    int status;
    const char *type;      /* of constant text */
    struct text text;      /* the body, or its first part */
    size_t json;           /* Inference-Header-Content-Length; 0: none */
    char allow[40];        /* methods, with 405 */
    char file[32];         /* name of a file to save; "": none */
    char doubts[DOUBTS];   /* words: of att_doubt, and of series_doubts */
    struct infer *tensors; /* binary outputs that follow the text, owned */
};
void answer_error(struct answer *a, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* An error of the library, without what is nobody's business outside. */
void answer_failure(struct answer *a, att_status status, const char *sentence);
/* The same about a file of this host, whose path only `attunet view` may tell. */
void answer_file_failure(struct request *r, att_status status, const char *sentence);

struct request {
    struct server *server;
    struct MHD_Connection *connection;
    const struct route *route;
    const struct served *model;
    char client[QUEUE_CLIENT];
    int fd;
    char *block, *body;             /* what to free; the body in it */
    size_t size, room, limit, json; /* limit: bytes that the body may have */
    bool admitted, packed;          /* holds one of max_requests; is gzip */
    double begun, queued;
    uint64_t sent, voxels;
    struct answer answer;
    char word[64];   /* of the path: an id */
    char ending[16]; /* of the mask; "": that of the image */
    /* Of MONAI Label's inference: the UID of a DICOM series or NULL, its mask as DICOM SEG, and how
     * many bytes a value of an NRRD mask has (0: as few as fit, compressed). */
    const char *series;
    bool segments, doubtful; /* doubtful: attunet-dicom warned of that mask */
    int value_bytes;
};

/* For handlers: runs work on a worker's thread, or answers why not; false: nobody waits. */
struct task {
    struct job job; /* the first member */
    struct request *request;
};
bool predict_job(struct request *r, void (*work)(struct job *j, struct worker *w));
/* The worker's context for the model of the request, or the first one; NULL: it has answered. */
att_context *predict_context(struct request *r, struct worker *w);
/* Settings that the request's query chooses; NULL: none. False: it has answered. */
bool predict_settings(struct request *r, att_context *c, att_settings **s);
/* Answers with the file of a mask. */
void predict_mask(struct request *r, att_context *c, const att_image *image, const uint16_t *labels,
    const char *ending);
/* Of the query; NULL: it has none. */
const char *request_argument(const struct request *r, const char *name);
/* Takes the JSON, and answers with it. */
bool answer_take(struct request *r, json_t *json);

/* Handlers of routes, after the whole body has come. They return false if nobody waits for the
 * answer any more. */
bool predict_infer(struct request *r);
bool predict_file(struct request *r);
bool predict_request(struct request *r); /* the same, after a look at the query */
bool predict_progress(struct request *r);
int monai_parts(struct request *r, struct part parts[PARTS]); /* of a form; -1: it has answered */
/* result_extension and, as bytes of a value or 0, result_dtype */
void monai_wishes(const char *params, size_t size, char ending[16], int *value_bytes);
bool monai_info(struct request *r);
bool monai_session_put(struct request *r);
bool monai_session(struct request *r);
bool monai_session_delete(struct request *r);
bool monai_image_put(struct request *r);
bool monai_infer(struct request *r);
bool view_cases(struct request *r);
bool view_image(struct request *r);
bool view_mask(struct request *r);
bool view_truth(struct request *r);
bool view_label(struct request *r);
bool view_save(struct request *r);
bool view_file(struct request *r);
bool view_predict(struct request *r);
/* Turns probabilities [channels][voxels] into the entropy of each voxel, in their first channel,
 * and returns its mean. */
double view_entropy(float *probabilities, const struct served *m, size_t voxels);
bool datastore_kept(struct request *r); /* whether labels are; false: it has answered */
bool datastore_room(struct request *r, size_t more); /* for so many bytes; false: as above */
bool datastore_there(struct request *r, const struct one_case *one); /* its image; as above */
void datastore_unwritten(struct request *r);                         /* answers that errno is why */
bool datastore_get(struct request *r);
bool datastore_image(struct request *r);
bool datastore_label(struct request *r);
bool datastore_put_image(struct request *r);
bool datastore_put_label(struct request *r);
const struct served *datastore_model(const struct server *s); /* whose doubts count; NULL: none */
bool datastore_next(struct request *r);
bool datastore_read(const char *path, struct text *t); /* false: it is no file, or no memory */
bool datastore_take(struct request *r, int index);     /* the image of a case as the body */
/* Turns the values of a client's segments into those of classes, by label_info in `params`.  names:
 * {NAME: VALUE}.  False: `error`. */
enum { RENAME_ERROR = 200 };
bool datastore_rename(uint16_t *values, size_t count, const char *params, size_t size,
    const json_t *names, char error[RENAME_ERROR]);
json_t *datastore_label_names(const struct served *m);
json_t *datastore_counts(struct cases *s);
/* How long to train, from a body: option and value. */
bool train_length(const char *body, size_t size, char to[2][16]);
/* Leaves the last lines of a log, which ends with a 0, and no path in them.  cut: it may begin
 * inside a line. */
void train_last_lines(char *text, size_t size, bool cut, int lines);
bool train_post(struct request *r);
bool train_get(struct request *r);
bool train_delete(struct request *r);
bool train_log(struct request *r);
json_t *train_stats(struct train *t);
struct train *train_create(struct server *s); /* NULL: no memory */
void train_stop(struct train *t);             /* a training that runs */
void train_destroy(struct train *t);          /* after its end */
bool page_get(struct request *r);
bool page_there(void);                          /* whether this program has the page */
const char *page_path(const struct request *r); /* of its route */

/* For MHD_start_daemon. */
enum MHD_Result http_handle(void *server, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *size, void **request);
void http_completed(void *server, struct MHD_Connection *connection, void **request,
    enum MHD_RequestTerminationCode code);

/* Clients that send or read too slowly lose their connection, and of more than so many the idle
 * ones. */
struct watch *watch_create(int most); /* NULL: no memory or thread */
void watch_destroy(struct watch *w);
void watch_connection(void *server, struct MHD_Connection *connection, void **link,
    enum MHD_ConnectionNotificationCode code); /* for MHD_OPTION_NOTIFY_CONNECTION */
/* So many seconds from `from` (queue_clock) on; 0: as long as it takes. */
void watch_allow(struct server *s, struct MHD_Connection *connection, double from, double seconds);
void watch_idle(struct server *s, struct MHD_Connection *connection); /* its request has ended */
