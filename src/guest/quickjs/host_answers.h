// What the host gives back for a call of one of its functions.
#ifndef CURFEW_GUEST_RUNTIME_HOST_ANSWERS_H
#define CURFEW_GUEST_RUNTIME_HOST_ANSWERS_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"
#include "guest/quickjs/throw.h"
#include "guest/quickjs/writer.h"

namespace curfew::guest {

// Which function of the host a call is of: the module's name, a zero byte, and the function's. Shared by the function
// object and its open calls.
class HostTarget {
  public:
    // With one reference. Null when memory runs out.
    static HostTarget* make(Bytes module, Bytes function, bool gets_values);

    HostTarget* share() {
        ++references_;
        return this;
    }
    void release();

    bool gets_values() const { return gets_values_; }
    Bytes module() const { return {name_, module_size_}; }
    Bytes function() const { return {name_ + module_size_ + 1, size_ - module_size_ - 1}; }
    Bytes name() const { return {name_, size_}; }

  private:
    unsigned references_;
    bool gets_values_;
    size_t module_size_;
    size_t size_;
    char name_[];
};

Writer& operator<<(Writer& out, const HostTarget& target);

// Throws an error that names the function.
JSValue throw_about(JSContext* context, ErrorKind kind, const char* before, const HostTarget& target,
                    const char* behind);

// Receives the host's result or error, whose message is in the mailbox: the value, or an exception.
JSValue take_host_answer(JSContext* context, const HostTarget& target);

}  // namespace curfew::guest

#endif
