using ServerlessImages.Api;
using ServerlessImages.Api.Functions;

var app = ServerlessImagesApp.Build(args);
var exitCode = FunctionsHost.ExitCode(app.Configuration);
await app.RunAsync();
return exitCode;
