// Invocations that wait: ten thousand of them at once, and what it takes to save one and to go on with it.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "base/descriptor.h"
#include "table/measure.h"
#include "table/process_memory.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

constexpr std::size_t kMany = 10'000;

constexpr std::string_view kAsks = R"(
    import { approve } from 'tools';
    export async function handler(event) {
        const local = { event, time: 1 };
        return await approve(local) ? local : null;
    })";

Result<ProtoSandbox> make_host() {
    auto host = SandboxBuilder().without_default_wall_limit().build();
    if (host) host->host_module("tools").add_deferred("approve");
    return host;
}

Result<LoadedSandbox> load_asking() {
    auto host = make_host();
    if (!host) return std::unexpected(host.error());
    auto sandbox = std::move(*host).load_runtime();
    if (!sandbox) return std::unexpected(sandbox.error());
    auto added = sandbox->add_handler("main", Script::from_content(std::string(kAsks)));
    if (!added) return std::unexpected(added.error());
    return std::move(*sandbox).load();
}

const auto kLimits =
    std::tuple{CpuTimeMonitor(std::chrono::seconds(1)), WallClockMonitor(std::chrono::hours(1)).excluding_pauses()};

Result<PendingInvocation> begin(LoadedSandbox& sandbox) { return sandbox.begin_event("main", R"({"id":1})", kLimits); }

// As Snapshot::save() does: whole on disk before it has its name, and then the name.
Result<void> write_durably(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    const auto failed = [] { return std::unexpected(Error{.code = ErrorCode::unavailable, .message = "no disk"}); };
    const std::string unfinished = path.string() + ".new";
    const base::Descriptor file(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file || ::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return failed();
    if (::fsync(file.get()) != 0 || ::rename(unfinished.c_str(), path.c_str()) != 0) return failed();
    const base::Descriptor folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0) return failed();
    return {};
}

Result<void> answer(PendingInvocation& invocation) {
    const auto calls = invocation.open_calls();
    if (calls.empty()) return std::unexpected(Error{.code = ErrorCode::internal, .message = "nothing waits"});
    if (auto done = invocation.resume(calls.front().id, "true"); !done) return done;
    const auto result = invocation.result();
    if (!result) return std::unexpected(result.error());
    return {};
}

}  // namespace

Result<std::vector<Row>> measure_waiting() {
    raise_descriptor_limit();
    Result<LoadedSandbox> original = load_asking();
    if (!original) return std::unexpected(std::move(original.error()));
    const Result<Snapshot> snapshot = original->snapshot();
    if (!snapshot) return std::unexpected(snapshot.error());
    auto queue = ReadyQueue::create();
    if (!queue) return std::unexpected(queue.error());

    std::vector<LoadedSandbox> sandboxes;
    std::vector<PendingInvocation> invocations;
    sandboxes.reserve(kMany);
    invocations.reserve(kMany);
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < kMany; ++i) {
        Result<LoadedSandbox> sandbox = LoadedSandbox::from_snapshot(*snapshot);
        if (!sandbox) return std::unexpected(std::move(sandbox.error()));
        sandboxes.push_back(std::move(*sandbox));
        Result<PendingInvocation> invocation = begin(sandboxes.back());
        if (!invocation) return std::unexpected(std::move(invocation.error()));
        invocation->notify(*queue, i);
        invocations.push_back(std::move(*invocation));
        if (i != 0) continue;
        // Not counted: the first, which has for itself what all others share.
        const Result<std::uint64_t> memory = memory_of_all(true);
        if (!memory) return std::unexpected(memory.error());
        before = *memory;
    }
    const Result<std::uint64_t> after = memory_of_all(true);
    if (!after) return std::unexpected(after.error());
    const auto threads = static_cast<double>(number_in("/proc/self/status", "Threads:").value_or(0));
    const double each = (static_cast<double>(*after) - static_cast<double>(before)) / (kMany - 1);
    std::vector<double> times;
    for (PendingInvocation& invocation : invocations) {
        const auto start = Clock::now();
        if (auto done = answer(invocation); !done) return std::unexpected(done.error());
        times.push_back(nanoseconds(Clock::now() - start));
    }
    return std::vector{Row{.what = "memory of one of 10,000 waiting invocations, page tables included",
                           .unit = Unit::bytes,
                           .measured = summarize({each})},
                       Row{.what = "threads of this process while 10,000 invocations wait",
                           .unit = Unit::count,
                           .measured = summarize({threads}),
                           .goal = {.kind = Goal::Kind::at_most, .limit = 16}},
                       Row{.what = "answer to one of 10,000 waiting invocations, to its result",
                           .measured = summarize(std::move(times))}};
}

Result<std::vector<Row>> measure_pause() {
    Result<LoadedSandbox> sandbox = load_asking();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    const Result<Snapshot> start = sandbox->snapshot();
    const Result<ProtoSandbox> host = make_host();
    if (!start) return std::unexpected(start.error());
    if (!host) return std::unexpected(host.error());
    const std::string file =
        (std::filesystem::temp_directory_path() / ("curfew-bench-" + std::to_string(::getpid()) + ".snap")).string();
    std::optional<LoadedSandbox> other;
    const auto through = [&](const auto& save_and_load) -> Result<void> {
        Result<PendingInvocation> invocation = begin(*sandbox);
        if (!invocation) return std::unexpected(std::move(invocation.error()));
        const Result<Snapshot> taken = sandbox->snapshot();
        if (!taken) return std::unexpected(taken.error());
        const Result<Snapshot> read = save_and_load(*taken);
        if (!read) return std::unexpected(read.error());
        Result<LoadedSandbox> loaded = LoadedSandbox::from_snapshot(*read, *host);
        if (!loaded) return std::unexpected(std::move(loaded.error()));
        other.emplace(std::move(*loaded));
        Result<PendingInvocation> continued = other->continue_event(kLimits);
        if (!continued) return std::unexpected(std::move(continued.error()));
        return answer(*continued);
    };
    const auto through_file = [&] {
        return through([&](const Snapshot& taken) -> Result<Snapshot> {
            if (auto saved = taken.save(file); !saved) return std::unexpected(std::move(saved.error()));
            return Snapshot::load(file);
        });
    };
    const auto through_memory = [&] {
        return through([](const Snapshot& taken) -> Result<Snapshot> {
            const Result<std::vector<std::byte>> bytes = taken.to_bytes();
            if (!bytes) return std::unexpected(bytes.error());
            return Snapshot::from_bytes(*bytes);
        });
    };
    // What the disk alone takes for a file of that size.
    const Result<std::vector<std::byte>> content = start->to_bytes();
    if (!content) return std::unexpected(content.error());
    const auto to_disk = [&]() -> Result<void> { return write_durably(file, *content); };
    const auto directly = [&]() -> Result<void> {
        Result<PendingInvocation> invocation = begin(*sandbox);
        if (!invocation) return std::unexpected(std::move(invocation.error()));
        return answer(*invocation);
    };
    const auto go_back = [&] {
        other.reset();
        static_cast<void>(sandbox->restore(*start));
    };
    auto measured = by_turns({.rounds = 200, .warm_up = 0}, {{.once = timed(through_file), .after_turn = go_back},
                                                             {.once = timed(through_memory), .after_turn = go_back},
                                                             {.once = timed(directly), .after_turn = go_back},
                                                             {.once = timed(to_disk)}});
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    if (!measured) return std::unexpected(std::move(measured.error()));
    const Goal goal{.kind = Goal::Kind::at_most_more, .limit = 2e6};
    return std::vector{Row{.what = "pause, save to bytes, load, and resume, to the result",
                           .beside = "the same call, answered where it is",
                           .measured = summarize(std::move((*measured)[1])),
                           .bare = summarize(std::vector((*measured)[2])),
                           .goal = goal},
                       Row{.what = "pause, save to a file on disk, load, and resume",
                           .beside = "writing as many bytes to a file on disk",
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = summarize(std::move((*measured)[3])),
                           .goal = goal}};
}

}  // namespace curfew::bench
