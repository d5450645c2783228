// bytes.cc under other names, for a test on the host, which has functions of these names already.
#define memcpy guest_memcpy
#define memmove guest_memmove
#define memset guest_memset
#define memcmp guest_memcmp

#include "bytes.cc"
