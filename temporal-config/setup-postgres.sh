#!/bin/sh
# Creates or updates Temporal's two databases; changes nothing when they are up to date. SQL_HOST, SQL_USER and SQL_PASSWORD
# are read by temporal-sql-tool itself.
set -eu
schemas=${TEMPORAL_SCHEMAS:-/etc/temporal/schema/postgresql/v12}

for database in temporal temporal_visibility; do
  case $database in
    temporal) schema=$schemas/temporal/versioned ;;
    *) schema=$schemas/visibility/versioned ;;
  esac
  tool="temporal-sql-tool --plugin postgres12_pgx --db $database"
  $tool create-database
  $tool setup-schema -v 0.0
  $tool update-schema -d "$schema"
done
