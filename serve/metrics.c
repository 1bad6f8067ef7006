/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attunet.h"

enum { ROWS = 128, BUCKETS = 12 };
static const double bounds[BUCKETS] = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 30, 120};

struct histogram {
    uint64_t bucket[BUCKETS], count;
    double sum;
};

struct metrics {
    pthread_mutex_t lock;
    struct {
        const char *route;
        int status;
        uint64_t count;
    } rows[ROWS];
    int nrows;
    struct histogram seconds, queued; /* of requests that ran a model */
    uint64_t in, out, voxels;
};

struct metrics *metrics_create(void)
{
    struct metrics *m = calloc(1, sizeof *m);
    if (m) pthread_mutex_init(&m->lock, NULL);
    return m;
}

void metrics_free(struct metrics *m)
{
    if (m) pthread_mutex_destroy(&m->lock);
    free(m);
}

static void observe(struct histogram *h, double x)
{
    for (int i = 0; i < BUCKETS; i++) h->bucket[i] += x <= bounds[i];
    h->count++;
    h->sum += x;
}

void metrics_count(struct metrics *m, const struct metrics_request *r)
{
    int i = 0;
    pthread_mutex_lock(&m->lock);
    while (i < m->nrows && (m->rows[i].route != r->route || m->rows[i].status != r->status)) i++;
    if (i == m->nrows && i < ROWS) {
        m->rows[i].route = r->route;
        m->rows[i].status = r->status;
        m->nrows++;
    }
    if (i < ROWS) m->rows[i].count++;
    m->in += r->in;
    m->out += r->out;
    if (r->queued >= 0 && r->status == 200) {
        m->voxels += r->voxels;
        observe(&m->seconds, r->seconds);
        observe(&m->queued, r->queued);
    }
    pthread_mutex_unlock(&m->lock);
}

static void head(struct text *t, const char *name, const char *type, const char *help)
{
    bytes_add(t, "# HELP attunet_%s %s\n# TYPE attunet_%s %s\n", name, help, name, type);
}

static void write_histogram(
    struct text *t, const char *name, const char *help, const struct histogram *h)
{
    head(t, name, "histogram", help);
    for (int i = 0; i < BUCKETS; i++)
        bytes_add(t, "attunet_%s_bucket{le=\"%g\"} %llu\n", name, bounds[i],
            (unsigned long long)h->bucket[i]);
    bytes_add(t, "attunet_%s_bucket{le=\"+Inf\"} %llu\n", name, (unsigned long long)h->count);
    bytes_add(t, "attunet_%s_sum %.6f\nattunet_%s_count %llu\n", name, h->sum, name,
        (unsigned long long)h->count);
}

static void write_number(
    struct text *t, const char *name, const char *type, const char *help, uint64_t value)
{
    head(t, name, type, help);
    bytes_add(t, "attunet_%s %llu\n", name, (unsigned long long)value);
}

/* Of /proc/self/statm, in bytes. */
static uint64_t resident(void)
{
    unsigned long long all = 0, pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f && fscanf(f, "%llu %llu", &all, &pages) != 2) pages = 0;
    if (f) fclose(f);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void metrics_write(struct metrics *m, int waiting, int running, struct text *t)
{
    pthread_mutex_lock(&m->lock);
    head(t, "info", "gauge", "The version of attunet.");
    bytes_add(t, "attunet_info{version=\"%s\"} 1\n", att_version());
    head(t, "requests_total", "counter", "Requests that ended, by route and status.");
    for (int i = 0; i < m->nrows; i++)
        bytes_add(t, "attunet_requests_total{route=\"%s\",status=\"%d\"} %llu\n", m->rows[i].route,
            m->rows[i].status, (unsigned long long)m->rows[i].count);
    write_histogram(t, "prediction_seconds",
        "From the whole request to the answer, for predictions that succeeded.", &m->seconds);
    write_histogram(t, "queue_seconds", "How long these predictions waited.", &m->queued);
    write_number(t, "received_bytes_total", "counter", "Bytes of request bodies.", m->in);
    write_number(t, "sent_bytes_total", "counter", "Bytes of answers.", m->out);
    write_number(t, "voxels_total", "counter", "Voxels of predicted images.", m->voxels);
    write_number(t, "waiting", "gauge", "Predictions that wait.", (uint64_t)waiting);
    write_number(t, "running", "gauge", "Predictions that run.", (uint64_t)running);
    write_number(t, "resident_bytes", "gauge", "Memory of the process.", resident());
    pthread_mutex_unlock(&m->lock);
}
