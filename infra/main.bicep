metadata description = 'ServerlessImages in one resource group: docs/deploying.md.'

import { openAIAccount } from 'modules/openai.bicep'

@description('The start of the app\'s name, and so of its address.')
@minLength(2)
@maxLength(20)
param name string

@description('The region of everything but the models. It has to offer Flex Consumption and availability zones.')
param location string = resourceGroup().location

@description('The address at which callers reach the API, without a path. Empty: the function app\'s own.')
@maxLength(200)
param publicUrl string = ''

@description('How many copies of the money and the images there are: in one building, or in three zones.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageSku string = 'Standard_ZRS'

@description('A subnet, delegated to Microsoft.App/environments and with the service endpoint Microsoft.Storage. With it, the app reaches its storage through it, and nobody else reaches it.')
@maxLength(400)
param subnetId string = ''

@description('Public addresses or ranges that reach the storage too, if there is a subnet.')
@maxLength(200)
param allowedAddresses string[] = []

@description('The Azure OpenAI accounts with their image deployments.')
@minLength(1)
@maxLength(20)
param openAIAccounts openAIAccount[]

@description('The versions of the pepper in the vault. The highest hashes new keys; an old one has to stay as long as a key needs it.')
@minLength(1)
@maxLength(20)
param pepperVersions int[] = [1]

@description('The versions of the receipts\' signing key in the vault. The highest signs; all are published.')
@minLength(1)
@maxLength(20)
param signingKeyVersions int[] = [1]

@description('Whom operators\' tokens are for: the application id URI of a registration in this tenant. Without one there is no operator API.')
@maxLength(255)
param operatorAudience string = ''

@description('The OpenID Connect provider at which customers sign in to the portal, such as https://contoso.ciamlogin.com/00000000-0000-0000-0000-000000000000/v2.0. Without one there is no portal.')
@maxLength(500)
param identityAuthority string = ''

@description('The id of this product\'s registration with that provider. Its secret is in the vault as identity-client-secret before the app is told of it.')
@maxLength(255)
param identityClientId string = ''

@description('The mail server that takes notices to the owners of accounts, such as smtp.example.com. Without one nothing is mailed.')
@maxLength(255)
param smtpHost string = ''

@description('Its port. On 465 TLS begins with the connection, on others with STARTTLS.')
@minValue(1)
@maxValue(65535)
param smtpPort int = 587

@description('Whom notices come from: an address, or a name and an address in angle brackets.')
@maxLength(320)
param smtpFrom string = ''

@description('Whom the app signs in to the mail server as. The password is in the vault as smtp-password before the app is told of it. Empty: nobody signs in.')
@maxLength(255)
param smtpUser string = ''

@description('Further settings of docs/settings.md by their environment variables, such as Http__PlainWait. No secrets.')
param settings object = {}

@description('Settings that are secrets: their environment variables, and the names under which the vault has them, such as Stripe__ApiKey: stripe-api-key. A secret has to be there before the app is told of it.')
param vaultSettings object = {}

@description('The most instances that run at once.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('The memory of an instance.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Instances that wait for HTTP requests, and are paid for, all the time.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0

@description('HTTP requests that an instance works on at once. Most of them wait for an image. host.json turns away what is more than 200.')
@minValue(1)
@maxValue(200)
param perInstanceConcurrency int = 32

@description('Whether an update ends the running instances at once, or lets them finish (a preview of Azure\'s).')
@allowed(['Recreate', 'RollingUpdate'])
param siteUpdateStrategy string = 'Recreate'

@description('How long telemetry is kept.')
@minValue(30)
@maxValue(730)
param telemetryRetentionDays int = 30

@description('How much telemetry a day takes; what is more is dropped until the next. -1 is no limit.')
@minValue(-1)
@maxValue(1000)
param telemetryDailyGigabytesMax int = 5

@description('Who is told when an alert rings or the budget is used up.')
@minLength(5)
@maxLength(254)
param alertEmail string

@description('Whether Azure asks the app every five minutes if it is ready.')
param testReadiness bool = true

@description('What the resource group may cost a month before somebody is told, in the currency of the subscription.')
@minValue(1)
@maxValue(1000000)
param monthlyBudget int

@description('The first day of the month of the first deployment, such as 2026-12-01. Azure takes no earlier month at first, and no other one later.')
@minLength(10)
@maxLength(10)
param budgetStartDate string

@description('Brings back the vault of a deployment that was deleted less than 90 days ago, with its secrets.')
param recover bool = false

@description('Who deploys: makes the secrets and uploads the package.')
@minLength(36)
@maxLength(36)
param deployerId string = deployer().objectId

// The tables of TableNames, the queues of QueueNames, and the container of the images and of the exported books.
var tables = ['accounts', 'audit', 'billing', 'books', 'deployments', 'keys', 'ledger', 'open', 'prices', 'usage', 'webhooks']
var queues = ['jobs', 'webhooks']
var resultsContainer = 'results'
var deploymentContainer = 'deployment'

var token = uniqueString(resourceGroup().id)
var appName = '${name}-${token}'
var appUrl = empty(publicUrl) ? 'https://${appName}.azurewebsites.net' : publicUrl
var vaultName = 'kv-${token}'

// One row for each image deployment, in the order in which the app reads them.
var deployments = flatten(map(
  openAIAccounts,
  account =>
    map(account.deployments, each => {
      name: '${account.name}.${each.name}'
      endpoint: 'https://${openAIName(account.name, token)}.openai.azure.com'
      deployment: each.name
      model: each.model
      priority: each.priority
      requestsPerMinute: each.capacity
      region: account.location
      sku: each.sku
      quarantine: account.?quarantine ?? false
    })
))

@description('An account\'s name and subdomain, which are unique in all of Azure.')
func openAIName(account string, token string) string => 'oai-${account}-${token}'

@description('An app setting whose value Azure takes out of the vault.')
func fromVault(vault string, secret string) string => '@Microsoft.KeyVault(VaultName=${vault};SecretName=${secret})'

func pepper(version int) string => 'pepper-${version}'

func signingKey(version int) string => 'receipt-signing-key-${version}'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${token}'
  location: location
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    suffix: token
    location: location
    retentionDays: telemetryRetentionDays
    dailyGigabytesMax: telemetryDailyGigabytesMax
    identityName: identity.name
  }
}

// The money and the images. The app may use its tables, its queues and its container, and may not make or delete any.
module data 'modules/storage.bicep' = {
  name: 'data'
  params: {
    name: 'data${token}'
    location: location
    sku: storageSku
    tables: tables
    queues: queues
    containers: [resultsContainer]
    identityName: identity.name
    subnetId: subnetId
    allowedAddresses: allowedAddresses
  }
}

// What the Functions host needs for itself: packages, leases, its own keys. It wants to own all blobs, so it has an account of its own.
module host 'modules/storage.bicep' = {
  name: 'host'
  params: {
    name: 'host${token}'
    location: location
    sku: storageSku
    containers: [deploymentContainer]
    identityName: identity.name
    ownsBlobs: true
    uploader: deployerId
  }
}

module vault 'modules/vault.bicep' = {
  params: {
    name: vaultName
    location: location
    recover: recover
    identityName: identity.name
    writer: deployerId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module openAI 'modules/openai.bicep' = [
  for account in openAIAccounts: {
    name: 'openai-${account.name}'
    params: {
      name: openAIName(account.name, token)
      account: account
      identityName: identity.name
      workspaceId: monitoring.outputs.workspaceId
    }
  }
]

module app 'modules/app.bicep' = {
  params: {
    name: appName
    location: location
    identityId: identity.id
    hostStorageAccount: host.outputs.name
    deploymentContainerUrl: '${host.outputs.blobsEndpoint}${deploymentContainer}'
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    alwaysReadyInstances: alwaysReadyInstances
    perInstanceConcurrency: perInstanceConcurrency
    siteUpdateStrategy: siteUpdateStrategy
    subnetId: subnetId
    settings: union(
      settings,
      mapValues(vaultSettings, secret => fromVault(vault.outputs.name, secret)),
      {
        PublicUrl: appUrl
        Storage__TablesEndpoint: data.outputs.tablesEndpoint
        Storage__BlobsEndpoint: data.outputs.blobsEndpoint
        Storage__QueuesEndpoint: data.outputs.queuesEndpoint
        Storage__ResultsContainer: resultsContainer
        Storage__ManagedIdentityClientId: identity.properties.clientId
        // The same queues for the Functions host, which reads them.
        Queues__queueServiceUri: data.outputs.queuesEndpoint
        Queues__credential: 'managedidentity'
        Queues__clientId: identity.properties.clientId
        APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.connectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      },
      empty(operatorAudience) ? {} : { Operator__TenantId: tenant().tenantId, Operator__Audience: operatorAudience },
      empty(identityAuthority)
        ? {}
        : {
            Identity__Authority: identityAuthority
            Identity__ClientId: identityClientId
            Identity__ClientSecret: fromVault(vault.outputs.name, 'identity-client-secret')
          },
      empty(smtpHost) ? {} : { Smtp__Host: smtpHost, Smtp__Port: string(smtpPort), Smtp__From: smtpFrom },
      empty(smtpHost) || empty(smtpUser)
        ? {}
        : { Smtp__User: smtpUser, Smtp__Password: fromVault(vault.outputs.name, 'smtp-password') },
      toObject(pepperVersions, each => 'Keys__Peppers__${each}', each => fromVault(vault.outputs.name, pepper(each))),
      toObject(
        signingKeyVersions,
        each => 'Receipts__SigningKeys__${each}',
        each => fromVault(vault.outputs.name, signingKey(each))
      ),
      reduce(
        deployments,
        {},
        (all, each, index) =>
          union(all, {
            'AzureOpenAI__Deployments__${index}__Name': each.name
            'AzureOpenAI__Deployments__${index}__Model': each.model
            'AzureOpenAI__Deployments__${index}__Endpoint': each.endpoint
            'AzureOpenAI__Deployments__${index}__Deployment': each.deployment
            'AzureOpenAI__Deployments__${index}__Priority': string(each.priority)
            'AzureOpenAI__Deployments__${index}__RequestsPerMinute': string(each.requestsPerMinute)
            'AzureOpenAI__Deployments__${index}__Subscription': subscription().subscriptionId
            'AzureOpenAI__Deployments__${index}__Region': each.region
            'AzureOpenAI__Deployments__${index}__Sku': each.sku
            'AzureOpenAI__Deployments__${index}__Quarantine': string(each.quarantine)
            'AzureOpenAI__Deployments__${index}__ManagedIdentityClientId': identity.properties.clientId
          })
      )
    )
  }
}

module alerts 'modules/alerts.bicep' = {
  params: {
    suffix: token
    location: location
    email: alertEmail
    workspaceId: monitoring.outputs.workspaceId
    insightsId: monitoring.outputs.insightsId
    publicUrl: appUrl
    testReadiness: testReadiness
    monthlyBudget: monthlyBudget
    budgetStartDate: budgetStartDate
  }
}

@description('The address at which callers reach the API.')
output PUBLIC_URL string = appUrl

@description('The function app: infra/publish.sh.')
output FUNCTION_APP_NAME string = app.outputs.name

@description('The storage account that the package is uploaded to: infra/publish.sh.')
output DEPLOYMENT_STORAGE_ACCOUNT string = host.outputs.name

@description('The container that the package is uploaded to: infra/publish.sh.')
output DEPLOYMENT_CONTAINER string = deploymentContainer

@description('The vault: infra/secrets.sh.')
output KEY_VAULT_NAME string = vault.outputs.name

@description('The secrets that hold a pepper: infra/secrets.sh.')
output PEPPER_SECRETS string = join(map(pepperVersions, each => pepper(each)), ' ')

@description('The secrets that hold a signing key: infra/secrets.sh.')
output SIGNING_KEY_SECRETS string = join(map(signingKeyVersions, each => signingKey(each)), ' ')

@description('The resource group: infra/publish.sh.')
output AZURE_RESOURCE_GROUP string = resourceGroup().name
