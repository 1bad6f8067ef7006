/* SPDX-License-Identifier: Apache-2.0 */
/* Measures the probabilities of a run; part of att_evaluate. */
#pragma once

#include "app/call.h"

att_status calibration_evaluate(struct app_call *call, const char *run, const char *dataset);
