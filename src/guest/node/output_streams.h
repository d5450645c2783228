// What native code writes to the standard streams of a cell.
#ifndef CURFEW_GUEST_NODE_OUTPUT_STREAMS_H
#define CURFEW_GUEST_NODE_OUTPUT_STREAMS_H

#include <stddef.h>

namespace curfew::guest {

// Standard output is printed as it comes, standard error by lines.
void write_output(int descriptor, const char* text, size_t size);

// Prints what is left of a line. To be called before a request is answered.
void flush_output();

// The last line that came on standard error, followed by a zero byte: what an engine said before it gave up.
const char* last_error_line();

}  // namespace curfew::guest

#endif
