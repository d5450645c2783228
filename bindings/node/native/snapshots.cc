#include "snapshots.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <curfew/signing_key.h>
#include <curfew/snapshot_folder.h>

#include "handle.h"
#include "operation.h"
#include "session.h"

namespace curfew::node {

namespace {

constexpr napi_type_tag kSnapshotTag{0x6375726665770001, 0x5b7f0c1d9a3e4b62};

using Key = Result<std::optional<SigningKey>>;

// What was loaded, or why not.
void settle(Outcome& outcome, Result<Snapshot> loaded) {
    if (loaded) {
        outcome.snapshot = std::move(*loaded);
    } else {
        outcome.error = std::move(loaded.error());
    }
}

napi_value names_to_js(napi_env env, const std::vector<std::string>& names) {
    std::vector<napi_value> made;
    made.reserve(names.size());
    for (const std::string& name : names) made.push_back(to_js(env, std::string_view(name)));
    return array(env, made);
}

// snapshotInfo(snapshot): what can be known of it.
napi_value snapshot_info(const Call& call) {
    napi_env env = call.env();
    const Snapshot& snapshot = snapshot_of(env, call[0]);
    std::vector<napi_value> modules;
    for (const HostModuleRequirement& required : snapshot.requirements().host_modules) {
        napi_value module = object(env);
        set(env, module, "module", to_js(env, std::string_view(required.module)));
        set(env, module, "functions", names_to_js(env, required.functions));
        modules.push_back(module);
    }
    napi_value info = object(env);
    set(env, info, "loaded", to_js(env, snapshot.kind() == SnapshotKind::loaded_sandbox));
    set(env, info, "handlers", names_to_js(env, snapshot.handlers()));
    set(env, info, "hostFunctions", array(env, modules));
    set(env, info, "heapSize", to_js(env, static_cast<double>(snapshot.heap_size())));
    set(env, info, "stackSize", to_js(env, static_cast<double>(snapshot.stack_size())));
    if (const auto waiting = snapshot.waiting()) {
        napi_value shown = object(env);
        set(env, shown, "handler", to_js(env, std::string_view(waiting->handler)));
        set(env, shown, "usage", usage_to_js(env, waiting->usage));
        set(env, shown, "calls", open_calls_to_js(env, waiting->open_calls));
        if (waiting->due) {
            set(env, shown, "dueMs", to_js(env, static_cast<double>(waiting->due->count()) / 1e3));
        }
        set(env, info, "waiting", shown);
    }
    set(env, info, "size", to_js(env, static_cast<double>(snapshot.size())));
    return info;
}

// saveSnapshot(listener, snapshot, folder, tag): its value is the digest.
napi_value save_snapshot(const Call& call) {
    Operation::start(call.env(), call[0], std::make_shared<Control>(),
                     [snapshot = snapshot_of(call.env(), call[1]), folder = text_of(call.env(), call[2]),
                      tag = text_of(call.env(), call[3])](Operation&, Outcome& outcome) {
                         auto digest = SnapshotFolder(folder).save(snapshot, tag);
                         if (digest) {
                             outcome.text = std::move(*digest);
                         } else {
                             outcome.error = std::move(digest.error());
                         }
                     });
    return undefined(call.env());
}

// loadSnapshot(listener, folder, tag or digest, verify): its value is the snapshot.
napi_value load_snapshot(const Call& call) {
    Operation::start(call.env(), call[0], std::make_shared<Control>(),
                     [folder = text_of(call.env(), call[1]), name = text_of(call.env(), call[2]),
                      verify = bool_of(call.env(), call[3])](Operation&, Outcome& outcome) {
                         const SnapshotFolder from(folder);
                         settle(outcome, verify ? from.load(name) : from.load_unverified(name));
                     });
    return undefined(call.env());
}

// What files are signed with; nothing if the value is none.
Key key_of(napi_env env, napi_value value) {
    if (is_nothing(env, value)) return std::nullopt;
    const auto bytes = bytes_of(env, value);
    if (!bytes) throw WrongType("the key should be a Uint8Array");
    auto key = SigningKey::from_bytes(*bytes);
    if (!key) return std::unexpected(std::move(key.error()));
    return std::optional(std::move(*key));
}

// Starts an operation with a key, if that is one: Outcome&, and a SigningKey or null.
template <typename Work>
napi_value with_key(const Call& call, Key key, Work work) {
    Operation::start(call.env(), call[0], std::make_shared<Control>(),
                     [key = std::move(key), work = std::move(work)](Operation&, Outcome& outcome) {
                         if (!key) {
                             outcome.error = key.error();
                         } else {
                             work(outcome, *key ? &**key : nullptr);
                         }
                     });
    return undefined(call.env());
}

// saveSnapshotFile(listener, snapshot, path, key or undefined)
napi_value save_snapshot_file(const Call& call) {
    napi_env env = call.env();
    return with_key(
        call, key_of(env, call[3]),
        [snapshot = snapshot_of(env, call[1]), path = text_of(env, call[2])](Outcome& outcome, const SigningKey* key) {
            const auto saved = key ? snapshot.save(path, *key) : snapshot.save(path);
            if (!saved) outcome.error = saved.error();
        });
}

// loadSnapshotFile(listener, path, key or undefined)
napi_value load_snapshot_file(const Call& call) {
    napi_env env = call.env();
    return with_key(call, key_of(env, call[2]),
                    [path = text_of(env, call[1])](Outcome& outcome, const SigningKey* key) {
                        settle(outcome, key ? Snapshot::load(path, *key) : Snapshot::load(path));
                    });
}

// snapshotToBytes(listener, snapshot, key or undefined): its value is a Buffer.
napi_value snapshot_to_bytes(const Call& call) {
    napi_env env = call.env();
    return with_key(call, key_of(env, call[2]),
                    [snapshot = snapshot_of(env, call[1])](Outcome& outcome, const SigningKey* key) {
                        const auto bytes = key ? snapshot.to_bytes(*key) : snapshot.to_bytes();
                        if (bytes) {
                            outcome.text = std::string(as_text(*bytes));
                            outcome.is_bytes = true;
                        } else {
                            outcome.error = bytes.error();
                        }
                    });
}

// snapshotFromBytes(listener, bytes, key or undefined)
napi_value snapshot_from_bytes(const Call& call) {
    napi_env env = call.env();
    const auto bytes = bytes_of(env, call[1]);
    if (!bytes) throw WrongType("a snapshot is read from a Uint8Array");
    return with_key(call, key_of(env, call[2]),
                    [copy = std::vector(bytes->begin(), bytes->end())](Outcome& outcome, const SigningKey* key) {
                        settle(outcome, key ? Snapshot::from_bytes(copy, *key) : Snapshot::from_bytes(copy));
                    });
}

}  // namespace

const Snapshot& snapshot_of(napi_env env, napi_value value) {
    return from_handle<Snapshot>(env, kSnapshotTag, value, "snapshot");
}

napi_value snapshot_to_js(napi_env env, const Snapshot& snapshot) {
    return make_handle<Snapshot>(env, kSnapshotTag, snapshot);
}

void export_snapshots(napi_env env, napi_value exports) {
    export_function(env, exports, "snapshotInfo", entry<snapshot_info>);
    export_function(env, exports, "saveSnapshot", entry<save_snapshot>);
    export_function(env, exports, "loadSnapshot", entry<load_snapshot>);
    export_function(env, exports, "saveSnapshotFile", entry<save_snapshot_file>);
    export_function(env, exports, "loadSnapshotFile", entry<load_snapshot_file>);
    export_function(env, exports, "snapshotToBytes", entry<snapshot_to_bytes>);
    export_function(env, exports, "snapshotFromBytes", entry<snapshot_from_bytes>);
}

}  // namespace curfew::node
