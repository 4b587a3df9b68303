using Azure.Core;
using Azure.Identity;

namespace ServerlessImages.Cli;

/// <summary>Where the access token comes from: what was given, or who is signed in with Azure's tools.</summary>
internal sealed class SignIn(TokenCredential credential, string? token, string? audience)
{
    public async Task<string> TokenAsync(CancellationToken cancel)
    {
        if (token is not null) return token;
        if (audience is null) throw new CliException(ExitCode.Usage, $"whom the token is for is missing. Give --audience, or set the variable {DeskOptions.AudienceVariable}: it is the service's setting Operator:Audience, such as api://serverlessimages-operator. Or give a token with --token or {DeskOptions.TokenVariable}.");
        try
        {
            return (await credential.GetTokenAsync(new TokenRequestContext([audience.TrimEnd('/') + "/.default"]), cancel)).Token;
        }
        catch (AuthenticationFailedException cause)
        {
            throw new CliException(ExitCode.NoAccess, $"nobody is signed in who gets a token for {audience}. Run `az login`, or give a token: SERVERLESSIMAGES_TOKEN=$(az account get-access-token --resource {audience} --query accessToken -o tsv).", cause);
        }
    }
}
