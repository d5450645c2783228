// What a new sandbox costs, from a snapshot to its first result.
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/cpus.h"
#include "embedded/curfew_bench_exit_program.h"
#include "table/measure.h"
#include "table/redirect.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

// A program in a file of its own, which is there for as long as this object is.
class ProgramFile {
  public:
    static Result<ProgramFile> write(std::span<const std::byte> content) {
        std::error_code none;
        std::string path = std::filesystem::temp_directory_path(none) / "curfew-bench-XXXXXX";
        const int file = ::mkostemp(path.data(), O_CLOEXEC);
        if (file < 0) return failed_call("making a file in the folder for temporary files");
        ProgramFile program(std::move(path));
        const bool whole = ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
                           ::fchmod(file, S_IRUSR | S_IXUSR) == 0;
        // A program cannot be started while its file is open for writing.
        if (::close(file) != 0 || !whole) return failed_call("writing a program into " + *program.path_);
        return program;
    }

    ProgramFile(ProgramFile&& other) noexcept : path_(std::exchange(other.path_, std::nullopt)) {}
    ProgramFile& operator=(ProgramFile&&) = delete;
    ~ProgramFile() {
        if (path_) ::unlink(path_->c_str());
    }

    Result<void> run() const {
        std::string name = *path_;
        char* const arguments[] = {name.data(), nullptr};
        char* const environment[] = {nullptr};
        pid_t pid = 0;
        errno = ::posix_spawn(&pid, path_->c_str(), nullptr, nullptr, arguments, environment);
        if (errno != 0) return failed_call("starting " + *path_);
        int status = 0;
        while (::waitpid(pid, &status, 0) < 0) {
            if (errno != EINTR) return failed_call("waiting for " + *path_);
        }
        if (status == 0) return {};
        return std::unexpected(Error{.message = *path_ + " ended with status " + std::to_string(status)});
    }

  private:
    explicit ProgramFile(std::string path) : path_(std::move(path)) {}
    std::optional<std::string> path_;
};

// Long enough for what goes on behind a measurement: ended processes are cleared away, and Curfew prepares a process for
// the next cell.
void settle() { std::this_thread::sleep_for(std::chrono::milliseconds(2)); }

constexpr const char* kBare = "posix_spawn and wait of a static program that ends at once; one CPU";
constexpr Goal kGoal{.kind = Goal::Kind::at_most_times, .limit = 1.5};

}  // namespace

Result<std::vector<Row>> measure_cold_start() {
    const base::BoundTo bound(base::allowed_cpus().front());
    auto program = ProgramFile::write(embedded::curfew_bench_exit_program());
    if (!program) return std::unexpected(std::move(program.error()));

    Result<LoadedSandbox> original = load_redirect();
    if (!original) return std::unexpected(std::move(original.error()));
    const Result<Snapshot> snapshot = original->snapshot();
    if (!snapshot) return std::unexpected(snapshot.error());

    // The sandboxes' own end is not part of what is measured.
    std::vector<LoadedSandbox> started;
    const auto start_and_call = [&]() -> Result<double> {
        const auto begin = Clock::now();
        Result<LoadedSandbox> sandbox = LoadedSandbox::from_snapshot(*snapshot);
        if (!sandbox) return std::unexpected(std::move(sandbox.error()));
        Result<void> called = call_redirect(*sandbox);
        const auto end = Clock::now();
        if (!called) return std::unexpected(std::move(called.error()));
        started.push_back(std::move(*sandbox));
        return nanoseconds(end - begin);
    };
    const auto end_all = [&] { started.clear(); };
    const auto run_program = timed([&] { return program->run(); });

    auto now_and_then = by_turns({.rounds = 500, .batch = 1, .warm_up = 20},
                                 {{.once = start_and_call, .before_turn = settle, .after_turn = end_all},
                                  {.once = run_program, .before_turn = settle}});
    if (!now_and_then) return std::unexpected(std::move(now_and_then.error()));
    auto in_a_row = by_turns({.rounds = 30, .batch = 20, .warm_up = 20},
                             {{.once = start_and_call, .before_turn = settle, .after_turn = end_all},
                              {.once = run_program, .before_turn = settle}});
    if (!in_a_row) return std::unexpected(std::move(in_a_row.error()));
    return std::vector{Row{.what = "cold start: from a Snapshot to the first result",
                           .beside = kBare,
                           .measured = summarize(std::move((*now_and_then)[0])),
                           .bare = summarize(std::move((*now_and_then)[1])),
                           .goal = kGoal},
                       Row{.what = "cold start, 20 in a row",
                           .beside = kBare,
                           .measured = summarize(std::move((*in_a_row)[0])),
                           .bare = summarize(std::move((*in_a_row)[1])),
                           .goal = kGoal}};
}

}  // namespace curfew::bench
