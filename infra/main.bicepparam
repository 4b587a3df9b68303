// What azd deploys, and what the environments start from. The values of one deployment come from its environment: `azd env set NAME VALUE`, or `export NAME=VALUE`.
using 'main.bicep'

param name = 'images'
param alertEmail = readEnvironmentVariable('ALERT_EMAIL')
param monthlyBudget = int(readEnvironmentVariable('MONTHLY_BUDGET'))
param budgetStartDate = readEnvironmentVariable('BUDGET_START_DATE')
param publicUrl = readEnvironmentVariable('CUSTOM_URL', '')
param operatorAudience = readEnvironmentVariable('OPERATOR_AUDIENCE', '')
param identityAuthority = readEnvironmentVariable('IDENTITY_AUTHORITY', '')
param identityClientId = readEnvironmentVariable('IDENTITY_CLIENT_ID', '')
param smtpHost = readEnvironmentVariable('SMTP_HOST', '')
param smtpPort = int(readEnvironmentVariable('SMTP_PORT', '587'))
param smtpFrom = readEnvironmentVariable('SMTP_FROM', '')
param smtpUser = readEnvironmentVariable('SMTP_USER', '')
param vaultSettings = bool(readEnvironmentVariable('STRIPE', 'false'))
  ? { Stripe__ApiKey: 'stripe-api-key', Stripe__WebhookSecrets__0: 'stripe-webhook-secret', Stripe__ThinWebhookSecrets__0: 'stripe-thin-webhook-secret' }
  : {}
param recover = bool(readEnvironmentVariable('RECOVER', 'false'))
param openAIAccounts = [
  {
    name: 'sweden'
    location: 'swedencentral'
    deployments: [
      {
        name: 'gpt-image-2'
        model: 'gpt-image-2'
        version: '2026-04-21'
        sku: 'GlobalStandard'
        capacity: int(readEnvironmentVariable('IMAGE_REQUESTS_PER_MINUTE', '5'))
        priority: 0
      }
    ]
  }
]
