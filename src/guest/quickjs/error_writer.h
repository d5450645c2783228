// Shows an error in full, over several lines: its stack, its fields, its cause, and the errors of an AggregateError.
#ifndef CURFEW_GUEST_RUNTIME_ERROR_WRITER_H
#define CURFEW_GUEST_RUNTIME_ERROR_WRITER_H

#include "guest/quickjs/value.h"
#include "guest/quickjs/writer.h"

namespace curfew::guest {

class ErrorWriter {
  public:
    ErrorWriter(JSContext* context, Writer& out) : context_(context), out_(out) {}

    // `depth` is how many errors it is inside of. REQUIRES: is_error(error).
    void write(JSValueConst error, int depth);

  private:
    static constexpr int kMaxDepth = 4;
    static constexpr int kMaxErrors = 30;  // in all

    void write_lines(Bytes text, int indent);
    void write_inner(JSValueConst value, int depth);
    void write_list(JSValueConst list, int depth);
    void begin_line(int indent);

    JSContext* context_;
    Writer& out_;
    int left_ = kMaxErrors;
    const void* above_[kMaxDepth + 1] = {};  // the errors that the current one is inside of
};

}  // namespace curfew::guest

#endif
