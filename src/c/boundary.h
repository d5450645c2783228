// The boundary between C and C++: no exception crosses it, nothing is taken for granted of what comes in.
#ifndef CURFEW_C_BOUNDARY_H
#define CURFEW_C_BOUNDARY_H

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "c/objects.h"

namespace curfew::c {

// Never null: if there is no memory for it, one that is always there.
curfew_error* give(Error error) noexcept;
curfew_error* refuse(ErrorCode code, const char* message) noexcept;
curfew_error* out_of_memory() noexcept;

// Who passes null where an object has to be, by the object's name.
curfew_error* missing(const char* what) noexcept;

// Runs `work`, which returns a curfew_error*; what it throws becomes one.
template <typename Work>
curfew_error* guarded(Work&& work) noexcept {
    try {
        return std::forward<Work>(work)();
    } catch (const std::bad_alloc&) {
        return out_of_memory();
    } catch (const std::invalid_argument& thrown) {
        return refuse(ErrorCode::invalid_argument, thrown.what());
    } catch (const std::logic_error& thrown) {
        return refuse(ErrorCode::consumed, thrown.what());
    } catch (const std::exception& thrown) {
        return refuse(ErrorCode::internal, thrown.what());
    } catch (...) {
        return refuse(ErrorCode::internal, "something was thrown that has no message");
    }
}

// The result goes to `*out` as an object of C; or else its error is returned.
template <typename Object, typename T, typename... Members>
curfew_error* hand_over(Result<T> made, Object** out, Members&&... members) {
    if (!made) return give(std::move(made.error()));
    *out = new Object{std::move(*made), std::forward<Members>(members)...};  // NOLINT: its owner is C
    return nullptr;
}

inline curfew_error* hand_over_text(std::string text, curfew_text** out) {
    *out = new curfew_text{std::move(text)};  // NOLINT: its owner is C
    return nullptr;
}

inline curfew_error* outcome_of(Result<void> done) { return done ? nullptr : give(std::move(done.error())); }

// A text as it came in. One without an address is empty, if it is said to be.
inline std::string_view text_of(const char* text, std::size_t length) noexcept {
    if (text == nullptr) return {};
    return length == CURFEW_NUL_ENDED ? std::string_view(text) : std::string_view(text, length);
}

inline bool is_missing(const char* text, std::size_t length) noexcept { return text == nullptr && length != 0; }

inline const char* text_out(const std::string& text, std::size_t* length) noexcept {
    if (length != nullptr) *length = text.size();
    return text.c_str();
}

// A structure as this library knows it, of one whose user may know less or more of it.
template <typename T>
T taken(const T* given) noexcept {
    if (given != nullptr && given->struct_size >= sizeof(T)) return *given;
    T known{};
    if (given != nullptr) std::memcpy(&known, given, given->struct_size);
    return known;
}

template <typename T>
void give_out(const T& known, T* wanted) noexcept {
    if (wanted == nullptr) return;
    const std::size_t size = wanted->struct_size;
    if (size <= sizeof size) return;
    std::memcpy(reinterpret_cast<char*>(wanted) + sizeof size, reinterpret_cast<const char*>(&known) + sizeof size,
                std::min(size, sizeof known) - sizeof size);
}

curfew_usage usage_of(const Usage& usage) noexcept;

// Keeps `user` until nobody has a copy of this any more.
std::shared_ptr<void> keep(void* user, curfew_free_user free_user);

// The monitors of a call that may have none.
inline const std::vector<AnyMonitor>& monitors_of(const curfew_monitors* monitors) noexcept {
    static const std::vector<AnyMonitor> none;
    return monitors == nullptr ? none : monitors->monitors;
}

// The observer behind functions of C.
std::shared_ptr<Observer> observer_of(curfew_observer observer, std::shared_ptr<void> user);

// The script of a handler.
Script script_of(const char* source, std::size_t length, const curfew_script_options* options);

// The settings of a call.
CallOptions options_of(const curfew_call_options* options);

}  // namespace curfew::c

#endif
