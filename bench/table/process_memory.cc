#include "table/process_memory.h"

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <system_error>

namespace curfew::bench {

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::optional<std::uint64_t> number_in(const std::filesystem::path& path, std::string_view key) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(key)) return std::strtoull(line.c_str() + key.size(), nullptr, 10);
    }
    return std::nullopt;
}

Result<std::uint64_t> memory_of_all(bool page_tables) {
    std::uint64_t kibibytes = 0;
    const auto add = [&](const std::string& process) {
        const auto pss = number_in("/proc/" + process + "/smaps_rollup", "Pss:");
        kibibytes += pss.value_or(0);
        if (page_tables) kibibytes += number_in("/proc/" + process + "/status", "VmPTE:").value_or(0);
        return pss.has_value();
    };
    bool whole = add("self");
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo", error)) {
        const auto pid = number_in(entry.path(), "Pid:");
        if (pid && *pid <= static_cast<std::uint64_t>(std::numeric_limits<pid_t>::max())) {
            whole = add(std::to_string(*pid)) && whole;
        }
    }
    if (error || !whole) {
        return std::unexpected(Error{.code = ErrorCode::unavailable,
                                     .message = "/proc does not show how much memory the cells take. Try it as root."});
    }
    return kibibytes << 10;
}

}  // namespace curfew::bench
