// The saved state of a loaded sandbox.
#ifndef CURFEW_SNAPSHOT_H
#define CURFEW_SNAPSHOT_H

#include <cstdint>
#include <memory>

namespace curfew {

namespace sandbox {
struct SavedState;
}

// A cheap handle to immutable state: copies share it, and any number of sandboxes and threads may use it at once. It
// outlives the sandbox that it was taken from.
class Snapshot {
  public:
    // Bytes that the snapshot itself holds in memory. Sandboxes that start from it share them until they write.
    std::uint64_t size() const noexcept;

    explicit Snapshot(std::shared_ptr<const sandbox::SavedState> state);  // for LoadedSandbox
    const std::shared_ptr<const sandbox::SavedState>& state() const noexcept { return state_; }

  private:
    std::shared_ptr<const sandbox::SavedState> state_;
};

}  // namespace curfew

#endif
