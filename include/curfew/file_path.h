// FilePath: the path of a file or folder of the machine, as a parameter.
#ifndef CURFEW_FILE_PATH_H
#define CURFEW_FILE_PATH_H

#include <curfew/language.h>

#include <concepts>
#include <string>
#include <string_view>

namespace curfew {

namespace detail {

template <typename T>
concept PathText = std::convertible_to<const T&, std::string_view> || std::convertible_to<const T&, std::u8string_view>;
// A std::filesystem::path, without its header.
template <typename T>
concept NativePath = requires(const T& path) {
    { path.native() } -> std::same_as<const std::string&>;
};
// A std::filesystem::directory_entry.
template <typename T>
concept PathHolder = requires(const T& entry) {
    { entry.path().native() } -> std::same_as<const std::string&>;
};

}  // namespace detail

// Made of whatever a program holds a path in: text (char or char8_t), a std::filesystem::path or directory_entry. Holds a
// copy. What it names is for those who use it to check.
class FilePath {
  public:
    template <typename Path>
        requires(detail::PathText<Path> || detail::NativePath<Path> || detail::PathHolder<Path>)
    FilePath(const Path& path) {  // NOLINT(google-explicit-constructor): a parameter
        if constexpr (std::convertible_to<const Path&, std::string_view>) {
            text_ = std::string_view(path);
        } else if constexpr (detail::PathText<Path>) {
            const std::u8string_view text = path;
            text_.assign(text.begin(), text.end());
        } else if constexpr (detail::NativePath<Path>) {
            text_ = path.native();
        } else {
            text_ = path.path().native();
        }
    }

    const std::string& text() const noexcept { return text_; }

  private:
    std::string text_;
};

}  // namespace curfew

#endif
