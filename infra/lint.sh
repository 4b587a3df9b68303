#!/usr/bin/env bash
# Builds and lints the Bicep, and reads every parameter file. Bicep says much that stops a deployment as a warning only, so a warning ends this with exit code 1 too.
# The Bicep CLI: $BICEP, else the one of the NuGet package that `dotnet restore` has brought (linux-x64 only), else `bicep` on the PATH.
set -euo pipefail
cd "$(dirname "$0")"

stop() { printf 'Error: %s\n' "$*" >&2; exit 1; }

packaged() {
    local version packages
    version=$(sed -n 's/.*Include="Azure\.Bicep\.CommandLine\.linux-x64" Version="\([^"]*\)".*/\1/p' ../Directory.Packages.props)
    packages=$(dotnet nuget locals global-packages --list 2>/dev/null | sed 's/^global-packages: //') || return 0
    printf '%s/azure.bicep.commandline.linux-x64/%s/tools/bicep' "${packages%/}" "$version"
}

bicep=${BICEP:-}
if [ -z "$bicep" ] && [ "$(uname -sm)" = "Linux x86_64" ]; then bicep=$(packaged); fi
if [ -z "$bicep" ] || [ ! -e "$bicep" ]; then bicep=$(command -v bicep) || stop "there is no Bicep CLI. On Linux x64, 'dotnet restore' brings it; else install it (https://aka.ms/bicep-install) or say in BICEP where it is."; fi
[ -x "$bicep" ] || chmod u+x "$bicep" || stop "$bicep may not be run."

# The values that a deployment brings along; these are nobody's.
export ALERT_EMAIL=operators@example.com MONTHLY_BUDGET=100 BUDGET_START_DATE=2026-12-01

check() {
    local said
    if said=$("$bicep" "$@" 2>&1 >/dev/null) && ! grep -qE ' (Warning|Error) ' <<<"$said"; then return; fi
    printf 'bicep %s:\n%s\n' "$*" "$said" >&2
    exit 1
}

# The modules are linted with main.bicep, and all is built with each parameter file.
check lint main.bicep
for file in main.bicepparam environments/*.bicepparam; do check build-params "$file" --stdout; done
echo "Bicep builds and lints without a warning."
