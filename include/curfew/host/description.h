// What is said of a host function beyond its types, for people and language models who write code that calls it: see
// ProtoSandbox::describe().
#ifndef CURFEW_HOST_DESCRIPTION_H
#define CURFEW_HOST_DESCRIPTION_H

#include <curfew/language.h>

#include <string>
#include <vector>

namespace curfew {

// A plain value. Whatever is empty is derived from the C++ types.
struct HostDescription {
    std::string comment{};                  // what it does; may have several lines
    std::vector<std::string> parameters{};  // the parameters' names, in order

    // JSON Schemas: of the first argument, which becomes the only one, and of the result. Not of all keywords: `type`,
    // `properties`, `required`, `additionalProperties`, `items`, `enum`, `const`, `anyOf`, `oneOf`, `allOf` and `description`
    // count; what else a schema asks for is not shown.
    std::string input_schema{};
    std::string output_schema{};

    // Parameters and result as TypeScript, in place of all that: "(id: string, limit?: number): Promise<Row[]>".
    std::string signature{};
};

}  // namespace curfew

#endif
