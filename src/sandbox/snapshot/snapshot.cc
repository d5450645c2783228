// The public class Snapshot.
#include <algorithm>
#include <tuple>
#include <utility>

#include <curfew/snapshot.h>

#include "engine/engines.h"
#include "sandbox/config.h"
#include "sandbox/failure.h"
#include "sandbox/pending/waiting_state.h"
#include "sandbox/snapshot/snapshot_file.h"

namespace curfew {

using sandbox::consumed;

namespace {

Result<void> save_to(const std::shared_ptr<const sandbox::SavedState>& state, sandbox::SnapshotSink& sink,
                     const SigningKey* key) {
    if (!state) return consumed("Snapshot");
    return sandbox::save_state(*state, sink, key);
}

Result<std::vector<std::byte>> bytes_of(const std::shared_ptr<const sandbox::SavedState>& state,
                                        const SigningKey* key) {
    sandbox::MemorySink sink;
    if (!state) return consumed("Snapshot");
    if (auto done = sandbox::save_state(*state, sink, key); !done) return std::unexpected(std::move(done.error()));
    return sink.take();
}

Result<Snapshot> load_from(sandbox::SnapshotSource& source, const SigningKey* key) {
    auto state = sandbox::load_state(source, key);
    if (!state) return std::unexpected(std::move(state.error()));
    return Snapshot(std::move(*state));
}

}  // namespace

Result<void> Snapshot::save(const FilePath& path) const {
    sandbox::FileSink sink(path.text());
    return save_to(state_, sink, nullptr);
}

Result<void> Snapshot::save(const FilePath& path, const SigningKey& key) const {
    sandbox::FileSink sink(path.text());
    return save_to(state_, sink, &key);
}

Result<std::vector<std::byte>> Snapshot::to_bytes() const { return bytes_of(state_, nullptr); }
Result<std::vector<std::byte>> Snapshot::to_bytes(const SigningKey& key) const { return bytes_of(state_, &key); }

Result<Snapshot> Snapshot::load(const FilePath& path) {
    sandbox::FileSource source(path.text());
    return load_from(source, nullptr);
}

Result<Snapshot> Snapshot::load(const FilePath& path, const SigningKey& key) {
    sandbox::FileSource source(path.text());
    return load_from(source, &key);
}

Result<Snapshot> Snapshot::from_bytes(std::span<const std::byte> bytes) {
    sandbox::MemorySource source(bytes);
    return load_from(source, nullptr);
}

Result<Snapshot> Snapshot::from_bytes(std::span<const std::byte> bytes, const SigningKey& key) {
    sandbox::MemorySource source(bytes);
    return load_from(source, &key);
}

SnapshotKind Snapshot::kind() const noexcept { return state_ ? state_->kind : SnapshotKind::loaded_sandbox; }

SnapshotRequirements Snapshot::requirements() const {
    SnapshotRequirements required;
    if (!state_) return required;
    auto& modules = required.host_modules;
    auto shapes = sandbox::host_functions_of(*state_);  // in any order, if a file has them
    std::ranges::sort(shapes, {}, [](const auto& shape) { return std::tie(shape.module, shape.function); });
    for (sandbox::HostFunctionShape& shape : shapes) {
        if (modules.empty() || modules.back().module != shape.module) modules.push_back({std::move(shape.module), {}});
        if (!shape.function.empty()) modules.back().functions.push_back(std::move(shape.function));
    }
    return required;
}

std::uint64_t Snapshot::heap_size() const noexcept { return state_ ? state_->settings.heap_size : 0; }
std::uint64_t Snapshot::stack_size() const noexcept { return state_ ? state_->settings.stack_size : 0; }

SideChannels Snapshot::side_channels() const noexcept {
    return state_ ? state_->settings.side_channels : SideChannels::basic;
}
RestoreMode Snapshot::restore_mode() const noexcept {
    return state_ ? state_->settings.restore_mode : RestoreMode::fast;
}

BranchBarrier Snapshot::branch_barrier() const noexcept {
    return state_ ? state_->settings.branch_barrier : BranchBarrier::none;
}

bool Snapshot::jitless() const noexcept { return state_ && image_kind(state_->settings).jitless; }

std::optional<WaitingInvocation> Snapshot::waiting() const {
    return state_ && state_->waiting ? std::optional(sandbox::shown(*state_->waiting)) : std::nullopt;
}

std::vector<std::string> Snapshot::handlers() const { return state_ ? state_->handlers : std::vector<std::string>(); }

Snapshot::Snapshot(std::shared_ptr<const sandbox::SavedState> state) : state_(std::move(state)) {}

std::uint64_t Snapshot::size() const noexcept {
    return state_ && state_->memory && state_->memory->state ? state_->memory->state->resident() : 0;
}

}  // namespace curfew
