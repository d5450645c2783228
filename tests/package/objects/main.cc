#include <iostream>

extern "C" const char* limited_call();

int main() { std::cout << limited_call() << '\n'; }
