#include "cell/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "cell/failure.h"
#include "wire/layout.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace curfew::cell {

namespace {

int create_memfd(const char* name, bool executable) {
    const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    if (executable) {
        // Kernels before 6.3 do not know the flag, and need none.
        const int descriptor = ::memfd_create(name, flags | MFD_EXEC);
        if (descriptor >= 0 || errno != EINVAL) return descriptor;
    }
    return ::memfd_create(name, flags);
}

bool is_zero(std::span<const std::byte> bytes) {
    return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace

Result<MemoryFile> MemoryFile::create(const char* name, std::uint64_t size, bool executable) {
    Descriptor descriptor(create_memfd(name, executable));
    if (!descriptor && (errno == EMFILE || errno == ENFILE)) {
        return unavailable("memfd_create", errno, "Raise the limit of open files (ulimit -n).");
    }
    if (!descriptor) {
        return unavailable("memfd_create", errno,
                           "Cells need memfd: use Linux 5.9 or later, and let the container's seccomp profile allow "
                           "memfd_create (sysctl vm.memfd_noexec must not be 2).");
    }
    // The kernel would not only refuse it, but send SIGXFSZ, which ends the process.
    rlimit largest{};
    if (::getrlimit(RLIMIT_FSIZE, &largest) == 0 && size > largest.rlim_cur) {
        return unavailable("sizing a memfd", EFBIG,
                           "Raise the limit of file sizes (ulimit -f, LimitFSIZE= of systemd).");
    }
    if (::ftruncate(descriptor.get(), static_cast<off_t>(size)) != 0) {
        return unavailable("sizing a memfd", errno, "Free some memory, or raise the container's memory limit.");
    }
    return MemoryFile(std::move(descriptor), size);
}

Result<MemoryFile> MemoryFile::of_file(Descriptor file) {
    MemoryFile memory(std::move(file), 0);
    if (auto measured = memory.measure(); !measured) return std::unexpected(measured.error());
    return memory;
}

Result<void> MemoryFile::write(std::uint64_t offset, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const std::size_t in_page = wire::kPageSize - offset % wire::kPageSize;
        const auto page = bytes.first(std::min<std::size_t>(in_page, bytes.size()));
        if (!is_zero(page)) {
            const ssize_t written = ::pwrite(descriptor_.get(), page.data(), page.size(), static_cast<off_t>(offset));
            if (written < 0 && errno == EINTR) continue;
            if (written != static_cast<ssize_t>(page.size())) {
                return unavailable("writing to a memfd", written < 0 ? errno : ENOSPC,
                                   "Free some memory, or raise the container's memory limit.");
            }
        }
        offset += page.size();
        bytes = bytes.subspan(page.size());
    }
    return {};
}

Result<void> MemoryFile::read(std::uint64_t offset, std::span<std::byte> bytes) const {
    while (!bytes.empty()) {
        const ssize_t got = ::pread(descriptor_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return unavailable("reading a memfd", got < 0 ? errno : ENODATA, "Free some memory.");
        offset += static_cast<std::uint64_t>(got);
        bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

Result<void> MemoryFile::measure() {
    struct stat status{};
    if (::fstat(descriptor_.get(), &status) != 0) return unavailable("looking at a file", errno, "Try again.");
    size_ = static_cast<std::uint64_t>(status.st_size);
    return {};
}

Result<void> MemoryFile::seal() {
    if (::fcntl(descriptor_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
        return unavailable("sealing a memfd", errno, "Use Linux 5.9 or later.");
    }
    return {};
}

std::uint64_t MemoryFile::resident() const noexcept {
    struct stat status{};
    if (::fstat(descriptor_.get(), &status) != 0) return 0;
    return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

}  // namespace curfew::cell
