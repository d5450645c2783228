#include "sandbox/runtime_image.h"

#include <deque>
#include <mutex>
#include <span>
#include <string>

#include "cell/process/process_cell.h"
#include "sandbox/channel.h"
#include "sandbox/failure.h"
#include "sandbox/guest_program.h"
#include "sandbox/utf8.h"

namespace curfew::sandbox {

namespace {

using StatePointer = std::shared_ptr<const cell::MemoryImage>;

// A runtime that starts asks for nothing.
class NoServices final : public GuestServices {
  public:
    bool print(wire::PrintLevel, std::string) override { return true; }
    HostReply call_host_function(std::string_view, std::string_view, std::uint32_t, std::string_view) override {
        return nothing();
    }
    HostReply resolve_module(std::string_view, std::string_view, bool) override { return nothing(); }
    HostReply read_module(std::string_view) override { return nothing(); }
    void wait(std::chrono::microseconds) override {}

  private:
    static HostReply nothing() { return HostReply::error("the runtime is only starting"); }
};

Result<StatePointer> start_runtime(std::shared_ptr<const cell::GuestImage> program, cell::MemorySizes sizes) {
    auto initial = cell::initial_state(std::move(program), sizes);
    if (!initial) return std::unexpected(initial.error());
    auto cell = cell::ProcessCell::spawn(*initial, cell::Handover::block);
    if (!cell) return std::unexpected(cell.error());
    NoServices services;
    UsageMeter meter;
    Channel channel(**cell, services, meter);
    Answer answer{};
    const Break stop = channel.exchange({.kind = wire::MessageKind::boot}, answer);
    if (stop == Break::none && answer.kind == wire::MessageKind::ready) return (*cell)->snapshot();
    if ((answer.flags & wire::kOutOfMemory) != 0) {
        return fail(ErrorCode::invalid_argument,
                    "a heap of " + std::to_string(sizes.heap >> 10) +
                        " KiB is too small for the JavaScript runtime to start; give it at "
                        "least 1 MiB");
    }
    const std::string& death = (*cell)->death();
    if (death.starts_with("no isolation")) return fail(ErrorCode::unavailable, death);
    return fail(ErrorCode::internal,
                "the JavaScript runtime did not start: " + (!death.empty()            ? death
                                                            : !answer.payload.empty() ? to_valid_utf8(answer.payload)
                                                                                      : channel.complaint()));
}

struct Cache {
    std::mutex mutex;
    std::shared_ptr<const cell::GuestImage> program;
    std::deque<StatePointer> states;
};

}  // namespace

Result<StatePointer> started_runtime(cell::MemorySizes sizes) {
    constexpr std::size_t kKept = 8;
    // Never destroyed: sandboxes may be made while static objects are destroyed.
    static auto* const cache = new Cache;
    const std::scoped_lock lock(cache->mutex);
    for (const StatePointer& state : cache->states) {
        if (state->sizes == sizes) return state;
    }
    if (!cache->program) {
        auto program =
            cell::GuestImage::from_elf(std::as_bytes(std::span(curfew_guest_program, curfew_guest_program_end)));
        if (!program) return std::unexpected(program.error());
        cache->program = std::move(*program);
    }
    auto state = start_runtime(cache->program, sizes);
    if (!state) return state;
    if (cache->states.size() == kKept) cache->states.pop_front();
    cache->states.push_back(*state);
    return state;
}

}  // namespace curfew::sandbox
