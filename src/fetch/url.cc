#include "fetch/url.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/ascii.h"
#include "base/text.h"

namespace curfew::fetch {

namespace {

using base::is_digit;

bool is_name_character(char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_'; }

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

bool is_hexadecimal(std::string_view label) { return label.starts_with("0x"); }

// Whether a host whose last label this is can only be an address of IPv4.
bool is_number(std::string_view label) {
    if (label.empty()) return false;
    if (std::ranges::all_of(label, is_digit)) return true;
    if (!is_hexadecimal(label)) return false;
    return std::ranges::all_of(label.substr(2), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

// One number of an address, in base 16, 8 or 10, as the URL standard reads it.
std::optional<std::uint64_t> parse_number(std::string_view label) {
    int base = 10;
    if (is_hexadecimal(label)) {
        label.remove_prefix(2);
        base = 16;
    } else if (label.size() > 1 && label.starts_with('0')) {
        label.remove_prefix(1);
        base = 8;
    } else if (label.empty()) {
        return std::nullopt;
    }
    if (label.empty()) return 0;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), value, base);
    if (error != std::errc() || end != label.data() + label.size()) return std::nullopt;
    return value;
}

std::optional<IpAddress> parse_v4(const std::vector<std::string_view>& labels) {
    if (labels.size() > 4) return std::nullopt;
    std::uint64_t address = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto value = parse_number(labels[i]);
        if (!value) return std::nullopt;
        if (i + 1 < labels.size()) {
            if (*value > 255) return std::nullopt;
            address |= *value << (24 - 8 * i);
        } else {
            // The last one stands for all bytes that are left.
            if (*value >= std::uint64_t{1} << (8 * (5 - labels.size()))) return std::nullopt;
            address |= *value;
        }
    }
    return IpAddress::v4(static_cast<std::uint32_t>(address));
}

std::expected<Host, std::string> parse_name(std::string text) {
    constexpr std::size_t kLongestName = 253;
    constexpr std::size_t kLongestLabel = 63;
    const auto labels = split(text, '.');
    if (text.size() > kLongestName) return std::unexpected("is longer than a name can be");
    for (const std::string_view label : labels) {
        if (label.empty()) {
            return std::unexpected(label.data() == text.data() + text.size() ? "ends in a dot" : "has an empty part");
        }
        if (label.size() > kLongestLabel) return std::unexpected("has a part that is longer than it can be");
        if (!std::ranges::all_of(label, is_name_character)) {
            return std::unexpected("has characters that no name has");
        }
    }
    return Host{.text = std::move(text), .address = std::nullopt};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(port);
}

}  // namespace

std::expected<Host, std::string> Host::parse(std::string_view given) {
    if (given.empty()) return std::unexpected("is empty");
    if (given.starts_with('[')) {
        const auto address = given.ends_with(']') ? IpAddress::parse(given.substr(1, given.size() - 2)) : std::nullopt;
        if (!address || !address->is_v6) return std::unexpected("is no address of IPv6");
        return Host{.text = "[" + address->text() + "]", .address = address};
    }
    std::string text = base::lower(given);
    auto labels = split(text, '.');
    if (labels.size() > 1 && labels.back().empty() && is_number(labels[labels.size() - 2])) labels.pop_back();
    if (is_number(labels.back())) {
        const auto address = parse_v4(labels);
        if (!address) return std::unexpected("ends in a number, but is no address of IPv4");
        return Host{.text = address->text(), .address = address};
    }
    return parse_name(std::move(text));
}

std::uint16_t default_port(std::string_view scheme) noexcept {
    if (scheme == "https") return 443;
    return scheme == "http" ? 80 : 0;
}

std::string origin_text(std::string_view scheme, std::string_view host, std::uint16_t port) {
    std::string text(scheme);
    text.append("://").append(host);
    if (port != default_port(scheme)) text.append(":").append(std::to_string(port));
    return text;
}

std::expected<Url, std::string> Url::parse(std::string_view text) {
    const auto wrong = [&](const std::string& what) {
        return std::unexpected("the URL " + base::in_quotes(text) + " " + what);
    };
    if (text.size() > kLongest) return wrong("is longer than 16 KiB");
    if (std::ranges::any_of(text, [](char c) { return c < 0x21 || c > 0x7e; })) {
        return wrong("has characters that have to be escaped");
    }
    const auto colon = text.find(':');
    std::string scheme = base::lower(text.substr(0, colon));
    if (colon == std::string_view::npos || default_port(scheme) == 0) return wrong("is neither http nor https");
    std::string_view rest = text.substr(colon + 1);
    if (!rest.starts_with("//")) return wrong("has no host");
    rest.remove_prefix(2);
    rest = rest.substr(0, rest.find('#'));
    const auto end = std::min(rest.find_first_of("/?"), rest.size());
    const std::string_view authority = rest.substr(0, end);
    if (authority.contains('@')) return wrong("has a user name or password, which cannot be sent; use a header");

    // A port comes after the last colon that is not part of an address of IPv6.
    auto port_at = authority.rfind(':');
    if (const auto bracket = authority.rfind(']'); bracket != std::string_view::npos && port_at < bracket) {
        port_at = std::string_view::npos;
    }
    auto host = Host::parse(authority.substr(0, port_at));
    if (!host) return wrong("has a host that " + host.error());
    std::uint16_t port = default_port(scheme);
    if (port_at != std::string_view::npos && port_at + 1 < authority.size()) {
        const auto given = parse_port(authority.substr(port_at + 1));
        if (!given) return wrong("has no port from 1 to 65535");
        port = *given;
    }
    std::string target(rest.substr(end));
    if (!target.starts_with('/')) target.insert(0, "/");
    return Url{.scheme = std::move(scheme), .host = std::move(*host), .port = port, .target = std::move(target)};
}

}  // namespace curfew::fetch
