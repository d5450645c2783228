#include "cell/process/cell_setup.h"

#include <asm/signal.h>
#include <linux/futex.h>
#include <linux/prctl.h>
#include <linux/signal.h>

#include "cell/process/kernel.h"
#include "cell/process/launcher_layers.h"
#include "cell/process/shared/address_space.h"
#include "cell/process/shared/handshake_words.h"
#include "cell/process/x86_64/trampoline.h"

extern "C" void* memcpy(void* to, const void* from, unsigned long count);

namespace curfew::cell {

namespace {

constexpr int kProtRead = 1, kProtWrite = 2, kProtExec = 4;
constexpr int kMapShared = 1, kMapPrivate = 2, kMapFixed = 0x10, kMapAnonymous = 0x20, kMapNoReserve = 0x4000;
constexpr int kPopulateWrite = 23;  // MADV_POPULATE_WRITE

// What went wrong before there was a mailbox to report it in.
struct Failure {
    LaunchStep step = LaunchStep::none;
    long error = 0;
};
Failure failure;

[[noreturn]] void give_up(LaunchStep step, long error) {
    HandshakeWords& words = handshake_words(*reinterpret_cast<wire::Mailbox*>(wire::kMailboxBase));
    words.fault.signal = 0;
    words.fault.code = static_cast<uint32_t>(-error);
    words.fault.system_call = static_cast<uint32_t>(step);
    __atomic_store_n(&words.turn, CURFEW_TURN_FAULTED, __ATOMIC_SEQ_CST);
    system_call(SYS_futex, address_of(&words.turn), FUTEX_WAKE, 1);
    exit_process(1);
}

void check(LaunchStep step, long result) {
    if (result < 0 && result > -4096) give_up(step, result);
}

long map(const Mapping& mapping, const int (&descriptors)[kLaunchFiles]) {
    int flags = kMapFixed | (mapping.source == Source::mailbox ? kMapShared : kMapPrivate);
    int descriptor = -1;
    switch (mapping.source) {
        case Source::anonymous: flags |= kMapAnonymous | kMapNoReserve; break;
        case Source::image: descriptor = descriptors[0]; break;
        case Source::program: descriptor = descriptors[1]; break;
        case Source::state: descriptor = descriptors[2]; break;
        case Source::mailbox: descriptor = descriptors[3]; break;
    }
    return system_call(SYS_mmap, static_cast<long>(mapping.address), static_cast<long>(mapping.length),
                       mapping.protection, flags, descriptor, static_cast<long>(mapping.offset));
}

void install_signal_handlers() {
    struct {
        uint64_t base;
        int flags, pad;
        uint64_t size;
    } stack{kSignalStackBase, 0, 0, kSignalStackSize};
    check(LaunchStep::signals, system_call(SYS_sigaltstack, address_of(&stack), 0));
    const KernelSigaction action{in_trampoline(trampoline_handler),
                                 SA_SIGINFO | SA_ONSTACK | SA_NODEFER | 0x04000000 /* SA_RESTORER */,
                                 in_trampoline(trampoline_handler), 0};
    constexpr int kSignals[] = {CURFEW_CELL_SIGNAL, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
    for (int signal : kSignals) {
        check(LaunchStep::signals, system_call(SYS_rt_sigaction, signal, address_of(&action), 0, 8));
    }
}

// Fills the trampoline's page, but for what depends on the cell.
void fill_trampoline() {
    auto* page = reinterpret_cast<unsigned char*>(kTrampolineBase);
    memcpy(page, trampoline, static_cast<unsigned long>(trampoline_end - trampoline));
    auto& constants = *reinterpret_cast<TrampolineConstants*>(CURFEW_CONSTANTS);
    // The kernel marks `turn` when the process dies with the turn in its hands, and wakes the host.
    const uint64_t list = CURFEW_CONST_ROBUST;
    const uint64_t entry = list + offsetof(RobustList, entry);
    constants.robust = {entry, static_cast<int64_t>(CURFEW_HANDSHAKE + CURFEW_HANDSHAKE_TURN - entry), 0, list};
    set_initial_registers(constants);
}

// Leaves no place in the cell from which it may ask for a fine clock: a short jump takes that call's place, which is as long.
void coarsen_clock() {
    constexpr unsigned char kShortJump = 0xeb;
    auto* call = reinterpret_cast<unsigned char*>(in_trampoline(trampoline_fine_clock));
    call[0] = kShortJump;
    call[1] = static_cast<unsigned char>(trampoline_coarse_clock - trampoline_fine_time);
}

// Pages of zeros that any guest may read, and that no reset can drop: they are there from the start.
void touch_zeros() {
    for (uint64_t page = wire::kPageSize; page < kTrampolineSize; page += wire::kPageSize) {
        static_cast<void>(*reinterpret_cast<const volatile unsigned char*>(kTrampolineBase + page));
    }
}

void finish_trampoline(const LaunchRequest& request) {
    if (request.coarse_time) coarsen_clock();
    if (request.leaves_nothing) touch_zeros();
    auto& constants = *reinterpret_cast<TrampolineConstants*>(CURFEW_CONSTANTS);
    constants.instruction = request.instruction != 0 ? request.instruction : in_trampoline(trampoline_resume);
    constants.stack_pointer = request.stack_pointer;
    constants.fs_base = request.fs_base;
    constants.call_entry = request.call_entry;
    check(LaunchStep::protect, system_call(SYS_mprotect, kTrampolineBase, wire::kPageSize, kProtRead | kProtExec));
    check(LaunchStep::protect,
          system_call(SYS_mprotect, kTrampolineBase + wire::kPageSize, kTrampolineSize - wire::kPageSize, kProtRead));
    check(LaunchStep::robust_list, system_call(SYS_set_robust_list, CURFEW_CONST_ROBUST, 24));
}

}  // namespace

void prepare_cell(long parent) {
    failure = {LaunchStep::parent_death, system_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL)};
    if (failure.error != 0) return;
    if (system_call(SYS_getppid) != parent) exit_process(1);
    failure = {LaunchStep::resource_limits, limit_resource(Resource::processes, 0)};
    if (failure.error != 0) return;
    constexpr int kNone[kLaunchFiles] = {-1, -1, -1, -1};
    const Mapping own[] = {{kTrampolineBase, kTrampolineSize, 0, Source::anonymous, kProtRead | kProtWrite},
                           {kSignalStackBase, kSignalStackSize, 0, Source::anonymous, kProtRead | kProtWrite}};
    for (const Mapping& mapping : own) {
        const long result = map(mapping, kNone);
        if (result == static_cast<long>(mapping.address)) continue;
        failure = {LaunchStep::map, result};
        return;
    }
    fill_trampoline();
}

[[noreturn]] void become_cell(const LaunchRequest& request, const int (&descriptors)[kLaunchFiles]) {
    for (unsigned i = 0; i < request.mapping_count; ++i) {
        const long result = map(request.mappings[i], descriptors);
        if (result < 0 && result > -4096) {
            if (request.mappings[0].source == Source::mailbox && i > 0) give_up(LaunchStep::map, result);
            exit_process(1);
        }
    }
    handshake_words(*reinterpret_cast<wire::Mailbox*>(wire::kMailboxBase)).thread =
        static_cast<uint32_t>(system_call(SYS_getpid));
    check(failure.step, failure.error);
    if (request.coarse_time) {
        check(LaunchStep::time_stamps, system_call(SYS_prctl, PR_SET_TSC, PR_TSC_SIGSEGV));
    }
    if (request.branch_barrier) check(LaunchStep::branch_barrier, put_up_branch_barrier());
    // Saves page faults. Kernels before 5.14 cannot do it, and take the faults.
    for (unsigned i = 0; i < request.hot_count; ++i) {
        system_call(SYS_madvise, static_cast<long>(request.hot[i].address), static_cast<long>(request.hot[i].length),
                    kPopulateWrite);
    }
    install_signal_handlers();
    finish_trampoline(request);
    check(LaunchStep::protect, fix_memory(request));
    check(LaunchStep::close, system_call(SYS_close_range, 0, 0xffffffff, 0));
    check(LaunchStep::resource_limits, limit_resource(Resource::open_files, 0));
    reinterpret_cast<void (*)()>(in_trampoline(trampoline_finish))();
    exit_process(1);
}

}  // namespace curfew::cell
