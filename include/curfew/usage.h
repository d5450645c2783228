// What an invocation used. Every call reports it, whether it succeeded, failed or was ended by a monitor.
#ifndef CURFEW_USAGE_H
#define CURFEW_USAGE_H

#include <curfew/language.h>

#include <chrono>
#include <cstdint>

namespace curfew {

// A plain value. Figures that come from the cell itself (peak_heap) are bounded by the host, but a cell whose
// native code was taken over could report less than it used; all others are measured by the host or the kernel.
struct Usage {
    std::chrono::nanoseconds wall_time{};      // from the first monitor's start until the call's end
    std::chrono::nanoseconds cpu_time{};       // CPU time of the guest, by the kernel's account
    std::chrono::nanoseconds host_cpu_time{};  // CPU time that the caller burnt for it: functions, printing, imports
    std::uint64_t peak_heap = 0;               // most bytes allocated on the guest's heap at one time
    std::uint64_t host_calls = 0;              // calls of host functions
    std::uint64_t bytes_in = 0;                // bytes passed into the guest: events and host functions' results
    std::uint64_t bytes_out = 0;               // bytes passed out: results and host functions' arguments
    std::uint64_t bytes_printed = 0;           // bytes printed, line feeds included; each text counts as 16 at least
    std::uint64_t pages_dirtied = 0;           // pages of 4 KiB written since the sandbox's start, but for those that a
                                               // restore gave up; zero unless CallOptions::count_pages asks for it, and
                                               // when the cell died
    std::chrono::nanoseconds waiting_time{};   // the part of wall_time in which it waited as a PendingInvocation

    friend bool operator==(const Usage&, const Usage&) = default;
};

}  // namespace curfew

#endif
