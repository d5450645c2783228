#include "fetch/exchange.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/quantity_text.h"
#include "fetch/headers.h"

namespace curfew::fetch {

namespace {

constexpr const char* kProtocolCode = "ERR_FETCH_PROTOCOL";  // a response that is none
constexpr const char* kMisuseCode = "ERR_FETCH_MISUSE";      // a guest that does not use it as its fetch does

Failure misuse(std::string message) { return {.message = std::move(message), .code = kMisuseCode}; }

}  // namespace

std::size_t Exchange::Buffer::take(std::span<std::byte> into) {
    const std::size_t taken = std::min(into.size(), size());
    if (taken > 0) std::memcpy(into.data(), bytes_.data() + first_, taken);
    first_ += taken;
    if (first_ == bytes_.size()) {
        bytes_.clear();
        first_ = 0;
    } else if (first_ > bytes_.size() / 2) {
        bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
    return taken;
}

Bytes Exchange::Buffer::take(std::size_t most) {
    if (first_ == 0 && bytes_.size() <= most) return std::exchange(bytes_, {});
    Bytes taken(std::min(most, size()));
    take(std::span(taken));
    return taken;
}

Exchange::Exchange(Limits limits, bool has_body, std::move_only_function<void(const Exchange*)> ended)
    : limits_(limits), ended_(std::move(ended)), body_is_complete_(!has_body) {}

void Exchange::run(Calls calls) {
    for (auto& call : calls) call();
}

// --- What may go on ---

bool Exchange::data_is_ready() const { return request_.size() > 0 || body_is_complete_ || state_ != State::open; }

bool Exchange::has_room() const { return state_ != State::open || body_.size() + kRoom <= kMostBuffered; }

std::optional<std::expected<Bytes, Failure>> Exchange::next_piece() {
    if (body_.size() > 0 && state_ != State::failed) return body_.take(kLargestPiece);
    if (state_ == State::finished) return Bytes();
    if (state_ == State::failed) return std::unexpected(failure_);
    return std::nullopt;
}

void Exchange::serve_reader(Calls& calls) {
    if (header_reader_ && (response_ || state_ == State::failed)) {
        std::expected<FetchResponse, Failure> head = std::unexpected(failure_);
        if (state_ != State::failed) head = *std::exchange(response_, std::nullopt);
        calls.emplace_back([answer = std::exchange(header_reader_, {}), head = std::move(head)]() mutable {
            answer(std::move(head));
        });
    }
    if (reader_) {
        if (auto piece = next_piece()) {
            calls.emplace_back([answer = std::exchange(reader_, {}), piece = std::move(*piece)]() mutable {
                answer(std::move(piece));
            });
        }
    }
}

void Exchange::serve_transport(Calls& calls) {
    if (on_data_ && data_is_ready()) calls.emplace_back([ready = std::exchange(on_data_, {})] { ready(); });
    if (on_room_ && has_room()) calls.emplace_back([ready = std::exchange(on_room_, {})] { ready(); });
    if (writer_ && (state_ != State::open || request_.size() < kLargestPiece)) {
        std::expected<void, Failure> result{};
        if (state_ == State::failed) result = std::unexpected(failure_);
        calls.emplace_back(
            [answer = std::exchange(writer_, {}), result = std::move(result)]() mutable { answer(std::move(result)); });
    }
    changed_.notify_all();
}

void Exchange::end(State state, Failure failure, Calls& calls) {
    if (state_ != State::open) return;
    state_ = state;
    failure_ = std::move(failure);
    request_.clear();
    if (state == State::failed) {
        body_.clear();
        response_.reset();
        // Also tells the transport that it has nothing more to do, whoever gave it up.
        calls.emplace_back([self = shared_from_this()] { self->stop_.request_stop(); });
    }
    serve_reader(calls);
    serve_transport(calls);
    if (ended_) {
        calls.emplace_back(
            [self = shared_from_this(), ended = std::exchange(ended_, {})]() mutable { ended(self.get()); });
    }
}

// --- The guest's side ---

void Exchange::head(Answer<FetchResponse> answer) {
    Calls calls;
    {
        base::Lock lock(mutex_);
        if (header_reader_ || (has_responded_ && !response_ && state_ != State::failed)) {
            calls.emplace_back([answer = std::move(answer)]() mutable {
                answer(std::unexpected(misuse("the head of a response can be asked for once only")));
            });
        } else {
            header_reader_ = std::move(answer);
            serve_reader(calls);
        }
    }
    run(std::move(calls));
}

void Exchange::read(Answer<Bytes> answer) {
    Calls calls;
    {
        base::Lock lock(mutex_);
        if (reader_) {
            calls.emplace_back([answer = std::move(answer)]() mutable {
                answer(std::unexpected(misuse("a response is being read already")));
            });
        } else {
            reader_ = std::move(answer);
            serve_reader(calls);
            serve_transport(calls);
        }
    }
    run(std::move(calls));
}

void Exchange::write(std::span<const std::byte> bytes, Answer<void> answer) {
    Calls calls;
    {
        base::Lock lock(mutex_);
        std::optional<Failure> wrong;
        if (state_ == State::failed) {
            wrong = failure_;
        } else if (writer_ || body_is_complete_ || bytes.size() > kLargestPiece) {
            wrong = misuse("a request's body is written in pieces of at most 64 KiB, one at a time, until its end");
        } else if (state_ == State::open && bytes.size() > limits_.request_bytes - request_bytes_) {
            wrong = Failure{.message = "the request's body is larger than " + base::size_text(limits_.request_bytes) +
                                       ", which is what this sandbox's policy allows",
                            .code = kRefusedCode};
            end(State::failed, *wrong, calls);
        }
        if (wrong) {
            calls.emplace_back([answer = std::move(answer), wrong = std::move(*wrong)]() mutable {
                answer(std::unexpected(std::move(wrong)));
            });
        } else {
            writer_ = std::move(answer);
            // A response that came before the request's end wants no more of it.
            if (state_ == State::open) {
                request_bytes_ += bytes.size();
                request_.append(bytes);
            }
            serve_transport(calls);
        }
    }
    run(std::move(calls));
}

std::expected<void, Failure> Exchange::end_body() {
    Calls calls;
    {
        base::Lock lock(mutex_);
        if (state_ == State::failed) return std::unexpected(failure_);
        body_is_complete_ = true;
        serve_transport(calls);
    }
    run(std::move(calls));
    return {};
}

void Exchange::cancel(Failure failure) {
    Calls calls;
    {
        base::Lock lock(mutex_);
        body_.clear();
        end(State::failed, std::move(failure), calls);
    }
    run(std::move(calls));
}

// --- The transport's side ---

FetchBody::Piece Exchange::take(std::span<std::byte> into) {
    Calls calls;
    FetchBody::Piece piece{.size = 0, .state = FetchBody::State::waiting};
    {
        base::Lock lock(mutex_);
        if (state_ != State::open) return {.size = 0, .state = FetchBody::State::failed};
        piece.size = request_.take(into);
        if (piece.size > 0) {
            piece.state = FetchBody::State::more;
        } else if (body_is_complete_) {
            piece.state = FetchBody::State::end;
        }
        serve_transport(calls);
    }
    run(std::move(calls));
    return piece;
}

void Exchange::on_data(Callback<void()> ready) {
    Calls calls;
    {
        base::Lock lock(mutex_);
        on_data_ = std::move(ready);
        serve_transport(calls);
    }
    run(std::move(calls));
}

void Exchange::wait_for_data() {
    base::Lock lock(mutex_);
    while (!data_is_ready()) changed_.wait(lock);
}

void Exchange::respond(FetchResponse response) {
    Calls calls;
    {
        base::Lock lock(mutex_);
        if (state_ != State::open || has_responded_) return;
        has_responded_ = true;
        if (response.status < 200 || response.status > 599) {
            end(State::failed, {.message = "the response has no valid status", .code = kProtocolCode}, calls);
        } else if (size_of(response.headers) + response.status_text.size() > limits_.header_bytes) {
            end(State::failed,
                {.message = "the response's headers are larger than " + base::size_text(limits_.header_bytes) +
                            ", which is what this sandbox's policy allows",
                 .code = kRefusedCode},
                calls);
        } else {
            std::erase_if(response.headers, [](const FetchHeader& header) {
                return !is_token(header.name) || !is_header_value(header.value);
            });
            response_ = std::move(response);
            serve_reader(calls);
        }
    }
    run(std::move(calls));
}

// Counts what came. False: it is too much, and the exchange has ended.
bool Exchange::count_response(std::size_t bytes, Calls& calls) {
    if (bytes <= limits_.response_bytes - response_bytes_) {
        response_bytes_ += bytes;
        return true;
    }
    end(State::failed,
        {.message = "the response is larger than " + base::size_text(limits_.response_bytes) +
                    ", which is what this sandbox's policy allows",
         .code = kRefusedCode},
        calls);
    return false;
}

std::size_t Exchange::give_some(std::span<const std::byte> bytes, Calls& calls) {
    if (state_ != State::open) return bytes.size();
    const std::size_t room = kMostBuffered - std::min(kMostBuffered, body_.size());
    const auto taken = bytes.first(std::min(bytes.size(), room));
    if (!count_response(taken.size(), calls)) return bytes.size();
    body_.append(taken);
    serve_reader(calls);
    return taken.size();
}

std::size_t Exchange::give(std::span<const std::byte> bytes) {
    Calls calls;
    std::size_t taken = 0;
    {
        base::Lock lock(mutex_);
        taken = give_some(bytes, calls);
    }
    run(std::move(calls));
    return taken;
}

bool Exchange::give_all(std::span<const std::byte> bytes) {
    for (;;) {
        Calls calls;
        {
            base::Lock lock(mutex_);
            bytes = bytes.subspan(give_some(bytes, calls));
        }
        run(std::move(calls));
        base::Lock lock(mutex_);
        if (bytes.empty()) return state_ == State::open;
        while (!has_room()) changed_.wait(lock);
    }
}

void Exchange::on_room(Callback<void()> ready) {
    Calls calls;
    {
        base::Lock lock(mutex_);
        on_room_ = std::move(ready);
        serve_transport(calls);
    }
    run(std::move(calls));
}

void Exchange::finish(std::string_view rest) {
    Calls calls;
    {
        base::Lock lock(mutex_);
        if (state_ != State::open) return;
        if (!has_responded_) {
            end(State::failed, {.message = "there was no response", .code = kProtocolCode}, calls);
        } else if (count_response(rest.size(), calls)) {
            body_.append(std::as_bytes(std::span(rest)));
            end(State::finished, {}, calls);
        }
    }
    run(std::move(calls));
}

void Exchange::fail(Failure failure) {
    Calls calls;
    {
        base::Lock lock(mutex_);
        end(State::failed, std::move(failure), calls);
    }
    run(std::move(calls));
}

}  // namespace curfew::fetch
