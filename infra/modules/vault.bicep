import { roles } from 'roles.bicep'

@description('The name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Where it is.')
param location string

@description('Brings back the vault of a deployment that was deleted, with its secrets.')
param recover bool

@description('The identity that reads the secrets.')
param identityName string

@description('Who makes the secrets: whoever deploys.')
param writer string

@description('The workspace that is told of every access.')
param workspaceId string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  properties: {
    createMode: recover ? 'recover' : 'default'
    sku: { family: 'A', name: 'standard' }
    tenantId: tenant().tenantId
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    // Without the pepper no API key is worth anything, and without the signing keys no receipt: nobody may be able to destroy them at once.
    enablePurgeProtection: true
  }
}

resource readerRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identity.id, roles.keyVaultSecretsUser)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}

resource writerRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, writer, roles.keyVaultSecretsOfficer)
  properties: {
    principalId: writer
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsOfficer)
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

@description('The name of the vault.')
output name string = vault.name
