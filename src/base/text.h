// How text is shown that a guest, a caller or a file made up: names in messages, lines of a log, what a terminal prints.
#ifndef CURFEW_BASE_TEXT_H
#define CURFEW_BASE_TEXT_H

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace curfew::base {

enum class LineBreaks {
    escape,  // line feeds and tabs are written as \n and \t: the text stays one line
    keep,    // they stay
};

// Valid UTF-8 that does to no reader more than being read: every byte that is not UTF-8 becomes U+FFFD; control characters,
// separators of lines and what changes the direction of text are written as \u001b and the like. In JSON, where such
// characters stand only inside strings, the value stays the same.
std::string escaped(std::string_view text, LineBreaks breaks = LineBreaks::escape);

// No more bytes of a name or text than these are shown; "..." stands for the rest.
inline constexpr std::size_t kLongestShown = 200;

// For messages: escaped, one line, short enough to be read.
std::string shown(std::string_view text);

// The same in double quotes, with \" and \\ for those inside, so that where it ends can be seen.
std::string in_quotes(std::string_view text);

// Two small digits for each byte.
std::string hexadecimal(std::span<const std::byte> bytes);

}  // namespace curfew::base

#endif
