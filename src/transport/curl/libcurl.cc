#include "transport/curl/libcurl.h"

#include <dlfcn.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace curfew::transport {

namespace {

template <typename Function>
void find(void* library, Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    if (function == nullptr) throw std::runtime_error(std::string("this libcurl has no ") + name);
}

Libcurl load() {
    void* const library = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);  // stays: it may have threads
    if (library == nullptr) {
        const char* const why = ::dlerror();  // NOLINT(concurrency-mt-unsafe): of this thread in glibc
        throw std::runtime_error(std::string("libcurl is needed for requests, and cannot be loaded (") +
                                 (why != nullptr ? why : "no reason is known") +
                                 "); install it, which is Debian's package libcurl4");
    }
    Libcurl found{};
    find(library, found.global_init, "curl_global_init");
    find(library, found.version_info, "curl_version_info");
    find(library, found.easy_init, "curl_easy_init");
    find(library, found.easy_cleanup, "curl_easy_cleanup");
    find(library, found.easy_setopt, "curl_easy_setopt");
    find(library, found.easy_getinfo, "curl_easy_getinfo");
    find(library, found.easy_pause, "curl_easy_pause");
    find(library, found.easy_strerror, "curl_easy_strerror");
    find(library, found.multi_init, "curl_multi_init");
    find(library, found.multi_cleanup, "curl_multi_cleanup");
    find(library, found.multi_setopt, "curl_multi_setopt");
    find(library, found.multi_add_handle, "curl_multi_add_handle");
    find(library, found.multi_remove_handle, "curl_multi_remove_handle");
    find(library, found.multi_perform, "curl_multi_perform");
    find(library, found.multi_poll, "curl_multi_poll");
    find(library, found.multi_wakeup, "curl_multi_wakeup");
    find(library, found.multi_info_read, "curl_multi_info_read");
    find(library, found.slist_append, "curl_slist_append");
    find(library, found.slist_free_all, "curl_slist_free_all");
    return found;
}

Libcurl load_and_start() {
    constexpr unsigned kOldest = 0x075700;  // 7.87, as the build asks for
    const Libcurl loaded = load();
    if (const CURLcode result = loaded.global_init(CURL_GLOBAL_DEFAULT); result != CURLE_OK) {
        throw std::runtime_error(std::string("libcurl cannot be started: ") + loaded.easy_strerror(result));
    }
    const curl_version_info_data* const version = loaded.version_info(CURLVERSION_NOW);
    if (version->version_num < kOldest) {
        throw std::runtime_error(std::string("libcurl is too old: it is ") + version->version + ", and 7.87 is needed");
    }
    for (const char* const* protocol = version->protocols; *protocol != nullptr; ++protocol) {
        if (std::string_view(*protocol) == "https") return loaded;
    }
    throw std::runtime_error("this libcurl was built without https");
}

}  // namespace

const Libcurl& libcurl() {
    static const Libcurl loaded = load_and_start();
    return loaded;
}

}  // namespace curfew::transport
