using Azure.Identity;
using ServerlessImages.Cli;

#pragma warning disable RS0030 // This is the composition root.
return await CliApp.RunAsync(args, new CliHost(Environment.GetEnvironmentVariable, new DefaultAzureCredential(), Console.Out, Console.Error, TimeProvider.System), CancellationToken.None);
#pragma warning restore RS0030
