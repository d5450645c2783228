// The handler that most rows call: it changes one field of a small event.
#ifndef CURFEW_BENCH_TABLE_REDIRECT_H
#define CURFEW_BENCH_TABLE_REDIRECT_H

#include <optional>
#include <string_view>

#include <curfew/curfew.h>

namespace curfew::bench {

inline constexpr std::string_view kRedirectName = "redirect";
inline constexpr std::string_view kRedirect = R"(
function handler(event) {
    event.request.uri = "/redirected.html";
    return event;
})";
inline constexpr std::string_view kRedirectEvent = R"({"request":{"uri":"/index.html"}})";
inline constexpr std::string_view kRedirectResult = R"({"request":{"uri":"/redirected.html"}})";

// A sandbox with one handler, whose script this is.
Result<LoadedSandbox> load_handler(std::string_view name, std::string_view source,
                                   WaitMode wait_mode = WaitMode::automatic,
                                   std::optional<Engine> engine = std::nullopt);

// A sandbox with the redirect handler, and one call of it; fails if its result is not kRedirectResult.
Result<LoadedSandbox> load_redirect(WaitMode wait_mode = WaitMode::automatic);
Result<void> call_redirect(LoadedSandbox& sandbox, CallOptions options = {});

}  // namespace curfew::bench

#endif
