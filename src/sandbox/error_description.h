// What a guest says of what was thrown: CBOR, a map of
//
//   name, message, stack   texts; a name only of an Error
//   value                  of an Error its own enumerable properties, of anything else it itself
//   cause                  the same form again
//   errors                 an array of it
//
// Hostile, as all that a guest says: read within bounds, and what does not fit the form is left out.
#ifndef CURFEW_SANDBOX_ERROR_DESCRIPTION_H
#define CURFEW_SANDBOX_ERROR_DESCRIPTION_H

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <curfew/error_details.h>

namespace curfew::sandbox {

// The text of a script or module by the name that frames of a stack have for it; null if there is none.
using FindSource = std::function<std::shared_ptr<const std::string>(std::string_view file)>;

// Null if the description is none.
std::shared_ptr<const ErrorDetails> read_error_description(std::string_view cbor, const FindSource& find_source);

// The same with the places in its stacks, and in those of its causes and errors, as `mapped` gives them.
std::shared_ptr<const ErrorDetails> with_other_places(const ErrorDetails& details,
                                                      const std::function<std::string(std::string_view stack)>& mapped,
                                                      const FindSource& find_source);

// The innermost frame of a stack that names a line of a script: sets file, line and column. Frames of the engine are passed over.
void find_place(std::string_view stack, ErrorDetails& details);

// Sets source_line and source_column, for a place that was found.
void find_source_line(std::string_view source, ErrorDetails& details);

}  // namespace curfew::sandbox

#endif
