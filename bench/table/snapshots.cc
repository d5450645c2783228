// What snapshots cost: taking one, going back to one, and starting from one that lies in a file.
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "base/cpus.h"
#include "table/measure.h"
#include "table/native_engine.h"
#include "table/redirect.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

constexpr std::size_t kPageSize = 4096;
constexpr std::size_t kMostPages = 1000;

// Writes to as many pages as its event says.
constexpr std::string_view kWriter = R"(
    const block = new Uint8Array(4096 * 1000);
    let mark = 0;
    function handler(pages) {
        ++mark;
        for (let i = 0; i < pages; ++i) block[i * 4096] = mark;
        return mark;
    })";

Result<void> call_with(LoadedSandbox& sandbox, std::string_view event) {
    // A collection before a restore is of no use.
    const Result<EventResult> done =
        sandbox.handle_event("writer", event, std::tuple{}, CallOptions{.collect_garbage = false});
    if (!done) return std::unexpected(done.error());
    return {};
}

Result<std::vector<Row>> measure_restore_of(std::size_t pages) {
    Result<LoadedSandbox> original = load_handler("writer", kWriter);
    if (!original) return std::unexpected(std::move(original.error()));
    const Result<Snapshot> start = original->snapshot();
    if (!start) return std::unexpected(start.error());
    Result<LoadedSandbox> sandbox = LoadedSandbox::from_snapshot(*start);
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));

    const std::string event = std::to_string(pages);
    // A small restore is done within the next call, so that belongs to what is measured.
    const auto go_on = [&](bool restores) -> Result<double> {
        if (Result<void> dirtied = call_with(*sandbox, event); !dirtied) return std::unexpected(dirtied.error());
        const auto begin = Clock::now();
        Result<void> done;
        if (restores) done = sandbox->restore(*start);
        if (done) done = call_with(*sandbox, "0");
        const auto end = Clock::now();
        if (!done) return std::unexpected(std::move(done.error()));
        return nanoseconds(end - begin);
    };
    std::vector<char> from(kMostPages * kPageSize, 1), to(kMostPages * kPageSize);
    const auto copy = [&]() -> Result<double> {
        const auto begin = Clock::now();
        std::memcpy(to.data(), from.data(), pages * kPageSize);
        asm volatile("" : : "r"(to.data()) : "memory");
        return nanoseconds(Clock::now() - begin);
    };
    auto measured =
        by_turns({.rounds = 600, .warm_up = 50},
                 {{.once = [&] { return go_on(true); }}, {.once = [&] { return go_on(false); }}, {.once = copy}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    const std::string what = "restore after " + std::to_string(pages) + " dirty pages, and the next call";
    const Figures with_restore = summarize(std::move((*measured)[0]));
    const double limit = 20'000 + 1000 * static_cast<double>(pages);
    return std::vector{Row{.what = what,
                           .beside = "the next call without a restore",
                           .measured = with_restore,
                           .bare = summarize(std::move((*measured)[1])),
                           .goal = {.kind = Goal::Kind::at_most_more, .limit = limit}},
                       Row{.what = what,
                           .beside = "memcpy of as many pages",
                           .measured = with_restore,
                           .bare = summarize(std::move((*measured)[2]))}};
}

// The same handler under several names.
Result<Sandbox> with_handlers(std::size_t count) {
    Result<ProtoSandbox> proto = SandboxBuilder().without_default_wall_limit().build();
    if (!proto) return std::unexpected(std::move(proto.error()));
    Result<Sandbox> sandbox = std::move(*proto).load_runtime();
    if (!sandbox) return sandbox;
    for (std::size_t i = 0; i < count; ++i) {
        Result<void> added =
            sandbox->add_handler("handler " + std::to_string(i), Script::from_content(std::string(kRedirect)));
        if (!added) return std::unexpected(std::move(added.error()));
    }
    return sandbox;
}

Result<std::vector<Row>> measure_load_of(std::size_t count) {
    const auto load = [&](bool saves) -> Result<double> {
        Result<Sandbox> sandbox = with_handlers(count);
        if (!sandbox) return std::unexpected(std::move(sandbox.error()));
        const auto begin = Clock::now();
        Result<LoadedSandbox> loaded = std::move(*sandbox).load();
        if (!loaded) return std::unexpected(std::move(loaded.error()));
        if (saves) {
            if (const Result<Snapshot> saved = loaded->snapshot(); !saved) return std::unexpected(saved.error());
        }
        return nanoseconds(Clock::now() - begin);
    };
    const auto parse_natively = [&]() -> Result<void> {
        for (std::size_t i = 0; i < count; ++i) {
            if (const auto engine = NativeEngine::load(kRedirect); !engine) return std::unexpected(engine.error());
        }
        return {};
    };
    auto measured = by_turns(
        {.rounds = 100, .warm_up = 5},
        {{.once = [&] { return load(false); }}, {.once = [&] { return load(true); }}, {.once = timed(parse_natively)}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    const std::string handlers = std::to_string(count) + (count == 1 ? " handler" : " handlers");
    const std::string beside = "as many native engines, each made and given the handler";
    const Figures bare = summarize(std::move((*measured)[2]));
    return std::vector{Row{.what = "load() of " + handlers,
                           .beside = beside,
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = bare},
                       Row{.what = "load() of " + handlers + ", and a snapshot",
                           .beside = beside,
                           .measured = summarize(std::move((*measured)[1])),
                           .bare = bare}};
}

Result<std::vector<Row>> all_of(Result<std::vector<Row>> (*measure)(std::size_t), std::span<const std::size_t> sizes) {
    const base::BoundTo bound(base::allowed_cpus().front());
    std::vector<Row> all;
    for (const std::size_t size : sizes) {
        Result<std::vector<Row>> rows = measure(size);
        if (!rows) return rows;
        all.insert(all.end(), std::make_move_iterator(rows->begin()), std::make_move_iterator(rows->end()));
    }
    return all;
}

}  // namespace

Result<std::vector<Row>> measure_restore_of_pages() {
    static constexpr std::array<std::size_t, 4> kPages{0, 10, 100, kMostPages};
    return all_of(measure_restore_of, kPages);
}

Result<std::vector<Row>> measure_load() {
    static constexpr std::array<std::size_t, 4> kHandlers{1, 2, 5, 10};
    return all_of(measure_load_of, kHandlers);
}

Result<std::vector<Row>> measure_snapshot() {
    const base::BoundTo bound(base::allowed_cpus().front());
    Result<LoadedSandbox> sandbox = load_redirect();
    if (!sandbox) return std::unexpected(std::move(sandbox.error()));
    const auto save = [&]() -> Result<double> {
        if (Result<void> called = call_redirect(*sandbox); !called) return std::unexpected(called.error());
        const auto begin = Clock::now();
        if (const Result<Snapshot> saved = sandbox->snapshot(); !saved) return std::unexpected(saved.error());
        return nanoseconds(Clock::now() - begin);
    };
    auto measured = by_turns({.rounds = 200, .warm_up = 5}, {{.once = save}});
    if (!measured) return std::unexpected(std::move(measured.error()));
    return std::vector{
        Row{.what = "snapshot() of a sandbox with one handler", .measured = summarize(std::move((*measured)[0]))}};
}

Result<std::vector<Row>> measure_snapshot_file() {
    const base::BoundTo bound(base::allowed_cpus().front());
    Result<LoadedSandbox> original = load_redirect();
    if (!original) return std::unexpected(std::move(original.error()));
    const Result<Snapshot> saved = original->snapshot();
    if (!saved) return std::unexpected(saved.error());
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("curfew-bench-" + std::to_string(::getpid()) + ".snap");
    if (Result<void> done = saved->save(path); !done) return std::unexpected(std::move(done.error()));

    const auto start = [](const Snapshot& snapshot) -> Result<void> {
        Result<LoadedSandbox> sandbox = LoadedSandbox::from_snapshot(snapshot);
        if (!sandbox) return std::unexpected(std::move(sandbox.error()));
        return call_redirect(*sandbox);
    };
    const auto from_file = [&]() -> Result<void> {
        const Result<Snapshot> loaded = Snapshot::load(path);
        if (!loaded) return std::unexpected(loaded.error());
        return start(*loaded);
    };
    auto measured = by_turns({.rounds = 200, .warm_up = 5},
                             {{.once = timed(from_file)}, {.once = timed([&] { return start(*saved); })}});
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    if (!measured) return std::unexpected(std::move(measured.error()));
    return std::vector{Row{.what = "from Snapshot::load of a file to the first result",
                           .beside = "from a snapshot in memory",
                           .measured = summarize(std::move((*measured)[0])),
                           .bare = summarize(std::move((*measured)[1])),
                           .goal = {.kind = Goal::Kind::at_most_more, .limit = 1'000'000}}};
}

}  // namespace curfew::bench
