// Stops a child process that takes too long.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <iostream>

#include <curfew/monitor.h>

using namespace std::chrono_literals;

int main() {
    char shell[] = "/bin/sh", option[] = "-c", script[] = "while :; do :; done";
    char* const arguments[] = {shell, option, script, nullptr};
    pid_t child = 0;
    if (posix_spawn(&child, shell, nullptr, nullptr, arguments, environ) != 0) return 1;

    // The child's own CPU clock, so that the usage tells what it used rather than what this process did.
    const curfew::ProcessCpuClock clock(child);
    const auto interrupt = curfew::monitor::prompt([child] { kill(child, SIGKILL); });
    const auto wait_for_child = [child] {
        siginfo_t info{};
        waitid(P_PID, static_cast<id_t>(child), &info,
               WEXITED | WNOWAIT);  // not reaped: its number stays its own
    };
    const auto done = curfew::supervise(curfew::WallClockMonitor(200ms), {.handler = "sh", .cpu_clock = &clock},
                                        interrupt, wait_for_child);

    int status = 0;
    waitpid(child, &status, 0);
    if (done) {
        std::cout << "exited with " << WEXITSTATUS(status) << '\n';
    } else {
        std::cout << "ended by " << done.error().terminated_by << ": " << done.error().message << '\n';
    }
}
