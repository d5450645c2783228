#include "operation.h"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <curfew/error_details.h>

#include "workers.h"

namespace curfew::node {

namespace {

thread_local Operation* t_current = nullptr;

double milliseconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; }

// --- Calls of tools ---

using Answer = std::move_only_function<void(Result<HostValue>)>;

// Shared by the thread that waits and JavaScript's.
struct ToolCall {
    std::mutex mutex;
    std::condition_variable_any answered;
    std::optional<Result<HostValue>> result;
};

// By the number that JavaScript knows them by. All threads of JavaScript share the numbers.
struct OpenCalls {
    std::mutex mutex;
    std::uint64_t last = 0;
    std::unordered_map<std::uint64_t, Answer> by_number;
};

OpenCalls& open_calls() {
    static OpenCalls& calls = *new OpenCalls;
    return calls;
}

std::uint64_t note(Answer answer) {
    OpenCalls& calls = open_calls();
    const std::lock_guard lock(calls.mutex);
    calls.by_number.emplace(++calls.last, std::move(answer));
    return calls.last;
}

// Empty if there is none.
Answer take(std::uint64_t number) {
    OpenCalls& calls = open_calls();
    const std::lock_guard lock(calls.mutex);
    const auto found = calls.by_number.find(number);
    if (found == calls.by_number.end()) return nullptr;
    Answer answer = std::move(found->second);
    calls.by_number.erase(found);
    return answer;
}

// --- What is posted ---

class Printed final : public Message {
  public:
    Printed(std::shared_ptr<Operation> operation, PrintLevel level, std::string_view text)
        : operation_(std::move(operation)), level_(level), text_(text) {}

    void deliver(napi_env env) override {
        const std::array arguments{to_js(env, to_string(level_)), to_js(env, std::string_view(text_))};
        call_method(env, operation_->listener(env), "print", arguments);
    }

  private:
    std::shared_ptr<Operation> operation_;
    PrintLevel level_;
    std::string text_;
};

class ToolCalled final : public Message {
  public:
    ToolCalled(std::shared_ptr<Operation> operation, Answer answer, std::string_view module, std::string_view name,
               std::span<const HostArgument> arguments)
        : operation_(std::move(operation)), answer_(std::move(answer)), module_(module), name_(name) {
        arguments_.reserve(arguments.size());
        for (const HostArgument& argument : arguments) {
            arguments_.push_back({std::string(argument.data), argument.is_bytes});
        }
    }

    void deliver(napi_env env) override {
        std::vector<napi_value> arguments;
        arguments.reserve(arguments_.size());
        for (const HostValue& argument : arguments_) {
            arguments.push_back(argument.is_bytes ? buffer(env, argument.data)
                                                  : to_js(env, std::string_view(argument.data)));
        }
        const std::uint64_t number = note(std::move(answer_));
        operation_->note_call(number);
        const std::array all{to_js(env, static_cast<double>(number)), to_js(env, std::string_view(module_)),
                             to_js(env, std::string_view(name_)), array(env, arguments)};
        call_method(env, operation_->listener(env), "call", all);
    }

  private:
    std::shared_ptr<Operation> operation_;
    Answer answer_;
    std::string module_;
    std::string name_;
    std::vector<HostValue> arguments_;
};

class Done final : public Message {
  public:
    Done(std::shared_ptr<Operation> operation, Outcome outcome)
        : operation_(std::move(operation)), outcome_(std::move(outcome)) {}

    void deliver(napi_env env) override { operation_->deliver_done(env, outcome_); }

  private:
    std::shared_ptr<Operation> operation_;
    Outcome outcome_;
};

}  // namespace

napi_value usage_to_js(napi_env env, const Usage& usage) {
    napi_value made = object(env);
    set(env, made, "wallClockMs", to_js(env, milliseconds(usage.wall_time)));
    set(env, made, "waitingMs", to_js(env, milliseconds(usage.waiting_time)));
    set(env, made, "cpuTimeMs", to_js(env, milliseconds(usage.cpu_time)));
    set(env, made, "hostCpuTimeMs", to_js(env, milliseconds(usage.host_cpu_time)));
    set(env, made, "peakHeap", to_js(env, static_cast<double>(usage.peak_heap)));
    set(env, made, "hostCalls", to_js(env, static_cast<double>(usage.host_calls)));
    set(env, made, "bytesIn", to_js(env, static_cast<double>(usage.bytes_in)));
    set(env, made, "bytesOut", to_js(env, static_cast<double>(usage.bytes_out)));
    set(env, made, "bytesPrinted", to_js(env, static_cast<double>(usage.bytes_printed)));
    return made;
}

napi_value open_calls_to_js(napi_env env, const std::vector<OpenHostCall>& calls) {
    std::vector<napi_value> made;
    made.reserve(calls.size());
    for (const OpenHostCall& call : calls) {
        napi_value each = object(env);
        set(env, each, "id", to_js(env, static_cast<double>(call.id)));
        set(env, each, "module", to_js(env, std::string_view(call.module)));
        set(env, each, "function", to_js(env, std::string_view(call.function)));
        set(env, each, "arguments", to_js(env, std::string_view(call.arguments)));
        if (!call.values.empty()) set(env, each, "values", buffer(env, call.values));
        made.push_back(each);
    }
    return array(env, made);
}

void answer_call(std::uint64_t number, Result<HostValue> result) {
    if (Answer answer = take(number)) answer(std::move(result));
}

namespace {

// Bounded: ErrorDetails::kMostErrors, kMostCauses.
napi_value details_to_js(napi_env env, const ErrorDetails& details) {
    napi_value made = object(env);
    set(env, made, "name", to_js(env, std::string_view(details.name)));
    set(env, made, "message", to_js(env, std::string_view(details.message)));
    set(env, made, "stack", to_js(env, std::string_view(details.stack)));
    set(env, made, "file", to_js(env, std::string_view(details.file)));
    set(env, made, "line", to_js(env, static_cast<double>(details.line)));
    set(env, made, "column", to_js(env, static_cast<double>(details.column)));
    set(env, made, "sourceLine", to_js(env, std::string_view(details.source_line)));
    if (const auto value = details.value.to_cbor()) set(env, made, "value", buffer(env, *value));
    if (details.cause) set(env, made, "cause", details_to_js(env, *details.cause));
    std::vector<napi_value> errors;
    for (const auto& each : details.errors) {
        if (each) errors.push_back(details_to_js(env, *each));
    }
    set(env, made, "errors", array(env, errors));
    return made;
}

}  // namespace

napi_value error_to_js(napi_env env, const Error& error) {
    napi_value made = object(env);
    set(env, made, "code", to_js(env, to_string(error.code)));
    set(env, made, "message", to_js(env, std::string_view(error.message)));
    set(env, made, "terminatedBy", to_js(env, std::string_view(error.terminated_by)));
    set(env, made, "stack", to_js(env, std::string_view(error.stack)));
    set(env, made, "ran", to_js(env, error.ran));
    if (error.details) set(env, made, "details", details_to_js(env, *error.details));
    return made;
}

std::shared_ptr<Operation> Operation::start(napi_env env, napi_value listener, std::shared_ptr<Control> control,
                                            Work work, std::function<void(const Outcome&)> delivered) {
    auto environment = Environment::of(env);
    std::shared_ptr<Operation> operation(
        new Operation(environment, std::move(control), std::move(work), std::move(delivered)));
    check(env, napi_create_reference(env, listener, 1, &operation->listener_));
    environment->add_pending();
    environment->add(*operation);
    try {
        Workers::shared().run([operation] { operation->run(); });
    } catch (...) {
        environment->remove(*operation);
        environment->remove_pending();
        napi_delete_reference(env, operation->listener_);
        throw;
    }
    return operation;
}

Operation* Operation::current() noexcept { return t_current; }

void Operation::run() noexcept {
    Outcome outcome;
    t_current = this;
    try {
        work_(*this, outcome);
    } catch (const std::bad_alloc&) {
        outcome.error = Error{.code = ErrorCode::unavailable, .message = "this process has no memory left"};
    } catch (const std::exception& thrown) {
        outcome.error = Error{.code = ErrorCode::internal, .message = thrown.what()};
    }
    t_current = nullptr;
    if (outcome.error) outcome.usage = outcome.error->usage;
    work_ = nullptr;
    try {
        environment_->post(std::make_unique<Done>(shared_from_this(), std::move(outcome)));
    } catch (const std::bad_alloc&) {
        std::terminate();  // somebody waits for this, and cannot be told anything else
    }
    environment_->remove(*this);
}

void Operation::print(PrintLevel level, std::string_view text) {
    environment_->post(std::make_unique<Printed>(shared_from_this(), level, text));
}

Result<HostValue> Operation::call_tool(const CallContext& context, std::string_view module, std::string_view name,
                                       std::span<const HostArgument> arguments) {
    const auto call = std::make_shared<ToolCall>();
    Answer answer = [call](Result<HostValue> result) {
        {
            const std::lock_guard lock(call->mutex);
            call->result = std::move(result);
        }
        call->answered.notify_all();
    };
    environment_->post(std::make_unique<ToolCalled>(shared_from_this(), std::move(answer), module, name, arguments));
    std::unique_lock lock(call->mutex);
    // JavaScript may never answer: the invocation's end is one, too.
    const bool answered = call->answered.wait(lock, context.stop_token(), [&] { return call->result.has_value(); });
    if (!answered) {
        return std::unexpected(Error{.code = ErrorCode::cancelled, .message = "the invocation has been ended"});
    }
    return std::move(*call->result);
}

void Operation::start_tool(std::string_view module, std::string_view name, std::span<const HostArgument> arguments,
                           Reply<HostValue> reply) {
    Answer answer = [reply = std::move(reply)](Result<HostValue> result) mutable { reply.send(result); };
    environment_->post(std::make_unique<ToolCalled>(shared_from_this(), std::move(answer), module, name, arguments));
}

napi_value Operation::listener(napi_env env) const {
    napi_value value = nullptr;
    check(env, napi_get_reference_value(env, listener_, &value));
    return value;
}

void Operation::deliver_done(napi_env env, const Outcome& outcome) {
    napi_value target = listener(env);
    napi_delete_reference(env, std::exchange(listener_, nullptr));
    environment_->remove_pending();
    if (!outcome.waiting) {
        for (const std::uint64_t number : std::exchange(control_->calls, {})) take(number);
    }
    if (delivered_) delivered_(outcome);
    delivered_ = nullptr;

    napi_value made = object(env);
    set(env, made, "poisoned", to_js(env, outcome.poisoned));
    set(env, made, "usage", usage_to_js(env, outcome.usage));
    if (outcome.error) set(env, made, "error", error_to_js(env, *outcome.error));
    if (outcome.refused) set(env, made, "refused", error_to_js(env, *outcome.refused));
    if (outcome.waiting) {
        napi_value waiting = object(env);
        set(env, waiting, "calls", open_calls_to_js(env, outcome.waiting->calls));
        set(env, waiting, "hasTimer", to_js(env, outcome.waiting->has_timer));
        set(env, made, "waiting", waiting);
    }
    if (outcome.text) {
        set(env, made, "value",
            outcome.is_bytes ? buffer(env, *outcome.text) : to_js(env, std::string_view(*outcome.text)));
    }
    if (outcome.snapshot) set(env, made, "value", snapshot_to_js(env, *outcome.snapshot));
    call_method(env, target, "done", std::array{made});
}

}  // namespace curfew::node
