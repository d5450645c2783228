#include "guest/guest_session.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>

#include <curfew/engine.h>

#include "cell/make_cell.h"
#include "engine/engines.h"
#include "engine/image.h"

namespace curfew::guest::testing {

using wire::MessageKind;

namespace {

template <typename T>
T value_of(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return *std::move(result);
}

std::shared_ptr<const cell::MemoryImage> fresh_image(cell::MemorySizes sizes) {
    static const auto program = value_of(engine::image({value_of(default_engine()), engine::is_jitless_by_default()}));
    return value_of(cell::initial_state(program, sizes));
}

}  // namespace

GuestSession::GuestSession(cell::MemorySizes sizes, cell::Handover handover)
    : cell_(value_of(cell::make_cell(fresh_image(sizes), {.handover = handover}))) {}

GuestSession::GuestSession(std::shared_ptr<const cell::MemoryImage> image)
    : cell_(value_of(cell::make_cell(std::move(image), {}))) {}

Answer GuestSession::boot() { return request(MessageKind::boot, wire::kReseed, {}, {}); }

Answer GuestSession::load(std::string_view handler, std::string_view source, std::string_view file,
                          std::uint32_t flags) {
    std::string name(handler);
    name += '\0';
    name += file;
    return request(MessageKind::load, flags, name, source);
}

Answer GuestSession::call(std::string_view handler, std::string_view event, std::uint32_t flags) {
    return request(MessageKind::call, flags, handler, event);
}

void GuestSession::put(MessageKind kind) {
    cell_->mailbox().message = {.kind = static_cast<std::uint16_t>(kind),
                                .flags = 0,
                                .request = 0,
                                .value = 0,
                                .chunk = 0,
                                .name_length = 0,
                                .length = 0};
}

// Gives the guest the turn until it sends a message, and notes its heap reports. False when the cell died.
bool GuestSession::resume() {
    cell_->mailbox().heap_limit = 0;
    if (heap_limit_ != 0) cell_->mailbox().heap_limit = heap_limit_ + heap_reports_.size() * heap_step_;
    while (cell_->resume() == cell::Stop::called_out) {
        if (cell_->mailbox().message.kind != static_cast<std::uint32_t>(MessageKind::heap_report)) return true;
        heap_reports_.push_back(cell_->mailbox().heap);
        cell_->mailbox().heap_limit = heap_limit_ + heap_reports_.size() * heap_step_;
        put(MessageKind::proceed);
    }
    return false;
}

// Passes a whole message to the guest. False when the cell died, or the guest answered before it had all.
bool GuestSession::send(MessageKind kind, std::uint32_t flags, std::string_view name, std::string_view payload,
                        std::uint32_t value) {
    const std::size_t length = name.size() + payload.size();
    const auto copy = [&](char* out, std::size_t from, std::size_t count) {
        if (from < name.size()) {
            const std::size_t some = std::min(count, name.size() - from);
            std::memcpy(out, name.data() + from, some);
            out += some;
            from += some;
            count -= some;
        }
        if (count > 0) std::memcpy(out, payload.data() + (from - name.size()), count);
    };
    for (std::size_t sent = 0;;) {
        const std::size_t chunk = std::min<std::size_t>(wire::kWindowSize, length - sent);
        copy(reinterpret_cast<char*>(cell_->window().data()), sent, chunk);
        cell_->mailbox().message = {.kind = static_cast<std::uint16_t>(kind),
                                    .flags = static_cast<std::uint16_t>(flags),
                                    .request = 0,
                                    .value = value,
                                    .chunk = static_cast<std::uint32_t>(chunk),
                                    .name_length = name.size(),
                                    .length = length};
        sent += chunk;
        if (!resume()) return false;
        if (sent == length) return true;
        if (cell_->mailbox().message.kind != static_cast<std::uint32_t>(MessageKind::more)) return false;
    }
}

bool GuestSession::receive(wire::Message first, std::string& body, std::size_t limit) {
    const auto* window = reinterpret_cast<const char*>(cell_->window().data());
    body.assign(window, first.chunk);
    while (body.size() < first.length) {
        if (first.length > limit) {
            put(MessageKind::refused);
            resume();
            return false;
        }
        put(MessageKind::more);
        if (!resume()) return false;
        body.append(window, cell_->mailbox().message.chunk);
    }
    return true;
}

Answer GuestSession::request(MessageKind kind, std::uint32_t flags, std::string_view name, std::string_view payload,
                             std::size_t limit) {
    Answer answer;
    heap_reports_.clear();
    std::memset(cell_->mailbox().seed, seed_, sizeof(cell_->mailbox().seed));
    send(kind, flags, name, payload);
    while (!cell_->death()) {
        const wire::Message message = cell_->mailbox().message;
        const wire::HeapReport heap = cell_->mailbox().heap;
        std::string body;
        if (!receive(message, body, limit)) continue;
        if (message.kind == static_cast<std::uint32_t>(MessageKind::print)) {
            answer.printed.push_back({static_cast<wire::PrintLevel>(message.value), body});
            put(MessageKind::proceed);
            resume();
            continue;
        }
        if (message.kind == static_cast<std::uint32_t>(MessageKind::wait)) {
            std::this_thread::sleep_for(std::chrono::microseconds(message.value));
            put(MessageKind::proceed);
            resume();
            continue;
        }
        if (message.kind == static_cast<std::uint32_t>(MessageKind::resolve)) {
            if ((message.flags & wire::kBuiltIn) != 0) {
                send(MessageKind::resolved, 0, body.substr(message.name_length), {},
                     static_cast<std::uint32_t>(wire::ModuleKind::built_in));
                continue;
            }
            send(MessageKind::host_error, 0, {},
                 body.substr(0, message.name_length) + " imports \"" + body.substr(message.name_length) +
                     "\", but this sandbox has no such module, and no module loader");
            continue;
        }
        answer.kind = static_cast<MessageKind>(message.kind);
        answer.flags = message.flags;
        answer.name = body.substr(0, message.name_length);
        answer.payload = body.substr(message.name_length);
        answer.heap = heap;
        answer.heap_reports = heap_reports_;
        return answer;
    }
    answer.payload = cell_->death().text;
    return answer;
}

}  // namespace curfew::guest::testing
