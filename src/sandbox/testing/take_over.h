// Takes over the cells of this process, as somebody who has found a flaw in the engine would.
#ifndef CURFEW_SANDBOX_TESTING_TAKE_OVER_H
#define CURFEW_SANDBOX_TESTING_TAKE_OVER_H

#include <sys/syscall.h>

#include "cell/testing/borrowed_process.h"
#include "cell/testing/processes.h"

namespace curfew::sandbox::testing {

// From a host function: has each cell make a system call that it may not make. False if this process may not do that.
inline bool make_cells_call_the_system() {
    bool any = false;
    for (const pid_t pid : cell::testing::processes_of_cells()) {
        cell::testing::BorrowedProcess cell(pid);
        if (!cell) return false;
        cell.call(SYS_getppid);
        any = true;
    }
    return any;
}

}  // namespace curfew::sandbox::testing

#endif
