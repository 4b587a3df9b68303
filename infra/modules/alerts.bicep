@description('The end of the names.')
param suffix string

@description('Where it is.')
param location string

@description('Who is told.')
@minLength(5)
param email string

@description('The workspace that holds all telemetry.')
param workspaceId string

@description('The Application Insights resource that the readiness test reports to.')
param insightsId string

@description('The address at which callers reach the API.')
param publicUrl string

@description('Whether Azure asks the app every five minutes if it is ready.')
param testReadiness bool

@description('What the resource group may cost a month, in the currency of the subscription.')
@minValue(1)
@maxValue(1000000)
param monthlyBudget int

@description('The first day of the month of the first deployment. Azure refuses another one later.')
@minLength(10)
@maxLength(10)
param budgetStartDate string

// Each query gives one number, and rings when it is above the threshold. Operators find what to do in docs/operating.md, under the same name, and a test compares.
// A window is longer than the time to the next one: telemetry comes minutes late.
var alerts = [
  {
    name: 'holds-expiring'
    severity: 2
    windowMinutes: 30
    everyMinutes: 15
    threshold: 4
    description: 'Requests held money and never finished: nobody was charged, and their images may have been paid for upstream.'
    query: 'AppMetrics | where Name == "serverlessimages.holds.expired" | summarize value = sum(Sum)'
  }
  {
    name: 'books-differing'
    severity: 0
    windowMinutes: 60
    everyMinutes: 15
    threshold: 0
    description: 'The nightly closing found a difference between the ledger and what it, or Stripe, should say.'
    query: 'AppMetrics | where Name == "serverlessimages.books.differences" | summarize value = sum(Sum)'
  }
  {
    name: 'books-uncompared'
    severity: 2
    windowMinutes: 60
    everyMinutes: 15
    threshold: 86400
    description: 'The closed books have not been held against Stripe for over a day.'
    query: 'AppMetrics | where Name == "serverlessimages.books.uncompared" | summarize value = max(Max)'
  }
  {
    name: 'upstream-blocked'
    severity: 1
    windowMinutes: 15
    everyMinutes: 5
    threshold: 0
    description: 'Azure OpenAI blocked a whole resource, not a single prompt.'
    query: 'AppMetrics | where Name == "serverlessimages.upstream.blocked" | summarize value = sum(Sum)'
  }
  {
    name: 'error-rate'
    severity: 1
    windowMinutes: 15
    everyMinutes: 5
    threshold: 5
    description: 'Of at least 20 answers, more than 5 in 100 were 5xx: through us or through the upstream.'
    query: 'AppMetrics | where Name == "serverlessimages.requests" | summarize answers = sum(Sum), failed = sumif(Sum, toint(Properties["http.response.status_code"]) >= 500) | where answers >= 20 | project value = 100.0 * failed / answers'
  }
  {
    name: 'not-ready'
    severity: 1
    windowMinutes: 15
    everyMinutes: 5
    threshold: 3
    description: 'The app says that it is not ready, or does not answer the readiness test.'
    query: 'union (AppMetrics | where Name == "serverlessimages.readiness.failures" | project failures = Sum), (AppAvailabilityResults | where Success == false | project failures = 1.0) | summarize value = sum(failures)'
  }
  {
    name: 'images-wasted'
    severity: 3
    windowMinutes: 60
    everyMinutes: 15
    threshold: 19
    description: 'Images were drawn upstream, and nobody was charged for them.'
    query: 'AppMetrics | where Name == "serverlessimages.images.wasted" | summarize value = sum(Sum)'
  }
  {
    name: 'account-under-review'
    severity: 2
    windowMinutes: 60
    everyMinutes: 15
    threshold: 0
    description: 'The content filter refused so much of an account that it is stopped until an operator has looked.'
    query: 'AppMetrics | where Name == "serverlessimages.ladder.steps" | where tostring(Properties["rung"]) == "under_review" | summarize value = sum(Sum)'
  }
  {
    name: 'meter-events-waiting'
    severity: 2
    windowMinutes: 60
    everyMinutes: 15
    threshold: 21600
    description: 'What trusted accounts owe has waited for over six hours to be reported to the collector.'
    query: 'AppMetrics | where Name == "serverlessimages.meter_events.waiting" | summarize value = max(Max)'
  }
  {
    name: 'payments-quarantined'
    severity: 2
    windowMinutes: 60
    everyMinutes: 15
    threshold: 0
    description: 'Somebody paid and got no credit, because the payment is not what was ordered.'
    query: 'AppMetrics | where Name == "serverlessimages.payments.quarantined" | summarize value = sum(Sum)'
  }
  {
    name: 'billing-events-waiting'
    severity: 2
    windowMinutes: 60
    everyMinutes: 15
    threshold: 3600
    description: 'Something that Stripe announced has not been handled for over an hour.'
    query: 'AppMetrics | where Name == "serverlessimages.billing_events.waiting" | summarize value = max(Max)'
  }
]

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${suffix}'
  location: 'global'
  properties: {
    enabled: true
    groupShortName: 'operators'
    emailReceivers: [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource alert 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for each in alerts: {
    name: '${each.name}-${suffix}'
    location: location
    properties: {
      displayName: each.name
      description: each.description
      severity: each.severity
      scopes: [workspaceId]
      windowSize: 'PT${each.windowMinutes}M'
      evaluationFrequency: 'PT${each.everyMinutes}M'
      // A new workspace has not seen these metrics yet.
      skipQueryValidation: true
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: each.query
            metricMeasureColumn: 'value'
            timeAggregation: 'Maximum'
            operator: 'GreaterThan'
            threshold: each.threshold
          }
        ]
      }
      actions: { actionGroups: [operators.id] }
    }
  }
]

resource readiness 'Microsoft.Insights/webtests@2022-06-15' = if (testReadiness) {
  name: 'ready-${suffix}'
  location: location
  // What the portal finds the test by.
  tags: { 'hidden-link:${insightsId}': 'Resource' }
  properties: {
    SyntheticMonitorId: 'ready-${suffix}'
    Name: 'ready'
    Kind: 'standard'
    Enabled: true
    Frequency: 300
    Timeout: 60
    RetryEnabled: true
    Locations: [{ Id: 'emea-nl-ams-azr' }]
    Request: { RequestUrl: '${publicUrl}/health/ready', HttpVerb: 'GET', ParseDependentRequests: false }
    ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true, SSLCertRemainingLifetimeCheck: 7 }
  }
}

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: 'budget-${suffix}'
  properties: {
    category: 'Cost'
    amount: monthlyBudget
    timeGrain: 'Monthly'
    timePeriod: { startDate: '${budgetStartDate}T00:00:00Z' }
    notifications: {
      spentMost: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: [email]
      }
      willExceed: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: [email]
      }
    }
  }
}
