"""Peer: FastAPI written for speed. orjson in and out, NumPy, `inplace_predict`; no checks.

Run as `python peer_fastapi.py PORT MODELS_FOLDER`; /one asks the first booster, /all asks every
one in a loop, /explain takes the contributions of every one.
"""

import sys
from pathlib import Path

import numpy as np
import orjson
import uvicorn
import xgboost
from fastapi import FastAPI, Request, Response

app = FastAPI()
BOOSTERS = []


def rows_of(raw):
    return np.array(orjson.loads(raw)["values"], dtype=np.float32)


def answer(values):
    content = orjson.dumps({"predictions": values}, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(content, media_type="application/json")


@app.post("/one")
async def one(request: Request):
    return answer(BOOSTERS[0].inplace_predict(rows_of(await request.body())))


@app.post("/all")
async def every(request: Request):
    rows = rows_of(await request.body())
    return answer(np.stack([booster.inplace_predict(rows) for booster in BOOSTERS], axis=1))


@app.post("/explain")
async def explain(request: Request):
    rows = xgboost.DMatrix(rows_of(await request.body()))
    found = [booster.predict(rows, pred_contribs=True) for booster in BOOSTERS]
    top = np.argsort(-np.abs(found[0][:, :-1]), axis=1)[:, :10]
    return answer(np.stack([np.take_along_axis(one, top, axis=1) for one in found]))


@app.get("/ready")
async def ready():
    return Response(b"ok")


def main():
    for path in sorted(Path(sys.argv[2]).glob("*.ubj")):
        booster = xgboost.Booster(params={"nthread": 1})
        booster.load_model(path)
        booster.set_param({"nthread": 1})
        BOOSTERS.append(booster)
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, loop="uvloop")


if __name__ == "__main__":
    main()
