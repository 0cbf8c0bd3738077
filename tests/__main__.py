"""``python -m tests [--all] [pytest arguments]``: the test run. Without ``--all``, all but the tests marked long."""

import subprocess
import sys


def main(arguments: list[str]) -> int:
    everything = "--all" in arguments
    rest = [argument for argument in arguments if argument != "--all"]
    which = [] if everything or "-m" in rest else ["-m", "not long"]
    return subprocess.run([sys.executable, "-m", "pytest", *which, *rest], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
