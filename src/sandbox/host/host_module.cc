#include <stdexcept>

#include <curfew/host_module.h>
#include <curfew/monitor/invocation.h>

#include "base/name.h"
#include "base/text.h"
#include "sandbox/host/host_functions.h"

namespace curfew {

namespace {

void require_name(const char* what, const std::string& name) {
    if (const auto checked = base::check_name(what, name); !checked)
        throw std::invalid_argument(checked.error().message);
}
static_assert(base::kLongestName == HostModule::kMaxNameLength);

}  // namespace

// --- CallContext ---

std::string_view CallContext::handler() const noexcept { return call_->handler(); }
bool CallContext::cancelled() const noexcept { return call_->cancelled(); }
std::stop_token CallContext::stop_token() const { return call_->stop_token(); }
Usage CallContext::usage() const noexcept { return call_->used(); }

// --- HostModule ---

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

void HostModule::refuse_empty(const std::string& name) const {
    throw std::invalid_argument("the host function " + base::in_quotes(name_ + "." + name) +
                                " is empty; give one that can be called");
}

}  // namespace curfew
