// For callers who pay: three zones, room to grow, telemetry for a quarter.
using '../main.bicep'
extends '../main.bicepparam'

param storageSku = 'Standard_ZRS'
param maximumInstanceCount = 100
param telemetryRetentionDays = 90
param telemetryDailyGigabytesMax = 20
