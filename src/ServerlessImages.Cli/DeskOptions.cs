using System.CommandLine;

namespace ServerlessImages.Cli;

/// <summary>The options that every command has, and how a command is run with them.</summary>
internal sealed class DeskOptions(CliHost host)
{
    public const string UrlVariable = "SERVERLESSIMAGES_URL";
    public const string AudienceVariable = "SERVERLESSIMAGES_AUDIENCE";
    public const string TokenVariable = "SERVERLESSIMAGES_TOKEN";

    private readonly Option<string?> url = new("--url") { Description = $"The address of the service: its PublicUrl. Else the variable {UrlVariable}.", Recursive = true };
    private readonly Option<string?> audience = new("--audience") { Description = $"Whom a token is for: the service's setting Operator:Audience. Else the variable {AudienceVariable}.", Recursive = true };
    private readonly Option<string?> token = new("--token") { Description = $"An access token, instead of signing in as Azure's tools are. Else the variable {TokenVariable}: a command line can be seen by others on the machine.", Recursive = true };
    private readonly Option<bool> json = new("--json") { Description = "Print the service's own JSON instead of tables.", Recursive = true };

    public IReadOnlyList<Option> All => [url, audience, token, json];

    /// <summary>Makes the command call the service.</summary>
    public Command On(Command command, Func<ParseResult, Desk, CancellationToken, Task<int>> run)
    {
        command.SetAction((parsed, cancel) => RunAsync(parsed, run, cancel));
        return command;
    }

    /// <summary>The same for a command that always succeeds, if it ends.</summary>
    public Command On(Command command, Func<ParseResult, Desk, CancellationToken, Task> run) => On(command, async (parsed, desk, cancel) =>
    {
        await run(parsed, desk, cancel);
        return ExitCode.Done;
    });

    private async Task<int> RunAsync(ParseResult parsed, Func<ParseResult, Desk, CancellationToken, Task<int>> run, CancellationToken cancel)
    {
        try
        {
            using var client = new OperatorClient(AddressOf(parsed), new SignIn(host.Credential, Given(parsed, token, TokenVariable), Given(parsed, audience, AudienceVariable)), host.Clock);
            return await run(parsed, new Desk(client, host, parsed.GetValue(json)), cancel);
        }
        catch (CliException stopped)
        {
            await host.Error.WriteLineAsync("Error: " + stopped.Message);
            return stopped.ExitCode;
        }
    }

    private Uri AddressOf(ParseResult parsed)
    {
        var text = Given(parsed, url, UrlVariable) ?? throw new CliException(ExitCode.Usage, $"the service's address is missing. Give --url, or set the variable {UrlVariable}: it is the app's setting PublicUrl, such as https://images.example.com. `az functionapp list --query \"[].defaultHostName\"` shows where apps are.");
        var isAddress = Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address is { Scheme: "http", IsLoopback: true });
        return isAddress ? address! : throw new CliException(ExitCode.Usage, $"{text} is no address of a service: it begins with https:// (http:// on this machine alone), for a token goes there.");
    }

    private string? Given(ParseResult parsed, Option<string?> option, string variable) => parsed.GetValue(option) ?? (host.Variable(variable) is { Length: > 0 } value ? value : null);
}
