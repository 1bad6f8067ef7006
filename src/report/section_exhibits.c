/* SPDX-License-Identifier: Apache-2.0 */
/* Sections: pictures of the worst, median and best case; measures of attention maps. */
#include <stdio.h>

#include "base/text.h"
#include "report/page_parts.h"

static void class_key(struct page *p, const struct exhibit *x)
{
    const struct labelling *l = &p->v->labels;
    html_key(p->h);
    for (int k = 1; k < l->count; k++)
        if (x->seen[k]) html_key_item(p->h, html_class_color(k - 1), l->name[k], NULL);
    html_key_item(p->h, "kt", "correct", NULL);
    html_key_item(p->h, "kx", "missed", NULL);
    html_key_item(p->h, "ky", "spurious", NULL);
    if (l->count > 2) html_key_item(p->h, "kz", "another class", NULL);
    html_key_end(p->h);
}

static void section_exhibits_show(struct page *p, const struct exhibit *x, double dice)
{
    const char *id = p->v->pairs.pair[x->index].id;
    char text[REASON_TEXT], alt[REASON_TEXT];
    html_put(p->h, "<h3>");
    html_format(p->h, "%s: %s, Dice %.3f", id, x->why, dice);
    html_put(p->h, "</h3>");
    page_failure(p, x->index, text);
    html_paragraph(p->h, "note", "%s%s%s.", x->where, *text ? ". " : "", text);
    html_pictures(p->h);
    for (int i = 0; i < x->panels; i++) {
        snprintf(alt, sizeof alt, "%s of case %s, %s", x->caption[i], id, x->where);
        html_picture(p->h, &x->panel[i], alt, x->caption[i]);
    }
    html_pictures_end(p->h);
    class_key(p, x);
}

bool page_has_exhibits(const struct page *p)
{
    return p->shown.count > 0 || p->shown.trouble.status;
}

void section_exhibits(struct page *p)
{
    if (!page_has_exhibits(p)) return;
    html_section(p->h, "pictures", "Pictures of cases");
    if (p->shown.trouble.status)
        html_paragraph(p->h, "note", "Pictures or maps are missing: %s.", p->shown.trouble.text);
    for (int i = 0; i < p->shown.count; i++)
        section_exhibits_show(p, &p->shown.list[i], page_case_dice(p, p->shown.list[i].index));
    if (p->shown.gates)
        html_paragraph(p->h, "note",
            "Maps run from dark (0) to light (1) over the image, with lines at 0.25 (black), "
            "0.5 (grey) and 0.75 (white).");
    html_section_end(p->h);
}

static void map_row(struct page *p, const char *name, const struct map_measure *m, bool gate)
{
    html_row(p->h, name);
    html_cell(p->h, "%s", gate ? gate_state_name[gate_state(m)] : "control");
    html_number(p->h, m->auc, 3);
    if (gate) {
        html_number(p->h, m->inside, 3);
        html_number(p->h, m->outside, 3);
        html_cell(p->h, "%.3f to %.3f", m->p1, m->p99);
        return;
    }
    for (int i = 0; i < 3; i++) html_cell(p->h, "–");
}

static void stuck_gates(struct page *p)
{
    static const char *const means[] = {"", "is open everywhere: it changes nothing",
        "is shut everywhere: it blocks its skip connection",
        "is flat: it has the same value everywhere", "has only ignored voxels"};
    bool any = false;
    for (int g = 0; g < p->shown.gates; g++) {
        enum gate_state state = gate_state(&p->shown.map[g]);
        if (state == GATE_VARIES) continue;
        html_paragraph(p->h, "bad", "%s %s.", p->shown.gate[g], means[state]);
        any = true;
    }
    if (!any)
        html_paragraph(p->h, "good", "No gate is stuck: none is open, shut or flat everywhere.");
}

void section_attention(struct page *p)
{
    char caption[96];
    const struct exhibits *x = &p->shown;
    if (!x->gates) return;
    html_section(p->h, "attention", "Attention gates");
    stuck_gates(p);
    snprintf(caption, sizeof caption, "Means over %d case%s", x->measured, TEXT_S(x->measured));
    html_table(p->h, caption,
        (const char *const[]){"map", "state", "#AUC", "#mean inside", "#mean outside",
            "#1st to 99th percentile", NULL});
    for (int g = 0; g < x->gates; g++) map_row(p, x->gate[g], &x->map[g], true);
    map_row(p, "the image's intensity", &x->intensity, false);
    map_row(p, "a prior for the centre", &x->centre, false);
    html_table_end(p->h);
    html_paragraph(p->h, "note",
        "AUC is the probability that a true foreground voxel has a larger value than a background "
        "voxel. 0.5 means no relation, less an inverted map, which is a result and not an error. "
        "The controls show what the image and a prior for its centre reach without a network.");
    html_paragraph(p->h, NULL,
        "A map whose AUC is no better than the controls' may have learned no more than they know. "
        "A map scales features: a small value does not mean that a place does not matter to the "
        "result. attunet attend measures more: random weights as a control, and how much Dice "
        "blanked voxels cost.");
    html_section_end(p->h);
}
