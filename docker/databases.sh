#!/bin/sh
# Makes the databases of MLflow and Prefect with a role each; PostgreSQL's image runs this once, on an empty volume.
# By hand on another server: PGHOST, PGUSER and PGPASSWORD name it, MLFLOW_PASSWORD and PREFECT_PASSWORD the passwords.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname postgres <<'SQL'
\getenv mlflow MLFLOW_PASSWORD
\getenv prefect PREFECT_PASSWORD
CREATE ROLE mlflow LOGIN PASSWORD :'mlflow';
CREATE ROLE prefect LOGIN PASSWORD :'prefect';
CREATE DATABASE mlflow OWNER mlflow;
CREATE DATABASE mlflow_users OWNER mlflow;
CREATE DATABASE prefect OWNER prefect;
REVOKE CONNECT ON DATABASE mlflow, mlflow_users, prefect FROM PUBLIC;
\connect prefect
CREATE EXTENSION IF NOT EXISTS pg_trgm; -- Prefect searches with it, and its role may not make it
SQL
