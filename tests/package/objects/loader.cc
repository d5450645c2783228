// loader FILES...: loads shared objects that know nothing of each other, and calls each of them twice, the second time
// after it was closed and loaded again.
#include <dlfcn.h>

#include <iostream>
#include <vector>

namespace {

void* load(const char* file) {
    void* object = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (object == nullptr) std::cout << dlerror() << '\n';
    return object;
}

}  // namespace

int main(int count, char** arguments) {
    for (int round = 0; round < 2; ++round) {
        std::vector<void*> objects;
        for (int i = 1; i < count; ++i) objects.push_back(load(arguments[i]));
        for (void* object : objects) {
            if (object == nullptr) return 1;
            auto* call = reinterpret_cast<const char* (*)()>(dlsym(object, "limited_call"));
            if (call == nullptr) return 1;
            std::cout << call() << '\n';
        }
        for (void* object : objects) dlclose(object);
    }
}
