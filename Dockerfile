# One image for the API, the worker, migrations and MLflow: the same locked packages everywhere.
#
#   docker build --tag cupromark .
#
# The package index is whatever pip is set up for; pass another with
#   docker build --secret id=pip_config,src=pip.conf .

FROM python:3.11-slim-bookworm AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/cupromark
ENV PATH=/opt/cupromark/bin:$PATH

WORKDIR /build
COPY requirements/build.lock requirements/runtime.lock requirements/
RUN --mount=type=secret,id=pip_config,target=/etc/pip.conf,required=false \
    pip install --require-hashes --requirement requirements/build.lock \
    && pip install --require-hashes --requirement requirements/runtime.lock

COPY pyproject.toml README.md LICENSE ./
COPY cupromark cupromark
COPY features features
COPY models models
COPY training training
COPY serving serving
RUN pip install --no-deps --no-index --no-build-isolation . \
    && python -m compileall -q /opt/cupromark/lib


FROM python:3.11-slim-bookworm

RUN groupadd --system --gid 10001 cupromark \
    && useradd --system --uid 10001 --gid cupromark --home-dir /var/lib/cupromark --create-home cupromark \
    && install --directory --owner cupromark --group cupromark /var/cache/cupromark

COPY --from=build /opt/cupromark /opt/cupromark
COPY deploy/mlflow_server.py /opt/cupromark/deploy/mlflow_server.py

ENV PATH=/opt/cupromark/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MLFLOW_DISABLE_TELEMETRY=true \
    MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false

USER cupromark
WORKDIR /var/lib/cupromark
VOLUME /var/lib/cupromark
EXPOSE 8000
STOPSIGNAL SIGTERM

ENTRYPOINT ["cupromark"]
CMD ["serve"]
