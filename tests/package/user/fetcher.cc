#include <iostream>

#include <curfew/curfew.h>
#include <curfew/curl_transport.h>

int main() {
    const auto transport = curfew::curl_transport();
    std::cout << (transport ? "a transport\n" : "none\n");
}
