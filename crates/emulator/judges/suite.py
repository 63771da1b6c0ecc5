"""The tests that come with the official Python SDK, none of them skipped, against the
workspace for conformance of the local Retell at the address given. They prove the shapes
of requests and answers, and nothing of behaviour: that is what the lives are for.
"""

import json
import os
import re
import subprocess
import sys
import tarfile
import urllib.request
from pathlib import Path

import retell

URL, WORK = sys.argv[1], Path(sys.argv[2])
NAME = f"retell_sdk-{retell.__version__}"
# The key that the tests are written with.
WORKSPACE = {"api_key": "YOUR_RETELL_API_KEY", "conformance": True}


def unpacked():
    """Only the source distribution has the tests."""
    if not (WORK / f"{NAME}.tar.gz").is_file():
        wanted = f"retell-sdk=={retell.__version__}"
        options = ["--quiet", "--no-deps", "--no-binary", "retell-sdk", "--dest", WORK]
        subprocess.run([sys.executable, "-m", "pip", "download", *options, wanted], check=True)
    with tarfile.open(WORK / f"{NAME}.tar.gz") as archive:
        archive.extractall(WORK, filter="data")
    return WORK / NAME


def unskipped(tests):
    for file in tests.glob("*.py"):
        file.write_text(re.sub(r"^ *@pytest\.mark\.skip\(.*\)\n", "", file.read_text(), flags=re.M))


sdk = unpacked()
unskipped(sdk / "tests" / "api_resources")
seed = urllib.request.Request(f"{URL}/_emulator/seed", json.dumps({"workspaces": [WORKSPACE]}).encode())
seed.add_header("Content-Type", "application/json")
urllib.request.urlopen(seed).close()
judged = subprocess.run(
    [sys.executable, "-m", "pytest", "--quiet", "-n", "2", "tests/api_resources"],
    cwd=sdk,
    env={**os.environ, "TEST_API_BASE_URL": URL},
    stdout=subprocess.PIPE,
    text=True,
)
lines = judged.stdout.splitlines()
print("\n".join(line for line in lines if line.startswith(("FAILED", "ERROR", "E  "))))
print(f"the tests of {NAME}: {lines[-1]}")
sys.exit(judged.returncode)
