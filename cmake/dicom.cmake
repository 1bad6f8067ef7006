# SPDX-License-Identifier: Apache-2.0
# attunet-dicom, the only program in C++: a client of DCMTK that the command starts as a process of
# its own, so that neither the library nor the command link it. (Debian's dcmtk.pc asks for what
# libdcmtk-dev does not install, so it is not used.)
set(DCMTK_LIBRARIES "")
set(missing "")
foreach(name dcmjpls dcmjpeg dcmimage dcmimgle dcmdata oflog ofstd)
  find_library(DCMTK_${name} ${name})
  if(DCMTK_${name})
    list(APPEND DCMTK_LIBRARIES ${DCMTK_${name}})
  else()
    set(missing "lib${name}")
  endif()
endforeach()
find_path(DCMTK_INCLUDE dcmtk/dcmjpls/djdecode.h)
pkg_check_modules(ICU IMPORTED_TARGET icu-uc) # DCMTK links it, too
include(CheckLanguage)
check_language(CXX)
set(ATTUNET_HAS_DICOM NO)
if(ATTUNET_DICOM AND NOT missing AND DCMTK_INCLUDE AND ICU_FOUND AND CMAKE_CXX_COMPILER)
  set(ATTUNET_HAS_DICOM YES)
elseif(ATTUNET_DICOM AND (ATTUNET_TESTS OR NOT ATTUNET_DICOM STREQUAL AUTO))
  message(FATAL_ERROR "attunet-dicom needs DCMTK, ICU and a C++ compiler; install "
                      "libdcmtk-dev, libicu-dev and g++, or give -DATTUNET_DICOM=OFF")
else()
  message(STATUS "Without attunet-dicom (ATTUNET_DICOM=${ATTUNET_DICOM})")
endif()
if(NOT ATTUNET_HAS_DICOM)
  return()
endif()

enable_language(CXX)
include(GNUInstallDirs)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
add_library(attunet_dicom_flags INTERFACE)
target_compile_options(attunet_dicom_flags INTERFACE -Wall -Wextra -Wshadow -Wconversion
    $<$<BOOL:${ATTUNET_WERROR}>:-Werror>)
target_include_directories(attunet_dicom_flags SYSTEM INTERFACE ${DCMTK_INCLUDE})
target_link_libraries(attunet_dicom_flags INTERFACE ${DCMTK_LIBRARIES} ZLIB::ZLIB
    PkgConfig::ICU PkgConfig::JANSSON)
if(OPENJPEG_FOUND)
  target_compile_definitions(attunet_dicom_flags INTERFACE ATT_OPENJPEG=1)
  target_link_libraries(attunet_dicom_flags INTERFACE PkgConfig::OPENJPEG)
endif()
target_link_options(attunet_dicom_flags INTERFACE -Wl,--as-needed -Wl,-z,relro,-z,now)
if(CMAKE_BUILD_TYPE STREQUAL Release AND NOT ATTUNET_SANITIZE)
  target_compile_options(attunet_dicom_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
      -fstack-protector-strong)
endif()
if(ATTUNET_SANITIZE)
  target_compile_definitions(attunet_dicom_flags INTERFACE ATT_SANITIZED=1)
  target_compile_options(attunet_dicom_flags INTERFACE -fsanitize=${ATTUNET_SANITIZE}
      -fno-sanitize-recover=all)
  target_link_options(attunet_dicom_flags INTERFACE -fsanitize=${ATTUNET_SANITIZE})
  # Checks of pointers in DCMTK's inline functions take most of the time to compile.
  # AddressSanitizer finds the accesses among what they find.
  if(ATTUNET_SANITIZE MATCHES address AND ATTUNET_SANITIZE MATCHES undefined)
    target_compile_options(attunet_dicom_flags INTERFACE
        -fno-sanitize=null,object-size,pointer-overflow,alignment,vptr)
  endif()
endif()

file(GLOB DICOM_SOURCES CONFIGURE_DEPENDS dicom/*.cpp)
list(REMOVE_ITEM DICOM_SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/dicom/main.cpp)
add_library(attunet_dicom_parts STATIC ${DICOM_SOURCES}) # which a fuzz target links, too
# The headers of DCMTK take most of the time to compile.
set_target_properties(attunet_dicom_parts PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
target_compile_definitions(attunet_dicom_parts PUBLIC ATTUNET_VERSION="${PROJECT_VERSION}")
target_link_libraries(attunet_dicom_parts PUBLIC attunet_dicom_flags)
add_executable(attunet_dicom dicom/main.cpp)
set_target_properties(attunet_dicom PROPERTIES OUTPUT_NAME attunet-dicom)
target_link_libraries(attunet_dicom PRIVATE attunet_dicom_parts)

install(TARGETS attunet_dicom RUNTIME COMPONENT dicom)
install(FILES dicom/attunet-dicom.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT dicom)
