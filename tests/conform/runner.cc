#include "runner.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>

#include <curfew/monitor.h>
#include <curfew/sandbox.h>
#include <curfew/script.h>
#include <curfew/snapshot.h>

#include "checkout.h"
#include "support/subprocess.h"

namespace curfew::conform {
namespace {

constexpr const char* kHandler = "test";

std::string guest_file(const std::string& name) { return std::string(CURFEW_CONFORM_GUEST) + "/" + name; }

std::tuple<WallClockMonitor, CpuTimeMonitor, MemoryMonitor> limits_of(const RunOptions& options) {
    return {WallClockMonitor(3 * options.time_limit), CpuTimeMonitor(options.time_limit), MemoryMonitor(options.heap)};
}

// A sandbox with the suite's handler, which was called once.
Result<Snapshot> make_warm(const Suite& suite, const RunOptions& options) {
    auto proto =
        SandboxBuilder().with_engine(options.engine).with_heap_size(options.heap).with_modules(suite.modules()).build();
    if (!proto) return std::unexpected(proto.error());
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return std::unexpected(sandbox.error());
    const std::string source = read_text(guest_file(suite.handler()));
    if (auto added = sandbox->add_handler(kHandler, Script::from_content(source, suite.handler())); !added) {
        return std::unexpected(added.error());
    }
    auto loaded = std::move(*sandbox).load();
    if (!loaded) return std::unexpected(loaded.error());
    if (auto warmed = loaded->handle_event(kHandler, suite.warming_event()); !warmed) {
        return std::unexpected(warmed.error());
    }
    return loaded->snapshot();
}

// A thread's sandbox.
class Cell {
  public:
    Cell(const Snapshot& warm, const RunOptions& options) : warm_(warm), options_(options) {}

    Outcome run(const std::string& event) {
        if (!sandbox_) {
            auto started = LoadedSandbox::from_snapshot(warm_);
            if (!started) return {.message = started.error().message};
            sandbox_.emplace(std::move(*started));
        }
        Outcome outcome = outcome_of(sandbox_->handle_event(kHandler, event, limits_of(options_)));
        if (auto restored = sandbox_->restore(warm_); !restored) sandbox_.reset();
        return outcome;
    }

  private:
    const Snapshot& warm_;
    const RunOptions& options_;
    std::optional<LoadedSandbox> sandbox_;
};

// A case whose file has no event (it is not UTF-8, say) fails.
template <typename Run>
Outcome outcome_by(const Suite& suite, const Case& test, Run run) {
    try {
        return run(suite.event(test));
    } catch (const std::exception& error) {
        return {.message = error.what()};
    }
}

}  // namespace

void for_each_at_once(std::size_t count, unsigned jobs, const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> threads;
    for (unsigned job = 0; job < std::max(jobs, 1U); ++job) {
        threads.emplace_back([&] {
            for (std::size_t i = next++; i < count; i = next++) work(i);
        });
    }
}

Result<std::vector<Outcome>> run_cases(const Suite& suite, const std::vector<Case>& cases, const RunOptions& options,
                                       const std::function<void()>& progress) {
    const auto warm = make_warm(suite, options);
    if (!warm) return std::unexpected(warm.error());
    std::vector<Outcome> outcomes(cases.size());
    std::mutex mutex;
    std::vector<std::unique_ptr<Cell>> idle;  // no more than threads
    for_each_at_once(cases.size(), options.jobs, [&](std::size_t i) {
        std::unique_ptr<Cell> cell;
        {
            const std::lock_guard lock(mutex);
            if (!idle.empty()) {
                cell = std::move(idle.back());
                idle.pop_back();
            }
        }
        if (!cell) cell = std::make_unique<Cell>(*warm, options);
        outcomes[i] = outcome_by(suite, cases[i], [&](const std::string& event) { return cell->run(event); });
        progress();
        const std::lock_guard lock(mutex);
        idle.push_back(std::move(cell));
    });
    return outcomes;
}

std::vector<Outcome> run_beside(const Suite& suite, const std::vector<Case>& cases, const std::string& node,
                                const std::string& checkout, unsigned jobs) {
    std::vector<Outcome> outcomes(cases.size());
    const std::vector<std::string> words{node, guest_file("beside.js"), guest_file(suite.handler()), checkout};
    for_each_at_once(cases.size(), jobs, [&](std::size_t i) {
        outcomes[i] = outcome_by(suite, cases[i], [&](const std::string& event) -> Outcome {
            const auto finished = testing_support::run_program(words, event);
            if (finished.status != 0) return {.message = "node ended with status " + std::to_string(finished.status)};
            if (finished.out.empty()) return {.message = "nothing was left to do before its end"};
            return outcome_of_result(finished.out);
        });
    });
    return outcomes;
}

}  // namespace curfew::conform
