// What a guest does with a session, without a guest: for tests of transports.
#ifndef CURFEW_FETCH_TESTING_GUEST_SIDE_H
#define CURFEW_FETCH_TESTING_GUEST_SIDE_H

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curfew/fetch/transport.h>

#include "fetch/exchange.h"
#include "fetch/session.h"

namespace curfew::fetch::testing {

struct Fetched {
    int status = 0;
    std::string status_text{};
    std::vector<FetchHeader> headers{};
    std::string body{};
    std::string error{};
    std::string code{};

    std::string header(std::string_view name) const {
        const auto found = std::ranges::find(headers, name, &FetchHeader::name);
        return found == headers.end() ? "(none)" : found->value;
    }
};

// Asks, and waits for the answer.
template <typename T>
std::expected<T, Failure> answer_of(auto ask) {
    std::promise<std::expected<T, Failure>> promise;
    auto answer = promise.get_future();
    ask([&](std::expected<T, Failure> result) { promise.set_value(std::move(result)); });
    if (answer.wait_for(std::chrono::minutes(1)) != std::future_status::ready)
        throw std::runtime_error("no answer came");
    return answer.get();
}

inline std::expected<FetchResponse, Failure> head_of(Exchange& exchange) {
    return answer_of<FetchResponse>([&](auto answer) { exchange.head(std::move(answer)); });
}

inline std::expected<Bytes, Failure> piece_of(Exchange& exchange) {
    return answer_of<Bytes>([&](auto answer) { exchange.read(std::move(answer)); });
}

inline Fetched read_all(Exchange& exchange) {
    Fetched fetched;
    const auto fail = [&](const Failure& failure) {
        fetched.error = failure.message;
        fetched.code = failure.code;
        return fetched;
    };
    auto head = head_of(exchange);
    if (!head) return fail(head.error());
    fetched.status = head->status;
    fetched.status_text = std::move(head->status_text);
    fetched.headers = std::move(head->headers);
    for (;;) {
        const auto piece = piece_of(exchange);
        if (!piece) return fail(piece.error());
        if (piece->empty()) return fetched;
        fetched.body.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    }
}

inline void write_all(Exchange& exchange, std::string_view body) {
    while (!body.empty()) {
        const auto piece = std::as_bytes(std::span(body.substr(0, Exchange::kLargestPiece)));
        if (!answer_of<void>([&](auto answer) { exchange.write(piece, std::move(answer)); })) return;
        body.remove_prefix(piece.size());
    }
    (void)exchange.end_body();
}

inline Wanted wanted(std::string url, std::string method = "GET") {
    return {.method = std::move(method), .url = std::move(url), .headers = {}, .has_body = false, .body_size = {}};
}

inline Fetched fetch(Session& session, Wanted what, const std::optional<std::string>& body = {}) {
    what.has_body = body.has_value();
    const auto number = session.begin(std::move(what));
    if (!number) return {.error = number.error().message, .code = number.error().code};
    const auto exchange = session.find(*number);
    if (body) write_all(*exchange, *body);
    return read_all(*exchange);
}

}  // namespace curfew::fetch::testing

#endif
