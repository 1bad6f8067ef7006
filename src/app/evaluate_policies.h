/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluation of a policy, a part of att_evaluate. */
#ifndef APP_EVALUATE_POLICIES_H
#define APP_EVALUATE_POLICIES_H

#include "app/call.h"

/* The options that make sense with --policies alone, or without it alone, are refused otherwise:
 * ATT_USAGE. */
att_status policies_check(const struct options *o, struct err *e);
att_status policies_evaluate(
    struct api_call *call, const char *run, const char *dataset, json_t **result);

#endif
