#include "fetching.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <curfew/curl_transport.h>
#include <curfew/fetch.h>

namespace curfew::node {

namespace {

std::vector<std::string> texts_of(napi_env env, napi_value value) {
    std::vector<std::string> texts;
    for (napi_value each : items_of(env, value)) texts.push_back(text_of(env, each));
    return texts;
}

template <typename Number>
void read_number(napi_env env, napi_value policy, const char* name, Number& into) {
    napi_value value = property(env, policy, name);
    if (!is_nothing(env, value)) into = static_cast<Number>(number_of(env, value));
}

// [[origin, [[name, value], ...]], ...]
std::vector<FetchOriginHeaders> headers_of(napi_env env, napi_value value) {
    std::vector<FetchOriginHeaders> all;
    for (napi_value each : items_of(env, value)) {
        const std::vector<napi_value> pair = items_of(env, each);
        if (pair.size() != 2) throw WrongType("headers are an origin and its headers");
        FetchOriginHeaders of_origin{.origin = text_of(env, pair[0]), .headers = {}};
        for (napi_value header : items_of(env, pair[1])) {
            const std::vector<napi_value> parts = items_of(env, header);
            if (parts.size() != 2) throw WrongType("a header is a name and a value");
            of_origin.headers.push_back({text_of(env, parts[0]), text_of(env, parts[1])});
        }
        all.push_back(std::move(of_origin));
    }
    return all;
}

// Never destroyed: its thread may be at work until the process's end.
const std::shared_ptr<FetchTransport>& transport() {
#ifdef CURFEW_WITH_CURL
    static const auto& made = *new std::shared_ptr<FetchTransport>(curl_transport());
    return made;
#else
    throw std::runtime_error("this build of curfew has no fetch");
#endif
}

}  // namespace

void allow_fetch(napi_env env, napi_value given, SandboxBuilder& builder) {
    if (is_nothing(env, given)) return;
    FetchPolicy policy;
    if (napi_value value = property(env, given, "origins"); !is_nothing(env, value)) {
        policy.origins = texts_of(env, value);
    }
    if (napi_value value = property(env, given, "methods"); !is_nothing(env, value)) {
        policy.methods = texts_of(env, value);
    }
    if (napi_value value = property(env, given, "addresses"); !is_nothing(env, value)) {
        policy.addresses = texts_of(env, value);
    }
    if (napi_value value = property(env, given, "headers"); !is_nothing(env, value)) {
        policy.headers = headers_of(env, value);
    }
    read_number(env, given, "maxRequestBytes", policy.max_request_bytes);
    read_number(env, given, "maxResponseBytes", policy.max_response_bytes);
    read_number(env, given, "maxHeaderBytes", policy.max_header_bytes);
    read_number(env, given, "maxRequests", policy.max_requests);
    read_number(env, given, "maxConcurrent", policy.max_concurrent);
    read_number(env, given, "maxRedirects", policy.max_redirects);
    if (napi_value value = property(env, given, "timeLimit"); !is_nothing(env, value)) {
        policy.time_limit = std::chrono::nanoseconds(static_cast<std::int64_t>(number_of(env, value) * 1e6));
    }
    builder.with_fetch(policy, transport());
}

}  // namespace curfew::node
