#include "table/node_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include <curfew/engine_store.h>

#include "table/measure.h"

namespace curfew::bench {

namespace {

// Reads a line, calls the handler, writes microseconds of CPU time and the result.
constexpr const char* kServe = R"(
require('node:vm').runInThisContext(process.argv[1]);
const line = Buffer.alloc(1), fs = require('node:fs');
while (fs.readSync(0, line, 0, 1) === 1) {
    const before = process.cpuUsage();
    const result = handler(null);
    const used = process.cpuUsage(before);
    fs.writeSync(1, `${used.user + used.system} ${JSON.stringify(result)}\n`);
})";

}  // namespace

Result<std::string> node_program() {
    const auto state = inspect_engine(Engine::node);
    if (!state) return std::unexpected(state.error());
    if (state->packages.empty()) {
        return std::unexpected(
            Error{.code = ErrorCode::unavailable, .message = "there is no Node.js here: curfew engine install node"});
    }
    return state->packages.front().folder + "/bin/node";
}

Result<NodeProcess> NodeProcess::start(const std::string& program, const std::string& script) {
    std::array<int, 2> input{}, output{};
    if (::pipe2(input.data(), O_CLOEXEC) != 0) return failed_call("making a pipe");
    base::Descriptor read_input(input[0]), write_input(input[1]);
    if (::pipe2(output.data(), O_CLOEXEC) != 0) return failed_call("making a pipe");
    base::Descriptor read_output(output[0]), write_output(output[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, read_input.get(), 0);
    ::posix_spawn_file_actions_adddup2(&actions, write_output.get(), 1);
    std::string name = program, eval = "-e", serve = kServe, source = script;
    char* const arguments[] = {name.data(), eval.data(), serve.data(), source.data(), nullptr};
    char* const environment[] = {nullptr};
    pid_t pid = 0;
    errno = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments, environment);
    ::posix_spawn_file_actions_destroy(&actions);
    if (errno != 0) return failed_call("starting " + program);
    return NodeProcess(pid, std::move(write_input), std::move(read_output));
}

NodeProcess::NodeProcess(pid_t pid, base::Descriptor input, base::Descriptor output)
    : pid_(pid), input_(std::move(input)), output_(std::move(output)) {}

NodeProcess::NodeProcess(NodeProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), input_(std::move(other.input_)), output_(std::move(other.output_)) {}

NodeProcess::~NodeProcess() {
    if (pid_ == 0) return;
    input_ = {};  // upon which it ends
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

Result<NodeProcess::Answer> NodeProcess::call() {
    if (::write(input_.get(), "\n", 1) != 1) return failed_call("asking Node.js");
    std::string line;
    for (char c = 0; c != '\n'; line += c) {
        if (::read(output_.get(), &c, 1) != 1) return failed_call("hearing of Node.js");
    }
    char* end = nullptr;
    const double microseconds = std::strtod(line.c_str(), &end);
    return Answer{.cpu_time = microseconds * 1e3,
                  .result = std::string(end + 1, line.size() - (end + 1 - line.c_str()) - 1)};
}

}  // namespace curfew::bench
