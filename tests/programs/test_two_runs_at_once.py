"""Two runs that begin at one instant in a folder where no world is: one makes and serves it, the other joins."""

import json
import subprocess
import sys
from pathlib import Path

from tests.programs.conftest import LONGEST
from tests.support.served import environment

TELL = "import os; print(os.environ['OPENPARTNER_URL']); print(open(os.environ['OPENPARTNER_WORLD']).read())"


def test_two_runs_that_begin_at_one_instant_share_one_new_world(tmp_path: Path) -> None:
    data = tmp_path / "world"
    command = [sys.executable, "-m", "openpartner", "run", "--data", str(data), "--", sys.executable, "-c", TELL]
    runs = [
        subprocess.Popen(
            command, env=environment(demo_data="false"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [run.communicate(timeout=LONGEST) for run in runs]

    assert [run.returncode for run in runs] == [0, 0], told
    worlds = [json.loads(out.partition("\n")[2]) for out, _ in told]
    assert worlds[0]["tenants"] == worlds[1]["tenants"]
    assert not (data / "server.json").exists()
    verified = subprocess.run(
        [sys.executable, "-m", "openpartner", "audit", "verify", "--data", str(data)],
        env=environment(demo_data="false"),
        check=False,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    assert verified.returncode == 0, verified.stdout
