// What the command was asked to do.
#ifndef CURFEW_CLI_REQUEST_H
#define CURFEW_CLI_REQUEST_H

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <curfew/cgroup.h>
#include <curfew/engine.h>
#include <curfew/isolation.h>
#include <curfew/limits.h>

namespace curfew::cli {

// A function of the host that the command leaves open.
struct HostFunctionName {
    std::string module;
    std::string function;

    friend bool operator==(const HostFunctionName&, const HostFunctionName&) = default;
};

// How a handler is loaded and limited: what curfew run and curfew snapshot have in common.
struct SandboxOptions {
    std::vector<LimitSetting> limits{};  // each kind once at most
    bool without_wall_limit = false;     // not even the sandbox's own
    std::optional<Engine> engine{};      // one of the library's, which the build need not have
    bool jitless = false;                // SandboxBuilder::with_jitless()
    std::optional<std::uint64_t> heap{};
    std::optional<std::string> modules{};  // the folder that imports are served from
    bool strict = false;                   // everything that SandboxBuilder::with_strict_isolation() means
    std::optional<SideChannels> side_channels{};
    std::optional<BranchBarrier> branch_barrier{};
    std::optional<CgroupLimits> cgroup{};
    std::vector<std::string> fetch_origins{};    // where the handler may send requests: FetchPolicy::origins
    std::vector<std::string> fetch_addresses{};  // FetchPolicy::addresses
    std::vector<HostFunctionName> left_open{};   // registered as deferred functions
    std::optional<std::string> tools{};          // a file of more of them: see tools.h
    std::optional<std::string> key_file{};       // with which snapshot files are signed, and must be

    friend bool operator==(const SandboxOptions&, const SandboxOptions&) = default;
};

// curfew run
struct RunOptions {
    std::string file;
    std::optional<std::string> snapshot{};  // takes the place of `file`
    bool is_program = false;                // `file` holds a program, not a handler
    std::optional<std::string> code{};      // a program that takes the place of `file`
    std::string event = "{}";
    std::optional<std::string> event_file{};  // takes the place of `event`; "-" is standard input
    bool event_is_cbor = false;               // what `event_file` holds
    SandboxOptions sandbox{};
    std::uint64_t repeat = 1;
    bool trace_calls = false;
    std::optional<std::string> out{};  // with sandbox.left_open: where a handler is saved that waits
    bool json = false;

    friend bool operator==(const RunOptions&, const RunOptions&) = default;
};

// curfew snapshot
struct SnapshotOptions {
    std::string file;
    std::string out;
    SandboxOptions sandbox{};

    friend bool operator==(const SnapshotOptions&, const SnapshotOptions&) = default;
};

// An answer to an open call.
struct CallAnswer {
    std::uint32_t id;
    bool failed;
    std::string text;  // JSON, or the error's message

    friend bool operator==(const CallAnswer&, const CallAnswer&) = default;
};

// curfew resume
struct ResumeOptions {
    std::string file;
    std::vector<CallAnswer> answers{};  // in the order in which they were given
    std::optional<std::string> out{};   // in place of `file`, if it waits again
    SandboxOptions sandbox{};
    bool json = false;

    friend bool operator==(const ResumeOptions&, const ResumeOptions&) = default;
};

enum class EngineAction { install, list, remove, prepare, path };

// curfew engine
struct EngineOptions {
    EngineAction action;
    Engine engine = Engine::quickjs;  // not of list
    std::string version{};            // of its package; empty: the tested one, the one in use, or all
    std::optional<std::string> from{};
    bool jitless = false;  // prepare: the image without a compiler
    bool json = false;

    friend bool operator==(const EngineOptions&, const EngineOptions&) = default;
};

// curfew describe
struct DescribeOptions {
    SandboxOptions sandbox{};               // its left_open and its tools
    std::optional<std::string> snapshot{};  // a file whose host functions are meant too

    friend bool operator==(const DescribeOptions&, const DescribeOptions&) = default;
};

// curfew doctor
struct DoctorOptions {
    bool json = false;

    friend bool operator==(const DoctorOptions&, const DoctorOptions&) = default;
};

// curfew bench
struct BenchOptions {
    std::string filter;              // only rows whose names contain this
    std::optional<Engine> engine{};  // that rows are measured on which name none
    bool json = false;

    friend bool operator==(const BenchOptions&, const BenchOptions&) = default;
};

// --help: a text for standard output.
struct ShowText {
    std::string text;

    friend bool operator==(const ShowText&, const ShowText&) = default;
};

// --version: Curfew's, which is given here, and its engines'.
struct ShowVersion {
    std::string version;

    friend bool operator==(const ShowVersion&, const ShowVersion&) = default;
};

using Request = std::variant<ShowText, ShowVersion, RunOptions, SnapshotOptions, ResumeOptions, DescribeOptions,
                             EngineOptions, DoctorOptions, BenchOptions>;

}  // namespace curfew::cli

#endif
