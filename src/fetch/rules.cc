#include "fetch/rules.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.h"
#include "base/error.h"
#include "base/quantity_text.h"
#include "base/text.h"
#include "fetch/headers.h"
#include "fetch/url.h"

namespace curfew::fetch {

namespace {

std::unexpected<Failure> refuse(std::string message) {
    return std::unexpected(Failure{.message = std::move(message), .code = kRefusedCode});
}

std::unexpected<Error> invalid(std::string message) {
    return base::fail(ErrorCode::invalid_argument, "the fetch policy: " + std::move(message));
}

Result<void> check_header(const FetchHeader& header) {
    if (!is_token(header.name)) return invalid(base::in_quotes(header.name) + " is no name of a header");
    if (!is_header_value(header.value)) {
        return invalid("the value of the header " + base::in_quotes(header.name) + " has a line break or NUL");
    }
    if (kind_of(header.name) != RequestHeader::free) {
        return invalid("the header " + base::in_quotes(header.name) + " is the transport's own, and cannot be added");
    }
    return {};
}

Result<void> check_methods(const std::vector<std::string>& methods) {
    constexpr auto kNever = std::to_array<std::string_view>({"CONNECT", "TRACE", "TRACK"});
    for (const std::string& method : methods) {
        if (!is_token(method)) return invalid(base::in_quotes(method) + " is no method");
        if (std::ranges::any_of(kNever, [&](auto never) { return base::equal_ignoring_case(never, method); })) {
            return invalid("the method " + method + " cannot be fetched with");
        }
    }
    return {};
}

Result<void> check_limits(const FetchPolicy& policy) {
    const std::pair<const char*, std::uint64_t> limits[] = {
        {"max_response_bytes", policy.max_response_bytes},
        {"max_header_bytes", policy.max_header_bytes},
        {"max_requests", policy.max_requests},
        {"max_concurrent", policy.max_concurrent},
    };
    for (const auto& [name, limit] : limits) {
        if (limit == 0) return invalid(std::string(name) + " is zero, so that nothing could be fetched");
    }
    if (policy.time_limit.count() <= 0)
        return invalid("time_limit is not above zero, so that nothing could be fetched");
    return {};
}

}  // namespace

Result<std::shared_ptr<const Rules>> Rules::of(FetchPolicy policy) {
    auto rules = std::shared_ptr<Rules>(new Rules);
    for (const std::string& text : policy.origins) {
        auto origin = OriginPattern::parse(text);
        if (!origin) return invalid(origin.error().message);
        rules->origins_.push_back(std::move(*origin));
    }
    for (const FetchOriginHeaders& entry : policy.headers) {
        auto origin = OriginPattern::parse(entry.origin);
        if (!origin) return invalid(origin.error().message);
        for (const FetchHeader& header : entry.headers) {
            if (auto checked = check_header(header); !checked) return std::unexpected(std::move(checked.error()));
        }
        rules->added_.emplace_back(std::move(*origin), entry.headers);
    }
    auto addresses = FetchAddresses::with(policy.addresses);
    if (!addresses) return invalid(addresses.error().message);
    rules->addresses_ = std::move(*addresses);
    if (auto checked = check_methods(policy.methods); !checked) return std::unexpected(std::move(checked.error()));
    if (auto checked = check_limits(policy); !checked) return std::unexpected(std::move(checked.error()));
    rules->policy_ = std::move(policy);
    return rules;
}

std::expected<std::vector<FetchHeader>, Failure> Rules::headers_for(const Url& url,
                                                                    std::vector<FetchHeader> given) const {
    std::vector<FetchHeader> headers;
    for (FetchHeader& header : given) {
        if (!is_token(header.name)) return refuse(base::in_quotes(header.name) + " is no name of a header");
        const RequestHeader kind = kind_of(header.name);
        if (kind == RequestHeader::transport) continue;
        if (kind == RequestHeader::forbidden) {
            return refuse("the header " + base::in_quotes(header.name) + " cannot be set; it is the connection's own");
        }
        auto value = latin1_of_utf8(header.value);
        if (!value || !is_header_value(*value)) {
            return refuse("the value of the header " + base::in_quotes(header.name) +
                          " has a line break, NUL, or a character above U+00FF");
        }
        headers.push_back({std::move(header.name), std::move(*value)});
    }
    if (size_of(headers) > policy_.max_header_bytes) {
        return refuse("the headers are larger than " + base::size_text(policy_.max_header_bytes) +
                      ", which is what this sandbox's policy allows");
    }
    for (const auto& [origin, added] : added_) {
        if (!origin.matches(url)) continue;
        for (const FetchHeader& header : added) {
            std::erase_if(headers,
                          [&](const FetchHeader& other) { return base::equal_ignoring_case(other.name, header.name); });
        }
        headers.insert(headers.end(), added.begin(), added.end());
    }
    return headers;
}

std::expected<FetchRequest, Failure> Rules::allow(Wanted wanted) const {
    constexpr std::chrono::hours kLongest(24 * 365);  // no sum of it and the present overflows
    const auto url = Url::parse(wanted.url);
    if (!url) return refuse(url.error());
    if (std::ranges::none_of(origins_, [&](const OriginPattern& origin) { return origin.matches(*url); })) {
        return refuse("this sandbox's policy allows no requests to " + base::shown(url->origin()));
    }
    if (url->host.address && !addresses_.allow(*url->host.address)) {
        return refuse("this sandbox's policy allows no connection to the address " + url->host.text +
                      ", which is not a public one");
    }
    if (std::ranges::find(policy_.methods, wanted.method) == policy_.methods.end()) {
        return refuse("this sandbox's policy does not allow the method " + base::in_quotes(wanted.method));
    }
    if (wanted.has_body && wanted.body_size.value_or(0) > policy_.max_request_bytes) {
        return refuse("the request's body is larger than " + base::size_text(policy_.max_request_bytes) +
                      ", which is what this sandbox's policy allows");
    }
    auto headers = headers_for(*url, std::move(wanted.headers));
    if (!headers) return std::unexpected(std::move(headers.error()));
    return FetchRequest{
        .method = std::move(wanted.method),
        .url = url->text(),
        .origin = url->origin(),
        .headers = std::move(*headers),
        .body = std::nullopt,
        .body_size = wanted.has_body ? wanted.body_size : std::nullopt,
        .addresses = addresses_,
        .deadline = std::chrono::steady_clock::now() + std::min<std::chrono::nanoseconds>(policy_.time_limit, kLongest),
        .max_response_bytes = policy_.max_response_bytes,
        .max_header_bytes = policy_.max_header_bytes,
    };
}

}  // namespace curfew::fetch
