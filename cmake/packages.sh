# Read by tests/run.sh, examples/run.sh and benchmarks/run.sh:  . cmake/packages.sh; need_packages <Debian package>...
# Installs what is missing, as root or with sudo. When it may not, it prints the one line to run and returns 1. With
# nothing missing, or on a system that is not Debian's, it calls no package manager.

need_packages() {
  command -v dpkg >/dev/null 2>&1 || return 0
  missing=
  for package in "$@"; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
      *' installed') ;;
      *) missing="$missing $package" ;;
    esac
  done
  [ -n "$missing" ] || return 0
  echo "installing:$missing"
  if [ "$(id -u)" = 0 ]; then
    as_root=env
  elif command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root='sudo env'
  else
    as_root=
  fi
  if [ -n "$as_root" ]; then
    # The lists on the machine may be old or absent: try with them, then with fresh ones.
    install="apt-get install -y -q --no-install-recommends $missing"
    if $as_root DEBIAN_FRONTEND=noninteractive $install ||
       { $as_root apt-get update -q && $as_root DEBIAN_FRONTEND=noninteractive $install; }; then
      return 0
    fi
    echo "apt-get failed; run this, then start again:" >&2
  else
    echo "these packages are missing and only root may install them; run this, then start again:" >&2
  fi
  echo "  sudo apt-get update && sudo apt-get install$missing" >&2
  return 1
}
