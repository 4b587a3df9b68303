import { roles } from 'roles.bicep'

@description('The end of the names.')
param suffix string

@description('Where it is.')
param location string

@description('How long telemetry is kept.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('How much telemetry a day takes; what is more is dropped until the next. -1 is no limit.')
@minValue(-1)
@maxValue(1000)
param dailyGigabytesMax int

@description('The identity that sends telemetry.')
param identityName string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: 'log-${suffix}'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: dailyGigabytesMax }
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${suffix}'
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    // With it, the connection string is an address and no secret.
    DisableLocalAuth: true
  }
}

resource publisherRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, identity.id, roles.monitoringMetricsPublisher)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.monitoringMetricsPublisher
    )
  }
}

@description('The workspace that holds all telemetry.')
output workspaceId string = workspace.id

@description('The Application Insights resource.')
output insightsId string = insights.id

@description('Where telemetry is sent.')
output connectionString string = insights.properties.ConnectionString
