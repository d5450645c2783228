// What libcurl's errors are called in a guest.
#ifndef CURFEW_TRANSPORT_CURL_CURL_FAILURE_H
#define CURFEW_TRANSPORT_CURL_CURL_FAILURE_H

#include <curl/curl.h>

#include <string>

namespace curfew::transport {

struct CurlFailure {
    std::string message;  // a sentence without its full stop; names no address
    std::string code;     // as Node.js has it, where it has one
};

// Of a request to `origin` that ended with this error; `system_error` is the system's, or zero.
CurlFailure describe(CURLcode error, long system_error, const std::string& origin);

}  // namespace curfew::transport

#endif
