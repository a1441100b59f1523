#!/bin/sh
# Makes up the secrets that docker-compose.yml mounts; those that are there already stay as they are.
#   deploy/secrets.sh [FOLDER]
set -eu

folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
# Containers see the files with the rights they have here, under a user of their own. So each is readable, and the
# folder, which no container sees, lets nobody else in.
chmod 700 "$folder"

random() {
    head -c 48 /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_'
}

keep() {
    [ -s "$folder/$1" ] && return
    printf '%s\n' "$2" >"$folder/$1.new"
    chmod 444 "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
    echo "made $folder/$1"
}

keep postgres_password "$(random)"
keep pygai_database_url "postgresql://pygai:$(cat "$folder/postgres_password")@db:5432/pygai"
keep pygai_secret "$(random)"
keep pygai_admin_password "$(random | cut -c 1-24)"
