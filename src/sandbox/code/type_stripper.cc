#include "sandbox/code/type_stripper.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curfew/file_system.h>
#include <curfew/monitor/cpu_time.h>
#include <curfew/monitor/stop_token.h>
#include <curfew/monitor/wall_clock.h>
#include <curfew/sandbox.h>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"
#include "base/quantity_text.h"
#include "base/text.h"
#include "base/utf8.h"
#include "curfew_type_stripper.h"
#include "sandbox/failure.h"

namespace curfew::sandbox {

namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr std::uint64_t kHeapSize = 1 << 30;    // a syntax tree takes a hundred times its text
constexpr std::uint64_t kStackSize = 32 << 20;  // and is as deep as the text nests
constexpr const char* kHandler = "strip";

// Texts by texts, the last used first. Two tenants share nothing by it but that the same text is not worked on twice.
class Kept {
  public:
    std::optional<std::string> find(const std::string& key) {
        const base::Lock lock(mutex_);
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) return std::nullopt;
        entries_.splice(entries_.begin(), entries_, found->second);
        return found->second->second;
    }

    void add(std::string key, std::string text) {
        const base::Lock lock(mutex_);
        if (by_key_.contains(key)) return;
        size_ += key.size() + text.size();
        entries_.emplace_front(std::move(key), std::move(text));
        by_key_.emplace(entries_.front().first, entries_.begin());
        while (size_ > kMostKeptTypeScript) {
            const auto& [oldest, result] = entries_.back();
            size_ -= oldest.size() + result.size();
            by_key_.erase(oldest);
            entries_.pop_back();
        }
    }

  private:
    using Entries = std::list<std::pair<std::string, std::string>>;

    base::Mutex mutex_;
    Entries entries_;
    std::unordered_map<std::string_view, Entries::iterator> by_key_;
    std::size_t size_ = 0;
};

Result<LoadedSandbox> start() {
    auto files = std::make_shared<const EmbeddedFileSystem>(curfew_type_stripper());
    const auto script = files->read("/strip_types.js");
    if (!script || !*script) return fail(ErrorCode::internal, "this build has no way to take types away");
    auto proto = SandboxBuilder()
                     .with_engine(Engine::quickjs)
                     .with_heap_size(kHeapSize)
                     .with_stack_size(kStackSize)
                     .with_output_limit(8 * kLargestTypeScript)
                     .with_modules(files)
                     .build();
    if (!proto) return std::unexpected(std::move(proto.error()));
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    auto added =
        sandbox->add_handler(kHandler, Script::from_content(**script, "strip_types.js").with_virtual_base("/"));
    if (!added) return std::unexpected(std::move(added.error()));
    return std::move(*sandbox).load();
}

// A few cells, each for one source at a time, so that a source that takes long does not hold up everybody else's.
class Strippers {
  public:
    Result<EventResult> strip(const std::string& event, const std::stop_token& stop) {
        auto taken = take(stop);
        if (!taken) return std::unexpected(std::move(taken.error()));
        // Nothing that one text has done to the cell is there for the next.
        auto restored = taken->restore(*fresh_);
        auto done = restored ? taken->handle_event(
                                   kHandler, event,
                                   std::tuple{CpuTimeMonitor(10s), WallClockMonitor(60s), StopTokenMonitor(stop)})
                             : Result<EventResult>(std::unexpected(std::move(restored.error())));
        give_back(restored ? std::optional(std::move(*taken)) : std::nullopt);
        return done;
    }

    Kept& kept() { return kept_; }

  private:
    static constexpr std::size_t kMost = 4;

    Result<LoadedSandbox> take(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        if (forks_ != base::forks()) {  // what there is belongs to the parent process
            free_.clear();
            fresh_.reset();
            made_ = 0;
            forks_ = base::forks();
        }
        if (!changed_.wait(lock, stop, [&] { return !free_.empty() || made_ < kMost; })) {
            return fail(ErrorCode::cancelled, "the invocation has been ended");
        }
        if (!free_.empty()) {
            LoadedSandbox sandbox = std::move(free_.back());
            free_.pop_back();
            return sandbox;
        }
        auto sandbox = fresh_ ? LoadedSandbox::from_snapshot(*fresh_) : start();
        if (sandbox && !fresh_) {
            auto fresh = sandbox->snapshot();
            if (!fresh) return std::unexpected(std::move(fresh.error()));
            fresh_ = std::move(*fresh);
        }
        if (sandbox) ++made_;
        return sandbox;
    }

    void give_back(std::optional<LoadedSandbox> sandbox) {
        {
            const std::lock_guard lock(mutex_);
            if (sandbox) {
                free_.push_back(std::move(*sandbox));
            } else {
                --made_;
            }
        }
        changed_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<LoadedSandbox> free_;
    std::size_t made_ = 0;
    std::optional<Snapshot> fresh_;  // set once, before the first sandbox is given out
    std::uint64_t forks_ = base::forks();
    Kept kept_;
};

constinit base::Immortal<Strippers> strippers;

Error no_javascript(const std::string& message, std::string_view name, const Json& place) {
    const std::string where = base::shown(name) + ':' + std::to_string(place.value("line", 1)) + ':' +
                              std::to_string(place.value("column", 1));
    return {.code = ErrorCode::handler_error,
            .message = "SyntaxError: " + message + " (" + where + ')',
            .stack = "    at " + where};
}

}  // namespace

Result<std::string> strip_types(std::string_view name, std::string_view source, std::stop_token stop) {
    if (source.size() > kLargestTypeScript) {
        return fail(ErrorCode::invalid_argument, base::in_quotes(name) + " is TypeScript of " +
                                                     base::size_text(source.size()) + ", and " +
                                                     base::size_text(kLargestTypeScript) +
                                                     " is the most that types are taken out of; compile it first");
    }
    const bool is_common_js = name.ends_with(".cts");
    std::string key = (is_common_js ? 'c' : 'm') + std::string(source);
    Strippers& made = strippers.get();
    if (auto known = made.kept().find(key)) return std::move(*known);

    const Json event{{"text", std::string(source)}, {"isCommonJs", is_common_js}};
    auto done = made.strip(event.dump(-1, ' ', false, Json::error_handler_t::replace), stop);
    if (!done) {
        Error error = std::move(done.error());
        error.message = "the types of " + base::in_quotes(name) + " could not be taken away: " + error.message;
        error.stack.clear();
        error.ran = false;
        if (error.code == ErrorCode::guest_abort) error.code = ErrorCode::handler_error;
        return std::unexpected(std::move(error));
    }
    const Json answer = Json::parse(done->result, nullptr, false);
    if (answer.is_object() && answer.contains("message") && answer["message"].is_string()) {
        return std::unexpected(no_javascript(answer["message"].get<std::string>(), name, answer));
    }
    if (!answer.is_object() || !answer.contains("text") || !answer["text"].is_string()) {
        return fail(ErrorCode::internal, "what took the types of " + base::in_quotes(name) + " away gave no text");
    }
    auto text = answer["text"].get<std::string>();
    made.kept().add(std::move(key), text);
    return text;
}

}  // namespace curfew::sandbox
