#include <chrono>

#include "c/boundary.h"

using namespace curfew;
using namespace curfew::c;

namespace {

// Runs `change` with the builder.
template <typename Change>
curfew_error* changed(curfew_builder* builder, Change&& change) noexcept {
    if (builder == nullptr) return missing("the builder");
    return guarded([&]() -> curfew_error* { return std::forward<Change>(change)(builder->builder); });
}

// One that cannot fail but for want of memory.
template <typename Change>
curfew_error* set(curfew_builder* builder, Change&& change) noexcept {
    return changed(builder, [&](SandboxBuilder& made) -> curfew_error* {
        std::forward<Change>(change)(made);
        return nullptr;
    });
}

}  // namespace

curfew_error* curfew_builder_new(curfew_builder** out) {
    if (out == nullptr) return missing("the place for the builder");
    *out = nullptr;
    return guarded([&]() -> curfew_error* {
        *out = new curfew_builder;  // NOLINT: its owner is C
        // C's functions are told that they run on the thread that makes the call, and are waited for.
        (*out)->builder.with_host_thread(HostThread::callers);
        return nullptr;
    });
}

void curfew_builder_free(curfew_builder* builder) { delete builder; }  // NOLINT: C's

curfew_error* curfew_builder_set_heap_size(curfew_builder* builder, uint64_t bytes) {
    return set(builder, [&](SandboxBuilder& made) { made.with_heap_size(bytes); });
}

curfew_error* curfew_builder_set_stack_size(curfew_builder* builder, uint64_t bytes) {
    return set(builder, [&](SandboxBuilder& made) { made.with_stack_size(bytes); });
}

curfew_error* curfew_builder_set_output_limit(curfew_builder* builder, uint64_t bytes) {
    return set(builder, [&](SandboxBuilder& made) { made.with_output_limit(bytes); });
}

curfew_error* curfew_builder_set_host_argument_limit(curfew_builder* builder, uint64_t bytes) {
    return set(builder, [&](SandboxBuilder& made) { made.with_host_argument_limit(bytes); });
}

curfew_error* curfew_builder_set_open_host_calls(curfew_builder* builder, size_t most) {
    return set(builder, [&](SandboxBuilder& made) { made.with_open_host_calls(most); });
}

curfew_error* curfew_builder_set_engine(curfew_builder* builder, const char* name) {
    if (name == nullptr) return missing("the engine's name");
    return changed(builder, [&](SandboxBuilder& made) -> curfew_error* {
        const auto engine = find_engine(name);
        if (!engine) {
            std::string message = "this build has no engine of that name; it has";
            for (const EngineInfo& info : engines()) message.append(" ").append(info.name);
            return give(Error{.code = ErrorCode::invalid_argument, .message = std::move(message)});
        }
        made.with_engine(*engine);
        return nullptr;
    });
}

curfew_error* curfew_builder_set_spinning(curfew_builder* builder, int spins) {
    return set(builder,
               [&](SandboxBuilder& made) { made.with_wait_mode(spins != 0 ? WaitMode::spin : WaitMode::automatic); });
}

curfew_error* curfew_builder_set_strict_isolation(curfew_builder* builder) {
    return set(builder, [](SandboxBuilder& made) { made.with_strict_isolation(); });
}

curfew_error* curfew_builder_set_isolation(curfew_builder* builder, curfew_isolation side_channels,
                                           curfew_isolation restores, curfew_isolation branch_barrier) {
    return changed(builder, [&](SandboxBuilder& made) -> curfew_error* {
        const auto is_known = [](int asked, int last) { return asked >= CURFEW_AS_IT_IS && asked <= last; };
        if (!is_known(side_channels, CURFEW_STRICT) || !is_known(restores, CURFEW_STRICT) ||
            !is_known(branch_barrier, CURFEW_WHERE_POSSIBLE)) {
            return refuse(
                ErrorCode::invalid_argument,
                "a setting is none of curfew_isolation; CURFEW_WHERE_POSSIBLE is for the branch barrier only");
        }
        if (side_channels != CURFEW_AS_IT_IS) {
            made.with_side_channels(side_channels == CURFEW_STRICT ? SideChannels::strict : SideChannels::basic);
        }
        if (restores != CURFEW_AS_IT_IS) {
            made.with_restore_mode(restores == CURFEW_STRICT ? RestoreMode::strict : RestoreMode::fast);
        }
        switch (branch_barrier) {
            case CURFEW_AS_IT_IS: break;
            case CURFEW_BASIC: made.with_branch_barrier(BranchBarrier::none); break;
            case CURFEW_STRICT: made.with_branch_barrier(BranchBarrier::required); break;
            case CURFEW_WHERE_POSSIBLE: made.with_branch_barrier(BranchBarrier::where_possible); break;
        }
        return nullptr;
    });
}

curfew_error* curfew_builder_set_jitless(curfew_builder* builder, int jitless) {
    return set(builder, [&](SandboxBuilder& made) { made.with_jitless(jitless != 0); });
}

curfew_error* curfew_builder_set_host_thread(curfew_builder* builder, int kept) {
    return set(builder, [&](SandboxBuilder& made) {
        made.with_host_thread(kept != 0 ? HostThread::kept : HostThread::callers);
    });
}

curfew_error* curfew_builder_set_default_wall_limit(curfew_builder* builder, int64_t nanoseconds) {
    return set(builder, [&](SandboxBuilder& made) {
        if (nanoseconds == 0) {
            made.without_default_wall_limit();
        } else {
            made.with_default_wall_limit(std::chrono::nanoseconds(nanoseconds));
        }
    });
}

curfew_error* curfew_builder_set_default_monitors(curfew_builder* builder, const curfew_monitors* monitors) {
    return set(builder, [&](SandboxBuilder& made) { made.with_default_monitors(monitors_of(monitors)); });
}

curfew_error* curfew_builder_set_cgroup(curfew_builder* builder, const char* parent, uint64_t memory_max,
                                        int64_t cpu_quota_us, int64_t cpu_period_us, uint64_t pids_max) {
    return set(builder, [&](SandboxBuilder& made) {
        CgroupLimits limits;
        if (parent != nullptr) limits.parent = parent;
        if (memory_max != 0) limits.memory_max = memory_max;
        if (pids_max != 0) limits.pids_max = pids_max;
        if (cpu_quota_us != 0) {
            limits.cpu_max = CgroupLimits::CpuShare{.quota = std::chrono::microseconds(cpu_quota_us)};
            if (cpu_period_us != 0) limits.cpu_max->period = std::chrono::microseconds(cpu_period_us);
        }
        made.with_cgroup(std::move(limits));
    });
}

curfew_error* curfew_builder_set_print(curfew_builder* builder, curfew_print print, void* user,
                                       curfew_free_user free_user) {
    std::shared_ptr<void> kept;
    curfew_error* const failed = guarded([&]() -> curfew_error* {
        kept = keep(user, free_user);
        return nullptr;
    });
    if (failed != nullptr) return failed;
    return set(builder, [&](SandboxBuilder& made) {
        if (print == nullptr) {
            made.with_print(nullptr);
            return;
        }
        made.with_print([print, kept](PrintLevel level, std::string_view text) {
            print(kept.get(), static_cast<curfew_print_level>(level), text.data(), text.size());
        });
    });
}

curfew_error* curfew_builder_add_file(curfew_builder* builder, const char* path, const char* content, size_t length) {
    if (builder == nullptr) return missing("the builder");
    if (path == nullptr) return missing("the file's path");
    if (is_missing(content, length)) return missing("the file's content");
    return guarded([&]() -> curfew_error* {
        if (builder->has_folder) {
            return refuse(ErrorCode::invalid_argument,
                          "the builder has a folder already; give it either that or files");
        }
        if (!builder->files) {
            builder->files = std::make_shared<MemoryFileSystem>();
            builder->builder.with_modules(builder->files);
        }
        return outcome_of(builder->files->add(path, std::string(text_of(content, length))));
    });
}

curfew_error* curfew_builder_set_folder(curfew_builder* builder, const char* folder, const char* mount) {
    if (builder == nullptr) return missing("the builder");
    if (folder == nullptr) return missing("the folder");
    return guarded([&]() -> curfew_error* {
        if (builder->files) {
            return refuse(ErrorCode::invalid_argument,
                          "the builder has files already; give it either those or a folder");
        }
        auto opened = DirectoryFileSystem::open(folder, {.mount_point = mount != nullptr ? mount : ""});
        if (!opened) return give(std::move(opened.error()));
        builder->builder.with_modules(std::move(*opened));
        builder->has_folder = true;
        return nullptr;
    });
}

curfew_error* curfew_builder_add_observer(curfew_builder* builder, curfew_observer observer, void* user,
                                          curfew_free_user free_user) {
    std::shared_ptr<Observer> made_of;
    curfew_error* const failed = guarded([&]() -> curfew_error* {
        auto kept = keep(user, free_user);
        if (observer == nullptr) return missing("the observer");
        made_of = observer_of(observer, std::move(kept));
        return nullptr;
    });
    if (failed != nullptr) return failed;
    return set(builder, [&](SandboxBuilder& made) { made.with_observer(std::move(made_of)); });
}

curfew_error* curfew_builder_build(const curfew_builder* builder, curfew_proto** out) {
    if (out == nullptr) return missing("the place for the proto");
    *out = nullptr;
    if (builder == nullptr) return missing("the builder");
    return guarded([&] { return hand_over(builder->builder.build(), out); });
}
