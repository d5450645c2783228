// Decimal numbers to doubles, faster than musl's strtod for the numbers that events are made of.
#ifndef CURFEW_GUEST_PLATFORM_DECIMAL_H
#define CURFEW_GUEST_PLATFORM_DECIMAL_H

#ifdef __cplusplus
extern "C" {
#endif

// Does what strtod does.
double decimal_to_double(const char* text, char** end);

#ifdef __cplusplus
}
#endif

#endif
