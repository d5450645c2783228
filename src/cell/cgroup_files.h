// The files of a cgroup's folder. All functions take the folder's descriptor, and its path for messages.
#ifndef CURFEW_CELL_CGROUP_FILES_H
#define CURFEW_CELL_CGROUP_FILES_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/cgroup.h>
#include <curfew/error.h>

namespace curfew::cell {

// The content, or nothing if it cannot be read.
std::string read_group_file(int folder, const char* name);

// 0 or errno. Makes no file.
int write_group_file(int folder, const char* name, std::string_view content) noexcept;

// Those that the limits need: "memory", "cpu", "pids".
std::vector<std::string_view> controllers_for(const CgroupLimits& limits);

// Whether a text of words between blanks, as cgroup.controllers, has this one.
bool has_word(std::string_view text, std::string_view word);

// Has the kernel offer controllers in folders below. Fails with `unavailable`.
Result<void> offer_controllers(int folder, const std::string& path, const std::vector<std::string_view>& controllers);

// Fails with `unavailable`.
Result<void> write_limits(int folder, const std::string& path, const CgroupLimits& limits);

// How many processes the kernel has ended in it for want of memory; 0 if it does not count them.
std::uint64_t count_oom_kills(int folder) noexcept;

}  // namespace curfew::cell

#endif
