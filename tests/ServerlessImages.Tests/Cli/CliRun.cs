using System.Globalization;
using Azure.Core;
using Azure.Identity;
using ServerlessImages.Cli;

namespace ServerlessImages.Tests.Cli;

/// <summary>What a command wrote, and how it ended.</summary>
internal sealed record CliRun(int Code, string Output, string Error)
{
    /// <summary>A host that nobody is signed in on, and without variables.</summary>
    public static CliHost Nowhere() => new(_ => null, new NobodySignedIn(), TextWriter.Null, TextWriter.Null, TimeProvider.System);

    public static Task<CliRun> RunAsync(IReadOnlyDictionary<string, string> variables, params string[] args) => RunAsync(variables, new NobodySignedIn(), args);

    public static async Task<CliRun> RunAsync(IReadOnlyDictionary<string, string> variables, TokenCredential credential, params string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        var code = await CliApp.RunAsync(args, new CliHost(name => variables.GetValueOrDefault(name), credential, output, error, TimeProvider.System), TestContext.Current.CancellationToken);
        return new(code, output.ToString(), error.ToString());
    }

    private sealed class NobodySignedIn : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new AuthenticationFailedException("az login was not run");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new AuthenticationFailedException("az login was not run");
    }
}

/// <summary>Somebody who is signed in, and gets a token for whatever is asked.</summary>
internal sealed class SignedIn(string token) : TokenCredential
{
    public List<string> Asked { get; } = [];

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(token, DateTimeOffset.MaxValue);

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        Asked.AddRange(requestContext.Scopes);
        return new(GetToken(requestContext, cancellationToken));
    }
}
