#include "guest/node/text_of.h"

namespace curfew::guest {

size_t text_size(v8::Isolate* isolate, v8::Local<v8::String> string) { return string->Utf8LengthV2(isolate); }

void add_text(v8::Isolate* isolate, v8::Local<v8::String> string, std::string& text) {
    const size_t before = text.size();
    text.resize(before + text_size(isolate, string));
    string->WriteUtf8V2(isolate, text.data() + before, text.size() - before,
                        v8::String::WriteFlags::kReplaceInvalidUtf8);
}

std::string text_of(v8::Isolate* isolate, v8::Local<v8::Value> value) {
    const v8::TryCatch ignored(isolate);
    v8::Local<v8::String> string;
    std::string text;
    if (value->ToString(isolate->GetCurrentContext()).ToLocal(&string)) add_text(isolate, string, text);
    return text;
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
