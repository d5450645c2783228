// A server of HTTP/1.1 on 127.0.0.1, for tests of what fetches: as obedient or as bad as a test wants it.
#ifndef CURFEW_TESTS_SUPPORT_HTTP_SERVER_H
#define CURFEW_TESTS_SUPPORT_HTTP_SERVER_H

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace curfew::testing_support {

struct HttpRequest {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  // names in lower case; several of one name with ", " between them
    std::string body;
};

// What a test's function answers through. One connection.
class HttpConnection {
  public:
    explicit HttpConnection(int socket) : socket_(socket) {}

    // Writes the bytes as they are. False: the other side is gone.
    bool send(std::string_view bytes) const;

    // A whole response, with Content-Length; to HEAD, without the body.
    bool respond(int status, std::string_view headers, std::string_view body) const;

    // Waits until the other side has closed, or the server is being ended.
    void wait_closed() const;

    // The next request is read from another connection.
    void close() { closed_ = true; }
    bool closed() const { return closed_; }

    void begin(const HttpRequest& request) { head_only_ = request.method == "HEAD"; }  // for the server

  private:
    int socket_;
    bool head_only_ = false;
    bool closed_ = false;
};

class HttpServer {
  public:
    using Handler = std::function<void(const HttpRequest& request, HttpConnection& connection)>;

    // Serves each connection on a thread of its own. On `address`, which is one of IPv4.
    explicit HttpServer(Handler handler, const char* address = "127.0.0.1");
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    std::uint16_t port() const { return port_; }
    std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }

    // What came so far, as "GET /path".
    std::vector<std::string> requests() const;
    // How many connections were accepted.
    int connections() const;

  private:
    void accept_all();
    void serve(int socket);

    Handler handler_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    std::vector<int> sockets_;
    std::vector<std::thread> threads_;
    bool ended_ = false;
    std::thread acceptor_;
};

}  // namespace curfew::testing_support

#endif
