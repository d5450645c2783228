// The guest's ELF file, embedded in the library.
#ifndef CURFEW_SANDBOX_GUEST_PROGRAM_H
#define CURFEW_SANDBOX_GUEST_PROGRAM_H

extern "C" {
extern const unsigned char curfew_guest_program[];
extern const unsigned char curfew_guest_program_end[];
}

#endif
