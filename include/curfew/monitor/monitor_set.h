// MonitorSet: what a call accepts to be limited by. The first monitor of a set that fires ends the
// invocation.
//
//     one monitor                          WallClockMonitor(1s)
//     a std::tuple of any number           std::tuple{CpuTimeMonitor(100ms), WallClockMonitor(1s)}
//     none                                 std::tuple<>{}  (runs unlimited)
//     a set known only at run time         std::vector<AnyMonitor>  (empty: runs unlimited)
//
// The concept is sealed: only these types satisfy it. Monitors of a set start in its order. Functions that take a set take
// any type, and do not compile for one that is none: so they can say what it lacks.
#ifndef CURFEW_MONITOR_MONITOR_SET_H
#define CURFEW_MONITOR_MONITOR_SET_H

#include <curfew/language.h>

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <curfew/monitor/any_monitor.h>
#include <curfew/monitor/execution_monitor.h>

namespace curfew {

namespace monitor::detail {

template <typename S>
inline constexpr bool kIsMonitorSet = ExecutionMonitor<S>;
template <typename... Ms>
inline constexpr bool kIsMonitorSet<std::tuple<Ms...>> = (ExecutionMonitor<std::remove_cvref_t<Ms>> && ...);
template <>
inline constexpr bool kIsMonitorSet<std::vector<AnyMonitor>> = true;

}  // namespace monitor::detail

template <typename S>
concept MonitorSet = monitor::detail::kIsMonitorSet<std::remove_cvref_t<S>>;

namespace monitor::detail {

// Says in one sentence what a type lacks to be a monitor, where a concept would say that it is not satisfied.
template <typename M>
constexpr bool explain_monitor() {
    if constexpr (!requires(const M& monitor, const Invocation& call) { monitor.get_monitor(call); }) {
        static_assert(ExecutionMonitor<M>,
                      "this is no execution monitor: it needs `Result<MonitorTask> get_monitor(const Invocation& call) "
                      "const`, see <curfew/monitor/execution_monitor.h>");
    } else if constexpr (!requires(const M& monitor, const Invocation& call) {
                             { monitor.get_monitor(call) } -> std::same_as<Result<MonitorTask>>;
                         }) {
        static_assert(
            ExecutionMonitor<M>,
            "this is no execution monitor: its get_monitor has to return curfew::Result<curfew::MonitorTask>");
    } else if constexpr (!requires(const M& monitor) {
                             { monitor.name() } -> std::convertible_to<std::string_view>;
                         }) {
        static_assert(ExecutionMonitor<M>,
                      "this is no execution monitor: it needs `std::string_view name() const noexcept`");
    } else {
        static_assert(ExecutionMonitor<M>, "this is no execution monitor: its name() has to be noexcept");
    }
    return true;
}

template <typename S>
struct ExplainMonitorSet {
    static constexpr bool kDone = explain_monitor<S>();
};
template <typename... Ms>
struct ExplainMonitorSet<std::tuple<Ms...>> {
    static constexpr bool kDone = (explain_monitor<std::remove_cvref_t<Ms>>() && ...);
};
template <typename M>
struct ExplainMonitorSet<std::vector<M>> {
    static_assert(std::same_as<M, AnyMonitor>, "a vector of monitors has to be a std::vector<curfew::AnyMonitor>");
    static constexpr bool kDone = true;
};

}  // namespace monitor::detail

// A view of a MonitorSet without its type, for code that is no template. Does not own: the set must outlive
// it. Copying and making one allocates nothing.
class MonitorList {
  public:
    struct Entry {
        const void* monitor = nullptr;
        monitor::detail::MonitorTraits traits{};
    };

    constexpr MonitorList() noexcept = default;  // the empty set

    template <typename S>
        requires(!std::same_as<S, MonitorList> && MonitorSet<S>)
    MonitorList(const S& set) noexcept  // NOLINT(google-explicit-constructor): a view
        : set_(&set) {
        if constexpr (std::same_as<S, std::vector<AnyMonitor>>) {
            size_ = set.size();
            at_ = [](const void* s, std::size_t i) noexcept {
                return entry((*static_cast<const std::vector<AnyMonitor>*>(s))[i]);
            };
        } else if constexpr (ExecutionMonitor<S>) {
            size_ = 1;
            at_ = [](const void* s, std::size_t) noexcept { return entry(*static_cast<const S*>(s)); };
        } else {
            size_ = std::tuple_size_v<S>;
            if constexpr (std::tuple_size_v<S> > 0) at_ = &tuple_entry<S>;
        }
    }

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    Entry operator[](std::size_t index) const noexcept { return at_(set_, index); }

  private:
    template <typename M>
    static Entry entry(const M& monitor) noexcept {
        return {&monitor, monitor::detail::traits_of<M>()};
    }

    template <typename Tuple>
    static Entry tuple_entry(const void* set, std::size_t index) noexcept {
        const auto& tuple = *static_cast<const Tuple*>(set);
        return [&]<std::size_t... I>(std::index_sequence<I...>) noexcept {
            Entry found;
            static_cast<void>(((I == index ? (found = entry(std::get<I>(tuple)), true) : false) || ...));
            return found;
        }(std::make_index_sequence<std::tuple_size_v<Tuple>>());
    }

    const void* set_ = nullptr;
    std::size_t size_ = 0;
    Entry (*at_)(const void*, std::size_t) noexcept = nullptr;
};

namespace monitor {

// For the functions that take a MonitorSet: what is none does not compile, and the compiler says why.
template <typename S>
MonitorList list_of(const S& set) noexcept {
    if constexpr (MonitorSet<S>) {
        return MonitorList(set);
    } else {
        static_assert(detail::ExplainMonitorSet<S>::kDone);
        return {};
    }
}

}  // namespace monitor

}  // namespace curfew

#endif
