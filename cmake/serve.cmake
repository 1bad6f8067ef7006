# SPDX-License-Identifier: Apache-2.0
# attunet-serve: a client of the library over libmicrohttpd, which `attunet serve` starts, so that
# neither the library nor the command link it.
if(ATTUNET_SERVE)
  pkg_check_modules(MICROHTTPD QUIET IMPORTED_TARGET libmicrohttpd>=0.9.72)
else()
  unset(MICROHTTPD_FOUND CACHE)
endif()
if(ATTUNET_SERVE AND NOT MICROHTTPD_FOUND AND (ATTUNET_TESTS OR NOT ATTUNET_SERVE STREQUAL AUTO))
  message(FATAL_ERROR "attunet-serve needs libmicrohttpd 0.9.72; install libmicrohttpd-dev, or "
                      "give -DATTUNET_SERVE=OFF")
elseif(NOT MICROHTTPD_FOUND)
  message(STATUS "Without attunet-serve (ATTUNET_SERVE=${ATTUNET_SERVE})")
endif()
if(NOT MICROHTTPD_FOUND)
  return()
endif()

include(GNUInstallDirs)
file(GLOB SERVE_SOURCES CONFIGURE_DEPENDS serve/*.c)
list(REMOVE_ITEM SERVE_SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/serve/main.c)
add_library(attunet_serve_parts OBJECT ${SERVE_SOURCES}) # which tests link, too
target_include_directories(attunet_serve_parts PUBLIC serve include)
target_link_libraries(attunet_serve_parts PUBLIC attunet_flags PkgConfig::MICROHTTPD
    PRIVATE attunet_hardened)
# The page with NiiVue, which comes from the package registry while attunet is built.
if(ATTUNET_VIEWER)
  set(niivue ${CMAKE_CURRENT_BINARY_DIR}/viewer/niivue.js)
  add_custom_command(OUTPUT ${niivue} VERBATIM
      COMMAND sh ${PROJECT_SOURCE_DIR}/tools/viewer/fetch.sh ${CMAKE_CURRENT_BINARY_DIR}/viewer
          niivue
      DEPENDS tools/viewer/fetch.sh)
  set_source_files_properties(serve/page.c PROPERTIES COMPILE_DEFINITIONS
      "ATT_VIEWER=1;PAGE_FOLDER=\"${PROJECT_SOURCE_DIR}/serve\";PAGE_NIIVUE=\"${niivue}\""
      OBJECT_DEPENDS "${niivue};${PROJECT_SOURCE_DIR}/serve/page.html;\
${PROJECT_SOURCE_DIR}/serve/page.css;${PROJECT_SOURCE_DIR}/serve/page.js;\
${PROJECT_SOURCE_DIR}/serve/volume.js")
endif()
add_executable(attunet_serve serve/main.c)
set_target_properties(attunet_serve PROPERTIES OUTPUT_NAME attunet-serve)
target_link_libraries(attunet_serve PRIVATE attunet_serve_parts attunet_shared attunet_hardened)
target_link_options(attunet_serve PRIVATE -Wl,--as-needed -Wl,-z,relro,-z,now)
