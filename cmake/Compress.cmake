# tachikoma_compress(<variable> <file> <name>): the variable gets the path of a file <name>.gz that the build makes of <file>, as Debian
# wants manual pages and lists of changes; <file> itself where there is no gzip.
find_program(TACHIKOMA_GZIP gzip)
function(tachikoma_compress variable file name)
  if(NOT TACHIKOMA_GZIP)
    set(${variable} "${file}" PARENT_SCOPE)
    return()
  endif()
  set(compressed "${CMAKE_CURRENT_BINARY_DIR}/${name}.gz")
  add_custom_command(OUTPUT "${compressed}" VERBATIM DEPENDS "${file}"
    COMMAND sh -c "exec \"$0\" -9n <\"$1\" >\"$2\"" "${TACHIKOMA_GZIP}" "${file}" "${compressed}")
  set(${variable} "${compressed}" PARENT_SCOPE)
endfunction()
