#include <stdexcept>

#include <curfew/host_module.h>
#include <curfew/monitor/invocation.h>

#include "sandbox/host/host_functions.h"
#include "sandbox/utf8.h"

namespace curfew {

namespace {

void check_name(const char* what, const std::string& name) {
    const auto refuse = [&](const char* why) {
        throw std::invalid_argument("the name of a host " + std::string(what) + " " + why);
    };
    if (name.empty()) refuse("must not be empty");
    if (name.size() > HostModule::kMaxNameLength) refuse("must not be longer than 255 bytes");
    if (name.contains('\0')) refuse("must not hold a NUL character");
    if (!sandbox::is_utf8(name)) refuse("must be UTF-8");
}

}  // namespace

// --- CallContext ---

std::string_view CallContext::handler() const noexcept { return call_->handler(); }
bool CallContext::cancelled() const noexcept { return call_->cancelled(); }
std::stop_token CallContext::stop_token() const { return call_->stop_token(); }
Usage CallContext::usage() const noexcept { return call_->used(); }

// --- HostModule ---

HostModule::HostModule(std::string name, std::shared_ptr<const sandbox::HostFunctions>& functions)
    : name_(std::move(name)), functions_(functions) {
    check_name("module", name_);
    functions_ = sandbox::HostFunctions::with(functions_, name_, {}, nullptr);
}

HostModule& HostModule::add_function(std::string name, std::shared_ptr<const host::detail::Function> function) {
    check_name("function", name);
    functions_ = sandbox::HostFunctions::with(functions_, name_, std::move(name), std::move(function));
    return *this;
}

void HostModule::refuse_empty(const std::string& name) const {
    throw std::invalid_argument("the host function \"" + name_ + "." + name +
                                "\" is empty; give one that can be called");
}

}  // namespace curfew
