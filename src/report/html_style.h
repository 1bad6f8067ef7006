/* SPDX-License-Identifier: Apache-2.0 */
/* How a page looks: light and dark as the reader's system says, on screens from 320 pixels on, and
 * on paper. */
#ifndef REPORT_HTML_STYLE_H
#define REPORT_HTML_STYLE_H

enum { HTML_STYLES = 5 };
extern const char *const html_style[HTML_STYLES]; /* CSS, one part after the other */

#endif
