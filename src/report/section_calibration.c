/* SPDX-License-Identifier: Apache-2.0 */
/* Section: the probabilities, from RUN/calibration.json. */
#include <stdio.h>

#include "base/json.h"
#include "base/text.h"
#include "report/page_parts.h"

static const json_t *view_bin(const json_t *view, size_t b)
{
    return json_array_get(json_object_get(view, "bins"), b);
}

static void reliability_cells(struct html *h, const json_t *bin)
{
    html_number(h, json_number(bin, "answers"), 0);
    html_number(h, json_number(bin, "probability"), 3);
    html_number(h, json_number(bin, "right"), 3);
}

void section_calibration(struct page *p)
{
    const json_t *before = json_object_get(p->calibration, "before"),
                 *after = json_object_get(p->calibration, "after");
    const size_t bins = json_length(before, "bins");
    if (!bins) return;
    html_section(p->h, "calibration", "Probabilities");
    html_paragraph(p->h, NULL,
        "Of %.0f voxels of %lld validation case%s, the expected calibration error is %.4f, and "
        "%.4f "
        "where the network answers with foreground. With logits divided by %.3f it is %.4f and "
        "%.4f.",
        json_number(p->calibration, "voxels"), (long long)json_int(p->calibration, "cases"),
        TEXT_S(json_int(p->calibration, "cases")), json_number(before, "ece"),
        json_number(before, "ece_foreground"), json_number(p->calibration, "temperature"),
        json_number(after, "ece"), json_number(after, "ece_foreground"));
    html_table(p->h,
        "Probability of the answer, and how often it is right: without and with that division",
        (const char *const[]){
            "probability", "#answers", "#mean", "#right", "#answers", "#mean", "#right", NULL});
    for (size_t b = 0; b < bins; b++) {
        char range[32];
        if (!(json_number(view_bin(before, b), "answers") +
                    json_number(view_bin(after, b), "answers") >
                0))
            continue;
        snprintf(range, sizeof range, "%.2f to %.2f", (double)b / (double)bins,
            (double)(b + 1) / (double)bins);
        html_row(p->h, range);
        reliability_cells(p->h, view_bin(before, b));
        reliability_cells(p->h, view_bin(after, b));
    }
    html_table_end(p->h);
    html_section_end(p->h);
}
