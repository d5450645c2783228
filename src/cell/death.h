// How a cell ended.
#ifndef CURFEW_CELL_DEATH_H
#define CURFEW_CELL_DEATH_H

#include <cstdint>
#include <string>

namespace curfew::cell {

enum class DeathKind : std::uint8_t {
    none,          // it lives
    unavailable,   // it could not be set up: the machine lacks something, and its guest has not run
    fault,         // its guest did what a cell's guest may not, or cannot, do
    refused_call,  // so, and that was a system call
    protocol,      // its guest did not keep to the call protocol
    ran_on,        // its guest used the CPU when it had given up its turn
    no_reaction,   // it did not do in time what nothing but an odd guest or a stopped process keeps it from
    killed,        // somebody, or the kernel, ended it
    no_memory,     // the kernel ended it, because there was no memory left for it
};

// Code decides by the kind; the text is for people.
struct Death {
    DeathKind kind = DeathKind::none;
    std::string text;  // a sentence without its full stop; empty while the cell lives

    explicit operator bool() const noexcept { return kind != DeathKind::none; }
};

}  // namespace curfew::cell

#endif
