#include "engine/store/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"

namespace curfew::engine {

namespace {

using base::Descriptor;

std::unexpected<Error> failure(const std::string& path, const std::string& what) {
    return base::fail(ErrorCode::unavailable, base::shown(path) + " " + what);
}

std::unexpected<Error> failure(const std::string& path, const std::string& what, int error) {
    return failure(path, what + " (" + std::generic_category().message(error) + ")");
}

// Empty if it is to be trusted.
std::string distrust_of(const struct stat& status) {
    if (status.st_uid != ::geteuid() && status.st_uid != 0) {
        return "belongs to another user (" + std::to_string(status.st_uid) + ")";
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return "can be written by others; take that away with chmod go-w";
    }
    return {};
}

constexpr std::string_view kDraft = ".draft-";

std::vector<std::string> all_names(int descriptor) {
    std::vector<std::string> names;
    Descriptor again(::openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!again) return names;
    const auto close = [](DIR* folder) { ::closedir(folder); };
    const std::unique_ptr<DIR, decltype(close)> folder(::fdopendir(again.get()), close);
    if (!folder) return names;
    again.release();
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else has this folder's stream
    while (const dirent* const entry = ::readdir(folder.get()))
        names.emplace_back(static_cast<const char*>(entry->d_name));
    return names;
}

std::string environment(const char* name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): whoever changes the environment beside other threads asks for it
    const char* const value = ::secure_getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

std::string cache_folder() {
    if (std::string named = environment("CURFEW_CACHE_DIR"); !named.empty()) return named;
    // XDG's rule: a path that is not absolute is none.
    if (const std::string cache = environment("XDG_CACHE_HOME"); cache.starts_with('/')) return cache + "/curfew";
    if (const std::string home = environment("HOME"); home.starts_with('/')) return home + "/.cache/curfew";
    return {};
}

Result<std::optional<Folder>> Folder::open(std::string path) {
    Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor && errno == ENOENT) return std::nullopt;
    if (!descriptor) return failure(path, "cannot be opened", errno);
    struct stat status{};
    if (::fstat(descriptor.get(), &status) != 0) return failure(path, "cannot be looked at", errno);
    if (const std::string distrust = distrust_of(status); !distrust.empty()) return failure(path, distrust);
    return Folder(std::move(descriptor), std::move(path));
}

Result<Folder> Folder::make(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    // Whatever the umask is: no one else is to write in it. If there is one already, that is well.
    if (!error && ::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
        error = std::error_code(errno, std::generic_category());
    }
    if (error) return failure(path, "cannot be made", error.value());
    auto opened = open(path);
    if (!opened) return std::unexpected(opened.error());
    if (!*opened) return failure(path, "was removed as soon as it was made");
    return std::move(**opened);
}

Result<std::optional<OwnFile>> Folder::open_file(const std::string& name) const {
    Descriptor file(::openat(descriptor_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file && errno == ENOENT) return std::nullopt;
    if (!file && errno == ELOOP) return failure(path_of(name), "is a link, and not a file");
    if (!file) return failure(path_of(name), "cannot be opened", errno);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return failure(path_of(name), "cannot be looked at", errno);
    if (!S_ISREG(status.st_mode)) return failure(path_of(name), "is not a file");
    if (const std::string distrust = distrust_of(status); !distrust.empty()) return failure(path_of(name), distrust);
    return OwnFile{.descriptor = std::move(file),
                   .size = static_cast<std::uint64_t>(status.st_size),
                   .changed = status.st_mtim.tv_sec};
}

Result<Descriptor> Folder::lock(const std::string& name, std::chrono::milliseconds longest_wait) const {
    Descriptor file(::openat(descriptor_.get(), name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return failure(path_of(name), "cannot be made", errno);
    const auto end = std::chrono::steady_clock::now() + longest_wait;
    // The kernel's own waiting could be ended by a signal only.
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) return failure(path_of(name), "cannot be locked", errno);
        if (std::chrono::steady_clock::now() >= end) {
            return failure(path_of(name), "has been held by another process for too long");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return file;
}

Result<Folder::Draft> Folder::begin_file(bool executable) const {
    std::array<std::uint8_t, 8> random{};
    base::fill_with_randomness(random);
    std::string name = std::string(kDraft) + base::hexadecimal(std::as_bytes(std::span(random)));
    const mode_t mode = executable ? 0755 : 0644;
    Descriptor file(::openat(descriptor_.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!file) return failure(path_of(name), "cannot be made", errno);
    return Draft{std::move(file), std::move(name)};
}

Result<void> Folder::finish_file(const Draft& draft, const std::string& name) const {
    if (::fsync(draft.descriptor.get()) != 0 ||
        ::renameat(descriptor_.get(), draft.name.c_str(), descriptor_.get(), name.c_str()) != 0) {
        const int error = errno;
        remove_file(draft.name);
        return failure(path_of(name), "cannot be written", error);
    }
    ::fsync(descriptor_.get());  // that it has its name survives a power cut, or it is made anew
    return {};
}

void Folder::remove_file(const std::string& name) const noexcept { ::unlinkat(descriptor_.get(), name.c_str(), 0); }

std::vector<std::string> Folder::names() const {
    std::vector<std::string> names = all_names(descriptor_.get());
    std::erase_if(names, [](const std::string& name) { return name.starts_with('.'); });
    std::ranges::sort(names);
    return names;
}

void Folder::remove_old_drafts() const noexcept {
    constexpr std::int64_t kHour = 3600;
    for (const std::string& name : all_names(descriptor_.get())) {
        struct stat status{};
        if (!name.starts_with(kDraft) || ::fstatat(descriptor_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (::time(nullptr) - status.st_mtim.tv_sec > kHour) remove_file(name);
    }
}

Result<void> write_all(int descriptor, const std::string& path, std::span<const std::byte> bytes) {
    // The kernel would not only refuse to pass this limit, but send SIGXFSZ, which ends the process.
    rlimit largest{};
    const off_t at = ::lseek(descriptor, 0, SEEK_CUR);
    if (::getrlimit(RLIMIT_FSIZE, &largest) == 0 && largest.rlim_cur != RLIM_INFINITY &&
        static_cast<std::uint64_t>(at) + bytes.size() > largest.rlim_cur) {
        return failure(path, "cannot be written", EFBIG);
    }
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failure(path, "cannot be written", errno);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace curfew::engine
