// Machines that lack something: lets system calls fail.
#ifndef CURFEW_CELL_PROCESS_TESTING_FAULTS_H
#define CURFEW_CELL_PROCESS_TESTING_FAULTS_H

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <vector>

namespace curfew::cell::testing {

// A call that fails: all of them, or those with a certain argument.
struct Fault {
    const char* name;
    long number;
    int error;
    const char* report;
    int argument = -1;
    std::uint32_t value = 0;  // its lower half

    friend void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }
};

// From now on, in this process and in what it starts.
inline void inject(const Fault& fault) {
    std::vector<sock_filter> code{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(fault.number), 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    if (fault.argument >= 0) {
        const auto offset = offsetof(seccomp_data, args) + 8 * static_cast<unsigned>(fault.argument);
        code.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
        code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, fault.value, 1, 0));
        code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    }
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(fault.error)));
    const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
    ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

}  // namespace curfew::cell::testing

#endif
