/* Other people's texts on somebody's terminal. */
#include "cli/tty.h"

/* The second range is that of C1, as UTF-8 writes it: some terminals obey it too. */
void terminal_print(const char *text, FILE *out)
{
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text, next = (unsigned char)text[1];
        if (byte == 0xc2 && next >= 0x80 && next < 0xa0)
            text++;
        else if (byte >= 0x20 && byte != 0x7f) {
            putc(byte, out);
            continue;
        }
        putc(' ', out);
    }
}
