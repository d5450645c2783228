// Paths in the namespace of a FileSystem: text, never looked up here.
#ifndef CURFEW_SANDBOX_MODULE_PATH_H
#define CURFEW_SANDBOX_MODULE_PATH_H

#include <optional>
#include <string>
#include <string_view>

namespace curfew::sandbox {

// As FileSystem defines it.
bool is_normal_path(std::string_view path) noexcept;

// What `relative` means in `folder`, which is a normal path: "." and ".." are resolved, empty segments and a '/' at the
// end dropped. Nothing if it leads out of the namespace or is no path (see is_normal_path).
std::optional<std::string> join(std::string_view folder, std::string_view relative);

// The folder of a normal path; "/" for "/".
std::string_view folder_of(std::string_view path) noexcept;

// The last segment of a normal path; empty for "/".
std::string_view name_of(std::string_view path) noexcept;

// Whether a normal path is `folder` or in it.
bool is_within(std::string_view path, std::string_view folder) noexcept;

}  // namespace curfew::sandbox

#endif
