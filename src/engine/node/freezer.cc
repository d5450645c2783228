#include "engine/node/freezer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <system_error>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/text.h"
#include "cell/memory_file.h"
#include "embedded/curfew_node_guest.h"
#include "wire/frozen_image.h"

namespace curfew::engine {

namespace {

using base::Descriptor;
using base::fail;
using std::chrono::steady_clock;

// What the program is started with. Ours have greater numbers until then, whatever the host has open or closed.
constexpr int kErrors = 2;
constexpr int kLibrary = 3;
constexpr int kImage = 4;
constexpr int kProgram = 5;
constexpr int kFirstOther = 6;
constexpr int kOutOfTheWay = 16;

constexpr std::size_t kMostSaid = 4096;  // bytes of what the program printed that are looked at

std::unexpected<Error> unavailable(const std::string& what, int error) {
    return fail(ErrorCode::unavailable, "Node.js cannot be prepared for cells: " + what + " failed (" +
                                            std::generic_category().message(error) + ")");
}

Result<Descriptor> out_of_the_way(int descriptor) {
    Descriptor copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, kOutOfTheWay));
    if (!copy) return unavailable("duplicating a descriptor", errno);
    return copy;
}

Result<cell::MemoryFile> library_file() {
    const auto bytes = embedded::curfew_node_guest();
    auto file = cell::MemoryFile::create("curfew-node-guest", bytes.size(), true);
    if (!file) return file;
    if (auto written = file->write(0, bytes); !written) return std::unexpected(written.error());
    if (auto sealed = file->seal(); !sealed) return std::unexpected(sealed.error());
    return file;
}

// Addresses that are the same each time, for the calling thread and what it starts meanwhile. Where the system refuses, images differ
// from each other, which does no harm.
class WithoutRandomAddresses {
  public:
    WithoutRandomAddresses() : before_(::personality(kAsk)) {
        if (before_ != -1) ::personality(static_cast<unsigned long>(before_) | ADDR_NO_RANDOMIZE);
    }
    WithoutRandomAddresses(const WithoutRandomAddresses&) = delete;
    WithoutRandomAddresses& operator=(const WithoutRandomAddresses&) = delete;
    ~WithoutRandomAddresses() {
        if (before_ != -1) ::personality(static_cast<unsigned long>(before_));
    }

  private:
    static constexpr unsigned long kAsk = 0xffffffff;

    int before_;
};

// What a process is started with: a group of its own, no blocked or ignored signal, and of the host's descriptors none.
class StartSettings {
  public:
    StartSettings(int errors, int library, int image, int program) {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
        sigset_t all;
        sigset_t none;
        sigfillset(&all);
        sigemptyset(&none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setflags(&attributes_,
                                   POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
        ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDWR, 0);
        ::posix_spawn_file_actions_adddup2(&actions_, 0, 1);
        ::posix_spawn_file_actions_adddup2(&actions_, errors, kErrors);
        ::posix_spawn_file_actions_adddup2(&actions_, library, kLibrary);
        ::posix_spawn_file_actions_adddup2(&actions_, image, kImage);
        ::posix_spawn_file_actions_adddup2(&actions_, program, kProgram);
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, kFirstOther);
    }
    StartSettings(const StartSettings&) = delete;
    StartSettings& operator=(const StartSettings&) = delete;
    ~StartSettings() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    const posix_spawn_file_actions_t* actions() const { return &actions_; }
    const posix_spawnattr_t* attributes() const { return &attributes_; }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

std::string path_of(int descriptor) { return "/proc/self/fd/" + std::to_string(descriptor); }

// A process that was started, which is killed if it is still there in the end, with all that it started.
class Process {
  public:
    Process(pid_t pid, Descriptor handle) : pid_(pid), handle_(std::move(handle)) {}
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() {
        if (pid_ <= 0) return;
        ::kill(-pid_, SIGKILL);
        reap();
    }

    bool can_be_watched() const { return static_cast<bool>(handle_); }

    // False when the time was over before.
    bool ends_until(steady_clock::time_point deadline) const {
        for (;;) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
            if (left <= 0) return false;
            pollfd ends{.fd = handle_.get(), .events = POLLIN, .revents = 0};
            const int ready = ::poll(&ends, 1, static_cast<int>(std::min<long long>(left, 1 << 20)));
            if (ready > 0) return true;
            if (ready < 0 && errno != EINTR) return false;
        }
    }

    // Its status as wait() has it. None if somebody else in the host has waited for it, or nobody may.
    std::optional<int> reap() {
        int status = 0;
        pid_t waited = 0;
        do {
            waited = ::waitpid(pid_, &status, 0);
        } while (waited < 0 && errno == EINTR);
        pid_ = 0;
        return waited < 0 ? std::nullopt : std::optional(status);
    }

  private:
    pid_t pid_;
    Descriptor handle_;
};

Result<pid_t> start(const StartSettings& settings, bool jitless) {
    std::array<std::string, 7> variables = {"LD_PRELOAD=" + path_of(kLibrary),
                                            "GLIBC_TUNABLES=glibc.pthread.rseq=0",
                                            "TZ=UTC",
                                            "CURFEW_PROGRAM=" + std::to_string(kProgram),
                                            "CURFEW_LIBRARY=" + std::to_string(kLibrary),
                                            "CURFEW_IMAGE=" + std::to_string(kImage),
                                            "CURFEW_JITLESS=1"};
    std::array<char*, variables.size() + 1> environment{};
    std::ranges::transform(variables, environment.begin(), [](std::string& text) { return text.data(); });
    if (!jitless) environment[variables.size() - 1] = nullptr;
    char name[] = "node";
    char* arguments[] = {name, nullptr};
    pid_t pid = 0;
    const WithoutRandomAddresses same;
    const int error = ::posix_spawn(&pid, path_of(kProgram).c_str(), settings.actions(), settings.attributes(),
                                    arguments, environment.data());
    switch (error) {
        case 0: return pid;
        case ENOEXEC: return fail(ErrorCode::unavailable, "the program of Node.js is no program for this machine");
        case ENOENT:
            return fail(
                ErrorCode::unavailable,
                "the program of Node.js cannot be started: the loader that it asks for is not on this system (it needs "
                "glibc), or /proc is not mounted");
        case EACCES:
            return fail(ErrorCode::unavailable, "the program of Node.js may not be executed, or is no program");
        default: return unavailable("starting the program of Node.js", error);
    }
}

// The last of what the program printed, one line.
std::string said(int errors) {
    const off_t size = ::lseek(errors, 0, SEEK_END);
    std::string text(kMostSaid, '\0');
    const off_t from = size > static_cast<off_t>(kMostSaid) ? size - static_cast<off_t>(kMostSaid) : 0;
    const ssize_t got = ::pread(errors, text.data(), text.size(), from);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

// What it said goes into the message, with its lines' order, and short enough.
std::string shown_speech(const std::string& speech) {
    constexpr std::size_t kLongest = 1000;
    std::string_view end = speech;
    if (end.size() > kLongest) end.remove_prefix(end.size() - kLongest);
    return base::escaped(end, base::LineBreaks::keep);
}

std::unexpected<Error> explain(std::optional<int> status, const std::string& speech) {
    // The loader's own words, for a symbol of a newer library or a library that is not there.
    if (speech.contains("not found (required by") || speech.contains("error while loading shared libraries")) {
        return fail(ErrorCode::unavailable,
                    "the program of Node.js does not start on this system, whose libraries it cannot use: " +
                        shown_speech(speech));
    }
    std::string how = "it ended without an image";
    if (status && WIFSIGNALED(*status)) how = "it was ended by signal " + std::to_string(WTERMSIG(*status));
    if (status && WIFEXITED(*status)) how = "it ended with status " + std::to_string(WEXITSTATUS(*status));
    return fail(ErrorCode::internal, "Node.js could not be frozen: " + (speech.empty() ? how : shown_speech(speech)));
}

// The header is the last that is written.
bool is_complete(int image) {
    std::array<char, sizeof wire::kFrozenMagic> magic{};
    return ::pread(image, magic.data(), magic.size(), 0) == static_cast<ssize_t>(magic.size()) &&
           std::memcmp(magic.data(), wire::kFrozenMagic, magic.size()) == 0;
}

}  // namespace

Result<void> freeze(const FreezeRequest& request) {
    const auto deadline = steady_clock::now() + request.time_limit;
    auto library = library_file();
    if (!library) return std::unexpected(library.error());
    // A file, and not a pipe: nobody has to read along, and Node takes it as one that it can write to at once.
    auto errors = cell::MemoryFile::create("curfew-node-errors", 0);
    if (!errors) return std::unexpected(errors.error());
    std::array<Descriptor, 4> copies;
    const std::array originals = {errors->descriptor(), library->descriptor(), request.image, request.program};
    for (std::size_t i = 0; i < copies.size(); ++i) {
        auto copy = out_of_the_way(originals[i]);
        if (!copy) return std::unexpected(copy.error());
        copies[i] = std::move(*copy);
    }
    const auto pid =
        start(StartSettings(copies[0].get(), copies[1].get(), copies[2].get(), copies[3].get()), request.jitless);
    if (!pid) return std::unexpected(pid.error());
    Process process(*pid, Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0))));
    if (!process.can_be_watched()) return unavailable("watching a process", errno);
    if (!process.ends_until(deadline)) {
        return fail(ErrorCode::unavailable, "Node.js did not get ready to be frozen within " +
                                                std::to_string(request.time_limit.count()) + " ms");
    }
    const auto status = process.reap();
    const bool good = !status || (WIFEXITED(*status) && WEXITSTATUS(*status) == 0);
    if (!good || !is_complete(request.image)) return explain(status, said(errors->descriptor()));
    return {};
}

}  // namespace curfew::engine
