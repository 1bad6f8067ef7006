/* SPDX-License-Identifier: Apache-2.0 */
/* Style of a page: light or dark by the system's setting, on screens from 320 pixels, and on
 * paper. */
#pragma once

enum { HTML_STYLES = 5 };
extern const char *const html_style[HTML_STYLES]; /* CSS parts, in order */
