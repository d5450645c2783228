// The guest image in a real cell, spoken to in the protocol's own words: for tests and measurements of the
// guest alone.
#ifndef CURFEW_TESTS_GUEST_GUEST_SESSION_H
#define CURFEW_TESTS_GUEST_GUEST_SESSION_H

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cell/cell.h"

namespace curfew::guest::testing {

inline constexpr cell::MemorySizes kSessionSizes{.heap = 16 << 20, .stack = 1 << 20};

struct Printed {
    wire::PrintLevel level;
    std::string text;

    friend bool operator==(const Printed&, const Printed&) = default;
};

// What the guest answered to a request, and what it printed on the way.
struct Answer {
    wire::MessageKind kind = wire::MessageKind::none;  // none: the cell died, and `payload` says why
    std::uint32_t flags = 0;
    std::string name;
    std::string payload;
    std::vector<Printed> printed;
    wire::HeapReport heap{};
    std::vector<wire::HeapReport> heap_reports;  // made on the way

    bool done() const { return kind == wire::MessageKind::done; }
};

class GuestSession {
  public:
    // A cell with the guest in it, not booted yet.
    explicit GuestSession(cell::MemorySizes sizes = kSessionSizes, cell::Handover handover = cell::Handover::block);
    explicit GuestSession(std::shared_ptr<const cell::MemoryImage> image);

    Answer boot();
    Answer load(std::string_view handler, std::string_view source, std::string_view file = "handler.js",
                std::uint32_t flags = wire::kReseed);
    Answer call(std::string_view handler, std::string_view event, std::uint32_t flags = 0);

    // Sends a request, answers what the guest asks for, and waits for its answer. The first `limit` bytes of
    // a body are taken from the guest; what is longer is refused.
    Answer request(wire::MessageKind kind, std::uint32_t flags, std::string_view name, std::string_view payload,
                   std::size_t limit = SIZE_MAX);

    cell::Cell& cell() { return *cell_; }

    // Written into the mailbox before each request that carries kReseed.
    void set_seed(std::uint8_t first_byte) { seed_ = first_byte; }

    // From now on the guest is to report a heap of more than `limit` bytes, and every `step` bytes from there.
    void set_heap_limit(std::uint64_t limit, std::uint64_t step) {
        heap_limit_ = limit;
        heap_step_ = step;
    }

  private:
    bool send(wire::MessageKind kind, std::uint32_t flags, std::string_view name, std::string_view payload,
              std::uint32_t value = 0);
    bool receive(wire::Message first, std::string& body, std::size_t limit);
    void put(wire::MessageKind kind);
    bool resume();

    std::unique_ptr<cell::Cell> cell_;
    std::uint8_t seed_ = 1;
    std::uint64_t heap_limit_ = 0;
    std::uint64_t heap_step_ = 0;
    std::vector<wire::HeapReport> heap_reports_;  // of the request that is being answered
};

}  // namespace curfew::guest::testing

#endif
