"""``python -m tests [--all] [pytest arguments]``: the test run.

Without ``--all``, all but the tests marked long, on two processes. With it, then the long ones, one after the other: they
kill workers, stop servers and drive a browser.
"""

import subprocess
import sys

QUICK = ["-m", "not long", "-n", "2"]
LONG = ["-m", "long"]


def main(arguments: list[str]) -> int:
    rest = [argument for argument in arguments if argument != "--all"]
    if "-m" in rest:
        return run(rest)
    quick = run([*QUICK, *rest])
    return (run([*LONG, *rest]) or quick) if "--all" in arguments else quick


def run(arguments: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
