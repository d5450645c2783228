// JavaScript's values as text.
#ifndef CURFEW_GUEST_NODE_TEXT_OF_H
#define CURFEW_GUEST_NODE_TEXT_OF_H

#include <v8.h>

#include <string>

namespace curfew::guest {

// As UTF-8, valid, whatever the string has. What is no string becomes one; empty if that fails.
std::string text_of(v8::Isolate* isolate, v8::Local<v8::Value> value);

// Bytes of a string as UTF-8; and adds them to a text, which has room for them.
size_t text_size(v8::Isolate* isolate, v8::Local<v8::String> string);
void add_text(v8::Isolate* isolate, v8::Local<v8::String> string, std::string& text);

// What was thrown: its stack, or itself.
std::string describe(v8::Isolate* isolate, v8::Local<v8::Value> thrown);
std::string describe(v8::Isolate* isolate, const v8::TryCatch& caught);

}  // namespace curfew::guest

#endif
