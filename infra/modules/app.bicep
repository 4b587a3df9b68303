@description('The name of the function app, which is also its subdomain.')
@minLength(2)
@maxLength(60)
param name string

@description('Where it is.')
param location string

@description('The user-assigned identity that the app is.')
param identityId string

@description('The storage account of the Functions host.')
param hostStorageAccount string

@description('The container that the package is deployed from.')
param deploymentContainerUrl string

@description('The app settings, by name.')
param settings object

@description('The most instances that run at once.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int

@description('The memory of an instance.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('Instances that wait for HTTP requests, and are paid for, all the time.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int

@description('HTTP requests that an instance works on at once.')
@minValue(1)
@maxValue(1000)
param perInstanceConcurrency int

@description('Whether an update ends the running instances at once, or lets them finish.')
@allowed(['Recreate', 'RollingUpdate'])
param siteUpdateStrategy string

@description('The subnet through which the app reaches its storage; none if empty.')
param subnetId string

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-${name}'
  location: location
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'custom', version: '1.0' }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]
        triggers: { http: { perInstanceConcurrency: perInstanceConcurrency } }
      }
      // Not among Bicep's types yet. Source: learn.microsoft.com, "Site update strategies in Flex Consumption": API version 2024-11-01 or later.
      #disable-next-line BCP037
      siteUpdateStrategy: { type: siteUpdateStrategy }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      remoteDebuggingEnabled: false
      appSettings: map(
        items(union(settings, {
          AzureWebJobsStorage__accountName: hostStorageAccount
          AzureWebJobsStorage__credential: 'managedidentity'
          AzureWebJobsStorage__clientId: settings.Storage__ManagedIdentityClientId
        })),
        each => { name: each.key, value: each.value }
      )
    }
  }

  // Nobody deploys with a password.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

@description('The name of the function app.')
output name string = app.name
