#include <algorithm>
#include <vector>

#include <curfew/fetch/addresses.h>

#include "fetch/ip_address.h"

namespace curfew {

FetchAddresses::FetchAddresses() = default;

Result<FetchAddresses> FetchAddresses::with(std::span<const std::string> named) {
    auto ranges = std::make_shared<std::vector<fetch::AddressRange>>();
    for (const std::string& text : named) {
        auto range = fetch::AddressRange::parse(text);
        if (!range) return std::unexpected(std::move(range.error()));
        ranges->push_back(*range);
    }
    FetchAddresses addresses;
    addresses.named_ = std::move(ranges);
    return addresses;
}

bool FetchAddresses::allow(const fetch::IpAddress& address) const noexcept {
    if (named_ && std::ranges::any_of(*named_, [&](const auto& range) { return range.contains(address); })) return true;
    if (const auto inner = fetch::embedded_v4(address)) return allow(*inner);
    return !fetch::is_special(address);
}

bool FetchAddresses::allow(const sockaddr* address) const noexcept {
    const auto ip = fetch::IpAddress::of(address);
    return ip && allow(*ip);
}

bool FetchAddresses::allow(const std::string& address) const noexcept {
    const auto ip = fetch::IpAddress::parse(address);
    return ip && allow(*ip);
}

}  // namespace curfew
