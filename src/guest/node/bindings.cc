#include "guest/node/bindings.h"

#include <iterator>
#include <string>

#include "guest/node/host_messages.h"
#include "guest/node/memory_account.h"
#include "guest/node/randomness.h"
#include "guest/node/scripts.h"
#include "guest/node/text_of.h"

namespace curfew::guest {

namespace {

using Arguments = v8::FunctionCallbackInfo<v8::Value>;

Engine& engine_of(const Arguments& arguments) {
    return *static_cast<Engine*>(arguments.Data().As<v8::External>()->Value());
}

// Where there is no memory for as many bytes, the request ends.
bool has_room(const Arguments& arguments, size_t size) {
    if (memory_allows_block(size)) return true;
    engine_of(arguments).run_out_of_memory();
    return false;
}

// A string that the scripts give, or empty.
std::string text_at(const Arguments& arguments, int index) {
    std::string text;
    if (!arguments[index]->IsString()) return text;
    const auto string = arguments[index].As<v8::String>();
    if (has_room(arguments, text_size(arguments.GetIsolate(), string))) add_text(arguments.GetIsolate(), string, text);
    return text;
}

uint32_t number_at(const Arguments& arguments, int index) {
    return arguments[index]->Uint32Value(arguments.GetIsolate()->GetCurrentContext()).FromMaybe(0);
}

void throw_error(const Arguments& arguments, const std::string& message) {
    const v8::Local<v8::String> text = engine_of(arguments).string(message);
    arguments.GetIsolate()->ThrowException(
        v8::Exception::Error(text.IsEmpty() ? v8::String::Empty(arguments.GetIsolate()) : text));
}

// Gives the text back to the script, if the engine can hold it.
void return_text(const Arguments& arguments, std::string_view text) {
    const v8::Local<v8::String> made = engine_of(arguments).string(text);
    if (made.IsEmpty()) return throw_error(arguments, "the text is longer than a string of the engine can be");
    arguments.GetReturnValue().Set(made);
}

bool is_bytes(v8::Local<v8::Value> value) { return value->IsArrayBufferView(); }

void print(const Arguments& arguments) {
    if (engine_of(arguments).is_cut_short()) return;
    print_text(static_cast<wire::PrintLevel>(number_at(arguments, 0)), text_at(arguments, 1));
}

void add_header(std::string& encoded, size_t size, bool of_bytes) {
    const wire::ArgumentHeader header = wire::ArgumentHeader::of(size, of_bytes);
    encoded.append(reinterpret_cast<const char*>(&header), sizeof(header));
}

// What is neither text nor bytes has no value that could be passed.
constexpr std::string_view kNothing = "null";

size_t size_of(v8::Isolate* isolate, v8::Local<v8::Value> value) {
    if (is_bytes(value)) return value.As<v8::ArrayBufferView>()->ByteLength();
    return value->IsString() ? text_size(isolate, value.As<v8::String>()) : kNothing.size();
}

void add_argument(v8::Isolate* isolate, v8::Local<v8::Value> value, std::string& encoded) {
    const size_t size = size_of(isolate, value);
    add_header(encoded, size, is_bytes(value));
    if (value->IsString()) return add_text(isolate, value.As<v8::String>(), encoded);
    if (!is_bytes(value)) {
        encoded += kNothing;
        return;
    }
    const size_t before = encoded.size();
    encoded.resize(before + size);
    value.As<v8::ArrayBufferView>()->CopyContents(encoded.data() + before, size);
}

// False if there is no memory for it.
bool encode(const Arguments& arguments, v8::Local<v8::Array> values, std::string& encoded) {
    v8::Isolate* const isolate = arguments.GetIsolate();
    v8::LocalVector<v8::Value> found(isolate);
    size_t size = 0;
    for (uint32_t i = 0; i < values->Length(); ++i) {
        v8::Local<v8::Value> value;
        if (!values->Get(isolate->GetCurrentContext(), i).ToLocal(&value)) return false;
        found.push_back(value);
        size += sizeof(wire::ArgumentHeader) + size_of(isolate, value);
    }
    if (!has_room(arguments, size)) return false;
    encoded.reserve(size);
    for (const v8::Local<v8::Value> value : found) add_argument(isolate, value, encoded);
    return true;
}

void return_bytes(const Arguments& arguments, const std::string& from) {
    const v8::Local<v8::Value> made = engine_of(arguments).bytes(from);
    if (made.IsEmpty()) return throw_error(arguments, "out of memory: the heap has no room for what the host returned");
    arguments.GetReturnValue().Set(made);
}

// CBOR: its bytes as characters, in an array, to be told from bytes and JSON.
void return_values(const Arguments& arguments, const std::string& cbor) {
    v8::Local<v8::Value> made = engine_of(arguments).characters(cbor);
    if (made.IsEmpty()) return throw_error(arguments, "out of memory: the heap has no room for what the host returned");
    arguments.GetReturnValue().Set(v8::Array::New(arguments.GetIsolate(), &made, 1));
}

void host_call(const Arguments& arguments) {
    if (engine_of(arguments).is_cut_short() || !arguments[2]->IsArray()) return;
    const auto values = arguments[2].As<v8::Array>();
    std::string encoded;
    if (!encode(arguments, values, encoded)) return;
    if (arguments[4]->IsTrue() && encoded.size() >= sizeof(wire::ArgumentHeader)) {
        const auto header = wire::ArgumentHeader::of_values(encoded.size() - sizeof(wire::ArgumentHeader));
        memcpy(encoded.data(), &header, sizeof(header));
    }
    const auto call = arguments[3]->IsTrue() ? call_host_async : call_host;
    const HostAnswer answer = call(text_at(arguments, 0), text_at(arguments, 1), values->Length(), encoded);
    encoded = {};
    if (answer.pending) return arguments.GetReturnValue().Set(answer.value);
    if (answer.failed) return throw_error(arguments, answer.text);
    if ((answer.flags & wire::kCbor) != 0) return return_values(arguments, answer.text);
    if ((answer.flags & wire::kBinary) != 0) return return_bytes(arguments, answer.text);
    if (!answer.text.empty()) return_text(arguments, answer.text);
}

// A module's kind, and its name or its text.
void return_module(const Arguments& arguments, const HostAnswer& answer, const std::string& text) {
    v8::Isolate* const isolate = arguments.GetIsolate();
    if (answer.failed) return throw_error(arguments, answer.text);
    v8::Local<v8::Value> pair[] = {v8::Integer::NewFromUnsigned(isolate, answer.value),
                                   engine_of(arguments).string(text)};
    if (pair[1].IsEmpty()) return throw_error(arguments, "the module is longer than a string of the engine can be");
    arguments.GetReturnValue().Set(v8::Array::New(isolate, pair, std::size(pair)));
}

void resolve(const Arguments& arguments) {
    const HostAnswer answer =
        resolve_module(text_at(arguments, 0), text_at(arguments, 1), arguments[2]->IsTrue(), arguments[3]->IsTrue());
    return_module(arguments, answer, answer.name);
}

void read(const Arguments& arguments) {
    const HostAnswer answer = read_module(text_at(arguments, 0));
    return_module(arguments, answer, answer.text);
}

// A copy of a Uint8Array that the scripts give, or a string's UTF-8.
std::string bytes_at(const Arguments& arguments, int index) {
    if (!is_bytes(arguments[index])) return text_at(arguments, index);
    const auto view = arguments[index].As<v8::ArrayBufferView>();
    std::string bytes;
    if (!has_room(arguments, view->ByteLength())) return bytes;
    bytes.resize(view->ByteLength());
    view->CopyContents(bytes.data(), bytes.size());
    return bytes;
}

// A part of the bytes of a Uint8Array: where it begins, and how long it is.
void done_with_part(const Arguments& arguments) {
    const auto view = arguments[0].As<v8::ArrayBufferView>();
    const size_t start = number_at(arguments, 1), size = number_at(arguments, 2);
    if (start > view->ByteLength() || size > view->ByteLength() - start || !has_room(arguments, size)) return;
    const auto* const data = static_cast<const char*>(view->Buffer()->Data()) + view->ByteOffset() + start;
    if (engine_of(arguments).is_cut_short()) return;
    engine_of(arguments).give({.done = true, .flags = wire::kCbor, .text = std::string(data, size)});
}

void done(const Arguments& arguments) {
    if (is_bytes(arguments[0])) return done_with_part(arguments);
    std::string result = arguments[0]->IsUndefined() ? std::string() : text_at(arguments, 0);
    if (engine_of(arguments).is_cut_short()) return;  // there was no room for it
    engine_of(arguments).give({.done = true, .text = std::move(result)});
}

void failed(const Arguments& arguments) {
    engine_of(arguments).give(
        {.flags = number_at(arguments, 0), .text = text_at(arguments, 1), .stack = bytes_at(arguments, 2)});
}

void refuse_without_room(const Arguments& arguments) {
    const bool has_room = engine_of(arguments).has_room();
    arguments.GetReturnValue().Set(!has_room);
    if (!has_room) engine_of(arguments).give({.flags = number_at(arguments, 0), .text = text_at(arguments, 1)});
}

void random(const Arguments& arguments) {
    if (!is_bytes(arguments[0])) return;
    const auto view = arguments[0].As<v8::ArrayBufferView>();
    fill_with_randomness(static_cast<char*>(view->Buffer()->Data()) + view->ByteOffset(), view->ByteLength());
}

void seed(const Arguments& arguments) {
    uint32_t number = 0;
    fill_with_randomness(&number, sizeof(number));
    arguments.GetReturnValue().Set(number);
}

void collect_garbage(const Arguments& arguments) { engine_of(arguments).collect_garbage(); }

void wait_for(const Arguments& arguments) {
    if (!arguments[0]->IsPromise()) return;
    arguments.GetReturnValue().Set(engine_of(arguments).wait_for(arguments[0].As<v8::Promise>()));
}

struct Binding {
    const char* name;
    v8::FunctionCallback function;
};

constexpr Binding kBindings[] = {{"print", print},
                                 {"hostCall", host_call},
                                 {"resolve", resolve},
                                 {"readModule", read},
                                 {"done", done},
                                 {"failed", failed},
                                 {"refuseWithoutRoom", refuse_without_room},
                                 {"random", random},
                                 {"seed", seed},
                                 {"collectGarbage", collect_garbage},
                                 {"waitFor", wait_for}};

}  // namespace

v8::Local<v8::Object> make_bindings(Engine& engine) {
    v8::Isolate* const isolate = engine.isolate();
    const v8::Local<v8::Context> context = engine.context();
    const v8::Local<v8::Object> object = v8::Object::New(isolate);
    const v8::Local<v8::External> data = v8::External::New(isolate, &engine);
    for (const Binding& binding : kBindings) {
        const v8::Local<v8::Function> function = v8::Function::New(context, binding.function, data).ToLocalChecked();
        object->Set(context, engine.string(binding.name), function).Check();
    }
    const v8::Local<v8::Object> sources = v8::Object::New(isolate);
    for (const Script& script : scripts())
        sources->Set(context, engine.string(script.name), engine.string(script.source)).Check();
    object->Set(context, engine.string("sources"), sources).Check();
    return object;
}

}  // namespace curfew::guest
