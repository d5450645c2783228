// What an image of Node.js is made of, as one short text: an image is of use only where all of it is the same.
#ifndef CURFEW_ENGINE_IMAGE_KEY_H
#define CURFEW_ENGINE_IMAGE_KEY_H

#include <cstddef>
#include <span>
#include <string>

namespace curfew::engine {

// 32 hexadecimal digits, of: how images are laid out, the library of ours that goes into the program, the program itself, whether it
// compiles, the system's libraries that it loads, and what the processor can do. The libraries count by size and time of change, since they are
// looked at whenever a process makes its first cell. What the processor can do counts because the engine's compiler, and the
// system's libraries, have chosen their code by it before they are frozen.
std::string image_key(std::span<const std::byte> guest_library, const std::string& program_identity, bool jitless);

// The parts that the machine has in it, a line each.
std::string describe_system_libraries();
std::string describe_processor();

}  // namespace curfew::engine

#endif
