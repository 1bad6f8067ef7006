/* SPDX-License-Identifier: Apache-2.0 */
/* The number type of the engine.  The product computes in float; the same source built with ATT_F64
 * computes in double with the plain kernels only: the oracle for gradients and for parity with
 * published networks. */
#ifndef BASE_REAL_H
#define BASE_REAL_H

#ifdef ATT_F64
typedef double real;
#else
typedef float real;
#endif

#endif
