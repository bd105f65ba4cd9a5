/* The files of the status page as texts; the Makefile generates status_files.c from them. */
#ifndef PENSTOCK_PAGES_STATUS_FILES_H
#define PENSTOCK_PAGES_STATUS_FILES_H

extern const char status_head_html[]; /* status_head.html: the beginning of the page, up to its style */
extern const char status_css[];       /* status.css */

#endif
