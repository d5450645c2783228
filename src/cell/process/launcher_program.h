// The launcher, embedded in the library.
#ifndef CURFEW_CELL_PROCESS_LAUNCHER_PROGRAM_H
#define CURFEW_CELL_PROCESS_LAUNCHER_PROGRAM_H

#include <cstddef>
#include <cstdint>
#include <span>

namespace curfew::cell {

// Its ELF file.
std::span<const std::byte> launcher_program() noexcept;

// XXH3 of that. A saved guest goes on in the trampoline, which the launcher brings, so it needs the same one.
std::uint64_t launcher_checksum() noexcept;

}  // namespace curfew::cell

#endif
