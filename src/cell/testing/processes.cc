#include "cell/testing/processes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "cell/process/process_cell.h"
#include "cell/testing/cell_fixture.h"

namespace curfew::cell::testing {

namespace {

int recorded_failures() {
    const auto& result = *::testing::UnitTest::GetInstance()->current_test_info()->result();
    int failures = 0;
    for (int i = 0; i < result.total_part_count(); ++i) failures += result.GetTestPartResult(i).failed() ? 1 : 0;
    return failures;
}

std::string in_proc(pid_t pid, const char* file) { return "/proc/" + std::to_string(pid) + "/" + file; }

}  // namespace

Child::Child(const std::function<void()>& work) : pid_(-1) {
    std::fflush(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
        const int failures = recorded_failures();
        work();
        std::fflush(nullptr);
        ::_exit(recorded_failures() == failures ? 0 : 1);
    }
    EXPECT_GT(pid_, 0);
}

Child::~Child() {
    if (waited_) return;
    kill();
    wait();
}

void Child::kill() const noexcept { ::kill(pid_, SIGKILL); }

int Child::wait() {
    int status = -1;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    waited_ = true;
    return status;
}

void run_in_child(const std::function<void()>& work) {
    if (const int status = Child(work).wait(); status != 0) ADD_FAILURE() << "in a child, which ended with " << status;
}

NumberPipe::NumberPipe() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    read_ = Descriptor(ends[0]);
    write_ = Descriptor(ends[1]);
}

void NumberPipe::send(std::int64_t number) const {
    EXPECT_EQ(::write(write_.get(), &number, sizeof number), static_cast<ssize_t>(sizeof number));
}

std::int64_t NumberPipe::receive() const {
    std::int64_t number = 0;
    return ::read(read_.get(), &number, sizeof number) == static_cast<ssize_t>(sizeof number) ? number : -1;
}

ProcessWatch::ProcessWatch(pid_t pid) : handle_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U))) {
    EXPECT_GT(pid, 1);
}

bool ProcessWatch::ends() const {
    if (!handle_) return true;  // it had ended already
    pollfd watched{.fd = handle_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&watched, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) == 1;
}

bool ProcessWatch::has_ended() const {
    pollfd watched{.fd = handle_.get(), .events = POLLIN, .revents = 0};
    return !handle_ || ::poll(&watched, 1, 0) == 1;
}

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string content;
    // Reading of a process that has just ended fails, which a stream's iterator would throw.
    for (char byte; file.get(byte);) content += byte;
    return content;
}

std::vector<MappingLine> mappings_of(pid_t pid) {
    std::vector<MappingLine> lines;
    std::istringstream text(content_of(in_proc(pid, "maps")));
    for (std::string line; std::getline(text, line);) {
        std::istringstream words(line);
        std::string range, permissions, offset, device, inode, name;
        words >> range >> permissions >> offset >> device >> inode >> name;
        MappingLine mapping{0, 0, permissions, name};
        const std::size_t dash = range.find('-');
        std::from_chars(range.data(), range.data() + dash, mapping.start, 16);
        std::from_chars(range.data() + dash + 1, range.data() + range.size(), mapping.end, 16);
        lines.push_back(mapping);
    }
    return lines;
}

std::string status_of(pid_t pid, const std::string& field) {
    std::istringstream text(content_of(in_proc(pid, "status")));
    for (std::string line; std::getline(text, line);) {
        if (!line.starts_with(field + ":")) continue;
        const std::size_t start = line.find_first_not_of(" \t", field.size() + 1);
        return start == std::string::npos ? "" : line.substr(start);
    }
    return "(no " + field + ")";
}

pid_t parent_of(pid_t pid) { return std::atoi(status_of(pid, "PPid").c_str()); }

std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const pid_t pid = std::atoi(entry.path().filename().c_str());
        if (pid > 0 && parent_of(pid) == parent && !status_of(pid, "State").starts_with("Z") &&
            status_of(pid, "Name") != "curfew-keeper") {
            found.push_back(pid);
        }
    }
    return found;
}

// All are children of one process, to which a cell of the test's own leads.
std::vector<pid_t> processes_of_cells() {
    const auto own = ProcessCell::spawn(test_image(), {});
    EXPECT_TRUE(own) << own.error().message;
    if (!own) return {};
    std::vector<pid_t> all = children_of(parent_of((*own)->pid()));
    std::erase(all, (*own)->pid());
    return all;
}

std::size_t descriptors_of(pid_t pid) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(in_proc(pid, "fd"))) {
        static_cast<void>(entry);
        ++count;
    }
    return count;
}

std::uint64_t resident_bytes() {
    std::istringstream text(content_of("/proc/self/statm"));
    std::uint64_t size = 0, resident = 0;
    text >> size >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace curfew::cell::testing
