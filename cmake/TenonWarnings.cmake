# tenon_warnings: what tenon's own targets are built with. Never part of what a user links.
include_guard(GLOBAL)
add_library(tenon_warnings INTERFACE)
target_compile_options(tenon_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror)
