// The saved state of a sandbox.
#ifndef CURFEW_SNAPSHOT_H
#define CURFEW_SNAPSHOT_H

#include <curfew/language.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/file_path.h>
#include <curfew/isolation.h>
#include <curfew/signing_key.h>
#include <curfew/usage.h>

namespace curfew {

namespace sandbox {
struct SavedState;
}

// Which class of sandbox was saved, and can start from the snapshot or go back to it.
enum class SnapshotKind {
    sandbox,         // Sandbox: what was added to it, and not loaded yet
    loaded_sandbox,  // LoadedSandbox: its memory
};

// The name as written above, for logs and JSON.
[[nodiscard]] constexpr std::string_view to_string(SnapshotKind kind) noexcept {
    switch (kind) {
        case SnapshotKind::sandbox: return "sandbox";
        case SnapshotKind::loaded_sandbox: return "loaded_sandbox";
    }
    return "unknown";
}

// A host module and its functions, sorted by name.
struct HostModuleRequirement {
    std::string module{};  // as ProtoSandbox::host_module() is asked for it
    std::vector<std::string> functions{};

    friend bool operator==(const HostModuleRequirement&, const HostModuleRequirement&) = default;
};

// What a host has to have for a sandbox that starts from a snapshot.
struct SnapshotRequirements {
    std::vector<HostModuleRequirement> host_modules{};  // sorted by name

    friend bool operator==(const SnapshotRequirements&, const SnapshotRequirements&) = default;
};

// A call of a host function that has no answer yet.
struct OpenHostCall {
    std::uint32_t id = 0;  // by which it is answered; of its invocation
    std::string module{};  // as scripts import it
    std::string function{};
    std::string arguments{};  // a JSON array; as Value::to_shown_json() has it: bytes are {"$bytes": BASE64}
    std::string values{};     // of a function that takes values: its arguments, an array of CBOR; else empty
};

// An invocation that was saved while it waited.
struct WaitingInvocation {
    std::string handler{};
    Usage usage{};  // until it was saved
    std::optional<std::chrono::microseconds>
        due{};                               // when its next timer is due, counted from when it goes on; none: no timer
    std::vector<OpenHostCall> open_calls{};  // in the order in which they were made
};

// A cheap handle to immutable state: copies share it, and any number of sandboxes and threads may use it at once. It
// outlives the sandbox that it was taken from.
class CURFEW_EXPORT Snapshot {
  public:
    // loaded_sandbox if moved from.
    [[nodiscard]] SnapshotKind kind() const noexcept;

    // Everything that the saved sandbox had of its host, whether its scripts import it or not.
    [[nodiscard]] SnapshotRequirements requirements() const;

    // Bytes that the snapshot itself holds in memory. Sandboxes that start from it share them until they write. 0 for one of
    // a Sandbox, which has no memory of its own.
    [[nodiscard]] std::uint64_t size() const noexcept;

    // What the saved sandbox was made with, in bytes (SandboxBuilder::with_heap_size, with_stack_size). A file can claim
    // anything that a builder takes: see LoadedSandbox::from_snapshot. 0 if moved from.
    [[nodiscard]] std::uint64_t heap_size() const noexcept;
    [[nodiscard]] std::uint64_t stack_size() const noexcept;

    // What it was made with as well. What starts from the snapshot is as strict, or stricter. Those of a builder that was
    // told nothing, if moved from.
    SideChannels side_channels() const noexcept;
    RestoreMode restore_mode() const noexcept;
    BranchBarrier branch_barrier() const noexcept;
    bool jitless() const noexcept;

    // Names of the handlers of the sandbox that was saved, in the order in which they were loaded, or added.
    [[nodiscard]] std::vector<std::string> handlers() const;

    // What the sandbox was in the middle of, to be shown to whoever decides how it goes on; nothing if it was at rest. See
    // LoadedSandbox::continue_event. What a file says of it may be anything, as what else is in it.
    [[nodiscard]] std::optional<WaitingInvocation> waiting() const;

    // Writes the snapshot to a file, which only its owner may read and write. A file of that name is replaced, or else stays
    // as it is: the new one gets its name when all of it is on disk. Fails with `invalid_argument` if no file can be made
    // there, with `unavailable` if it cannot be written, for want of space, say.
    [[nodiscard]] Result<void> save(const FilePath& path) const;

    // The same, with a signature by which load() knows the file again that is given the same key.
    [[nodiscard]] Result<void> save(const FilePath& path, const SigningKey& key) const;

    // Reads a snapshot that save() has written; also in another process or on another machine, but only with the same
    // build of Curfew, since the saved guest goes on in it. Print function, host functions, module loader and default
    // monitors are not in the file: LoadedSandbox::from_snapshot takes them from a ProtoSandbox. Fails with
    // `invalid_argument`, and the reason, if there is no such file, or it is no snapshot, cut short, altered, or of
    // another build. Any content is refused or loaded safely; but the checksum is no signature, and whoever can write the
    // file decides what the handlers in it do. So trust it no more and no less than you would trust them.
    [[nodiscard]] static Result<Snapshot> load(const FilePath& path);

    // The same, and also refuses a file that was not signed with this key, or altered since, before anything else of it is
    // believed. That the file is the latest one, or was not used before, it does not say.
    [[nodiscard]] static Result<Snapshot> load(const FilePath& path, const SigningKey& key);

    // The same bytes, for a place of your own: a database, an object store. As many as size() says, and some thousand more. Fail as
    // save() and load() do; nothing is kept of what from_bytes() is given, which must not change meanwhile.
    [[nodiscard]] Result<std::vector<std::byte>> to_bytes() const;
    [[nodiscard]] Result<std::vector<std::byte>> to_bytes(const SigningKey& key) const;
    [[nodiscard]] static Result<Snapshot> from_bytes(std::span<const std::byte> bytes);
    [[nodiscard]] static Result<Snapshot> from_bytes(std::span<const std::byte> bytes, const SigningKey& key);

    explicit Snapshot(std::shared_ptr<const sandbox::SavedState> state);  // for LoadedSandbox
    const std::shared_ptr<const sandbox::SavedState>& state() const noexcept { return state_; }

  private:
    std::shared_ptr<const sandbox::SavedState> state_;
};

}  // namespace curfew

#endif
