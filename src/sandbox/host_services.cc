#include "sandbox/host_services.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <optional>
#include <vector>

#include <curfew/host/detail/json_value.h>

#include "base/quantity_text.h"
#include "base/text.h"
#include "base/utf8.h"
#include "cell/system_call_name.h"
#include "sandbox/code/type_stripper.h"
#include "sandbox/host/host_threads.h"
#include "sandbox/host/host_work.h"

namespace curfew::sandbox {

namespace {

// Of the name of what stands in front of a host module.
constexpr std::string_view kFrontPrefix = "front:";
constexpr std::string_view kHostPrefix = wire::kHostPrefix;
constexpr std::string_view kUserPrefix = "user:";

// What answers may have together that a guest has not taken yet, however small its heap is.
constexpr std::uint64_t kLeastReplyBytes = std::uint64_t{64} << 20;

HostReply resolved(wire::ModuleKind kind, std::string name) {
    return {.kind = wire::MessageKind::resolved, .value = static_cast<std::uint32_t>(kind), .name = std::move(name)};
}

void pass_on_text(const Environment& environment, const std::optional<CallContext>& context, PrintLevel level,
                  std::string_view text) {
    constexpr std::size_t kPiece = 64 << 10;
    for (std::string_view rest = text; !rest.empty();) {
        // Cut between characters.
        const std::string_view piece = rest.substr(0, base::valid_utf8_prefix(rest.substr(0, kPiece)));
        if (context) {
            environment.context_print(*context, level, piece);
        } else {
            environment.print(level, piece);
        }
        rest.remove_prefix(piece.size());
    }
}

void tell_later(std::shared_ptr<host::detail::CallState> state) noexcept {
    try {
        start_on_kept_thread(std::make_shared<EndWork>(std::move(state)), nullptr, 0, 0);
    } catch (const std::bad_alloc&) {
        return;  // as if the machine had no thread: nobody is told
    }
}

HostReply not_run() {
    return HostReply::error("the invocation has been ended, or the host has no thread for its module loader");
}

ImportRules rules_of(std::uint32_t flags) {
    if ((flags & wire::kNodeRules) == 0) {
        return (flags & wire::kRequired) != 0 ? ImportRules::require : ImportRules::es_modules;
    }
    return (flags & wire::kRequired) != 0 ? ImportRules::node_require : ImportRules::node_import;
}

}  // namespace

// Runs the host's own code on the thread that it runs on. Nothing: it was left, or there is no thread for it.
template <typename F>
std::optional<std::invoke_result_t<F&>> HostServices::run_code(F code) {
    if (!runner_.on_kept_thread()) return code();
    const auto work = std::make_shared<CodeWork<F>>(std::move(code));
    if (runner_.run(work, *call_) != HostRunner::End::done) return std::nullopt;
    return work->take();
}

HostServices::HostServices(std::shared_ptr<const Environment> environment, EventSource& events, UsageMeter& meter,
                           std::uint64_t output_limit, std::uint64_t heap_size)
    : environment_(std::move(environment)),
      events_(events),
      meter_(meter),
      output_limit_(output_limit),
      open_calls_(std::make_shared<OpenCalls>(environment_->open_host_calls, std::max(heap_size, kLeastReplyBytes))),
      runner_(environment_->host_thread, meter, events.number()) {}

void HostServices::end() noexcept {
    if (std::exchange(in_pieces_, false)) open_calls_->tell(nullptr);
    close_calls();
    end_state(cancelled());
    call_ = nullptr;
}

void HostServices::close_calls() noexcept {
    const auto closed = open_calls_->close_all();
    if (closed.empty()) return;
    for (const auto& call : closed)
        tell_end(call->info(), observed::HostCallOutcome::failed, "the invocation was over first");
    end_state(true);
}

// Whoever has a token is told if the invocation was ended, or has left something open; and not on this thread, which nobody
// may hold up.
void HostServices::end_state(bool tells) noexcept {
    if (!state_) return;
    state_->end();
    if (tells && state_->has_token()) tell_later(std::move(state_));
    state_.reset();
}

const std::shared_ptr<host::detail::CallState>& HostServices::state() {
    if (!state_) {
        state_ = std::make_shared<host::detail::CallState>(*call_, *context_, !runner_.on_kept_thread());
    }
    return state_;
}

std::optional<HostReply> HostServices::wait(std::optional<std::chrono::microseconds> time, bool until_reply) {
    const auto take = [&] { return until_reply ? open_calls_->take() : std::nullopt; };
    if (auto answered = take()) return pass_on(std::move(*answered));
    if (time == std::chrono::microseconds(0)) return HostReply{};
    std::optional<std::chrono::steady_clock::time_point> until;
    if (time) until = std::chrono::steady_clock::now() + *time;
    if (in_pieces_) {
        wait_ = {.begun = std::chrono::steady_clock::now(), .due = until, .until_reply = until_reply};
        return std::nullopt;
    }
    open_calls_->wait(until_reply, until, *call_);
    if (auto answered = take()) return pass_on(std::move(*answered));
    return HostReply{};
}

HostReply HostServices::pass_on(AnsweredCall answered) {
    const OpenCallInfo& call = answered.call->info();
    HostReply reply = HostFunctions::reply_of(std::move(answered.outcome), call.module, call.function);
    if (reply.kind == wire::MessageKind::host_error) {
        reply.flags |= wire::kFailedReply;
        tell_end(call, observed::HostCallOutcome::failed, reply.payload);
    } else {
        tell_end(call, observed::HostCallOutcome::returned, {});
    }
    reply.kind = wire::MessageKind::reply;
    reply.value = call.number;
    return reply;
}

// Who counts less than what is passed on can be passed by it: by line ends, by replaced bytes, which are three times as
// long, or by messages that are empty. It is the same whoever listens, so that a limit does not depend on that.
void HostServices::print(wire::PrintLevel level, std::string text) {
    const std::size_t counted = text.size();
    text = base::to_valid_utf8(std::move(text));
    const bool is_line = level != wire::PrintLevel::print;
    const std::uint64_t passed_on = text.size() + (is_line ? 1 : 0);
    meter_.add_bytes_printed(std::max(passed_on, SandboxBuilder::kLeastBytesPrinted) - counted);
    if (cancelled() || !may_print()) return;
    const bool taken = environment_->print || environment_->context_print;
    if (events_.heard()) {
        events_.tell(&Observer::printed, {.sandbox = events_.number(),
                                          .handler = call_->handler(),
                                          .level = static_cast<PrintLevel>(level),
                                          .text = text,
                                          .taken = taken,
                                          .context = context_});
    }
    if (!taken) return;
    if (is_line) text += '\n';
    std::optional<CallContext> context;
    if (environment_->context_print) context.emplace(state());
    // Whatever came of it, but for what it throws, the guest goes on, or is being ended.
    run_code([environment = environment_, context = std::move(context), level = static_cast<PrintLevel>(level),
              text = std::move(text)] {
        pass_on_text(*environment, context, level, text);
        return true;
    });
}

void HostServices::tell_end(const OpenCallInfo& call, observed::HostCallOutcome outcome,
                            std::string_view error) noexcept {
    if (!events_.heard()) return;
    HostCallEventScope::ended(events_, {.sandbox = events_.number(),
                                        .handler = call_->handler(),
                                        .module = call.module,
                                        .function = call.function,
                                        .time = std::chrono::steady_clock::now() - call.begun,
                                        .outcome = outcome,
                                        .error = error,
                                        .context = context_});
}

void HostServices::refused_calls(std::string_view records) {
    const CallTrace& trace = environment_->call_trace;
    if (!trace || cancelled()) return;
    wire::RefusedCall record{};
    for (; records.size() >= sizeof record; records.remove_prefix(sizeof record)) {
        std::memcpy(&record, records.data(), sizeof record);
        trace({.number = record.number,
               .name = cell::system_call_name(record.number),
               .error = record.error,
               .error_name = cell::error_name(record.error),
               .count = record.count});
    }
}

HostReply HostServices::call_host_function(GuestCall call) {
    const HostCallScope scope(meter_);
    if (cancelled()) return HostReply::error("the invocation has been ended");  // this was one host call too many
    if (!environment_->functions) return HostReply::error("this sandbox has no host functions");
    auto found = environment_->functions->find(call.module, call.function);
    if (!found) return HostFunctions::no_such_function(call.module, call.function);
    HostCallEventScope event(events_, call_->handler(), call.module, call.function, context_);
    HostReply reply = (call.flags & wire::kAsync) != 0 ? call_asynchronous(std::move(found), std::move(call))
                                                       : call_blocking(std::move(found), std::move(call));
    switch (reply.kind) {
        case wire::MessageKind::pending: event.goes_on(); break;
        case wire::MessageKind::host_error: event.failed(reply.payload); break;
        default: event.returned(); break;
    }
    return reply;
}

// On the thread that functions run on.
host::detail::Outcome HostServices::run_function(std::shared_ptr<const host::detail::Function> function, GuestCall call,
                                                 std::shared_ptr<OpenCall> open) {
    if (!runner_.on_kept_thread()) {
        return HostFunctions::call(*function, call.module, call.function, CallContext(state()), call.count,
                                   open ? open->info().arguments : call.arguments, open);
    }
    const auto work =
        std::make_shared<FunctionWork>(std::move(function), std::move(call), CallContext(state()), std::move(open));
    switch (runner_.run(work, *call_)) {
        case HostRunner::End::done: return work->take_outcome();
        case HostRunner::End::left: return host::detail::failed("the invocation has been ended");
        case HostRunner::End::no_thread: break;
    }
    return host::detail::failed("the host has no thread to run its function on");
}

HostReply HostServices::call_blocking(std::shared_ptr<const host::detail::Function> function, GuestCall call) {
    const std::string_view module = call.module;
    const std::string_view name = call.function;
    return HostFunctions::reply_of(run_function(std::move(function), std::move(call), nullptr), module, name);
}

HostReply HostServices::call_asynchronous(std::shared_ptr<const host::detail::Function> function, GuestCall call) {
    const bool deferred = function->manner() == host::detail::Manner::deferred;
    if (deferred && !in_pieces_) {
        return HostReply::error(base::shown(call.module) + "." + base::shown(call.function) +
                                " is answered by whoever runs the invocation, which this one does not wait for");
    }
    const std::string_view module = call.module;
    const std::string_view name = call.function;
    const std::shared_ptr<OpenCall> open = open_calls_->open({.module = std::string(module),
                                                              .function = std::string(name),
                                                              .count = call.count,
                                                              .flags = call.flags,
                                                              .arguments = std::move(call.arguments),
                                                              .deferred = deferred,
                                                              .begun = std::chrono::steady_clock::now()},
                                                             function, state());
    if (!open) {
        return HostReply::error(
            "there are " + std::to_string(open_calls_->most()) +
            " calls of host functions open already; wait for some of them, or let the host allow more "
            "(SandboxBuilder::with_open_host_calls)");
    }
    host::detail::Outcome outcome = run_function(std::move(function), std::move(call), open);
    if (outcome.kind != host::detail::Outcome::Kind::pending) {
        open_calls_->close(*open);
    } else if (auto answered = open_calls_->settle(*open)) {
        outcome = std::move(*answered);
    } else {
        return {.kind = wire::MessageKind::pending, .value = open->info().number};
    }
    return HostFunctions::reply_of(std::move(outcome), module, name);
}

// Counted and observed like any other call.
HostReply HostServices::refuse_host_call(std::string_view module, std::string_view function, std::uint64_t bytes) {
    const HostCallScope scope(meter_);
    if (cancelled()) return HostReply::error("the invocation has been ended");
    if (!environment_->functions || !environment_->functions->find(module, function)) {
        return HostFunctions::no_such_function(module, function);
    }
    HostCallEventScope call(events_, call_->handler(), module, function, context_);
    HostReply reply = HostReply::error("the arguments of " + base::shown(module) + "." + base::shown(function) +
                                       " have " + base::size_text(bytes) + ", and this sandbox's host calls may have " +
                                       base::size_text(environment_->host_argument_limit) +
                                       " each; pass less at a time, or let the host allow more "
                                       "(SandboxBuilder::with_host_argument_limit)");
    call.failed(reply.payload);
    return reply;
}

// Host modules come first, so that a host can take the place of a module that the guest has itself.
HostReply HostServices::resolve_module(std::string_view importer, std::string_view specifier, std::uint32_t flags) {
    const HostWorkScope scope(meter_);
    const bool host_only = specifier.starts_with(kHostPrefix);
    const std::string_view name = host_only ? specifier.substr(kHostPrefix.size()) : specifier;
    if (environment_->functions && environment_->functions->answers_to(name, host_only)) {
        const std::string front = std::string(kFrontPrefix) + std::string(name);
        if (importer != front && environment_->functions->front_of(name) != nullptr) {
            return resolved(wire::ModuleKind::source, front);
        }
        return resolved(wire::ModuleKind::host, std::string(kHostPrefix) + std::string(name));
    }
    if (host_only) {
        return HostReply::error(base::shown(importer) + " imports " + base::in_quotes(specifier) +
                                ", but the host has registered no module of that name");
    }
    if ((flags & wire::kBuiltIn) != 0) return resolved(wire::ModuleKind::built_in, std::string(specifier));
    if (named_modules_ && named_modules_->contains(specifier)) {
        return resolved(wire::ModuleKind::source, std::string(specifier));
    }
    if (specifier.starts_with(kUserPrefix)) {
        return HostReply::error(base::shown(importer) + " imports " + base::in_quotes(specifier) +
                                ", but no module of that name was added (Sandbox::add_module)");
    }
    if (!environment_->modules) {
        return HostReply::error(base::shown(importer) + " imports " + base::in_quotes(specifier) +
                                ", but this sandbox has no such module, and no files to look in (they come from "
                                "SandboxBuilder::with_modules, or curfew run --modules)");
    }
    const auto folder = script_folders_.find(importer);
    std::optional<std::string> script_folder;
    if (folder != script_folders_.end()) script_folder = folder->second;
    auto found =
        run_code([modules = environment_->modules, importer = std::string(importer), folder = std::move(script_folder),
                  specifier = std::string(specifier), rules = rules_of(flags), context = CallContext(state())] {
            const Importer from{.name = importer, .script_folder = folder};
            return modules->resolve(from, specifier, rules, &context);
        });
    if (!found) return not_run();
    if (!*found) return HostReply::error(base::to_valid_utf8(std::move(found->error().message)));
    return resolved((*found)->kind, std::move((*found)->path));
}

HostReply HostServices::read_module(std::string_view name, std::uint32_t /*flags*/) {
    const HostWorkScope scope(meter_);
    const auto module = [](wire::ModuleKind kind, std::string payload) {
        return HostReply{.kind = wire::MessageKind::module,
                         .value = static_cast<std::uint32_t>(kind),
                         .payload = std::move(payload)};
    };
    if (name.starts_with(kFrontPrefix) && environment_->functions) {
        const std::string* const front = environment_->functions->front_of(name.substr(kFrontPrefix.size()));
        if (front != nullptr) return module(wire::ModuleKind::source, *front);
    }
    if (name.starts_with(kHostPrefix)) {
        std::optional<std::vector<std::string>> functions;
        if (environment_->functions) functions = environment_->functions->functions_of(name.substr(kHostPrefix.size()));
        if (!functions) return HostReply::error("the host has no module " + base::in_quotes(name));
        std::string names;
        for (const std::string& function : *functions) names += function + '\0';
        return module(wire::ModuleKind::host, std::move(names));
    }
    if (named_modules_) {
        const auto found = named_modules_->find(name);
        if (found != named_modules_->end()) return module(wire::ModuleKind::source, found->second);
    }
    if (!environment_->modules)
        return HostReply::error("this sandbox has no files, so it cannot read " + base::in_quotes(name));
    auto source = run_code([modules = environment_->modules, name = std::string(name)] { return modules->read(name); });
    if (!source) return not_run();
    if (!*source) return HostReply::error(base::to_valid_utf8(std::move(source->error().message)));
    if (is_typescript_name(name)) {
        auto stripped = strip_types(name, (*source)->text, call_->stop_token());
        if (!stripped) return HostReply::error(base::to_valid_utf8(std::move(stripped.error().message)));
        return module((*source)->kind, std::move(*stripped));
    }
    return module((*source)->kind, std::move((*source)->text));
}

}  // namespace curfew::sandbox
