/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of the library, which receive no signals. */
#pragma once

#include <pthread.h>

/* As pthread_create, but with all signals blocked: handlers run on threads of the program. Returns
 * 0 or an errno. */
int thread_start(pthread_t *thread, void *(*fn)(void *arg), void *arg);
