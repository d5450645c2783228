#include "checkout.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>

namespace curfew::conform {
namespace {

constexpr std::string_view kPackagePath = "/package.json";

class CheckoutFiles final : public FileSystem {
  public:
    explicit CheckoutFiles(std::shared_ptr<const FileSystem> files) : files_(std::move(files)) {}

    Result<std::optional<Entry>> find(std::string_view path) const override {
        if (path == kPackagePath) return Entry{Kind::file, std::string(path)};
        return files_->find(path);
    }
    Result<std::optional<std::string>> read(std::string_view path) const override {
        if (path == kPackagePath) return R"({"type":"module"})";
        return files_->read(path);
    }

  private:
    std::shared_ptr<const FileSystem> files_;
};

}  // namespace

std::string read_text(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) throw std::runtime_error(file.string() + " cannot be read.");
    return text;
}

std::vector<std::string> list_tests(const std::filesystem::path& checkout, std::string_view folder,
                                    std::string_view ending, std::string_view only, std::size_t every) {
    std::vector<std::string> paths;
    for (auto entry = std::filesystem::recursive_directory_iterator(checkout / folder);
         entry != std::filesystem::recursive_directory_iterator(); ++entry) {
        if (entry->is_directory() && entry->path().filename().string().starts_with('.')) {
            entry.disable_recursion_pending();
            continue;
        }
        std::string path = entry->path().lexically_relative(checkout).string();
        if (path.ends_with(ending) && path.starts_with(only) && entry->is_regular_file())
            paths.push_back(std::move(path));
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> chosen;
    for (std::size_t i = 0; i < paths.size(); i += std::max<std::size_t>(every, 1))
        chosen.push_back(std::move(paths[i]));
    return chosen;
}

std::shared_ptr<const FileSystem> modules_of(const std::filesystem::path& checkout) {
    auto files = DirectoryFileSystem::open(checkout.string(), {.mount_point = "/"});
    if (!files) throw std::runtime_error(files.error().message);
    return std::make_shared<CheckoutFiles>(std::move(*files));
}

}  // namespace curfew::conform
