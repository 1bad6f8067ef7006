/* SPDX-License-Identifier: Apache-2.0 */
/* The letters of picture_text. */
#pragma once

enum { FONT_FIRST = ' ', FONT_LAST = '~', FONT_WIDTH = 5, FONT_HEIGHT = 7, FONT_TAIL = 2 };

/* Rows from the top; bit 4 is the left column. */
extern const unsigned char picture_font[FONT_LAST - FONT_FIRST + 1][FONT_HEIGHT];
/* These are FONT_TAIL rows lower. */
extern const char picture_font_tails[];
