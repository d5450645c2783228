#include "cell/process/requirements.h"

#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <fstream>
#include <string>
#include <system_error>

#include "cell/descriptor.h"
#include "cell/process/x86_64/processor.h"

namespace curfew::cell {

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

Requirement look_at_memfd() {
    const Descriptor file(::memfd_create("curfew-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file) {
        return {"memfd", false,
                reason(errno) + "; use Linux 5.9 or later, and let the container's seccomp profile allow memfd_create"};
    }
    int policy = 0;
    std::ifstream("/proc/sys/vm/memfd_noexec") >> policy;
    if (policy == 2) {
        return {"memfd", false, "memory files cannot be executed; set sysctl vm.memfd_noexec to 0 or 1"};
    }
    return {"memfd", true, "memory files can be made, sealed and executed"};
}

Requirement look_at_seccomp() {
    const unsigned action = SECCOMP_RET_TRAP;
    if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0U, &action) == 0) {
        return {"seccomp", true, "system call filters can be installed"};
    }
    return {"seccomp", false,
            reason(errno) + "; use a kernel with CONFIG_SECCOMP_FILTER, and let the container allow seccomp"};
}

Requirement look_at_pidfd() {
    const Descriptor self(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0U)));
    if (self) return {"pidfd", true, "processes can be watched and signalled by descriptor"};
    return {"pidfd", false, reason(errno) + "; use Linux 5.9 or later"};
}

// As systemd's MemoryDenyWriteExecute forbids, by a filter or by PR_SET_MDWE, and SELinux's execmem.
Requirement look_at_new_code() {
    constexpr std::size_t kSize = 4096;
    void* const page = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return {"mprotect", false, reason(errno)};
    const int error = ::mprotect(page, kSize, PROT_READ | PROT_EXEC) == 0 ? 0 : errno;
    ::munmap(page, kSize);
    if (error == 0) return {"mprotect", true, "memory can be made executable"};
    return {
        "mprotect", false,
        reason(error) +
            "; memory that was written cannot be made executable: switch off MemoryDenyWriteExecute= of systemd for "
            "this service, or what else forbids it (PR_SET_MDWE, SELinux's execmem)"};
}

Requirement look_at_processor() {
    if (can_reset_registers()) return {"xsave", true, "all registers can be reset"};
    return {"xsave", false, "the processor or hypervisor does not offer XSAVE, with which registers are reset"};
}

}  // namespace

std::vector<Requirement> process_requirements() {
    return {look_at_seccomp(), look_at_memfd(), look_at_pidfd(), look_at_new_code(), look_at_processor()};
}

}  // namespace curfew::cell
