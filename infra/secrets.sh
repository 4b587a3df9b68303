#!/usr/bin/env bash
# Makes the secrets that the vault has not got yet: peppers and signing keys. What is there is never changed: keys and receipts depend on it. Safe to run again.
# Needs az (logged in, with the role Key Vault Secrets Officer, which the template gives to whoever deploys) and openssl. Never run against Azure; tests run it against a stand-in.
#
# KEY_VAULT_NAME                             the vault
# PEPPER_SECRETS, SIGNING_KEY_SECRETS        names, separated by spaces
# AZURE_RESOURCE_GROUP, FUNCTION_APP_NAME    the app that is to take the new secrets
# SECRETS_RETRY_SECONDS                      how long to wait before another try after a refusal (15): a new role takes minutes to be known everywhere
set -euo pipefail

stop() { printf 'Error: %s\n' "$*" >&2; exit 1; }

for tool in az openssl; do command -v "$tool" >/dev/null || stop "there is no $tool on the PATH."; done
for name in KEY_VAULT_NAME PEPPER_SECRETS SIGNING_KEY_SECRETS AZURE_RESOURCE_GROUP FUNCTION_APP_NAME; do
    [ -n "${!name:-}" ] || stop "$name is not set. It is an output of infra/main.bicep."
done

# Values go to az in files of this folder, never on a command line, which other users of the machine can read.
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

pepper() { openssl rand -base64 48 | tr -d '\n'; }
# PKCS#8 on one line. (genpkey itself writes another form in DER.)
signing_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | openssl pkcs8 -topk8 -nocrypt -outform DER | openssl base64 -A; }

# Anything but "there is none" and "not allowed yet" ends the run: a secret that cannot be looked for must not be made anew.
is_there() {
    local try
    for try in {1..20}; do
        if az keyvault secret show --vault-name "$KEY_VAULT_NAME" --name "$1" --query id --output tsv >/dev/null 2>"$folder/error"; then return 0; fi
        if grep -q 'SecretNotFound' "$folder/error"; then return 1; fi
        grep -q 'Forbidden' "$folder/error" || break
        echo "The vault does not let us in yet; trying again." >&2
        sleep "${SECRETS_RETRY_SECONDS:-15}"
    done
    stop "$KEY_VAULT_NAME did not say whether it has $1: $(cat "$folder/error")"
}

made=0
make_missing() {
    local kind=$1 name
    shift
    for name in "$@"; do
        if is_there "$name"; then echo "$name is there."; continue; fi
        "$kind" >"$folder/value"
        az keyvault secret set --vault-name "$KEY_VAULT_NAME" --name "$name" --file "$folder/value" --encoding utf-8 --output none
        rm "$folder/value"
        made=$((made + 1))
        echo "$name is made."
    done
}

read -ra peppers <<<"$PEPPER_SECRETS"
read -ra signing_keys <<<"$SIGNING_KEY_SECRETS"
make_missing pepper "${peppers[@]}"
make_missing signing_key "${signing_keys[@]}"

# Else the app would look again within a day. Source: learn.microsoft.com, "Use Key Vault references", rotation.
if [ "$made" -gt 0 ]; then
    app=$(az functionapp show --resource-group "$AZURE_RESOURCE_GROUP" --name "$FUNCTION_APP_NAME" --query id --output tsv)
    az rest --method post --url "$app/config/configreferences/appsettings/refresh?api-version=2022-03-01" --output none
fi
