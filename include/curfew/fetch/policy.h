// What a sandbox's scripts may fetch.
#ifndef CURFEW_FETCH_POLICY_H
#define CURFEW_FETCH_POLICY_H

#include <curfew/language.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace curfew {

// A field of a request's or a response's head. Its value has one byte a character (ISO 8859-1), as on the wire.
struct FetchHeader {
    std::string name;
    std::string value;
};

// Headers that the host adds to requests for some origins, such as credentials. The guest never sees them, and they go
// nowhere else: a redirect to another origin does not take them along. They take the place of the guest's own of the same name.
struct FetchOriginHeaders {
    std::string origin;  // as FetchPolicy::origins has them
    std::vector<FetchHeader> headers;
};

// A plain value; with_fetch's builder checks it in build(). Each request is held to all of it, each redirect too, since that is a
// request of its own. What a policy forbids is a TypeError in the guest, "fetch failed", whose cause says which rule it was.
struct FetchPolicy {
    // Where requests may go, none by default:
    //   "https://api.example.com", "http://127.0.0.1:8080"   this origin; the port is 443 or 80 if it is not named
    //   "https://*.example.com"                              all names below example.com, but not itself
    //   "https://*"                                          any host, at this scheme's own port
    std::vector<std::string> origins{};

    std::vector<std::string> methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

    // Addresses that may be reached though they are not public (FetchAddresses): "127.0.0.1", "10.0.0.0/8", "fd00::/8".
    std::vector<std::string> addresses{};

    std::vector<FetchOriginHeaders> headers{};

    std::uint64_t max_request_bytes = 16 << 20;   // of a request's body
    std::uint64_t max_response_bytes = 16 << 20;  // of a response's body, as received and as decoded
    std::uint64_t max_header_bytes = 64 << 10;    // of the names and values of a request's headers, and of a response's
    std::uint32_t max_requests = 100;             // of one invocation, redirects included
    std::uint32_t max_concurrent = 6;             // of one invocation; further ones wait
    std::uint32_t max_redirects = 20;             // that one call of fetch follows

    // From fetch() to the end of the body, for each request.
    std::chrono::nanoseconds time_limit = std::chrono::seconds(30);
};

}  // namespace curfew

#endif
