-- Gives every service of the platform a role and a schema of its own name in the current database.
--
-- Run by a superuser, in the database to be provisioned, after
--   select set_config('babyowl.passwords', '{"identity": "…", "learning": "…", …}', false);
-- Running it again changes nothing but the passwords.
do $$
declare
    service text;
    secret text;
begin
    execute format('revoke all on database %I from public', current_database());
    revoke all on schema public from public;
    -- Lets Class refuse to book an instructor twice; only the constraint uses it, so no role needs to see it.
    create extension if not exists btree_gist schema public;

    for service, secret in select key, value from json_each_text(current_setting('babyowl.passwords')::json) loop
        if not exists (select from pg_roles where rolname = service) then
            execute format('create role %I nosuperuser nocreatedb nocreaterole noreplication', service);
        end if;
        execute format('alter role %I login password %L', service, secret);
        execute format('grant connect on database %I to %I', current_database(), service);
        execute format('create schema if not exists %I authorization %I', service, service);
        execute format('revoke all on schema %I from public', service);
        execute format('alter role %I in database %I set search_path = %I', service, current_database(), service);
        if service = 'gamification' then
            -- Where `python -m gamification rebuild` builds the game anew beside the one that serves.
            execute format('create schema if not exists %I authorization %I', service || '_rebuild', service);
            execute format('revoke all on schema %I from public', service || '_rebuild');
        end if;
    end loop;
end
$$;
