// A monitor's functions behind pointers, so that only templates at the surface know its type.
//
// They are passed by value, not as a table with an address: a table would be an inline variable, which the dynamic linker
// merges with those of every other copy of the library in the process, and the functions with it.
#ifndef CURFEW_MONITOR_DETAIL_MONITOR_TRAITS_H
#define CURFEW_MONITOR_DETAIL_MONITOR_TRAITS_H

#include <curfew/language.h>

#include <concepts>
#include <string>
#include <string_view>

#include <curfew/error.h>
#include <curfew/monitor/execution_monitor.h>

namespace curfew::monitor::detail {

struct MonitorTraits {
    Result<MonitorTask> (*get_monitor)(const void* monitor, const Invocation& call) = nullptr;
    std::string (*name)(const void* monitor) = nullptr;
    std::string (*describe)(const void* monitor) = nullptr;  // empty if the monitor does not say
    bool (*soft)(const void* monitor) = nullptr;             // warns, but lets go on
};

template <ExecutionMonitor M>
constexpr MonitorTraits traits_of() noexcept {
    return {
        .get_monitor = [](const void* monitor, const Invocation& call) -> Result<MonitorTask> {
            return static_cast<const M*>(monitor)->get_monitor(call);
        },
        .name = [](const void* monitor) -> std::string {
            return std::string(std::string_view(static_cast<const M*>(monitor)->name()));
        },
        .describe = [](const void* monitor) -> std::string {
            if constexpr (requires(const M& m) {
                              { m.describe() } -> std::convertible_to<std::string>;
                          }) {
                return static_cast<const M*>(monitor)->describe();
            } else {
                static_cast<void>(monitor);
                return {};
            }
        },
        .soft = [](const void* monitor) -> bool {
            if constexpr (requires(const M& m) {
                              { m.soft() } -> std::same_as<bool>;
                          }) {
                return static_cast<const M*>(monitor)->soft();
            } else {
                static_cast<void>(monitor);
                return false;
            }
        },
    };
}

}  // namespace curfew::monitor::detail

#endif
