#include "sandbox/runtime_image.h"

#include <algorithm>
#include <deque>
#include <string>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/utf8.h"
#include "cell/make_cell.h"
#include "sandbox/channel.h"
#include "sandbox/engine_images.h"
#include "sandbox/failure.h"

namespace curfew::sandbox {

namespace {

using StatePointer = std::shared_ptr<const cell::MemoryImage>;

// A runtime that starts asks for nothing.
class NoServices final : public GuestServices {
  public:
    bool cancelled() const noexcept override { return false; }
    bool may_print() const noexcept override { return true; }
    void print(wire::PrintLevel, std::string) override {}
    HostReply call_host_function(GuestCall) override { return nothing(); }
    std::uint64_t host_argument_limit() const noexcept override { return 0; }
    HostReply refuse_host_call(std::string_view, std::string_view, std::uint64_t) override { return nothing(); }
    HostReply resolve_module(std::string_view, std::string_view, std::uint32_t) override { return nothing(); }
    HostReply read_module(std::string_view, std::uint32_t) override { return nothing(); }
    bool can_reply() const noexcept override { return false; }
    std::optional<HostReply> wait(std::optional<std::chrono::microseconds>, bool) override { return HostReply{}; }

  private:
    static HostReply nothing() { return HostReply::error("the runtime is only starting"); }
};

Result<StatePointer> start_runtime(std::shared_ptr<const cell::GuestImage> program, cell::MemorySizes sizes) {
    auto initial = cell::initial_state(std::move(program), sizes);
    if (!initial) return std::unexpected(initial.error());
    auto cell = cell::make_cell(*initial, {});
    if (!cell) return std::unexpected(cell.error());
    NoServices services;
    UsageMeter meter;
    Channel channel(**cell, services, meter, 0);
    Answer answer{};
    const ExchangeEnd stop = channel.exchange({.kind = wire::MessageKind::boot}, answer);
    if (stop == ExchangeEnd::completed && answer.kind == wire::MessageKind::ready) return (*cell)->snapshot();
    if ((answer.flags & wire::kOutOfMemory) != 0) {
        return fail(ErrorCode::invalid_argument,
                    "a heap of " + std::to_string(sizes.heap >> 10) +
                        " KiB is too small for the JavaScript runtime to start; give it at "
                        "least 1 MiB");
    }
    const cell::Death& death = (*cell)->death();
    if (death.kind == cell::DeathKind::unavailable) return fail(ErrorCode::unavailable, death.text);
    return fail(ErrorCode::internal, "the JavaScript runtime did not start: " +
                                         (death                     ? death.text
                                          : !answer.payload.empty() ? base::to_valid_utf8(answer.payload)
                                                                    : channel.complaint()));
}

constexpr const char* kOwnScript = "export function handler(event) { return event; }";

// Loads a script of our own in a cell of its own, and calls it, so that cells that start from the state get the pages at once that
// every script makes them write. No tenant's script may teach that: which pages it wrote would show to all others. Whatever
// fails, the state only goes without.
void warm_up(const StatePointer& state) {
    auto cell = cell::make_cell(state, {});
    if (!cell) return;
    NoServices services;
    UsageMeter meter;
    base::fill_with_randomness((*cell)->mailbox().seed);
    const auto done = [&](std::uint32_t number, const Request& request) {
        Channel channel(**cell, services, meter, number);
        Answer answer{};
        return channel.exchange(request, answer) == ExchangeEnd::completed && answer.kind == wire::MessageKind::done;
    };
    const std::string_view names("handler\0handler.js", 18);
    if (!done(1, {.kind = wire::MessageKind::load, .flags = wire::kReseed, .name = names, .payload = kOwnScript}))
        return;
    if (!done(2, {.kind = wire::MessageKind::call, .flags = wire::kCollectGarbage, .name = "handler", .payload = "{}"}))
        return;
    (*cell)->teach_hot_pages();
}

using ProgramPointer = std::shared_ptr<const cell::GuestImage>;

// The mutex is held to look and to note, never while something is made or dropped: a fork waits for it, and a child could
// find what was being made half done. So two threads may make the same at once; the first to note it wins.
struct Cache {
    base::ForkSafeMutex mutex;
    std::deque<StatePointer> states GUARDED_BY(mutex);
};

// Never destroyed: sandboxes may be made while static objects are destroyed.
constinit base::Immortal<Cache> g_cache;

// Null: not there.
StatePointer find_state(const Cache& cache, const ProgramPointer& program, cell::MemorySizes sizes)
    REQUIRES(cache.mutex) {
    const auto found = std::ranges::find_if(
        cache.states, [&](const StatePointer& state) { return state->program == program && state->sizes == sizes; });
    return found == cache.states.end() ? nullptr : *found;
}

}  // namespace

Result<StatePointer> started_runtime(engine::ImageKind kind, cell::MemorySizes sizes) {
    constexpr std::size_t kKept = 8;
    Cache& cache = g_cache.get();
    auto program = image_of(kind);
    if (!program) return std::unexpected(program.error());
    StatePointer known;
    {
        const base::Lock lock(cache.mutex);
        known = find_state(cache, *program, sizes);
    }
    if (known) {
        // A process that makes one sandbox need not pay for it. Two threads may do it at once; the first to teach wins.
        if (!known->hot.known()) warm_up(known);
        if (!known->hot.known()) known->hot.learn({});
        return known;
    }
    auto state = start_runtime(*program, sizes);
    if (!state) return state;
    StatePointer oldest;  // dropped after the mutex
    const base::Lock lock(cache.mutex);
    if (StatePointer found = find_state(cache, *program, sizes)) return found;
    if (cache.states.size() == kKept) {
        oldest = std::move(cache.states.front());
        cache.states.pop_front();
    }
    cache.states.push_back(*state);
    return state;
}

}  // namespace curfew::sandbox
