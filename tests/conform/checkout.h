// The files of a checkout, as the host reads them and as tests in cells import them.
#ifndef CURFEW_TESTS_CONFORM_CHECKOUT_H
#define CURFEW_TESTS_CONFORM_CHECKOUT_H

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/file_system.h>

namespace curfew::conform {

// Throws std::runtime_error, with the path, if it cannot be read.
std::string read_text(const std::filesystem::path& file);

// Paths below the checkout's folder of all files under `folder` (below it as well) that end so, sorted; those that begin with `only`,
// of which each `every`th.
std::vector<std::string> list_tests(const std::filesystem::path& checkout, std::string_view folder,
                                    std::string_view ending, std::string_view only, std::size_t every);

// The checkout at "/". Every file in it is an ES module, also where it looks like none.
std::shared_ptr<const FileSystem> modules_of(const std::filesystem::path& checkout);

}  // namespace curfew::conform

#endif
