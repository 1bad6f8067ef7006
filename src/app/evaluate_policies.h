/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluates a policy; part of att_evaluate. */
#pragma once

#include "app/call.h"

/* ATT_USAGE for settings that need `policies`, or do not go with it. */
att_status policies_check(const struct options *o, struct err *e);
att_status policies_evaluate(struct app_call *call, const char *run, const char *dataset);
