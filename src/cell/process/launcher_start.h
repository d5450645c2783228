// Starts the launcher, the program from which all cells of this process are forked.
#ifndef CURFEW_CELL_PROCESS_LAUNCHER_START_H
#define CURFEW_CELL_PROCESS_LAUNCHER_START_H

#include <signal.h>
#include <sys/types.h>

#include <span>

#include <curfew/error.h>

#include "cell/descriptor.h"
#include "cell/process/shared/launch.h"
#include "cell/process/shared/layers.h"

namespace curfew::cell {

// A launcher that is ready for requests. Dropping it closes the socket, upon which the launcher ends, and its cells
// with it.
struct Launcher {
    pid_t pid = 0;
    Descriptor socket;
    Descriptor handle;  // its pidfd
    LayerStates layers{};
};

// The launcher is no child of this process: one that waits for its children never meets it. Fails with `unavailable`
// where the machine, or the container, does not let it start.
Result<Launcher> start_launcher();

// Ends a launcher and its cells. A process that is its own container's init, or a subreaper, inherits the launcher; then
// no zombie of it stays.
void end_launcher(Launcher launcher) noexcept;

struct Answer {
    LaunchReply reply;
    Descriptor handle;  // the cell's pidfd
};

// Both are false if the launcher is gone.
bool send_request(const Launcher& launcher, const LaunchRequest& request, std::span<const int> descriptors) noexcept;
bool receive_answer(const Launcher& launcher, Answer& answer) noexcept;

// False with errno set, as pidfd_send_signal(2) does.
bool send_signal(const Descriptor& process, int signal, siginfo_t* info = nullptr) noexcept;

}  // namespace curfew::cell

#endif
