// Source maps (ECMA-426): where something in generated code comes from. What they hold is hostile, and bounded.
#ifndef CURFEW_SANDBOX_SOURCE_MAP_H
#define CURFEW_SANDBOX_SOURCE_MAP_H

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/error.h>

namespace curfew::sandbox {

struct SourcePlace {
    std::string_view file;  // as long as the map
    std::uint32_t line;     // from one, as the column
    std::uint32_t column;
};

// Never changes.
class SourceMap {
  public:
    static constexpr std::size_t kLargest = 16 << 20;  // bytes
    static constexpr std::size_t kMostMappings = 1 << 20;
    static constexpr std::size_t kMostSources = 1 << 14;

    // Fails with `invalid_argument`, and the reason as a part of a sentence.
    static Result<SourceMap> parse(std::string_view json);

    // What the nearest mapping in the line, at the column or before it, says; nothing if there is none. Both count from one.
    std::optional<SourcePlace> find(std::uint32_t line, std::uint32_t column) const;

  private:
    struct Mapping {
        std::uint32_t line;  // of the generated code; all count from zero
        std::uint32_t column;
        std::uint32_t source_line;
        std::uint32_t source_column;
        std::uint32_t source;
    };

    bool add_mappings(std::string_view text);

    std::vector<std::string> sources_;
    std::vector<Mapping> mappings_;  // in the order of the generated code
};

// The map that a source carries in its last comment, `//# sourceMappingURL=data:application/json;base64,...`; nothing if it
// carries none that can be read.
std::optional<std::string> inline_source_map(std::string_view source);

// The maps of scripts, as JSON, by the scripts' names. What is shared never changes.
using ScriptMaps = std::map<std::string, std::string, std::less<>>;

// The map of a script or module; null if it has none.
using SourceMapLookup = std::function<std::shared_ptr<const SourceMap>(std::string_view file)>;

// A text with its places, `file:line:column`, turned into those of the sources.
std::string with_source_places(std::string_view text, const SourceMapLookup& map_of);

}  // namespace curfew::sandbox

#endif
