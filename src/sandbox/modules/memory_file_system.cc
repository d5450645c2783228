// The file systems whose files are in memory: EmbeddedFileSystem and MemoryFileSystem.
#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>

#include <curfew/file_system.h>

#include "base/text.h"
#include "sandbox/failure.h"
#include "sandbox/modules/module_path.h"

namespace curfew {

namespace {

using Entry = FileSystem::Entry;
using Kind = FileSystem::Kind;

// Folders are not noted: one is there if a file is in it. Both maps are in the order of their paths' bytes.
template <typename Files>
bool is_folder(const Files& files, std::string_view path) {
    const std::string inside = path == "/" ? "/" : std::string(path) + '/';
    const auto first = files.lower_bound(inside);
    return first != files.end() && std::string_view(first->first).starts_with(inside);
}

template <typename Files>
std::optional<Entry> find_in(const Files& files, std::string_view path) {
    if (files.contains(path)) return Entry{Kind::file, std::string(path)};
    if (is_folder(files, path)) return Entry{Kind::folder, std::string(path)};
    return std::nullopt;
}

// Why a file cannot be added; empty if it can.
template <typename Files>
std::string why_not(const Files& files, std::string_view path) {
    const std::string quoted = base::in_quotes(path);
    if (!sandbox::is_normal_path(path) || path == "/") {
        return quoted +
               " is not a file's path: give one like \"/lib/math.js\", in UTF-8, without \".\", \"..\", empty "
               "segments, backslashes and NUL";
    }
    if (is_folder(files, path)) return quoted + " is a folder already, because there are files in it";
    for (std::string_view folder = sandbox::folder_of(path); folder != "/"; folder = sandbox::folder_of(folder)) {
        if (files.contains(folder)) return quoted + " cannot be added: " + base::shown(folder) + " is a file already";
    }
    return {};
}

}  // namespace

// --- EmbeddedFileSystem ---

struct EmbeddedFileSystem::Files {
    std::map<std::string_view, std::string_view> by_path;
};

EmbeddedFileSystem::EmbeddedFileSystem(std::initializer_list<EmbeddedFile> files)
    : EmbeddedFileSystem(std::span(files.begin(), files.size())) {}

EmbeddedFileSystem::EmbeddedFileSystem(std::span<const EmbeddedFile> files) {
    auto checked = std::make_shared<Files>();
    for (const EmbeddedFile& file : files) {
        const std::string why = why_not(checked->by_path, file.path);
        if (!why.empty()) throw std::invalid_argument(why);
        if (!checked->by_path.emplace(file.path, file.content).second) {
            throw std::invalid_argument(base::in_quotes(file.path) + " is embedded twice");
        }
    }
    files_ = std::move(checked);
}

Result<std::optional<Entry>> EmbeddedFileSystem::find(std::string_view path) const {
    return find_in(files_->by_path, path);
}

Result<std::optional<std::string>> EmbeddedFileSystem::read(std::string_view path) const {
    const auto file = files_->by_path.find(path);
    if (file == files_->by_path.end()) return std::nullopt;
    return std::string(file->second);
}

// --- MemoryFileSystem ---

struct MemoryFileSystem::Files {
    std::shared_mutex mutex;
    std::map<std::string, std::shared_ptr<const std::string>, std::less<>> by_path;
};

MemoryFileSystem::MemoryFileSystem() : files_(std::make_unique<Files>()) {}
MemoryFileSystem::~MemoryFileSystem() = default;

Result<void> MemoryFileSystem::add(std::string_view path, std::string content) {
    auto file = std::make_shared<const std::string>(std::move(content));
    const std::unique_lock lock(files_->mutex);
    if (const std::string why = why_not(files_->by_path, path); !why.empty()) {
        return sandbox::fail(ErrorCode::invalid_argument, why);
    }
    files_->by_path.insert_or_assign(std::string(path), std::move(file));
    return {};
}

bool MemoryFileSystem::remove(std::string_view path) {
    const std::unique_lock lock(files_->mutex);
    const auto file = files_->by_path.find(path);
    if (file == files_->by_path.end()) return false;
    files_->by_path.erase(file);
    return true;
}

Result<std::optional<Entry>> MemoryFileSystem::find(std::string_view path) const {
    const std::shared_lock lock(files_->mutex);
    return find_in(files_->by_path, path);
}

Result<std::optional<std::string>> MemoryFileSystem::read(std::string_view path) const {
    std::shared_ptr<const std::string> content;
    {
        const std::shared_lock lock(files_->mutex);
        const auto file = files_->by_path.find(path);
        if (file == files_->by_path.end()) return std::nullopt;
        content = file->second;
    }
    return *content;
}

}  // namespace curfew
