// Requests by libcurl, for SandboxBuilder::with_fetch(). In a library of its own: curfew::fetch in CMake.
#ifndef CURFEW_CURL_TRANSPORT_H
#define CURFEW_CURL_TRANSPORT_H

#include <curfew/language.h>

#include <cstddef>
#include <memory>
#include <string>

#include <curfew/export.h>
#include <curfew/fetch/transport.h>

namespace curfew {

struct CurlOptions {
    std::size_t max_connections = 64;  // of all requests together; further ones wait. Zero: no limit
    std::string ca_file{};             // certificates that are trusted (PEM), in place of the system's

    // What the guest's requests call themselves, if they do not say so themselves. Empty: no User-Agent.
    std::string user_agent = "curfew";
};

// A thread of its own serves all requests that are begun with it, however many there are; it ends with the transport. Make one,
// and share it. Takes no proxy, cookie, netrc or other setting from the environment, and follows no redirect by itself. Each
// connection is made to an address that was checked when its name had been resolved, and to no other; one that is used again, for
// another sandbox perhaps, is checked again.
//
// libcurl is loaded by the first call (libcurl.so.4). Throws std::runtime_error where it is not there, is older than 7.87, cannot be
// started, or has no support for https.
[[nodiscard]] CURFEW_EXPORT std::shared_ptr<FetchTransport> curl_transport(CurlOptions options = {});

}  // namespace curfew

#endif
