// What metrics add to a call that they count.
#include <prometheus/registry.h>

#include <memory>
#include <utility>

#include <curfew/curfew.h>
#include <curfew/prometheus.h>

#include "base/cpus.h"
#include "table/measure.h"
#include "table/redirect.h"
#include "table/row.h"

namespace curfew::bench {

Result<std::vector<Row>> measure_metrics() {
    const base::BoundTo bound(base::allowed_cpus().front());
    Result<LoadedSandbox> sandbox = load_redirect();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    const auto registry = std::make_shared<prometheus::Registry>();

    // Each turn's first call finds out where to count, which is not what calls cost from then on.
    const auto with = [&](const std::shared_ptr<prometheus::Registry>& used) {
        return Subject{.once = timed([&] { return call_redirect(*sandbox); }), .before_turn = [&sandbox, used] {
                           static_cast<void>(set_metrics_registry(used));
                           static_cast<void>(call_redirect(*sandbox));
                       }};
    };
    auto measured = by_turns({.rounds = 1000, .batch = 20, .warm_up = 200}, {with(registry), with(nullptr)});
    static_cast<void>(set_metrics_registry(nullptr));
    if (!measured) return std::unexpected(std::move(measured.error()));
    return std::vector{Row{.what = "handle_event with metrics",
                           .beside = "handle_event without",
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = summarize(std::move((*measured)[1])),
                           .goal = {.kind = Goal::Kind::at_most_more, .limit = 200}}};
}

}  // namespace curfew::bench
