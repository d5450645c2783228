// curfew run --trace-calls: what the guest asked of the system and did not get.
#ifndef CURFEW_CLI_REFUSED_CALLS_H
#define CURFEW_CLI_REFUSED_CALLS_H

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <curfew/call_trace.h>

namespace curfew::cli {

// Of all calls of a run. What a guest says is bounded: beyond a few hundred different ones nothing is added.
class RefusedCalls {
  public:
    void add(const RefusedCall& call);

    // For people; `engine` is the one that ran, empty if none did.
    std::string describe(std::string_view engine) const;

    // An array of objects: call (null without a name), number, error (its name, or its number), count.
    nlohmann::ordered_json to_json() const;

  private:
    struct Tally {
        std::string name;
        std::string error;
        std::uint64_t count = 0;
    };
    std::map<std::pair<std::uint32_t, std::uint32_t>, Tally> tallies_;
};

}  // namespace curfew::cli

#endif
