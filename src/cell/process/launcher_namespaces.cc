#include "cell/process/launcher_namespaces.h"

#include <asm/errno.h>
#include <asm/signal.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "cell/process/kernel.h"
#include "cell/process/shared/launch.h"

namespace curfew::cell {

namespace {

LayerState state_of(long result) {
    if (result < 0) return {LayerState::absent, static_cast<int32_t>(-result), 0};
    return {LayerState::on, 0, 0};
}

// A socket to the first process of the namespace in which cells get their pids; negative: there is no such namespace.
int keeper = -1;

// Root need not heed the limit of its processes, but others have to.
long allow_processes() {
    constexpr uint64_t kEnough = 32'000, kUnlimited = ~uint64_t{0};
    const ResourceLimit unlimited{kUnlimited, kUnlimited};
    const long result =
        system_call(SYS_prlimit64, 0, static_cast<long>(Resource::processes), address_of(&unlimited), 0);
    if (result == 0) return 0;
    ResourceLimit most{};
    system_call(SYS_prlimit64, 0, static_cast<long>(Resource::processes), 0, address_of(&most));
    if (most.hard < kEnough) return result;
    most.soft = most.hard;
    return system_call(SYS_prlimit64, 0, static_cast<long>(Resource::processes), address_of(&most), 0);
}

// A user namespace brings all capabilities, if within it only.
bool can_give_up_capabilities() {
    __user_cap_header_struct version{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct capabilities[_LINUX_CAPABILITY_U32S_3]{};
    return system_call(SYS_capget, address_of(&version), address_of(capabilities)) == 0 &&
           system_call(SYS_capset, address_of(&version), address_of(capabilities)) == 0;
}

// A user of their own keeps cells from what root can do, and from other hosts' cells. Their host, which is root, must be able to
// do to them what it could do to its own user's: find out what they wrote, place them, interrupt them.
LayerState change_user(uint64_t host_capabilities) {
    if (system_call(SYS_geteuid) != 0) return {LayerState::unneeded, 0, 0};
    constexpr auto bit = [](int capability) { return uint64_t{1} << capability; };
    constexpr uint64_t kNeeded = bit(CAP_KILL) | bit(CAP_SYS_PTRACE) | bit(CAP_SYS_NICE);
    if ((host_capabilities & kNeeded) != kNeeded) return {LayerState::absent, 0, 0};
    long result = allow_processes();
    if (result < 0) return state_of(result);
    // Its capabilities are needed for a moment still.
    __user_cap_header_struct version{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct capabilities[_LINUX_CAPABILITY_U32S_3]{};
    system_call(SYS_capget, address_of(&version), address_of(capabilities));
    system_call(SYS_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0);
    result = system_call(SYS_setgroups, 0, 0);
    if (result == 0) result = system_call(SYS_setresgid, kCellUser, kCellUser, kCellUser);
    if (result == 0) result = system_call(SYS_setresuid, kCellUser, kCellUser, kCellUser);
    system_call(SYS_prctl, PR_SET_KEEPCAPS, 0, 0, 0, 0);
    system_call(SYS_capset, address_of(&version), address_of(capabilities));
    // What a change of user takes away: that a debugger, and the host, may look.
    system_call(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
    return state_of(result);
}

// Everything of the file system that was there before is gone afterwards. The new root is an empty folder that nothing can be
// put into.
LayerState empty_root() {
    long result = system_call(SYS_unshare, CLONE_NEWNS);
    if (result < 0) return state_of(result);
    constexpr long kOnlyToLookAt = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, kDetach = 2;  // MNT_DETACH
    result = system_call(SYS_mount, 0, address_of("/"), 0, MS_REC | MS_PRIVATE, 0);
    if (result < 0) return state_of(result);
    constexpr const char* kFolders[] = {"/proc", "/tmp", "/dev", "/etc"};
    for (const char* folder : kFolders) {
        result = system_call(SYS_mount, address_of("curfew"), address_of(folder), address_of("tmpfs"), kOnlyToLookAt,
                             address_of("size=4k,nr_inodes=2"));
        if (result == 0) result = system_call(SYS_chdir, address_of(folder));
        if (result == 0) break;
    }
    if (result < 0) return state_of(result);
    // The old root comes to lie on the new one. Where it is the kernel's first file system, it cannot be moved.
    result = system_call(SYS_pivot_root, address_of("."), address_of("."));
    if (result == 0) {
        result = system_call(SYS_umount2, address_of("."), kDetach);
    } else if (result == -EINVAL) {
        result = system_call(SYS_chroot, address_of("."));
    }
    if (result == 0) result = system_call(SYS_chdir, address_of("/"));
    if (result < 0) return state_of(result);
    constexpr long kPathOnly = 010000000;  // O_PATH
    const long found = system_call(SYS_open, address_of("/proc"), kPathOnly);
    if (found == -ENOENT) return state_of(0);
    if (found >= 0) system_call(SYS_close, found);
    return {LayerState::absent, 0, 0};
}

// Does nothing but live as long as the launcher does, which has the other end of this socket. A signal of its death would not
// come through Landlock, behind which the launcher goes.
[[noreturn]] void keep_pids(int socket, int others) {
    system_call(SYS_close, others);
    system_call(SYS_prctl, PR_SET_NAME, address_of("curfew-keeper"));
    __user_cap_header_struct version{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3]{};
    system_call(SYS_capset, address_of(&version), address_of(none));
    system_call(SYS_close_range, 0, socket - 1, 0);
    system_call(SYS_close_range, socket + 1, 0xffffffff, 0);
    char byte = 0;
    system_call(SYS_write, socket, address_of(&byte), 1);
    while (system_call(SYS_read, socket, address_of(&byte), 1) == -EINTR) {
    }
    exit_process(0);
}

// Cells are forked into the namespace, but the launcher is not in it: as its first process it would know cells by other pids than
// the host does. And if a cell were the first, all others would end with it.
LayerState separate_pids() {
    int ends[2];
    long result = system_call(SYS_socketpair, 1 /* AF_UNIX */, 5 /* SOCK_SEQPACKET */, 0, address_of(ends));
    if (result < 0) return state_of(result);
    int handle = -1;
    const long first = system_call(SYS_clone, CLONE_NEWPID | CLONE_PIDFD, 0, address_of(&handle));
    if (first == 0) keep_pids(ends[1], ends[0]);
    system_call(SYS_close, ends[1]);
    if (first > 0) {
        char byte = 0;
        result = system_call(SYS_read, ends[0], address_of(&byte), 1) == 1 ? 0 : -ECHILD;
        if (result == 0) result = system_call(SYS_setns, handle, CLONE_NEWPID);
        system_call(SYS_close, handle);
        if (result == 0) {
            keeper = ends[0];
            return state_of(0);
        }
        system_call(SYS_kill, first, SIGKILL);
        system_call(SYS_wait4, first, 0, __WALL, 0);
    }
    system_call(SYS_close, ends[0]);
    return state_of(first < 0 ? first : result);
}

}  // namespace

void enter_namespaces(const LaunchSettings& settings, LayerStates& layers) {
    layers[Layer::own_user] = change_user(settings.capabilities);
    // First of the namespaces, since it brings the right to the others to those who have not got it.
    layers[Layer::user_namespace] =
        state_of(can_give_up_capabilities() ? system_call(SYS_unshare, CLONE_NEWUSER) : -EPERM);
    layers[Layer::empty_root] = empty_root();
    layers[Layer::network] = state_of(system_call(SYS_unshare, CLONE_NEWNET));
    layers[Layer::ipc] = state_of(system_call(SYS_unshare, CLONE_NEWIPC));
    layers[Layer::pids] = separate_pids();
}

int pid_keeper() { return keeper; }

// Nobody, where the launcher is not in the namespace.
long parent_seen_by_cells() { return keeper >= 0 ? 0 : system_call(SYS_getpid); }

}  // namespace curfew::cell
