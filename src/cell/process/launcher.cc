// The launcher: a static program without a C library, from which all process cells of a host are forked.
//
// It is started once by its host, from a memfd, and waits at a socket for requests. It maps nothing of the host, so a
// fork of it costs little, and what a cell could inherit is a few empty pages, which the cell unmaps. Cells die with
// the launcher (it has one thread, so PR_SET_PDEATHSIG is exact), and the launcher dies with its host (it watches the
// host's pidfd), whichever way the host ends.
//
// Compiled without vector registers; in a cell's set-up nothing may be called that needs memory of the launcher after
// trampoline_finish.
#include <asm/prctl.h>
#include <asm/signal.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/wait.h>
#include <sys/syscall.h>

#include "cell/process/cell_setup.h"
#include "cell/process/kernel.h"
#include "cell/process/launcher_layers.h"
#include "cell/process/launcher_namespaces.h"
#include "cell/process/shared/address_space.h"
#include "cell/process/shared/launch.h"
#include "cell/process/x86_64/seccomp_filter.h"
#include "cell/process/x86_64/system_call.h"
#include "cell/process/x86_64/trampoline.h"

extern "C" {
extern const unsigned char __executable_start[], __etext[];
[[noreturn]] void start();
}

namespace {

using namespace curfew;
using namespace curfew::cell;

void send(void* content, uint64_t length, int pidfd) {
    Descriptors<1> rights;
    rights.values[0] = pidfd;
    IoVector vector{content, length};
    MessageHeader message{};
    message.vectors = &vector;
    message.vector_count = 1;
    if (pidfd >= 0) {
        message.control = &rights;
        message.control_length = sizeof rights;
    }
    if (system_call(SYS_sendmsg, CURFEW_LAUNCHER_SOCKET, address_of(&message), kNoSignal) < 0) {
        exit_process(0);
    }
}

void answer(const LaunchReply& reply, int pidfd) {
    LaunchReply content = reply;
    send(&content, sizeof content, pidfd);
}

// Of what the launcher does at its start: tells the host of a failure, and ends.
void confirm(LaunchStep step, long result) {
    if (result == 0) return;
    answer({static_cast<int32_t>(-result), 0, step}, -1);
    exit_process(1);
}

// A host may have its equal pages merged (systemd's MemoryKSM=), which its children inherit. Between cells that would tell
// what pages of others hold, by the time that a write takes.
void stop_page_merging() {
    constexpr int kSet = 67, kGet = 68;  // PR_SET_MEMORY_MERGE and PR_GET_MEMORY_MERGE, since Linux 6.4
    const long result = system_call(SYS_prctl, kSet, 0, 0, 0, 0);
    if (result < 0 && system_call(SYS_prctl, kGet, 0, 0, 0, 0) > 0) confirm(LaunchStep::page_merging, result);
}

// That there are none to give up is no failure, whatever the kernel says.
void give_up_capabilities() {
    __user_cap_header_struct version{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct capabilities[_LINUX_CAPABILITY_U32S_3]{};
    const long result = system_call(SYS_capset, address_of(&version), address_of(capabilities));
    if (result == 0) return;
    bool any = system_call(SYS_capget, address_of(&version), address_of(capabilities)) != 0;
    for (const __user_cap_data_struct& word : capabilities) {
        any = any || (word.effective | word.permitted | word.inheritable) != 0;
    }
    if (any) confirm(LaunchStep::capabilities, result);
}

// Takes on nothing from the host but the two descriptors, and gives up all rights that a cell must not have.
void settle_in() {
    LaunchSettings settings{};
    if (system_call(SYS_read, CURFEW_LAUNCHER_SOCKET, address_of(&settings), sizeof settings) != sizeof settings) {
        exit_process(0);
    }
    system_call(SYS_close_range, CURFEW_LAUNCHER_HOST + 1, 0xffffffff, 0);
    // A cell lets its signal through when its set-up is over; see trampoline_finish.
    const uint64_t blocked = uint64_t{1} << (CURFEW_CELL_SIGNAL - 1);
    confirm(LaunchStep::signals, system_call(SYS_rt_sigprocmask, 2 /* SIG_SETMASK */, address_of(&blocked), 0, 8));
    const KernelSigaction by_default{};
    for (int signal = 1; signal <= 64; ++signal) {
        system_call(SYS_rt_sigaction, signal, address_of(&by_default), 0, 8);
    }
    // A terminal's Ctrl-C is the host's affair. A session of its own would do as well, but the scheduler gives each session
    // its share apart, and then calls take half as long again.
    system_call(SYS_setpgid, 0, 0);
    system_call(SYS_chdir, address_of("/"));
    // With a limit of one byte no core file is written and no core handler is run.
    confirm(LaunchStep::core_dumps, limit_resource(Resource::core, 1));
    system_call(SYS_prctl, PR_SET_NAME, address_of("curfew-cell"));
    // One byte written in a large page would cost a cell 2 MiB, and as much at every reset.
    confirm(LaunchStep::large_pages, system_call(SYS_prctl, PR_SET_THP_DISABLE, 1, 0, 0, 0));
    stop_page_merging();
    // Where memory runs out, the kernel should end a cell rather than its host. Without /proc it decides by itself.
    const long file = system_call(SYS_open, address_of("/proc/self/oom_score_adj"), 1 /* O_WRONLY */);
    if (file >= 0) {
        system_call(SYS_write, file, address_of("500"), 3);
        system_call(SYS_close, file);
    }
    LayerStates layers{};
    enter_namespaces(settings, layers);
    // Two layers below the filter, for hosts that have such powers: no capabilities, no real-time scheduling.
    give_up_capabilities();
    const int no_priority = 0;
    if (system_call(SYS_sched_getscheduler, 0) != SCHED_NORMAL) {
        system_call(SYS_sched_setscheduler, 0, SCHED_NORMAL, address_of(&no_priority));
    }
    // What no allowed call could use in any case. Cells give up files and processes as well, which the launcher still needs.
    constexpr Resource kOfNoUse[] = {Resource::file_size, Resource::locked_memory, Resource::message_queues};
    for (const Resource resource : kOfNoUse) {
        confirm(LaunchStep::resource_limits, limit_resource(resource, 0));
    }
    confirm(LaunchStep::privileges, system_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    const uint64_t start = reinterpret_cast<uint64_t>(__executable_start);
    layers[Layer::landlock] = put_up_landlock();
    layers[Layer::store_bypass] = forbid_store_bypass();
    layers[Layer::branch_barrier] = find_branch_barrier();
    static SeccompFilter filter({{start, reinterpret_cast<uint64_t>(__etext) - start},
                                 in_trampoline(trampoline_waited),
                                 in_trampoline(trampoline_fine_time)});
    layers[Layer::fixed_code] = find_fixed_code();
    layers[Layer::sealed_memory] = find_sealed_memory();
    static sock_fprog program = filter.program();
    confirm(LaunchStep::seccomp, system_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, address_of(&program)));
    answer({0, static_cast<int32_t>(system_call(SYS_getpid)), LaunchStep::none}, -1);
    send(&layers, sizeof layers, -1);
}

// Receives a request and the descriptors that come with a `spawn`.
struct Received {
    long length;
    bool whole;  // all descriptors came
    Descriptors<kLaunchFiles> rights;
};

Received receive(int socket, LaunchRequest& request) {
    Received received{};
    IoVector vector{&request, sizeof request};
    MessageHeader message{};
    message.vectors = &vector;
    message.vector_count = 1;
    message.control = &received.rights;
    message.control_length = sizeof received.rights;
    received.length = system_call(SYS_recvmsg, socket, address_of(&message), 0);
    if (received.length < 0) return received;
    received.whole = message.control_length == sizeof received.rights && (message.flags & kMessageTruncated) == 0;
    constexpr uint64_t kHeader = offsetof(Descriptors<kLaunchFiles>, values);
    if (!received.whole && message.control_length >= kHeader) {
        for (uint64_t i = 0; i < (received.rights.length - kHeader) / sizeof(int); ++i) {
            system_call(SYS_close, received.rights.values[i]);
        }
    }
    return received;
}

// A process that is a cell but for what its request says. Forking and preparing it is half of what a new cell costs, so
// the launcher does that beforehand, when it has been left alone for a moment.
struct Spare {
    long pid = 0;  // none
    int handle = -1;
    int socket = -1;
};

Spare spare;

[[noreturn]] void wait_as_spare(int socket) {
    static LaunchRequest request;
    const Received received = receive(socket, request);
    if (received.length != static_cast<long>(request.length()) || !received.whole) exit_process(0);
    become_cell(request, received.rights.values);
}

void drop_spare() {
    system_call(SYS_close, spare.handle);
    system_call(SYS_close, spare.socket);
    spare = {};
}

void end_spare() {
    system_call(SYS_kill, spare.pid, SIGKILL);
    system_call(SYS_wait4, spare.pid, 0, __WALL, 0);
    drop_spare();
}

void make_spare() {
    int ends[2];
    if (system_call(SYS_socketpair, 1 /* AF_UNIX */, 5 /* SOCK_SEQPACKET */, 0, address_of(ends)) != 0) return;
    const long parent = parent_seen_by_cells();
    const long pid = system_call(SYS_clone, CLONE_PIDFD, 0, address_of(&spare.handle));
    if (pid == 0) {
        // Were the launcher's socket open here too, the launcher's end would not show to the host; and were this one's other
        // end, it would not show here, where a launcher that ended before this process asked to die with it cannot be told from one
        // that lives.
        system_call(SYS_close, ends[0]);
        system_call(SYS_close_range, 0, ends[0], 0);
        prepare_cell(parent);
        wait_as_spare(ends[1]);
    }
    system_call(SYS_close, ends[1]);
    spare.pid = pid > 0 ? pid : 0;
    spare.socket = ends[0];
    if (pid < 0) {
        system_call(SYS_close, ends[0]);
        spare = {};
    }
}

struct CpuSet {
    uint64_t bits[128];
    long size;  // in bytes; negative: unknown
};

CpuSet allowed_cpus() {
    CpuSet cpus;  // NOLINT(cppcoreguidelines-pro-type-member-init): the kernel fills it
    cpus.size = system_call(SYS_sched_getaffinity, 0, sizeof cpus.bits, address_of(cpus.bits));
    return cpus;
}

void bind_to(const CpuSet& cpus, long pid) {
    if (cpus.size > 0) system_call(SYS_sched_setaffinity, pid, cpus.size, address_of(cpus.bits));
}

// Makes the spare, if there is one, the cell that is asked for. False if it is gone.
bool use_spare(const LaunchRequest& request, const int (&descriptors)[kLaunchFiles]) {
    // The host has put the launcher on its own CPU for this; see CellAffinity.
    bind_to(allowed_cpus(), spare.pid);
    Descriptors<kLaunchFiles> rights;
    for (int i = 0; i < kLaunchFiles; ++i) rights.values[i] = descriptors[i];
    IoVector vector{const_cast<LaunchRequest*>(&request), request.length()};  // only read
    MessageHeader message{};
    message.vectors = &vector;
    message.vector_count = 1;
    message.control = &rights;
    message.control_length = sizeof rights;
    if (system_call(SYS_sendmsg, spare.socket, address_of(&message), kNoSignal) ==
        static_cast<long>(request.length())) {
        answer({0, static_cast<int32_t>(spare.pid), LaunchStep::none}, spare.handle);
        drop_spare();
        return true;
    }
    end_spare();
    return false;
}

void spawn(const LaunchRequest& request, const int (&descriptors)[kLaunchFiles]) {
    if (spare.pid != 0 && use_spare(request, descriptors)) return;
    const long parent = parent_seen_by_cells();
    int pidfd = -1;
    // No exit signal: nobody is told of a cell's end but those who look.
    const long pid = system_call(SYS_clone, CLONE_PIDFD, 0, address_of(&pidfd));
    if (pid == 0) {
        prepare_cell(parent);
        become_cell(request, descriptors);
    }
    if (pid < 0) {
        answer({static_cast<int32_t>(-pid), 0, LaunchStep::none}, -1);
    } else {
        answer({0, static_cast<int32_t>(pid), LaunchStep::none}, pidfd);
        system_call(SYS_close, pidfd);
    }
}

// Cells that were killed and are not over yet. A large one can take a second to give its memory back, and others are not to
// wait for that.
struct Dying {
    static constexpr unsigned kMost = 256;
    long pids[kMost];
    unsigned count = 0;

    // Lets go of those that are over.
    void reap() {
        for (unsigned i = 0; i < count;) {
            if (system_call(SYS_wait4, pids[i], 0, WNOHANG | __WALL, 0) == 0) {
                ++i;
            } else {
                pids[i] = pids[--count];
            }
        }
    }

    void add(long pid) {
        reap();
        if (count == kMost) {
            system_call(SYS_wait4, pids[0], 0, __WALL, 0);
            pids[0] = pids[--count];
        }
        pids[count++] = pid;
    }
};

Dying dying;

// Checks that the pid is a cell's and not somebody else's by now.
void end_cell(const LaunchRequest& request) {
    const bool reap = request.kind == LaunchKind::reap;
    const long state =
        reap ? system_call(SYS_wait4, request.pid, 0, WNOHANG | __WALL, 0)
             : system_call(SYS_waitid, 1 /* P_PID */, request.pid, 0, WEXITED | WNOHANG | WNOWAIT | __WALL, 0);
    if (state != 0) return;
    system_call(SYS_kill, request.pid, SIGKILL);
    if (reap) dying.add(request.pid);
}

[[noreturn]] void serve() {
    static LaunchRequest request;
    static const CpuSet everywhere = allowed_cpus();
    bool wants_spare = false;
    for (;;) {
        pollfd watched[] = {
            {CURFEW_LAUNCHER_SOCKET, POLLIN, 0}, {CURFEW_LAUNCHER_HOST, POLLIN, 0}, {pid_keeper(), POLLIN, 0}};
        // So that spawns in quick succession are not delayed by spares in between.
        const int64_t moment[2] = {0, 60'000};
        // Nothing tells of a cell's end.
        const int64_t while_dying[2] = {0, 20'000'000};
        const int64_t* const limit = wants_spare ? moment : dying.count != 0 ? while_dying : nullptr;
        const long ready = system_call(SYS_ppoll, address_of(watched), 3, address_of(limit), 0, 8);
        if (ready < 0) continue;
        dying.reap();
        if (ready == 0) {
            if (wants_spare) make_spare();
            wants_spare = false;
            continue;
        }
        if ((watched[1].revents | watched[2].revents) != 0) exit_process(0);  // the host starts another, if it lives
        const Received received = receive(CURFEW_LAUNCHER_SOCKET, request);
        if (received.length == -4 /* EINTR */) continue;
        if (received.length <= 0) exit_process(0);
        if (request.kind != LaunchKind::spawn) {
            end_cell(request);
        } else if (received.whole) {
            spawn(request, received.rights.values);
            for (const int file : received.rights.values) system_call(SYS_close, file);
            bind_to(everywhere, 0);  // so that the next spare is made where nobody waits for the CPU
            wants_spare = spare.pid == 0;
        } else if (spare.pid != 0) {
            end_spare();
            answer({kAskAgain, 0, LaunchStep::none}, -1);
        } else {
            answer({24 /* EMFILE */, 0, LaunchStep::none}, -1);
        }
    }
}

}  // namespace

// Called by _start, on the launcher's own stack. Leaves the stack that the kernel made and everything else up there: the
// fewer mappings the launcher has, the faster it forks.
extern "C" [[noreturn]] void start() {
    system_call(SYS_munmap, CURFEW_LAUNCHER_HIGH, CURFEW_LAUNCHER_HIGH_LENGTH);
    settle_in();
    serve();
}
