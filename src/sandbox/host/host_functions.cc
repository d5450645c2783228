#include "sandbox/host/host_functions.h"

#include <cxxabi.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <tuple>
#include <utility>

#include <curfew/host/detail/json_value.h>
#include <curfew/host/detail/typed_function.h>

#include "base/text.h"
#include "base/utf8.h"
#include "sandbox/host/value_arguments.h"
#include "wire/mailbox.h"

namespace curfew::sandbox {

namespace {

using host::detail::Argument;
using host::detail::Outcome;

std::string full_name(std::string_view module, std::string_view function) {
    return base::shown(std::string(module) + "." + std::string(function));
}

// The name after the prefix, and whether it was there: such a module answers to both together only.
std::pair<std::string_view, bool> parts_of(std::string_view whole_name) noexcept {
    const std::string_view prefix = wire::kHostPrefix;
    if (!whole_name.starts_with(prefix)) return {whole_name, false};
    return {whole_name.substr(prefix.size()), true};
}

// The arguments of one call, as views of what the guest sent.
class Arguments {
  public:
    // False when the headers do not agree with the count and the bytes that there are. Values stay `as_cbor`, if that is asked for.
    bool read(std::uint32_t count, std::string_view encoded, bool as_cbor) {
        while (!encoded.empty()) {
            wire::ArgumentHeader header{};
            if (encoded.size() < sizeof header || size_ == count) return false;
            std::memcpy(&header, encoded.data(), sizeof header);
            encoded.remove_prefix(sizeof header);
            if (header.length() > encoded.size()) return false;
            if (header.is_values()) {
                // All arguments in one, and nothing else.
                are_values_ = size_ == 0 && count == 1 && header.length() == encoded.size();
                if (!are_values_) return false;
                if (!as_cbor) return values_.emplace().read(encoded);
                add({encoded, true});
                return is_list_of_values(encoded);
            }
            add({encoded.substr(0, header.length()), header.is_bytes()});
            encoded.remove_prefix(header.length());
        }
        return size_ == count;
    }

    bool are_values() const noexcept { return are_values_; }
    std::span<const Argument> all() const noexcept {
        if (values_) return values_->all();
        return size_ <= few_.size() ? std::span(few_).first(size_) : std::span(many_);
    }

  private:
    void add(Argument argument) {
        if (size_ < few_.size()) {
            few_[size_] = argument;
        } else {
            if (many_.empty()) many_.assign(few_.begin(), few_.end());
            many_.push_back(argument);
        }
        ++size_;
    }

    std::array<Argument, 8> few_{};  // most calls need no memory for their arguments
    std::vector<Argument> many_;     // all of them, if there are more
    std::size_t size_ = 0;
    bool are_values_ = false;
    std::optional<ValueArguments> values_;
};

}  // namespace

std::shared_ptr<const HostFunctions> HostFunctions::with(const std::shared_ptr<const HostFunctions>& others,
                                                         std::string_view whole_name, std::string function,
                                                         std::shared_ptr<const host::detail::Function> added) {
    const auto [module, prefixed_only] = parts_of(whole_name);
    auto all = others ? std::make_shared<HostFunctions>(*others) : std::make_shared<HostFunctions>();
    const auto old = all->modules_.find(module);
    auto changed = old == all->modules_.end() ? std::make_shared<Module>() : std::make_shared<Module>(*old->second);
    if (old != all->modules_.end() && changed->prefixed_only != prefixed_only) return nullptr;
    changed->prefixed_only = prefixed_only;
    if (added) {
        if (!changed->functions.contains(function)) changed->names.push_back(function);
        changed->functions.insert_or_assign(std::move(function), std::move(added));
    }
    all->modules_.insert_or_assign(std::string(module), std::move(changed));
    return all;
}

bool HostFunctions::answers_to(std::string_view module, bool with_prefix) const noexcept {
    const auto found = modules_.find(module);
    return found != modules_.end() && (with_prefix || !found->second->prefixed_only);
}

std::shared_ptr<const HostFunctions> HostFunctions::with_front(const std::shared_ptr<const HostFunctions>& others,
                                                               std::string_view whole_name, std::string source) {
    const std::string_view module = parts_of(whole_name).first;
    auto all = std::make_shared<HostFunctions>(*others);
    auto changed = std::make_shared<Module>(*all->modules_.at(std::string(module)));
    changed->front = std::move(source);
    all->modules_.insert_or_assign(std::string(module), std::move(changed));
    return all;
}

const std::string* HostFunctions::front_of(std::string_view module) const noexcept {
    const auto found = modules_.find(module);
    return found == modules_.end() || found->second->front.empty() ? nullptr : &found->second->front;
}

bool HostFunctions::has_module(std::string_view whole_name) const noexcept {
    const auto [module, prefixed_only] = parts_of(whole_name);
    const auto found = modules_.find(module);
    return found != modules_.end() && found->second->prefixed_only == prefixed_only;
}

std::optional<std::vector<std::string>> HostFunctions::functions_of(std::string_view module) const {
    const auto found = modules_.find(module);
    if (found == modules_.end()) return std::nullopt;
    std::vector<std::string> names;
    for (const std::string& name : found->second->names) {
        const bool blocks = found->second->functions.at(name)->manner() == host::detail::Manner::blocking;
        const bool values = found->second->functions.at(name)->asks_for_values();
        const auto mark = blocks
                              ? (values ? wire::FunctionMark::blocking_values : wire::FunctionMark::blocking)
                              : (values ? wire::FunctionMark::asynchronous_values : wire::FunctionMark::asynchronous);
        names.push_back(static_cast<char>(mark) + name);
    }
    return names;
}

std::shared_ptr<const host::detail::Function> HostFunctions::find(std::string_view module,
                                                                  std::string_view function) const noexcept {
    const auto in = modules_.find(module);
    if (in == modules_.end()) return nullptr;
    const auto found = in->second->functions.find(function);
    return found == in->second->functions.end() ? nullptr : found->second;
}

HostReply HostFunctions::reply_of(Outcome outcome, std::string_view module, std::string_view function) {
    switch (outcome.kind) {
        case Outcome::Kind::pending:
        case Outcome::Kind::json: break;
        case Outcome::Kind::bytes:
            return {.kind = wire::MessageKind::host_result, .flags = wire::kBinary, .payload = std::move(outcome.text)};
        case Outcome::Kind::cbor:
            return {.kind = wire::MessageKind::host_result, .flags = wire::kCbor, .payload = std::move(outcome.text)};
        case Outcome::Kind::failed: return HostReply::error(base::to_valid_utf8(std::move(outcome.text)));
        case Outcome::Kind::wrong_count:
            return HostReply::error(base::to_valid_utf8(full_name(module, function) + " " + outcome.text));
        case Outcome::Kind::bad_arguments:
            return HostReply::error(base::to_valid_utf8(full_name(module, function) + ": " + outcome.text));
    }
    return {.kind = wire::MessageKind::host_result, .payload = std::move(outcome.text)};
}

HostReply HostFunctions::no_such_function(std::string_view module, std::string_view function) {
    return HostReply::error("the host has no function " + full_name(module, function) +
                            " (any more); it was there when the module was imported");
}

Outcome HostFunctions::call(const host::detail::Function& body, std::string_view module, std::string_view function,
                            const CallContext& context, std::uint32_t count, std::string_view arguments,
                            std::shared_ptr<host::detail::PendingReply> reply) {
    using host::detail::failed;
    try {
        Arguments decoded;
        const bool has_form = decoded.read(count, arguments, body.takes_cbor());
        const bool fits = decoded.are_values() ? body.asks_for_values() : !body.takes_cbor();
        if (!has_form || !fits) {
            return failed("the arguments of " + full_name(module, function) + " came in a wrong form");
        }
        return reply ? body.start(context, decoded.all(), std::move(reply)) : body.call(context, decoded.all());
    } catch (const std::exception& thrown) {
        return failed(thrown.what());
    } catch (abi::__forced_unwind&) {
        throw;  // the thread is being cancelled, which must not be held up
    } catch (...) {
        return failed("the host function " + full_name(module, function) + " threw something that has no message");
    }
}

std::vector<HostFunctionShape> HostFunctions::shapes() const {
    std::vector<HostFunctionShape> shapes;
    for (const auto& [bare_name, module] : modules_) {
        const std::string name = (module->prefixed_only ? wire::kHostPrefix : "") + bare_name;
        if (module->functions.empty()) shapes.push_back({name, "", ""});
        for (const auto& [function, body] : module->functions) shapes.push_back({name, function, body->signature()});
    }
    std::ranges::sort(shapes, {}, [](const auto& shape) { return std::tie(shape.module, shape.function); });
    return shapes;
}

std::optional<std::string> what_is_missing(std::span<const HostFunctionShape> wanted, const HostFunctions* functions) {
    constexpr std::size_t kMost = 8;  // a snapshot's file can claim very many
    std::vector<HostFunctionShape> have;
    if (functions) have = functions->shapes();
    const auto names = [](const HostFunctionShape& shape) { return std::tie(shape.module, shape.function); };
    std::string missing;
    std::size_t count = 0;
    for (const HostFunctionShape& want : wanted) {
        std::string what;
        if (want.function.empty()) {
            if (!functions || !functions->has_module(want.module))
                what = "the module " + base::in_quotes(want.module) + " is missing";
        } else {
            const auto found = std::ranges::lower_bound(have, names(want), {}, names);
            const std::string name = want.module + "." + want.function + want.signature;
            if (found == have.end() || names(*found) != names(want)) {
                what = name + " is missing";
            } else if (found->signature != want.signature) {
                what = name + " is " + found->signature + " here";
            }
        }
        if (what.empty()) continue;
        if (++count <= kMost) missing += (missing.empty() ? "" : "; ") + base::shown(what);
    }
    if (missing.empty()) return std::nullopt;
    if (count > kMost) missing += "; and " + std::to_string(count - kMost) + " more";
    return missing;
}

}  // namespace curfew::sandbox

namespace curfew::host::detail {

std::string wrong_count(std::size_t least, std::size_t most, std::size_t count) {
    std::string takes = std::to_string(most);
    if (least != most) takes = std::to_string(least) + " to " + takes;
    return "takes " + takes + (takes == "1" ? " argument" : " arguments") + ", but was called with " +
           std::to_string(count);
}

std::string name_of(const std::type_info& type) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                           &std::free);
    return name ? name.get() : type.name();
}

}  // namespace curfew::host::detail
