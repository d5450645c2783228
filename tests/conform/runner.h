// Runs cases in cells: each thread has a sandbox, which is restored after each case to what a warmed one was.
#ifndef CURFEW_TESTS_CONFORM_RUNNER_H
#define CURFEW_TESTS_CONFORM_RUNNER_H

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include <curfew/engine.h>
#include <curfew/error.h>

#include "outcome.h"
#include "suite.h"

namespace curfew::conform {

struct RunOptions {
    Engine engine = Engine::quickjs;
    unsigned jobs = 1;
    std::chrono::milliseconds time_limit{10'000};  // of CPU time for each case; three times as long by the clock
    std::uint64_t heap = 256 << 20;                // bytes
};

// Calls `work` with each number below `count`, on so many threads.
void for_each_at_once(std::size_t count, unsigned jobs, const std::function<void(std::size_t)>& work);

// The outcomes, in the order of the cases. `progress` is told of each case that is done, by any thread. Fails if no sandbox can be made.
Result<std::vector<Outcome>> run_cases(const Suite& suite, const std::vector<Case>& cases, const RunOptions& options,
                                       const std::function<void()>& progress);

// The same in an ordinary Node, a process for each case, which has a minute.
std::vector<Outcome> run_beside(const Suite& suite, const std::vector<Case>& cases, const std::string& node,
                                const std::string& checkout, unsigned jobs);

}  // namespace curfew::conform

#endif
