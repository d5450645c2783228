#include "guest/quickjs/value_place.h"

#include "guest/quickjs/value.h"

namespace curfew::guest {

namespace {

bool is_identifier(Bytes text) {
    for (size_t i = 0; i < text.size; ++i) {
        const char c = text.data[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
        if (!letter && (i == 0 || c < '0' || c > '9')) return false;
    }
    return text.size > 0;
}

}  // namespace

void write_step(JSContext* context, Writer& out, JSAtom name, int64_t index) {
    constexpr size_t kLongestName = 100;
    if (name == JS_ATOM_NULL) {
        if (index < 0) {
            out << "[member]";
        } else {
            out << '[' << index << ']';
        }
        return;
    }
    size_t size = 0;
    const char* const text = JS_AtomToCStringLen(context, &size, name);
    if (!text) {
        JS_FreeValue(context, JS_GetException(context));
        out << ".?";
        return;
    }
    Writer shown;
    shown << Bytes{text, size < kLongestName ? size : kLongestName};
    if (size > kLongestName) shown << "...";
    if (is_identifier(shown.text())) {
        out << '.' << shown.text();
    } else {
        out << "[\"" << shown.text() << "\"]";
    }
    JS_FreeCString(context, text);
}

void write_class(JSContext* context, Writer& out, JSValueConst object) {
    if (JS_IsFunction(context, object)) {
        out << "a function";
        return;
    }
    if (JS_IsProxy(object)) {
        out << "a Proxy";
        return;
    }
    const JSAtom atom = JS_GetClassName(JS_GetRuntime(context), JS_GetClassID(object));
    const Value name(context, JS_AtomToString(context, atom));
    JS_FreeAtom(context, atom);
    Writer text;
    text.write(context, name.get());
    const Bytes written = text.text();
    const char first = written.size > 0 ? written.data[0] : 'x';
    const bool with_n = first == 'A' || first == 'E' || first == 'I' || first == 'O';
    out << (with_n ? "an " : "a ") << written;
}

}  // namespace curfew::guest
