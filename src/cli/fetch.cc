#include "cli/fetch.h"

#include <stdexcept>
#include <string>

#include <curfew/fetch.h>

#ifdef CURFEW_WITH_CURL
#include <curfew/curl_transport.h>
#endif

#include "base/error.h"

namespace curfew::cli {

#ifdef CURFEW_WITH_CURL

Result<void> give_fetch(SandboxBuilder& builder, const SandboxOptions& options) {
    FetchPolicy policy;
    policy.origins = options.fetch_origins;
    policy.addresses = options.fetch_addresses;
    try {
        builder.with_fetch(policy, curl_transport());
    } catch (const std::runtime_error& thrown) {
        return base::fail(ErrorCode::unavailable, std::string("--fetch: ") + thrown.what());
    }
    return {};
}

#else

Result<void> give_fetch(SandboxBuilder&, const SandboxOptions&) {
    return base::fail(ErrorCode::unavailable,
                      "--fetch: this command was built without libcurl; build it where libcurl's headers are");
}

#endif

}  // namespace curfew::cli
