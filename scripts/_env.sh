# Sourced by the other scripts: sets `root` (of the repository) and `python` (of an environment in
# which the project and its development tools are installed, which is made or renewed as needed).
#
# The environment is the active one where the caller has one ($VIRTUAL_ENV), else .venv in the root.
# Wheels only: nothing is compiled, and nothing but Python is expected on the machine.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

_fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

_is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

_make_venv() {
    local name found='' advice='On Debian and Ubuntu: sudo apt install python3 python3-venv'
    for name in python3.11 python3.12 python3.13 python3.14 python3 python; do
        if command -v "$name" >/dev/null && _is_new_enough "$name"; then
            found=$name
            break
        fi
    done
    [[ $found ]] || _fail 'Python 3.11 or newer is needed and was not found.' "$advice"
    "$found" -c 'import ensurepip, venv' 2>/dev/null ||
        _fail "$found has no venv module, which Debian and Ubuntu package apart." \
            "On Debian and Ubuntu: sudo apt install $("$found" -c \
                'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    printf 'Making %s with %s ...\n' "$1" "$found" >&2
    "$found" -m venv --clear "$1" || _fail "The virtual environment $1 could not be made."
}

_what_is_wanted() { # changes whenever the installation has to be renewed
    "$python" -c '
import hashlib, pathlib, sys
root = pathlib.Path(sys.argv[1])
text = b"".join((root / name).read_bytes() for name in ("setup.cfg", "pyproject.toml"))
print(root, sys.version_info[:2], hashlib.sha256(text).hexdigest())' "$root"
}

_prepare() {
    local venv=${VIRTUAL_ENV:-$root/.venv} stamp wanted
    python=$venv/bin/python
    if [[ -z ${VIRTUAL_ENV:-} ]]; then
        # Also where the making of it was interrupted, or its Python has gone since.
        "$python" -m pip --version >/dev/null 2>&1 || _make_venv "$venv"
    elif ! _is_new_enough "$python"; then
        _fail "The active virtual environment $venv has no Python 3.11 or newer." \
            'Leave it (deactivate) to have one made in .venv.'
    fi
    stamp=$venv/.video-provenance-installed
    wanted=$(_what_is_wanted)
    if [[ ! -f $stamp || $(<"$stamp") != "$wanted" ]]; then
        printf 'Installing the project and its tools into %s ...\n' "$venv" >&2
        "$python" -m pip install -qq --disable-pip-version-check --only-binary=:all: \
            -e "$root[dev]" || _fail 'pip could not install the project; see above.' \
            'It needs the package index (or PIP_INDEX_URL for a mirror of it) and 1.3 GB of disk.'
        printf '%s\n' "$wanted" >"$stamp"
    fi
}

_prepare
