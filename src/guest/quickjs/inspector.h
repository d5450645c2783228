// Shows one value as text; see inspect.h. Goes down into objects, and remembers which it is inside of.
#ifndef CURFEW_GUEST_RUNTIME_INSPECTOR_H
#define CURFEW_GUEST_RUNTIME_INSPECTOR_H

#include "guest/quickjs/value.h"
#include "guest/quickjs/writer.h"

namespace curfew::guest {

// Remembers the engine's own functions before a script can replace them. False when memory runs out.
[[nodiscard]] bool prepare_inspector(JSContext* context);

// What parseInt and parseFloat of the engine make of a text, whatever has become of them since.
JSValue parse_number(JSContext* context, JSValueConst text, bool as_integer);

class Inspector {
  public:
    Inspector(JSContext* context, Writer& out) : context_(context), out_(out) {}

    // Writes a value, strings with quotes.
    void write(JSValueConst value);

    // Writes an error's own fields, such as `code`, behind what was written of the error.
    void write_fields_of(JSValueConst error);

  private:
    static constexpr int kMaxDepth = 4;
    static constexpr int64_t kMaxItems = 100;
    static constexpr size_t kMaxStringSize = 10'000;  // of a string inside something else

    void write_object(JSValueConst object);
    void write_kind(JSValueConst object);
    void write_array(JSValueConst array, int64_t length, bool holes);
    void write_missing(int64_t count);
    void write_collection(JSValueConst collection, bool pairs);
    void write_promise(JSValueConst promise);
    void write_function(JSValueConst function);
    void write_by_call(JSValueConst function, JSValueConst object, const char* otherwise);
    void write_boxed(JSValueConst object, const char* class_name);
    void write_named_properties(JSValueConst object, const char* open, const char* close, bool skip_indices);
    void write_key(JSAtom key);
    void write_property_value(JSValueConst object, JSAtom key);
    void write_quoted(Bytes text);
    bool write_constructor_name(JSValueConst object, const char* usual);
    void separate() {
        out_ << (first_ ? " " : ", ");
        first_ = false;
    }
    static JSValue write_entry(JSContext*, JSValueConst, int count, JSValueConst* arguments, int pairs, void* self);

    JSContext* context_;
    Writer& out_;
    const void* above_[kMaxDepth + 1] = {};  // the objects that the current one is inside of
    int depth_ = 0;
    bool first_ = true;  // no item of the current object was written yet
    int64_t items_ = 0;  // of the current collection
};

// Drops the pending exception.
void drop_exception(JSContext* context);

// A property, or undefined if getting it throws.
Value property(JSContext* context, JSValueConst object, const char* name);

}  // namespace curfew::guest

#endif
