#include "sandbox/host/json_tree.h"

#include <cstddef>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace curfew::sandbox {

namespace {

using Json = nlohmann::json;

// Empties a value from its leaves on: of values without children the library's destructor makes no list.
void take_apart(Json& value) noexcept {
    if (auto* const items = value.get_ptr<Json::array_t*>()) {
        for (Json& each : *items) take_apart(each);
        items->clear();
    } else if (auto* const members = value.get_ptr<Json::object_t*>()) {
        for (auto& [key, each] : *members) take_apart(each);
        members->clear();
    }
}

// Makes a tree of what the library's parser reads. Of several members with one key the last one stays.
class Builder final : public nlohmann::json_sax<Json> {
  public:
    explicit Builder(Json& root) noexcept : next_(&root) {}

    bool null() override { return put(Json()); }
    bool boolean(bool value) override { return put(Json(value)); }
    bool number_integer(number_integer_t value) override { return put(Json(value)); }
    bool number_unsigned(number_unsigned_t value) override { return put(Json(value)); }
    bool number_float(number_float_t value, const string_t& /*text*/) override { return put(Json(value)); }
    bool string(string_t& value) override { return put(Json(std::move(value))); }
    bool binary(binary_t& value) override { return put(Json(std::move(value))); }
    bool start_array(std::size_t /*size*/) override { return open(Json(Json::value_t::array)); }
    bool end_array() override { return close(); }
    bool start_object(std::size_t /*size*/) override { return open(Json(Json::value_t::object)); }
    bool end_object() override { return close(); }

    bool key(string_t& name) override {
        next_ = &(*open_.back())[std::move(name)];
        take_apart(*next_);
        return true;
    }

    bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const Json::exception& error) override {
        // As the library's own parser does; copies, since the exception is of a class that is not told.
        if (const auto* range = dynamic_cast<const Json::out_of_range*>(&error)) throw *range;
        throw static_cast<const Json::parse_error&>(error);
    }

  private:
    // Only values without children come here, so that putting one somewhere takes none apart.
    Json& place(Json&& value) {
        if (!open_.empty() && open_.back()->is_array()) {
            auto& items = open_.back()->get_ref<Json::array_t&>();
            items.push_back(std::move(value));
            return items.back();
        }
        *next_ = std::move(value);
        return *next_;
    }
    bool put(Json&& value) {
        place(std::move(value));
        return true;
    }
    bool open(Json&& value) {
        open_.reserve(open_.size() + 1);
        open_.push_back(&place(std::move(value)));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    std::vector<Json*> open_;  // stay where they are: only the innermost one gets children
    Json* next_;               // where the next value goes that is not in an array
};

}  // namespace

JsonTree::JsonTree(std::string_view text) {
    Builder builder(root_);
    try {
        Json::sax_parse(text, &builder);
    } catch (...) {
        take_apart(root_);
        throw;
    }
}

JsonTree::~JsonTree() { take_apart(root_); }

}  // namespace curfew::sandbox
