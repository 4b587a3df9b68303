import { roles } from 'roles.bicep'

@description('A deployment of an image model.')
@export()
type imageDeployment = {
  @description('The deployment\'s name in Azure, unique in its account.')
  @minLength(2)
  @maxLength(40)
  name: string

  @description('The public id of the model, as callers send it and as src/ServerlessImages.Core/Images/models.json has it.')
  @minLength(1)
  model: string

  @description('The model\'s name in Azure, where it is another.')
  @minLength(1)
  modelName: string?

  @description('The model\'s version, such as 2026-04-21.')
  @minLength(10)
  @maxLength(10)
  version: string

  @description('Where Azure may draw the image: anywhere, in one data zone, or in the region.')
  sku: 'GlobalStandard' | 'DataZoneStandard' | 'Standard'

  @description('Requests a minute, within the subscription\'s quota.')
  @minValue(1)
  @maxValue(1000)
  capacity: int

  @description('Of the deployments of a model the lowest takes the calls.')
  @minValue(0)
  @maxValue(100)
  priority: int
}

@description('An Azure OpenAI account with its deployments.')
@export()
type openAIAccount = {
  @description('A short name, unique among the accounts; with the deployment\'s, the name in logs and in the ledger.')
  @minLength(2)
  @maxLength(20)
  name: string

  @description('A region that has the models.')
  @minLength(3)
  location: string

  @description('Whether it draws for accounts on probation, and for nobody else. Default: for all.')
  quarantine: bool?

  @description('The image deployments.')
  @minLength(1)
  deployments: imageDeployment[]
}

@description('The name of the account, which is also its subdomain.')
@minLength(2)
@maxLength(64)
param name string

@description('Its region and deployments.')
param account openAIAccount

@description('The identity that calls the models.')
param identityName string

@description('The workspace that is told of every change.')
param workspaceId string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource openAI 'Microsoft.CognitiveServices/accounts@2025-06-01' = {
  name: name
  location: account.location
  kind: 'OpenAI'
  sku: { name: 'S0' }
  properties: {
    // Entra tokens are only accepted under a subdomain.
    customSubDomainName: name
    disableLocalAuth: true
    publicNetworkAccess: 'Enabled'
  }
}

// The service refuses a second deployment of an account while it works on a first.
@batchSize(1)
resource deployment 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = [
  for each in account.deployments: {
    parent: openAI
    name: each.name
    sku: { name: each.sku, capacity: each.capacity }
    properties: {
      model: { format: 'OpenAI', name: each.?modelName ?? each.model, version: each.version }
      raiPolicyName: 'Microsoft.DefaultV2'
      // Prices belong to a version: another one is the operator's choice.
      versionUpgradeOption: 'NoAutoUpgrade'
    }
  }
]

resource userRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: openAI
  name: guid(openAI.id, identity.id, roles.cognitiveServicesOpenAIUser)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.cognitiveServicesOpenAIUser
    )
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: openAI
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'Audit', enabled: true }]
  }
}
