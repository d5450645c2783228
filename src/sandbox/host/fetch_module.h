// The host module through which a guest's fetch reaches the network: what fetch/session.h has, as functions.
//
//   begin(method, url, headers, hasBody, bodySize) -> number   headers: name, value, name, value...; bodySize: null if not known
//   head(number) -> promise of [status, text, name, value...]
//   read(number) -> promise of bytes; none are the end
//   write(number, bytes) -> promise of nothing, when another piece has room
//   end(number)                                                the body is complete
//   close(number)                                              gives the request up, or forgets it
//   maxRedirects() -> number
//
// Texts of errors are a code, a space, and the sentence. A guest that does not use them as its fetch does harms itself only.
#ifndef CURFEW_SANDBOX_HOST_FETCH_MODULE_H
#define CURFEW_SANDBOX_HOST_FETCH_MODULE_H

#include <memory>

#include <curfew/fetch/transport.h>
#include <curfew/host_module.h>

#include "fetch/rules.h"

namespace curfew::sandbox {

// Behind SandboxBuilder::with_fetch().
struct FetchSettings {
    FetchPolicy policy;
    std::shared_ptr<FetchTransport> transport;
};

inline constexpr const char* kFetchModule = "host:curfew/fetch";

// The most calls of these functions that a guest's fetch has open at once.
std::size_t open_calls_of(const FetchPolicy& policy) noexcept;

void add_fetch(HostModule& module, std::shared_ptr<const fetch::Rules> rules,
               std::shared_ptr<FetchTransport> transport);

}  // namespace curfew::sandbox

#endif
