// The launcher's ELF file, embedded in the library.
#ifndef CURFEW_CELL_PROCESS_LAUNCHER_PROGRAM_H
#define CURFEW_CELL_PROCESS_LAUNCHER_PROGRAM_H

extern "C" {
extern const unsigned char curfew_launcher_program[];
extern const unsigned char curfew_launcher_program_end[];
}

#endif
