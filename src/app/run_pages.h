/* SPDX-License-Identifier: Apache-2.0 */
/* Pages and pictures of runs. */
#pragma once

#include "train/pages.h"

extern const struct pages run_pages;

/* Its members in report_page.c, search_page.c and repeat_page.c. */
att_status report_page_training(struct training *t, bool measured, struct err *e);
att_status report_page_folder(
    const struct train_context *c, const char *run, const char *data, bool measured, struct err *e);
att_status search_page(const struct tuning *t, const json_t *result, struct err *e);
att_status repeat_page(const struct tuning *t, const json_t *result, struct err *e);
