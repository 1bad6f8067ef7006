# SPDX-License-Identifier: Apache-2.0
# Debian packages: cpack -G DEB in a folder configured with -DCMAKE_INSTALL_PREFIX=/usr (./dev
# package does both).
#   attunet        the command, its manual and completions
#   attunet-dicom  the reader of DICOM series, where it was built
#   attunet-serve  the HTTP server, where it was built
#   attunet-mpi    what lets several processes train together, where it was built
#   libattunet0    the shared library
#   libattunet-dev what others build with
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME attunet)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(ATTUNET_MAINTAINER "attunet developers <attunet@example.org>" CACHE STRING
    "Who answers for the Debian packages: NAME <ADDRESS>")
set(CPACK_PACKAGE_CONTACT "${ATTUNET_MAINTAINER}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL command library development)
if(TARGET attunet_dicom)
  list(APPEND CPACK_COMPONENTS_ALL dicom)
endif()
if(TARGET attunet_serve)
  list(APPEND CPACK_COMPONENTS_ALL serve)
endif()
if(TARGET attunet_mpi)
  list(APPEND CPACK_COMPONENTS_ALL mpi)
endif()
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian/files.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian/scripts.cmake)
set(CPACK_ATTUNET_DEBIAN ${PROJECT_SOURCE_DIR}/cmake/debian)
set(CPACK_ATTUNET_ABI ${ATTUNET_ABI})

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME attunet)
set(CPACK_DEBIAN_DICOM_PACKAGE_NAME attunet-dicom)
set(CPACK_DEBIAN_DICOM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_SERVE_PACKAGE_NAME attunet-serve)
set(CPACK_DEBIAN_SERVE_PACKAGE_SECTION science)
set(CPACK_DEBIAN_MPI_PACKAGE_NAME attunet-mpi)
set(CPACK_DEBIAN_MPI_PACKAGE_SECTION science)
set(CPACK_DEBIAN_MPI_PACKAGE_DEPENDS
    "libattunet${ATTUNET_ABI} (= ${PROJECT_VERSION}-1), openmpi-bin")
set(CPACK_DEBIAN_COMMAND_PACKAGE_SUGGESTS "attunet-dicom, attunet-mpi, attunet-serve")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libattunet${ATTUNET_ABI})
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libattunet-dev)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION science)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
# dpkg-shlibdeps does not know of a library that is packaged only now.
set(CPACK_DEBIAN_COMMAND_PACKAGE_DEPENDS "libattunet${ATTUNET_ABI} (= ${PROJECT_VERSION}-1)")
set(CPACK_DEBIAN_SERVE_PACKAGE_DEPENDS "attunet (= ${PROJECT_VERSION}-1)")
set(needs libdeflate-dev libjansson-dev libpng-dev libzstd-dev zlib1g-dev)
foreach(pair JPEG:libjpeg-dev GIF:libgif-dev WEBP:libwebp-dev OPENJPEG:libopenjp2-7-dev
        TORCH:libminizip-dev)
  string(REPLACE ":" ";" pair ${pair})
  list(POP_FRONT pair library)
  if(${library}_FOUND)
    list(APPEND needs ${pair})
  endif()
endforeach()
if(ATTUNET_PC_REQUIRES MATCHES expat)
  list(APPEND needs libexpat1-dev libtiff-dev)
endif()
if(ATTUNET_STATIC_LAST)
  list(APPEND needs "libstdc++-12-dev | libstdc++-dev")
endif()
list(JOIN needs ", " needs)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libattunet${ATTUNET_ABI} (= ${PROJECT_VERSION}-1), ${needs}")
file(WRITE ${CMAKE_BINARY_DIR}/debian/shlibs
    "libattunet ${ATTUNET_ABI} libattunet${ATTUNET_ABI} (>= ${PROJECT_VERSION})\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/cmake/debian/triggers
    ${CMAKE_BINARY_DIR}/debian/shlibs)
# The first entry of the packages' list of changes.
string(CONCAT changes
    "attunet (${PROJECT_VERSION}-1) unstable; urgency=medium\n\n  * Version ${PROJECT_VERSION}.\n\n"
    " -- ${ATTUNET_MAINTAINER}  Sat, 21 Nov 2026 00:00:00 +0000\n")
file(WRITE ${CMAKE_BINARY_DIR}/debian/changelog.Debian "${changes}")
set(CPACK_ATTUNET_CHANGES ${CMAKE_BINARY_DIR}/debian/changelog.Debian)

string(CONCAT about
    "attunet trains Attention U-Nets on medical and biological images, in 2D and\n"
    "3D, and segments images with them, on ordinary processors.")
set(CPACK_COMPONENT_COMMAND_DESCRIPTION "segmentation of images with Attention U-Nets\n${about}")
string(CONCAT CPACK_COMPONENT_LIBRARY_DESCRIPTION
    "segmentation of images with Attention U-Nets - library\n${about}\n\n"
    "This is the shared library.")
string(CONCAT CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "segmentation of images with Attention U-Nets - development\n${about}\n\n"
    "These are the header, the static library, and what pkg-config and CMake read.")
string(CONCAT CPACK_COMPONENT_DICOM_DESCRIPTION
    "segmentation of images with Attention U-Nets - DICOM\n${about}\n\n"
    "This is the program that turns DICOM series into volumes for it.")
string(CONCAT CPACK_COMPONENT_SERVE_DESCRIPTION
    "segmentation of images with Attention U-Nets - server\n${about}\n\n"
    "This is the HTTP server that predicts with trained models.")
string(CONCAT CPACK_COMPONENT_MPI_DESCRIPTION
    "segmentation of images with Attention U-Nets - MPI\n${about}\n\n"
    "This is what lets several processes train one network over Open MPI.")
include(CPack)
