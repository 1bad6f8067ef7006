/* SPDX-License-Identifier: Apache-2.0 */
/* A monotonic clock. */
#pragma once

double clock_now(void); /* seconds from an arbitrary start */
