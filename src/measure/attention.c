/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/attention.h"

#include <math.h>
#include <string.h>

#include "base/mean.h"
#include "base/mem.h"
#include "measure/measure_dice.h"

/* State across cases. */
struct work {
    const struct model *model;
    const struct attention_options *options;
    struct host *host;
    struct predictor *trained, *random, *plain; /* plain: without maps, for blanked images */
};

/* State of one case. */
struct scene {
    struct sample sample;
    struct prediction trained, random;
    struct image blanked;
    uint8_t *area, *moved;
    int number; /* of the case */
};

/* Copies the image with the area set to each channel's mean. */
static void blank(const struct image *from, const uint8_t *area, struct image *to)
{
    size_t voxels = image_voxels(from->size);
    for (int c = 0; c < from->channels; c++) {
        const float *x = from->data + (size_t)c * voxels;
        float *y = to->data + (size_t)c * voxels;
        double sum = 0;
        for (size_t i = 0; i < voxels; i++) sum += (double)x[i];
        float mean = (float)(sum / (double)voxels);
        for (size_t i = 0; i < voxels; i++) y[i] = area[i] ? mean : x[i];
    }
}

static att_status dice_without(const struct work *w, struct scene *s, const uint8_t *area,
    const char *id, double *dice, struct err *e)
{
    struct prediction out;
    blank(&s->sample.image, area, &s->blanked);
    TRY(predict_image(w->plain, &s->blanked, &out, w->host, e));
    att_status status =
        measure_dice(&w->model->labels, &out.labels, s->sample.classes, id, dice, e);
    prediction_free(&out);
    return status;
}

static att_status blank_areas(const struct work *w, struct scene *s, int gate, const char *id,
    double dice[BLANKS], struct err *e)
{
    size_t voxels = image_voxels(s->sample.image.size),
           count = (size_t)llround(w->options->blank * (double)voxels);
    TRY(map_area(s->trained.maps[gate].data, voxels, false, count, s->area, e));
    TRY(dice_without(w, s, s->area, id, &dice[BLANK_UNIMPORTANT], e));
    TRY(map_area(s->trained.maps[gate].data, voxels, true, count, s->area, e));
    TRY(dice_without(w, s, s->area, id, &dice[BLANK_IMPORTANT], e));
    map_area_elsewhere(s->area, s->sample.image.size, w->options->seed, (uint32_t)s->number,
        (uint32_t)gate, s->moved);
    return dice_without(w, s, s->moved, id, &dice[BLANK_ELSEWHERE], e);
}

/* 1 in the middle of the image, 0 in its corners. */
static void centre_prior(const int size[3], float *map)
{
    for (int d = 0; d < size[0]; d++)
        for (int h = 0; h < size[1]; h++)
            for (int w = 0; w < size[2]; w++) {
                const int at[3] = {d, h, w};
                double square = 0, axes = 0;
                for (int i = 0; i < 3; i++) {
                    double x = (2.0 * at[i] + 1) / size[i] - 1;
                    square += size[i] > 1 ? x * x : 0;
                    axes += size[i] > 1;
                }
                *map++ = (float)(1 - sqrt(square / fmax(axes, 1)));
            }
}

/* map: one number per voxel. */
static att_status attention_control(const struct image *m, const uint8_t *classes, float *map,
    struct map_measure *intensity, struct map_measure *centre, struct err *e)
{
    size_t voxels = image_voxels(m->size);
    TRY(map_measure(m->data, classes, voxels, intensity, e));
    centre_prior(m->size, map);
    return map_measure(map, classes, voxels, centre, e);
}

att_status attention_controls(const struct image *m, const uint8_t *classes,
    struct map_measure *intensity, struct map_measure *centre, struct err *e)
{
    size_t voxels = image_voxels(m->size);
    float *map;
    TRY(MEM_ARRAY(map, voxels, "the centre prior", e));
    att_status status = attention_control(m, classes, map, intensity, centre, e);
    mem_free(map);
    return status;
}

static att_status attention_measure(
    const struct work *w, struct scene *s, struct attention_case *c, struct err *e)
{
    size_t voxels = image_voxels(s->sample.image.size);
    TRY(measure_dice(&w->model->labels, &s->trained.labels, s->sample.classes, c->id, &c->dice, e));
    TRY(attention_control(
        &s->sample.image, s->sample.classes, s->blanked.data, &c->intensity, &c->centre, e));
    for (int g = 0; g < s->trained.nmaps; g++) {
        struct attention_gate *gate = &c->gate[g];
        memcpy(gate->name, s->trained.maps[g].name, sizeof gate->name);
        for (int b = 0; b < BLANKS; b++) gate->dice[b] = gate->lost[b] = (double)NAN;
        TRY(map_measure(s->trained.maps[g].data, s->sample.classes, voxels, &gate->trained, e));
        TRY(map_measure(s->random.maps[g].data, s->sample.classes, voxels, &gate->random, e));
        if (w->options->blank > 0) TRY(blank_areas(w, s, g, c->id, gate->dice, e));
        for (int b = 0; b < BLANKS; b++) gate->lost[b] = c->dice - gate->dice[b];
    }
    return ATT_OK;
}

static att_status attention_make_room(
    struct scene *s, struct attention *a, struct attention_case *c, struct err *e)
{
    size_t voxels = image_voxels(s->sample.image.size),
           samples = voxels * (size_t)s->sample.image.channels;
    s->blanked = s->sample.image; /* with its own samples */
    s->blanked.geometry.header = NULL;
    s->blanked.data = mem_array(samples, sizeof *s->blanked.data);
    s->area = mem_array(voxels, 2);
    if (!s->blanked.data || !s->area)
        return err_memory(e, samples * sizeof *s->blanked.data, "a blanked image");
    s->moved = s->area + voxels;
    a->gates = s->trained.nmaps;
    return MEM_ARRAY(c->gate, a->gates, "the gates of a case", e);
}

static att_status attention_one_case(
    const struct work *w, const struct dataset *d, int index, struct attention *a, struct err *e)
{
    struct scene s = {.number = a->count};
    struct attention_case *c = &a->list[a->count];
    TRY(dataset_load(d, index, &s.sample, e));
    a->count++;
    att_status status = ATT_OK;
    c->id = mem_text("%s", d->cases[index].id);
    if (!c->id) status = err_memory(e, strlen(d->cases[index].id), "a name");
    if (status == ATT_OK)
        status = predict_image(w->trained, &s.sample.image, &s.trained, w->host, e);
    if (status == ATT_OK && s.trained.nmaps == 0)
        status = err_usage(e,
            "the network has no attention gates and so no maps to measure; use a network with "
            "gates");
    if (status == ATT_OK) status = predict_image(w->random, &s.sample.image, &s.random, w->host, e);
    if (status == ATT_OK) status = attention_make_room(&s, a, c, e);
    if (status == ATT_OK) status = attention_measure(w, &s, c, e);
    prediction_free(&s.trained);
    prediction_free(&s.random);
    mem_free(s.blanked.data);
    mem_free(s.area);
    sample_free(&s.sample);
    return status;
}

static double *gate_numbers(struct attention_gate *g, int i)
{
    if (i < MAP_NUMBERS) return map_number(&g->trained, i);
    if (i < 2 * MAP_NUMBERS) return map_number(&g->random, i - MAP_NUMBERS);
    return i < 2 * MAP_NUMBERS + BLANKS ? &g->dice[i - 2 * MAP_NUMBERS]
                                        : &g->lost[i - 2 * MAP_NUMBERS - BLANKS];
}

static double *case_numbers(struct attention_case *c, int i)
{
    if (i < MAP_NUMBERS) return map_number(&c->intensity, i);
    if (i < 2 * MAP_NUMBERS) return map_number(&c->centre, i - MAP_NUMBERS);
    return &c->dice;
}

static att_status attention_take_means(struct attention *a, struct err *e)
{
    TRY(MEM_ARRAY(a->mean.gate, a->gates, "the means of the gates", e));
    for (int n = 0; n < 2 * MAP_NUMBERS + 1; n++) {
        struct mean mean = {0};
        for (int i = 0; i < a->count; i++) mean_add(&mean, *case_numbers(&a->list[i], n));
        *case_numbers(&a->mean, n) = mean_of(&mean);
    }
    for (int g = 0; g < a->gates; g++) {
        memcpy(a->mean.gate[g].name, a->list[0].gate[g].name, sizeof a->mean.gate[g].name);
        for (int n = 0; n < 2 * MAP_NUMBERS + 2 * BLANKS; n++) {
            struct mean mean = {0};
            for (int i = 0; i < a->count; i++)
                mean_add(&mean, *gate_numbers(&a->list[i].gate[g], n));
            *gate_numbers(&a->mean.gate[g], n) = mean_of(&mean);
        }
    }
    return ATT_OK;
}

const char *const gate_state_name[] = {"varies", "open", "shut", "flat", "unknown"};

enum gate_state gate_state(const struct map_measure *mean)
{
    if (isnan(mean->p1)) return GATE_UNKNOWN;
    if (mean->p1 > 0.9) return GATE_OPEN;
    if (mean->p99 < 0.1) return GATE_SHUT;
    return mean->p99 - mean->p1 < 0.02 ? GATE_FLAT : GATE_VARIES;
}

static att_status attention_run_cases(struct work *w, const struct dataset *d, const int *list,
    int count, struct attention *a, struct err *e)
{
    for (int i = 0; i < count; i++) {
        if (host_stopped(w->host))
            return err_set(e, ATT_INTERRUPTED, "stopped after %d of %d cases", i, count);
        host_progress(w->host, "attending", i, count, d->cases[list[i]].id);
        TRY(attention_one_case(w, d, list[i], a, e));
    }
    host_progress(w->host, "attending", count, count, NULL);
    return attention_take_means(a, e);
}

static att_status attention_run_models(struct work *w, const struct model *random,
    const struct dataset *d, const int *list, int count, struct attention *a, struct err *e)
{
    struct predict_options o = w->options->predict, plain = o;
    const struct kernels *kernels = w->host->kernels;
    struct pool *pool = w->host->pool;
    o.attention = true;
    att_status status = predictor_create(w->model, kernels, pool, &o, &w->trained, e);
    if (status == ATT_OK) status = predictor_create(random, kernels, pool, &o, &w->random, e);
    if (status == ATT_OK) status = predictor_create(w->model, kernels, pool, &plain, &w->plain, e);
    if (status == ATT_OK) status = attention_run_cases(w, d, list, count, a, e);
    predictor_free(w->trained);
    predictor_free(w->random);
    predictor_free(w->plain);
    return status;
}

att_status attention_run(const struct model *m, const struct dataset *d, const int *list, int count,
    const struct attention_options *o, struct host *host, struct attention *a, struct err *e)
{
    struct work w = {.model = m, .options = o, .host = host};
    struct model random;
    memset(a, 0, sizeof *a);
    a->options = *o;
    if (count < 1)
        return err_data(e, "%s has no labelled case to measure maps on; add labels", d->root);
    TRY(MEM_ARRAY(a->list, count, "the results of the cases", e));
    att_status status = model_create(&m->spec, &m->prep, &m->labels, o->seed, &random, e);
    if (status == ATT_OK) {
        status = attention_run_models(&w, &random, d, list, count, a, e);
        model_free(&random);
    }
    if (status != ATT_OK) attention_free(a);
    return status;
}

void attention_free(struct attention *a)
{
    for (int i = 0; i < a->count; i++) {
        mem_free(a->list[i].id);
        mem_free(a->list[i].gate);
    }
    mem_free(a->list);
    mem_free(a->mean.gate);
    memset(a, 0, sizeof *a);
}
