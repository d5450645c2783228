#include "sandbox/runtime_image.h"

#include <deque>
#include <map>
#include <string>

#include "base/immortal.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/utf8.h"
#include "cell/make_cell.h"
#include "sandbox/channel.h"
#include "sandbox/engines.h"
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
    HostReply call_host_function(std::string_view, std::string_view, std::uint32_t, std::string_view) override {
        return nothing();
    }
    std::uint64_t host_argument_limit() const noexcept override { return 0; }
    HostReply refuse_host_call(std::string_view, std::string_view, std::uint64_t) override { return nothing(); }
    HostReply resolve_module(std::string_view, std::string_view, bool) override { return nothing(); }
    HostReply read_module(std::string_view) override { return nothing(); }
    void wait(std::chrono::microseconds) override {}

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

struct Cache {
    base::Mutex mutex;
    std::map<Engine, std::shared_ptr<const cell::GuestImage>> programs GUARDED_BY(mutex);
    std::deque<StatePointer> states GUARDED_BY(mutex);
};

// Never destroyed: sandboxes may be made while static objects are destroyed.
constinit base::Immortal<Cache> g_cache;

Result<std::shared_ptr<const cell::GuestImage>> program_of(Cache& cache, Engine engine) REQUIRES(cache.mutex) {
    const auto image = image_of(engine);
    if (image.empty()) return fail(ErrorCode::invalid_argument, "this build of Curfew does not have that engine");
    auto& program = cache.programs[engine];
    if (!program) {
        auto made = cell::GuestImage::from_elf(image);
        if (!made) return made;
        program = std::move(*made);
    }
    return program;
}

}  // namespace

Result<std::shared_ptr<const cell::GuestImage>> guest_program(Engine engine) {
    Cache& cache = g_cache.get();
    const base::Lock lock(cache.mutex);
    return program_of(cache, engine);
}

Result<StatePointer> started_runtime(Engine engine, cell::MemorySizes sizes) {
    constexpr std::size_t kKept = 8;
    Cache& cache = g_cache.get();
    const base::Lock lock(cache.mutex);
    auto program = program_of(cache, engine);
    if (!program) return std::unexpected(program.error());
    std::deque<StatePointer>& states = cache.states;
    for (const StatePointer& state : states) {
        if (state->program != *program || state->sizes != sizes) continue;
        // A process that makes one sandbox need not pay for it.
        if (!state->hot.known()) warm_up(state);
        if (!state->hot.known()) state->hot.learn({});
        return state;
    }
    auto state = start_runtime(std::move(*program), sizes);
    if (!state) return state;
    if (states.size() == kKept) states.pop_front();
    states.push_back(*state);
    return state;
}

}  // namespace curfew::sandbox
