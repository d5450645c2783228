#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <system_error>
#include <utility>

#include <curfew/file_system.h>

#include "base/descriptor.h"
#include "base/text.h"
#include "sandbox/failure.h"
#include "sandbox/modules/module_path.h"

namespace curfew {

namespace {

using base::Descriptor;
using sandbox::fail;

// Opens what is at a path below a folder. The kernel refuses every way that leads out of it.
Descriptor open_beneath(int folder, const std::string& path, std::uint64_t flags) {
    open_how how{};
    how.flags = flags | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    // EAGAIN: something was renamed meanwhile, and the kernel could not tell whether `..` stayed inside. A guest cannot
    // rename; whoever does so again and again gets an error.
    for (int attempt = 0; attempt < 64; ++attempt) {
        const long opened = ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how);
        if (opened >= 0) return Descriptor(static_cast<int>(opened));
        if (errno != EAGAIN && errno != EINTR) break;
    }
    return {};
}

bool means_nothing_there(int error) { return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG; }

std::unexpected<Error> unreadable(std::string_view path, const std::string& why) {
    return fail(ErrorCode::invalid_argument, base::in_quotes(path) + " cannot be read: " + why);
}

std::unexpected<Error> unreadable(std::string_view path, int error) {
    switch (error) {
        case EXDEV: return unreadable(path, "a symbolic link leads out of the folder, or is absolute");
        case ELOOP: return unreadable(path, "it has too many symbolic links");
        default: return unreadable(path, std::generic_category().message(error));
    }
}

// The machine's path of an open file; empty where that cannot be found out.
std::string real_path(int file) {
    std::array<char, PATH_MAX> target{};
    const std::string link = "/proc/self/fd/" + std::to_string(file);
    const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
    if (length <= 0 || static_cast<std::size_t>(length) == target.size()) return {};
    return {target.data(), static_cast<std::size_t>(length)};
}

}  // namespace

struct DirectoryFileSystem::Folder {
    Descriptor descriptor;
};

DirectoryFileSystem::DirectoryFileSystem(std::unique_ptr<const Folder> folder, std::string mount_point,
                                         std::uint64_t max_file_size)
    : folder_(std::move(folder)), mount_point_(std::move(mount_point)), max_file_size_(max_file_size) {}

DirectoryFileSystem::~DirectoryFileSystem() = default;

Result<std::shared_ptr<const DirectoryFileSystem>> DirectoryFileSystem::open(const FilePath& path, Options options) {
    const std::filesystem::path folder = path.text();
    const auto refused = [&](const std::string& why) {
        return fail(ErrorCode::invalid_argument, "the folder " + folder.string() + " cannot serve modules: " + why);
    };
    Descriptor opened(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!opened) return refused(std::generic_category().message(errno));
    if (!open_beneath(opened.get(), ".", O_PATH | O_DIRECTORY)) {
        const int error = errno;
        if (error != ENOSYS && error != EPERM) return refused(std::generic_category().message(error));
        return fail(ErrorCode::unavailable,
                    "the folder " + folder.string() + " cannot be sealed: the system call openat2 failed (" +
                        std::generic_category().message(error) +
                        "). It needs Linux 5.6 or newer, and a container profile that allows it; otherwise use an "
                        "EmbeddedFileSystem or a MemoryFileSystem");
    }
    std::string mount_point = std::move(options.mount_point);
    if (mount_point.empty()) {
        std::error_code error;
        mount_point = std::filesystem::canonical(folder, error).string();
        if (error) return refused(error.message());
    }
    if (!sandbox::is_normal_path(mount_point)) {
        return refused(base::in_quotes(mount_point) +
                       " is not a path that modules can have; give a mount point like \"/modules\", in UTF-8, "
                       "without \".\", \"..\", empty segments and backslashes");
    }
    return std::shared_ptr<const DirectoryFileSystem>(new DirectoryFileSystem(
        std::make_unique<const Folder>(std::move(opened)), std::move(mount_point), options.max_file_size));
}

std::optional<std::string> DirectoryFileSystem::below(std::string_view path) const {
    if (!sandbox::is_normal_path(path) || !sandbox::is_within(path, mount_point_)) return std::nullopt;
    if (mount_point_ != "/") path.remove_prefix(mount_point_.size());
    return "." + std::string(path);
}

// Symbolic links are resolved by asking the kernel for the path of what it opened. Without an answer the path that led
// there has to do: a module that is reached by two paths is then two modules.
std::string DirectoryFileSystem::path_of(int file, std::string_view asked) const {
    const std::string real = real_path(file);
    const std::string folder = real_path(folder_->descriptor.get());
    if (real.empty() || folder.empty() || !sandbox::is_within(real, folder)) return std::string(asked);
    const std::string_view inside = std::string_view(real).substr(folder == "/" ? 0 : folder.size());
    const std::string path = (mount_point_ == "/" ? "" : mount_point_) + std::string(inside);
    return sandbox::is_normal_path(path) ? path : std::string(asked);
}

Result<std::optional<FileSystem::Entry>> DirectoryFileSystem::find(std::string_view path) const {
    const auto inside = below(path);
    if (!inside) return std::nullopt;
    const Descriptor file = open_beneath(folder_->descriptor.get(), *inside, O_PATH);
    if (!file) {
        if (means_nothing_there(errno)) return std::nullopt;
        return unreadable(path, errno);
    }
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return unreadable(path, errno);
    if (S_ISDIR(status.st_mode)) return Entry{Kind::folder, path_of(file.get(), path)};
    if (S_ISREG(status.st_mode)) return Entry{Kind::file, path_of(file.get(), path)};
    return unreadable(path, "it is neither a file nor a folder");
}

Result<std::optional<std::string>> DirectoryFileSystem::read(std::string_view path) const {
    const auto inside = below(path);
    if (!inside) return std::nullopt;
    // Looked at before it is opened, since opening a device can do something. It may be replaced in between by who may
    // write to the folder: by a pipe, say, which O_NONBLOCK keeps from blocking, and which is looked at again.
    const Result<std::optional<Entry>> found = find(path);
    if (!found) return std::unexpected(found.error());
    if (!*found || (*found)->kind != Kind::file) return std::nullopt;
    const Descriptor file = open_beneath(folder_->descriptor.get(), *inside, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file) {
        if (means_nothing_there(errno)) return std::nullopt;
        return unreadable(path, errno);
    }
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return unreadable(path, errno);
    if (!S_ISREG(status.st_mode)) return unreadable(path, "it is not a regular file");
    const auto too_large = [&] {
        return unreadable(path, "it has more than " + std::to_string(max_file_size_) + " bytes");
    };
    if (static_cast<std::uint64_t>(status.st_size) > max_file_size_) return too_large();
    // It may grow while it is read, and some file systems do not tell sizes.
    constexpr std::size_t kStep = 64 << 10;
    std::string content(static_cast<std::size_t>(status.st_size) + 1, '\0');
    std::size_t filled = 0;
    for (;;) {
        const ssize_t got = ::read(file.get(), content.data() + filled, content.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unreadable(path, errno);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
        if (filled > max_file_size_) return too_large();
        if (filled == content.size()) content.resize(filled + kStep);
    }
    content.resize(filled);
    return content;
}

}  // namespace curfew
