# SPDX-License-Identifier: Apache-2.0
# What the Python package holds of C (python/pyproject.toml): the library and the command, which
# find each other. auditwheel adds the libraries that they need.

# libtiff names JBIG, whose library is under the GPL, so that it must not come along: this one has
# its names, and decodes nothing.
add_library(attunet_no_jbig SHARED ${CMAKE_CURRENT_LIST_DIR}/no_jbig.c)
set_target_properties(attunet_no_jbig PROPERTIES OUTPUT_NAME jbig SOVERSION 0
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/no_jbig C_VISIBILITY_PRESET default)

add_executable(attunet_wheel_command ${CLI})
add_dependencies(attunet_wheel_command attunet_no_jbig)
set_target_properties(attunet_wheel_command PROPERTIES OUTPUT_NAME attunet
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/wheel INSTALL_RPATH "$ORIGIN/..")
target_link_libraries(attunet_wheel_command PRIVATE attunet_shared attunet_hardened)
target_link_options(attunet_wheel_command PRIVATE -Wl,--as-needed -Wl,-z,relro,-z,now)
install(TARGETS attunet_wheel_command RUNTIME DESTINATION attunet/bin COMPONENT wheel)
install(PROGRAMS $<TARGET_FILE:attunet_shared> DESTINATION attunet RENAME
    $<TARGET_SONAME_FILE_NAME:attunet_shared> COMPONENT wheel)

# What the libraries that come along want to be said of them.
set(notices ${CMAKE_BINARY_DIR}/wheel/NOTICES)
file(WRITE ${notices} "attunet comes with these libraries.\n")
foreach(package libjansson4 zlib1g libzstd1 libdeflate0 libpng16-16 libjpeg62-turbo libtiff6
    liblerc4 libexpat1 libgif7 libopenjp2-7 libminizip1 libwebp7 liblzma5)
  if(EXISTS /usr/share/doc/${package}/copyright)
    file(READ /usr/share/doc/${package}/copyright text)
    file(APPEND ${notices} "\n==== ${package}\n\n${text}")
  endif()
endforeach()
install(FILES ${notices} DESTINATION attunet COMPONENT wheel)
