# `cmake --install`: headers, libraries, plugins, tools and the CMake package that finds them.
