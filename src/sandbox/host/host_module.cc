#include <stdexcept>

#include <curfew/host/detail/pending_reply.h>
#include <curfew/host_module.h>

#include "base/name.h"
#include "base/text.h"
#include "base/utf8.h"
#include "sandbox/host/declarations.h"
#include "sandbox/host/host_functions.h"

namespace curfew {

namespace {

void require_name(const char* what, const std::string& name) {
    if (const auto checked = base::check_name(what, name); !checked)
        throw std::invalid_argument(checked.error().message);
}

class DynamicDeferredFunction final : public host::detail::Function {
    using Outcome = host::detail::Outcome;

  public:
    host::detail::Manner manner() const noexcept override { return host::detail::Manner::deferred; }
    Outcome call(const CallContext&, std::span<const HostArgument>) const override {
        return host::detail::asynchronous_only();
    }
    Outcome start(const CallContext&, std::span<const HostArgument> arguments,
                  std::shared_ptr<host::detail::PendingReply>) const override {
        if (Outcome outcome = host::detail::check(arguments); outcome.kind != Outcome::Kind::json) return outcome;
        return {Outcome::Kind::pending};
    }
    std::string signature() const override { return "(...) -> promise of any"; }
};

static_assert(base::kLongestName == HostModule::kMaxNameLength);

}  // namespace

HostModule::HostModule(std::string name, std::shared_ptr<const sandbox::HostFunctions>& functions)
    : name_(std::move(name)), functions_(functions) {
    require_name("a host module", name_);
    if (name_ == wire::kHostPrefix) throw std::invalid_argument("a host module has a name after \"host:\"");
    auto with_module = sandbox::HostFunctions::with(functions_, name_, {}, nullptr);
    if (!with_module) {
        throw std::invalid_argument(
            "there is a host module " + base::in_quotes(name_) +
            " already, with \"host:\" before its name or without it; use the one that is there");
    }
    functions_ = std::move(with_module);
}

HostModule& HostModule::add_function(std::string name, std::shared_ptr<const host::detail::Function> function) {
    require_name("a host function", name);
    functions_ = sandbox::HostFunctions::with(functions_, name_, std::move(name), std::move(function));
    return *this;
}

HostModule& HostModule::add_deferred(std::string name) {
    return add_function(std::move(name), std::make_shared<DynamicDeferredFunction>());
}

HostModule& HostModule::set_front(std::string source) {
    if (!base::is_utf8(source)) {
        throw std::invalid_argument("the front of the host module " + base::in_quotes(name_) + " is not UTF-8 text");
    }
    functions_ = sandbox::HostFunctions::with_front(functions_, name_, std::move(source));
    return *this;
}

HostModule& HostModule::describe(std::string function, HostDescription description) {
    require_name("a host function", function);
    for (const std::string& schema : {description.input_schema, description.output_schema}) {
        if (schema.empty()) continue;
        if (const auto type = sandbox::type_of_schema(schema); !type) {
            throw std::invalid_argument("the schema of the host function " + base::in_quotes(name_ + "." + function) +
                                        " cannot be used: " + type.error().message);
        }
    }
    if (!descriptions_) descriptions_ = std::make_shared<sandbox::HostDescriptions>();
    descriptions_->by_function.insert_or_assign(std::move(function), std::move(description));
    return *this;
}

void HostModule::refuse_empty(const std::string& name) const {
    throw std::invalid_argument("the host function " + base::in_quotes(name_ + "." + name) +
                                " is empty; give one that can be called");
}

}  // namespace curfew
