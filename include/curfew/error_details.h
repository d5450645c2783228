// What JavaScript threw, piece by piece: for programs that act on it, and for those that show it to a person.
//
//   if (const auto* details = error.details.get())
//       std::cerr << details->file << ':' << details->line << ':' << details->column << '\n' << details->source_line << '\n';
//
// All of it comes out of a cell: hostile text, of bounded size. docs/errors.md has an example of each.
#ifndef CURFEW_ERROR_DETAILS_H
#define CURFEW_ERROR_DETAILS_H

#include <curfew/language.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <curfew/value.h>

namespace curfew {

struct ErrorDetails {
    static constexpr std::size_t kLongestText = 64 << 10;       // bytes of `message` and `stack`
    static constexpr std::size_t kLongestSourceLine = 1 << 10;  // bytes; what is longer is cut around the column
    static constexpr std::size_t kMostErrors = 64;              // with causes and errors, all together
    static constexpr std::size_t kMostCauses = 8;               // below each other

    // Of an Error: its class by name, such as "TypeError", and what it says. Of anything else that was thrown: no name, and the
    // value as text.
    std::string name{};
    std::string message{};
    std::string stack{};  // a line a frame

    // Where it was thrown, or where the compiler stopped: the first frame of the script. Lines and columns count from 1; 0 if it
    // is not known.
    std::string file{};
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string source_line{};  // that line of the script or module; empty if the host does not have it (any more)
    std::uint32_t source_column = 0;  // where the column is in it, from 1; another than `column` if the line was cut

    // Of an Error: an object of its own enumerable properties, such as `code`. Of anything else: it itself. What is large, deep
    // or computed (getters) is left out.
    Value value{};

    std::shared_ptr<const ErrorDetails> cause{};                // null: it has none
    std::vector<std::shared_ptr<const ErrorDetails>> errors{};  // of an AggregateError
};

}  // namespace curfew

#endif
