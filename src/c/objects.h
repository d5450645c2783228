// What the objects of <curfew/c.h> are. Each has room for its C++ object, and keeps what it has handed out as a C string.
#ifndef CURFEW_C_OBJECTS_H
#define CURFEW_C_OBJECTS_H

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <curfew/c.h>
#include <curfew/curfew.h>

struct curfew_error {
    curfew::Error error;
    curfew_code code = CURFEW_INTERNAL;
};

struct curfew_builder {
    curfew::SandboxBuilder builder;
    std::shared_ptr<curfew::MemoryFileSystem> files;  // those that were added one by one
    bool has_folder = false;
};

struct curfew_proto {
    curfew::ProtoSandbox proto;
};

struct curfew_sandbox {
    curfew::Sandbox sandbox;
};

struct curfew_loaded {
    std::optional<curfew::LoadedSandbox> own;
    curfew::SandboxPool::Lease* lent = nullptr;  // by a pool; then there is none of its own

    curfew::LoadedSandbox& get() const noexcept { return lent ? **lent : const_cast<curfew::LoadedSandbox&>(*own); }
};

struct curfew_result {
    curfew::EventResult result;
};

struct curfew_snapshot {
    curfew::Snapshot snapshot;
};

struct curfew_pool {
    curfew::SandboxPool pool;
};

struct curfew_lease {
    curfew::SandboxPool::Lease lease;
    curfew_loaded sandbox{.own = {}, .lent = &lease};  // never moved
};

struct curfew_interrupt {
    curfew::InterruptHandle handle;
};

struct curfew_monitors {
    std::vector<curfew::AnyMonitor> monitors;
};

struct curfew_pending {
    curfew::PendingInvocation pending;
};

struct curfew_waiting {
    curfew::WaitingInvocation waiting;
};

struct curfew_ready_queue {
    curfew::ReadyQueue queue;
    std::mutex mutex{};
    std::deque<std::uint64_t> left{};  // that were taken when there was no room for them
};

struct curfew_signing_key {
    curfew::SigningKey key;
};

struct curfew_quota {
    curfew::QuotaMonitor monitor;
};

struct curfew_text {
    std::string text;
};

struct curfew_registration {
    curfew::ObserverRegistration registration;
};

#endif
