// Snapshots, and pools of sandboxes that start from one.
#include <chrono>

#include "c/boundary.h"

using namespace curfew;
using namespace curfew::c;

curfew_error* curfew_loaded_snapshot(curfew_loaded* loaded, curfew_snapshot** out) {
    if (out == nullptr) return missing("the place for the snapshot");
    *out = nullptr;
    if (loaded == nullptr) return missing("the loaded sandbox");
    return guarded([&] { return hand_over(loaded->get().snapshot(), out); });
}

curfew_error* curfew_loaded_restore(curfew_loaded* loaded, const curfew_snapshot* snapshot) {
    if (loaded == nullptr) return missing("the loaded sandbox");
    if (snapshot == nullptr) return missing("the snapshot");
    return guarded([&] { return outcome_of(loaded->get().restore(snapshot->snapshot)); });
}

curfew_error* curfew_snapshot_save(const curfew_snapshot* snapshot, const char* path) {
    if (snapshot == nullptr) return missing("the snapshot");
    if (path == nullptr) return missing("the file's path");
    return guarded([&] { return outcome_of(snapshot->snapshot.save(path)); });
}

curfew_error* curfew_snapshot_load(const char* path, curfew_snapshot** out) {
    if (out == nullptr) return missing("the place for the snapshot");
    *out = nullptr;
    if (path == nullptr) return missing("the file's path");
    return guarded([&] { return hand_over(Snapshot::load(path), out); });
}

uint64_t curfew_snapshot_size(const curfew_snapshot* snapshot) {
    return snapshot == nullptr ? 0 : snapshot->snapshot.size();
}

void curfew_snapshot_free(curfew_snapshot* snapshot) { delete snapshot; }  // NOLINT: C's

curfew_error* curfew_loaded_from_snapshot(const curfew_snapshot* snapshot, const curfew_proto* host,
                                          curfew_loaded** out) {
    if (out == nullptr) return missing("the place for the loaded sandbox");
    *out = nullptr;
    if (snapshot == nullptr) return missing("the snapshot");
    return guarded([&] {
        return hand_over(host == nullptr ? LoadedSandbox::from_snapshot(snapshot->snapshot)
                                         : LoadedSandbox::from_snapshot(snapshot->snapshot, host->proto),
                         out);
    });
}

curfew_error* curfew_sandbox_snapshot(curfew_sandbox* sandbox, curfew_snapshot** out) {
    if (out == nullptr) return missing("the place for the snapshot");
    *out = nullptr;
    if (sandbox == nullptr) return missing("the sandbox");
    return guarded([&] { return hand_over(sandbox->sandbox.snapshot(), out); });
}

curfew_error* curfew_sandbox_restore(curfew_sandbox* sandbox, const curfew_snapshot* snapshot) {
    if (sandbox == nullptr) return missing("the sandbox");
    if (snapshot == nullptr) return missing("the snapshot");
    return guarded([&] { return outcome_of(sandbox->sandbox.restore(snapshot->snapshot)); });
}

curfew_error* curfew_sandbox_from_snapshot(const curfew_snapshot* snapshot, const curfew_proto* host,
                                           curfew_sandbox** out) {
    if (out == nullptr) return missing("the place for the sandbox");
    *out = nullptr;
    if (snapshot == nullptr) return missing("the snapshot");
    return guarded([&] {
        return hand_over(host == nullptr ? Sandbox::from_snapshot(snapshot->snapshot)
                                         : Sandbox::from_snapshot(snapshot->snapshot, host->proto),
                         out);
    });
}

curfew_error* curfew_pool_new(const curfew_snapshot* snapshot, const curfew_proto* host,
                              const curfew_pool_options* options, curfew_pool** out) {
    if (out == nullptr) return missing("the place for the pool");
    *out = nullptr;
    if (snapshot == nullptr) return missing("the snapshot");
    return guarded([&]() -> curfew_error* {
        const curfew_pool_options known = taken(options);
        SandboxPoolOptions wanted;
        if (known.size != 0) wanted.size = known.size;
        if (known.made_at_start != 0) wanted.made_at_start = known.made_at_start;
        switch (known.restore) {
            case CURFEW_RESTORE_AFTER_EVERY_REQUEST: wanted.restore = RestorePolicy::after_every_request; break;
            case CURFEW_RESTORE_AFTER_ERRORS: wanted.restore = RestorePolicy::after_errors; break;
            case CURFEW_RESTORE_NEVER: wanted.restore = RestorePolicy::never; break;
            default:
                return refuse(ErrorCode::invalid_argument,
                              "the pool's restore policy is none of curfew_restore_policy");
        }
        if (known.queue_limit != 0) wanted.queue_limit = known.queue_limit;
        if (known.wait_limit_ns != 0) wanted.wait_limit = std::chrono::nanoseconds(known.wait_limit_ns);
        return hand_over(host == nullptr ? SandboxPool::create(snapshot->snapshot, wanted)
                                         : SandboxPool::create(snapshot->snapshot, host->proto, wanted),
                         out);
    });
}

curfew_error* curfew_pool_call(curfew_pool* pool, const char* handler, const char* event, size_t length,
                               const curfew_monitors* monitors, const curfew_call_options* options,
                               curfew_result** out) {
    if (out == nullptr) return missing("the place for the result");
    *out = nullptr;
    if (pool == nullptr) return missing("the pool");
    if (handler == nullptr) return missing("the handler's name");
    if (is_missing(event, length)) return missing("the event");
    return guarded([&] {
        return hand_over(
            pool->pool.handle_event(handler, text_of(event, length), monitors_of(monitors), options_of(options)), out);
    });
}

curfew_error* curfew_pool_acquire(curfew_pool* pool, curfew_lease** out) {
    if (out == nullptr) return missing("the place for the lease");
    *out = nullptr;
    if (pool == nullptr) return missing("the pool");
    return guarded([&]() -> curfew_error* {
        auto lent = pool->pool.acquire();
        if (!lent) return give(std::move(lent.error()));
        *out = new curfew_lease{std::move(*lent)};  // NOLINT: its owner is C
        return nullptr;
    });
}

curfew_loaded* curfew_lease_sandbox(curfew_lease* lease) { return lease == nullptr ? nullptr : &lease->sandbox; }

void curfew_lease_note_failure(curfew_lease* lease) {
    if (lease != nullptr) lease->lease.note_failure();
}

void curfew_lease_free(curfew_lease* lease) { delete lease; }  // NOLINT: C's

void curfew_pool_report_now(const curfew_pool* pool, curfew_pool_report* report) {
    if (pool == nullptr) return;
    const SandboxPoolReport now = pool->pool.report();
    give_out({.struct_size = sizeof(curfew_pool_report),
              .ready = now.ready,
              .in_use = now.in_use,
              .waiting = now.waiting,
              .requests = now.requests,
              .created = now.created,
              .restored = now.restored,
              .replaced = now.replaced,
              .not_created = now.not_created,
              .queue_full = now.queue_full,
              .waited_too_long = now.waited_too_long},
             report);
}

void curfew_pool_shut_down(curfew_pool* pool) {
    if (pool != nullptr) pool->pool.shut_down();
}

void curfew_pool_free(curfew_pool* pool) { delete pool; }  // NOLINT: C's
