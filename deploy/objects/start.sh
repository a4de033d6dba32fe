#!/bin/sh
# Writes who may do what into memory, then runs SeaweedFS with its S3 door.
set -eu
umask 077
for name in OBJECTS_ACCESS_KEY OBJECTS_SECRET_KEY; do
    eval "value=\${$name:-}"
    if [ "${#value}" -lt 16 ]; then
        echo "$name is not set, or has fewer than 16 characters. Put a random one into .env." >&2
        exit 1
    fi
done
cat >/run/objects/s3.json <<JSON
{"identities": [{"name": "mlflow",
  "credentials": [{"accessKey": "$OBJECTS_ACCESS_KEY", "secretKey": "$OBJECTS_SECRET_KEY"}],
  "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
JSON
exec weed server -dir=/data -ip.bind=0.0.0.0 -filer -s3 -s3.port=8333 -s3.config=/run/objects/s3.json
