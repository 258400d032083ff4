# shellcheck shell=bash
#
# What scripts/backup and scripts/restore share: reading the store's URL, and talking to its Postgres. To be sourced by
# a script that has set `program` to its name.

: "${program:?}"

readonly ex_usage=64
readonly ex_no_input=66
readonly ex_unavailable=69

quiet=false
say() { if ! $quiet; then printf '%s: %s\n' "$program" "$*" >&2; fi; }
complain() { printf '%s: %s\n' "$program" "$*" >&2; }

# fail STATUS LINE...
fail() {
    local status=$1 line
    shift
    for line in "$@"; do complain "$line"; done
    exit "$status"
}

wrong_usage() {
    complain "$1"
    printf '\n' >&2
    usage >&2
    exit "$ex_usage"
}

# require_programs NAME...
require_programs() {
    local name
    for name in "$@"; do
        command -v "$name" >/dev/null 2>&1 || fail "$ex_unavailable" "$name is missing: scripts/setup installs it" \
            "(on Debian and its relatives it is in the package postgresql-client)"
    done
}

# percent_decode TEXT: prints it with %XX turned into bytes.
percent_decode() {
    local text=$1 out="" byte
    while [[ $text == *%* ]]; do
        out+=${text%%\%*}
        text=${text#*%}
        [[ $text =~ ^[0-9A-Fa-f]{2} && ${text:0:2} != 00 ]] || return 1
        printf -v byte '%b' "\\x${text:0:2}"
        out+=$byte
        text=${text:2}
    done
    printf '%s' "$out$text"
}

# take_store URL FROM_OPTION: sets `store` to the URL without its password, `place` to what may be shown of it, and
# exports the password as PGPASSWORD: a command line can be read by every user of the machine, an environment cannot.
take_store() {
    local url=$1 from_option=$2 scheme rest authority tail user="" password="" item kept=() given=false
    case "$url" in
        "") wrong_usage "which store? Set CHAT_STORE, or give --store postgres://user@host:port/database" ;;
        sqlite:*)
            fail "$ex_usage" "the store is SQLite, and this script is for Postgres: docs/deploy.md has the other way"
            ;;
        postgres://* | postgresql://*) ;;
        *) fail "$ex_usage" "the store's URL must begin with postgres://" ;;
    esac
    scheme=${url%%://*}
    rest=${url#*://}
    # As libpq reads it: the password ends at the first @, if there is one before the path.
    authority=${rest%%/*}
    if [[ $authority == *@* ]]; then
        user=${authority%%@*}
        rest=${rest#*@}
        if [[ $user == *:* ]]; then
            password=${user#*:}
            user=${user%%:*}
            given=true
        fi
        user+=@
    fi
    tail=""
    if [[ $rest == *\?* ]]; then
        tail=${rest#*\?}
        rest=${rest%%\?*}
        while [[ -n $tail ]]; do
            item=${tail%%&*}
            if [[ $tail == *"&"* ]]; then tail=${tail#*&}; else tail=""; fi
            case "${item%%=*}" in
                *%*) fail "$ex_usage" "the store's URL has a name of an option with a % in it: please write it out" ;;
                password)
                    password=${item#*=}
                    given=true
                    ;;
                *) kept+=("$item") ;;
            esac
        done
    fi
    place="$scheme://$user$rest"
    store=$place
    if [[ ${#kept[@]} -gt 0 ]]; then
        local IFS='&'
        store+="?${kept[*]}"
    fi
    if $given && $from_option; then
        fail "$ex_usage" "no password in --store, please: every user of the machine can read a command line." \
            "Put the whole URL into CHAT_STORE, or the password into PGPASSWORD or ~/.pgpass"
    fi
    if $given; then
        PGPASSWORD=$(percent_decode "$password") || fail "$ex_usage" "the password in CHAT_STORE has a bad %XX"
        export PGPASSWORD
    fi
    export PGAPPNAME="chat-$program"
    export PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-10}
}

# run_psql OPTION...: psql on the store, with nobody to ask, and stopping at the first error.
run_psql() { psql --dbname="$store" --no-password --no-psqlrc --set=ON_ERROR_STOP=1 --quiet "$@"; }

# ask SQL: prints the answer, without headers; ends the script if the store cannot be asked.
ask() { run_psql --no-align --tuples-only --command="$1" || fail "$ex_unavailable" "cannot ask $place: see above"; }

# verify_dump FILE: ends the script unless the file is a whole backup of a ChatServer's store.
verify_dump() {
    local list table
    list=$(pg_restore --list "$1" 2>&1) || fail "$ex_no_input" "$1 is no dump that pg_restore can read:" "$list"
    for table in meta schema_migrations messages users rooms; do
        grep -qE " TABLE public $table " <<<"$list" ||
            fail "$ex_no_input" "$1 is a dump of another database: it has no table '$table'"
    done
    # Unpacks all of it: the list stands in front, and says nothing of what comes behind.
    pg_restore --file=/dev/null "$1" || fail "$ex_no_input" "$1 is damaged or not whole: see above"
}

# size FILE: in a form for people.
size() { du -h --apparent-size "$1" | cut -f1; }
