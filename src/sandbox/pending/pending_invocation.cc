#include <utility>

#include <curfew/pending_invocation.h>
#include <curfew/value.h>

#include "sandbox/failure.h"
#include "sandbox/pending/pending_run.h"
#include "sandbox/value_result.h"

namespace curfew {

using sandbox::consumed;

namespace {

constexpr const char* kName = "PendingInvocation";

Result<void> check(const std::shared_ptr<sandbox::PendingRun>& run) {
    if (!run) return consumed(kName);
    return run->check();
}

bool usable(const std::shared_ptr<sandbox::PendingRun>& run) { return check(run).has_value(); }

void drop(std::shared_ptr<sandbox::PendingRun> run) noexcept {
    if (run) run->abandon("the invocation was dropped while it waited");
}

}  // namespace

PendingInvocation::PendingInvocation(std::shared_ptr<sandbox::PendingRun> run) noexcept : run_(std::move(run)) {}

PendingInvocation::PendingInvocation(PendingInvocation&&) noexcept = default;

PendingInvocation& PendingInvocation::operator=(PendingInvocation&& other) noexcept {
    if (this != &other) drop(std::exchange(run_, std::move(other.run_)));
    return *this;
}

PendingInvocation::~PendingInvocation() { drop(std::move(run_)); }

bool PendingInvocation::done() { return !usable(run_) || run_->done(); }

Result<EventResult> PendingInvocation::result() {
    if (auto checked = check(run_); !checked) return std::unexpected(checked.error());
    return run_->take_result();
}

Result<ValueResult> PendingInvocation::value_result() {
    auto done = result();
    if (!done) return std::unexpected(std::move(done.error()));
    return sandbox::value_result(*done);
}

std::string PendingInvocation::handler() const { return run_ ? run_->handler() : std::string(); }

std::vector<OpenHostCall> PendingInvocation::open_calls() const {
    return usable(run_) ? run_->open_calls() : std::vector<OpenHostCall>();
}

std::optional<std::chrono::steady_clock::time_point> PendingInvocation::due() const {
    return usable(run_) ? run_->due() : std::nullopt;
}

Usage PendingInvocation::usage() const { return usable(run_) ? run_->usage() : Usage{}; }

Result<void> PendingInvocation::resume(std::uint32_t id, std::string_view json) {
    if (auto checked = check(run_); !checked) return checked;
    return run_->answer(id, json);
}

Result<void> PendingInvocation::resume_cbor(std::uint32_t id, std::string_view cbor) {
    if (auto checked = check(run_); !checked) return checked;
    return run_->answer_cbor(id, cbor);
}

Result<void> PendingInvocation::resume_with(std::uint32_t id, const Value& value) {
    const auto cbor = value.to_cbor();
    if (cbor) return resume_cbor(id, *cbor);
    return sandbox::fail(ErrorCode::invalid_argument,
                         "the answer to call " + std::to_string(id) + " cannot be passed: " + cbor.error().message);
}

Result<void> PendingInvocation::fail(std::uint32_t id, std::string_view message) {
    if (auto checked = check(run_); !checked) return checked;
    return run_->fail(id, message);
}

Result<void> PendingInvocation::go_on() {
    if (auto checked = check(run_); !checked) return checked;
    run_->advance();
    return {};
}

bool PendingInvocation::can_go_on() { return !usable(run_) || run_->can_go_on(); }

void PendingInvocation::wait() {
    if (usable(run_)) run_->wait(std::nullopt);
}

void PendingInvocation::wait_until(std::chrono::steady_clock::time_point time) {
    if (usable(run_)) run_->wait(time);
}

Result<EventResult> PendingInvocation::finish() {
    if (auto checked = check(run_); !checked) return std::unexpected(checked.error());
    return run_->finish();
}

void PendingInvocation::notify(const ReadyQueue& queue, std::uint64_t token) {
    if (usable(run_) && queue.list()) run_->notify(queue.list(), token);
}

}  // namespace curfew
