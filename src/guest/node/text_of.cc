#include "guest/node/text_of.h"

namespace curfew::guest {

std::string text_of(v8::Isolate* isolate, v8::Local<v8::Value> value) {
    const v8::String::Utf8Value text(isolate, value);
    return *text ? std::string(*text, static_cast<size_t>(text.length())) : std::string();
}

std::string describe(v8::Isolate* isolate, v8::Local<v8::Value> thrown) {
    if (thrown->IsObject()) {
        const v8::TryCatch ignored(isolate);
        v8::Local<v8::Value> stack;
        if (thrown.As<v8::Object>()
                ->Get(isolate->GetCurrentContext(), v8::String::NewFromUtf8Literal(isolate, "stack"))
                .ToLocal(&stack) &&
            stack->IsString()) {
            return text_of(isolate, stack);
        }
    }
    return text_of(isolate, thrown);
}

std::string describe(v8::Isolate* isolate, const v8::TryCatch& caught) {
    if (caught.HasTerminated()) return "it was ended";
    return caught.HasCaught() ? describe(isolate, caught.Exception()) : "nothing was thrown";
}

}  // namespace curfew::guest
