// How code comes into a core: loading handlers, one more later, and evaluating programs.
#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.h"
#include "base/utf8.h"
#include "sandbox/code/program_text.h"
#include "sandbox/code/source_map.h"
#include "sandbox/code/type_stripper.h"
#include "sandbox/core.h"
#include "sandbox/error_description.h"
#include "sandbox/failure.h"
#include "wire/mailbox.h"

namespace curfew::sandbox {

namespace {

using wire::MessageKind;

std::unexpected<Error> cut_short() {
    return fail(ErrorCode::poisoned, "an earlier invocation was cut short; restore or unload this sandbox first");
}

// What a guest is given in place of the script's source; empty: that itself.
Result<std::string> text_of(const Script& script) {
    if (!script.is_typescript()) return script.is_program() ? program_text(script.source()) : std::string();
    auto stripped = strip_types(script.name(), script.source());
    if (!stripped) return stripped;
    return script.is_program() ? program_text(*stripped) : std::move(*stripped);
}

}  // namespace

ExchangeEnd Core::send_script(const std::string& name, const Script& script, const std::string& text, Answer& answer) {
    const std::string names = name + '\0' + script.name();
    return ask({.kind = MessageKind::load,
                .flags = script.is_program() ? wire::kProgram : 0,
                .name = names,
                .payload = text.empty() ? std::string_view(script.source()) : std::string_view(text)},
               answer);
}

Result<void> Core::load(MonitorList monitors) {
    if (noted_.empty()) {
        return fail(ErrorCode::invalid_argument, "no handler was added; call add_handler() before load()");
    }
    if (poisoned_ || touched_) {
        if (auto done = roll_back(); !done) return done;
    }
    ScriptFolders folders;
    std::vector<std::string> texts;
    for (const auto& [name, script] : noted_) {
        auto text = text_of(script);
        if (!text) return std::unexpected(std::move(text.error()));
        texts.push_back(std::move(*text));
        if (auto noted = note_source_map(script); !noted) return noted;
        if (!script.folder().empty()) folders.emplace(script.name(), script.folder());
    }
    services_.set_script_folders(std::move(folders));
    services_.set_named_modules(shared(noted_modules_));
    sources_ = sources_of(noted_);
    ExchangeEnd stop = ExchangeEnd::completed;
    Answer answer{};
    const std::string* current = nullptr;
    auto work = [&](const Invocation&) {
        for (std::size_t i = 0; i < noted_.size(); ++i) {
            const auto& [name, script] = noted_[i];
            current = &name;
            stop = send_script(name, script, texts[i], answer);
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
    const auto text = text_of(script);
    if (!text) return std::unexpected(text.error());
    if (auto noted = note_source_map(script); !noted) return noted;
    ScriptFolders folders = services_.script_folders();
    if (!script.folder().empty()) folders.insert_or_assign(script.name(), script.folder());
    services_.set_script_folders(std::move(folders));
    named_.reset();
    sources_ = with_source(sources_.get(), script);
    ExchangeEnd stop = ExchangeEnd::completed;
    Answer answer{};
    auto work = [&](const Invocation&) { stop = send_script(name, script, *text, answer); };
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
    const auto text = text_of(program.is_program() ? program : program.as_program());
    if (!text) return std::unexpected(text.error());
    if (auto noted = note_source_map(program); !noted) return std::unexpected(noted.error());
    InvocationScope invocation(life_.events(), program.name(), options.collect_garbage);
    // Its lines are only known while it runs: there is no end to how many programs are evaluated.
    const auto sources = std::exchange(sources_, with_source(sources_.get(), program));
    auto done = invoke_by({.kind = MessageKind::evaluate, .name = program.name(), .payload = *text}, "the program",
                          program.name(), monitors, options);
    sources_ = sources;
    if (done) {
        invocation.completed(done->usage);
    } else {
        invocation.failed(done.error());
    }
    return done;
}

// --- Source maps ---

// One that is given has to be one that can be read; one in a comment may be anything.
Result<void> Core::note_source_map(const Script& script) {
    std::string text = script.source_map();
    if (!text.empty()) {
        if (const auto map = SourceMap::parse(text); !map || !base::is_utf8(text)) {
            return fail(ErrorCode::invalid_argument,
                        "the source map of the script " + base::in_quotes(script.name()) +
                            " cannot be used: " + (map ? "it is not UTF-8" : map.error().message));
        }
    } else if (auto own = inline_source_map(script.source())) {
        if (base::is_utf8(*own)) text = std::move(*own);
    }
    const bool has_one = script_maps_ && script_maps_->contains(script.name());
    if (text.empty() && !has_one) return {};
    ScriptMaps maps = script_maps_ ? *script_maps_ : ScriptMaps();
    if (text.empty()) {
        maps.erase(script.name());
    } else {
        maps.insert_or_assign(script.name(), std::move(text));
    }
    script_maps_ = std::make_shared<const ScriptMaps>(std::move(maps));
    read_maps_.erase(script.name());
    named_.reset();
    return {};
}

std::shared_ptr<const SourceMap> Core::source_map_of(std::string_view file) {
    constexpr std::size_t kMostRead = 256;
    if (const auto known = read_maps_.find(file); known != read_maps_.end()) return known->second;
    std::optional<std::string> text;
    const auto& modules = services_.named_modules();
    if (const auto found = script_maps_ ? script_maps_->find(file) : ScriptMaps::const_iterator();
        script_maps_ && found != script_maps_->end()) {
        text = found->second;
    } else if (modules && modules->contains(file)) {
        text = inline_source_map(modules->find(file)->second);
    } else if (services_.environment()->modules && file.starts_with('/')) {
        if (const auto read = services_.environment()->modules->read(file)) text = inline_source_map(read->text);
    }
    std::shared_ptr<const SourceMap> map;
    if (text) {
        if (auto parsed = SourceMap::parse(*text)) map = std::make_shared<const SourceMap>(std::move(*parsed));
    }
    if (read_maps_.size() >= kMostRead) read_maps_.clear();
    read_maps_.emplace(file, map);
    return map;
}

void Core::show_sources(Error& error) {
    using enum ErrorCode;
    const bool is_of_script = error.code == handler_error || error.code == syntax_error ||
                              error.code == stack_overflow || error.code == out_of_memory;
    if (!is_of_script) return;
    if (!script_maps_ && !services_.named_modules() && !services_.environment()->modules) return;
    const SourceMapLookup map_of = [this](std::string_view file) { return source_map_of(file); };
    error.message = base::to_valid_utf8(with_source_places(error.message, map_of));
    error.stack = base::to_valid_utf8(with_source_places(error.stack, map_of));
    if (!error.details) return;
    error.details = with_other_places(
        *error.details, [&](std::string_view stack) { return base::to_valid_utf8(with_source_places(stack, map_of)); },
        [this](std::string_view file) {
            return find_source(sources_.get(), services_.environment()->modules.get(), file);
        });
}

}  // namespace curfew::sandbox
