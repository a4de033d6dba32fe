"""The process that answers stays free of pandas and the like, whatever it is sent."""

import subprocess
import sys
from pathlib import Path

from models.bundle_files import write_bundle

PROGRAM = """
import asyncio, sys, time
from pathlib import Path
import httpx
from serving.access.opening import open_access
from serving.app import create_app
from serving.bundles.loading import load_proved
from serving.bundles.opening import FolderSource
from serving.settings import ServingSettings

HEAVY = ("pandas", "pyarrow", "sklearn", "xgboost", "mlflow", "shap", "scipy")

async def main(folder, state, profiles):
    settings = ServingSettings(state=state, open_mode=True)
    access = open_access(settings, clock=time.time, monotonic=time.monotonic)
    app = create_app(settings, bundles=FolderSource(folder, load=load_proved), access=access)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):
        for path in ("predictions", "explanations", "validations"):
            files = {"file": ("a.csv", profiles.read_bytes())}
            answer = await client.post(f"/v1/{path}", files=files, data={"scale": "rma_log2"})
            assert answer.status_code == 200, answer.text
        parquet = {"Accept": "application/vnd.apache.parquet"}
        query = {"scale": "rma_log2"}
        answer = await client.post(
            "/v1/predictions",
            params=query,
            content=profiles.read_bytes(),
            headers={"Content-Type": "text/csv", **parquet},
        )
        assert answer.content[:4] == b"PAR1"
        genes = profiles.read_text().splitlines()[1:]
        names = [line.split(",")[0] for line in genes]
        values = [[float(line.split(",")[1]) for line in genes]]
        document = {"scale": "rma_log2", "genes": names, "values": values}
        assert (await client.post("/v1/validations", json=document)).status_code == 200
    print(sorted(set(HEAVY) & set(sys.modules)))

asyncio.run(main(*map(Path, sys.argv[1:])))
"""


def test_files_are_answered_without_what_reads_them(made_up_source, profiles, as_csv, tmp_path):
    write_bundle(made_up_source.served.bundle.bundle, tmp_path / "bundle")
    (tmp_path / "profiles.csv").write_bytes(as_csv(profiles))
    (tmp_path / "state").mkdir()
    places = [str(tmp_path / name) for name in ("bundle", "state", "profiles.csv")]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-W", "error", "-c", PROGRAM, *places],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == "[]"
