#include "sandbox/modules/module_path.h"

#include <curfew/file_system.h>

#include "base/utf8.h"

namespace curfew::sandbox {

namespace {

// Whether a text can be part of a path at all.
bool has_path_text(std::string_view text) noexcept {
    constexpr std::string_view kNever("\0\\", 2);
    return text.size() <= FileSystem::kLongestPath && text.find_first_of(kNever) == std::string_view::npos &&
           base::is_utf8(text);
}

}  // namespace

bool is_normal_path(std::string_view path) noexcept {
    if (!path.starts_with('/') || !has_path_text(path)) return false;
    if (path == "/") return true;
    for (std::string_view rest = path; !rest.empty();) {
        rest.remove_prefix(1);  // the '/'
        const std::string_view segment = rest.substr(0, rest.find('/'));
        if (segment.empty() || segment == "." || segment == "..") return false;
        rest.remove_prefix(segment.size());
    }
    return true;
}

std::optional<std::string> join(std::string_view folder, std::string_view relative) {
    if (!has_path_text(relative)) return std::nullopt;
    std::string path(folder == "/" ? std::string_view() : folder);
    for (std::string_view rest = relative; !rest.empty();) {
        const std::size_t end = rest.find('/');
        const std::string_view segment = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (segment.empty() || segment == ".") continue;
        if (segment == "..") {
            if (path.empty()) return std::nullopt;
            path.resize(path.rfind('/'));
            continue;
        }
        path += '/';
        path += segment;
    }
    if (path.size() > FileSystem::kLongestPath) return std::nullopt;
    if (path.empty()) return "/";
    return path;
}

std::string_view folder_of(std::string_view path) noexcept {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string_view::npos ? std::string_view("/") : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) noexcept { return path.substr(path.rfind('/') + 1); }

bool is_within(std::string_view path, std::string_view folder) noexcept {
    if (folder == "/") return true;
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace curfew::sandbox
