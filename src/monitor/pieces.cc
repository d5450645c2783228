#include "monitor/pieces.h"

#include <utility>

#include "monitor/supervision.h"

namespace curfew::monitor {

Pieces::Pieces(const SuperviseOptions& options, const Usage& before, InterruptRef interrupt, Waker* waker)
    : options_(options),
      supervision_(std::make_unique<detail::Supervision>(options_, interrupt, *options_.cpu_clock, *options_.meter,
                                                         before, waker)) {}

// What the work had thrown nobody asks for any more.
Pieces::~Pieces() {
    if (!supervision_) return;
    try {
        kill();
        static_cast<void>(conclude());
    } catch (...) {  // NOLINT(bugprone-empty-catch)
    }
}

bool Pieces::begin(MonitorList monitors) { return supervision_->begin(monitors); }

bool Pieces::run(WorkRef work) { return supervision_->run_piece(work); }

bool Pieces::pause() noexcept { return supervision_->pause(); }

bool Pieces::ended() const noexcept { return !supervision_ || supervision_->ended(); }

void Pieces::kill() noexcept {
    if (supervision_->claim_kill()) supervision_->end_by_kill();
}

// With the monitors' tasks.
Verdict Pieces::conclude() {
    const auto ending = std::move(supervision_);
    return ending->conclude();
}

const Invocation& Pieces::invocation() const noexcept { return supervision_->invocation(); }

}  // namespace curfew::monitor
