#include "sandbox/host/fetch_module.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <curfew/reply.h>

#include "base/error.h"
#include "fetch/headers.h"
#include "fetch/session.h"
#include "sandbox/host/call_state.h"

namespace curfew::sandbox {

namespace {

using fetch::Exchange;
using fetch::Failure;
using fetch::Session;

std::string text_of(const Failure& failure) { return failure.code + " " + failure.message; }

std::unexpected<Error> failed(const Failure& failure) {
    return base::fail(ErrorCode::invalid_argument, text_of(failure));
}

const Failure kUnknown{.message = "this request is none of this invocation, or was closed", .code = "ERR_FETCH_CLOSED"};

// Passes an answer of an exchange on, in the form that the guest gets.
template <typename T, typename R = T>
Exchange::Answer<T> to(Reply<R> reply, auto convert) {
    // NOLINTNEXTLINE(cppcoreguidelines-rvalue-reference-param-not-moved): its value is
    return [reply = std::move(reply), convert](std::expected<T, Failure>&& answer) mutable {
        if (!answer) {
            reply.fail(text_of(answer.error()));
        } else if constexpr (std::is_void_v<T>) {
            reply.send();
        } else {
            reply.send(convert(std::move(*answer)));
        }
    };
}

std::vector<std::string> lines_of(FetchResponse response) {
    std::vector<std::string> lines{std::to_string(response.status), fetch::utf8_of_latin1(response.status_text)};
    for (const FetchHeader& header : response.headers) {
        lines.push_back(header.name);
        lines.push_back(fetch::utf8_of_latin1(header.value));
    }
    return lines;
}

// What the functions have in common. Each invocation has a session of its own, from its first request on.
class Fetcher : public std::enable_shared_from_this<Fetcher> {
  public:
    Fetcher(std::shared_ptr<const fetch::Rules> rules, std::shared_ptr<FetchTransport> transport)
        : rules_(std::move(rules)), transport_(std::move(transport)) {}

    const FetchPolicy& policy() const noexcept { return rules_->policy(); }

    Session& session_of(const CallContext& context) const {
        constexpr auto kMake = [](const void* owner) -> std::shared_ptr<void> {
            const auto& self = *static_cast<const Fetcher*>(owner);
            return std::make_shared<Session>(self.rules_, self.transport_);
        };
        return *static_cast<Session*>(host::detail::CallState::of(context).kept(this, kMake).get());
    }

  private:
    std::shared_ptr<const fetch::Rules> rules_;
    std::shared_ptr<FetchTransport> transport_;
};

Result<std::int64_t> begin(Session& session, std::string method, std::string url, std::vector<std::string> headers,
                           bool has_body, std::optional<std::int64_t> body_size) {
    fetch::Wanted wanted{
        .method = std::move(method), .url = std::move(url), .headers = {}, .has_body = has_body, .body_size = {}};
    for (std::size_t i = 0; i + 1 < headers.size(); i += 2) {
        wanted.headers.push_back({std::move(headers[i]), std::move(headers[i + 1])});
    }
    if (body_size && *body_size >= 0) wanted.body_size = static_cast<std::uint64_t>(*body_size);
    const auto number = session.begin(std::move(wanted));
    if (!number) return failed(number.error());
    return static_cast<std::int64_t>(*number);
}

}  // namespace

std::size_t open_calls_of(const FetchPolicy& policy) noexcept {
    constexpr std::size_t kOfOneRequest = 3;  // its head, a piece of each body
    return kOfOneRequest * policy.max_requests;
}

void add_fetch(HostModule& module, std::shared_ptr<const fetch::Rules> rules,
               std::shared_ptr<FetchTransport> transport) {
    const auto fetcher = std::make_shared<const Fetcher>(std::move(rules), std::move(transport));
    const auto find = [fetcher](const CallContext& context, std::int64_t number) {
        return fetcher->session_of(context).find(static_cast<std::uint64_t>(number));
    };
    module.add("begin",
               [fetcher](const CallContext& context, std::string method, std::string url,
                         std::vector<std::string> headers, bool has_body, std::optional<std::int64_t> body_size) {
                   return begin(fetcher->session_of(context), std::move(method), std::move(url), std::move(headers),
                                has_body, body_size);
               });
    module.add_async("head",
                     [find](const CallContext& context, std::int64_t number, Reply<std::vector<std::string>> reply) {
                         const auto exchange = find(context, number);
                         if (!exchange) return void(reply.fail(text_of(kUnknown)));
                         exchange->head(to<FetchResponse>(std::move(reply), lines_of));
                     });
    module.add_async("read",
                     [find](const CallContext& context, std::int64_t number, Reply<std::vector<std::byte>> reply) {
                         const auto exchange = find(context, number);
                         if (!exchange) return void(reply.fail(text_of(kUnknown)));
                         exchange->read(to<fetch::Bytes>(std::move(reply), [](fetch::Bytes bytes) { return bytes; }));
                     });
    module.add_async("write", [find](const CallContext& context, std::int64_t number, std::span<const std::byte> bytes,
                                     Reply<void> reply) {
        const auto exchange = find(context, number);
        if (!exchange) return void(reply.fail(text_of(kUnknown)));
        exchange->write(bytes, to<void>(std::move(reply), nullptr));
    });
    module.add("end", [find](const CallContext& context, std::int64_t number) -> Result<void> {
        const auto exchange = find(context, number);
        if (!exchange) return failed(kUnknown);
        if (auto ended = exchange->end_body(); !ended) return failed(ended.error());
        return {};
    });
    module.add("close", [fetcher](const CallContext& context, std::int64_t number) {
        fetcher->session_of(context).close(static_cast<std::uint64_t>(number));
    });
    module.add("maxRedirects", [fetcher] { return fetcher->policy().max_redirects; });
}

}  // namespace curfew::sandbox
