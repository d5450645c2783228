// What native code writes to the standard streams of a cell.
#ifndef CURFEW_GUEST_NODE_OUTPUT_STREAMS_H
#define CURFEW_GUEST_NODE_OUTPUT_STREAMS_H

#include <stddef.h>

namespace curfew::guest {

// What a script has written there: standard output is printed as it comes, standard error by lines.
void write_output(int descriptor, const char* text, size_t size);

// Prints what is left of a line. To be called before a request is answered.
void flush_output();

// What libraries say of themselves, when they give up as a rule, is not printed, but kept for whoever says that they did: the
// beginning of it, since the last forget_complaints().
void note_complaint(const char* text, size_t size);
const char* complaints();
void forget_complaints();

}  // namespace curfew::guest

#endif
