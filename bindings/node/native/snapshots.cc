#include "snapshots.h"

#include <utility>

#include <curfew/snapshot_folder.h>

#include "handle.h"
#include "operation.h"
#include "session.h"

namespace curfew::node {

namespace {

constexpr napi_type_tag kSnapshotTag{0x6375726665770001, 0x5b7f0c1d9a3e4b62};

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
    set(env, info, "size", to_js(env, static_cast<double>(snapshot.size())));
    return info;
}

// saveSnapshot(listener, snapshot, folder, tag): its value is the digest.
napi_value save_snapshot(const Call& call) {
    Operation::start(call.env(), call[0],
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
    Operation::start(call.env(), call[0],
                     [folder = text_of(call.env(), call[1]), name = text_of(call.env(), call[2]),
                      verify = bool_of(call.env(), call[3])](Operation&, Outcome& outcome) {
                         const SnapshotFolder from(folder);
                         auto snapshot = verify ? from.load(name) : from.load_unverified(name);
                         if (snapshot) {
                             outcome.snapshot = std::move(*snapshot);
                         } else {
                             outcome.error = std::move(snapshot.error());
                         }
                     });
    return undefined(call.env());
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
}

}  // namespace curfew::node
