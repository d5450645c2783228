// A kernel that offers a barrier for branch predictions, or seems to: answers in its place what processes ask about it.
#ifndef CURFEW_CELL_PROCESS_TESTING_PRETENDED_BARRIER_H
#define CURFEW_CELL_PROCESS_TESTING_PRETENDED_BARRIER_H

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace curfew::cell::testing {

// From its construction on, in this process and in what it starts. To be made once in a process, and never destroyed.
class PretendedBarrier {
  public:
    enum class Kernel {
        obeys,
        refuses,
        ignores,  // says that it obeys
    };

    explicit PretendedBarrier(Kernel kernel) : kernel_(kernel) {
        std::vector<sock_filter> code{
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 1, 0),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_GET_SPECULATION_CTRL, 2, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SPECULATION_CTRL, 1, 0),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args) + 8),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SPEC_INDIRECT_BRANCH, 1, 0),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        };
        const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
        EXPECT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        const long listener =
            ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
        EXPECT_GE(listener, 0);
        std::thread([this, listener] { serve(static_cast<int>(listener)); }).detach();
    }

    // Which processes have asked for the barrier.
    std::vector<pid_t> asked() {
        const std::lock_guard lock(mutex_);
        return asked_;
    }

  private:
    void serve(int listener) {
        for (;;) {
            seccomp_notif call{};
            if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) continue;
            seccomp_notif_resp answer{};
            answer.id = call.id;
            const auto pid = static_cast<pid_t>(call.pid);
            const std::lock_guard lock(mutex_);
            if (call.data.args[0] == PR_SET_SPECULATION_CTRL) {
                const bool fits = call.data.args[2] == PR_SPEC_FORCE_DISABLE;
                answer.error = kernel_ == Kernel::refuses ? -EPERM : fits ? 0 : -ERANGE;
                asked_.push_back(pid);
            } else {
                const bool has_it = kernel_ == Kernel::obeys && std::ranges::count(asked_, pid) != 0;
                answer.val = PR_SPEC_PRCTL | (has_it ? PR_SPEC_FORCE_DISABLE : PR_SPEC_ENABLE);
            }
            ::ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
        }
    }

    const Kernel kernel_;
    std::mutex mutex_;
    std::vector<pid_t> asked_;
};

}  // namespace curfew::cell::testing

#endif
