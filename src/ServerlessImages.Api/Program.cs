using ServerlessImages.Api;

var app = ServerlessImagesApp.Build(args);
await app.RunAsync();
