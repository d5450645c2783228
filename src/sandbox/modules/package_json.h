// What resolution needs to know of a package.json.
#ifndef CURFEW_SANDBOX_PACKAGE_JSON_H
#define CURFEW_SANDBOX_PACKAGE_JSON_H

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/error.h>

namespace curfew::sandbox {

// A value of `exports` or `imports`. The order of an object's members matters, which JSON libraries do not keep.
struct PackageTarget {
    enum class Kind { null, string, array, object, other };

    Kind kind = Kind::null;
    std::string key{};                     // in the object that it is a member of
    std::string text{};                    // of a string
    std::vector<PackageTarget> members{};  // of an object or array
};

struct PackageJson {
    static constexpr std::size_t kLargest = 1 << 20;   // bytes of the file
    static constexpr std::size_t kDeepestTarget = 32;  // levels below `exports` or `imports`

    // Fails with what is wrong with it and where, to be said behind the file's path.
    static Result<PackageJson> parse(std::string_view text);

    std::string name{};
    std::optional<std::string> main{};
    std::optional<std::string> module{};
    std::optional<PackageTarget> exports{};  // null counts as absent, as it does elsewhere
    std::optional<PackageTarget> imports{};
};

// What a lookup in `exports` or `imports` comes to.
struct TargetChoice {
    enum class Kind {
        path,        // `text` is the target: "./..." within the package, or for `imports` a bare name
        not_there,   // the package does not offer it
        only_other,  // it does, but under none of the conditions that apply; `text` lists its own
        malformed,   // `text` says what is wrong
    };
    Kind kind = Kind::not_there;
    std::string text{};
};

// The conditions that apply to an import, in no order.
using Conditions = std::span<const std::string_view>;

// `subpath` is "." or begins with "./". The best match wins, a pattern ("./lib/*") with the longest text before its
// star; in conditions, the first that applies.
TargetChoice choose_export(const PackageTarget& exports, std::string_view subpath, Conditions conditions);

// `name` begins with '#'.
TargetChoice choose_import(const PackageTarget& imports, std::string_view name, Conditions conditions);

}  // namespace curfew::sandbox

#endif
