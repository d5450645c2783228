#include "fetch/session.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "base/random.h"

namespace curfew::fetch {

namespace {

std::uint64_t number_by_chance() {
    std::array<std::uint8_t, 8> bytes{};
    base::fill_with_randomness(bytes);
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number >> 16 << 4;  // below 2^52, and with room for what is counted
}

const Failure kOver{.message = "the invocation that fetched is over", .code = "ERR_FETCH_ENDED"};

}  // namespace

Session::Session(std::shared_ptr<const Rules> rules, std::shared_ptr<FetchTransport> transport)
    : rules_(std::move(rules)), queue_(std::make_shared<Queue>()), first_(number_by_chance()) {
    queue_->transport = std::move(transport);
    queue_->most = rules_->policy().max_concurrent;
}

Session::~Session() {
    std::deque<Waiting> waiting;
    {
        base::Lock lock(queue_->mutex);
        waiting.swap(queue_->waiting);
    }
    std::map<std::uint64_t, std::shared_ptr<Exchange>> exchanges;
    {
        base::Lock lock(mutex_);
        exchanges.swap(exchanges_);
    }
    for (const auto& [number, exchange] : exchanges) exchange->cancel(kOver);
}

std::expected<std::uint64_t, Failure> Session::begin(Wanted wanted) {
    const FetchPolicy& policy = rules_->policy();
    const bool has_body = wanted.has_body;
    auto request = rules_->allow(std::move(wanted));
    if (!request) return std::unexpected(std::move(request.error()));
    auto started = std::make_shared<bool>(false);
    auto exchange = std::make_shared<Exchange>(
        Exchange::Limits{.request_bytes = policy.max_request_bytes,
                         .response_bytes = policy.max_response_bytes,
                         .header_bytes = policy.max_header_bytes},
        has_body, [queue = queue_, started](const Exchange* ended) { release(*queue, ended, *started); });
    if (has_body) request->body = FetchBody(exchange);
    std::uint64_t number = 0;
    {
        base::Lock lock(mutex_);
        if (begun_ == policy.max_requests) {
            return std::unexpected(Failure{.message = "this sandbox's policy allows " + std::to_string(begun_) +
                                                      " requests in one invocation, redirects included",
                                           .code = kRefusedCode});
        }
        number = first_ + begun_++;
        exchanges_.emplace(number, exchange);
    }
    {
        base::Lock lock(queue_->mutex);
        queue_->waiting.push_back(
            {.request = std::move(*request), .exchange = std::move(exchange), .started = std::move(started)});
    }
    start_waiting(*queue_);
    return number;
}

// A start may end at once, or let another thread end one; whoever comes here then leaves the rest to the first.
void Session::start_waiting(Queue& queue) {
    base::Lock lock(queue.mutex);
    if (std::exchange(queue.starting, true)) return;
    while (queue.running < queue.most && !queue.waiting.empty()) {
        Waiting next = std::move(queue.waiting.front());
        queue.waiting.pop_front();
        ++queue.running;
        *next.started = true;
        lock.unlock();
        start(queue, std::move(next));
        lock.lock();
    }
    queue.starting = false;
}

void Session::start(Queue& queue, Waiting next) {
    const std::shared_ptr<Exchange> exchange = next.exchange;
    try {
        queue.transport->start(std::move(next.request), FetchReply(std::move(next.exchange)));
    } catch (const std::exception& thrown) {
        exchange->fail({.message = thrown.what(), .code = "ERR_FETCH_TRANSPORT"});
    } catch (...) {
        exchange->fail({.message = "the transport threw something", .code = "ERR_FETCH_TRANSPORT"});
    }
}

// One has ended: it ran, or was given up while it waited for its turn.
void Session::release(Queue& queue, const Exchange* ended, const bool& started) {
    std::optional<Waiting> given_up;  // destroyed without the lock
    {
        base::Lock lock(queue.mutex);
        if (!started) {
            const auto same = [&](const Waiting& waiting) { return waiting.exchange.get() == ended; };
            if (const auto found = std::ranges::find_if(queue.waiting, same); found != queue.waiting.end()) {
                given_up = std::move(*found);
                queue.waiting.erase(found);
            }
            return;
        }
        --queue.running;
    }
    start_waiting(queue);
}

std::shared_ptr<Exchange> Session::find(std::uint64_t number) {
    base::Lock lock(mutex_);
    const auto found = exchanges_.find(number);
    return found == exchanges_.end() ? nullptr : found->second;
}

void Session::close(std::uint64_t number) {
    std::shared_ptr<Exchange> exchange;
    {
        base::Lock lock(mutex_);
        const auto found = exchanges_.find(number);
        if (found == exchanges_.end()) return;
        exchange = std::move(found->second);
        exchanges_.erase(found);
    }
    exchange->cancel({.message = "the request was given up", .code = "ERR_FETCH_CLOSED"});
}

}  // namespace curfew::fetch
