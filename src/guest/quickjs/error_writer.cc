#include "guest/quickjs/error_writer.h"

#include "guest/quickjs/inspect.h"
#include "guest/quickjs/inspector.h"

namespace curfew::guest {

namespace {

constexpr int kIndent = 2;

// A property of the object itself that is not enumerable, and so not among what is shown anyway; undefined if there is none.
Value hidden_property(JSContext* context, JSValueConst object, const char* name, bool& is_there) {
    const JSAtom key = JS_NewAtom(context, name);
    JSPropertyDescriptor found;
    const int has = JS_GetOwnProperty(context, &found, object, key);
    JS_FreeAtom(context, key);
    is_there = false;
    if (has <= 0) {
        if (has < 0) drop_exception(context);
        return Value(context);
    }
    Value value(context, found.value);
    const Value getter(context, found.getter);
    const Value setter(context, found.setter);
    is_there = (found.flags & (JS_PROP_GETSET | JS_PROP_ENUMERABLE)) == 0;
    return value;
}

}  // namespace

void ErrorWriter::begin_line(int indent) {
    out_ << '\n';
    for (int i = 0; i < indent; ++i) out_ << ' ';
}

// The first line stands where it is.
void ErrorWriter::write_lines(Bytes text, int indent) {
    for (size_t i = 0; i < text.size; ++i) {
        if (text.data[i] == '\n') {
            begin_line(indent);
        } else {
            out_ << text.data[i];
        }
    }
}

void ErrorWriter::write_inner(JSValueConst value, int depth) {
    for (int i = 0; i < depth && i <= kMaxDepth; ++i) {
        if (JS_IsObject(value) && above_[i] == JS_VALUE_GET_PTR(value)) {
            out_ << "[Circular]";
            return;
        }
    }
    if (is_error(value) && depth <= kMaxDepth && left_ > 0) {
        write(value, depth);
    } else {
        Inspector(context_, out_).write(value);
    }
}

void ErrorWriter::write_list(JSValueConst list, int depth) {
    int64_t length = 0;
    if (JS_GetLength(context_, list, &length) < 0) drop_exception(context_);
    const int indent = kIndent * (depth + 2);
    out_ << '[';
    for (int64_t i = 0; i < length && !out_.full(); ++i) {
        begin_line(indent);
        if (left_ <= 0) {
            out_ << "... " << (length - i) << (length - i == 1 ? " more item" : " more items");
            break;
        }
        if (depth + 1 <= kMaxDepth) above_[depth + 1] = nullptr;
        const Value item(context_, JS_GetPropertyInt64(context_, list, i));
        if (item.failed()) {
            drop_exception(context_);
            out_ << "undefined";
        } else {
            write_inner(item.get(), depth + 2);
            --left_;
        }
        if (i + 1 < length) out_ << ',';
    }
    begin_line(indent - kIndent);
    out_ << ']';
}

void ErrorWriter::write(JSValueConst error, int depth) {
    --left_;
    above_[depth] = JS_VALUE_GET_PTR(error);
    const int indent = kIndent * depth;
    {
        Writer said;
        write_error(context_, said, error);
        const Value stack = property(context_, error, "stack");
        Writer lines;
        if (JS_IsString(stack.get())) lines.write(context_, stack.get());
        Bytes text = lines.text();
        if (text.size > 0 && text.data[text.size - 1] == '\n') --text.size;
        if (text.size > 0) said << '\n' << text;
        write_lines(said.text(), indent);
    }
    bool has_cause = false;
    bool has_errors = false;
    const Value cause = hidden_property(context_, error, "cause", has_cause);
    const Value errors = hidden_property(context_, error, "errors", has_errors);
    has_errors = has_errors && JS_IsArray(errors.get());
    if (!has_cause && !has_errors) {
        Inspector(context_, out_).write_fields_of(error);
        return;
    }
    Writer fields;
    Inspector(context_, fields).write_fields_of(error);
    out_ << " {";
    constexpr size_t kBraces = 5;  // " { " before, and " }" behind
    if (fields.text().size > kBraces) {
        begin_line(indent + kIndent);
        out_ << Bytes{fields.text().data + 3, fields.text().size - kBraces} << ',';
    }
    if (has_cause) {
        begin_line(indent + kIndent);
        out_ << "[cause]: ";
        write_inner(cause.get(), depth + 1);
        if (has_errors) out_ << ',';
    }
    if (has_errors) {
        begin_line(indent + kIndent);
        out_ << "[errors]: ";
        write_list(errors.get(), depth);
    }
    begin_line(indent);
    out_ << '}';
}

}  // namespace curfew::guest
