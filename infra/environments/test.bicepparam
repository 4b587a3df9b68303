// For trying a release before callers get it: as in production, and smaller.
using '../main.bicep'
extends '../main.bicepparam'

param name = 'images-test'
param storageSku = 'Standard_LRS'
param telemetryDailyGigabytesMax = 1
