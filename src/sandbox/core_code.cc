// How code comes into a core: loading handlers, one more later, and evaluating programs.
#include <algorithm>
#include <memory>

#include "base/text.h"
#include "sandbox/code/program_text.h"
#include "sandbox/core.h"
#include "sandbox/failure.h"
#include "wire/mailbox.h"

namespace curfew::sandbox {

namespace {

using wire::MessageKind;

std::unexpected<Error> cut_short() {
    return fail(ErrorCode::poisoned, "an earlier invocation was cut short; restore or unload this sandbox first");
}

}  // namespace

ExchangeEnd Core::send_script(const std::string& name, const Script& script, Answer& answer) {
    const std::string names = name + '\0' + script.name();
    if (!script.is_program())
        return ask({.kind = MessageKind::load, .name = names, .payload = script.source()}, answer);
    const std::string text = program_text(script.source());
    return ask({.kind = MessageKind::load, .flags = wire::kProgram, .name = names, .payload = text}, answer);
}

Result<void> Core::load(MonitorList monitors) {
    if (noted_.empty()) {
        return fail(ErrorCode::invalid_argument, "no handler was added; call add_handler() before load()");
    }
    if (poisoned_ || touched_) {
        if (auto done = roll_back(); !done) return done;
    }
    ScriptFolders folders;
    for (const auto& [name, script] : noted_) {
        if (!script.folder().empty()) folders.emplace(script.name(), script.folder());
    }
    services_.set_script_folders(std::move(folders));
    services_.set_named_modules(shared(noted_modules_));
    ExchangeEnd stop = ExchangeEnd::completed;
    Answer answer{};
    const std::string* current = nullptr;
    auto work = [&](const Invocation&) {
        for (const auto& [name, script] : noted_) {
            current = &name;
            stop = send_script(name, script, answer);
            if (stop != ExchangeEnd::completed || answer.kind != MessageKind::done) return;
        }
    };
    InvocationScope invocation(life_.events(), "", false);
    const Verdict verdict = run("", monitors, {}, stop, work);
    if (verdict.ending == Ending::completed && stop == ExchangeEnd::completed && answer.kind == MessageKind::done) {
        named_.reset();
        for (const auto& [name, script] : noted_) handlers_.push_back(name);
        noted_.clear();
        noted_modules_.clear();
        invocation.completed(verdict.usage);
        life_.loaded(handlers_);
        return {};
    }
    Error error = verdict.ending == Ending::completed ? explain("", stop, answer, verdict) : verdict.error;
    if (error.code == ErrorCode::invalid_argument && stop == ExchangeEnd::refused && current != nullptr) {
        error.message = "the script of handler " + base::in_quotes(*current) + " was not loaded: " + error.message;
        error.ran = current != &noted_.front().first;
    }
    invocation.failed(error);
    if (verdict.ending != Ending::not_started) {
        if (auto done = roll_back(); !done) return std::unexpected(done.error());
    }
    return std::unexpected(std::move(error));
}

Result<void> Core::load_nothing() {
    if (!noted_.empty()) {
        return fail(ErrorCode::invalid_argument,
                    "handlers were added: load() loads them; load_without_handlers() is for a sandbox that has none");
    }
    if (poisoned_ || touched_) {
        if (auto done = roll_back(); !done) return done;
    }
    services_.set_named_modules(shared(noted_modules_));
    noted_modules_.clear();
    life_.loaded(handlers_);
    return {};
}

Result<void> Core::add_handler(std::string name, const Script& script, MonitorList monitors) {
    if (poisoned_) return cut_short();
    ScriptFolders folders = services_.script_folders();
    if (!script.folder().empty()) folders.insert_or_assign(script.name(), script.folder());
    services_.set_script_folders(std::move(folders));
    named_.reset();
    ExchangeEnd stop = ExchangeEnd::completed;
    Answer answer{};
    auto work = [&](const Invocation&) { stop = send_script(name, script, answer); };
    InvocationScope invocation(life_.events(), name, false);
    const Verdict verdict = run(name, monitors, {}, stop, work);
    if (verdict.ending == Ending::completed && stop == ExchangeEnd::completed && answer.kind == MessageKind::done) {
        handlers_.push_back(std::move(name));
        invocation.completed(verdict.usage);
        return {};
    }
    Error error = verdict.ending == Ending::completed ? explain(name, stop, answer, verdict) : verdict.error;
    if (stop == ExchangeEnd::refused) {
        error.message = "the script of handler " + base::in_quotes(name) + " was not loaded: " + error.message;
    }
    invocation.failed(error);
    return std::unexpected(std::move(error));
}

bool Core::remove_handler(std::string_view name) {
    const auto found = std::ranges::find(handlers_, name);
    if (found == handlers_.end()) return false;
    named_.reset();
    handlers_.erase(found);
    return true;
}

Result<EventResult> Core::evaluate(const Script& program, MonitorList monitors, const CallOptions& options) {
    if (poisoned_) return cut_short();
    if (!program.folder().empty()) {
        ScriptFolders folders = services_.script_folders();
        folders.insert_or_assign(program.name(), program.folder());
        services_.set_script_folders(std::move(folders));
        named_.reset();
    }
    const std::string text = program_text(program.source());
    InvocationScope invocation(life_.events(), program.name(), options.collect_garbage);
    auto done = invoke_by({.kind = MessageKind::evaluate, .name = program.name(), .payload = text}, "the program",
                          program.name(), monitors, options);
    if (done) {
        invocation.completed(done->usage);
    } else {
        invocation.failed(done.error());
    }
    return done;
}

}  // namespace curfew::sandbox
