# What the scripts share; they source it.
# shellcheck shell=bash

# shellcheck disable=SC2034
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/groklab

say() { printf '%s\n' "$*"; }
die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Prints the comment at the head of the calling script.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

# One at a time installs and downloads; the lock goes with the process.
lock() {
  if ! { mkdir -p "$cache" && : >>"$cache/lock"; } 2>/dev/null; then
    die "cannot write to $cache; XDG_CACHE_HOME moves it"
  fi
  exec 9>>"$cache/lock"
  flock --nonblock 9 || { say "Waiting for another setup to finish" && flock 9; }
}

# True if FOLDER of the cache was unpacked from LOCKFILE as it is now.
unpacked() { # LOCKFILE FOLDER
  cmp -s "$1" "$cache/$2/lock.txt"
}

# Downloads the wheels that LOCKFILE pins and unpacks the files that match a PATTERN into $new/tree;
# `publish` then gives it its name, so that an interruption leaves nothing half-made.
unpack() { # LOCKFILE PATTERN...
  local lockfile=$1 python platform platforms=() log
  shift
  for python in python3 /usr/bin/python3 ''; do
    if "$python" -m pip --version >/dev/null 2>&1; then break; fi
  done
  [[ -n $python ]] || die "python3 has no pip: run scripts/setup"
  for platform in manylinux{_2_28,_2_27,_2_25,_2_18,2014}_x86_64; do
    platforms+=(--platform "$platform")
  done

  rm -rf "$cache"/new.* # of interrupted setups
  new=$(mktemp -d "$cache/new.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  # The Python version is the wheels', whatever Python runs pip: the hashes are of these files.
  log=$(TMPDIR=$new "$python" -m pip download --quiet --no-cache-dir --progress-bar off --no-deps \
    --require-hashes --only-binary=:all: --implementation cp --python-version 3.12 \
    "${platforms[@]}" --dest "$new/wheels" --requirement "$lockfile" 2>&1) || download_failed
  log=$("$python" - "$new" "$@" 2>&1 <<'PYTHON'
import fnmatch, pathlib, sys, zipfile
new, patterns = pathlib.Path(sys.argv[1]), sys.argv[2:]
for wheel in (new / "wheels").iterdir():
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if any(fnmatch.fnmatchcase(member.filename, pattern) for pattern in patterns):
                file = pathlib.Path(archive.extract(member, new / "tree"))
                if member.external_attr >> 16 & 0o100:  # a program; extract() forgets that
                    file.chmod(0o755)
    wheel.unlink()
PYTHON
  ) || die "unpacking into $cache failed: ${log##*$'\n'}"
  cp "$lockfile" "$new/tree/lock.txt"
}

download_failed() { # with what `unpack` knows
  case $log in
    *"DO NOT MATCH THE HASHES"*)
      die "a download is not what $lockfile pins, so nothing was installed:"$'\n'"$(
        grep -E '==|Expected|Got' <<<"$log")" ;;
    *"No space left"*) die "no space left in $cache; XDG_CACHE_HOME moves it" ;;
    *ConnectionError* | *ConnectTimeout* | *ProxyError* | *SSLError* | *"Read timed out"*)
      die "download failed: no way to the package index. pip says: $(
        sed -n 's/.*broken by //; s/<[^>]*>: //; T; p; q' <<<"$log")" ;;
    *) die "download failed. pip says: $(grep -m 1 ERROR <<<"$log" || echo "${log##*$'\n'}")" ;;
  esac
}

publish() { # FOLDER
  if [[ -e $cache/$1 ]]; then mv -T "$cache/$1" "$new/old"; fi
  mv -T "$new/tree" "$cache/$1"
  rm -rf "$new"
}

# How many compilers may run at once: one may take 2.5 GB, because of LibTorch's headers.
allowed_jobs() {
  local cores memory limit
  if [[ -n ${CMAKE_BUILD_PARALLEL_LEVEL:-} ]]; then
    echo "$CMAKE_BUILD_PARALLEL_LEVEL"
    return
  fi
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1024)}' /proc/meminfo)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || true)
  if [[ $limit =~ ^[0-9]+$ ]]; then memory=$((limit >> 20 < memory ? limit >> 20 : memory)); fi
  memory=$((memory > 2560 ? memory / 2560 : 1))
  echo $((memory < cores ? memory : cores))
}
