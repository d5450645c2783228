// libcurl, loaded when the first transport is made: it brings some thirty libraries, for which every start of a program would wait.
#ifndef CURFEW_TRANSPORT_CURL_LIBCURL_H
#define CURFEW_TRANSPORT_CURL_LIBCURL_H

#include <curl/curl.h>

namespace curfew::transport {

// Its functions, by their names without "curl_".
struct Libcurl {
    decltype(&::curl_global_init) global_init;
    decltype(&::curl_version_info) version_info;
    decltype(&::curl_easy_init) easy_init;
    decltype(&::curl_easy_cleanup) easy_cleanup;
    decltype(&::curl_easy_setopt) easy_setopt;
    decltype(&::curl_easy_getinfo) easy_getinfo;
    decltype(&::curl_easy_pause) easy_pause;
    decltype(&::curl_easy_strerror) easy_strerror;
    decltype(&::curl_multi_init) multi_init;
    decltype(&::curl_multi_cleanup) multi_cleanup;
    decltype(&::curl_multi_setopt) multi_setopt;
    decltype(&::curl_multi_add_handle) multi_add_handle;
    decltype(&::curl_multi_remove_handle) multi_remove_handle;
    decltype(&::curl_multi_perform) multi_perform;
    decltype(&::curl_multi_poll) multi_poll;
    decltype(&::curl_multi_wakeup) multi_wakeup;
    decltype(&::curl_multi_info_read) multi_info_read;
    decltype(&::curl_slist_append) slist_append;
    decltype(&::curl_slist_free_all) slist_free_all;
};

// Loads and starts it, the first time. Thread-safe. Throws std::runtime_error if it is not there, too old, cannot be started, or has no
// https; the next call tries again.
const Libcurl& libcurl();

}  // namespace curfew::transport

#endif
