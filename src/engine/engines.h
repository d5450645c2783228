// The engines of this build: those whose programs lie in the library, and those that are made ready on the machine.
#ifndef CURFEW_ENGINE_ENGINES_H
#define CURFEW_ENGINE_ENGINES_H

#include <cstddef>
#include <span>
#include <string>

#include <curfew/engine.h>
#include <curfew/error.h>

namespace curfew::engine {

// Whether this build has it.
bool is_known(Engine engine) noexcept;

// Whether sandboxes do without a compiler whose builder does not say: what the environment variable CURFEW_JITLESS is, if it is
// neither empty nor 0.
bool is_jitless_by_default() noexcept;

// "quickjs, node": for messages.
std::string names_of_engines();

// What a caller is told who wants an engine that this build does not have.
std::unexpected<Error> not_in_this_build(Engine engine);

// The ELF file of an engine whose program lies in the library; empty for others.
std::span<const std::byte> embedded_program(Engine engine) noexcept;

}  // namespace curfew::engine

#endif
