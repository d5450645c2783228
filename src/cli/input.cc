#include "cli/input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <curfew/base/saturate.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/utf8.h"

namespace curfew::cli {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

std::string reason(int error) { return std::generic_category().message(error); }

std::unexpected<Error> too_late(const TimeLimit& limit, const std::string& where) {
    return std::unexpected(Error{.code = ErrorCode::cancelled,
                                 .message = where + "its end had not come when the limit \"" + std::string(limit.name) +
                                            "\" (" + limit.value + ") was reached. Nothing was run.",
                                 .terminated_by = std::string(limit.name),
                                 .usage = {.wall_time = steady_clock::now() - limit.start}});
}

// Waits until there is something to read; false if the limit is reached first. Without one, reading waits by itself.
bool wait_for_input(int descriptor, const std::optional<TimeLimit>& limit) {
    if (!limit) return true;
    for (;;) {
        const nanoseconds left = limit->end - steady_clock::now();
        if (left <= nanoseconds::zero()) return false;
        const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
        const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
        pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
        // What cannot be waited for is found out by reading it.
        if (::ppoll(&waiting, 1, &timeout, nullptr) != 0 && errno != EINTR) return true;
    }
}

Result<std::string> read_to_end(int descriptor, const Input& input, const std::string& where) {
    std::string text;
    std::array<char, 65536> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled before it is read
    for (;;) {
        if (!wait_for_input(descriptor, input.limit)) return too_late(*input.limit, where);
        const ssize_t size = ::read(descriptor, piece.data(), piece.size());
        if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (size < 0) return base::fail(ErrorCode::invalid_argument, where + reason(errno) + ".");
        if (size == 0) return text;
        text.append(piece.data(), static_cast<std::size_t>(size));
        if (text.size() > input.largest) {
            return base::fail(
                ErrorCode::invalid_argument,
                where + "it is larger than " + std::to_string(input.largest >> 20) + " MiB, or has no end.");
        }
    }
}

std::string place_of(const std::string& what, const std::string& source) {
    return what + " could not be read from " + source + ": ";
}

bool is_pipe_or_device(const std::string& path) {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode);
}

Result<Script> to_script(Result<std::string> source, const std::string& where, std::string name) {
    if (!source) return std::unexpected(std::move(source.error()));
    if (const std::size_t valid = base::valid_utf8_prefix(*source); valid != source->size()) {
        return base::fail(ErrorCode::invalid_argument,
                          where + "it is not UTF-8 (at offset " + std::to_string(valid) + ").");
    }
    return Script::from_content(std::move(*source), std::move(name));
}

}  // namespace

std::optional<TimeLimit> first_time_limit(std::span<const LimitSetting> limits, steady_clock::time_point start) {
    std::optional<TimeLimit> first;
    for (const LimitSetting& limit : limits) {
        if (limit.name != "wall-clock" && limit.name != "deadline") continue;
        const std::optional<system_clock::time_point> time = limit.value.time();
        const nanoseconds left =
            time ? *time - system_clock::now() : limit.value.duration().value_or(nanoseconds::max());
        const steady_clock::time_point end = base::saturating_add(start, left);
        if (!first || end < first->end) first = TimeLimit{limit.name, limit_text(limit), start, end};
    }
    return first;
}

Result<std::string> read_standard_input(const Input& input, const std::string& what) {
    return read_to_end(input.standard_input, input, place_of(what, "standard input"));
}

Result<std::string> read_file(const std::string& path, const Input& input, const std::string& what) {
    const std::string where = place_of(what, path);
    const auto refuse = [&](const std::string& why) {
        return base::fail(ErrorCode::invalid_argument, where + why + ", or - for standard input.");
    };
    // Opening a pipe would wait for whoever writes to it; so the descriptor does not wait, and poll does.
    const bool waits = input.limit.has_value();
    const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | (waits ? O_NONBLOCK : 0)));
    if (!file) return refuse(reason(errno) + ". Name a file");
    struct stat found{};
    if (::fstat(file.get(), &found) == 0 && S_ISDIR(found.st_mode)) return refuse("it is a folder. Name a file");
    return read_to_end(file.get(), input, where);
}

Result<Script> read_script(const std::string& file, const Input& input) {
    const std::string what = "The script";
    if (file == "-") return to_script(read_standard_input(input, what), place_of(what, "standard input"), "stdin");
    // A pipe has no folder to import from, and may have no end.
    if (is_pipe_or_device(file)) return to_script(read_file(file, input, what), place_of(what, file), file);
    return Script::from_file(file);
}

}  // namespace curfew::cli
