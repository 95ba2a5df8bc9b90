"""Runs the tests of this folder in a virtual environment of their own. Needs Python 3.10 or newer; PyPI only when the requirements change."""

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
REQUIREMENTS = HERE / "requirements.txt"
# Written last, so an environment whose installation was interrupted is created again.
STAMP = ENVIRONMENT / "installed.txt"


def main():
    wanted = f"{sys.version}\n{REQUIREMENTS.read_text()}"
    if not STAMP.exists() or STAMP.read_text() != wanted:
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS], check=True)
        STAMP.write_text(wanted)
    os.execv(PYTHON, [PYTHON, "-m", "pytest", "-q", HERE, *sys.argv[1:]])


if __name__ == "__main__":
    main()
