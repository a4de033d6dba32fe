"""Start MLflow's server: basic auth on PostgreSQL, artifacts on S3, known hosts alone.

Refuses to start with a secret that is empty, short or the placeholder of `.env.example`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import boto3

from models.default_secrets import refuse_default_secrets
from models.errors import SecretsError

SECRETS = (
    "MLFLOW_AUTH_ADMIN_PASSWORD",
    "MLFLOW_FLASK_SERVER_SECRET_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
)
AUTH = """[mlflow]
default_permission = READ
database_uri = {database}
admin_username = {name}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
"""


def main() -> None:
    """Check the secrets, make the bucket when it is not there, and become MLflow's server."""
    given = os.environ
    try:
        refuse_default_secrets({name: given.get(name, "") for name in SECRETS})
    except SecretsError as error:
        sys.exit(str(error))
    make_bucket(given["MLFLOW_S3_ENDPOINT_URL"], given["CUPROMARK_MLFLOW_BUCKET"])
    auth = Path(tempfile.mkdtemp()) / "auth.ini"
    auth.touch(mode=0o600)
    auth.write_text(
        AUTH.format(
            database=given["CUPROMARK_MLFLOW_AUTH_DATABASE"],
            name=given["MLFLOW_AUTH_ADMIN_USERNAME"],
        ),
        encoding="utf-8",
    )
    os.environ["MLFLOW_AUTH_CONFIG_PATH"] = str(auth)
    os.execv(sys.executable, command(given["CUPROMARK_MLFLOW_BUCKET"]))  # noqa: S606


def make_bucket(endpoint: str, bucket: str) -> None:
    """Make the bucket of the artifacts unless it exists."""
    client = boto3.client("s3", endpoint_url=endpoint)
    try:
        client.head_bucket(Bucket=bucket)
    except client.exceptions.ClientError:
        client.create_bucket(Bucket=bucket)


def command(bucket: str) -> list[str]:
    """Words of the command that this process becomes."""
    given = os.environ
    return [
        sys.executable, "-m", "mlflow", "server", "--app-name", "basic-auth",
        "--host", given["CUPROMARK_MLFLOW_HOST"], "--port", given["CUPROMARK_MLFLOW_PORT"],
        "--workers", "1",
        "--backend-store-uri", given["CUPROMARK_MLFLOW_DATABASE"],
        "--serve-artifacts", "--artifacts-destination", f"s3://{bucket}/artifacts",
        "--allowed-hosts", given["CUPROMARK_MLFLOW_ALLOWED_HOSTS"],
    ]  # fmt: skip


if __name__ == "__main__":
    main()
