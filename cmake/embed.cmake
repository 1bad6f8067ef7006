# SPDX-License-Identifier: Apache-2.0
# Writes TO, C source with the bytes of FILES: struct device_source in src/device/device_state.h.
set(arrays "")
set(rows "")
foreach(file ${FILES})
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "static const unsigned char text_${name}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", text_${name}, sizeof text_${name} - 1},\n")
endforeach()
file(WRITE ${TO} "#include \"device/device_state.h\"\n\n${arrays}
const struct device_source device_sources[] = {\n${rows}    {0, 0, 0},\n};\n")
