#include "guest/platform/exchange.h"

#include <string.h>

#include "guest/platform/hypercall.h"
#include "guest/platform/memory.h"

namespace curfew::guest {

using wire::MessageKind;

namespace {

char* window() { return reinterpret_cast<char*>(wire::kWindowBase); }

uint32_t request_number = 0;  // of the request that is being worked on

// Copies bytes `from` to `to` of the body that `message` describes to `out`.
void copy_body(char* out, const Outgoing& message, size_t from, size_t to) {
    const size_t name_size = message.name.size;
    if (from < name_size) {
        const size_t end = to < name_size ? to : name_size;
        memcpy(out, message.name.data + from, end - from);
        out += end - from;
        from = end;
    }
    if (from < to) memcpy(out, message.payload.data + (from - name_size), to - from);
}

}  // namespace

Bytes bytes_of(const char* text) { return {text, strlen(text)}; }

bool equals(Bytes text, const char* other) {
    return text.size == strlen(other) && memcmp(text.data, other, text.size) == 0;
}

void accept_request() { request_number = mailbox().message.request; }

MessageKind received_kind() { return static_cast<MessageKind>(mailbox().message.kind); }

bool stage(const Outgoing& message) {
    const size_t length = message.name.size + message.payload.size;
    for (size_t sent = 0;;) {
        const size_t chunk = length - sent < wire::kWindowSize ? length - sent : wire::kWindowSize;
        copy_body(window(), message, sent, sent + chunk);
        mailbox().message = {.kind = static_cast<uint16_t>(message.kind),
                             .flags = static_cast<uint16_t>(message.flags),
                             .request = request_number,
                             .value = message.value,
                             .chunk = static_cast<uint32_t>(chunk),
                             .name_length = message.name.size,
                             .length = length};
        sent += chunk;
        if (sent == length) return true;
        exchange();
        if (received_kind() != MessageKind::more) return false;
    }
}

void stage_empty(MessageKind kind, uint32_t flags, uint32_t value) {
    mailbox().message = {.kind = static_cast<uint16_t>(kind),
                         .flags = static_cast<uint16_t>(flags),
                         .request = request_number,
                         .value = value,
                         .chunk = 0,
                         .name_length = 0,
                         .length = 0};
}

void exchange() {
    mailbox().heap = heap_report();
    hypercall(CURFEW_HYPERCALL_EXCHANGE);
}

void report_heap() {
    const wire::Message interrupted = mailbox().message;
    stage_empty(MessageKind::heap_report);
    exchange();
    mailbox().message = interrupted;
}

void abort_guest(const char* why) {
    if (stage({.kind = MessageKind::abort, .payload = bytes_of(why)})) exchange();
    __builtin_trap();
}

bool Body::receive(bool keep, size_t extra) {
    const wire::Message first = mailbox().message;
    name_size_ = first.name_length;
    size_ = first.length;
    if (first.chunk == first.length && first.length < wire::kWindowSize && !keep) {
        data_ = window();
    } else {
        if (has_room_for_body(size_)) data_ = static_cast<char*>(heap.allocate(size_ + extra + 1));
        if (!data_) {
            stage_empty(MessageKind::refused);
            return false;
        }
        on_heap_ = true;
        memcpy(data_, window(), first.chunk);
        for (size_t received = first.chunk; received < size_; received += mailbox().message.chunk) {
            stage_empty(MessageKind::more);
            exchange();
            memcpy(data_ + received, window(), mailbox().message.chunk);
        }
    }
    data_[size_] = '\0';
    return true;
}

void Body::drop() {
    if (on_heap_) heap.release(data_);
    data_ = nullptr;
    name_size_ = size_ = 0;
    on_heap_ = false;
}

}  // namespace curfew::guest
