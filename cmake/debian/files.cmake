# SPDX-License-Identifier: Apache-2.0
# CPack reads this when the files of a package lie in their folders: what Debian wants beside them,
# and not in them.
find_program(SHLIBDEPS dpkg-shlibdeps)
if(NOT SHLIBDEPS)
  message(FATAL_ERROR
      "there is no dpkg-shlibdeps (package dpkg-dev), without which packages would not say what "
      "they depend on")
endif()
file(GLOB roots ${CPACK_TEMPORARY_DIRECTORY}/*)
foreach(root ${roots})
  get_filename_component(component ${root} NAME)
  if(component STREQUAL command)
    set(package attunet)
    # The library lies where the system looks for it.
    file(RPATH_REMOVE FILE ${root}/usr/bin/attunet)
  elseif(component STREQUAL dicom)
    set(package attunet-dicom)
  elseif(component STREQUAL serve)
    set(package attunet-serve)
    file(RPATH_REMOVE FILE ${root}/usr/bin/attunet-serve)
  elseif(component STREQUAL mpi)
    set(package attunet-mpi)
  elseif(component STREQUAL library)
    set(package libattunet${CPACK_ATTUNET_ABI})
  elseif(component STREQUAL development)
    set(package libattunet-dev)
  else()
    continue()
  endif()
  set(documents ${root}/usr/share/doc/${package})
  file(MAKE_DIRECTORY ${documents})
  file(COPY ${CPACK_ATTUNET_DEBIAN}/copyright ${CPACK_ATTUNET_CHANGES} DESTINATION ${documents}
      FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  file(GLOB_RECURSE pages ${root}/usr/share/man/*.1)
  foreach(file ${pages} ${documents}/changelog.Debian)
    execute_process(COMMAND gzip -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
endforeach()
