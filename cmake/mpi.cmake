# SPDX-License-Identifier: Apache-2.0
# libattunet/mpi.so, which the library opens under mpirun. Only this plug-in links MPI.
set(ATTUNET_HAS_MPI NO)
if(ATTUNET_MPI)
  pkg_check_modules(MPI QUIET IMPORTED_TARGET ompi-c)
endif()
if(ATTUNET_MPI AND MPI_FOUND)
  set(ATTUNET_HAS_MPI YES)
elseif(ATTUNET_MPI AND NOT ATTUNET_MPI STREQUAL AUTO)
  message(FATAL_ERROR "the plug-in for MPI needs Open MPI; install libopenmpi-dev, or give "
                      "-DATTUNET_MPI=OFF")
else()
  message(STATUS "Without the plug-in for MPI (ATTUNET_MPI=${ATTUNET_MPI})")
  return()
endif()

include(GNUInstallDirs)
add_library(attunet_mpi MODULE mpi/attunet_mpi.c)
target_compile_options(attunet_mpi PRIVATE -O2 -Wall -Wextra -Wshadow -Wconversion
    $<$<BOOL:${ATTUNET_WERROR}>:-Werror>)
target_include_directories(attunet_mpi PRIVATE src)
target_link_libraries(attunet_mpi PRIVATE PkgConfig::MPI)
target_link_options(attunet_mpi PRIVATE -Wl,--as-needed -Wl,-z,relro,-z,now -Wl,-z,nodelete)
set_target_properties(attunet_mpi PROPERTIES PREFIX "" OUTPUT_NAME mpi
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/libattunet)
install(TARGETS attunet_mpi LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/libattunet COMPONENT mpi)
