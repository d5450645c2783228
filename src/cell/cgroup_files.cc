#include "cell/cgroup_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ranges>
#include <system_error>

#include "base/text.h"
#include "cell/descriptor.h"
#include "cell/failure.h"

namespace curfew::cell {

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

std::string joined(const std::vector<std::string_view>& words, std::string_view before_each) {
    std::string text;
    for (const std::string_view word : words) {
        if (!text.empty()) text += ' ';
        text += std::string(before_each) + std::string(word);
    }
    return text;
}

Result<void> set_limit(int folder, const std::string& path, const char* name, const std::string& value) {
    const int error = write_group_file(folder, name, value);
    if (error == 0) return {};
    return fail(ErrorCode::unavailable, std::string("the limit ") + name + " of the cgroup " + base::in_quotes(path) +
                                            " cannot be set to " + base::in_quotes(value) + ": " + reason(error));
}

}  // namespace

std::string read_group_file(int folder, const char* name) {
    const Descriptor file(::openat(folder, name, O_RDONLY | O_CLOEXEC));
    std::string content;
    std::array<char, 4096> piece{};
    while (file) {
        const ssize_t got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        content.append(piece.data(), static_cast<std::size_t>(got));
    }
    return content;
}

int write_group_file(int folder, const char* name, std::string_view content) noexcept {
    const Descriptor file(::openat(folder, name, O_WRONLY | O_CLOEXEC));
    if (!file) return errno;
    ssize_t written = 0;
    do written = ::write(file.get(), content.data(), content.size());
    while (written < 0 && errno == EINTR);
    return written < 0 ? errno : 0;
}

std::vector<std::string_view> controllers_for(const CgroupLimits& limits) {
    std::vector<std::string_view> controllers;
    if (limits.cpu_max) controllers.emplace_back("cpu");
    if (limits.memory_max) controllers.emplace_back("memory");
    if (limits.pids_max) controllers.emplace_back("pids");
    return controllers;
}

bool has_word(std::string_view text, std::string_view word) {
    constexpr std::string_view kBlanks = " \n";
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
        if (text.substr(begin, end - begin) == word) return true;
        begin = end + 1;
    }
    return false;
}

Result<void> offer_controllers(int folder, const std::string& path, const std::vector<std::string_view>& controllers) {
    if (controllers.empty()) return {};
    const std::string name = "the cgroup " + base::in_quotes(path);
    const std::string there = read_group_file(folder, "cgroup.controllers");
    for (const std::string_view controller : controllers) {
        if (has_word(there, controller)) continue;
        return fail(ErrorCode::unavailable,
                    name + " does not have the controller " + std::string(controller) +
                        ", which a limit needs: let whoever makes that cgroup hand it down (Delegate=cpu memory pids "
                        "of systemd; cgroup.subtree_control of the one above), and boot the kernel without cgroup v1, "
                        "where a controller may be taken");
    }
    const std::string offered = read_group_file(folder, "cgroup.subtree_control");
    std::vector<std::string_view> missing;
    for (const std::string_view controller : controllers) {
        if (!has_word(offered, controller)) missing.push_back(controller);
    }
    if (missing.empty()) return {};
    const int error = write_group_file(folder, "cgroup.subtree_control", joined(missing, "+"));
    if (error == 0) return {};
    if (error == EBUSY) {
        return fail(ErrorCode::unavailable,
                    name +
                        " has processes itself, and so cannot limit what is below it: have them put into a cgroup "
                        "below it (DelegateSubgroup=host of systemd), or name another folder");
    }
    return fail(ErrorCode::unavailable, name + " cannot hand down the controllers " + joined(missing, "") + " (" +
                                            reason(error) +
                                            "): have it delegated to this process's user (Delegate=yes of systemd)");
}

Result<void> write_limits(int folder, const std::string& path, const CgroupLimits& limits) {
    if (limits.memory_max) {
        auto set = set_limit(folder, path, "memory.max", std::to_string(*limits.memory_max));
        if (!set) return set;
        write_group_file(folder, "memory.swap.max", "0");  // is not there where the kernel does not count swap
    }
    if (limits.cpu_max) {
        auto set = set_limit(
            folder, path, "cpu.max",
            std::to_string(limits.cpu_max->quota.count()) + " " + std::to_string(limits.cpu_max->period.count()));
        if (!set) return set;
    }
    if (limits.pids_max) return set_limit(folder, path, "pids.max", std::to_string(*limits.pids_max));
    return {};
}

std::uint64_t count_oom_kills(int folder) noexcept {
    constexpr std::string_view kName = "oom_kill ";
    const Descriptor file(::openat(folder, "memory.events", O_RDONLY | O_CLOEXEC));
    std::array<char, 1024> content{};
    if (!file) return 0;
    const ssize_t got = ::read(file.get(), content.data(), content.size());
    if (got <= 0) return 0;
    std::string_view text(content.data(), static_cast<std::size_t>(got));
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (!line.starts_with(kName)) continue;
        std::uint64_t count = 0;
        std::from_chars(line.data() + kName.size(), line.data() + line.size(), count);
        return count;
    }
    return 0;
}

}  // namespace curfew::cell
