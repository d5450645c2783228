// What this machine offers to cells.
#ifndef CURFEW_MACHINE_H
#define CURFEW_MACHINE_H

#include <curfew/language.h>

#include <string>
#include <vector>

#include <curfew/error.h>
#include <curfew/export.h>

namespace curfew {

struct CURFEW_EXPORT MachineReport {
    // One thing that was looked at.
    struct Item {
        std::string name;  // "seccomp"
        bool available;
        bool required;       // process cells do not work without it; if not, it is a second wall, or of no use to them
        std::string detail;  // what was found, or what is missing and how to get it
    };

    std::string kernel;            // as `uname -r` gives it
    unsigned cpus = 0;             // that this process may use
    double same_cpu_wake_us = 0;   // round trip of two threads that wake each other on one CPU, microseconds; zero
                                   // if no threads could be started
    double other_cpu_wake_us = 0;  // on two CPUs; zero with one CPU as well
    double spin_us = 0;            // the same without sleeping; zero with one CPU as well
    double coarse_time_us =
        0;  // what the round trip on one CPU costs more if one of both has no time-stamp counter, as a
            // cell with SideChannels::strict; less than the measurement's error counts as zero
    std::vector<Item> items;

    // True if nothing that is required is missing. Whether a cell really starts is another question; try one.
    [[nodiscard]] bool usable() const noexcept;
};

// Looks, and measures for about 20 ms. Starts the process from which cells are forked, as the first sandbox does, to see which
// walls it has put up. Does not fail: what could not be found out is reported as missing.
[[nodiscard]] CURFEW_EXPORT MachineReport inspect_machine();

}  // namespace curfew

#endif
