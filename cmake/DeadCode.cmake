# tachikoma_leave_out_unused(<library>): what a program or a plugin does not use of a static library is not in it. Without this it
# is, as the library's units are large.
function(tachikoma_leave_out_unused target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-ffunction-sections> $<$<CONFIG:Release>:-fdata-sections>)
  target_link_options(${target} INTERFACE LINKER:--gc-sections)
endfunction()
