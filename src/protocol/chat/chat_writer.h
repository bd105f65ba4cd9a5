/* Writes answers for clients that speak chat completions. */
#ifndef PENSTOCK_PROTOCOL_CHAT_CHAT_WRITER_H
#define PENSTOCK_PROTOCOL_CHAT_CHAT_WRITER_H

#include "protocol/answer_writer.h"

extern const struct answer_writer_ops chat_writer_ops;

#endif
