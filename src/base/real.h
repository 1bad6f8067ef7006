/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's number type. ATT_F64 builds the same source in double with plain kernels: the oracle
 * for gradients and parity. */
#ifndef BASE_REAL_H
#define BASE_REAL_H

#ifdef ATT_F64
typedef double real;
#else
typedef float real;
#endif

#endif
