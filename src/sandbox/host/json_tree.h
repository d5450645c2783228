// JSON as a tree of nlohmann-json's values, made and taken apart so that memory may run out at any time. The library's own
// parser and destructor take memory to take a tree apart, and where there is none, the destructor ends the process.
#ifndef CURFEW_SANDBOX_HOST_JSON_TREE_H
#define CURFEW_SANDBOX_HOST_JSON_TREE_H

#include <nlohmann/json.hpp>

#include <string_view>

namespace curfew::sandbox {

class JsonTree {
  public:
    // Throws as nlohmann::json::parse() does, and std::bad_alloc. The text must not be nested so deep that recursion is no
    // way to take the tree apart.
    explicit JsonTree(std::string_view text);
    ~JsonTree();
    JsonTree(const JsonTree&) = delete;
    JsonTree& operator=(const JsonTree&) = delete;

    const nlohmann::json& root() const noexcept { return root_; }

  private:
    nlohmann::json root_;
};

}  // namespace curfew::sandbox

#endif
