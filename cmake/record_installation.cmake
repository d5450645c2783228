# Part of every installation: writes down its files in the folder `records`, a file for each prefix and component.
# What was staged for a package is not written down.
if("$ENV{DESTDIR}" STREQUAL "" AND CMAKE_INSTALL_MANIFEST_FILES)
    string(SHA256 name "${CMAKE_INSTALL_PREFIX}")
    string(SUBSTRING "${name}" 0 16 name)
    list(JOIN CMAKE_INSTALL_MANIFEST_FILES "\n" lines)
    file(WRITE "${records}/${name}-${CMAKE_INSTALL_COMPONENT}.txt" "${CMAKE_INSTALL_PREFIX}\n${lines}\n")
endif()
