# cmake --install: headers, and a package for find_package(tenon).
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)
set(tenon_package_dir ${CMAKE_INSTALL_DATADIR}/cmake/tenon)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tenon DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(TARGETS tenon tenon_native EXPORT tenonTargets)
install(EXPORT tenonTargets NAMESPACE tenon:: DESTINATION ${tenon_package_dir})
write_basic_package_version_file(tenonConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/tenonConfig.cmake ${CMAKE_CURRENT_LIST_DIR}/TenonDependencies.cmake
              ${PROJECT_BINARY_DIR}/tenonConfigVersion.cmake DESTINATION ${tenon_package_dir})
