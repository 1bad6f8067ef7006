/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's number type. ATT_F64 builds the same source in double with plain kernels: the oracle
 * for gradients and parity. */
#pragma once

#ifdef ATT_F64
typedef double real;
#else
typedef float real;
#endif
