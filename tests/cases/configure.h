/* Writes a case's penstock.conf. */
#ifndef CASES_CONFIGURE_H
#define CASES_CONFIGURE_H

struct stage;

/* The settings every case has, each left out where the case's own settings name it, then those. */
void configure(struct stage *stage);

#endif
