#!/usr/bin/env bash
# Runs a command with the outputs of the deployment in its environment, as azd does by itself: `AZURE_RESOURCE_GROUP=images infra/with-outputs.sh infra/secrets.sh`.
# Needs az, logged in. Never run against Azure; tests run it against a stand-in.
#
# AZURE_RESOURCE_GROUP    the resource group
# DEPLOYMENT_NAME         the deployment (main)
set -euo pipefail

stop() { printf 'Error: %s\n' "$*" >&2; exit 1; }

command -v az >/dev/null || stop "there is no az on the PATH."
[ -n "${AZURE_RESOURCE_GROUP:-}" ] || stop "AZURE_RESOURCE_GROUP is not set."
[ $# -gt 0 ] || stop "which command?"

outputs() { az deployment group show --resource-group "$AZURE_RESOURCE_GROUP" --name "${DEPLOYMENT_NAME:-main}" --query "$1" --output tsv; }
names=$(outputs 'keys(properties.outputs)')
values=$(outputs 'values(properties.outputs)[].value')
[ -n "$names" ] || stop "the deployment ${DEPLOYMENT_NAME:-main} of $AZURE_RESOURCE_GROUP has no outputs."

# Azure changes the case of the first letters of a name.
while IFS=$'\t' read -r name value; do export "${name^^}=$value"; done < <(paste <(echo "$names") <(echo "$values"))
exec "$@"
