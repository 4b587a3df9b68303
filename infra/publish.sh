#!/usr/bin/env bash
# Puts the code of this repository into a function app that infra/main.bicep has made: publishes, zips, uploads, has the triggers read again, restarts.
# Run against a stand-in of the Azure CLI only (tests/ServerlessImages.Tests/Functions/PublishScriptTests.cs), never yet against Azure.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'TEXT'
infra/publish.sh [--package FOLDER]

  --package FOLDER   upload this published folder instead of publishing anew

From the environment, as azd gives it to its hooks:
  AZURE_RESOURCE_GROUP         the resource group of the function app
  FUNCTION_APP_NAME            the function app
  DEPLOYMENT_STORAGE_ACCOUNT   the storage account that the function app takes its package from
  DEPLOYMENT_CONTAINER         the container in it
  AZURE_SUBSCRIPTION_ID        the subscription; default: the one that az is set to

Whoever runs it is signed in with `az login`, and has on the storage account the role Storage Blob Data Contributor and on the function app Website Contributor.
TEXT
}

stop() { printf 'Error: %s\n' "$*" >&2; exit 1; }
need() { command -v "$1" >/dev/null || stop "there is no $1 on the PATH. $2"; }

package=
while [ $# -gt 0 ]; do
    case $1 in
        --package) [ -n "${2:-}" ] || stop "--package needs a folder."; package=$2; shift 2 ;;
        --help) usage; exit 0 ;;
        *) usage >&2; stop "unknown argument: $1" ;;
    esac
done

for name in AZURE_RESOURCE_GROUP FUNCTION_APP_NAME DEPLOYMENT_STORAGE_ACCOUNT DEPLOYMENT_CONTAINER; do
    [ -n "${!name:-}" ] || stop "$name is not set. It is an output of infra/main.bicep; azd sets it for its hooks."
done
need az "Install the Azure CLI: https://learn.microsoft.com/cli/azure/install-azure-cli"
need dotnet "Install the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -z "$package" ]; then
    package=$work/app
    dotnet publish src/ServerlessImages.Api --configuration Release --output "$package"
fi

[ -f "$package/host.json" ] || stop "$package has no host.json: it is no published function app."
[ -x "$package/ServerlessImages.Api" ] || stop "$package has no executable ServerlessImages.Api. A copy over Windows loses that bit: publish on Linux or macOS."

zip_file=$work/released-package.zip
dotnet msbuild infra/package.proj -nologo -verbosity:quiet "-p:Folder=$(realpath "$package")" "-p:Package=$zip_file"

subscription=()
site="/subscriptions/{subscriptionId}"
if [ -n "${AZURE_SUBSCRIPTION_ID:-}" ]; then
    subscription=(--subscription "$AZURE_SUBSCRIPTION_ID")
    site="/subscriptions/$AZURE_SUBSCRIPTION_ID"
fi
site="$site/resourceGroups/$AZURE_RESOURCE_GROUP/providers/Microsoft.Web/sites/$FUNCTION_APP_NAME"

echo "Uploading $(du -h "$zip_file" | cut -f1) to $DEPLOYMENT_STORAGE_ACCOUNT/$DEPLOYMENT_CONTAINER ..."
az storage blob upload --auth-mode login --account-name "$DEPLOYMENT_STORAGE_ACCOUNT" --container-name "$DEPLOYMENT_CONTAINER" \
    --name released-package.zip --file "$zip_file" --overwrite true --only-show-errors --output none

echo "Having the triggers of $FUNCTION_APP_NAME read again ..."
az rest --method post --url "$site/syncfunctiontriggers?api-version=2024-04-01" --only-show-errors --output none

echo "Restarting $FUNCTION_APP_NAME ..."
az functionapp restart --name "$FUNCTION_APP_NAME" --resource-group "$AZURE_RESOURCE_GROUP" ${subscription[@]+"${subscription[@]}"} --only-show-errors --output none
echo "$FUNCTION_APP_NAME has the new code."
