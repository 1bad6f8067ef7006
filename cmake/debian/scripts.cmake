# SPDX-License-Identifier: Apache-2.0
# CPack reads this when the packages are there.  It has given the library's scripts that call
# ldconfig, which has been the business of a trigger since 2015 (Debian policy 8.1.1), and would
# otherwise be done twice: they are taken out again.
foreach(package ${CPACK_PACKAGE_FILES})
  if(NOT package MATCHES "/libattunet[0-9]+_[^/]*\\.deb$")
    continue()
  endif()
  set(inside ${package}.inside)
  execute_process(COMMAND dpkg-deb -R ${package} ${inside} COMMAND_ERROR_IS_FATAL ANY)
  file(REMOVE ${inside}/DEBIAN/postinst ${inside}/DEBIAN/postrm)
  execute_process(COMMAND dpkg-deb --root-owner-group -b ${inside} ${package} OUTPUT_QUIET
      COMMAND_ERROR_IS_FATAL ANY)
  file(REMOVE_RECURSE ${inside})
endforeach()
