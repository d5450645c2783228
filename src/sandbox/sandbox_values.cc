// Events and results as values.
#include <curfew/pending_invocation.h>
#include <curfew/sandbox.h>
#include <curfew/value.h>

#include "sandbox/value_result.h"

namespace curfew {

namespace {

Result<std::string> cbor_of(const Value& event) {
    auto cbor = event.to_cbor();
    if (!cbor) cbor.error().message = "the event cannot be passed: " + cbor.error().message;
    return cbor;
}

}  // namespace

Result<ValueResult> LoadedSandbox::handle_value_with(std::string_view handler, const Value& event, MonitorList monitors,
                                                     CallOptions options) {
    const auto cbor = cbor_of(event);
    if (!cbor) return std::unexpected(cbor.error());
    options.format = ValueFormat::cbor;
    auto done = handle_event_with(handler, *cbor, monitors, options);
    if (!done) return std::unexpected(std::move(done.error()));
    return sandbox::value_result(*done);
}

Result<PendingInvocation> LoadedSandbox::begin_value_with(std::string_view handler, const Value& event,
                                                          sandbox::HeldMonitors monitors, CallOptions options) {
    const auto cbor = cbor_of(event);
    if (!cbor) return std::unexpected(cbor.error());
    options.format = ValueFormat::cbor;
    return begin_event_with(handler, *cbor, std::move(monitors), std::move(options));
}

}  // namespace curfew
