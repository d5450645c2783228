#include "engine/store/tool.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/text.h"

namespace curfew::engine {

namespace {

using base::Descriptor;
using base::fail;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kLongestComplaint = 4 << 10;

std::string text_of(int error) { return std::generic_category().message(error); }

// What posix_spawn() is told, and its end.
class SpawnSettings {
  public:
    SpawnSettings() {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        // Whatever this thread has blocked or this process ignores: tools expect the usual.
        sigset_t none, usual;
        ::sigemptyset(&none);
        ::sigemptyset(&usual);
        for (const int signal : {SIGPIPE, SIGCHLD}) ::sigaddset(&usual, signal);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &usual);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;
    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

// A child that is killed and waited for, whatever happens.
class Child {
  public:
    explicit Child(pid_t id) noexcept : id_(id) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (id_ <= 0) return;
        ::kill(id_, SIGKILL);
        wait();
    }

    // As waitpid() gives it; -1 if somebody else has taken it.
    int wait() noexcept {
        int status = -1;
        while (::waitpid(id_, &status, 0) < 0) {
            if (errno == EINTR) continue;
            status = -1;
            break;
        }
        id_ = 0;
        return status;
    }

  private:
    pid_t id_;
};

struct Pipe {
    Descriptor read, write;

    static Result<Pipe> create() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            return fail(ErrorCode::unavailable,
                        "no pipe can be made (" + text_of(errno) + "); raise the limit of open files (ulimit -n)");
        }
        return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    }
};

std::string in_words(const ToolRequest& request) {
    std::string words;
    for (const std::string& word : request.command) words += (words.empty() ? "" : " ") + word;
    return base::in_quotes(words);
}

std::string complaint_of(std::string_view said) {
    while (said.ends_with('\n') || said.ends_with(' ')) said.remove_suffix(1);
    return said.empty() ? std::string() : ". It said:\n" + base::escaped(said, base::LineBreaks::keep);
}

// What is to be read, and where it goes.
struct Stream {
    Descriptor from;
    ToolOutput to;
};

// Reads once from a stream that has something to read. An end closes it.
Result<void> pass_on(Stream& stream, std::span<std::byte> buffer) {
    const ssize_t got = ::read(stream.from.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) return {};
    if (got <= 0) {
        stream.from = Descriptor();
        return {};
    }
    return stream.to(buffer.first(static_cast<std::size_t>(got)));
}

// Until both have ended.
Result<void> read_all(std::array<Stream, 2>& streams, Clock::time_point end, const std::string& name) {
    std::vector<std::byte> buffer(64 << 10);
    while (streams[0].from || streams[1].from) {
        // poll() passes over descriptors of -1.
        std::array<pollfd, 2> waiting{pollfd{streams[0].from.get(), POLLIN, 0},
                                      pollfd{streams[1].from.get(), POLLIN, 0}};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        if (left <= 0) return fail(ErrorCode::unavailable, name + " did not come to an end in time");
        if (::poll(waiting.data(), waiting.size(), static_cast<int>(std::min<long long>(left, 1 << 30))) < 0) continue;
        for (std::size_t i = 0; i < streams.size(); ++i) {
            if (waiting[i].revents == 0) continue;
            if (auto passed = pass_on(streams[i], buffer); !passed) return passed;
        }
    }
    return {};
}

Result<pid_t> start(const ToolRequest& request, int output, int complaints) {
    SpawnSettings settings;
    posix_spawn_file_actions_t* const actions = &settings.actions;
    if (request.input >= 0) {
        ::lseek(request.input, 0, SEEK_SET);
        ::posix_spawn_file_actions_adddup2(actions, request.input, STDIN_FILENO);
    } else {
        ::posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    ::posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(actions, complaints, STDERR_FILENO);
    if (!request.folder.empty()) ::posix_spawn_file_actions_addchdir_np(actions, request.folder.c_str());
    std::vector<std::string> words = request.command;
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t id = 0;
    const int error = ::posix_spawnp(&id, arguments[0], actions, &settings.attributes, arguments.data(), environ);
    if (error == 0) return id;
    std::string message = "the program " + words.front() + " could not be started (" + text_of(error) + ")";
    if (error == ENOENT && !request.package.empty()) {
        message = "the program " + words.front() + " is needed and is not there; Debian's package " + request.package +
                  " has it";
    }
    return fail(ErrorCode::unavailable, std::move(message));
}

}  // namespace

Result<void> run_tool(const ToolRequest& request, const ToolOutput& output) {
    auto out = Pipe::create();
    if (!out) return std::unexpected(out.error());
    auto complaints = Pipe::create();
    if (!complaints) return std::unexpected(complaints.error());
    const auto id = start(request, out->write.get(), complaints->write.get());
    if (!id) return std::unexpected(id.error());
    Child child(*id);
    out->write = Descriptor();
    complaints->write = Descriptor();

    std::string said;
    const auto keep = [&said](std::span<const std::byte> bytes) -> Result<void> {
        const std::size_t room = kLongestComplaint - std::min(said.size(), kLongestComplaint);
        said.append(reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), room));
        return {};
    };
    const std::string name = in_words(request);
    std::array<Stream, 2> streams{Stream{std::move(out->read), output}, Stream{std::move(complaints->read), keep}};
    if (auto read = read_all(streams, Clock::now() + request.time_limit, name); !read) return read;
    const int status = child.wait();
    if (status == 0) return {};
    std::string how = "ended in a way that is not known: this process must not ignore SIGCHLD";
    if (status > 0 && WIFEXITED(status)) how = "failed with status " + std::to_string(WEXITSTATUS(status));
    if (status > 0 && WIFSIGNALED(status)) how = "was ended by signal " + std::to_string(WTERMSIG(status));
    return fail(ErrorCode::internal, name + " " + how + complaint_of(said));
}

Result<std::string> ask_tool(const ToolRequest& request) {
    constexpr std::size_t kLongest = 64 << 10;
    std::string answer;
    const auto keep = [&](std::span<const std::byte> bytes) -> Result<void> {
        if (answer.size() + bytes.size() > kLongest) {
            return fail(ErrorCode::unavailable, in_words(request) + " said more than can be an answer");
        }
        answer.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return {};
    };
    if (auto ran = run_tool(request, keep); !ran) return std::unexpected(ran.error());
    while (!answer.empty() && (answer.back() == '\n' || answer.back() == ' ')) answer.pop_back();
    return answer;
}

Result<std::string> sha2_of(int descriptor, unsigned bits) {
    auto answer =
        ask_tool({.command = {"sha" + std::to_string(bits) + "sum"}, .package = "coreutils", .input = descriptor});
    if (!answer) return answer;
    std::string hash = answer->substr(0, answer->find(' '));
    constexpr std::string_view kDigits = "0123456789abcdef";
    if (hash.size() != bits / 4 || hash.find_first_not_of(kDigits) != std::string::npos) {
        return fail(ErrorCode::unavailable,
                    "sha" + std::to_string(bits) + "sum gave no hash, but " + base::in_quotes(*answer));
    }
    return hash;
}

}  // namespace curfew::engine
