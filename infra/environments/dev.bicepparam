// For one developer: one building, no readiness test, little telemetry.
using '../main.bicep'
extends '../main.bicepparam'

param name = 'images-dev'
param storageSku = 'Standard_LRS'
param testReadiness = false
param telemetryDailyGigabytesMax = 1
