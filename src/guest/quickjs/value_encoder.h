// Values of the script as CBOR, for the host; wire/cbor.h and docs/values.md say in which form.
#ifndef CURFEW_GUEST_RUNTIME_VALUE_ENCODER_H
#define CURFEW_GUEST_RUNTIME_VALUE_ENCODER_H

#include "guest/quickjs/cbor_writer.h"
#include "guest/quickjs/object_table.h"
#include "guest/quickjs/value.h"
#include "guest/quickjs/writer.h"

namespace curfew::guest {

// Getters and toJSON of the script run, as in JSON.stringify.
class ValueEncoder {
  public:
    ValueEncoder(JSContext* context, CborWriter& out) : context_(context), out_(out), known_(context) {}

    // Appends a value. False, with a TypeError that names the place in it, for what cannot be passed; and with whatever the script's
    // code throws. `what` the value is, for the message: "the handler's result".
    [[nodiscard]] bool write(JSValueConst value, const char* what);

  private:
    // Where in the value, from the innermost step out.
    struct Step {
        const Step* outer;
        JSAtom name;    // or JS_ATOM_NULL
        int64_t index;  // or -1: a Map's or Set's
    };
    struct Visit;

    bool item(JSValueConst value, const Step* step);
    bool string(JSValueConst value, const Step* step);
    bool object(JSValueConst value, const Step* step);
    bool body(JSValueConst value, const Step* step);
    bool array(JSValueConst value, const Step* step);
    bool members(JSValueConst value, const Step* step, uint64_t more = 0);
    bool members_by_name(JSValueConst value, const Step* step, uint64_t more);
    bool member_name(JSAtom name, const Step* step);
    bool collection(JSValueConst value, const Step* step, bool is_set);
    bool exception(JSValueConst value, const Step* step);
    bool exception_text(JSValueConst error, const char* name, const Step* step);
    bool own_field(JSValueConst error, const char* name, const Step* step);
    bool bytes(JSValueConst value, const Step* step);
    bool regexp(JSValueConst value);
    bool bigint(JSValueConst value);
    bool refuse(const Step* step, const char* what);
    bool put_marks();

    JSContext* context_;
    CborWriter& out_;
    ObjectTable known_;  // where each object begins
    const char* what_ = "";
    int levels_ = 0;
};

}  // namespace curfew::guest

#endif
