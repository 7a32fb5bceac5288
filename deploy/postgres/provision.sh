#!/bin/sh
# Run once by the Postgres image, in an empty data directory; the passwords come from the environment.
set -eu

psql --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname "$POSTGRES_DB" \
    --set identity="$IDENTITY_DATABASE_PASSWORD" \
    --set learning="$LEARNING_DATABASE_PASSWORD" \
    --set class="$CLASS_DATABASE_PASSWORD" \
    --set gamification="$GAMIFICATION_DATABASE_PASSWORD" \
    --set notification="$NOTIFICATION_DATABASE_PASSWORD" \
    --set provision="${PROVISION_SQL:-/provision/provision.sql}" <<'SQL'
\o /dev/null
select set_config('babyowl.passwords', json_build_object(
    'identity', :'identity', 'learning', :'learning', 'class', :'class',
    'gamification', :'gamification', 'notification', :'notification')::text, false);
\i :provision
SQL
