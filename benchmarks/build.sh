# Read by run.sh and count.sh: how the benchmarks are built. POSIX sh; $root and $build are set by the caller.
. "$root/cmake/packages.sh"

configure() {
  need_packages g++ cmake ninja-build libxsimd-dev libeigen3-dev libbenchmark-dev "$@" >&2 || exit 1
  mkdir -p "$build"
  cmake -C "$root/cmake/release.cmake" -S "$root" -B "$build" -G Ninja -DTENON_BUILD_BENCHMARKS=ON \
    -DTENON_BUILD_TESTS=OFF -DTENON_BUILD_EXAMPLES=OFF ${CXX:+-DCMAKE_CXX_COMPILER="$CXX"} >"$build/build.log" 2>&1 || {
    cat "$build/build.log" >&2
    exit 1
  }
  sed -n 's/^-- tenon benchmarks: //p' "$build/build.log" >&2
}

# compile TARGET...: two jobs at most, since one unit may take a gigabyte.
compile() {
  jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
  if [ "$jobs" -gt 2 ]; then jobs=2; fi
  echo "building ..." >&2
  cmake --build "$build" --parallel "$jobs" --target "$@" >>"$build/build.log" 2>&1 || {
    cat "$build/build.log" >&2
    exit 1
  }
}
