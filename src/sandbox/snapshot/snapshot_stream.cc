#include "sandbox/snapshot/snapshot_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <system_error>

#include "sandbox/failure.h"

namespace curfew::sandbox {
namespace {

using cell::Descriptor;

std::string words_for(int error) { return std::generic_category().message(error); }

}  // namespace

// --- Files ---

FileSink::FileSink(std::filesystem::path path)
    : path_(std::move(path)), folder_(path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".")) {}

FileSink::~FileSink() {
    if (!name_.empty()) ::unlink(name_.c_str());
}

std::unexpected<Error> FileSink::refuse(ErrorCode code, const std::string& why) const {
    return fail(code, "the snapshot was not saved to " + path_.string() + ": " + why);
}

Result<void> FileSink::open() {
    if (!path_.has_filename()) return refuse(ErrorCode::invalid_argument, "the path names no file");
    struct stat there{};
    if (::stat(path_.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
        return refuse(ErrorCode::invalid_argument,
                      S_ISDIR(there.st_mode) ? "it is a folder; name a file in it" : "it is no regular file");
    }
    std::string name = (folder_ / ("." + path_.filename().string() + ".XXXXXX")).string();
    file_ = Descriptor(::mkostemp(name.data(), O_CLOEXEC));  // readable and writable for its owner only
    if (!file_) return refuse(ErrorCode::invalid_argument, words_for(errno));
    name_ = name;
    return {};
}

bool FileSink::write_all(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

Result<void> FileSink::write(std::span<const std::byte> bytes) {
    if (write_all(bytes)) return {};
    return refuse(ErrorCode::unavailable, words_for(errno));
}

// On disk before it has its name, so that there is never a name of a file that is not whole.
bool FileSink::give_name() {
    if (::fsync(file_.get()) != 0 || ::rename(name_.c_str(), path_.c_str()) != 0) return false;
    name_.clear();
    const Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder && (::fsync(folder.get()) == 0 || errno == EINVAL);  // some file systems cannot
}

Result<void> FileSink::finish(std::span<const std::byte> beginning) {
    if (::lseek(file_.get(), 0, SEEK_SET) == 0 && write_all(beginning) && give_name()) return {};
    return refuse(ErrorCode::unavailable, words_for(errno));
}

std::unexpected<Error> FileSource::refuse(const std::string& why) const {
    return fail(ErrorCode::invalid_argument, "the snapshot " + path_.string() + " cannot be loaded: " + why);
}

Result<void> FileSource::open() {
    // Without waiting, should it be a pipe.
    file_ = Descriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file_) return refuse(errno == ENOENT ? "there is no such file" : words_for(errno));
    struct stat status{};
    if (::fstat(file_.get(), &status) != 0) return refuse(words_for(errno));
    if (S_ISDIR(status.st_mode)) return refuse("it is a folder");
    if (!S_ISREG(status.st_mode)) return refuse("it is no regular file");
    size_ = static_cast<std::uint64_t>(status.st_size);
    return {};
}

Result<void> FileSource::read(std::span<std::byte> to) {
    while (!to.empty()) {
        const ssize_t got = ::read(file_.get(), to.data(), to.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refuse(words_for(errno));
        if (got == 0) return refuse("it ends too early");
        to = to.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

// --- Memory ---

std::unexpected<Error> MemorySink::refuse(ErrorCode code, const std::string& why) const {
    return fail(code, "the snapshot was not saved: " + why);
}

Result<void> MemorySink::write(std::span<const std::byte> bytes) {
    try {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    } catch (const std::bad_alloc&) {
        return refuse(ErrorCode::unavailable, "there is no memory for it");
    }
    return {};
}

Result<void> MemorySink::finish(std::span<const std::byte> beginning) {
    std::ranges::copy(beginning, bytes_.begin());
    return {};
}

std::unexpected<Error> MemorySource::refuse(const std::string& why) const {
    return fail(ErrorCode::invalid_argument, "the snapshot cannot be loaded: " + why);
}

Result<void> MemorySource::read(std::span<std::byte> to) {
    if (to.size() > rest_.size()) return refuse("it ends too early");
    std::ranges::copy(rest_.first(to.size()), to.begin());
    rest_ = rest_.subspan(to.size());
    return {};
}

}  // namespace curfew::sandbox
