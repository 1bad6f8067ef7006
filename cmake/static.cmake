# SPDX-License-Identifier: Apache-2.0
# What is linked without shared libraries: libattunet.a, whose internal names cannot meet a
# program's own, and the command as one file that runs on any Linux of its processor, in an empty
# root, too (target attunet_static, built on demand: build/PRESET/attunet-static).

# libtiff is linked with a dozen libraries, of which LERC's is in C++ and wants libstdc++ behind it.
# Where one of them is not there as an archive, what is static does without TIFF.
set(STATIC_OBJECTS $<TARGET_OBJECTS:attunet_objects> ${FAST_OBJECTS})
set(ATTUNET_STATIC_LAST "")
if(TIFF_FOUND)
  include(CheckCSourceCompiles)
  string(CONCAT source "#include <expat.h>\n#include <tiffio.h>\n"
      "int main(void) { return TIFFIsCODECConfigured(1) + (XML_ParserCreate(NULL) != NULL); }")
  set(CMAKE_REQUIRED_INCLUDES ${TIFF_INCLUDE_DIRS})
  set(CMAKE_REQUIRED_LINK_OPTIONS -static)
  set(CMAKE_REQUIRED_LIBRARIES ${TIFF_STATIC_LDFLAGS})
  check_c_source_compiles("${source}" ATTUNET_TIFF_ARCHIVES)
  if(NOT ATTUNET_TIFF_ARCHIVES)
    set(CMAKE_REQUIRED_LIBRARIES ${TIFF_STATIC_LDFLAGS} -lstdc++ -lm)
    check_c_source_compiles("${source}" ATTUNET_TIFF_ARCHIVES_CXX)
  endif()
  unset(CMAKE_REQUIRED_INCLUDES)
  unset(CMAKE_REQUIRED_LINK_OPTIONS)
  unset(CMAKE_REQUIRED_LIBRARIES)
endif()
if(ATTUNET_TIFF_ARCHIVES OR ATTUNET_TIFF_ARCHIVES_CXX)
  list(APPEND ATTUNET_PC_REQUIRES libtiff-4 expat)
  if(ATTUNET_TIFF_ARCHIVES_CXX)
    set(ATTUNET_STATIC_LAST -lstdc++ -lm)
  endif()
elseif(TIFF_FOUND)
  message(STATUS
      "libattunet.a and attunet-static do without TIFF: libtiff, or a library that it needs, is "
      "not there as an archive")
  set(own "")
  set(names "")
  foreach(file ${SOURCES})
    file(STRINGS ${file} asks REGEX "ATT_TIFF" LIMIT_COUNT 1)
    if(asks)
      get_filename_component(name ${file} NAME)
      list(APPEND own ${file})
      list(APPEND names ${name}.o)
    endif()
  endforeach()
  list(JOIN names "|" names)
  add_library(attunet_without_tiff OBJECT EXCLUDE_FROM_ALL ${own})
  target_link_libraries(attunet_without_tiff PRIVATE attunet_hardened)
  target_compile_options(attunet_without_tiff PRIVATE -UATT_TIFF)
  set(STATIC_OBJECTS "$<FILTER:$<TARGET_OBJECTS:attunet_objects>,EXCLUDE,/(${names})$>"
      $<TARGET_OBJECTS:attunet_without_tiff>
                     ${FAST_OBJECTS})
endif()

# One object of all, in which only att_* stays visible.
if(CMAKE_OBJCOPY AND NOT ATTUNET_SANITIZE)
  set(ATTUNET_ARCHIVE ${CMAKE_BINARY_DIR}/libattunet.a)
  add_custom_command(
    OUTPUT ${ATTUNET_ARCHIVE}
    COMMAND ${CMAKE_LINKER} -r -o libattunet.o ${STATIC_OBJECTS}
    COMMAND ${CMAKE_OBJCOPY} --localize-hidden --strip-unneeded --remove-section=.comment
    libattunet.o
    COMMAND ${CMAKE_COMMAND} -E rm -f ${ATTUNET_ARCHIVE}
    COMMAND ${CMAKE_AR} rcs ${ATTUNET_ARCHIVE} libattunet.o
    DEPENDS ${STATIC_OBJECTS}
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
    COMMENT "libattunet.a"
    COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(attunet_archive ALL DEPENDS ${ATTUNET_ARCHIVE})
endif()

pkg_check_modules(ATTUNET_NEEDS QUIET ${ATTUNET_PC_REQUIRES})
add_executable(attunet_static EXCLUDE_FROM_ALL $<TARGET_OBJECTS:attunet_command> ${STATIC_OBJECTS}
    ${CMAKE_CURRENT_LIST_DIR}/no_jbig.c)
set_target_properties(attunet_static PROPERTIES OUTPUT_NAME attunet-static)
target_link_options(attunet_static PRIVATE -static -Wl,-z,relro,-z,now)
target_link_libraries(attunet_static PRIVATE ${ATTUNET_NEEDS_STATIC_LDFLAGS} ${ATTUNET_STATIC_LAST}
    -pthread -lm)
