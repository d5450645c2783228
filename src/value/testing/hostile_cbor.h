// CBOR that means harm, for tests and fuzzers: values that were altered, and heads that promise what does not follow.
#ifndef CURFEW_VALUE_TESTING_HOSTILE_CBOR_H
#define CURFEW_VALUE_TESTING_HOSTILE_CBOR_H

#include <cstdint>
#include <random>
#include <string>

#include "value/testing/random_value.h"

namespace curfew::value::testing {

// The same for the same seed.
class HostileCbor {
  public:
    explicit HostileCbor(unsigned seed) : engine_(seed), values_(seed) {}

    // A value that was altered in a few places, or in many.
    std::string next() {
        if (base_.empty() || below(16) == 0) base_ = values_.value(0).to_cbor().value_or("");
        input_ = base_;
        for (std::size_t i = below(4); i > 0 && !input_.empty(); --i) alter();
        if (input_.size() > kLongest) input_.resize(kLongest);
        if (below(8) == 0) base_ = input_;
        return input_;
    }

  private:
    static constexpr std::size_t kLongest = 4096;

    std::size_t below(std::size_t end) { return engine_() % end; }
    void alter() {
        const std::size_t at = below(input_.size());
        switch (below(6)) {
            case 0: input_[at] = static_cast<char>(below(256)); break;
            case 1: input_.erase(at, 1 + below(4)); break;
            case 2: input_.insert(at, 1, static_cast<char>(below(256))); break;
            case 3: input_.insert(at, input_.substr(below(input_.size()), 1 + below(8))); break;
            case 4: input_.insert(at, head()); break;
            default: input_[at] = static_cast<char>(input_[at] ^ 1U << below(8));
        }
    }
    // Of any kind, with a number of any size.
    std::string head() {
        const auto major = static_cast<unsigned>(below(8));
        const auto low = static_cast<unsigned>(24 + below(4));
        std::string head(1, static_cast<char>(major << 5U | low));
        const bool is_greatest = below(3) == 0;
        for (unsigned i = 0; i < 1U << (low - 24); ++i) head += static_cast<char>(is_greatest ? 0xff : below(256));
        return head;
    }

    std::mt19937 engine_;
    RandomValues values_;
    std::string base_;
    std::string input_;
};

}  // namespace curfew::value::testing

#endif
