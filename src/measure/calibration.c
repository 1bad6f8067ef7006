/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/calibration.h"

#include <math.h>

#include "base/json.h"
#include "base/kmath.h"
#include "base/mem.h"

void calibration_begin(struct calibration *c, const struct model *m)
{
    *c = (struct calibration){.cases = 0};
    model_target(m, &c->target);
}

void calibration_free(struct calibration *c)
{
    mem_free(c->logits);
    mem_free(c->truth);
    *c = (struct calibration){0};
}

att_status calibration_add(struct calibration *c, const float *logits, const uint8_t *classes,
    size_t voxels, size_t max, struct err *e)
{
    /* odd, so that it does not meet the same columns in all rows */
    const size_t step = voxels <= max ? 1 : (voxels / max + 1) | 1,
                 more = c->count + voxels / step + 1, channels = (size_t)c->target.channels;
    if (more > c->room) {
        const size_t old = c->room * channels * sizeof *c->logits,
                     bytes = more * channels * sizeof *c->logits;
        float *grown = mem_grow(c->logits, old, bytes);
        if (grown) c->logits = grown;
        uint8_t *truth = grown ? mem_grow(c->truth, c->room, more) : NULL;
        if (!truth) return err_memory(e, bytes, "the logits of the cases");
        c->truth = truth;
        c->room = more;
    }
    for (size_t i = 0; i < voxels; i++) {
        if (classes[i] == LABELLING_IGNORE) continue;
        c->voxels++;
        if (i % step) continue;
        for (size_t k = 0; k < channels; k++)
            c->logits[c->count * channels + k] = logits[k * voxels + i];
        c->truth[c->count++] = classes[i];
    }
    c->cases++;
    return ATT_OK;
}

static bool truly_in(const struct calibration *c, size_t i, int k)
{
    return class_set_has(c->target.region[k], c->truth[i]);
}

/* ---- the temperature: the likelihood is concave in b = 1 / T */

/* Slope and curvature in b of the negative log likelihood. */
static void slope_at(const struct calibration *c, double b, double *slope, double *curve)
{
    *slope = *curve = 0;
    for (size_t i = 0; i < c->count; i++) {
        const float *z = c->logits + i * (size_t)c->target.channels;
        double max = (double)z[0], sum = 0, first = 0, second = 0;
        for (int k = 0; k < c->target.channels && c->target.regions; k++) {
            const double x = (double)z[k], p = kmath_sigmoid(b * x);
            *slope += (p - truly_in(c, i, k)) * x;
            *curve += p * (1 - p) * x * x;
        }
        if (c->target.regions) continue;
        for (int k = 1; k < c->target.channels; k++) max = fmax(max, (double)z[k]);
        for (int k = 0; k < c->target.channels; k++) {
            const double x = (double)z[k] - max, p = kmath_exp(b * x);
            sum += p;
            first += p * x;
            second += p * x * x;
        }
        first /= sum;
        *slope += first - ((double)z[c->truth[i]] - max);
        *curve += second / sum - first * first;
    }
}

/* Newton's method between bounds, which are halved on a log scale where it would leave them. */
static double find_temperature(const struct calibration *c, bool *found)
{
    double low = 1 / CALIBRATION_BOUND, high = CALIBRATION_BOUND, slope, curve, b = 1;
    *found = false;
    slope_at(c, low, &slope, &curve);
    if (slope >= 0) return 1 / low;
    slope_at(c, high, &slope, &curve);
    if (slope <= 0) return 1 / high;
    *found = true;
    for (int i = 0; i < 60; i++) {
        slope_at(c, b, &slope, &curve);
        *(slope > 0 ? &high : &low) = b;
        double next = b - slope / curve;
        if (!(next > low && next < high)) next = sqrt(low * high);
        if (fabs(next - b) <= 1e-9 * b) break;
        b = next;
    }
    return 1 / b;
}

/* ---- bins */

static void bin_add(struct calibration_view *v, double p, bool right, bool foreground)
{
    int b = (int)ceil(p * CALIBRATION_BINS) - 1;
    b = b < 0 ? 0 : b < CALIBRATION_BINS ? b : CALIBRATION_BINS - 1;
    for (int a = 0; a <= (foreground ? ANSWERS_FOREGROUND : ANSWERS_ALL); a++) {
        v->bin[a][b].answers++;
        v->bin[a][b].confidence += p;
        v->bin[a][b].right += right;
    }
}

static double expected_error(const struct calibration_bin bin[CALIBRATION_BINS])
{
    double all = 0, sum = 0;
    for (int b = 0; b < CALIBRATION_BINS; b++) {
        all += bin[b].answers;
        sum += fabs(bin[b].right - bin[b].confidence);
    }
    return all > 0 ? sum / all : (double)NAN;
}

static void take_view(const struct calibration *c, double b, struct calibration_view *v)
{
    *v = (struct calibration_view){.nll = 0};
    for (size_t i = 0; i < c->count; i++) {
        const float *z = c->logits + i * (size_t)c->target.channels;
        double sum = 0;
        int best = 0;
        for (int k = 0; k < c->target.channels && c->target.regions; k++) {
            const double x = b * (double)z[k], in = truly_in(c, i, k);
            v->nll += fmax(x, 0) + kmath_log1p(kmath_exp(-fabs(x))) - in * x;
            bin_add(v, kmath_sigmoid(fabs(x)), (x > 0) == (in > 0), x > 0);
        }
        if (c->target.regions) continue;
        for (int k = 1; k < c->target.channels; k++)
            if (z[k] > z[best]) best = k;
        for (int k = 0; k < c->target.channels; k++)
            sum += kmath_exp(b * ((double)z[k] - (double)z[best]));
        v->nll += kmath_log(sum) - b * ((double)z[c->truth[i]] - (double)z[best]);
        bin_add(v, 1 / sum, best == c->truth[i], best > 0);
    }
    v->nll /= (double)c->count * (c->target.regions ? c->target.channels : 1);
    for (int a = 0; a < ANSWERS; a++) v->ece[a] = expected_error(v->bin[a]);
}

att_status calibration_fit(struct calibration *c, struct err *e)
{
    if (c->count == 0) return err_data(e, "the labels of these cases have no voxel that counts");
    c->temperature = find_temperature(c, &c->found);
    take_view(c, 1, &c->before);
    take_view(c, 1 / c->temperature, &c->after);
    return ATT_OK;
}

/* ---- as JSON */

static json_t *bins_json(const struct calibration_bin bin[CALIBRATION_BINS])
{
    json_t *list = json_array();
    for (int b = 0; b < CALIBRATION_BINS; b++)
        json_array_append_new(list,
            json_pack("{s:f, s:o, s:o}", "answers", bin[b].answers, "probability",
                json_finite(bin[b].confidence / bin[b].answers), "right",
                json_finite(bin[b].right / bin[b].answers)));
    return list;
}

static json_t *view_json(const struct calibration_view *v)
{
    return json_pack("{s:f, s:f, s:o, s:o, s:o}", "nll", v->nll, "ece", v->ece[ANSWERS_ALL],
        "ece_foreground", json_finite(v->ece[ANSWERS_FOREGROUND]), "bins",
        bins_json(v->bin[ANSWERS_ALL]), "bins_foreground", bins_json(v->bin[ANSWERS_FOREGROUND]));
}

json_t *calibration_report(const struct calibration *c)
{
    return json_pack("{s:i, s:f, s:f, s:o, s:o, s:o}", "cases", c->cases, "voxels",
        (double)c->count, "of", c->voxels, "temperature",
        c->found ? json_real(c->temperature) : json_null(), "before", view_json(&c->before),
        "after", view_json(&c->after));
}
