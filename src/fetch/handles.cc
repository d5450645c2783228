// The public handles of an exchange, and transports of functions.
#include <stdexcept>
#include <utility>

#include <curfew/fetch/transport.h>

#include "fetch/exchange.h"

namespace curfew {

FetchBody::FetchBody(std::shared_ptr<fetch::Exchange> exchange) : exchange_(std::move(exchange)) {}
FetchBody::Piece FetchBody::read(std::span<std::byte> into) { return exchange_->take(into); }
void FetchBody::on_ready(Callback<void()> ready) { exchange_->on_data(std::move(ready)); }
void FetchBody::wait() { exchange_->wait_for_data(); }

namespace {

void abandon(const std::shared_ptr<fetch::Exchange>& exchange) {
    if (exchange) exchange->fail({.message = "the transport gave the request up", .code = "ERR_FETCH_ABANDONED"});
}

fetch::Exchange& known(const std::shared_ptr<fetch::Exchange>& exchange) {
    if (!exchange) throw std::logic_error("a curfew::FetchReply was used that was moved from");
    return *exchange;
}

class FunctionTransport final : public FetchTransport {
  public:
    using Function = Callback<void(FetchRequest, FetchReply)>;
    explicit FunctionTransport(Function function) : function_(std::move(function)) {}
    void start(FetchRequest request, FetchReply reply) override { function_(std::move(request), std::move(reply)); }

  private:
    Function function_;
};

}  // namespace

FetchReply::FetchReply(std::shared_ptr<fetch::Exchange> exchange) noexcept : exchange_(std::move(exchange)) {}
FetchReply::FetchReply(FetchReply&&) noexcept = default;
FetchReply& FetchReply::operator=(FetchReply&& other) noexcept {
    if (this != &other) abandon(std::exchange(exchange_, std::exchange(other.exchange_, nullptr)));
    return *this;
}
FetchReply::~FetchReply() { abandon(exchange_); }

void FetchReply::respond(FetchResponse response) { known(exchange_).respond(std::move(response)); }
std::size_t FetchReply::write(std::span<const std::byte> bytes) { return known(exchange_).give(bytes); }
bool FetchReply::write_all(std::span<const std::byte> bytes) { return known(exchange_).give_all(bytes); }
void FetchReply::on_room(Callback<void()> ready) { known(exchange_).on_room(std::move(ready)); }
void FetchReply::finish(std::string_view rest) { known(exchange_).finish(rest); }
void FetchReply::fail(std::string message, std::string code) {
    known(exchange_).fail({.message = std::move(message), .code = std::move(code)});
}
bool FetchReply::cancelled() const noexcept { return !exchange_ || exchange_->cancelled(); }
std::stop_token FetchReply::stop_token() const noexcept {
    return exchange_ ? exchange_->stop_token() : std::stop_token();
}

FetchTransport::~FetchTransport() = default;

std::shared_ptr<FetchTransport> fetch_transport(Callback<void(FetchRequest request, FetchReply reply)> function) {
    if (!function) throw std::invalid_argument("fetch_transport() was given no function");
    return std::make_shared<FunctionTransport>(std::move(function));
}

}  // namespace curfew
