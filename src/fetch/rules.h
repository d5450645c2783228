// A policy that was checked, and what it says of a request.
#ifndef CURFEW_FETCH_RULES_H
#define CURFEW_FETCH_RULES_H

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <curfew/error.h>
#include <curfew/fetch/addresses.h>
#include <curfew/fetch/policy.h>
#include <curfew/fetch/transport.h>

#include "fetch/origin.h"

namespace curfew::fetch {

// Why a fetch failed: what its cause says in the guest.
struct Failure {
    std::string message;
    std::string code;
};

inline constexpr const char* kRefusedCode = "ERR_FETCH_REFUSED";  // by the policy

// A request as the guest asked for it.
struct Wanted {
    std::string method;
    std::string url;
    std::vector<FetchHeader> headers;  // their values as UTF-8
    bool has_body = false;
    std::optional<std::uint64_t> body_size;
};

class Rules {
  public:
    // Fails with `invalid_argument` for an origin, an address, a method or a header that is none, and for limits of zero.
    static Result<std::shared_ptr<const Rules>> of(FetchPolicy policy);

    // What is to be sent: without a body, which the caller adds. The deadline counts from now.
    std::expected<FetchRequest, Failure> allow(Wanted wanted) const;

    const FetchPolicy& policy() const noexcept { return policy_; }

  private:
    Rules() = default;
    std::expected<std::vector<FetchHeader>, Failure> headers_for(const Url& url, std::vector<FetchHeader> given) const;

    FetchPolicy policy_;
    std::vector<OriginPattern> origins_;
    std::vector<std::pair<OriginPattern, std::vector<FetchHeader>>> added_;
    FetchAddresses addresses_;
};

}  // namespace curfew::fetch

#endif
