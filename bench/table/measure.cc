#include "table/measure.h"

#include <cerrno>
#include <system_error>
#include <utility>

namespace curfew::bench {

Result<std::vector<std::vector<double>>> by_turns(Turns turns, const std::vector<Subject>& subjects) {
    std::vector<std::vector<double>> measured(subjects.size());
    for (auto& each : measured) each.reserve(turns.rounds * turns.batch);

    // The first round is the warm-up's.
    for (std::size_t round = 0; round <= turns.rounds; ++round) {
        for (std::size_t i = 0; i < subjects.size(); ++i) {
            const Subject& subject = subjects[i];
            if (subject.before_turn) subject.before_turn();
            const std::size_t times = round == 0 ? turns.warm_up : turns.batch;
            for (std::size_t time = 0; time < times; ++time) {
                Result<double> result = subject.once();
                if (!result) {
                    if (subject.after_turn) subject.after_turn();
                    return std::unexpected(std::move(result.error()));
                }
                if (round > 0) measured[i].push_back(*result);
            }
            if (subject.after_turn) subject.after_turn();
        }
    }
    return measured;
}

std::unexpected<Error> failed_call(const std::string& what) {
    return std::unexpected(Error{.code = ErrorCode::unavailable,
                                 .message = what + " failed (" + std::generic_category().message(errno) + ")"});
}

}  // namespace curfew::bench
