// Decimal numbers to doubles, faster than musl's strtod for the numbers that events are made of; and what is missing the other way.
#ifndef CURFEW_GUEST_PLATFORM_DECIMAL_H
#define CURFEW_GUEST_PLATFORM_DECIMAL_H

#ifdef __cplusplus
extern "C" {
#endif

// Does what strtod does.
double decimal_to_double(const char* text, char** end);

// Takes a digit from "-1.2345e+67" if what is left, rounded up, still is the number, and returns the new length. The nearest
// decimal number with so few digits may lie below a power of two, where doubles are closer together, and so be another double,
// and the next one above it may not. Other texts stay as they are.
int drop_digit_of_power_of_two(char* text, int length, double number);

#ifdef __cplusplus
}
#endif

#endif
