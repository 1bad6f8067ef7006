# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where: the command, its manual and completions; the library, shared
# and static; what others build with. Everything is found relative to where it lies, so that
# --prefix may be anything; an absolute CMAKE_INSTALL_LIBDIR stands as it is.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# An installed command finds the library that was installed with it.
if(IS_ABSOLUTE "${CMAKE_INSTALL_BINDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(rpath "${CMAKE_INSTALL_FULL_LIBDIR}")
else()
  file(RELATIVE_PATH rpath /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
  set(rpath "$ORIGIN/${rpath}")
endif()
# The same in the folder of the build, where the library lies beside the command: a path that CMake
# changes later ends with empty entries, which are the current folder and anybody's library there.
set_target_properties(attunet_command PROPERTIES INSTALL_RPATH "$ORIGIN;${rpath}"
    BUILD_WITH_INSTALL_RPATH ON)
install(TARGETS attunet_command RUNTIME COMPONENT command)
if(TARGET attunet_serve)
  set_target_properties(attunet_serve PROPERTIES INSTALL_RPATH "$ORIGIN;${rpath}"
      BUILD_WITH_INSTALL_RPATH ON)
  install(TARGETS attunet_serve RUNTIME COMPONENT serve)
  install(FILES serve/attunet-serve.service DESTINATION lib/systemd/system COMPONENT serve)
endif()
install(TARGETS attunet_shared EXPORT attunet-targets LIBRARY COMPONENT library
        NAMELINK_COMPONENT development
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES include/attunet.h TYPE INCLUDE COMPONENT development)
if(ATTUNET_ARCHIVE)
  install(FILES ${ATTUNET_ARCHIVE} TYPE LIB COMPONENT development)
endif()

if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(ATTUNET_PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
else()
  file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  set(ATTUNET_PC_PREFIX "\${pcfiledir}/${up}")
  string(REGEX REPLACE "/$" "" ATTUNET_PC_PREFIX "${ATTUNET_PC_PREFIX}")
endif()
foreach(dir LIBDIR INCLUDEDIR)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${dir}}")
    set(ATTUNET_PC_${dir} "${CMAKE_INSTALL_${dir}}")
  else()
    set(ATTUNET_PC_${dir} "\${prefix}/${CMAKE_INSTALL_${dir}}")
  endif()
endforeach()
list(JOIN ATTUNET_PC_REQUIRES " " ATTUNET_PC_REQUIRES)
# pkg-config puts a package's own private libraries before those of what it requires: what has to be
# last is required, too.
set(ATTUNET_PC_LAST "")
if(ATTUNET_STATIC_LAST)
  set(ATTUNET_PC_LAST " attunet-static")
  list(JOIN ATTUNET_STATIC_LAST " " ATTUNET_PC_LAST_LIBS)
  configure_file(cmake/attunet-static.pc.in attunet-static.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/attunet-static.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
      COMPONENT development)
endif()
configure_file(cmake/attunet.pc.in attunet.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/attunet.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT
    development)

set(cmake_files ${CMAKE_INSTALL_LIBDIR}/cmake/attunet)
configure_package_config_file(cmake/attunet-config.cmake.in attunet-config.cmake INSTALL_DESTINATION
    ${cmake_files}
                              PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
# As long as ATTUNET_ABI stays.
write_basic_package_version_file(attunet-config-version.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_BINARY_DIR}/attunet-config.cmake
    ${CMAKE_BINARY_DIR}/attunet-config-version.cmake DESTINATION ${cmake_files}
        COMPONENT development)
install(EXPORT attunet-targets NAMESPACE attunet:: DESTINATION ${cmake_files} COMPONENT development)

# Of no Debian package, which says in its own way what it is under.
install(FILES LICENSE TYPE DOC COMPONENT licence)

# Debian's zsh looks for those of packages in a folder of its own.
set(zsh ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr" AND EXISTS /etc/debian_version)
  set(zsh ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
endif()
set(ATTUNET_ZSH "${zsh}" CACHE STRING "Folder of the completion for zsh")
# The manual and completions are what the command itself says of its table of options.
if(CMAKE_CROSSCOMPILING)
  message(STATUS
      "Without manual and completions, which the command writes when it is built where it runs")
endif()
if(NOT CMAKE_CROSSCOMPILING AND NOT ATTUNET_SANITIZE)
  set(share ${CMAKE_BINARY_DIR}/share)
  add_custom_command(
    OUTPUT ${share}/done
    COMMAND ${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=$<TARGET_FILE_DIR:attunet_shared> sh
    ${PROJECT_SOURCE_DIR}/cmake/documents.sh
            $<TARGET_FILE:attunet_command> ${share}
    COMMAND ${CMAKE_COMMAND} -E touch ${share}/done
    DEPENDS attunet_command cmake/documents.sh
    COMMENT "manual and completions"
    VERBATIM)
  add_custom_target(attunet_documents ALL DEPENDS ${share}/done)
  set(own_page "")
  if(TARGET attunet_serve) # a program has its page in its own package
    set(own_page PATTERN attunet-serve.1 EXCLUDE)
    install(FILES ${share}/man1/attunet-serve.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
        COMPONENT serve)
  endif()
  install(DIRECTORY ${share}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT command
      ${own_page})
  install(FILES ${share}/bash/attunet DESTINATION
      ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT command)
  install(FILES ${share}/zsh/_attunet DESTINATION ${ATTUNET_ZSH} COMPONENT command)
  install(FILES ${share}/fish/attunet.fish DESTINATION
      ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT command)
endif()
