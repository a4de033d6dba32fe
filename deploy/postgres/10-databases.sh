#!/bin/sh
# Runs once, when the volume of the database is empty: one role and its databases for the API and
# the worker, one for MLflow. Neither may see the other's.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
    --set cupromark_password="$CUPROMARK_DATABASE_PASSWORD" \
    --set mlflow_password="$MLFLOW_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE cupromark LOGIN PASSWORD :'cupromark_password';
CREATE ROLE mlflow LOGIN PASSWORD :'mlflow_password';
CREATE DATABASE cupromark OWNER cupromark;
CREATE DATABASE cupromark_jobs OWNER cupromark;
CREATE DATABASE mlflow OWNER mlflow;
CREATE DATABASE mlflow_auth OWNER mlflow;
REVOKE CONNECT ON DATABASE cupromark, cupromark_jobs, mlflow, mlflow_auth FROM PUBLIC;
SQL
