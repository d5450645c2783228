// What scripts may fetch.
#include <chrono>

#include <curfew/fetch.h>
#ifdef CURFEW_WITH_CURL
#include <curfew/curl_transport.h>
#endif

#include "c/boundary.h"

using namespace curfew;
using namespace curfew::c;

namespace {

// One for the process: it has a thread, and keeps connections.
std::shared_ptr<FetchTransport> shared_transport() {
#ifdef CURFEW_WITH_CURL
    static const std::shared_ptr<FetchTransport> shared = curl_transport();
    return shared;
#else
    throw std::runtime_error("this library was built without libcurl, by which requests are made");
#endif
}

std::vector<std::string> list_of(const char* const* texts) {
    std::vector<std::string> list;
    for (; texts != nullptr && *texts != nullptr; ++texts) list.emplace_back(*texts);
    return list;
}

template <typename Value>
void set_if_given(auto& setting, Value given) {
    if (given != 0) setting = given;
}

// Headers of the caller's, whose structures may be larger or smaller than this library knows them.
curfew_error* add_headers(const curfew_fetch_policy& given, FetchPolicy& policy) {
    const char* at = reinterpret_cast<const char*>(given.headers);
    for (std::size_t i = 0; at != nullptr && i < given.header_count; ++i) {
        const auto* const one = reinterpret_cast<const curfew_fetch_header*>(at);
        const curfew_fetch_header header = taken(one);
        if (header.origin == nullptr) return missing("a header's origin");
        if (header.name == nullptr) return missing("a header's name");
        if (header.value == nullptr) return missing("a header's value");
        policy.headers.push_back({.origin = header.origin, .headers = {{.name = header.name, .value = header.value}}});
        at += one->struct_size;
    }
    return nullptr;
}

}  // namespace

curfew_error* curfew_builder_set_fetch(curfew_builder* builder, const curfew_fetch_policy* policy) {
    if (builder == nullptr) return missing("the builder");
    if (policy == nullptr) return missing("the fetch policy");
    return guarded([&]() -> curfew_error* {
        const curfew_fetch_policy known = taken(policy);
        FetchPolicy wanted;
        wanted.origins = list_of(known.origins);
        wanted.addresses = list_of(known.addresses);
        if (known.methods != nullptr) wanted.methods = list_of(known.methods);
        if (curfew_error* const failed = add_headers(known, wanted)) return failed;
        set_if_given(wanted.max_request_bytes, known.max_request_bytes);
        set_if_given(wanted.max_response_bytes, known.max_response_bytes);
        set_if_given(wanted.max_header_bytes, known.max_header_bytes);
        set_if_given(wanted.max_requests, known.max_requests);
        set_if_given(wanted.max_concurrent, known.max_concurrent);
        set_if_given(wanted.max_redirects, known.max_redirects);
        if (known.time_limit_ns != 0) wanted.time_limit = std::chrono::nanoseconds(known.time_limit_ns);
        std::shared_ptr<FetchTransport> transport;
        try {
            transport = shared_transport();
        } catch (const std::runtime_error& lacking) {
            return refuse(ErrorCode::unavailable, lacking.what());
        }
        builder->builder.with_fetch(wanted, std::move(transport));
        return nullptr;
    });
}
