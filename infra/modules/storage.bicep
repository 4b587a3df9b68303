import { roles } from 'roles.bicep'

@description('The name of the storage account.')
@minLength(3)
@maxLength(24)
param name string

@description('Where it is.')
param location string

@description('How many copies of the data there are, and how far apart. Only kinds that copy before they confirm a write: a copy that lags would lose charges.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param sku string

@description('The tables to make.')
param tables string[] = []

@description('The queues to make, each with one for what fails too often.')
param queues string[] = []

@description('The containers to make.')
param containers string[]

@description('The identity that may read and write in each of the tables, queues and containers.')
param identityName string

@description('Whether the identity owns all blobs instead, containers included: what the Functions host asks for.')
param ownsBlobs bool = false

@description('Who else may then write in the containers, by object id.')
param uploader string = ''

@description('The subnet from which the account is reached; without one, every network.')
param subnetId string = ''

@description('Further public addresses or ranges from which it is reached, if there is a subnet.')
param allowedAddresses string[] = []

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    networkAcls: {
      bypass: 'None'
      defaultAction: empty(subnetId) ? 'Allow' : 'Deny'
      virtualNetworkRules: empty(subnetId) ? [] : [{ id: subnetId, action: 'Allow' }]
      ipRules: empty(subnetId) ? [] : map(allowedAddresses, address => { value: address, action: 'Allow' })
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    // A caller who deletes an image is told that it is gone: no version and no soft-deleted blob may keep it. A whole container is never the app's to delete.
    deleteRetentionPolicy: { enabled: false }
    isVersioningEnabled: false
    containerDeleteRetentionPolicy: { enabled: true, days: 14 }
  }

  resource container 'containers' = [
    for each in containers: {
      name: each
      properties: { publicAccess: 'None' }
    }
  ]
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2024-01-01' = if (!empty(tables)) {
  parent: account
  name: 'default'

  resource table 'tables' = [
    for each in tables: {
      name: each
    }
  ]
}

// The Functions host makes the second of each pair by itself, where it may: the app may not make any.
var allQueues = flatten(map(queues, each => [each, '${each}-poison']))

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2024-01-01' = if (!empty(queues)) {
  parent: account
  name: 'default'

  resource queue 'queues' = [
    for each in allQueues: {
      name: each
    }
  ]
}

resource queueRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (each, index) in allQueues: {
    scope: queueService::queue[index]
    name: guid(account.id, each, 'queue', identity.id, roles.storageQueueDataContributor)
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        roles.storageQueueDataContributor
      )
    }
  }
]

resource tableRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (each, index) in tables: {
    scope: tableService::table[index]
    name: guid(account.id, each, identity.id, roles.storageTableDataContributor)
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        roles.storageTableDataContributor
      )
    }
  }
]

resource containerRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (each, index) in (ownsBlobs ? [] : containers): {
    scope: blobs::container[index]
    name: guid(account.id, each, identity.id, roles.storageBlobDataContributor)
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        roles.storageBlobDataContributor
      )
    }
  }
]

resource uploaderRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (each, index) in (ownsBlobs ? containers : []): {
    scope: blobs::container[index]
    name: guid(account.id, each, uploader, roles.storageBlobDataContributor)
    properties: {
      principalId: uploader
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        roles.storageBlobDataContributor
      )
    }
  }
]

resource ownerRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (ownsBlobs) {
  scope: account
  name: guid(account.id, identity.id, roles.storageBlobDataOwner)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataOwner)
  }
}

@description('The name of the account.')
output name string = account.name

@description('Where its blobs are.')
output blobsEndpoint string = account.properties.primaryEndpoints.blob

@description('Where its tables are.')
output tablesEndpoint string = account.properties.primaryEndpoints.table

@description('Where its queues are.')
output queuesEndpoint string = account.properties.primaryEndpoints.queue
