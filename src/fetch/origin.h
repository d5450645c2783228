// Origins as policies name them, with or without a wildcard.
#ifndef CURFEW_FETCH_ORIGIN_H
#define CURFEW_FETCH_ORIGIN_H

#include <cstdint>
#include <string>
#include <string_view>

#include <curfew/error.h>

#include "fetch/url.h"

namespace curfew::fetch {

class OriginPattern {
  public:
    // As FetchPolicy::origins has them. The error says what is wrong and gives an example.
    static Result<OriginPattern> parse(std::string_view text);

    bool matches(const Url& url) const noexcept;

  private:
    enum class Hosts {
        one,    // host_
        below,  // those that end in host_, which starts with a dot
        any,
    };

    std::string scheme_;
    Hosts hosts_ = Hosts::one;
    std::string host_;
    std::uint16_t port_ = 0;
};

}  // namespace curfew::fetch

#endif
