#include "cli/input.h"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace curfew::cli {

Result<std::string> read_all(std::istream& in, const std::string& what, const std::string& source, std::size_t most) {
    const std::string where = what + " could not be read from " + source + ": ";
    std::string text;
    std::array<char, 65536> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled before it is read
    errno = 0;
    while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
        text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
        if (text.size() > most) {
            return base::fail(ErrorCode::invalid_argument,
                              where + "it is larger than " + std::to_string(most >> 20) + " MiB, or has no end.");
        }
    }
    if (in.bad()) {
        const std::string reason = errno != 0 ? std::generic_category().message(errno) : "reading failed";
        return base::fail(ErrorCode::invalid_argument, where + reason + ".");
    }
    return text;
}

Result<Script> read_script(const std::string& file, std::istream& standard_input) {
    if (file != "-") return Script::from_file(file);
    Result<std::string> source = read_all(standard_input, "The script", "standard input");
    if (!source) return std::unexpected(std::move(source.error()));
    return Script::from_content(std::move(*source), "stdin");
}

}  // namespace curfew::cli
