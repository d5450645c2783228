#include "fetch/origin.h"

#include "base/error.h"
#include "base/text.h"

namespace curfew::fetch {

Result<OriginPattern> OriginPattern::parse(std::string_view text) {
    const auto wrong = [&](std::string_view what) {
        return base::fail(ErrorCode::invalid_argument,
                          base::in_quotes(text) + " is no origin: " + std::string(what) +
                              ". Give one as \"https://api.example.com\", \"http://127.0.0.1:8080\", "
                              "\"https://*.example.com\" or \"https://*\"");
    };
    OriginPattern pattern;
    std::string concrete(text);
    if (const auto star = text.find('*'); star != std::string_view::npos) {
        if (!text.substr(0, star).ends_with("://")) return wrong("a '*' can only stand for the start of the host");
        const std::string_view behind = text.substr(star + 1);
        if (behind.starts_with('.')) {
            pattern.hosts_ = Hosts::below;
            concrete.erase(star, 2);
        } else if (behind.empty() || behind.starts_with(':')) {
            pattern.hosts_ = Hosts::any;
            concrete.replace(star, 1, "any");
        } else {
            return wrong("a '*' stands for whole parts of a name, so a dot has to follow it");
        }
    }
    const auto url = Url::parse(concrete);
    if (!url) return wrong(url.error());
    if (concrete.find_first_of("/?#", concrete.find("://") + 3) != std::string::npos) {
        return wrong("it ends with the host or the port, and has no path");
    }
    if (pattern.hosts_ == Hosts::below && url->host.address) return wrong("a '*' cannot stand for parts of an address");
    pattern.scheme_ = url->scheme;
    pattern.host_ = pattern.hosts_ == Hosts::below ? "." + url->host.text : url->host.text;
    pattern.port_ = url->port;
    return pattern;
}

bool OriginPattern::matches(const Url& url) const noexcept {
    if (url.scheme != scheme_ || url.port != port_) return false;
    switch (hosts_) {
        case Hosts::one: return url.host.text == host_;
        case Hosts::below: return !url.host.address && url.host.text.ends_with(host_);
        case Hosts::any: return true;
    }
    return false;
}

}  // namespace curfew::fetch
