// A program's text as guests take it. They evaluate it, which knows no `import` declarations: those at its top become
// `await import()` in a line of their own before the text.
#ifndef CURFEW_SANDBOX_PROGRAM_TEXT_H
#define CURFEW_SANDBOX_PROGRAM_TEXT_H

#include <string>
#include <string_view>

namespace curfew::sandbox {

// One line more than the source has, before it: line 0. In the source's own lines, what is left stays where it was; the
// imports are blank. What is no import declaration, or none at the top, stays for the engine to refuse.
std::string program_text(std::string_view source);

}  // namespace curfew::sandbox

#endif
